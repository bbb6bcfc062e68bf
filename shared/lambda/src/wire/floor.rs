//! A lowest tier.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A lowest tier set by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TierFloor {
    /// The tier.
    pub tier: String,
    /// Until when, exclusive.
    pub until: Timestamp,
}
