//! What was written of a member, once and never changed: a row of `member-log` for each write, under the version that it made.
//!
//! | attribute | |
//! |---|---|
//! | `member` `seq` | whose, and the version, in ten digits |
//! | `at` `by` | when, and who asked |
//! | `enrolled` `linked` `unlinked` `fields` | the source; kinds; names, never values |
//! | `merged` `unmerged` | who was absorbed, and is no more |
//! | `states` `erasure` `purge` | where the member stands since; when an erasure is due that was asked for; on which date, for nothing was done |
//! | `tagged` `untagged` `codes` | tags by hand; numbers of identifiers to which a code was to be sent |
//! | `verified` `resolved` | kinds; the conflict and how it was decided, or `propose:` how |
//! | `looked` `ticket` | names of what was seen that is masked, and for which ticket |
//! | `exported` | the export of everything that is known of the member that was asked for |
//! | `u` | of a write of an import: `b` and `a`, what of the member was another before and after it, sealed |
//! | `undid` | of a row of a file that was taken back: what became of it, and what stays |
//! | `y` | why, in somebody's words, sealed |
//! | `consents` | `purpose` `channel` `said` `at` `text` `version` `superseded` of each record |

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::kernel::id::MemberId;
use domain::members::consent::Record;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::attribute::{Item, as_text, instant, text};
use crate::table::MEMBER_LOG;
use crate::{Store, StoreError};

/// The range key of a row.
pub(crate) fn place(version: u64) -> String {
    format!("{version:010}")
}

/// A record as a row says it.
pub(crate) fn of_consent(record: &Record) -> Value {
    let (purpose, channel) = &record.subject;
    let mut said = json!({
        "purpose": purpose, "said": record.consent.said.name(), "at": record.consent.at.to_string(),
    });
    if let Some(channel) = channel {
        said["channel"] = channel.name().into();
    }
    if let Some(version) = record.consent.version {
        said["version"] = version.into();
    }
    if record.superseded {
        said["superseded"] = true.into();
    }
    said
}

/// Puts the row of a write.
pub(crate) fn put(
    table: &str,
    (member, version): (&MemberId, u64),
    (now, by): (Timestamp, &str),
    says: Item,
) -> Result<TransactWriteItem, BuildError> {
    let mut item = Item::from([
        (MEMBER_LOG.hash.to_owned(), text(member.as_str())),
        ("seq".to_owned(), text(place(version))),
        ("at".to_owned(), instant(now)),
        ("by".to_owned(), text(by)),
    ]);
    item.extend(says);
    let put = Put::builder().table_name(table).set_item(Some(item)).condition_expression("attribute_not_exists(#key)");
    let put = put.expression_attribute_names("#key", MEMBER_LOG.hash).build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

impl Store {
    /// Was a member written by `mark`, of those whose marks begin with `all` and whose writes are its newest?
    ///
    /// # Errors
    /// What DynamoDB says, or a row is not what was written.
    pub async fn wrote(&self, member: &MemberId, version: u64, (all, mark): (&str, &str)) -> Result<bool, StoreError> {
        let table = self.tables.of(&MEMBER_LOG)?;
        for version in (1..=version).rev() {
            let key = [(MEMBER_LOG.hash, text(member.as_str())), ("seq", text(place(version)))];
            let key = key.map(|(name, value)| (name.to_owned(), value)).into();
            let row =
                self.dynamodb.get_item().table_name(table).set_key(Some(key)).consistent_read(true).send().await?;
            let Some(row) = row.item else { return Ok(false) };
            let by = as_text(row.get("by"), "by").map_err(|damage| damage.of(MEMBER_LOG.name))?;
            if by == mark || !by.starts_with(all) {
                return Ok(by == mark);
            }
        }
        Ok(false)
    }
}
