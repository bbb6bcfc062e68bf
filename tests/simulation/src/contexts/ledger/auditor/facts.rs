//! Whose each fact is: over all members one credit for each order, refund and behaviour, and a row that says so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::{hexadecimal, string};
use super::canonical::of_parts;
use super::entry::{Detail, Entry};

/// What is known of facts.
#[derive(Default)]
pub(super) struct Facts {
    /// Members, by the keys of their facts as the table has them.
    owners: BTreeMap<String, String>,
    /// The entry that recorded a fact, by what the fact is called.
    recorded: BTreeMap<String, (String, u64)>,
}

impl Facts {
    /// A row.
    pub(super) fn see(&mut self, after: &Value) {
        self.owners.insert(hexadecimal::<16>(&after["k"], "k").unwrap_or_default(), string(after, "m"));
    }

    /// An entry of a member.
    pub(super) fn enter(&mut self, member: &str, entry: &Entry) -> Vec<String> {
        let order = match &entry.detail {
            Detail::Earn { order, .. } => order.as_ref(),
            Detail::Refund { .. } => None,
            _ => return Vec::new(),
        };
        let mut wrong = Vec::new();
        let names = std::iter::once(format!("operation {}", entry.operation));
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
