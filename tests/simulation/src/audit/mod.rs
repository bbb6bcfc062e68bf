//! The auditor: recomputes everything from the stored entries with arithmetic of its own. It shares the wire format with
//! the product, and nothing that decides.

use std::collections::{BTreeMap, BTreeSet};

use domain::entry::{Detail, Entry, Movement, Settlement};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{Page, Record, decode_page, decode_record};

use crate::dynamo::Dynamo;

/// What the auditor knows of a member after reading its ledger.
pub(crate) struct Audited {
    pub(crate) entries: Vec<Entry>,
}

/// Where points are, by the auditor's own count.
#[derive(Debug, Default, Clone)]
struct Books {
    active: BTreeMap<i64, i64>,
    pending: BTreeMap<(i64, i64), i64>,
    held: BTreeMap<(u64, i64), i64>,
    debt: i64,
}

impl Books {
    fn total(&self) -> i64 {
        let sum = |values: Vec<i64>| values.iter().sum::<i64>();
        sum(self.active.values().copied().collect())
            + sum(self.pending.values().copied().collect())
            + sum(self.held.values().copied().collect())
            - self.debt
    }

    fn moved(&mut self, movement: &Movement) {
        match *movement {
            Movement::Active { expires_at, points } => {
                *self.active.entry(expires_at.as_millisecond()).or_default() += points.0
            }
            Movement::Pending { activates_at, expires_at, points } => {
                let key = (activates_at.as_millisecond(), expires_at.as_millisecond());
                *self.pending.entry(key).or_default() += points.0;
            }
            Movement::Held { hold, expires_at, points } => {
                *self.held.entry((hold, expires_at.as_millisecond())).or_default() += points.0;
            }
            Movement::Debt { points } => self.debt -= points.0,
        }
        self.active.retain(|_, points| *points != 0);
        self.pending.retain(|_, points| *points != 0);
        self.held.retain(|_, points| *points != 0);
    }

    fn settled(&mut self, settlement: &Settlement) {
        match settlement {
            Settlement::Activated { activates_at, expires_at, points, repaid } => {
                let key = (activates_at.as_millisecond(), expires_at.as_millisecond());
                *self.pending.entry(key).or_default() -= points.0;
                *self.active.entry(key.1).or_default() += points.0 - repaid.0;
                self.debt -= repaid.0;
            }
            Settlement::Expired { expires_at, points } => {
                *self.active.entry(expires_at.as_millisecond()).or_default() -= points.0;
            }
            Settlement::Released { hold, parts, repaid, .. } => {
                let mut owed = repaid.0;
                self.debt -= repaid.0;
                for (expires_at, points) in parts {
                    let kept = points.0 - owed.min(points.0);
                    owed -= points.0 - kept;
                    *self.held.entry((*hold, expires_at.as_millisecond())).or_default() -= points.0;
                    *self.active.entry(expires_at.as_millisecond()).or_default() += kept;
                }
            }
        }
        self.active.retain(|_, points| *points != 0);
        self.pending.retain(|_, points| *points != 0);
        self.held.retain(|_, points| *points != 0);
    }
}

/// Reads every ledger and returns what is wrong, besides what was read.
pub(crate) fn audit(dynamo: &Dynamo) -> (BTreeMap<String, Audited>, Vec<String>) {
    let mut wrong = Vec::new();
    let mut pages: BTreeMap<String, Vec<Page>> = BTreeMap::new();
    for item in dynamo.dump("PagesTable") {
        let member = item["member"]["S"].as_str().unwrap_or_default().to_owned();
        match decode_page(&attributes(&item)) {
            Ok(page) => pages.entry(member).or_default().push(page),
            Err(error) => wrong.push(format!("a page of {member}: {error}")),
        }
    }
    let mut ledgers = BTreeMap::new();
    for item in dynamo.dump("AccountsTable") {
        let member = item["member"]["S"].as_str().unwrap_or_default().to_owned();
        match decode_record(&attributes(&item)) {
            Ok(record) => {
                let pages = pages.remove(&member).unwrap_or_default();
                let (entries, found) = ledger(&record, pages);
                wrong.extend(found.into_iter().map(|what| format!("{member}: {what}")));
                ledgers.insert(member, Audited { entries });
            }
            Err(error) => wrong.push(format!("{member}: {error}")),
        }
    }
    (ledgers, wrong)
}

/// An item as the SDK has it, from the wire's JSON.
fn attributes(item: &Value) -> std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue> {
    item.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

fn attribute(value: &Value) -> aws_sdk_dynamodb::types::AttributeValue {
    use aws_sdk_dynamodb::types::AttributeValue;
    let Some((kind, value)) = value.as_object().and_then(|fields| fields.iter().next()) else {
        return AttributeValue::Null(true);
    };
    let text = || value.as_str().unwrap_or_default().to_owned();
    match kind.as_str() {
        "S" => AttributeValue::S(text()),
        "N" => AttributeValue::N(text()),
        "B" => {
            AttributeValue::B(aws_smithy_types::Blob::new(aws_smithy_types::base64::decode(text()).unwrap_or_default()))
        }
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap_or_default()),
        "L" => AttributeValue::L(value.as_array().into_iter().flatten().map(attribute).collect()),
        "M" => AttributeValue::M(attributes(value)),
        _ => AttributeValue::Null(true),
    }
}

