//! Accounts and pages as items: short attribute names, DynamoDB's own types, at most one write unit for a typical member.
//!
//! | attribute | of an account | attribute | of an entry |
//! |---|---|---|---|
//! | `v` | version, counts writes | `n` | sequence |
//! | `q` | sequence of the newest entry | `o` | operation id |
//! | `h` | hash of the newest entry | `h` | content hash |
//! | `l` | lots: `[expires, points]` | `t` | occurred at, seconds |
//! | `p` | pending: `[activates, expires, points]` | `l` | recorded so much later, milliseconds |
//! | `d` | debt | `v` | programme version |
//! | `o` | holds | `b` | balance afterwards |
//! | `t` | tiers: `[tier, since]` | `s` | what time had done |
//! | `m` | status points by month | `m` | movements |
//! | `c` | counters | `k` | kind |
//! | `k` | streaks | others | what the kind records, see [`NAMES`] and [`INPUT_NAMES`] |
//! | `b` `r` `g` | boosts, parked refunds, grace lots | | |
//! | `s` `w` | newest sealed entry: sequence, recorded at | | |
//! | `e` | newest entries | | |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::account::{Account, Counter, Hold, Parked, Run, TierSpan};
use domain::calendar::{Month, Period};
use domain::entry::{Entry, Movement, Settlement};
use domain::id::{ContentHash, Hash, MemberId, OperationId};
use domain::programme::ORDER_PAID;
use domain::quantity::{Minor, Points};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_map, as_number, as_text, broken, bytes, from_json,
    instant, number, text, to_json,
};
use crate::{StoreError, keys};

/// An account as stored: the account, its newest entries, and where sealed history ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Counts writes; 0 = never written.
    pub version: u64,
    /// The account.
    pub account: Account,
    /// The newest entries, oldest first.
    pub recent: Vec<Entry>,
    /// The newest entry that was sealed into a page: its sequence and when it was recorded.
    pub sealed: Option<(u64, Timestamp)>,
    /// Under which key of the index `due` it is found.
    pub due: Option<String>,
}

/// A page of sealed history. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The hash of its last entry. The chain is stored once per page and once per account; what lies between follows from
    /// the entries themselves.
    pub head: Hash,
    /// When the entry before its first was recorded; `None` for the first page.
    pub previous_at: Option<Timestamp>,
    /// Its entries, oldest first; never empty.
    pub entries: Vec<Entry>,
}

impl Record {
    /// Before the first write.
    #[must_use]
    pub fn new(member: MemberId) -> Self {
        Self {
            version: 0,
            account: Account::new(member),
            recent: Vec::new(),
            sealed: None,
            due: None,
        }
    }

    /// When the newest entry was recorded.
    #[must_use]
    pub fn newest_at(&self) -> Option<Timestamp> {
        self.recent.last().map(|entry| entry.recorded_at).or(self.sealed.map(|(_, at)| at))
    }
}

/// Field names of what kinds record, and how they are stored.
const NAMES: [(&str, &str); 14] = [
    ("activity", "a"),
    ("order", "r"),
    ("inputs", "i"),
    ("trace", "x"),
    ("status", "q"),
    ("amount_minor", "am"),
    ("asked_minor", "as"),
    ("reward", "rw"),
    ("reward_kind", "rk"),
    ("quantity", "qt"),
    ("value_minor", "vm"),
    ("redemption", "rd"),
    ("points", "pt"),
    ("initiated_by", "ib"),
];

/// Field names of what rules read, and how they are stored.
const INPUT_NAMES: [(&str, &str); 8] = [
    ("attributes", "a"),
    ("tier", "t"),
    ("net", "n"),
    ("netted", "r"),
    ("bases", "b"),
    ("boosts", "o"),
    ("headroom", "h"),
    ("streaks", "s"),
];

fn rename(
    fields: Map<String, Value>,
    names: &[(&str, &str)],
    to_short: bool,
) -> Map<String, Value> {
    let pick = |name: &str| {
        let found =
            names.iter().find(|(long, short)| name == if to_short { *long } else { *short });
        found.map(|(long, short)| if to_short { *short } else { *long })
    };
    fields
        .into_iter()
        .map(|(name, value)| (pick(&name).map_or(name, str::to_owned), value))
        .collect()
}

