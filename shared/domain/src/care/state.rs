//! What care keeps of a member.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ids::{EnrolmentId, KeyId, MessageId, words};
use super::outcome::Outcome;
use crate::kernel::canonical::{digest, first};
use crate::kernel::id::MemberId;
use crate::kernel::time::Zone;
use crate::programme::condition::{Scalar, Variables};
use crate::programme::journey::step::Does;

/// What care keeps of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Care {
    /// Whose it is.
    pub member: MemberId,
    /// What is under way, the oldest first.
    pub enrolments: Vec<Enrolment>,
    /// The newest messages that count, the oldest first.
    pub contacts: Vec<Contact>,
    /// Tickets that are open, or were lately.
    pub tickets: Vec<Ticket>,
    /// Keys that are no longer active, as far as they were read.
    pub filed: BTreeMap<KeyId, Filed>,
}

/// A member in a journey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Which journey.
    pub journey: String,
    /// By which version of the programme.
    pub version: u32,
    /// The values that tell it from others of the journey.
    pub key: Vec<Scalar>,
    /// Which entry of its key it is, from 1.
    pub nth: u32,
    /// What steps are counted from.
    pub anchor: Anchor,
    /// When it began.
    pub entered_at: Timestamp,
    /// When what began it happened.
    pub began: Timestamp,
    /// When the newest fact that it knows happened.
    pub newest: Timestamp,
    /// Is it one of those that are compared with?
    pub group: Group,
    /// Which form it has.
    pub variant: Option<String>,
    /// What conditions and templates read of its facts.
    pub data: Variables,
    /// What is done, step by step, and what is told of it.
    pub steps: Vec<StepState>,
    /// What was claimed for which anchor, where anchors are superseded.
    pub sent: Vec<(String, Anchor)>,
}

/// What steps are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Anchor {
    /// An instant.
    Instant(Timestamp),
    /// A date.
    Date(Date),
}

impl Anchor {
    /// Its date, where clocks show the zone.
    #[must_use]
    pub fn date(self, zone: &Zone) -> Date {
        match self {
            Self::Instant(at) => zone.date(at),
            Self::Date(date) => date,
        }
    }

    /// Of a text, if it is one.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let instant = text.parse().ok().map(|at| Self::Instant(crate::kernel::time::to_millisecond(at)));
        instant.or_else(|| text.parse().ok().map(Self::Date))
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant(at) => at.fmt(f),
            Self::Date(date) => date.fmt(f),
        }
    }
}

/// Is it one of those that are compared with?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// No: everything is done.
    Treated,
    /// Yes: nothing is.
    Holdout,
}

impl Group {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Treated => "treated",
            Self::Holdout => "holdout",
        }
    }
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// Its id.
    pub step: String,
    /// Is it the message that follows it?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tells: bool,
    /// When it can be, at the earliest, other than planned. A message that follows has none until its step is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// What became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

impl StepState {
    /// One that is to come.
    #[must_use]
    pub fn pending(step: &str, tells: bool) -> Self {
        Self { step: step.to_owned(), tells, not_before: None, outcome: None }
    }

    /// What it is called: a step's id, with `.tell` for what follows it.
    #[must_use]
    pub fn name(&self) -> String {
        if self.tells { format!("{}.tell", self.step) } else { self.step.clone() }
    }
}

/// A key that is no longer active.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filed {
    /// The enrolment that ended; none: what would have ended it came first.
    pub enrolment: Option<Enrolment>,
    /// When the newest of what ends it happened.
    pub exited: Option<Timestamp>,
}

/// A message that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// When it was claimed.
    pub at: Timestamp,
    /// By which channel.
    pub channel: Does,
    /// Which.
    pub message: MessageId,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Which.
    pub ticket: String,
    /// The order that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Is it open?
    pub open: bool,
    /// Since when.
    pub at: Timestamp,
}

impl Care {
    /// The most enrolments at once.
    pub const MOST_ENROLMENTS: usize = 24;
    /// The messages that are remembered.
    pub const MOST_CONTACTS: usize = 24;
    /// The tickets that are remembered.
    pub const MOST_TICKETS: usize = 8;

    /// Of a member for whom nothing was done yet.
    #[must_use]
    pub fn new(member: MemberId) -> Self {
        Self { member, enrolments: Vec::new(), contacts: Vec::new(), tickets: Vec::new(), filed: BTreeMap::new() }
    }
}

impl Enrolment {
    /// What tells it from others of the member.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        KeyId::of(&self.journey, &self.key)
    }

    /// Its id.
    #[must_use]
    pub fn id(&self, member: &MemberId) -> EnrolmentId {
        let (nth, key) = (self.nth.to_string(), words(&self.key));
        let parts = [b"enrolment", member.as_str().as_bytes(), self.journey.as_bytes(), key.as_bytes(), nth.as_bytes()];
        EnrolmentId(first(digest(&parts)))
    }

    /// Is anything to come?
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.group == Group::Treated && self.steps.iter().any(|step| step.outcome.is_none())
    }

    /// A step by its id.
    pub(super) fn state_mut(&mut self, step: &str, tells: bool) -> Option<&mut StepState> {
        self.steps.iter_mut().find(|state| state.step == step && state.tells == tells)
    }
}

impl Filed {
    /// Is the key known by an enrolment?
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.enrolment.is_some()
    }
}
