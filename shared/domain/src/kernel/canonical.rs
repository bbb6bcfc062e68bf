//! What is hashed, byte by byte: canonical JSON, hash chains, Merkle trees.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::planted;

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

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use hexadecimal;

hexadecimal!(
    /// SHA-256.
    Hash,
    32
);

/// SHA-256 over parts, each preceded by its length, so that no two lists of parts collide.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).expect("a length fits 64 bits").to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first bytes of a hash.
pub(crate) fn first<const N: usize>(bytes: [u8; 32]) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[..N]);
    part
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
pub fn canonical_json(value: &Value) -> String {
    let mut text = String::with_capacity(512);
    write(value, &mut text).expect("text can be written to a string");
    text
}

fn write(value: &Value, text: &mut String) -> fmt::Result {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| name.as_str());
            fields.retain(|(name, _)| *name != "balance" || !planted!("bug-canonical-leaves-out-balance"));
            listed('{', fields, '}', text, |(name, value), text| {
                text.write_fmt(format_args!("{}:", Value::from(name.as_str())))?;
                write(value, text)
            })
        }
        Value::Array(items) => listed('[', items, ']', text, write),
        scalar => text.write_fmt(format_args!("{scalar}")),
    }
}

/// Items with commas between them.
fn listed<T>(
    open: char,
    items: impl IntoIterator<Item = T>,
    close: char,
    text: &mut String,
    one: impl Fn(T, &mut String) -> fmt::Result,
) -> fmt::Result {
    text.push(open);
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        one(item, text)?;
    }
    text.push(close);
    Ok(())
}
