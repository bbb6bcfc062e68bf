//! The table `checkpoints`: which accounts were written on a day, and what the ledger was at its end.
//!
//! | `of` | `at` | |
//! |---|---|---|
//! | `notes` | `DAY#NAME` | `leaves`: accounts that were written, as they were then, see `note_item.rs` |
//! | `checkpoints` | the day | sealed: nothing more is noted for the day. Then how far it was verified; in the end `root` |
//!
//! A note is written in one transaction with the condition that its day is not sealed, so a sealed day never changes, however
//! long a writer was away.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::proof::{Checkpoint, Leaf, Leaves, join};
use domain::planted;
use jiff::civil::Date;

use crate::attribute::{Item, as_bytes, as_list, as_number, as_text, bytes, number, text};
use crate::check::{checked, put_check};
use crate::error::{Damage, damaged};
use crate::ledger::note_item::{decode_note, encode_note};
use crate::{Store, StoreError, table};

/// A day that is sealed, and how far it was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The day, in UTC.
    pub day: Date,
    /// The hash of the checkpoint before.
    pub previous: Hash,
    /// The last member that was verified; the others come after, in the order of members.
    pub verified: Option<MemberId>,
    /// Accounts that do not follow from their entries, and why.
    pub differences: Vec<(MemberId, String)>,
}

/// A day that is verified, and its checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// What was found.
    pub checkpoint: Checkpoint,
    /// The checkpoint's hash as it was written.
    pub root: Hash,
    /// Accounts that do not follow from their entries, and why.
    pub differences: Vec<(MemberId, String)>,
}

