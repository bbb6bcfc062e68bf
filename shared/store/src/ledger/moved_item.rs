//! What stands in an order's row of `facts` when it was moved from one member to another.
//!
//! `mv`: its moves, oldest first, each a list: operation, content, the member who had it, since when, the entry by which it left (member and
//! sequence), the one by which it came, when.
//! `ma`: what waits for a second person: operation, content, who asked, for whom, when.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::{ContentHash, EntryId, MemberId, OperationId};
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, as_list, as_number, as_text, bytes, instant, number, text};
use crate::error::{Damage, damaged};

/// An order went from one member to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MovedOnce {
    /// By which request.
    pub(crate) operation: OperationId,
    /// What that asked.
    pub(crate) content: ContentHash,
    /// Whose it was, as the row said.
    pub(crate) had: MemberId,
    /// Since when.
    pub(crate) since: Timestamp,
    /// The entry by which it left: of that member, or of whoever stands for it.
    pub(crate) from: EntryId,
    /// The entry by which it came to the other.
    pub(crate) to: EntryId,
    /// When.
    pub(crate) at: Timestamp,
}

/// Somebody has asked for a move that a second person has to ask for as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedOnce {
    /// By which request.
    pub(crate) operation: OperationId,
    /// What that asked.
    pub(crate) content: ContentHash,
    /// Who.
    pub(crate) by: String,
    /// To whom the order is to go.
    pub(crate) to: MemberId,
    /// When.
    pub(crate) at: Timestamp,
}

pub(crate) fn encode_moves(moves: &[MovedOnce]) -> AttributeValue {
    let one = |moved: &MovedOnce| {
        AttributeValue::L(vec![
            bytes(&moved.operation.0),
            bytes(&moved.content.0),
            text(moved.had.as_str()),
            instant(moved.since),
            text(moved.from.member.as_str()),
            number(moved.from.sequence),
            text(moved.to.member.as_str()),
            number(moved.to.sequence),
            instant(moved.at),
        ])
    };
    AttributeValue::L(moves.iter().map(one).collect())
}

/// The moves of an order, oldest first.
///
/// # Errors
/// The row is damaged.
pub(crate) fn decode_moves(item: &Item) -> Result<Vec<MovedOnce>, Damage> {
    let Some(moves) = item.get("mv") else { return Ok(Vec::new()) };
    let one = |moved: &AttributeValue| {
        let [operation, content, had, since, from, out, to, into, at] = as_list(Some(moved), "mv")? else {
            return Err(damaged("mv"));
        };
        let entry = |member: &AttributeValue, sequence: &AttributeValue| {
            Ok(EntryId { member: member_of(member, "mv")?, sequence: as_number(Some(sequence), "mv")? })
        };
        Ok(MovedOnce {
            operation: OperationId(as_bytes(Some(operation), "mv")?),
            content: ContentHash(as_bytes(Some(content), "mv")?),
            had: member_of(had, "mv")?,
            since: as_instant(Some(since), "mv")?,
            from: entry(from, out)?,
            to: entry(to, into)?,
            at: as_instant(Some(at), "mv")?,
        })
    };
    as_list(Some(moves), "mv")?.iter().map(one).collect()
}

pub(crate) fn encode_asked(asked: &AskedOnce) -> AttributeValue {
    let AskedOnce { operation, content, by, to, at } = asked;
    AttributeValue::L(vec![bytes(&operation.0), bytes(&content.0), text(by), text(to.as_str()), instant(*at)])
}

/// What waits for a second person.
///
/// # Errors
/// The row is damaged.
pub(crate) fn decode_asked(item: &Item) -> Result<Option<AskedOnce>, Damage> {
    let Some(asked) = item.get("ma") else { return Ok(None) };
    let [operation, content, by, to, at] = as_list(Some(asked), "ma")? else { return Err(damaged("ma")) };
    Ok(Some(AskedOnce {
        operation: OperationId(as_bytes(Some(operation), "ma")?),
        content: ContentHash(as_bytes(Some(content), "ma")?),
        by: as_text(Some(by), "ma")?.to_owned(),
        to: member_of(to, "ma")?,
        at: as_instant(Some(at), "ma")?,
    }))
}

fn member_of(value: &AttributeValue, name: &'static str) -> Result<MemberId, Damage> {
    as_text(Some(value), name)?.parse().map_err(|_not_an_id| damaged(name))
}
