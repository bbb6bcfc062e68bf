//! An invitation to a survey, and what came of it.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::answer::{Answers, texts};
use super::ids::InvitationId;
use crate::kernel::canonical::Hash;
use crate::kernel::id::MemberId;
use crate::programme::voice::survey::Follows;

/// An invitation to a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// To which survey.
    pub survey: String,
    /// By which version of the programme.
    pub version: u32,
    /// Whom.
    pub member: MemberId,
    /// What caused it: `ticket:<id>:<n>`, `quarter:2026-Q4`, `step:<enrolment>:<step>`, `manual:<batch>`.
    pub cause: String,
    /// What it belongs to, from the purchase to the thanks.
    pub correlation: String,
    /// What it is about.
    pub about: About,
    /// Where it stands.
    pub state: State,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it is sent.
    pub send_at: Timestamp,
    /// The first instant at which no answer is taken any more.
    pub closes_at: Timestamp,
    /// Every version of the answer, the first first.
    pub versions: Vec<Version>,
    /// What its words mean, as they were read last.
    pub analysis: Option<Analysis>,
    /// When its answer was complete.
    pub completed_at: Option<Timestamp>,
    /// What its scores have set off.
    pub done: BTreeSet<Follows>,
}

/// What an invitation is about, as far as anything is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct About {
    /// By which channel the member was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// In which language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// Which resolution of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<u32>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The journey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey: Option<String>,
    /// The stage of the customer's way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is to be sent.
    Waiting,
    /// It was.
    Invited,
    /// There is an answer.
    Answered,
    /// There was none in time.
    Expired,
    /// It was taken back.
    Cancelled,
}

/// A version of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What was answered.
    pub answers: Answers,
    /// What was said, all of it.
    pub content: Hash,
    /// When.
    pub at: Timestamp,
}

/// What words mean: as `text` reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Analysis {
    /// `zh`, `en` or `ja`.
    pub language: String,
    /// `negative`, `neutral` or `positive`.
    pub sentiment: String,
    /// How much so.
    pub score: i32,
    /// What it is about.
    pub themes: Vec<Themed>,
    /// By which dictionaries.
    pub dictionaries: String,
}

/// A theme that was written about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Themed {
    /// Which.
    pub theme: String,
    /// `cause`, `place` or `wish`.
    pub kind: String,
    /// `negative`, `neutral` or `positive`.
    pub polarity: String,
    /// In which sentence, from 0.
    pub sentence: u32,
}

/// How long after its first version an answer of a page is complete that nobody finishes.
const LEFT_ALONE_MINUTES: i64 = 10;
/// For how long an answer can be changed.
const EDIT_HOURS: i64 = 24;

impl Invitation {
    /// The most versions of an answer.
    pub const MOST_VERSIONS: usize = 10;
    /// The most characters of all its versions together.
    pub const MOST_CHARACTERS: usize = 20_000;

    /// The newest version of the answer.
    #[must_use]
    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// How many versions there are: the number of the newest.
    #[must_use]
    pub fn version_number(&self) -> u8 {
        u8::try_from(self.versions.len()).unwrap_or(u8::MAX)
    }

    /// From when on the answer is fixed.
    #[must_use]
    pub fn fixed_at(&self) -> Option<Timestamp> {
        self.versions.first().map(|first| later(first.at, EDIT_HOURS.saturating_mul(60)))
    }

    /// When an answer that was begun on a page is complete by itself.
    pub(super) fn left_alone_at(&self) -> Option<Timestamp> {
        self.versions.first().map(|first| later(first.at, LEFT_ALONE_MINUTES))
    }

    /// The next instant at which time alone changes something.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        match self.state {
            State::Waiting => Some(self.send_at),
            State::Invited => Some(self.closes_at),
            State::Answered if self.completed_at.is_none() => self.left_alone_at(),
            State::Answered | State::Expired | State::Cancelled => None,
        }
    }

    /// How many characters its texts have, of all versions.
    pub(super) fn characters(&self) -> usize {
        self.versions.iter().flat_map(|version| texts(&version.answers)).map(|text| text.chars().count()).sum()
    }
}

fn later(at: Timestamp, minutes: i64) -> Timestamp {
    at.saturating_add(minutes.minutes()).expect("a span of minutes suits a timestamp")
}