impl Store {
    /// Notes accounts that were written, under a name, for a day; if that is sealed, for the first that is not. To note the same
    /// again does no harm.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn note(
        &self,
        today: Date,
        name: &str,
        leaves: impl Iterator<Item = &Leaf> + Clone,
    ) -> Result<(), StoreError> {
        let mut day = today;
        for _ in 0..3 {
            if self.note_for(day, encode_note(day, name, leaves.clone())).await? {
                return Ok(());
            }
            // The clock that sealed it is ahead of this one.
            let newest = self.items(table::CHECKPOINTS, None, false, Some(1)).await?;
            day = match newest.first() {
                Some(item) => day_of(item)?.tomorrow().map_err(|_range| damaged(table::AT))?,
                None => day,
            };
        }
        Err(StoreError::Busy)
    }

    /// Returns whether the day was not sealed.
    async fn note_for(&self, day: Date, note: Item) -> Result<bool, StoreError> {
        let table = &self.tables.checkpoints;
        let unsealed = ConditionCheck::builder().table_name(table).key(table::OF, text(table::CHECKPOINTS));
        let unsealed = unsealed.key(table::AT, text(day.to_string())).condition_expression("attribute_not_exists(#of)");
        let unsealed = unsealed.expression_attribute_names("#of", table::OF).build()?;
        let note = Put::builder().table_name(table).set_item(Some(note));
        let note = TransactWriteItem::builder().put(note.build()?).build();
        let write = self.dynamodb.transact_write_items().transact_items(note);
        let write = if planted!("bug-sealed-day-noted") {
            write
        } else {
            write.transact_items(TransactWriteItem::builder().condition_check(unsealed).build())
        };
        let Err(error) = write.send().await else { return Ok(true) };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let codes: Vec<&str> =
                    cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).collect();
                match codes.last() {
                    Some(&"ConditionalCheckFailed") => Ok(false),
                    _ if codes.iter().any(|code| *code == "TransactionConflict" || crate::error::is_throttle(code)) => {
                        Err(StoreError::Busy)
                    }
                    _ => Err(error.into()),
                }
            }
            _ => Err(error.into()),
        }
    }

    /// The first day that is over and has no checkpoint, sealed; `None` if there is none.
    ///
    /// Days follow each other without gaps. The first of all is the oldest for which something was noted.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn open_day(&self, today: Date) -> Result<Option<Day>, StoreError> {
        for _ in 0..3 {
            let newest = self.items(table::CHECKPOINTS, None, false, Some(2)).await?;
            if let Some(sealed) = newest.first().filter(|item| !item.contains_key("root")) {
                let before = newest.get(1).map(decode_closed).transpose()?;
                return Ok(Some(decode_day(sealed, before.map_or(Hash::GENESIS, |closed| closed.root))?));
            }
            let (day, previous) = match newest.first().map(decode_closed).transpose()? {
                Some(closed) => (closed.checkpoint.day.tomorrow().map_err(|_range| damaged(table::AT))?, closed.root),
                None => (self.first_day(today).await?, Hash::GENESIS),
            };
            if day >= today {
                return Ok(None);
            }
            let sealed = Day { day, previous, verified: None, differences: Vec::new() };
            if self.put_checkpoint(encode_day(&sealed), table::OF).await? {
                return Ok(Some(sealed));
            }
            // It is sealed: by another run, or by this one, unheard.
        }
        Err(StoreError::Busy)
    }

    /// The oldest day for which something was noted; the day before if there is none.
    async fn first_day(&self, today: Date) -> Result<Date, StoreError> {
        match self.items(table::NOTES, None, true, Some(1)).await?.first() {
            Some(note) => Ok(day_of(note)?),
            None => Ok(today.yesterday().map_err(|_range| damaged(table::AT))?),
        }
    }

    /// The accounts that were noted for a sealed day.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn leaves(&self, day: Date) -> Result<Leaves, StoreError> {
        let mut leaves = Leaves::new();
        for note in self.items(table::NOTES, Some(day), true, None).await? {
            decode_note(&note)?.into_iter().for_each(|leaf| join(&mut leaves, leaf));
        }
        Ok(leaves)
    }

    /// Remembers how far a day was verified.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn remember(&self, day: &Day) -> Result<(), StoreError> {
        self.put_checkpoint(encode_day(day), "root").await.map(drop)
    }

    /// Writes a checkpoint; whoever writes it, it is the same.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn close(&self, closed: &Closed) -> Result<(), StoreError> {
        self.put_checkpoint(encode_closed(closed), "root").await.map(drop)
    }

    /// All checkpoints, oldest first.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn checkpoints(&self) -> Result<Vec<Closed>, StoreError> {
        let items = self.items(table::CHECKPOINTS, None, true, None).await?;
        let closed = items.iter().filter(|item| item.contains_key("root"));
        Ok(closed.map(decode_closed).collect::<Result<_, _>>()?)
    }

    /// Unless the item has an attribute of this name; returns whether it had not.
    async fn put_checkpoint(&self, item: Item, unless: &str) -> Result<bool, StoreError> {
        let put = self.dynamodb.put_item().table_name(&self.tables.checkpoints).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(#name)").expression_attribute_names("#name", unless);
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(error.into()),
            },
        }
    }

    /// The items of one hash key, of all days or one, in the order of their range keys; all of them, or so many.
    async fn items(
        &self,
        of: &str,
        day: Option<Date>,
        forward: bool,
        limit: Option<i32>,
    ) -> Result<Vec<Item>, StoreError> {
        let (mut items, mut after) = (Vec::new(), None);
        loop {
            let query = self.dynamodb.query().table_name(&self.tables.checkpoints).consistent_read(true);
            let query = query.expression_attribute_names("#of", table::OF).expression_attribute_values(":of", text(of));
            let query = match day {
                None => query.key_condition_expression("#of = :of"),
                Some(day) => query
                    .key_condition_expression("#of = :of AND begins_with(#at, :day)")
                    .expression_attribute_names("#at", table::AT)
                    .expression_attribute_values(":day", text(table::note(day, ""))),
            };
            let query = query.scan_index_forward(forward);
            let found = query.set_limit(limit).set_exclusive_start_key(after).send().await?;
            items.extend(found.items.unwrap_or_default());
            after = found.last_evaluated_key.filter(|_| !planted!("bug-notes-of-one-page"));
            let enough = limit.is_some_and(|limit| items.len() >= usize::try_from(limit).unwrap_or(usize::MAX));
            if after.is_none() || enough {
                return Ok(items);
            }
        }
    }
}

