//! A check over an item, so that whatever is changed in it shows before anything is decided by it.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest as _, Sha256};

use crate::attribute::{Item, bytes};
use crate::error::{Damage, contradicts, damaged};

/// The attribute: what else it holds, then four bytes.
const CHECK: &str = "a";

/// Puts the check of an item's other attributes into it, after some bytes of its own.
pub(crate) fn put_check(item: &mut Item, own: &[u8]) {
    let check = check(item);
    item.insert(CHECK.to_owned(), bytes(&[own, &check].concat()));
}

/// What the check adds to an item's size, with so many bytes of its own.
pub(crate) fn size_of_check(own: usize) -> usize {
    CHECK.len() + own + 4
}

/// The bytes that stand before the check of an item, if it is right.
///
/// # Errors
/// It is not: something in the item was changed.
pub(crate) fn checked<const N: usize>(item: &Item) -> Result<[u8; N], Damage> {
    let stored = item.get(CHECK).and_then(|value| value.as_b().ok()).map(Blob::as_ref).ok_or_else(|| damaged(CHECK))?;
    let (own, stored) = stored.split_at_checked(N).ok_or_else(|| damaged(CHECK))?;
    if stored != check(item) {
        return Err(contradicts(CHECK));
    }
    own.try_into().map_err(|_wrong_length| damaged(CHECK))
}

/// The first bytes of SHA-256 over the other attributes, in the order of their names.
fn check(item: &Item) -> [u8; 4] {
    let mut hasher = Sha256::new();
    let mut fields: Vec<_> = item.iter().filter(|(name, _)| *name != CHECK).collect();
    fields.sort_unstable_by_key(|(name, _)| name.as_str());
    for (name, value) in fields {
        part(b'n', name.as_bytes(), &mut hasher);
        hash(value, &mut hasher);
    }
    four(hasher)
}

/// The check of one value: the first bytes of SHA-256 over it.
pub(crate) fn check_of(value: &AttributeValue) -> [u8; 4] {
    let mut hasher = Sha256::new();
    hash(value, &mut hasher);
    four(hasher)
}

fn four(hasher: Sha256) -> [u8; 4] {
    let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
    [a, b, c, d]
}

/// Some bytes after a letter and their length, so that no two items have one text.
fn part(letter: u8, bytes: &[u8], hasher: &mut Sha256) {
    begin(letter, bytes.len(), hasher);
    hasher.update(bytes);
}

fn begin(letter: u8, length: usize, hasher: &mut Sha256) {
    hasher.update([letter]);
    hasher.update(u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
}

fn hash(value: &AttributeValue, hasher: &mut Sha256) {
    match value {
        AttributeValue::S(text) => part(b'S', text.as_bytes(), hasher),
        AttributeValue::N(number) => part(b'N', number.as_bytes(), hasher),
        AttributeValue::B(blob) => part(b'B', blob.as_ref(), hasher),
        AttributeValue::Bool(so) => part(b'T', &[u8::from(*so)], hasher),
        AttributeValue::L(items) => {
            begin(b'L', items.len(), hasher);
            items.iter().for_each(|item| hash(item, hasher));
        }
        AttributeValue::M(fields) => {
            begin(b'M', fields.len(), hasher);
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| name.as_str());
            for (name, value) in fields {
                part(b'n', name.as_bytes(), hasher);
                hash(value, hasher);
            }
        }
        _ => begin(b'?', 0, hasher), // nothing of ours is written so
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{number, text};

    #[test]
    fn whatever_is_changed_shows() {
        let item: Item = [
            ("s".to_owned(), text("ab")),
            ("l".to_owned(), AttributeValue::L(vec![text("a"), text("b"), number(3)])),
            ("m".to_owned(), AttributeValue::M([("k".to_owned(), AttributeValue::Bool(true))].into())),
        ]
        .into();
        let mut sealed = item.clone();
        put_check(&mut sealed, &[7, 8]);
        assert_eq!(checked::<2>(&sealed).unwrap(), [7, 8]);
        let changed: [(&str, AttributeValue); 6] = [
            ("s", text("ac")),
            ("s", number(3)),
            ("l", AttributeValue::L(vec![text("ab"), number(3)])),
            ("l", AttributeValue::L(vec![text("b"), text("a"), number(3)])),
            ("m", AttributeValue::M([("k".to_owned(), AttributeValue::Bool(false))].into())),
            ("new", text("")),
        ];
        for (name, value) in changed {
            let mut other = sealed.clone();
            other.insert(name.to_owned(), value);
            assert!(checked::<2>(&other).is_err(), "{name}");
        }
        for name in ["s", "l", "m", "a"] {
            let mut other = sealed.clone();
            other.remove(name);
            assert!(checked::<2>(&other).is_err(), "{name}");
        }
        assert!(checked::<3>(&sealed).is_err(), "its own bytes are others");
    }
}
