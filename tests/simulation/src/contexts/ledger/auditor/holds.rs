//! What was held for orders, over all members: one hold at a time, none for an order that is paid, and what was captured earns nothing.

use std::collections::BTreeMap;

use super::entry::{Detail, Entry, Movement, PointsPaid};
use super::member::Member;

/// How far clocks may differ, in milliseconds: what lies closer has no order.
const SKEW: i64 = 10 * 60_000;

/// Points held for an order. Instants are in milliseconds.
struct Held<'a> {
    member: &'a str,
    sequence: u64,
    from: i64,
    until: i64,
    value: i64,
    points: i64,
    /// The entry that captured it.
    captured: Option<u64>,
    reversed: i64,
}

/// What is wrong when everything is known.
pub(super) fn wrong(members: &BTreeMap<String, Member>) -> Vec<String> {
    let mut orders: BTreeMap<&str, Vec<Held<'_>>> = BTreeMap::new();
    let mut paid: BTreeMap<&str, (&str, &Entry)> = BTreeMap::new();
    for (name, member) in members {
        for (order, held) in holds(name, &member.entries) {
            orders.entry(order).or_default().push(held);
        }
        for entry in &member.entries {
            if let Detail::Earn { order: Some(order), .. } = &entry.detail {
                paid.insert(order, (name, entry));
            }
        }
    }
    let mut wrong = Vec::new();
    for (order, (_, entry)) in &paid {
        let Some(PointsPaid { reported_minor, captured_minor, net_minor }) = said(entry) else { continue };
        let cash = (net_minor - reported_minor.max(captured_minor)).max(0);
        if net(entry) != cash {
            wrong.push(format!("{order} earns by {}, where {cash} were paid in cash", net(entry)));
        }
    }
    for (order, mut held) in orders {
        held.sort_by_key(|held| held.from);
        for pair in held.windows(2) {
            // Which of the two was first, clocks do not say.
            if pair[1].from + SKEW < pair[0].until.min(pair[1].until) {
                wrong.push(format!("{order} has two holds: {} and {}", pair[0].id(), pair[1].id()));
            }
        }
        let Some((member, entry)) = paid.get(order) else { continue };
        let recorded = entry.recorded_at.as_millisecond();
        for held in held {
            if held.from > recorded + SKEW {
                wrong.push(format!("{} is held for {order}, which is paid", held.id()));
            }
            let before = held.captured.is_some_and(|captured| captured < entry.sequence);
            let captured = said(entry).map(|paid| paid.captured_minor).filter(|captured| *captured != held.value);
            if let Some(captured) = captured.filter(|_| held.member == *member && before && held.reversed == 0) {
                wrong.push(format!("{order} is said to be paid with {captured}, and {} were captured", held.value));
            }
        }
    }
    wrong
}

impl Held<'_> {
    fn id(&self) -> String {
        format!("{}.{}", self.member, self.sequence)
    }
}

/// The holds of a member, by order.
fn holds<'a>(member: &'a str, entries: &'a [Entry]) -> Vec<(&'a str, Held<'a>)> {
    let mut all: BTreeMap<u64, (&str, Held<'_>)> = BTreeMap::new();
    let mut captures: BTreeMap<u64, u64> = BTreeMap::new();
    for entry in entries {
        let (sequence, at) = (entry.sequence, entry.recorded_at.as_millisecond());
        match &entry.detail {
            Detail::Hold { order, value_minor, until } => {
                let held = entry.movements.iter().map(|movement| match movement {
                    Movement::Held { points, .. } => *points,
                    _ => 0,
                });
                let (from, until, value, points) = (at, until.as_millisecond(), *value_minor, held.sum());
                let held = Held { member, sequence, from, until, value, points, captured: None, reversed: 0 };
                all.insert(sequence, (order, held));
            }
            Detail::Capture { hold, .. } => {
                captures.insert(sequence, *hold);
                if let Some((_, held)) = all.get_mut(hold) {
                    (held.captured, held.until) = (Some(sequence), i64::MAX);
                }
            }
            Detail::Release { hold } => {
                if let Some((_, held)) = all.get_mut(hold) {
                    held.until = at;
                }
            }
            Detail::Reverse { redemption, points, .. } => {
                let hold = captures.get(redemption);
                if let Some((_, held)) = hold.and_then(|hold| all.get_mut(hold)) {
                    held.reversed += points;
                    if held.reversed == held.points {
                        held.until = at;
                    }
                }
            }
            _ => {}
        }
    }
    all.into_values().collect()
}

/// What an order says of points that paid for it, if that is not what was captured.
fn said(entry: &Entry) -> Option<PointsPaid> {
    match &entry.detail {
        Detail::Earn { points_paid, .. } => *points_paid,
        _ => None,
    }
}

/// What an order earns by.
fn net(entry: &Entry) -> i64 {
    match &entry.detail {
        Detail::Earn { inputs, .. } => inputs.net.unwrap_or_default(),
        _ => 0,
    }
}
