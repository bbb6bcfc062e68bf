//! A message on its way.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::way::Way;
use crate::programme::journey::Purpose;

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// By what it goes.
    pub way: Way,
    /// What for.
    pub purpose: Purpose,
    /// The first instant at which it is of no use any more.
    pub latest_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Why it is not sent.
    pub reason: Option<&'static str>,
    /// When it was last taken up; none: it is free.
    pub taken_at: Option<Timestamp>,
    /// When the provider was first asked.
    pub first_call: Option<Timestamp>,
    /// How often it was asked, or may have been.
    pub calls: u8,
    /// How often it had no time.
    pub throttled: u8,
    /// A hash of what was sent first.
    pub body: Option<[u8; 16]>,
    /// What has come of it.
    pub effects: Vec<Effect>,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is to be sent.
    Claimed,
    /// It may have been sent, or not.
    Unknown,
    /// The provider has it.
    Sent,
    /// The receiver has it.
    Delivered,
    /// It came back.
    Bounced,
    /// The receiver complained.
    Complained,
    /// It could not be sent.
    Failed,
    /// It was not sent, for a reason.
    Skipped,
    /// A person has it, who presses the button.
    HandedOver,
    /// It cannot be sent yet: its step is decided anew.
    Returned,
}

/// What becomes of its place among the messages of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It counts.
    Kept,
    /// It does not.
    GivenBack,
}

/// What comes of it for the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing is sent to the address until the member gives another, or confirms it.
    Suppressed,
    /// A date on which it came back is noted.
    TransientBounce,
    /// Marketing by this channel is withdrawn.
    Withdrawn,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Claimed,
        Self::Unknown,
        Self::Sent,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
        Self::Failed,
        Self::Skipped,
        Self::HandedOver,
        Self::Returned,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::HandedOver => "handed_over",
            Self::Returned => "returned",
        }
    }

    /// Nothing changes it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Failed | Self::Skipped | Self::HandedOver)
    }

    /// What becomes of its place among the messages of a day.
    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Self::Failed | Self::Skipped | Self::Returned => Place::GivenBack,
            _ => Place::Kept,
        }
    }
}

impl Message {
    /// One that is to be sent.
    #[must_use]
    pub const fn claimed(way: Way, purpose: Purpose, latest_at: Timestamp) -> Self {
        Self {
            way,
            purpose,
            latest_at,
            state: State::Claimed,
            reason: None,
            taken_at: None,
            first_call: None,
            calls: 0,
            throttled: 0,
            body: None,
            effects: Vec::new(),
        }
    }

    pub(super) fn settled(&self, state: State, reason: Option<&'static str>) -> Self {
        Self { state, reason, ..self.clone() }
    }
}