fn list(items: Vec<AttributeValue>) -> AttributeValue {
    AttributeValue::L(items)
}

fn encode_movement(movement: &Movement) -> AttributeValue {
    list(match *movement {
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
    })
}

fn points(value: Option<&AttributeValue>, what: &str) -> Result<Points, StoreError> {
    as_number(value, what).map(Points)
}

fn decode_movement(value: &AttributeValue) -> Result<Movement, StoreError> {
    let parts = as_list(Some(value), "m")?;
    Ok(match as_text(parts.first(), "m")? {
        "a" => Movement::Active {
            expires_at: as_instant(parts.get(1), "m")?,
            points: points(parts.get(2), "m")?,
        },
        "p" => Movement::Pending {
            activates_at: as_instant(parts.get(1), "m")?,
            expires_at: as_instant(parts.get(2), "m")?,
            points: points(parts.get(3), "m")?,
        },
        "h" => Movement::Held {
            hold: as_number(parts.get(1), "m")?,
            expires_at: as_instant(parts.get(2), "m")?,
            points: points(parts.get(3), "m")?,
        },
        "d" => Movement::Debt { points: points(parts.get(1), "m")? },
        _ => return Err(broken("m")),
    })
}

fn encode_settlement(settlement: &Settlement) -> AttributeValue {
    list(match settlement {
        Settlement::Activated { activates_at, expires_at, points, repaid } => {
            vec![
                text("a"),
                instant(*activates_at),
                instant(*expires_at),
                number(points),
                number(repaid),
            ]
        }
        Settlement::Expired { expires_at, points } => {
            vec![text("x"), instant(*expires_at), number(points)]
        }
        Settlement::Released { hold, until, parts, repaid } => {
            let mut items = vec![text("h"), number(hold), instant(*until), number(repaid)];
            items.extend(
                parts
                    .iter()
                    .map(|(expires_at, points)| list(vec![instant(*expires_at), number(points)])),
            );
            items
        }
    })
}

fn decode_settlement(value: &AttributeValue) -> Result<Settlement, StoreError> {
    let parts = as_list(Some(value), "s")?;
    Ok(match as_text(parts.first(), "s")? {
        "a" => Settlement::Activated {
            activates_at: as_instant(parts.get(1), "s")?,
            expires_at: as_instant(parts.get(2), "s")?,
            points: points(parts.get(3), "s")?,
            repaid: points(parts.get(4), "s")?,
        },
        "x" => Settlement::Expired {
            expires_at: as_instant(parts.get(1), "s")?,
            points: points(parts.get(2), "s")?,
        },
        "h" => Settlement::Released {
            hold: as_number(parts.get(1), "s")?,
            until: as_instant(parts.get(2), "s")?,
            repaid: points(parts.get(3), "s")?,
            parts: parts.iter().skip(4).map(decode_lot).collect::<Result<_, _>>()?,
        },
        _ => return Err(broken("s")),
    })
}

fn decode_lot(value: &AttributeValue) -> Result<(Timestamp, Points), StoreError> {
    let parts = as_list(Some(value), "lot")?;
    Ok((as_instant(parts.first(), "lot")?, points(parts.get(1), "lot")?))
}

/// An entry as a map.
fn encode_entry(entry: &Entry) -> AttributeValue {
    let Ok(Value::Object(mut detail)) = serde_json::to_value(&entry.detail) else {
        unreachable!("a detail is a map")
    };
    if detail.get("order").is_some() && detail.get("activity") == Some(&json!(ORDER_PAID)) {
        detail.remove("activity");
    }
    if let Some(Value::Object(inputs)) = detail.remove("inputs") {
        detail.insert("inputs".to_owned(), Value::Object(rename(inputs, &INPUT_NAMES, true)));
    }
    let kind = detail.remove("kind").unwrap_or_default();
    let mut item: Item = rename(detail, &NAMES, true)
        .iter()
        .map(|(name, value)| (name.clone(), from_json(value)))
        .collect();
    item.insert("k".to_owned(), from_json(&kind));
    item.insert("n".to_owned(), number(entry.sequence));
    item.insert("o".to_owned(), bytes(&entry.operation.0));
    item.insert("h".to_owned(), bytes(&entry.content.0));
    item.insert("t".to_owned(), instant(entry.occurred_at));
    let later = entry.recorded_at.as_millisecond() - entry.occurred_at.as_millisecond();
    if later != 0 {
        item.insert("l".to_owned(), number(later));
    }
    item.insert("v".to_owned(), number(entry.programme));
    item.insert("b".to_owned(), number(entry.balance));
    if !entry.settled.is_empty() {
        item.insert("s".to_owned(), list(entry.settled.iter().map(encode_settlement).collect()));
    }
    if !entry.movements.is_empty() {
        item.insert("m".to_owned(), list(entry.movements.iter().map(encode_movement).collect()));
    }
    AttributeValue::M(item)
}