/// An item of these attributes and their check.
fn checked_item<const N: usize>(fields: [(&str, AttributeValue); N]) -> Item {
    let mut item: Item = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    put_check(&mut item, &[]);
    item
}

fn encode_differences(differences: &[(MemberId, String)]) -> AttributeValue {
    let one = |(member, what): &(MemberId, String)| AttributeValue::L(vec![text(member.as_str()), text(what)]);
    AttributeValue::L(differences.iter().map(one).collect())
}

fn decode_differences(item: &Item) -> Result<Vec<(MemberId, String)>, Damage> {
    let one = |value: &AttributeValue| {
        let parts = as_list(Some(value), "differences")?;
        let member = as_text(parts.first(), "differences")?.parse().map_err(|_not_an_id| damaged("member"))?;
        Ok((member, as_text(parts.get(1), "differences")?.to_owned()))
    };
    as_list(item.get("differences"), "differences")?.iter().map(one).collect()
}

fn encode_day(day: &Day) -> Item {
    let mut item: Item = [
        (table::OF.to_owned(), text(table::CHECKPOINTS)),
        (table::AT.to_owned(), text(day.day.to_string())),
        ("differences".to_owned(), encode_differences(&day.differences)),
    ]
    .into();
    if let Some(member) = &day.verified {
        item.insert("verified".to_owned(), text(member.as_str()));
    }
    put_check(&mut item, &[]);
    item
}

/// The day of a checkpoint or a note.
///
/// # Errors
/// The item is damaged.
pub fn day_of(item: &Item) -> Result<Date, Damage> {
    let at = as_text(item.get(table::AT), table::AT)?;
    at.split('#').next().unwrap_or_default().parse().map_err(|_not_a_date| damaged(table::AT))
}

/// A day that is sealed, after the checkpoint of this hash.
///
/// # Errors
/// The item is damaged.
pub fn decode_day(item: &Item, previous: Hash) -> Result<Day, Damage> {
    let [] = checked(item).map_err(|damage| damage.of(table::CHECKPOINTS))?;
    let verified = item
        .get("verified")
        .map(|value| as_text(Some(value), "verified")?.parse().map_err(|_not_an_id| damaged("member")));
    Ok(Day { day: day_of(item)?, previous, verified: verified.transpose()?, differences: decode_differences(item)? })
}

/// A checkpoint as an item.
#[must_use]
pub fn encode_closed(closed: &Closed) -> Item {
    let Closed { checkpoint: Checkpoint { day, previous, tree, accounts, points }, root, differences } = closed;
    checked_item([
        (table::OF, text(table::CHECKPOINTS)),
        (table::AT, text(day.to_string())),
        ("previous", bytes(&previous.0)),
        ("tree", bytes(&tree.0)),
        ("accounts", number(accounts)),
        ("points", number(points)),
        ("root", bytes(&root.0)),
        ("differences", encode_differences(differences)),
    ])
}

/// A checkpoint from an item.
///
/// # Errors
/// The item is damaged.
pub fn decode_closed(item: &Item) -> Result<Closed, Damage> {
    let [] = checked(item).map_err(|damage| damage.of(table::CHECKPOINTS))?;
    let checkpoint = Checkpoint {
        day: day_of(item)?,
        previous: Hash(as_bytes(item.get("previous"), "previous")?),
        tree: Hash(as_bytes(item.get("tree"), "tree")?),
        accounts: as_number(item.get("accounts"), "accounts")?,
        points: Points(as_number(item.get("points"), "points")?),
    };
    let root = Hash(as_bytes(item.get("root"), "root")?);
    Ok(Closed { checkpoint, root, differences: decode_differences(item)? })
}
