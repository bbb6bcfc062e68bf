//! Ledger entries as attributes.
//!
//! | attribute | |
//! |---|---|
//! | `o` `h` | operation id, content hash; a settlement and an evaluation have none |
//! | `t` `l` | occurred at in seconds, recorded so many milliseconds later |
//! | `v` | programme version |
//! | `k` | kind; absent: `earn` |
//! | `m` | what time had done (capitals), then movements: `[tag, numbers ..., tag, numbers ...]` |
//! | `x` | points by rule; only the rule's name if all came from it |
//! | others | what the kind records, see [`NAMES`]; a paid order's `activity` is left out |
//!
//! Tags: `p` pending, `a` active, `h` held, `d` debt; `A` activated, `R` activated and repaid debt, `X` expired, `H` hold
//! ended, `T` tier, `E` told of expiry, `U` told of a downgrade. An entry's sequence follows from its place, its balance from the balance after the last one.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::quantity::Points;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::pockets::{Movement, Settlement};
use domain::programme::activity::ORDER_PAID;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_number, as_text, bytes, from_json, instant, number, text, to_json,
};
use crate::error::{Damage, damaged};
use crate::ledger::flat::{Flat, list};

/// Field names of what kinds record, and how they are stored.
const NAMES: [(&str, &str); 21] = [
    ("activity", "a"),
    ("order", "r"),
    ("trace", "x"),
    ("status", "q"),
    ("net", "n"),
    ("tier", "g"),
    ("netted", "fr"),
    ("attributes", "fa"),
    ("bases", "fb"),
    ("boosts", "fo"),
    ("headroom", "fh"),
    ("streaks", "fs"),
    ("amount_minor", "am"),
    ("asked_minor", "as"),
    ("reward", "rw"),
    ("reward_kind", "rk"),
    ("quantity", "qt"),
    ("value_minor", "vm"),
    ("redemption", "rd"),
    ("asked_points", "pt"),
    ("initiated_by", "ib"),
];

/// Fields of `inputs`, which are stored beside the others.
const INPUTS: [&str; 8] = ["net", "tier", "netted", "attributes", "bases", "boosts", "headroom", "streaks"];

fn short(name: &str) -> &str {
    NAMES.iter().find(|(long, _)| *long == name).map_or(name, |(_, short)| short)
}

fn long(name: &str) -> &str {
    NAMES.iter().find(|(_, short)| *short == name).map_or(name, |(long, _)| long)
}

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
        Settlement::Tier(change) => vec![text("T"), from_json(&json!(change))],
        Settlement::Expiring { expires_at, points, days } => {
            vec![text("E"), instant(*expires_at), number(points), number(days)]
        }
        Settlement::DowngradeUpcoming { tier, at, missing, days } => {
            vec![text("U"), text(tier), instant(*at), number(missing), number(days)]
        }
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
        "T" => {
            let change = serde_json::from_value(to_json(flat.any()?)?);
            Step::Settled(Settlement::Tier(change.map_err(|_not_one| damaged("e"))?))
        }
        "E" => {
            let (expires_at, points) = flat.lot()?;
            Step::Settled(Settlement::Expiring { expires_at, points, days: flat.number()? })
        }
        "U" => {
            let (tier, at) = (flat.text()?, flat.instant()?);
            Step::Settled(Settlement::DowngradeUpcoming { tier, at, missing: flat.points()?, days: flat.number()? })
        }
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
    let Ok(Value::Object(mut detail)) = serde_json::to_value(&entry.detail) else { unreachable!("a detail is a map") };
    if detail.get("order").is_some() && detail.get("activity") == Some(&json!(ORDER_PAID)) {
        detail.remove("activity");
    }
    if let Some(Value::Object(inputs)) = detail.remove("inputs") {
        detail.extend(inputs);
    }
    if let Detail::Earn { trace, .. } = &entry.detail
        && let (1, Some((rule, points))) = (trace.len(), trace.first_key_value())
        && *points == entry.points()
    {
        detail.insert("trace".to_owned(), json!(rule));
    }
    let kind = detail.remove("kind").unwrap_or_default();
    let fields = detail.iter().map(|(name, value)| (short(name).to_owned(), from_json(value)));
    let mut item: Item = fields.collect();
    if kind != "earn" {
        item.insert("k".to_owned(), from_json(&kind));
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
    let steps =
        entry.settled.iter().flat_map(encode_settlement).chain(entry.movements.iter().flat_map(encode_movement));
    let steps: Vec<AttributeValue> = steps.collect();
    if !steps.is_empty() {
        item.insert("m".to_owned(), list(steps));
    }
    AttributeValue::M(item)
}

/// Attributes of an entry that are not what its kind records.
const OWN: [&str; 7] = ["o", "h", "t", "l", "v", "m", "k"];

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
        detail: decode_detail(item, kind, moved)?,
    })
}

fn decode_detail(item: &Item, kind: &str, moved: Points) -> Result<Detail, Damage> {
    let (mut detail, mut inputs) = (Map::new(), Map::new());
    for (name, value) in item.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        let (name, value) = (long(name), to_json(value)?);
        let fields = if kind == "earn" && INPUTS.contains(&name) { &mut inputs } else { &mut detail };
        fields.insert(name.to_owned(), value);
    }
    if let Some(Value::String(rule)) = detail.get("trace").cloned() {
        detail.insert("trace".to_owned(), json!({rule: moved}));
    }
    if kind == "earn" && !detail.contains_key("activity") {
        detail.insert("activity".to_owned(), json!(ORDER_PAID));
    }
    if !inputs.is_empty() {
        detail.insert("inputs".to_owned(), Value::Object(inputs));
    }
    detail.insert("kind".to_owned(), json!(kind));
    serde_json::from_value(Value::Object(detail)).map_err(|_not_one| damaged("e"))
}
