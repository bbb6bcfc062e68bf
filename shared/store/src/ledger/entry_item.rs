//! Ledger entries as attributes.
//!
//! | attribute | |
//! |---|---|
//! | `o` `h` | operation id, content hash; a settlement and an evaluation have none |
//! | `t` `l` | occurred at in seconds, recorded so many milliseconds later |
//! | `v` | programme version |
//! | `by` `why` | who caused it, and why a fact was recorded though it is too old |
//! | `tn` | what it made of the tier |
//! | `k` | kind; absent: `earn` |
//! | `m` | what time had done (capitals), then movements: `[tag, numbers ..., tag, numbers ...]` |
//! | others | what the kind records, see [`detail_item`](crate::ledger::detail_item) |
//!
//! Tags: `p` pending, `a` active, `h` held, `d` debt; `A` activated, `R` activated and repaid debt, `X` expired, `H` hold
//! ended, `T` tier. An entry's sequence follows from its place, its balance from the balance after the last one.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::quantity::Points;
use domain::ledger::doer::Doer;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::pockets::Movement;
use domain::ledger::settlement::Settlement;
use jiff::Timestamp;

use crate::attribute::{as_bytes, as_instant, as_list, as_number, as_text, bytes, instant, number, text};
use crate::error::{Damage, damaged};
use crate::ledger::detail_item::{decode_detail, encode_detail};
use crate::ledger::flat::{Flat, list};
use crate::ledger::record_item::{decode_tier_change, encode_tier_change};

fn encode_movement(movement: &Movement) -> Vec<AttributeValue> {
    match *movement {
        Movement::Active { expires_at, points } => {
            vec![text("a"), instant(expires_at), number(points)]
        }
        Movement::Pending { activates_at, expires_at, points } => {
            vec![text("p"), instant(activates_at), instant(expires_at), number(points)]
        }
        Movement::Held { hold, expires_at, points } => {
            vec![text("h"), number(hold), instant(expires_at), number(points)]
        }
        Movement::Debt { points } => vec![text("d"), number(points)],
    }
}

fn encode_settlement(settlement: &Settlement) -> Vec<AttributeValue> {
    match settlement {
        Settlement::Activated { activates_at, expires_at, points, repaid } if repaid.is_zero() => {
            vec![text("A"), instant(*activates_at), instant(*expires_at), number(points)]
        }
        Settlement::Activated { activates_at, expires_at, points, repaid } => {
            vec![text("R"), instant(*activates_at), instant(*expires_at), number(points), number(repaid)]
        }
        Settlement::Expired { expires_at, points } => {
            vec![text("X"), instant(*expires_at), number(points)]
        }
        Settlement::Released { hold, until, parts, repaid } => {
            let mut items = vec![text("H"), number(hold), instant(*until), number(repaid), number(parts.len())];
            items.extend(parts.iter().flat_map(|(expires_at, points)| [instant(*expires_at), number(points)]));
            items
        }
        Settlement::Tier(change) => vec![text("T"), encode_tier_change(change)],
    }
}

/// A movement, or what time had done before.
fn step(flat: &mut Flat<'_>) -> Result<Step, Damage> {
    Ok(match flat.tag()? {
        "a" => Step::Moved(Movement::Active { expires_at: flat.instant()?, points: flat.points()? }),
        "p" => {
            let (activates_at, expires_at) = (flat.instant()?, flat.instant()?);
            Step::Moved(Movement::Pending { activates_at, expires_at, points: flat.points()? })
        }
        "h" => {
            let (hold, expires_at) = (flat.number()?, flat.instant()?);
            Step::Moved(Movement::Held { hold, expires_at, points: flat.points()? })
        }
        "d" => Step::Moved(Movement::Debt { points: flat.points()? }),
        tag @ ("A" | "R") => {
            let (activates_at, expires_at, points) = (flat.instant()?, flat.instant()?, flat.points()?);
            let repaid = if tag == "R" { flat.points()? } else { Points::ZERO };
            Step::Settled(Settlement::Activated { activates_at, expires_at, points, repaid })
        }
        "X" => Step::Settled(Settlement::Expired { expires_at: flat.instant()?, points: flat.points()? }),
        "H" => {
            let (hold, until, repaid) = (flat.number()?, flat.instant()?, flat.points()?);
            let count: usize = flat.number()?;
            let parts = (0..count).map(|_| flat.lot()).collect::<Result<_, _>>()?;
            Step::Settled(Settlement::Released { hold, until, parts, repaid })
        }
        "T" => Step::Settled(Settlement::Tier(decode_tier_change(flat.any()?)?)),
        _ => return Err(damaged(flat.what)),
    })
}

