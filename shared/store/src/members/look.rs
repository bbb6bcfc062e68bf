//! Looks at what is masked: noted before it is answered (rules: privacy 18).

use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::members::facts::MemberFact;
use domain::members::finding::Finding;
use domain::members::looking::{Looking, Retention, Seen, look, once_more};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::Value;

use crate::attribute::{Item, as_instant, as_number, as_text, instant, number, text, to_json};
use crate::error::{Damage, damaged};
use crate::members::attempt::{Attempt, NotWritten};
use crate::members::member_item::Stored;
use crate::members::write::{Asking, News, Writing};
use crate::outbox::{VERSION, WRITTEN};
use crate::race::Patience;
use crate::sealed::keys::Keys;
use crate::table::{MEMBER_JOBS, MEMBER_LOG, TTL};
use crate::{Store, StoreError};

/// The most rows of a page.
const PAGE: i32 = 50;

/// The attribute of a row that names what was seen.
const LOOKED: &str = "looked";

/// Somebody wants to see what is masked.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Of whom.
    pub member: &'a MemberId,
    /// Names of fields and kinds of identifiers.
    pub fields: &'a [String],
    /// Why.
    pub reason: &'a str,
    /// For which ticket, if for one.
    pub ticket: Option<&'a str>,
    /// Is it counted how often the caller looks?
    pub counted: bool,
}

/// A look, as it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its place in the log.
    pub place: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What was seen, by name.
    pub fields: Vec<String>,
    /// For which ticket.
    pub ticket: Option<String>,
    /// Why.
    pub reason: String,
}

impl Store {
    /// Shows what is masked, once it is noted that it was seen: a row of the log, and what is told.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn look(
        &self,
        wanted: Look<'_>,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Vec<Seen>, NotWritten<Looking>>, StoreError> {
        let (now, rules) = (asking.setting.now, asking.rules);
        let zone = rules.terms.zone;
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![wanted.member.clone()], now).await?;
            let Some(Stored { member, version }) = opened.of(wanted.member) else {
                return Ok(Attempt::nobody(opened.finding(wanted.member)));
            };
            let seen = match look(member, wanted.fields, rules.schema, Retention::of(rules)) {
                Ok(seen) => seen,
                Err(refusal) => return Ok(Attempt::refused(refusal)),
            };
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            if wanted.counted {
                let job = format!("looks#{}#{}", Hash::of(asking.by), rules.today);
                let (looked, read) = self.job(job.clone()).await?.as_ref().map_or(Ok((0, 0)), counted)?;
                let tomorrow = zone.start_of(rules.today.saturating_add(1.day()));
                let looks = match once_more(looked, (now, tomorrow)) {
                    Ok(looks) => looks,
                    Err(refusal) => return Ok(Attempt::refused(refusal)),
                };
                let gone = now.saturating_add(SignedDuration::from_hours(72)).unwrap_or(now);
                let item = Item::from([
                    (MEMBER_JOBS.hash.to_owned(), text(job)),
                    (VERSION.to_owned(), number(read + 1)),
                    (WRITTEN.to_owned(), instant(now)),
                    ("n".to_owned(), number(looks)),
                    (TTL.to_owned(), number(gone.as_second())),
                ]);
                writing.put(&MEMBER_JOBS, item, read)?;
            }
            let names: Vec<String> = seen.iter().map(|(name, _)| name.clone()).collect();
            let mut notes: Vec<(&str, Value)> = names.iter().map(|name| (LOOKED, name.as_str().into())).collect();
            notes.extend(wanted.ticket.map(|ticket| ("ticket", ticket.into())));
            let (actor, what) = (asking.by.to_owned(), "unmasking".to_owned());
            let facts = [MemberFact::AuditRecorded { actor, what, of: names }];
            let reason = Some(wanted.reason);
            writing.member(member, *version, News { facts: &facts, notes, reason, ..News::default() })?;
            Ok(Attempt::Write(writing.all().await?, seen))
        };
        self.until_written(patience, attempt).await
    }

    /// Who looked at what is masked of a member, the newest first, from a place on; and where the next page begins.
    ///
    /// # Errors
    /// What DynamoDB or the master key says, or a row is not what was written.
    pub async fn looks(
        &self,
        keys: &Keys,
        member: &MemberId,
        after: Option<&str>,
        now: Timestamp,
    ) -> Result<Result<(Vec<Noted>, Option<String>), Finding>, StoreError> {
        let opened = self.open(keys, vec![member.clone()], now).await?;
        let Some(Stored { member, .. }) = opened.of(member) else { return Ok(Err(opened.finding(member))) };
        let key = opened.keys.get(&member.id).ok_or_else(|| StoreError::bug("a member is read without its key"))?;
        let (mut noted, mut start) = (Vec::new(), after.map(|after| place(&member.id, after)));
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&MEMBER_LOG)?).scan_index_forward(false);
            let query = query.key_condition_expression("#member = :member").filter_expression("attribute_exists(#it)");
            let query = query.expression_attribute_names("#member", MEMBER_LOG.hash);
            let query = query.expression_attribute_names("#it", LOOKED);
            let query = query.expression_attribute_values(":member", text(member.id.as_str()));
            let found = query.limit(PAGE).set_exclusive_start_key(start).send().await?;
            for row in found.items.unwrap_or_default() {
                let decoded =
                    decode(&row, |place, sealed| key.open(MEMBER_LOG.name, &format!("reason {place}"), sealed));
                noted.push(decoded.map_err(|damage| damage.of(MEMBER_LOG.name))?);
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || !noted.is_empty() {
                let next = start.and_then(|key| Some(key.get("seq")?.as_s().ok()?.clone()));
                return Ok(Ok((noted, next)));
            }
        }
    }
}

fn place(member: &MemberId, seq: &str) -> Item {
    Item::from([(MEMBER_LOG.hash.to_owned(), text(member.as_str())), ("seq".to_owned(), text(seq))])
}

fn counted(item: &Item) -> Result<(u32, u64), Damage> {
    let parts = || Ok((as_number(item.get("n"), "n")?, as_number(item.get(VERSION), VERSION)?));
    parts().map_err(|damage: Damage| damage.of(MEMBER_JOBS.name))
}

fn decode(row: &Item, open: impl Fn(&str, &[u8]) -> Result<Vec<u8>, Damage>) -> Result<Noted, Damage> {
    let place = as_text(row.get("seq"), "seq")?.to_owned();
    let list = |name: &'static str| -> Result<Vec<String>, Damage> {
        let Some(value) = row.get(name) else { return Ok(Vec::new()) };
        let Value::Array(all) = to_json(value)? else { return Err(damaged(name)) };
        Ok(all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
    };
    let sealed = row.get("y").and_then(|value| value.as_b().ok()).ok_or_else(|| damaged("y"))?;
    let reason = String::from_utf8(open(&place, sealed.as_ref())?).map_err(|_no_text| damaged("y"))?;
    Ok(Noted {
        at: as_instant(row.get("at"), "at")?,
        by: as_text(row.get("by"), "by")?.to_owned(),
        fields: list(LOOKED)?,
        ticket: list("ticket")?.pop(),
        reason,
        place,
    })
}
