//! What referrals cost, against what a new customer costs otherwise.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::kernel::quantity::Minor;
use crate::programme::engagement::referral::Referral;

/// A friend who qualified, and whose order did not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// On which local date.
    pub on: Date,
    /// At which instant.
    pub at: Timestamp,
    /// The commission.
    pub commission: Minor,
}

/// What referrals cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// All in all.
    pub total: Minor,
    /// Of how many friends.
    pub conversions: i64,
    /// Against what they cost otherwise, in basis points, rounded down.
    pub ratio_bp: i64,
    /// What is to be done.
    pub state: GuardState,
}

/// What is to be done about the cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GuardState {
    /// Nothing.
    Open,
    /// Somebody is told.
    Warned,
    /// No claims are taken.
    Stopped,
}

impl GuardState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Warned => "warned",
            Self::Stopped => "stopped",
        }
    }
}

/// Works it out over the newest dates; after somebody opened it again only of what came since.
#[must_use]
pub fn cost_of(
    conversions: &[Conversion],
    referral: &Referral,
    unit_value: Minor,
    today: Date,
    opened_at: Option<Timestamp>,
) -> Cost {
    let first = today.saturating_sub(i64::from(referral.guard_days).saturating_sub(1).days());
    let counts = |conversion: &&Conversion| {
        (first..=today).contains(&conversion.on) && opened_at.is_none_or(|opened| conversion.at > opened)
    };
    let counted: Vec<&Conversion> = conversions.iter().filter(counts).collect();
    let each = Minor(referral.points.saturating_mul(unit_value.0)) + referral.friend_value;
    let total: Minor = counted.iter().map(|conversion| conversion.commission + each).sum();
    let n = i64::try_from(counted.len()).unwrap_or(i64::MAX);
    let otherwise = i128::from(n).saturating_mul(i128::from(referral.baseline.0));
    let cost = i128::from(total.0).saturating_mul(10_000);
    let against = |bp: i64| i128::from(bp).saturating_mul(otherwise);
    let state = if n == 0 {
        GuardState::Open
    } else if cost >= against(referral.stop_bp) {
        GuardState::Stopped
    } else if cost > against(referral.warn_bp) {
        GuardState::Warned
    } else {
        GuardState::Open
    };
    let ratio_bp = cost.checked_div(otherwise).and_then(|ratio| i64::try_from(ratio).ok()).unwrap_or_default();
    Cost { total, conversions: n, ratio_bp, state }
}
