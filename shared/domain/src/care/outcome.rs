//! What became of a step.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::MessageId;
use crate::programme::journey::step::Does;

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What.
    pub what: What,
    /// When it was decided.
    pub at: Timestamp,
    /// When it was planned.
    pub planned: Timestamp,
    /// By which way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Does>,
    /// Which message, or action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What that rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It was handed on.
    Claimed,
    /// It was not, for a reason.
    Skipped,
    /// It was handed on, and could not be done.
    Failed,
    /// The journey had ended.
    Exited,
    /// A later message of the journey went at once with it.
    Overtaken,
    /// It had been handed on for the same anchor before.
    SentBefore,
}

impl What {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Exited => "exited",
            Self::Overtaken => "overtaken",
            Self::SentBefore => "sent_before",
        }
    }
}

impl Outcome {
    /// Nothing but what, when, and why.
    pub(super) fn new(what: What, at: Timestamp, planned: Timestamp) -> Self {
        Self { what, at, planned, channel: None, message: None, reason: None, ground: None }
    }

    /// For a reason.
    pub(super) fn because(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned());
        self
    }

    /// Was it handed on, whatever became of it then?
    #[must_use]
    pub const fn was_claimed(&self) -> bool {
        self.message.is_some()
    }
}
