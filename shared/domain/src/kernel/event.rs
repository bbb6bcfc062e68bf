//! Events: what contexts tell each other. One envelope, `CloudEvents` 1.0 in structured mode, whatever it carries.
//!
//! A context declares what it tells with [`facts!`](crate::kernel::event::facts): the type's name, what it means, its data with an
//! example. A type never changes its meaning: `v2` stands beside `v1`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::kernel::canonical::first;
use crate::kernel::id::{MemberId, OperationId};

/// A `CloudEvents` 1.0 event, structured mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Always `1.0`.
    pub specversion: Version,
    /// The same however often the event is sent.
    pub id: String,
    /// Which context it comes from, such as `/perennial/accounts`.
    pub source: String,
    /// Its type, such as `perennial.earn.orderpaid.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What its type says it carries.
    pub data: Value,
    /// When it happened.
    pub time: Timestamp,
    /// Whose it is, if it is a member's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub member: Option<MemberId>,
    /// The ledger entry that it comes from, counted from 1 per account; elsewhere the version of what it comes from.
    pub sequence: u64,
    /// When that was recorded.
    pub recordedtime: Timestamp,
    /// The entry, or the version, that it comes from.
    pub causationid: String,
    /// The operation that made it: the same for everything that came of one request.
    pub correlationid: OperationId,
    /// The number of the programme version that decided.
    pub programmeversion: u32,
}

impl Event {
    /// The member that its data names in a field; none if there is no such field, or it is no id.
    #[must_use]
    pub fn named(&self, field: &str) -> Option<MemberId> {
        self.data[field].as_str()?.parse().ok()
    }

    /// Of somebody who was erased, those for whom they stood.
    pub fn absorbed(&self) -> impl Iterator<Item = MemberId> + '_ {
        let absorbed = self.data["absorbed"].as_array().into_iter().flatten();
        absorbed.filter_map(|member| member.as_str()?.parse().ok())
    }
}

/// The version of the `CloudEvents` specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Version {
    /// 1.0.
    #[serde(rename = "1.0")]
    V1,
}

/// Something that happened, as others are told of it.
pub trait Fact {
    /// Every type with what it means, in order.
    const TYPES: &'static [(&'static str, &'static str)];

    /// Its `CloudEvents` type.
    fn kind(&self) -> &'static str;

    /// What it carries.
    fn data(&self) -> Value;

    /// One of each type, in order.
    fn examples() -> Vec<Self>
    where
        Self: Sized;
}

/// The id of an event: the first 16 bytes of SHA-256 of what it comes from, its type, and which of its type it is, from 1.
#[must_use]
pub fn event_id(cause: &str, kind: &str, leg: u32) -> String {
    let digest: [u8; 32] = Sha256::digest(format!("{cause}\n{kind}\n{leg}")).into();
    OperationId(first(digest)).to_string()
}

/// Declares what a context tells: an enum with a variant per type, and its [`Fact`].
macro_rules! facts {
    ($facts:ident: $(
        $(#[doc = $doc:literal])+ $name:ident = $type:literal {
            $($(#[$attribute:meta])* $field:ident: $kind:ty = $example:expr),* $(,)?
        }
    )+) => {
        /// What happened. One type and the shape of its data each.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
        #[serde(untagged)]
        pub enum $facts {
            $($(#[doc = $doc])+ $name {
                $($(#[$attribute])* $field: $kind),*
            },)+
        }

        impl $crate::kernel::event::Fact for $facts {
            const TYPES: &'static [(&'static str, &'static str)] = &[$(($type, concat!($($doc),+))),+];

            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $type,)+
                }
            }

            fn data(&self) -> serde_json::Value {
                serde_json::to_value(self).expect("a fact is plain data")
            }

            fn examples() -> Vec<Self> {
                vec![$(Self::$name { $($field: $example),* }),+]
            }
        }
    };
}
pub(crate) use facts;
