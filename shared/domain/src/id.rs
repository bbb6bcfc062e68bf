//! Names of things: members, entries, operations; and the hashes that stand for content.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::planted;

/// A member's pseudonymous id: 1 to 64 characters of `A-Z a-z 0-9 _ -`. It carries no personal data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MemberId(String);

impl MemberId {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MemberId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err("a member id is 1 to 64 characters of A-Z a-z 0-9 _ -".to_owned())
        }
    }
}

impl TryFrom<String> for MemberId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<MemberId> for String {
    fn from(member: MemberId) -> Self {
        member.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An entry's public id, `member.sequence`, e.g. `m-1.42`. A redemption, a hold and an adjustment are known by the id of
/// the entry that made them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryId {
    /// Whose account.
    pub member: MemberId,
    /// Which entry, counted from 1.
    pub sequence: u64,
}

impl FromStr for EntryId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (member, sequence) = text.split_once('.').ok_or("an entry id is `member.sequence`")?;
        let sequence =
            sequence.parse().ok().filter(|&sequence| sequence > 0 && !text.ends_with(|c: char| !c.is_ascii_digit()));
        Ok(Self { member: member.parse()?, sequence: sequence.ok_or("an entry's sequence is a number from 1")? })
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.member, self.sequence)
    }
}

/// Bytes that are written as lower-case hexadecimal.
macro_rules! hexadecimal {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $size]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let mut bytes = [0; $size];
                let pairs = text.as_bytes().chunks(2);
                if text.len() != $size * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(concat!("not ", $size, " bytes in hexadecimal").to_owned());
                }
                for (byte, pair) in bytes.iter_mut().zip(pairs) {
                    let digits = std::str::from_utf8(pair).expect("hexadecimal digits are ASCII");
                    *byte = u8::from_str_radix(digits, 16).expect("checked above");
                }
                Ok(Self(bytes))
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "pattern": format!("^[0-9a-f]{{{}}}$", $size * 2)})
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hexadecimal!(
    /// What makes a command one and the same for ever: the hash of its business key, or of its scoped Idempotency-Key
    /// (rules: idempotency).
    OperationId,
    16
);
hexadecimal!(
    /// A hash of what a command asks, to tell a repeat from a conflict. Eight bytes: nothing is gained by a collision but
    /// one's own earlier answer.
    ContentHash,
    8
);
hexadecimal!(
    /// SHA-256.
    Hash,
    32
);

/// SHA-256 over parts, each preceded by its length, so that no two lists of parts collide.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).expect("a length fits 64 bits").to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn first<const N: usize>(bytes: [u8; 32]) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[..N]);
    part
}

impl OperationId {
    /// The permanent business key of a fact: the CloudEvents pair `(source, id)` and the leg it takes (`earn`, `refund`).
    #[must_use]
    pub fn of_fact(source: &str, id: &str, leg: &str) -> Self {
        Self(first(digest(&[b"fact", source.as_bytes(), id.as_bytes(), leg.as_bytes()])))
    }

    /// An `Idempotency-Key`, scoped by principal, method and concrete path, so that no member is handed another's answer.
    #[must_use]
    pub fn of_key(principal: &str, method: &str, path: &str, key: &str) -> Self {
        let principal = if planted!("bug-key-unscoped") { "" } else { principal };
        Self(first(digest(&[b"key", principal.as_bytes(), method.as_bytes(), path.as_bytes(), key.as_bytes()])))
    }

    /// A step that can happen once to an earlier entry: the capture of a hold, the approval of an adjustment.
    #[must_use]
    pub fn of_step(sequence: u64, step: &str) -> Self {
        Self(first(digest(&[b"step", &sequence.to_be_bytes(), step.as_bytes()])))
    }
}

impl ContentHash {
    /// Of a JSON value, whatever the order of its keys and its white space.
    #[must_use]
    pub fn of(value: &serde_json::Value) -> Self {
        Self(first(digest(&[canonical_json(value).as_bytes()])))
    }
}

impl Hash {
    /// What the first entry of an account follows.
    pub const GENESIS: Self = Self([0; 32]);

    /// SHA-256 of `previous` and then `content`: the link of a hash chain.
    #[must_use]
    pub fn link(previous: Self, content: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(if planted!("bug-entry-unchained") { [0; 32] } else { previous.0 });
        hasher.update(content.as_bytes());
        Self(hasher.finalize().into())
    }

    /// A leaf of a Merkle tree: SHA-256 of a zero byte and the content (RFC 6962, section 2.1).
    #[must_use]
    pub fn leaf(content: &str) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(content.as_bytes()).finalize().into())
    }

    /// A node of a Merkle tree: SHA-256 of a one byte and both hashes below it.
    #[must_use]
    pub fn node(left: Self, right: Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// SHA-256 of some text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

/// JSON without white space and with sorted keys, as in RFC 8785 for the values used here (no floats): the same bytes from
/// any implementation.
#[must_use]
pub fn canonical_json(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            fields.retain(|(name, _)| *name != "balance" || !planted!("bug-canonical-leaves-out-balance"));
            let fields: Vec<_> = fields
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical_json(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(canonical_json).collect();
            format!("[{}]", items.join(","))
        }
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_scoped_and_parts_do_not_run_together() {
        let key = |principal, path| OperationId::of_key(principal, "POST", path, "k");
        assert_ne!(key("m-1", "/v1/holds"), key("m-2", "/v1/holds"));
        assert_ne!(key("m-1", "/v1/holds"), key("m-1", "/v1/redemptions"));
        assert_ne!(OperationId::of_fact("ab", "c", "earn"), OperationId::of_fact("a", "bc", "earn"));
        assert_ne!(OperationId::of_fact("a", "b", "earn"), OperationId::of_fact("a", "b", "refund"));
    }

    #[test]
    fn content_is_the_same_whatever_the_order_of_keys() {
        let of = |text: &str| ContentHash::of(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"a":1,"b":{"d":2,"c":"中"}}"#), of(r#"{ "b": {"c":"中","d":2}, "a": 1 }"#));
        assert_ne!(of(r#"{"a":1}"#), of(r#"{"a":"1"}"#));
    }

    #[test]
    fn ids_refuse_what_could_break_a_key_or_a_path() {
        for wrong in ["", "a b", "a.b", "王芳", "a/b", "..", &"x".repeat(65)] {
            assert!(wrong.parse::<MemberId>().is_err(), "{wrong}");
        }
        for wrong in ["m-1", "m-1.0", "m-1.-1", "m-1.x", ".1", "m-1.+1x", "m-1.1.1"] {
            assert!(wrong.parse::<EntryId>().is_err(), "{wrong}");
        }
        assert_eq!("m-1.42".parse::<EntryId>().unwrap().to_string(), "m-1.42");
    }
}
