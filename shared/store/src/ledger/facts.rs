//! The table `facts`: whose a fact is, for ever, whoever reports it again.
//!
//! | attribute | of a fact |
//! |---|---|
//! | `k` | its key: 16 bytes |
//! | `m` | the member whose it is |
//! | `a` | since when, in seconds since 1970 |
//! | `l` | of an order: its lines as they were paid, see `lines_item.rs` |
//! | `n` `u` | how often, and when last, a claim was renewed that a crash had left without its entry |
//!
//! A fact is claimed before the account is written, and the claim is kept whatever becomes of that write. So an entry is only ever
//! written by an invocation that made or renewed the claim within the hour: none lives for longer than a quarter of one. A claim
//! that is another member's is taken over when it is older than that and has no entry, and only after the version of that
//! member's account was moved: a write of it that is still on its way then loses its race.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use domain::kernel::id::{FactKey, FactName, MemberId};
use domain::ledger::command::{Instruction, Owner, Repeat};
use domain::ledger::entry::Entry;
use domain::ledger::lines::PaidLines;
use domain::ledger::reach::Reach;
use domain::ledger::refusal::Refused;
use domain::planted;
use domain::programme::setting::Setting;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{Item, as_bytes, as_instant, as_number, as_text, bytes, instant, number, text};
use crate::error::{Damage, damaged};
use crate::ledger::account_item::Record;
use crate::ledger::effects::Commit;
use crate::ledger::lines_item::{decode_lines, encode_lines};
use crate::ledger::pages::History;
use crate::{Store, StoreError, table};

/// How long a claim without its entry may still be on its way to one.
const UNDER_WAY: SignedDuration = SignedDuration::from_hours(1);

/// A row, as it is.
struct Row {
    key: FactKey,
    member: MemberId,
    claimed_at: Timestamp,
    renewals: u64,
    renewed_at: Option<Timestamp>,
}

/// How a fact stands with the member for whom it is reported.
#[derive(Debug, Clone)]
pub(crate) enum Claim {
    /// It is this member's. If it has an entry, that was recorded at this instant or later (but for what clocks differ).
    Own {
        /// When it was claimed.
        since: Timestamp,
        /// It was there: if it has no entry, that many renewals make one more.
        renewals: Option<u64>,
    },
    /// It is another member's.
    Others(Refused),
}

/// A fact that is accepted, before it is written.
#[derive(Clone, Copy)]
pub(crate) struct Accepted<'a> {
    /// For whom.
    pub(crate) member: &'a MemberId,
    /// How it was reported.
    pub(crate) instruction: &'a Instruction,
    /// The order's lines as they were paid, if it is an order.
    pub(crate) lines: Option<&'a PaidLines>,
}

impl Accepted<'_> {
    /// What its row is to hold beside, as it goes into an update: the assignment, and its value.
    fn beside(self) -> (&'static str, Option<(&'static str, AttributeValue)>) {
        match self.lines {
            Some(lines) => (", l = :l", Some((":l", encode_lines(self.instruction.stamp.content, lines)))),
            None => ("", None),
        }
    }
}

/// How the facts of a call stand, by key.
pub(crate) type Claims = BTreeMap<FactKey, Claim>;

