//! `[[journey]]`: what is done for a member, step by step, after something has happened.

mod check;
mod compiled;
mod name;
pub mod step;

use serde::{Deserialize, Serialize};

use self::step::Step;
use crate::programme::care::is_zero;

pub use self::check::advice;
pub(super) use self::check::{Known, check, compile, festivals};
pub use self::compiled::{CompiledJourney, Exit};

/// `[[journey]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// A short name, unique.
    pub id: String,
    /// What begins it: the name of an event, `segment.entered:ID`, `schedule:birthday`.
    pub enter: String,
    /// Under which condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#if: Option<String>,
    /// Fields of the event that tell one enrolment of a member from another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    /// The field with the date or instant that steps are counted from; without it, when the event happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// What a newer event with another anchor does.
    #[serde(default, skip_serializing_if = "Moved::is_default")]
    pub moved: Moved,
    /// When a key that has ended begins again.
    #[serde(default, skip_serializing_if = "Reentry::is_default")]
    pub reentry: Reentry,
    /// What ends it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exit_on: Vec<ExitOn>,
    /// What members are written to for.
    pub purpose: Purpose,
    /// Which of two messages goes if one can, 0 to 100.
    #[serde(default = "Journey::fifty", skip_serializing_if = "Journey::is_fifty")]
    pub priority: u8,
    /// When those born on 29 February have their birthday in other years.
    #[serde(default, skip_serializing_if = "LeapDay::is_default")]
    pub leap_day: LeapDay,
    /// Before which festivals of the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#match: Option<Match>,
    /// Members whom it does not reach, to compare with, in basis points.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub holdout_bp: u16,
    /// What their draw is mixed with, if not with that of `[care]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout_salt: Option<String>,
    /// Of several forms each member gets one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// What is done.
    pub steps: Vec<Step>,
}

impl Journey {
    const fn fifty() -> u8 {
        50
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_fifty(priority: &u8) -> bool {
        *priority == Self::fifty()
    }
}

/// The event that each birthday is.
pub const BIRTHDAY: &str = "schedule:birthday";
/// What ends an enrolment while a ticket about it is open.
pub const TICKET_OPEN: &str = "ticket.open";

/// What members are written to for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// What somebody who buys expects: it goes unless it was refused.
    Service,
    /// What nobody waits for: it goes if it was agreed to, and not too often.
    Marketing,
}

impl Purpose {
    /// Its name, which is that of the purpose that members agree to.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Marketing => "marketing",
        }
    }
}

/// What a newer event of a known key does if its anchor is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// The anchor stays.
    #[default]
    Keep,
    /// All steps begin anew; a step is the same only with the same anchor.
    Supersede,
    /// Steps that were not sent move; a sent one is never sent again.
    Resume,
}

impl Moved {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// When a key that has ended begins again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Reentry {
    /// Never.
    #[default]
    Never,
    /// So many dates after it began.
    Days(i32),
    /// From the instant on that this field of it says.
    Field(String),
}

impl Reentry {
    fn is_default(&self) -> bool {
        *self == Self::Never
    }
}

impl TryFrom<String> for Reentry {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let days = text.strip_prefix('P').and_then(|rest| rest.strip_suffix('D')).and_then(|days| days.parse().ok());
        let field = text.strip_prefix("field:").filter(|field| !field.is_empty());
        match (text.as_str(), days.filter(|days| (1..=3_650).contains(days)), field) {
            ("never", ..) => Ok(Self::Never),
            (_, Some(days), _) => Ok(Self::Days(days)),
            (_, _, Some(field)) => Ok(Self::Field(field.to_owned())),
            _ => Err(format!("`{text}` is not \"never\", a number of days such as \"P90D\", or \"field:NAME\"")),
        }
    }
}

impl From<Reentry> for String {
    fn from(reentry: Reentry) -> Self {
        match reentry {
            Reentry::Never => "never".to_owned(),
            Reentry::Days(days) => format!("P{days}D"),
            Reentry::Field(field) => format!("field:{field}"),
        }
    }
}

/// What ends an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be the name of an event, or { on = \"NAME\", if = \"CONDITION\" }")]
pub enum ExitOn {
    /// The name of an event.
    Name(String),
    /// One of which a condition holds.
    If {
        /// Its name.
        on: String,
        /// The condition.
        r#if: String,
    },
}

impl ExitOn {
    /// The name of the event.
    #[must_use]
    pub fn on(&self) -> &str {
        match self {
            Self::Name(on) | Self::If { on, .. } => on,
        }
    }

    /// The condition.
    #[must_use]
    pub fn condition(&self) -> Option<&str> {
        match self {
            Self::Name(_) => None,
            Self::If { r#if, .. } => Some(r#if),
        }
    }
}

/// When those born on 29 February have their birthday in other years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeapDay {
    /// 28 February.
    #[default]
    Feb28,
    /// 1 March.
    Mar1,
}

impl LeapDay {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Before which festivals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// Their names; of two on one date the first.
    pub festivals: Vec<String>,
    /// How many dates before, at most.
    pub lookahead_days: i32,
    /// How many dates before it must be known.
    #[serde(default, skip_serializing_if = "Match::is_none")]
    pub min_days: i32,
}

impl Match {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    fn is_none(days: &i32) -> bool {
        *days == 0
    }
}

/// One of several forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Its name, which templates know.
    pub id: String,
    /// The share of members that get it, in basis points.
    pub share_bp: u16,
}
