//! What referrals cost, against what a new customer costs otherwise.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::facts::ReferralFact;
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::quantity::Minor;
use crate::kernel::refusal::{Reused, WrongState, refusals};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// The guard, as it stands between two times of working it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// What is to be done. One that has stopped stays so until somebody opens it.
    pub state: GuardState,
    /// When somebody opened it: what came before counts no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// The date of the newest warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warned_on: Option<Date>,
}

refusals! {
    /// Why the guard is not opened.
    GuardRefusal {
        | WrongState,
        | Reused,
    }
}

impl Aggregate for Guard {
    type Fact = ReferralFact;
    type Refusal = GuardRefusal;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> GuardRefusal {
        unreachable!("the guard changes nothing beside itself")
    }
}

impl Guard {
    /// Of a programme that has just begun.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: GuardState::Open, opened_at: None, warned_on: None }
    }

    /// Are claims taken?
    #[must_use]
    pub fn takes_claims(&self) -> bool {
        self.state != GuardState::Stopped
    }

    /// The cost was worked out on a date: that claims stop is told once, that they cost much once a date.
    pub fn worked_out(&self, cost: Cost, today: Date) -> Change<Self> {
        let mut guard = self.clone();
        if self.state == GuardState::Stopped {
            return Change::to(guard);
        }
        guard.state = cost.state;
        let ratio_bp = cost.ratio_bp;
        match cost.state {
            GuardState::Stopped => Change::to(guard).telling(ReferralFact::ReferralPaused { ratio_bp }),
            GuardState::Warned if self.warned_on != Some(today) => {
                guard.warned_on = Some(today);
                Change::to(guard).telling(ReferralFact::ReferralCostWarned { ratio_bp })
            }
            GuardState::Warned | GuardState::Open => Change::to(guard),
        }
    }

    /// Opens it again; what qualified before counts no more.
    ///
    /// # Errors
    /// It has not stopped.
    pub fn opened(&self, now: Timestamp) -> Result<Change<Self>, GuardRefusal> {
        if self.state != GuardState::Stopped {
            return Err(WrongState::WrongState { state: self.state.name(), allowed: &[] }.into());
        }
        Ok(Change::to(Self { state: GuardState::Open, opened_at: Some(now), ..self.clone() }))
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self::new()
    }
}
