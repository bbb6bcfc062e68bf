//! Accounts and pages as items: short attribute names, DynamoDB's own types, at most one write unit for a typical member.
//!
//! | attribute | of an account |
//! |---|---|
//! | `v` `q` `h` | version (counts writes), newest entry: sequence and hash |
//! | `a` | seal of the state, and the check of the item, see `check.rs` |
//! | `u` | whether the member may earn and spend, if not as usual: `[state, since]`, `[merged, into]` |
//! | `l` | lots: `[expires, points, ...]` |
//! | `p` | pending: `[activates, expires, points, ...]` |
//! | `d` `o` | debt, holds |
//! | `t` `y` `z` `n` `x` `f` | tiers and scores, see `standing_item.rs` |
//! | `j` | its scores are to be worked out anew |
//! | `m` | status points: `[first month, points, ...]` |
//! | `c` | counters by what and period: `[first date, count, ...]` |
//! | `k` | streaks by rule: `[first day, last day]` |
//! | `b` `g` | boosts, grace lots |
//! | `r` `i` | entries that brought something over from another programme, by source and part; when the cutover was |
//! | `lt` | what was earned in all in other programmes |
//! | `s` `w` | newest sealed entry: sequence, recorded at |
//! | `ds` `da` | shard and instant in the index `due` |
//! | `e` | newest entries, see `entry_item.rs` |
//!
//! Lists of numbers are flat: a nested list costs four bytes more per lot, and every byte counts towards the unit.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::Month;
use domain::ledger::account::Account;
use domain::ledger::counter::Run;
use domain::ledger::entry::Entry;
use domain::ledger::membership::Membership;
use domain::ledger::pockets::Hold;
use domain::ledger::reach::Recorded;
use domain::ledger::seal::Seal;
use jiff::Timestamp;

use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_map, as_number, as_text, bytes, instant, number, put, size_of, text,
};
use crate::check::{checked, put_check, size_of_check};
use crate::due::shard;
use crate::error::{Damage, contradicts, damaged};
use crate::ledger::brought_item::{decode_cutovers, encode_cutovers};
use crate::ledger::counter_item::{decode_counters, encode_counters};
use crate::ledger::entry_item::{decode_entries, encode_entries};
use crate::ledger::flat::{Flat, list};
use crate::ledger::record_item::{decode_boost, encode_boost};
use crate::ledger::standing_item::{decode_score, decode_tiers, encode_score, encode_tiers};
use crate::table;

/// An account as stored: the account, its newest entries, and where sealed history ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Counts writes; 0 = never written.
    pub version: u64,
    /// The account.
    pub account: Account,
    /// The newest entries, oldest first.
    pub recent: Vec<Entry>,
    /// The newest entry that was sealed into a page.
    pub sealed: Option<Recorded>,
    /// At which instant of the index `due` it is found; never later than it is due.
    pub due: Option<Timestamp>,
}

impl Record {
    /// Before the first write.
    #[must_use]
    pub fn new(member: MemberId) -> Self {
        Self { version: 0, account: Account::new(member), recent: Vec::new(), sealed: None, due: None }
    }

    /// When the newest entry was recorded.
    #[must_use]
    pub fn newest_at(&self) -> Option<Timestamp> {
        self.recent.last().map(|entry| entry.recorded_at).or(self.sealed.map(|sealed| sealed.at))
    }
}

/// The state, and the entry since which nothing is posted; nothing of who is active.
fn encode_membership(membership: &Membership) -> AttributeValue {
    if *membership == Membership::Active {
        return list(Vec::new());
    }
    let into = match membership {
        Membership::Merged { into } => Some(text(into.as_str())),
        _ => None,
    };
    list(std::iter::once(text(membership.name())).chain(membership.since().map(number)).chain(into).collect())
}

fn decode_membership(value: Option<&AttributeValue>) -> Result<Membership, Damage> {
    let [state, rest @ ..] = as_list(value, "u")? else { return Ok(Membership::Active) };
    Ok(match as_text(Some(state), "u")? {
        "suspended" => Membership::Suspended { since: as_number(rest.first(), "u")? },
        "closed" => Membership::Closed { since: as_number(rest.first(), "u")? },
        "merged" => {
            let into = as_text(rest.first(), "u")?.parse().map_err(|_not_an_id| damaged("u"))?;
            Membership::Merged { into }
        }
        "erased" => Membership::Erased,
        _ => return Err(damaged("u")),
    })
}

