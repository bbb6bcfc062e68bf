//! What a member is given of everything that is known of it: a job each member, and what of its log is in it (rules: privacy 30).
//!
//! | attribute | |
//! |---|---|
//! | `job` | `access#` and the member |
//! | `v` `w` `news` | version, when it was written, what it has to tell |
//! | `j` | the export |
//! | `ok` `oa` | its place among what is open, until it is there |
//! | `ttl` | when it goes, if the member was erased |

use std::convert::Infallible;

use domain::kernel::id::{EntryId, MemberId, OperationId};
use domain::members::access::AccessExport;
use domain::members::finding::Finding;
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::attribute::{Item, as_instant, as_text, instant, number, text, to_json};
use crate::error::Damage;
use crate::members::attempt::{Attempt, NotWritten};
use crate::members::erasure_item::DUE;
use crate::members::imports::job;
use crate::members::write::{Asking, News, Writing};
use crate::outbox::{NEWS, Origin, news};
use crate::race::Patience;
use crate::table::{MEMBER_JOBS, MEMBER_LOG, OPEN_AT, OPEN_KIND, TTL};
use crate::{Store, StoreError};

/// What the key of the job begins with.
pub(crate) const ACCESS: &str = "access";

/// How long somebody waits for a message that an export goes on before it is taken for lost.
const LOST: SignedDuration = SignedDuration::from_mins(10);

/// For how long it is remembered that there was one of who was erased.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many rows of a log are read at once.
const PAGE: i32 = 200;

/// Something that a row of a member's log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its place in the log.
    pub place: String,
    /// When it was written.
    pub at: Timestamp,
    /// Who asked for it.
    pub by: String,
    /// What it says.
    pub says: Value,
    /// For which ticket, if it was a look.
    pub ticket: Option<Value>,
}

impl Store {
    /// The export of a member that was asked for last, and the version of its job.
    ///
    /// # Errors
    /// What DynamoDB says, or the job is not what was written.
    pub async fn access_export(&self, member: &MemberId) -> Result<Option<(AccessExport, u64)>, StoreError> {
        let Some((job, version)) = self.said_of_job(key(member)).await? else { return Ok(None) };
        let export = serde_json::from_value(job).map_err(|_no_export| StoreError::bug("a job is no export"))?;
        Ok(Some((export, version)))
    }

    /// Asks for everything that is known of a member; who asks again within a day is answered the same.
    ///
    /// # Errors
    /// As [`Store::enrol`].
    pub async fn ask_access(
        &self,
        member: &MemberId,
        reason: Option<&str>,
        asking: Asking<'_>,
        patience: &mut Patience,
    ) -> Result<Result<AccessExport, Finding>, StoreError> {
        let now = asking.setting.now;
        let attempt = || async move {
            let opened = self.open(asking.keys, vec![member.clone()], now).await?;
            let Some(stored) = opened.of(member) else {
                return Ok(Attempt::<_, NotWritten<Infallible>>::nobody(opened.finding(member)));
            };
            // It is of who stands for the member, and under that name: whoever is taken apart again has no file of the other.
            let of = &stored.member.id;
            let known = self.access_export(of).await?;
            if let Some((export, _)) = known.as_ref().filter(|(export, _)| export.serves(now)) {
                return Ok(Attempt::Same(export.clone()));
            }
            let (export, read) = match known {
                Some((before, version)) => (before.followed(asking.by, now), version),
                None => (AccessExport::asked(of.clone(), 1, asking.by, now), 0),
            };
            let mut writing = Writing::new(self, asking, &opened.keys, Vec::new());
            let notes = vec![("exported", export.id().into())];
            writing.member(&stored.member, stored.version, News { notes, reason, ..News::default() })?;
            writing.put(&MEMBER_JOBS, encode((&export, read), asking.setting), read)?;
            Ok(Attempt::Write(writing.all().await?, export))
        };
        Ok(self.until_written(patience, attempt).await?.map_err(|why| match why {
            NotWritten::Finding(finding) => finding,
            NotWritten::Refused(never) => match never {},
        }))
    }

    /// Writes an export under the version that was read, with what is told of it; false if somebody else was there first, with something else.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_access(
        &self,
        export: &AccessExport,
        read: u64,
        setting: Setting<'_>,
    ) -> Result<bool, StoreError> {
        if self.keep_job(encode((export, read), setting), read).await? {
            return Ok(true);
        }
        let there = self.access_export(&export.member).await?;
        Ok(there.is_some_and(|(there, version)| version == read.saturating_add(1) && there == *export))
    }

    /// What rows of a member's own log say under a name, the oldest first.
    ///
    /// # Errors
    /// What DynamoDB says, or a row is not what was written.
    pub async fn logged(&self, member: &MemberId, name: &'static str) -> Result<Vec<Logged>, StoreError> {
        let (mut logged, mut start) = (Vec::new(), None);
        loop {
            let query = self.dynamodb.query().table_name(self.tables.of(&MEMBER_LOG)?);
            let query = query.key_condition_expression("#member = :member").filter_expression("attribute_exists(#it)");
            let query = query.expression_attribute_names("#member", MEMBER_LOG.hash);
            let query = query.expression_attribute_names("#it", name);
            let query = query.expression_attribute_values(":member", text(member.as_str()));
            let found = query.limit(PAGE).set_exclusive_start_key(start).send().await?;
            for row in found.items.unwrap_or_default() {
                logged.push(decode(&row, name).map_err(|damage| damage.of(MEMBER_LOG.name))?);
            }
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(logged);
            }
        }
    }
}

fn key(member: &MemberId) -> String {
    format!("{ACCESS}#{member}")
}

/// A job in its next version.
fn encode((export, read): (&AccessExport, u64), setting: Setting<'_>) -> Item {
    let now = setting.now;
    let mut item = job((key(&export.member), read), &json!(export), now);
    if export.gone.is_some() {
        let gone = now.saturating_add(REMEMBERED).unwrap_or(now);
        item.insert(TTL.to_owned(), number(gone.as_second()));
    } else if !export.rests() {
        let lost = now.saturating_add(LOST).unwrap_or(now);
        item.extend([(OPEN_KIND.to_owned(), text(DUE)), (OPEN_AT.to_owned(), instant(lost))]);
    }
    let id = EntryId { member: export.member.clone(), sequence: export.n };
    let origin = Origin {
        operation: OperationId::of_fact("access", &id.to_string(), ""),
        occurred_at: now,
        programme: setting.programmes.at(now).number,
        member: Some(&export.member),
    };
    item.extend(news(&origin, &export.facts()).map(|news| (NEWS.to_owned(), news)));
    item
}

fn decode(row: &Item, name: &'static str) -> Result<Logged, Damage> {
    let says = |name: &str| row.get(name).map(to_json).transpose();
    Ok(Logged {
        place: as_text(row.get("seq"), "seq")?.to_owned(),
        at: as_instant(row.get("at"), "at")?,
        by: as_text(row.get("by"), "by")?.to_owned(),
        says: says(name)?.unwrap_or_default(),
        ticket: says("ticket")?,
    })
}
