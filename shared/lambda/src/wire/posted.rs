//! What was earned during a suspension, as it is posted afterwards.

use std::collections::BTreeMap;

use domain::kernel::quantity::Points;
use domain::ledger::entry;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// What a fact had earned while the member was suspended, as it is posted afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Posted {
    /// The entry of the fact.
    entry: u64,
    /// Points by rule.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    trace: BTreeMap<String, Points>,
    /// Status points credited.
    #[serde(skip_serializing_if = "no_points")]
    status: Points,
    /// When the points can be spent; absent if at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    activates_at: Option<Timestamp>,
    /// When they expire.
    expires_at: Timestamp,
}

impl From<&entry::Posted> for Posted {
    fn from(posted: &entry::Posted) -> Self {
        let entry::Posted { entry, trace, status, activates_at, expires_at } = posted.clone();
        Self { entry, trace, status, activates_at, expires_at }
    }
}

pub(super) fn no_points(points: &Points) -> bool {
    points.is_zero()
}
