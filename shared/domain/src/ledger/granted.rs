//! What other contexts give a member, and why something is not given.

use serde::{Deserialize, Serialize};

/// The longest that the voucher of what is given may be valid, in days.
pub const MAX_VALID_DAYS: i32 = 730;

/// What is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// A reward, once, at no price.
    Reward(String),
    /// One use of a benefit.
    Benefit(String),
}

/// Why something is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantRefusal {
    /// There are none left.
    OutOfStock,
    /// There is no such reward.
    UnknownReward,
    /// There is no such benefit.
    UnknownBenefit,
    /// The member had as many as one may.
    LimitReached,
    /// The member's tier does not have the benefit.
    TierTooLow,
    /// The member is suspended, or has left.
    MemberNotActive,
}

impl GrantRefusal {
    /// As a code.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OutOfStock => "out_of_stock",
            Self::UnknownReward => "unknown_reward",
            Self::UnknownBenefit => "unknown_benefit",
            Self::LimitReached => "limit_reached",
            Self::TierTooLow => "tier_too_low",
            Self::MemberNotActive => "member_not_active",
        }
    }
}
