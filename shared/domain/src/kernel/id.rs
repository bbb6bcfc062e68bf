//! Names of things: members, entries, operations; and the hash that tells a repeat from a conflict.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::kernel::canonical::{canonical_json, digest, first, hexadecimal};
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

impl Serialize for EntryId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for EntryId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (member, sequence) = text.split_once('.').ok_or("an entry id is `member.sequence`")?;
        // One entry has one id: no sign, no leading zero.
        let plain = !sequence.starts_with('0') && sequence.bytes().all(|byte| byte.is_ascii_digit());
        let sequence: Option<u64> = sequence.parse().ok().filter(|_| plain);
        Ok(Self { member: member.parse()?, sequence: sequence.ok_or("an entry's sequence is a number from 1")? })
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.member, self.sequence)
    }
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
    /// What a fact is about, whoever reports it: one fact of the brand has one key, for ever (rules: idempotency).
    FactKey,
    16
);

/// What a fact is called in the brand. An order is named by its order id, a refund by its refund id, anything else by its
/// CloudEvents pair `(source, id)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactName {
    /// The name, hashed.
    pub key: FactKey,
    /// The name in words.
    pub text: String,
    /// The source, if it is part of the name.
    pub source: Option<String>,
}

impl FactKey {
    /// Of the row that says what somebody moved by hand.
    #[must_use]
    pub fn tally(who: &str) -> Self {
        Self(first(digest(&[b"by hand", who.as_bytes()])))
    }
}

impl FactName {
    /// Of an order.
    #[must_use]
    pub fn order(order_id: &str) -> Self {
        Self {
            key: FactKey(first(digest(&[b"order", order_id.as_bytes()]))),
            text: format!("order {order_id}"),
            source: None,
        }
    }

    /// Of a refund.
    #[must_use]
    pub fn refund(refund_id: &str) -> Self {
        Self {
            key: FactKey(first(digest(&[b"refund", refund_id.as_bytes()]))),
            text: format!("refund {refund_id}"),
            source: None,
        }
    }

    /// Of what a refund gives back of the points that paid for its order.
    #[must_use]
    pub fn refunded_points(refund_id: &str) -> Self {
        let key = FactKey(first(digest(&[b"refunded points", refund_id.as_bytes()])));
        Self { key, text: format!("points of refund {refund_id}"), source: None }
    }

    /// Of any other fact.
    #[must_use]
    pub fn event(source: &str, id: &str) -> Self {
        let key = FactKey(first(digest(&[b"fact", source.as_bytes(), id.as_bytes()])));
        Self { key, text: format!("event {id} of {source}"), source: Some(source.to_owned()) }
    }
}

impl OperationId {
    /// The permanent business key of a fact: the CloudEvents pair `(source, id)` and the leg it takes (`earn`, `refund`).
    #[must_use]
    pub fn of_fact(source: &str, id: &str, leg: &str) -> Self {
        let source = if planted!("bug-source-ignored") { "" } else { source };
        Self(first(digest(&[b"fact", source.as_bytes(), id.as_bytes(), leg.as_bytes()])))
    }

    /// Of a CloudEvents event that is no refund, whatever it says: one event has one operation.
    #[must_use]
    pub fn of_event(source: &str, id: &str) -> Self {
        Self::of_fact(source, id, "earn")
    }

    /// A refund's: its id names it, whichever source reports it.
    #[must_use]
    pub fn of_refund(refund_id: &str) -> Self {
        Self::of_name(&FactName::refund(refund_id))
    }

    /// Of a fact that is known by its name alone.
    #[must_use]
    pub fn of_name(name: &FactName) -> Self {
        Self(name.key.0)
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
        for wrong in
            ["m-1", "m-1.0", "m-1.-1", "m-1.x", ".1", "m-1.+1x", "m-1.1.1", "m-1.", "m-1.+1", "m-1.01", "m-1.1 "]
        {
            assert!(wrong.parse::<EntryId>().is_err(), "{wrong}");
        }
        assert_eq!("m-1.42".parse::<EntryId>().unwrap().to_string(), "m-1.42");
    }
}
