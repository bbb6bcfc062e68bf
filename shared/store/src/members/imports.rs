//! Imports: a job each, and which is the newest of its source and kind.
//!
//! | attribute | |
//! |---|---|
//! | `job` | `import#ID`, or `newest#SOURCE#KIND` |
//! | `v` `w` `news` | version, when it was written, what it has to tell |
//! | `j` | the import, or `{import}`: which is the newest |

use std::collections::BTreeSet;

use domain::kernel::id::{MemberId, OperationId};
use domain::members::import::{Import, Kind};
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::attribute::{Item, as_number, from_json, instant, number, text, to_json};
use crate::error::Damage;
use crate::outbox::{NEWS, Origin, VERSION, WRITTEN, news};
use crate::table::MEMBER_JOBS;
use crate::write::{Next, Written};
use crate::{Store, StoreError};

/// For how long files are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The most tries of a write that nobody minds.
const TRIES: usize = 5;

fn key(import: &str) -> String {
    format!("import#{import}")
}

fn newest(source: &str, kind: Kind) -> String {
    format!("newest#{source}#{}", kind.name())
}

impl Store {
    /// An import and the version of its job; none if there is none.
    ///
    /// # Errors
    /// What DynamoDB says, or the job is not what was written.
    pub async fn import(&self, import: &str) -> Result<Option<(Import, u64)>, StoreError> {
        let Some((job, version)) = self.said_of_job(key(import)).await? else { return Ok(None) };
        let import = serde_json::from_value(job).map_err(|_no_import| StoreError::bug("a job is no import"))?;
        Ok(Some((import, version)))
    }

    /// Writes an import under the version that was read, with what is told of it; false if somebody else was there first, with something else:
    /// whoever finds what it was to write has written it, and was not answered, or is one of two who do the same.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_import(&self, import: &Import, read: u64, setting: Setting<'_>) -> Result<bool, StoreError> {
        let mut item = job((key(&import.id), read), &json!(import), setting.now);
        let origin = Origin {
            operation: OperationId::of_fact("import", &import.id, ""),
            occurred_at: setting.now,
            programme: setting.programmes.at(setting.now).number,
            member: None,
        };
        item.extend(news(&origin, &import.facts()).map(|news| (NEWS.to_owned(), news)));
        if self.keep_job(item, read).await? {
            return Ok(true);
        }
        let there = self.import(&import.id).await?;
        Ok(there.is_some_and(|(there, version)| version == read.saturating_add(1) && there == *import))
    }

    /// The newest import of a source and kind.
    ///
    /// # Errors
    /// As [`Store::import`].
    pub async fn newest_import(&self, source: &str, kind: Kind) -> Result<Option<Import>, StoreError> {
        let Some((pointer, _)) = self.said_of_job(newest(source, kind)).await? else { return Ok(None) };
        let import = self.import(pointer["import"].as_str().unwrap_or_default()).await?;
        Ok(import.map(|(import, _)| import))
    }

    /// Remembers that an import is the newest of its source and kind.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB says.
    pub async fn is_newest_import(&self, import: &Import, now: Timestamp) -> Result<(), StoreError> {
        let key = newest(&import.source, import.kind);
        for _ in 0..TRIES {
            let read = self.said_of_job(key.clone()).await?.map_or(0, |(_, version)| version);
            let item = job((key.clone(), read), &json!({ "import": import.id }), now);
            if self.keep_job(item, read).await? {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }

    /// Imports whose files may still be there and that have written a member, as the rows of its log say.
    ///
    /// # Errors
    /// What DynamoDB says, or a row is not what was written.
    pub async fn imports_of(&self, member: &MemberId, now: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        let written = self.logged(member, "by").await?;
        let recent = written.iter().filter(|row| now.duration_since(row.at) < KEPT);
        let imports = recent.filter_map(|row| row.by.split_once(" import:"));
        Ok(imports.map(|(_, mark)| mark.split('#').next().unwrap_or_default().to_owned()).collect())
    }

    pub(super) async fn said_of_job(&self, key: String) -> Result<Option<(Value, u64)>, StoreError> {
        let Some(item) = self.job(key).await? else { return Ok(None) };
        let read = || -> Result<(Value, u64), Damage> {
            let job = item.get("j").map(to_json).transpose()?;
            Ok((job.unwrap_or_default(), as_number(item.get(VERSION), VERSION)?))
        };
        Ok(Some(read().map_err(|damage| damage.of(MEMBER_JOBS.name))?))
    }

    pub(super) async fn keep_job(&self, item: Item, read: u64) -> Result<bool, StoreError> {
        let next = Next { table: self.tables.of(&MEMBER_JOBS)?, key: MEMBER_JOBS.hash, item, read };
        Ok(matches!(self.write(next, Vec::new()).await?, Written::Done))
    }
}

/// A job in its next version.
pub(super) fn job((key, read): (String, u64), job: &Value, now: Timestamp) -> Item {
    Item::from([
        (MEMBER_JOBS.hash.to_owned(), text(key)),
        (VERSION.to_owned(), number(read + 1)),
        (WRITTEN.to_owned(), instant(now)),
        ("j".to_owned(), from_json(job)),
    ])
}
