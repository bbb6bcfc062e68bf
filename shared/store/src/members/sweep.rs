//! All members, some at a time: a page is bounded, however many there are.

use std::fmt;
use std::str::FromStr;

use domain::kernel::id::MemberId;
use jiff::Timestamp;

use crate::attribute::{Item, as_instant, as_text, instant, number, text};
use crate::error::damaged;
use crate::table::{DUE_AT, DUE_INDEX, DUE_SHARD, DUE_SHARDS, MEMBERS};
use crate::{Damage, Store, StoreError};

/// Up to whom members were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberPlace {
    shard: u32,
    after: Option<(Timestamp, MemberId)>,
}

impl fmt::Display for MemberPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shard)?;
        self.after.iter().try_for_each(|(at, member)| write!(f, ".{}.{member}", at.as_millisecond()))
    }
}

impl FromStr for MemberPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let mut parts = text.splitn(3, '.');
            let shard = parts.next()?.parse().ok().filter(|shard| *shard < DUE_SHARDS)?;
            let after = match (parts.next(), parts.next()) {
                (None, None) => None,
                (Some(at), Some(member)) => {
                    Some((Timestamp::from_millisecond(at.parse().ok()?).ok()?, member.parse().ok()?))
                }
                _ => return None,
            };
            Some(Self { shard, after })
        };
        read().ok_or_else(|| "is the `next` of an answer".to_owned())
    }
}

impl Store {
    /// The next members from a place on, at most so many; and where it goes on, if there are more. Time will do something to every member, so
    /// all are in the index of what is due; who is absorbed or erased is not. Who moves in it meanwhile may be met twice, or missed.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn some_members(
        &self,
        mut place: MemberPlace,
        most: usize,
    ) -> Result<(Vec<MemberId>, Option<MemberPlace>), StoreError> {
        let mut members = Vec::new();
        while place.shard < DUE_SHARDS && members.len() < most {
            let left = i32::try_from(most - members.len()).unwrap_or(i32::MAX);
            let start = place.after.as_ref().map(|(at, member)| {
                let key =
                    [(MEMBERS.hash, text(member.as_str())), (DUE_SHARD, number(place.shard)), (DUE_AT, instant(*at))];
                key.map(|(name, value)| (name.to_owned(), value)).into()
            });
            let query = self.dynamodb.query().table_name(self.tables.of(&MEMBERS)?).index_name(DUE_INDEX);
            let query = query.key_condition_expression("#shard = :shard");
            let query = query.expression_attribute_names("#shard", DUE_SHARD);
            let query = query.expression_attribute_values(":shard", number(place.shard)).limit(left);
            let found = query.set_exclusive_start_key(start).send().await?;
            for item in found.items.unwrap_or_default() {
                members.push(found_at(&item).map_err(|damage| damage.of(MEMBERS.name))?.1);
            }
            let last = found.last_evaluated_key.filter(|key| !key.is_empty());
            place = match last.map(|key| found_at(&key)) {
                Some(after) => MemberPlace { after: Some(after.map_err(|damage| damage.of(MEMBERS.name))?), ..place },
                None => MemberPlace { shard: place.shard + 1, after: None },
            };
        }
        Ok((members, (place.shard < DUE_SHARDS).then_some(place)))
    }
}

fn found_at(item: &Item) -> Result<(Timestamp, MemberId), Damage> {
    let member = as_text(item.get(MEMBERS.hash), MEMBERS.hash)?;
    let member = member.parse().map_err(|_not_an_id| damaged(MEMBERS.hash))?;
    Ok((as_instant(item.get(DUE_AT), DUE_AT)?, member))
}
