//! Whose each fact is: over all members one credit for each order, refund and behaviour, and a row that says so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::{hexadecimal, string};
use super::canonical::of_parts;
use super::entry::{Detail, Entry};
use super::parked::Parked;

/// What is known of facts.
#[derive(Default)]
pub(super) struct Facts {
    /// Members, by the keys of their facts as the table has them.
    owners: BTreeMap<String, String>,
    /// The entry that recorded a fact, by what the fact is called.
    recorded: BTreeMap<String, (String, u64)>,
    /// Refunds that came before their order, by order.
    parked: BTreeMap<String, Vec<Parked>>,
    /// Reversals that came before their fact, by the fact's row.
    reversals: BTreeMap<String, Vec<Parked>>,
    /// Whose orders were before they were moved, and who stood for those, by the keys of their rows.
    had: BTreeMap<String, Vec<String>>,
}

impl Facts {
    /// A row, as it was and as it is.
    pub(super) fn see(&mut self, before: &Value, after: &Value) -> Vec<String> {
        self.owners.insert(hexadecimal::<16>(&after["k"], "k").unwrap_or_default(), string(after, "m"));
        let had = after["mv"]["L"].as_array().into_iter().flatten();
        let had =
            had.flat_map(|moved| [2, 4, 6].map(|place| moved["L"][place]["S"].as_str().unwrap_or_default().to_owned()));
        self.had.insert(hexadecimal::<16>(&after["k"], "k").unwrap_or_default(), had.collect());
        let (Ok(was), Ok(is)) = (Parked::of_row(before), Parked::of_row(after)) else {
            return vec!["refunds that wait cannot be read".to_owned()];
        };
        let mut wrong = Vec::new();
        let kept = was.len() <= is.len() && was.iter().zip(&is).all(|(before, after)| after.follows(before));
        if !kept {
            wrong.push(format!("refunds that came before their order were {was:?} and are {is:?}"));
        }
        let own = hexadecimal::<16>(&after["k"], "k").unwrap_or_default();
        let (reversals, is): (Vec<Parked>, Vec<Parked>) = is.into_iter().partition(|parked| parked.reverses);
        for one in &reversals {
            if of_parts(&[b"fact", one.order.as_bytes(), one.id.as_bytes()], 16) != own {
                wrong.push(format!("the reversal of {} of {} is in another row", one.id, one.order));
            }
        }
        if !reversals.is_empty() {
            self.reversals.insert(own, reversals);
        }
        for one in &is {
            let names = [("refund", &one.id), ("order", &one.order)];
            let keys = names.map(|(kind, name)| of_parts(&[kind.as_bytes(), name.as_bytes()], 16));
            let own = hexadecimal::<16>(&after["k"], "k").unwrap_or_default();
            if keys != [one.operation.clone(), own] {
                wrong.push(format!("refund {} of order {} is in another row, or another's", one.id, one.order));
            }
        }
        if let Some(first) = is.first() {
            self.parked.insert(first.order.clone(), is.clone());
        }
        wrong
    }

    /// How much of an entry's order had been paid back before it came, to its member.
    pub(super) fn paid_back(&self, member: &str, entry: &Entry) -> Result<i64, String> {
        let Detail::Earn { order: Some(order), inputs, moved, .. } = &entry.detail else { return Ok(0) };
        if moved.is_some() {
            return Ok(inputs.netted); // held against what left the other account
        }
        let (mut sum, paid_at) = (0, entry.occurred_at.as_millisecond());
        for parked in self.parked.get(order).into_iter().flatten().filter(|parked| parked.fate != "no_order") {
            let expected = parked.expected(member, paid_at);
            if parked.fate != expected {
                return Err(format!("refund {} of {order} is {:?}, not {expected}", parked.id, parked.fate));
            }
            sum += if expected == "netted" { parked.amount } else { 0 };
        }
        Ok(sum)
    }

    /// Refunds that should have lapsed.
    pub(super) fn lapsing(&self, now: i64) -> impl Iterator<Item = String> {
        let all = self.parked.values().chain(self.reversals.values()).flatten();
        let all = all.filter(move |parked| parked.lapses(now));
        all.map(|parked| format!("refund {} of {} waits for too long", parked.id, parked.order))
    }

    /// Is a refund kept?
    pub(super) fn keeps(&self, order: &str, refund: &str) -> bool {
        self.parked.get(order).is_some_and(|kept| kept.iter().any(|parked| parked.id == refund))
    }

    /// A fact that came after its reversal was taken back, at once: what became of those that waited.
    pub(super) fn reversed(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let recorded = |operation: &str| self.recorded.get(&format!("operation {operation}"));
        for one in self.reversals.values().flatten() {
            let fact = of_parts(&[b"fact", one.order.as_bytes(), one.id.as_bytes(), b"earn"], 16);
            let (of, by) = (recorded(&fact), recorded(&one.operation));
            let ours = of.filter(|(member, _)| one.member.as_ref() == Some(member));
            let expected = match (ours, one.fate.as_str()) {
                (Some((member, sequence)), "netted") => by == Some(&(member.clone(), sequence + 1)),
                (Some(_), fate) => !fate.is_empty() && by.is_none(),
                (None, fate) => fate != "netted" && by.is_none(),
            };
            if !expected {
                wrong.push(format!("{one:?} waited for {of:?} and became {by:?}"));
            }
        }
        wrong
    }

    /// An entry of a member.
    pub(super) fn enter(&mut self, member: &str, entry: &Entry) -> Vec<String> {
        let order = match &entry.detail {
            Detail::Earn { order, .. } => order.as_ref(),
            Detail::Refund { .. } | Detail::ActivityReversal { .. } | Detail::GrantRefused { .. } => None,
            Detail::Redeem { cause: Some(_), .. } | Detail::Benefit { cause: Some(_), .. } => None,
            _ => return Vec::new(),
        };
        let mut wrong = Vec::new();
        let names = std::iter::once(format!("operation {}", entry.operation));
        let had = order.and_then(|order| self.had.get(&of_parts(&[b"order", order.as_bytes()], 16)));
        let was = had.is_some_and(|had| had.iter().any(|name| name == member));
        let order = order.filter(|_| !was); // it went from one to the other
        for name in names.chain(order.map(|order| format!("order {order}"))) {
            let own = (member.to_owned(), entry.sequence);
            let first = self.recorded.entry(name.clone()).or_insert_with(|| own.clone());
            if *first != own {
                wrong.push(format!("{name} is in the ledger of {} as {}, too", first.0, first.1));
            }
        }
        if let Some(order) = order {
            let key = of_parts(&[b"order", order.as_bytes()], 16);
            let owner = self.owners.get(&key);
            if owner.is_none_or(|owner| owner != member) {
                wrong.push(format!("entry {} is of order {order}, which is {owner:?}'s", entry.sequence));
            }
        }
        wrong
    }
}