/// Attributes of an entry that are not what its kind records.
const OWN: [&str; 10] = ["n", "o", "h", "t", "l", "v", "b", "s", "m", "k"];

fn decode_entry(value: &AttributeValue) -> Result<Entry, StoreError> {
    let item = value.as_m().map_err(|_other_type| broken("e"))?;
    let mut detail = Map::new();
    for (name, value) in item.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        detail.insert(name.clone(), to_json(value)?);
    }
    let mut detail = rename(detail, &NAMES, false);
    if let Some(Value::Object(inputs)) = detail.remove("inputs") {
        detail.insert("inputs".to_owned(), Value::Object(rename(inputs, &INPUT_NAMES, false)));
    }
    let kind = as_text(item.get("k"), "k")?;
    if kind == "earn" && !detail.contains_key("activity") {
        detail.insert("activity".to_owned(), json!(ORDER_PAID));
    }
    detail.insert("kind".to_owned(), json!(kind));
    let occurred_at = as_instant(item.get("t"), "t")?;
    let later = item.get("l").map_or(Ok(0), |value| as_number(Some(value), "l"))?;
    let recorded_at = Timestamp::from_millisecond(occurred_at.as_millisecond() + later);
    Ok(Entry {
        sequence: as_number(item.get("n"), "n")?,
        operation: OperationId(as_bytes(item.get("o"), "o")?),
        content: ContentHash(as_bytes(item.get("h"), "h")?),
        occurred_at,
        recorded_at: recorded_at.map_err(|_out_of_range| broken("l"))?,
        programme: as_number(item.get("v"), "v")?,
        settled: as_list(item.get("s"), "s")?
            .iter()
            .map(decode_settlement)
            .collect::<Result<_, _>>()?,
        movements: as_list(item.get("m"), "m")?
            .iter()
            .map(decode_movement)
            .collect::<Result<_, _>>()?,
        balance: points(item.get("b"), "b")?,
        detail: serde_json::from_value(Value::Object(detail))
            .map_err(|error| StoreError::Broken(error.to_string()))?,
    })
}

/// Puts an attribute unless it is empty.
fn put(item: &mut Item, name: &str, value: AttributeValue) {
    let empty = match &value {
        AttributeValue::L(items) => items.is_empty(),
        AttributeValue::M(fields) => fields.is_empty(),
        _ => false,
    };
    if !empty {
        item.insert(name.to_owned(), value);
    }
}

fn counter_name(counter: &Counter) -> String {
    let period = match counter.period {
        Period::CalendarDay => 'd',
        Period::CalendarMonth => 'm',
        Period::Ever => 'e',
    };
    format!("{}@{period}{}", counter.what, counter.start.strftime("%Y%m%d"))
}

fn counter_named(name: &str) -> Option<Counter> {
    let (what, period) = name.rsplit_once('@')?;
    let (period, start) = period.split_at_checked(1)?;
    let period = match period {
        "d" => Period::CalendarDay,
        "m" => Period::CalendarMonth,
        "e" => Period::Ever,
        _ => return None,
    };
    Some(Counter {
        what: what.to_owned(),
        period,
        start: jiff::civil::Date::strptime("%Y%m%d", start).ok()?,
    })
}

fn encode_holds(account: &Account) -> AttributeValue {
    let holds = account.holds.iter().map(|(sequence, hold)| {
        let lots = account
            .pockets
            .held_by(*sequence)
            .map(|(at, points)| list(vec![instant(at), number(points)]));
        let fields: Item = [
            ("o".to_owned(), text(&hold.order)),
            ("w".to_owned(), number(hold.value)),
            ("u".to_owned(), instant(hold.until)),
            ("l".to_owned(), list(lots.collect())),
        ]
        .into();
        (sequence.to_string(), AttributeValue::M(fields))
    });
    AttributeValue::M(holds.collect())
}