impl Store {
    /// Claims facts, side by side. Returns whether what is accepted has to be decided again.
    pub(crate) async fn claim(
        &self,
        accepted: &[Accepted<'_>],
        claims: &mut Claims,
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let mut wanted: BTreeMap<FactKey, Accepted<'_>> = BTreeMap::new();
        for accepted in accepted {
            let fact = accepted.instruction.claims(setting.programmes).filter(|_| !planted!("bug-fact-unclaimed"));
            if let Some(fact) = fact.filter(|fact| !claims.get(&fact.key).is_some_and(Claim::is_settled)) {
                wanted.entry(fact.key).or_insert(*accepted);
            }
        }
        let known = &*claims;
        let one = async |(key, accepted): (FactKey, Accepted<'_>)| {
            let renewals = known.get(&key).and_then(Claim::renewals);
            let row = match renewals {
                Some(renewals) => self.renew(key, accepted, renewals, setting.now).await?,
                None => self.own(key, accepted, setting.now).await?,
            };
            let since = known.get(&key).and_then(Claim::since).unwrap_or(setting.now);
            let claim = match row {
                None => Claim::Own { since, renewals: None },
                Some(row) if row.member == *accepted.member => {
                    Claim::Own { since: row.claimed_at, renewals: Some(row.renewals) }
                }
                Some(row) => self.others(accepted, &row, setting).await?,
            };
            Ok::<_, StoreError>((key, claim))
        };
        let made = join_all(wanted.into_iter().map(one)).await;
        let mut again = false;
        for claim in made {
            let (key, claim) = claim?;
            again |= !claim.is_settled();
            claims.insert(key, claim);
        }
        Ok(again)
    }

    /// Looks whether facts are known already: what was accepted once is answered again, whatever has changed since.
    /// Returns whether something has to be decided again.
    pub(crate) async fn known(
        &self,
        member: &MemberId,
        facts: &[&Instruction],
        claims: &mut Claims,
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        let mut again = false;
        for instruction in facts {
            let Some(fact) = instruction.claims(setting.programmes).filter(|fact| !claims.contains_key(&fact.key))
            else {
                continue;
            };
            let get = self.dynamodb.get_item().table_name(&self.tables.facts).key(table::FACT, bytes(&fact.key.0));
            let Some(item) = get.consistent_read(true).send().await?.item else { continue };
            let row = Row::decode(&item).map_err(|damage| damage.of(table::FACTS))?;
            let claim = if row.member == *member {
                Some(Claim::Own { since: row.claimed_at, renewals: Some(row.renewals) })
            } else {
                self.recorded_by_other(instruction, &row, setting).await?.1
            };
            again |= claim.is_some();
            claims.extend(claim.map(|claim| (fact.key, claim)));
        }
        Ok(again)
    }

    /// Claims a fact that nobody owns; the row if somebody does.
    async fn own(&self, key: FactKey, accepted: Accepted<'_>, now: Timestamp) -> Result<Option<Row>, StoreError> {
        let (beside, lines) = accepted.beside();
        let values = [(":m", text(accepted.member.as_str())), (":a", instant(now)), (":n", number(0))];
        let update = format!("SET m = :m, a = :a, n = :n{beside}");
        self.update(key, &update, "attribute_not_exists(m)", values.into_iter().chain(lines)).await
    }

    /// Makes a claim anew that has no entry; the row if somebody else did.
    async fn renew(
        &self,
        key: FactKey,
        accepted: Accepted<'_>,
        renewals: u64,
        now: Timestamp,
    ) -> Result<Option<Row>, StoreError> {
        let (beside, lines) = accepted.beside();
        let numbers = [(":n", number(renewals)), (":next", number(renewals + 1))];
        let values =
            numbers.into_iter().chain([(":m", text(accepted.member.as_str())), (":u", instant(now))]).chain(lines);
        self.update(key, &format!("SET n = :next, u = :u{beside}"), "m = :m AND n = :n", values).await
    }

    /// A fact of another member: it has its entry, or may be about to get it; or a crash left it, and it is taken over.
    async fn others(&self, accepted: Accepted<'_>, row: &Row, setting: Setting<'_>) -> Result<Claim, StoreError> {
        let (record, recorded) = self.recorded_by_other(accepted.instruction, row, setting).await?;
        if let Some(recorded) = recorded {
            return Ok(recorded);
        }
        let newest = row.renewed_at.unwrap_or(row.claimed_at);
        if setting.now.duration_since(newest) < UNDER_WAY {
            return Err(StoreError::Busy);
        }
        let fence = Record { version: record.version + 1, ..record.clone() };
        if !matches!(self.commit(&record, &fence, &[], true).await?, Commit::Done) {
            return Err(StoreError::Busy);
        }
        let numbers = [(":n", number(row.renewals)), (":next", number(row.renewals + 1))];
        let members = [(":m", text(accepted.member.as_str())), (":other", text(row.member.as_str()))];
        let (beside, lines) = accepted.beside();
        let values = numbers.into_iter().chain(members).chain([(":a", instant(setting.now))]).chain(lines);
        let taken = self
            .update(row.key, &format!("SET m = :m, a = :a, u = :a, n = :next{beside}"), "m = :other AND n = :n", values)
            .await?;
        if taken.is_some() {
            return Err(StoreError::Busy);
        }
        Ok(Claim::Own { since: setting.now, renewals: None })
    }

    /// The account of another member who claimed a fact, and whether the fact is in it.
    async fn recorded_by_other(
        &self,
        instruction: &Instruction,
        row: &Row,
        setting: Setting<'_>,
    ) -> Result<(Record, Option<Claim>), StoreError> {
        let record = self.read(&row.member, true).await?;
        let mut history = History { entries: record.recent.clone(), unread: record.sealed };
        let reach = instruction.reach(setting.programmes, setting.now, Some(row.claimed_at));
        self.load(&row.member, &mut history, &Reach { order: None, sequence: None, ..reach }).await?;
        let found = match instruction.repeat_in(&history.entries) {
            Some(Repeat::Same(entry) | Repeat::Conflict(entry)) => {
                let owner = Owner::Other(&row.member);
                Some(Claim::Others(instruction.conflict(entry, &history.entries, owner)))
            }
            None => None,
        };
        Ok((record, found))
    }

    /// The lines of an order as they were paid, if they were kept with the report that its entry is of.
    pub(crate) async fn paid_lines(&self, order_id: &str, history: &[Entry]) -> Result<Option<PaidLines>, StoreError> {
        let Some(entry) = history.iter().find(|entry| entry.earns(order_id)) else { return Ok(None) };
        let key = bytes(&FactName::order(order_id).key.0);
        let get = self.dynamodb.get_item().table_name(&self.tables.facts).key(table::FACT, key);
        let item = get.consistent_read(true).send().await?.item.unwrap_or_default();
        let lines = item.get("l").map(decode_lines).transpose().map_err(|damage| damage.of(table::FACTS))?;
        // A report that lost a race to another of the same order may have left its own.
        Ok(lines.filter(|(content, _)| *content == entry.content).map(|(_, lines)| lines))
    }

    /// Changes a row if the condition holds; else it comes back.
    async fn update(
        &self,
        key: FactKey,
        update: &str,
        condition: &str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Result<Option<Row>, StoreError> {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let call = self.dynamodb.update_item().table_name(&self.tables.facts).key(table::FACT, bytes(&key.0));
        let call = call.update_expression(update).condition_expression(condition);
        let call = call.set_expression_attribute_values(Some(values));
        let call = call.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let failed = match call.send().await {
            Ok(_) => return Ok(None),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item.clone(),
                _ => return Err(error.into()),
            },
        };
        Ok(Some(Row::decode(&failed.ok_or(StoreError::Busy)?).map_err(|damage| damage.of(table::FACTS))?))
    }
}

impl Row {
    fn decode(item: &Item) -> Result<Self, Damage> {
        Ok(Self {
            key: FactKey(as_bytes(item.get(table::FACT), table::FACT)?),
            member: as_text(item.get("m"), "m")?.parse().map_err(|_not_an_id| damaged("m"))?,
            claimed_at: as_instant(item.get("a"), "a")?,
            renewals: as_number(item.get("n"), "n")?,
            renewed_at: item.get("u").map(|value| as_instant(Some(value), "u")).transpose()?,
        })
    }
}

impl Claim {
    /// Nothing has to be found out any more.
    fn is_settled(&self) -> bool {
        matches!(self, Self::Own { renewals: None, .. })
    }

    fn renewals(&self) -> Option<u64> {
        match self {
            Self::Own { renewals, .. } => *renewals,
            Self::Others(_) => None,
        }
    }

    /// Since when it is this member's.
    pub(crate) fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Own { since, .. } => Some(*since),
            Self::Others(_) => None,
        }
    }
}