fn encode_holds(account: &Account) -> AttributeValue {
    let holds = account.holds.iter().map(|(sequence, hold)| {
        let lots = account.pockets.held_by(*sequence).flat_map(|(at, points)| [instant(at), number(points)]);
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

/// The first month, and the points of it and of each month after it.
fn encode_months(months: &BTreeMap<Month, Points>) -> Vec<AttributeValue> {
    let Some(((first, _), (last, _))) = months.first_key_value().zip(months.last_key_value()) else {
        return Vec::new();
    };
    let mut values = vec![number(first.0)];
    let mut month = *first;
    while month <= *last {
        values.push(number(months.get(&month).copied().unwrap_or_default()));
        month = month.next();
    }
    values
}

/// An account as an item.
#[must_use]
pub fn encode_record(record: &Record) -> Item {
    let mut item = encode(record);
    put_check(&mut item, &record.account.seal.0);
    item
}

/// An account's size in bytes, as it would be stored.
pub(crate) fn size_of_record(record: &Record) -> usize {
    size_of(&encode(record)) + size_of_check(record.account.seal.0.len())
}

/// All but the check.
fn encode(record: &Record) -> Item {
    let account = &record.account;
    let mut item = Item::new();
    item.insert(table::MEMBER.to_owned(), text(account.member.as_str()));
    item.insert("v".to_owned(), number(record.version));
    item.insert("q".to_owned(), number(account.sequence));
    item.insert("h".to_owned(), bytes(&account.head.0));
    put(&mut item, "u", encode_membership(&account.membership));
    let lots = account.pockets.active.iter().flat_map(|(at, points)| [instant(*at), number(points)]);
    put(&mut item, "l", list(lots.collect()));
    let pending = account.pockets.pending.iter();
    let pending =
        pending.flat_map(|((activates, expires), points)| [instant(*activates), instant(*expires), number(points)]);
    put(&mut item, "p", list(pending.collect()));
    if account.pockets.debt.is_positive() {
        item.insert("d".to_owned(), number(account.pockets.debt));
    }
    put(&mut item, "o", encode_holds(account));
    encode_tiers(&account.tiers, &mut item);
    encode_score(account.score.as_ref(), &mut item);
    if account.rescore {
        item.insert("j".to_owned(), AttributeValue::Bool(true));
    }
    put(&mut item, "m", list(encode_months(&account.qualifying)));
    put(&mut item, "c", encode_counters(&account.counters));
    let streaks = account.streaks.iter().map(|(rule, runs)| {
        (rule.clone(), list(runs.iter().map(|run| list(vec![number(run.first), number(run.last)])).collect()))
    });
    put(&mut item, "k", AttributeValue::M(streaks.collect()));
    put(&mut item, "b", list(account.boosts.iter().map(encode_boost).collect()));
    put(&mut item, "g", list(account.grace.iter().map(|at| instant(*at)).collect()));
    let openings = account.openings.iter().map(|(part, entry)| (part.clone(), number(entry)));
    put(&mut item, "r", AttributeValue::M(openings.collect()));
    item.extend(encode_cutovers(&account.cutovers).map(|cutovers| ("i".to_owned(), cutovers)));
    if account.lifetime.is_positive() {
        item.insert("lt".to_owned(), number(account.lifetime));
    }
    if let Some(Recorded { sequence, at }) = record.sealed {
        item.insert("s".to_owned(), number(sequence));
        item.insert("w".to_owned(), instant(at));
    }
    if let Some(due) = record.due {
        item.insert(table::DUE_SHARD.to_owned(), number(shard(account.member.as_str())));
        item.insert(table::DUE_AT.to_owned(), instant(due));
    }
    put(&mut item, "e", encode_entries(&record.recent));
    item
}

/// An account from an item. Nobody sees one that is not what was written: neither the item, nor the state that the seal is of.
///
/// # Errors
/// The item is damaged.
pub fn decode_record(item: &Item) -> Result<Record, Damage> {
    decode(item).map_err(|damage| damage.of(table::ACCOUNTS))
}

fn decode(item: &Item) -> Result<Record, Damage> {
    let member: MemberId =
        as_text(item.get(table::MEMBER), table::MEMBER)?.parse().map_err(|_not_an_id| damaged("member"))?;
    let mut account = Account::new(member);
    account.seal = Seal(checked(item)?);
    account.sequence = as_number(item.get("q"), "q")?;
    account.head = Hash(as_bytes(item.get("h"), "h")?);
    account.membership = decode_membership(item.get("u"))?;
    account.pockets.active = Flat::new(item.get("l"), "l")?.all(Flat::lot)?.into_iter().collect();
    let pending = |flat: &mut Flat<'_>| Ok(((flat.instant()?, flat.instant()?), flat.points()?));
    account.pockets.pending = Flat::new(item.get("p"), "p")?.all(pending)?.into_iter().collect();
    account.pockets.debt = item.get("d").map_or(Ok(Points::ZERO), |value| as_number(Some(value), "d").map(Points))?;
    decode_holds(item, &mut account)?;
    account.tiers = decode_tiers(item)?;
    account.score = decode_score(item)?;
    account.rescore = item.contains_key("j");
    let mut months = Flat::new(item.get("m"), "m")?;
    if !months.is_done() {
        let mut month = Month(months.number()?);
        for points in months.all(Flat::points)? {
            account.qualify(month, points);
            month = month.next();
        }
    }
    account.counters = decode_counters(item.get("c"))?;
    for (rule, value) in as_map(item.get("k"), "k")? {
        let run = |value: &AttributeValue| {
            let parts = as_list(Some(value), "k")?;
            Ok(Run { first: as_number(parts.first(), "k")?, last: as_number(parts.get(1), "k")? })
        };
        let runs = as_list(Some(value), "k")?.iter().map(run).collect::<Result<_, Damage>>()?;
        account.streaks.insert(rule.clone(), runs);
    }
    account.boosts = as_list(item.get("b"), "b")?.iter().map(decode_boost).collect::<Result<_, _>>()?;
    account.grace =
        as_list(item.get("g"), "g")?.iter().map(|at| as_instant(Some(at), "g")).collect::<Result<_, _>>()?;
    for (part, entry) in as_map(item.get("r"), "r")? {
        account.openings.insert(part.clone(), as_number(Some(entry), "r")?);
    }
    account.cutovers = decode_cutovers(item.get("i"), "i")?;
    account.lifetime = item.get("lt").map_or(Ok(Points::ZERO), |value| as_number(Some(value), "lt").map(Points))?;
    let sealed = |value| {
        Ok::<_, Damage>(Recorded { sequence: as_number(Some(value), "s")?, at: as_instant(item.get("w"), "w")? })
    };
    let sealed = item.get("s").map(sealed).transpose()?;
    let first = sealed.map_or(1, |sealed| sealed.sequence + 1);
    let recent = decode_entries(item.get("e"), first, account.pockets.total())?;
    let due = item.get(table::DUE_AT).map(|value| as_instant(Some(value), table::DUE_AT)).transpose()?;
    let mut record = Record { version: as_number(item.get("v"), "v")?, recent, account, sealed, due };
    let newest = record.recent.last().map(|entry| entry.sequence).or(sealed.map(|sealed| sealed.sequence));
    if newest.unwrap_or_default() != record.account.sequence {
        return Err(contradicts("e"));
    }
    if !record.account.is_whole() {
        return Err(contradicts("a"));
    }
    record.account.written_at = record.newest_at();
    Ok(record)
}

fn decode_holds(item: &Item, account: &mut Account) -> Result<(), Damage> {
    for (sequence, value) in as_map(item.get("o"), "o")? {
        let sequence: u64 = sequence.parse().map_err(|_not_a_number| damaged("o"))?;
        let fields: BTreeMap<_, _> = as_map(Some(value), "o")?.into_iter().collect();
        let field = |name: &str| fields.get(&name.to_owned()).copied();
        let hold = Hold {
            order: as_text(field("o"), "o")?.to_owned(),
            value: Minor(as_number(field("w"), "w")?),
            until: as_instant(field("u"), "u")?,
        };
        account.holds.insert(sequence, hold);
        for (expires_at, points) in Flat::new(field("l"), "l")?.all(Flat::lot)? {
            account.pockets.held.insert((sequence, expires_at), points);
        }
    }
    Ok(())
}
