//! Tasks that a member began, and offers of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Tasks of a member, by id.
pub type Tasks = BTreeMap<String, TaskState>;

/// A task of a member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskState {
    /// The newest start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// How often it was done without an offer.
    #[serde(default)]
    pub done: u32,
    /// The newest offers, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
}

/// An offer of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What the journey's step is known by.
    pub id: String,
    /// Until when it is open, exclusive.
    pub until: Timestamp,
    /// Was it taken?
    pub done: bool,
}
