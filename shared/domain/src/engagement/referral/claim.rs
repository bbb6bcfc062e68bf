//! A claim: a friend says who brought them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::code::ReferralCode;
use super::facts::ReferralFact;
use crate::engagement::scene::Barred;
use crate::kernel::change::{Aggregate, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::quantity::Minor;
use crate::kernel::refusal::{Reused, refusals};

/// A claim of a friend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who was brought.
    pub friend: MemberId,
    /// By whom.
    pub advocate: MemberId,
    /// By which code.
    pub code: ReferralCode,
    /// When the friend first came by it.
    pub touched_at: Timestamp,
    /// When it was claimed.
    pub claimed_at: Timestamp,
    /// Until when an order qualifies, exclusive.
    pub expires_at: Timestamp,
    /// How it stands.
    pub state: ClaimState,
    /// Why somebody looks at it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<Flag>,
    /// Since when somebody has to look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_since: Option<Timestamp>,
    /// Since when somebody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// The order that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Deciding>,
}

/// How a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "reason", rename_all = "snake_case")]
pub enum ClaimState {
    /// It waits for the friend's order.
    Claimed,
    /// Somebody looks at it.
    Review,
    /// The order was good: the commission is accrued.
    Qualified,
    /// The commission is to be paid.
    Payable,
    /// It was paid.
    Settled,
    /// It brings nothing.
    Rejected(Reason),
    /// Its time is over.
    Expired,
    /// Its order came back.
    Reversed(Reason),
}

impl ClaimState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Review => "review",
            Self::Qualified => "qualified",
            Self::Payable => "payable",
            Self::Settled => "settled",
            Self::Rejected(_) => "rejected",
            Self::Expired => "expired",
            Self::Reversed(_) => "reversed",
        }
    }
}

/// Why a claim brings nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The order is older than the claim.
    OrderedBeforeClaim,
    /// The order is too small.
    BelowMinimum,
    /// What is left of the order is too small.
    BelowMinimumAfterRefund,
    /// They are one person.
    SelfReferral,
    /// Nobody looked at it in time.
    ReviewExpired,
    /// Who looked at it says so.
    Decided,
}

impl Reason {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OrderedBeforeClaim => "ordered_before_claim",
            Self::BelowMinimum => "below_minimum",
            Self::BelowMinimumAfterRefund => "below_minimum_after_refund",
            Self::SelfReferral => "self_referral",
            Self::ReviewExpired => "review_expired",
            Self::Decided => "decided",
        }
    }
}

/// Why somebody looks at a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Both live in one house.
    Household,
    /// It came from where the advocate came last.
    AdvocateIp,
    /// Many came from there.
    IpVelocity,
    /// The advocate brings many.
    Velocity,
}

impl Flag {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::AdvocateIp => "advocate_ip",
            Self::IpVelocity => "ip_velocity",
            Self::Velocity => "velocity",
        }
    }
}

/// The order that decides a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deciding {
    /// Which.
    pub order: String,
    /// When it was paid.
    pub occurred_at: Timestamp,
    /// What it comes to.
    pub net: Minor,
    /// What of it came back.
    pub refunded: Minor,
    /// The commission of what is left.
    pub commission: Minor,
    /// When it is paid.
    pub payable_at: Timestamp,
    /// Would it be somebody's own?
    pub own: bool,
}

refusals! {
    /// Why a claim is not changed: never.
    Unchanged {
        | Barred,
        | Reused,
    }
}

impl Aggregate for Claim {
    type Fact = ReferralFact;
    type Refusal = Unchanged;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.friend)
    }

    fn denied(_: &Effect) -> Unchanged {
        unreachable!("a claim changes nothing beside itself")
    }
}

impl Claim {
    /// The commission that is accrued, payable or paid.
    #[must_use]
    pub fn commission(&self) -> Minor {
        let order = self.order.as_ref().map_or(Minor::ZERO, |order| order.commission);
        match self.state {
            ClaimState::Review | ClaimState::Qualified | ClaimState::Payable | ClaimState::Settled => order,
            ClaimState::Claimed | ClaimState::Rejected(_) | ClaimState::Expired | ClaimState::Reversed(_) => {
                Minor::ZERO
            }
        }
    }

    /// In a state.
    #[must_use]
    pub(super) fn being(&self, state: ClaimState) -> Self {
        Self { state, ..self.clone() }
    }
}