/// An account as an item.
#[must_use]
pub fn encode_record(record: &Record) -> Item {
    let account = &record.account;
    let mut item = Item::new();
    item.insert(keys::MEMBER.to_owned(), text(account.member.as_str()));
    item.insert("v".to_owned(), number(record.version));
    item.insert("q".to_owned(), number(account.sequence));
    item.insert("h".to_owned(), bytes(&account.head.0));
    let lots =
        account.pockets.active.iter().map(|(at, points)| list(vec![instant(*at), number(points)]));
    put(&mut item, "l", list(lots.collect()));
    let pending = account.pockets.pending.iter();
    let pending = pending.map(|((activates, expires), points)| {
        list(vec![instant(*activates), instant(*expires), number(points)])
    });
    put(&mut item, "p", list(pending.collect()));
    if account.pockets.debt.is_positive() {
        item.insert("d".to_owned(), number(account.pockets.debt));
    }
    put(&mut item, "o", encode_holds(account));
    put(
        &mut item,
        "t",
        list(
            account
                .tiers
                .iter()
                .map(|span| list(vec![text(&span.tier), instant(span.since)]))
                .collect(),
        ),
    );
    let months =
        account.qualifying.iter().map(|(month, points)| (month.0.to_string(), number(points)));
    put(&mut item, "m", AttributeValue::M(months.collect()));
    let counters =
        account.counters.iter().map(|(counter, count)| (counter_name(counter), number(count)));
    put(&mut item, "c", AttributeValue::M(counters.collect()));
    let streaks = account.streaks.iter().map(|(rule, runs)| {
        (
            rule.clone(),
            list(runs.iter().map(|run| list(vec![number(run.first), number(run.last)])).collect()),
        )
    });
    put(&mut item, "k", AttributeValue::M(streaks.collect()));
    put(&mut item, "b", from_json(&json!(account.boosts)));
    let parked = account.parked.iter();
    let parked = parked.map(|(order, parked)| {
        (order.clone(), list(vec![number(parked.amount), instant(parked.at)]))
    });
    put(&mut item, "r", AttributeValue::M(parked.collect()));
    put(&mut item, "g", list(account.grace.iter().map(|at| instant(*at)).collect()));
    if let Some((sequence, at)) = record.sealed {
        item.insert("s".to_owned(), number(sequence));
        item.insert("w".to_owned(), instant(at));
    }
    if let Some(due) = &record.due {
        item.insert(keys::DUE.to_owned(), text(due));
    }
    put(&mut item, "e", list(record.recent.iter().map(encode_entry).collect()));
    item
}

