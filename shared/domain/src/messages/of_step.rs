//! What a message is of.

use serde::{Deserialize, Serialize};

use crate::programme::condition::Scalar;

/// By which step of which journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OfStep {
    /// The enrolment.
    pub enrolment: String,
    /// The journey.
    pub journey: String,
    /// The values that tell the enrolment from others of the journey.
    pub key: Vec<Scalar>,
    /// The step.
    pub step: String,
    /// The channel.
    pub channel: String,
    /// The text.
    pub template: String,
}

impl OfStep {
    pub(super) fn example() -> Self {
        Self {
            enrolment: "0b7c5f1be1b94a5f9a3fd5ce2b1e3c44".into(),
            journey: "after-sale".into(),
            key: vec![Scalar::Text("2026-1001".into())],
            step: "video".into(),
            channel: "email".into(),
            template: "install-video".into(),
        }
    }
}
