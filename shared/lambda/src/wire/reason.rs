//! Why a reward cannot be had.

use domain::kernel::quantity::Points;
use domain::ledger::availability;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::NextActivation;

/// Why something cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The member is suspended, or has left.
    MemberNotActive {
        /// Where the member stands.
        state: &'static str,
    },
    /// There are none left.
    OutOfStock,
    /// The member owes points.
    InDebt {
        /// How many.
        debt: Points,
    },
    /// Too few points can be spent.
    InsufficientPoints {
        /// Its price.
        required: Points,
        /// What can be spent.
        active: Points,
        /// What is owed.
        debt: Points,
        /// What is missing.
        missing: Points,
        /// The next points to become spendable.
        #[serde(skip_serializing_if = "Option::is_none")]
        next_activation: Option<NextActivation>,
    },
    /// The member's tier is too low.
    TierTooLow {
        /// The lowest that may have it.
        min_tier: String,
    },
    /// The member had as many as one may.
    LimitReached {
        /// How many in a period.
        per_member: i64,
        /// The first date on which it can be had again; absent if never.
        #[serde(skip_serializing_if = "Option::is_none")]
        resets_on: Option<Date>,
    },
    /// It is not offered yet.
    NotStarted {
        /// The first date.
        from: Date,
    },
    /// It is no longer offered.
    Ended {
        /// The last date.
        until: Date,
    },
}

impl From<availability::Reason> for Reason {
    fn from(reason: availability::Reason) -> Self {
        match reason {
            availability::Reason::MemberNotActive { state } => Self::MemberNotActive { state },
            availability::Reason::OutOfStock => Self::OutOfStock,
            availability::Reason::InDebt { debt } => Self::InDebt { debt },
            availability::Reason::InsufficientPoints { required, active, debt, missing, next_activation } => {
                let next_activation = next_activation.map(Into::into);
                Self::InsufficientPoints { required, active, debt, missing, next_activation }
            }
            availability::Reason::TierTooLow { min_tier } => Self::TierTooLow { min_tier },
            availability::Reason::LimitReached { per_member, resets_on } => {
                Self::LimitReached { per_member, resets_on }
            }
            availability::Reason::NotStarted { from } => Self::NotStarted { from },
            availability::Reason::Ended { until } => Self::Ended { until },
        }
    }
}
