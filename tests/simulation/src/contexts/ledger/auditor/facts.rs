//! Whose each fact is: over all members one credit for each order, refund and behaviour, and a row that says so.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::string;
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
        let key = after["k"]["B"].as_str().unwrap_or_default();
        self.owners.insert(hex_of_base64(key), string(after, "m"));
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

/// Bytes from base64 (RFC 4648), in hexadecimal.
fn hex_of_base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut hex) = (0_u32, 0, String::new());
    for digit in text.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte)) {
        (bits, count) = ((bits << 6) | u32::try_from(digit).unwrap_or_default(), count + 6);
        if count >= 8 {
            count -= 8;
            hex.push_str(&format!("{:02x}", (bits >> count) & 0xff));
        }
    }
    hex
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_are_read_as_they_are_stored() {
        assert_eq!(super::hex_of_base64("AAECAwQFBgcICQoLDA0ODw=="), "000102030405060708090a0b0c0d0e0f");
        assert_eq!(super::hex_of_base64("/+8="), "ffef");
    }
}
