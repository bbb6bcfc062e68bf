//! When more points can be spent.

use domain::kernel::quantity::Points;
use domain::ledger::availability;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// The next points to become spendable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextActivation {
    /// How many.
    pub points: Points,
    /// When.
    pub at: Timestamp,
}

impl From<availability::NextActivation> for NextActivation {
    fn from(availability::NextActivation { points, at }: availability::NextActivation) -> Self {
        Self { points, at }
    }
}