/// Puts the pages and the newest entries together, and checks each entry and the account.
fn ledger(record: &Record, mut pages: Vec<Page>) -> (Vec<Entry>, Vec<String>) {
    let mut wrong = Vec::new();
    pages.sort_by_key(|page| page.entries[0].sequence);
    let sealed = record.sealed.map_or(0, |(sealed, _)| sealed);
    let (mut entries, mut head) = (Vec::new(), [0_u8; 32]);
    for page in pages {
        if page.entries[0].sequence > sealed {
            // Left behind by a crash: it must equal the beginning of what is still recent.
            if !record.recent.starts_with(&page.entries) {
                wrong.push(format!("the page from {} is neither sealed nor adoptable", page.entries[0].sequence));
            }
            continue;
        }
        for entry in &page.entries {
            head = link(head, entry);
        }
        if head != page.head.0 {
            wrong.push(format!("the chain breaks in the page from {}", page.entries[0].sequence));
        }
        entries.extend(page.entries);
    }
    if entries.last().map_or(0, |entry: &Entry| entry.sequence) != sealed {
        wrong.push(format!("sealed history ends before {sealed}"));
    }
    for entry in &record.recent {
        head = link(head, entry);
    }
    if head != record.account.head.0 {
        wrong.push("the chain does not end in the account".to_owned());
    }
    entries.extend(record.recent.clone());
    wrong.extend(check_entries(record, &entries));
    wrong.extend(check_orders(&entries));
    (entries, wrong)
}

fn link(head: [u8; 32], entry: &Entry) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(head);
    hasher.update(entry.canonical());
    hasher.finalize().into()
}

fn check_entries(record: &Record, entries: &[Entry]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut books = Books::default();
    let mut operations = BTreeSet::new();
    let mut newest = i64::MIN;
    for (place, entry) in entries.iter().enumerate() {
        let mut say = |what: String| wrong.push(format!("entry {}: {what}", entry.sequence));
        let now = entry.recorded_at.as_millisecond();
        if usize::try_from(entry.sequence).ok() != Some(place + 1) {
            say(format!("stands at place {}", place + 1));
        }
        if now < newest {
            say("was recorded before the entry before it".to_owned());
        }
        newest = newest.max(now);
        if !operations.insert(entry.operation) {
            say("repeats an operation".to_owned());
        }
        entry.settled.iter().for_each(|settlement| books.settled(settlement));
        let early =
            books.active.keys().find(|at| **at <= now).is_some() || books.pending.keys().any(|(at, _)| *at <= now);
        if early {
            say("did not settle what was due".to_owned());
        }
        if let Some(what) = draws_in_order(&books, entry) {
            say(what);
        }
        entry.movements.iter().for_each(|movement| books.moved(movement));
        let negative =
            books.active.values().chain(books.pending.values()).chain(books.held.values()).any(|points| *points < 0);
        if negative || books.debt < 0 {
            say("leaves less than nothing".to_owned());
        }
        let spendable = books.active.range(now + 1..).next().is_some();
        if books.debt > 0 && spendable {
            say("leaves a debt beside points".to_owned());
        }
        if books.total() != entry.balance.0 {
            say(format!("says {} are left, the entries say {}", entry.balance, books.total()));
        }
    }
    let pockets = &record.account.pockets;
    if books.total() != pockets.total().0 || books.debt != pockets.debt.0 || books.active.len() != pockets.active.len()
    {
        wrong.push(format!("the account has {}, its entries give {}", pockets.total(), books.total()));
    }
    if usize::try_from(record.account.sequence).ok() != Some(entries.len()) {
        wrong.push(format!("the account counts {} entries, there are {}", record.account.sequence, entries.len()));
    }
    wrong
}

/// Spending takes the lots that expire first first, and none that has expired.
fn draws_in_order(books: &Books, entry: &Entry) -> Option<String> {
    if !matches!(entry.detail, Detail::Redeem { .. } | Detail::Hold { .. }) {
        return None;
    }
    let mut left = books.active.clone();
    for movement in &entry.movements {
        let Movement::Active { expires_at, points } = *movement else { continue };
        let at = expires_at.as_millisecond();
        if points.0 >= 0 {
            continue;
        }
        if at <= entry.recorded_at.as_millisecond() {
            return Some("spends points that have expired".to_owned());
        }
        if left.range(..at).any(|(_, points)| *points > 0) {
            return Some("spends later points before earlier ones".to_owned());
        }
        *left.entry(at).or_default() += points.0;
        left.retain(|_, points| *points != 0);
    }
    None
}

/// An order earns once, and refunds never take back more than it earned; all of it, if all of it is refunded.
fn check_orders(entries: &[Entry]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut earned: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let mut taken: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for entry in entries {
        match &entry.detail {
            Detail::Earn { order: Some(order), inputs, trace, .. } => {
                let net = inputs.net.map_or(0, |net| net.0) - inputs.netted.0;
                let points = trace.values().map(|points| points.0).sum();
                if earned.insert(order, (net, points)).is_some() {
                    wrong.push(format!("order {order} earned twice"));
                }
            }
            Detail::Refund { order, amount_minor, parked: false, expired, shortfall, .. } => {
                let points: i64 = entry.movements.iter().map(|movement| movement.points().0).sum();
                let sum = taken.entry(order).or_default();
                sum.0 += amount_minor.0;
                sum.1 += expired.0 + shortfall.0 - points;
            }
            _ => {}
        }
    }
    for (order, (amount, points)) in taken {
        let Some((net, given)) = earned.get(order) else {
            wrong.push(format!("order {order} was refunded and never earned"));
            continue;
        };
        if amount > *net || points > *given || (amount == *net && points != *given) {
            wrong.push(format!("order {order} of {net} earned {given}; refunds of {amount} took {points}"));
        }
    }
    wrong
}
