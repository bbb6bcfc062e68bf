//! Refusals: what a caller may not do, with a stable code, words, and data for machines. A refused command changes nothing.
//!
//! Each decision declares its own with [`refusals!`](crate::kernel::refusal::refusals): class, code, data and words stand in one place.

use std::borrow::Cow;
use std::fmt::Debug;

use serde::Serialize;
use serde_json::{Map, Value};

/// Who or what stands against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What is asked is not acceptable, whoever asks.
    Invalid,
    /// Somebody else may, this one may not.
    Forbidden,
    /// What it names is not there.
    NotFound,
    /// It does not go with how things stand.
    Conflict,
    /// What it names has been, and is not any more.
    Gone,
    /// It was asked too often; later it may be again.
    TooOften,
}

/// What a decision may answer instead of a change: for documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable code.
    pub code: &'static str,
    /// Its class.
    pub class: Class,
    /// What it means, in words.
    pub words: &'static str,
}

/// Codes of a decision, and of what it hands on from others.
#[derive(Debug, Clone, Copy)]
pub struct Codes {
    /// Its own.
    pub own: &'static [Code],
    /// Those of others that it may answer too.
    pub others: &'static [&'static Codes],
}

impl Codes {
    /// All of them, in order.
    #[must_use]
    pub fn all(&self) -> Vec<Code> {
        let others = self.others.iter().flat_map(|others| others.all());
        self.own.iter().copied().chain(others).collect()
    }
}

/// Why a command is refused.
pub trait Refusal: Debug + Serialize {
    /// Everything that it can be.
    const CODES: Codes;

    /// The stable code.
    fn code(&self) -> &'static str;

    /// Who or what stands against it.
    fn class(&self) -> Class;

    /// What happened, in words.
    fn words(&self) -> Cow<'static, str>;

    /// The field that is wrong, as a JSON pointer into the command without the leading slash.
    fn field(&self) -> Option<&str>;

    /// Data for machines.
    fn data(&self) -> Map<String, Value>;
}

/// The fields of a refusal but its code.
pub(crate) fn fields_of(refusal: &impl Serialize) -> Map<String, Value> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(refusal) else { return Map::new() };
    fields.remove("code");
    fields
}

/// Declares the refusals of a decision. `NotFound UnknownReward ("unknown_reward" at "reward") = "there is no such reward"` has a class,
/// a code, the field that it is about if there is one, and words; `| Unavailable` hands on those of another type of that name.
macro_rules! refusals {
    (
        $(#[$meta:meta])* $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $class:ident $variant:ident ($code:literal $(at $field:literal)?)
                $({ $($(#[$attribute:meta])* $data:ident: $kind:ty),* $(,)? })? = $words:literal,
            )*
            $(| $other:ident,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(tag = "code")]
        pub enum $name {
            $(
                $(#[doc = $doc])+
                #[serde(rename = $code)]
                $variant $({ $($(#[$attribute])* $data: $kind),* })?,
            )*
            $(
                #[doc = concat!("As [`", stringify!($other), "`] says.")]
                #[serde(untagged)]
                $other($other),
            )*
        }

        impl $crate::kernel::refusal::Refusal for $name {
            const CODES: $crate::kernel::refusal::Codes = $crate::kernel::refusal::Codes {
                own: &[$($crate::kernel::refusal::Code {
                    code: $code,
                    class: $crate::kernel::refusal::Class::$class,
                    words: $words,
                }),*],
                others: &[$(&<$other as $crate::kernel::refusal::Refusal>::CODES),*],
            };

            fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $code,)*
                    $(Self::$other(other) => $crate::kernel::refusal::Refusal::code(other),)*
                }
            }

            fn class(&self) -> $crate::kernel::refusal::Class {
                match self {
                    $(Self::$variant { .. } => $crate::kernel::refusal::Class::$class,)*
                    $(Self::$other(other) => $crate::kernel::refusal::Refusal::class(other),)*
                }
            }

            fn words(&self) -> std::borrow::Cow<'static, str> {
                match self {
                    $(Self::$variant { .. } => $words.into(),)*
                    $(Self::$other(other) => $crate::kernel::refusal::Refusal::words(other),)*
                }
            }

            fn field(&self) -> Option<&str> {
                match self {
                    $($(Self::$variant { .. } => Some($field),)?)*
                    $(Self::$other(other) => $crate::kernel::refusal::Refusal::field(other),)*
                    #[allow(unreachable_patterns)]
                    _ => None,
                }
            }

            fn data(&self) -> serde_json::Map<String, serde_json::Value> {
                match self {
                    $(Self::$other(other) => $crate::kernel::refusal::Refusal::data(other),)*
                    #[allow(unreachable_patterns)]
                    _ => $crate::kernel::refusal::fields_of(self),
                }
            }
        }

        $(
            impl From<$other> for $name {
                fn from(other: $other) -> Self {
                    Self::$other(other)
                }
            }
        )*
    };
}
pub(crate) use refusals;

/// A field of a command is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvalidField {
    /// Where, as a JSON pointer into the command without the leading slash.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl InvalidField {
    /// A field, and what is wrong with it.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl Refusal for InvalidField {
    const CODES: Codes = Codes {
        own: &[Code {
            code: "invalid_field",
            class: Class::Invalid,
            words: "a field is not acceptable; `pointer` names it",
        }],
        others: &[],
    };

    fn code(&self) -> &'static str {
        "invalid_field"
    }

    fn class(&self) -> Class {
        Class::Invalid
    }

    fn words(&self) -> Cow<'static, str> {
        self.message.clone().into()
    }

    fn field(&self) -> Option<&str> {
        Some(&self.field)
    }

    fn data(&self) -> Map<String, Value> {
        Map::new()
    }
}

refusals! {
    /// What a command names is not there.
    Missing {
        /// There is no such thing.
        NotFound NotFound ("not_found") {
            /// What is not there.
            what: &'static str,
        } = "there is no such thing",
    }
}

refusals! {
    /// A fact lies outside the time in which it is accepted.
    OutsideWindow {
        /// The fact lies too far in the past.
        Invalid TooOld ("too_old" at "time") {
            /// The earliest accepted.
            earliest: jiff::Timestamp,
        } = "the fact lies too far in the past",
        /// The fact lies in the future.
        Invalid InFuture ("in_future" at "time") {
            /// The latest accepted.
            latest: jiff::Timestamp,
        } = "the fact lies in the future",
    }
}

refusals! {
    /// The thing is in a state that does not allow it.
    WrongState {
        /// It does not follow where the thing stands.
        Conflict WrongState ("wrong_state") {
            /// Where it stands.
            state: &'static str,
            /// What may follow.
            allowed: &'static [&'static str],
        } = "the state that it is in does not allow this",
    }
}

refusals! {
    /// A key was used before.
    Reused {
        /// The Idempotency-Key was used before for something else.
        Invalid KeyReused ("idempotency_key_reused") = "this Idempotency-Key was used for another request",
    }
}
