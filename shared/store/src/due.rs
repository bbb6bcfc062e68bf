//! The index `due`: what time will do something to, by instant.

use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::planted;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{Item, as_text, instant, number};
use crate::error::{Damage, damaged};
use crate::{Store, StoreError, table};

/// The shard of the index that an item of a key is in.
#[must_use]
pub fn shard(key: &str) -> u32 {
    let Hash(bytes) = Hash::of(key);
    u32::from(bytes[0]) % table::DUE_SHARDS
}

/// Where an item is found among those that are due. What only moves the instant later leaves it: the sweep that fires too
/// early finds the new one. So a normal earning writes no index.
pub(crate) fn armed(armed: Option<Timestamp>, due: Option<Timestamp>) -> Option<Timestamp> {
    match (armed, due) {
        (Some(armed), Some(_)) if planted!("bug-due-stays-late") => Some(armed),
        (Some(armed), Some(due)) => Some(armed.min(due)),
        (armed, due) => due.or(armed),
    }
}

/// The same by a write that nobody asked for this: a place that will soon fire is moved now, if nothing is due for long after it. That
/// costs two units, where a sweep's own write would cost three or four.
pub(crate) fn rearmed(place: Option<Timestamp>, due: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let moves =
        |(place, due): (Timestamp, Timestamp)| place.duration_since(now) < SOON && due.duration_since(place) >= LATER;
    if place.zip(due).is_some_and(moves) { due } else { armed(place, due) }
}

/// A place that fires within this time is about to.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long after it nothing else may be due.
const LATER: SignedDuration = SignedDuration::from_hours(20 * 24);

impl Store {
    /// Members of one shard to which time has done something by an instant; all pages of the answer.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn due_by(&self, shard: u32, until: Timestamp) -> Result<Vec<MemberId>, StoreError> {
        let found = self.due_items(&self.tables.accounts, shard, until).await?;
        let member = |item: &Item| {
            as_text(item.get(table::MEMBER), table::MEMBER)?.parse().map_err(|_not_an_id| damaged("member"))
        };
        Ok(found.iter().map(member).collect::<Result<_, Damage>>()?)
    }

    /// What the index of a table shows of one shard, until an instant; all pages of the answer.
    pub(crate) async fn due_items(&self, table: &str, shard: u32, until: Timestamp) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let query = self.dynamodb.query().table_name(table).index_name(table::DUE_INDEX);
            let query = query.key_condition_expression("#shard = :shard AND #at <= :at");
            let query = query.expression_attribute_names("#shard", table::DUE_SHARD);
            let query = query.expression_attribute_names("#at", table::DUE_AT);
            let query = query.expression_attribute_values(":shard", number(shard));
            let query = query.expression_attribute_values(":at", instant(until));
            let found = query.set_exclusive_start_key(start).send().await?;
            items.extend(found.items.unwrap_or_default());
            start = found.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || planted!("bug-sweep-reads-one-page") {
                return Ok(items);
            }
        }
    }
}
