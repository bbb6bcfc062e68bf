//! Names of keys, enrolments and messages.

use std::fmt;
use std::str::FromStr;

use crate::kernel::canonical::{digest, first, hexadecimal};
use crate::programme::condition::Scalar;

hexadecimal!(
    /// What tells one enrolment of a member from another: journey and key.
    KeyId,
    16
);

hexadecimal!(
    /// One enrolment: member, journey, key, and which entry of it.
    EnrolmentId,
    16
);

hexadecimal!(
    /// A message, or an action: the same however often it is claimed, so that it is done once.
    MessageId,
    16
);

/// A key in words: the same values, the same words.
#[must_use]
pub(super) fn words(key: &[Scalar]) -> String {
    serde_json::to_string(key).expect("scalars are plain data")
}

impl KeyId {
    /// Of a journey and the values of its key.
    #[must_use]
    pub fn of(journey: &str, key: &[Scalar]) -> Self {
        Self(first(digest(&[b"care key", journey.as_bytes(), words(key).as_bytes()])))
    }
}
