//! A journey stands still, or goes on.

use domain::care::Pauses;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PauseRequest {
    /// In words that name nobody, 1 to 200 characters.
    pub(crate) reason: String,
}

/// Whether it stands still.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct PauseReply {
    /// The journey.
    journey: String,
    /// Does it stand still?
    paused: bool,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Who said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

impl PauseReply {
    pub(crate) fn new(journey: &str, pauses: &Pauses) -> Self {
        let pause = pauses.paused.get(journey);
        Self {
            journey: journey.to_owned(),
            paused: pause.is_some(),
            since: pause.map(|pause| pause.at),
            reason: pause.map(|pause| pause.reason.clone()),
            by: pause.map(|pause| pause.by.clone()),
        }
    }
}
