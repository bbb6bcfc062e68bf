//! What a person decides of a conflict (rules: members 9).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::refusal::Missing;
use domain::members::conflict::{Conflict, Proposal, Resolving};
use domain::members::settling::{Settling, Verdict, settle};
use domain::members::state::Member;

use crate::attribute::{Item, as_text, text};
use crate::members::attempt::Attempt;
use crate::members::claims::{self, Claimed, Seen};
use crate::members::conflict_item::{CONFLICT, decode};
use crate::members::member_item::Stored;
use crate::members::write::{Asking, News, Writing};
use crate::race::Patience;
use crate::table::{CLAIMS, MEMBER_JOBS, OPEN_AT, OPEN_INDEX, OPEN_KIND};
use crate::{Store, StoreError};

/// The most conflicts of a page.
const PAGE: i32 = 50;

/// Why nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotResolved {
    /// There is no such conflict.
    Missing(Missing),
    /// It is refused.
    Refused(Settling),
}

/// What somebody says of a conflict.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// Somebody who may decides.
    Decided(&'a Verdict),
    /// Somebody who may not proposes.
    Proposed(&'a Proposal),
}

impl Store {
    /// Open conflicts, those that wait longest first; and where the next page begins.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is not what was written.
    pub async fn open_conflicts(
        &self,
        after: Option<&ConflictPlace>,
    ) -> Result<(Vec<Conflict>, Option<ConflictPlace>), StoreError> {
        let table = self.tables.of(&MEMBER_JOBS)?;
        let query = self.dynamodb.query().table_name(table).index_name(OPEN_INDEX).limit(PAGE);
        let query = query.key_condition_expression("#kind = :kind").expression_attribute_names("#kind", OPEN_KIND);
        let query = query.expression_attribute_values(":kind", text(CONFLICT));
        let found = query.set_exclusive_start_key(after.map(ConflictPlace::key)).send().await?;
        let next = found.last_evaluated_key.filter(|key| !key.is_empty()).as_ref().and_then(ConflictPlace::of);
        let mut ids = Vec::new();
        for item in found.items.unwrap_or_default() {
            let id = as_text(item.get(MEMBER_JOBS.hash), MEMBER_JOBS.hash);
            ids.push(id.map_err(|damage| damage.of(MEMBER_JOBS.name))?.to_owned());
        }
        let items: BTreeMap<String, Item> =
            self.items_of(table, MEMBER_JOBS.hash, &ids, true).await?.into_iter().collect();
        let mut conflicts = Vec::new();
        for item in ids.iter().filter_map(|id| items.get(id)) {
            // The index lags: what was decided meanwhile is not shown.
            conflicts.extend(Some(decode(item)?.0).filter(|conflict| !conflict.open.is_empty()));
        }
        Ok((conflicts, next))
    }

    /// A conflict, decided or not.
    ///
    /// # Errors
    /// What DynamoDB says, or the item is not what was written.
    pub async fn conflict(&self, id: &str) -> Result<Option<Conflict>, StoreError> {
        Ok(self.versioned_conflict(id).await?.map(|(conflict, _)| conflict))
    }

    /// The same with the version of its item.
    async fn versioned_conflict(&self, id: &str) -> Result<Option<(Conflict, u64)>, StoreError> {
        let found = self.job(format!("{CONFLICT}#{id}")).await?;
        Ok(found.as_ref().map(decode).transpose()?)
    }

    /// Carries out what a person decides of a conflict, or keeps what is proposed; with a row in the log of both.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn resolve(
        &self,
        (id, said, reason): (&str, Said<'_>, &str),
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Conflict, NotResolved>, StoreError> {
        let now = asking.setting.now;
        let attempt = || async move {
            let Some((conflict, read)) = self.versioned_conflict(id).await? else {
                return Ok(Attempt::Refused(NotResolved::Missing(Missing::NotFound { what: "conflict" })));
            };
            let opened = self.open(asking.keys, conflict.pair.members().map(Clone::clone).to_vec(), now).await?;
            let [Some(one), Some(other)] = conflict.pair.members().map(|member| opened.of(member)) else {
                return Ok(refused(Resolving::AlreadyResolved.into())); // there is nobody any more between whom it was
            };
            if one.member.id == other.member.id {
                return Ok(refused(Resolving::AlreadyResolved.into()));
            }
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let said = match said {
                Said::Proposed(proposal) => {
                    let mut after = conflict.clone();
                    if let Err(refusal) = after.propose(proposal.clone()) {
                        return Ok(refused(refusal.into()));
                    }
                    let note = format!("propose:{}", proposal.decision.name());
                    Resolved { note, after, members: [one, other].map(|known| known.member.clone()), settled: None }
                }
                Said::Decided(verdict) => {
                    let members = [one, other].map(|known| known.member.clone());
                    let settled = match settle(&conflict, members, verdict, now) {
                        Ok(settled) => settled,
                        Err(refusal) => return Ok(refused(refusal)),
                    };
                    let (note, after) = (verdict.decision.name().to_owned(), settled.conflict.clone());
                    Resolved { note, after, members: settled.members.clone(), settled: Some(settled) }
                }
            };
            let noted = format!("{id} {}", said.note);
            for (member, Stored { version, .. }) in said.members.iter().zip([one, other]) {
                let facts = said.settled.as_ref().map(|settled| settled.facts(&member.id)).unwrap_or_default();
                let records = said.settled.iter().flat_map(|settled| &settled.records);
                let records = records.filter(|(whose, _)| *whose == member.id).map(|(_, record)| record).collect();
                let notes = vec![("resolved", noted.as_str().into())];
                writing.member(
                    member,
                    *version,
                    News { facts: &facts, records, notes, reason: Some(reason), before: None },
                )?;
            }
            writing.conflict(&said.after, read)?;
            for (claimed, to) in said.settled.iter().flat_map(|settled| &settled.moved) {
                let key = claims::key(&claimed.kind, claimed.index);
                let claim = self.claimed(std::slice::from_ref(&key)).await?.remove(&key);
                let moved = Claimed { member: to.clone(), verified_at: None };
                let seen = Seen::of(claim.as_ref());
                writing.beside(claims::put(self.tables.of(&CLAIMS)?, &key, &moved, seen, now)?);
            }
            Ok(Attempt::Write(writing.all().await?, said.after))
        };
        self.until_written(patience, attempt).await
    }
}

/// What is written of a conflict and its two members.
struct Resolved {
    note: String,
    after: Conflict,
    members: [Member; 2],
    settled: Option<domain::members::settling::Settled>,
}

fn refused(refusal: Settling) -> Attempt<Conflict, NotResolved> {
    Attempt::Refused(NotResolved::Refused(refusal))
}

/// Where a page of open conflicts begins: after one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictPlace {
    /// Since when that one is open, in seconds.
    at: String,
    id: String,
}

impl fmt::Display for ConflictPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.at, self.id)
    }
}

impl FromStr for ConflictPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = text.split_once('~').filter(|(at, id)| {
            let (seconds, rest) = at.split_once('.').unwrap_or((at, "0"));
            let number = |text: &str| (1..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            number(seconds) && number(rest) && id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        let (at, id) = named.ok_or_else(|| "a place is what a page says is next".to_owned())?;
        Ok(Self { at: at.to_owned(), id: id.to_owned() })
    }
}

impl ConflictPlace {
    fn of(key: &Item) -> Option<Self> {
        let at = key.get(OPEN_AT)?.as_n().ok()?;
        let id = key.get(MEMBER_JOBS.hash)?.as_s().ok()?.strip_prefix(CONFLICT)?.strip_prefix('#')?;
        Some(Self { at: at.clone(), id: id.to_owned() })
    }

    fn key(&self) -> Item {
        Item::from([
            (OPEN_KIND.to_owned(), text(CONFLICT)),
            (OPEN_AT.to_owned(), AttributeValue::N(self.at.clone())),
            (MEMBER_JOBS.hash.to_owned(), text(format!("{CONFLICT}#{}", self.id))),
        ])
    }
}
