//! Batches of events, and what became of one.

use domain::signals::signal::Signal;
use lambda::{Failure, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::activity::{ActivityEvent, ActivityReply};
use super::signal::SignalReply;

/// Up to 25 events; each is answered by itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchRequest {
    /// The events. One that has a wrong shape does not spoil the others.
    #[schemars(with = "Vec<ActivityEvent>", length(min = 1, max = 25))]
    pub(crate) activities: Vec<Value>,
}

/// Answers in the order of the events.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BatchReply {
    /// One per event.
    pub(crate) results: Vec<BatchItem>,
}

/// The answer to one event of a batch.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BatchItem {
    /// The status that the event alone would have had.
    pub(crate) status: u16,
    /// What it earned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) activity: Option<Box<ActivityReply>>,
    /// What is noted of it, if it is a signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signal: Option<Box<SignalReply>>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<Box<Problem>>,
    /// It had been reported before.
    pub(crate) replayed: bool,
}

impl BatchItem {
    /// Of a fact.
    pub(crate) fn earned(activity: ActivityReply, replayed: bool) -> Self {
        Self { status: 200, activity: Some(Box::new(activity)), signal: None, problem: None, replayed }
    }

    /// Of a signal.
    pub(crate) fn noted(signal: &Signal, replayed: bool) -> Self {
        Self { status: 200, activity: None, signal: Some(Box::new(signal.into())), problem: None, replayed }
    }

    /// Of an event that came to nothing.
    pub(crate) fn failed(failure: Failure) -> Self {
        let problem = failure.answered();
        Self { status: problem.status, activity: None, signal: None, problem: Some(Box::new(problem)), replayed: false }
    }

    /// With the pointers of its place in the batch.
    #[must_use]
    pub(crate) fn within(self, prefix: &str) -> Self {
        Self { problem: self.problem.map(|problem| Box::new(problem.within(prefix))), ..self }
    }
}

/// What became of an event: what it earned, or that it is noted.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ReportReply {
    /// A fact.
    Activity(Box<ActivityReply>),
    /// A signal.
    Signal(SignalReply),
}