/// An account from an item.
///
/// # Errors
/// The item is damaged.
pub fn decode_record(item: &Item) -> Result<Record, StoreError> {
    let member: MemberId =
        as_text(item.get(keys::MEMBER), keys::MEMBER)?.parse().map_err(StoreError::Broken)?;
    let mut account = Account::new(member);
    account.sequence = as_number(item.get("q"), "q")?;
    account.head = Hash(as_bytes(item.get("h"), "h")?);
    account.pockets.active =
        as_list(item.get("l"), "l")?.iter().map(decode_lot).collect::<Result<_, _>>()?;
    for value in as_list(item.get("p"), "p")? {
        let parts = as_list(Some(value), "p")?;
        let key = (as_instant(parts.first(), "p")?, as_instant(parts.get(1), "p")?);
        account.pockets.pending.insert(key, points(parts.get(2), "p")?);
    }
    account.pockets.debt =
        item.get("d").map_or(Ok(Points::ZERO), |value| points(Some(value), "d"))?;
    decode_holds(item, &mut account)?;
    for value in as_list(item.get("t"), "t")? {
        let parts = as_list(Some(value), "t")?;
        let tier = as_text(parts.first(), "t")?.to_owned();
        account.tiers.push(TierSpan { tier, since: as_instant(parts.get(1), "t")? });
    }
    for (month, value) in as_map(item.get("m"), "m")? {
        let month = month.parse().map_err(|_not_a_month| broken("m"))?;
        account.qualifying.insert(Month(month), points(Some(value), "m")?);
    }
    for (name, value) in as_map(item.get("c"), "c")? {
        account
            .counters
            .insert(counter_named(name).ok_or_else(|| broken("c"))?, as_number(Some(value), "c")?);
    }
    for (rule, value) in as_map(item.get("k"), "k")? {
        let run = |value: &AttributeValue| {
            let parts = as_list(Some(value), "k")?;
            Ok(Run { first: as_number(parts.first(), "k")?, last: as_number(parts.get(1), "k")? })
        };
        let runs = as_list(Some(value), "k")?.iter().map(run).collect::<Result<_, StoreError>>()?;
        account.streaks.insert(rule.clone(), runs);
    }
    if let Some(boosts) = item.get("b") {
        let boosts = serde_json::from_value(to_json(boosts)?);
        account.boosts = boosts.map_err(|error| StoreError::Broken(error.to_string()))?;
    }
    for (order, value) in as_map(item.get("r"), "r")? {
        let parts = as_list(Some(value), "r")?;
        let parked = Parked {
            amount: Minor(as_number(parts.first(), "r")?),
            at: as_instant(parts.get(1), "r")?,
        };
        account.parked.insert(order.clone(), parked);
    }
    account.grace = as_list(item.get("g"), "g")?
        .iter()
        .map(|at| as_instant(Some(at), "g"))
        .collect::<Result<_, _>>()?;
    let sealed = |value| {
        Ok::<_, StoreError>((as_number(Some(value), "s")?, as_instant(item.get("w"), "w")?))
    };
    Ok(Record {
        version: as_number(item.get("v"), "v")?,
        account,
        recent: as_list(item.get("e"), "e")?.iter().map(decode_entry).collect::<Result<_, _>>()?,
        sealed: item.get("s").map(sealed).transpose()?,
        due: item
            .get(keys::DUE)
            .map(|value| as_text(Some(value), keys::DUE).map(str::to_owned))
            .transpose()?,
    })
}

fn decode_holds(item: &Item, account: &mut Account) -> Result<(), StoreError> {
    for (sequence, value) in as_map(item.get("o"), "o")? {
        let sequence: u64 = sequence.parse().map_err(|_not_a_number| broken("o"))?;
        let fields: BTreeMap<_, _> = as_map(Some(value), "o")?.into_iter().collect();
        let field = |name: &str| fields.get(&name.to_owned()).copied();
        let hold = Hold {
            order: as_text(field("o"), "o")?.to_owned(),
            value: Minor(as_number(field("w"), "w")?),
            until: as_instant(field("u"), "u")?,
        };
        account.holds.insert(sequence, hold);
        for lot in as_list(field("l"), "l")? {
            let (expires_at, points) = decode_lot(lot)?;
            account.pockets.held.insert((sequence, expires_at), points);
        }
    }
    Ok(())
}

/// A page as an item.
///
/// # Panics
/// If the page is empty.
#[must_use]
pub fn encode_page(member: &MemberId, page: &Page) -> Item {
    let first = page.entries.first().expect("a page has entries");
    let mut item = Item::new();
    item.insert(keys::MEMBER.to_owned(), text(member.as_str()));
    item.insert(keys::FIRST.to_owned(), number(first.sequence));
    item.insert("h".to_owned(), bytes(&page.head.0));
    if let Some(at) = page.previous_at {
        item.insert("w".to_owned(), instant(at));
    }
    item.insert("e".to_owned(), list(page.entries.iter().map(encode_entry).collect()));
    item
}

/// A page from an item.
///
/// # Errors
/// The item is damaged.
pub fn decode_page(item: &Item) -> Result<Page, StoreError> {
    let entries: Vec<Entry> =
        as_list(item.get("e"), "e")?.iter().map(decode_entry).collect::<Result<_, _>>()?;
    if entries.is_empty() {
        return Err(broken("e"));
    }
    let previous_at = item.get("w").map(|value| as_instant(Some(value), "w")).transpose()?;
    Ok(Page { head: Hash(as_bytes(item.get("h"), "h")?), previous_at, entries })
}