enum Step {
    Moved(Movement),
    Settled(Settlement),
}

/// Entries, oldest first.
pub(crate) fn encode_entries(entries: &[Entry]) -> AttributeValue {
    list(entries.iter().map(encode_entry).collect())
}

/// Entries, their sequence counted from the first, their balances backwards from the balance after the last.
pub(crate) fn decode_entries(
    value: Option<&AttributeValue>,
    first: u64,
    balance: Points,
) -> Result<Vec<Entry>, Damage> {
    let entries = as_list(value, "e")?.iter().zip(first..).map(|(entry, sequence)| decode_entry(entry, sequence));
    let mut entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
    let mut after = balance;
    for entry in entries.iter_mut().rev() {
        entry.balance = after;
        after = after - entry.points() - entry.settled_points();
    }
    Ok(entries)
}

fn encode_entry(entry: &Entry) -> AttributeValue {
    let (kind, fields) = encode_detail(&entry.detail, entry.points());
    let mut item = fields.0;
    if kind != "earn" {
        item.insert("k".to_owned(), text(kind));
    }
    if !matches!(entry.detail, Detail::Settle | Detail::Evaluate { .. }) {
        item.insert("o".to_owned(), bytes(&entry.operation.0));
        item.insert("h".to_owned(), bytes(&entry.content.0));
    }
    item.insert("t".to_owned(), instant(entry.occurred_at));
    let later = entry.recorded_at.as_millisecond() - entry.occurred_at.as_millisecond();
    if later != 0 {
        item.insert("l".to_owned(), number(later));
    }
    item.insert("v".to_owned(), number(entry.programme));
    if let Some(Doer { who, backdate_reason }) = &entry.by {
        item.insert("by".to_owned(), text(who));
        item.extend(backdate_reason.iter().map(|reason| ("why".to_owned(), text(reason))));
    }
    if !entry.then.is_empty() {
        item.insert("tn".to_owned(), list(entry.then.iter().map(encode_tier_change).collect()));
    }
    let steps =
        entry.settled.iter().flat_map(encode_settlement).chain(entry.movements.iter().flat_map(encode_movement));
    let steps: Vec<AttributeValue> = steps.collect();
    if !steps.is_empty() {
        item.insert("m".to_owned(), list(steps));
    }
    AttributeValue::M(item)
}

fn decode_entry(value: &AttributeValue, sequence: u64) -> Result<Entry, Damage> {
    let item = value.as_m().map_err(|_other_type| damaged("e"))?;
    let (mut settled, mut movements) = (Vec::new(), Vec::new());
    for step in Flat::new(item.get("m"), "m")?.all(step)? {
        match step {
            Step::Moved(movement) => movements.push(movement),
            Step::Settled(settlement) => settled.push(settlement),
        }
    }
    let kind = item.get("k").map_or(Ok("earn"), |kind| as_text(Some(kind), "k"))?;
    let (operation, content) = if matches!(kind, "settle" | "evaluate") {
        Entry::unasked(sequence)
    } else {
        (OperationId(as_bytes(item.get("o"), "o")?), ContentHash(as_bytes(item.get("h"), "h")?))
    };
    let occurred_at = as_instant(item.get("t"), "t")?;
    let later = item.get("l").map_or(Ok(0), |value| as_number(Some(value), "l"))?;
    let recorded_at = Timestamp::from_millisecond(occurred_at.as_millisecond() + later);
    let said =
        |name: &'static str| item.get(name).map(|value| as_text(Some(value), name).map(str::to_owned)).transpose();
    let backdate_reason = said("why")?;
    let by = said("by")?.map(|who| Doer { who, backdate_reason });
    let moved: Points = movements.iter().map(Movement::points).sum();
    Ok(Entry {
        sequence,
        operation,
        content,
        occurred_at,
        recorded_at: recorded_at.map_err(|_out_of_range| damaged("l"))?,
        programme: as_number(item.get("v"), "v")?,
        settled,
        movements,
        balance: Points::ZERO,
        then: as_list(item.get("tn"), "tn")?.iter().map(decode_tier_change).collect::<Result<_, _>>()?,
        by,
        detail: decode_detail(item, kind, moved)?,
    })
}
