//! What was written of a member, once and never changed: a row of `member-log` for each write, under the version that it made.
//!
//! | attribute | |
//! |---|---|
//! | `member` `seq` | whose, and the version, in ten digits |
//! | `at` `by` | when, and who asked |
//! | `enrolled` `linked` `unlinked` `fields` | the source; kinds; names, never values |
//! | `merged` `unmerged` | who was absorbed, and is no more |
//! | `states` | where the member stands since |
//! | `tagged` `untagged` `codes` | tags by hand; numbers of identifiers to which a code was to be sent |
//! | `verified` `resolved` | kinds; the conflict and how it was decided, or `propose:` how |
//! | `looked` `ticket` | names of what was seen that is masked, and for which ticket |
//! | `y` | why, in somebody's words, sealed |
//! | `consents` | `purpose` `channel` `said` `at` `text` `version` `superseded` of each record |

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::kernel::id::MemberId;
use domain::members::consent::Record;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::attribute::{Item, instant, text};
use crate::members::member_item::name_of;
use crate::table::MEMBER_LOG;

/// The range key of a row.
pub(crate) fn place(version: u64) -> String {
    format!("{version:010}")
}

/// A record as a row says it.
pub(crate) fn of_consent(record: &Record) -> Value {
    let (purpose, channel) = &record.subject;
    let mut said = json!({
        "purpose": purpose, "said": name_of(record.consent.said), "at": record.consent.at.to_string(),
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
