//! The friend's order decides.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::advocate::{Advocate, Identity};
use super::claim::{Claim, ClaimState, Deciding, Flag, Reason};
use super::facts::ReferralFact;
use crate::engagement::scene::Scene;
use crate::kernel::change::Change;
use crate::kernel::quantity::Minor;
use crate::programme::engagement::referral::Referral;

/// Over how many days friends of one advocate are counted.
const ADVOCATE_DAYS: i64 = 30;

/// A paid order of the friend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidOrder {
    /// Which.
    pub id: String,
    /// When it was paid.
    pub occurred_at: Timestamp,
    /// What it comes to, after what came back before it was told.
    pub net: Minor,
    /// What is known of who paid it, and where it goes.
    pub identities: BTreeSet<Identity>,
}

impl Referral {
    /// The commission of an order.
    #[must_use]
    pub fn commission(&self, net: Minor) -> Minor {
        let share = i128::from(net.0).saturating_mul(i128::from(self.commission_bp)).div_euclid(10_000);
        Minor(i64::try_from(share).unwrap_or(i64::MAX)).min(self.cap)
    }
}

/// What an order does to a claim; nothing, if it is not the one that decides.
#[must_use]
pub fn qualified(
    claim: &Claim,
    order: &PaidOrder,
    advocate: &Advocate,
    referral: &Referral,
    scene: Scene<'_>,
) -> Option<Change<Claim>> {
    let zone = scene.programme.zone();
    let payable_at = zone.start_of_day_after(order.occurred_at, referral.payout_after_days);
    decides(claim, order, payable_at, referral, scene).then_some(())?;
    let deciding = Deciding {
        order: order.id.clone(),
        occurred_at: order.occurred_at,
        net: order.net,
        refunded: Minor::ZERO,
        commission: referral.commission(order.net),
        payable_at,
        own: advocate.is_also(&order.identities).is_some(),
    };
    let mut claim = Claim { order: Some(deciding), ..claim.clone() };
    if advocate.lives_with(&order.identities) {
        claim.flags.insert(Flag::Household);
    }
    // Of two orders that decide in turn the first one's instant is undone: it does not count.
    let since = order.occurred_at.saturating_sub(SignedDuration::from_hours(ADVOCATE_DAYS.saturating_mul(24)));
    let since = since.expect("a duration suits a timestamp");
    let had = advocate.rewarded.iter().filter(|at| since < **at && **at <= order.occurred_at).count();
    if had >= referral.per_advocate {
        claim.flags.insert(Flag::Velocity);
    }
    Some(decided(claim, referral, scene.now))
}

/// Is it the order that decides?
fn decides(claim: &Claim, order: &PaidOrder, payable_at: Timestamp, referral: &Referral, scene: Scene<'_>) -> bool {
    // Of one that expired an order may come late that was in time; what somebody decided stays.
    let over = match claim.state {
        ClaimState::Payable | ClaimState::Settled | ClaimState::Reversed(_) => true,
        ClaimState::Rejected(reason) => matches!(reason, Reason::Decided | Reason::ReviewExpired),
        ClaimState::Claimed | ClaimState::Review | ClaimState::Qualified | ClaimState::Expired => false,
    };
    match &claim.order {
        _ if over => false,
        None if referral.first_order => true,
        None => order.net >= referral.min,
        Some(_) if !referral.first_order => false,
        Some(first) => first.order != order.id && order.occurred_at < first.occurred_at && scene.now < payable_at,
    }
}

/// What the order of a claim comes to.
pub(super) fn decided(claim: Claim, referral: &Referral, now: Timestamp) -> Change<Claim> {
    let Some(order) = claim.order.clone() else {
        let state = if claim.review_since.is_some() { ClaimState::Review } else { ClaimState::Claimed };
        return Change::to(claim.being(state));
    };
    if !claim.flags.is_empty() && claim.approved_at.is_none() {
        let since = claim.review_since.or(Some(now));
        let flags = claim.flags.iter().map(|flag| flag.name().to_owned()).collect();
        let new = claim.review_since.is_none();
        let change = Change::to(Claim { review_since: since, ..claim.being(ClaimState::Review) });
        return if new { change.telling(ReferralFact::ReferralFlagged { flags }) } else { change };
    }
    let state = verdict(&claim, &order, referral);
    let told = match state {
        ClaimState::Qualified => ReferralFact::ReferralQualified { minor: order.commission },
        ClaimState::Rejected(reason) => ReferralFact::ReferralRejected { code: reason.name().to_owned() },
        _ => return Change::to(claim.being(state)),
    };
    let accrued = ReferralFact::CommissionAccrued { minor: order.commission };
    let qualified = state == ClaimState::Qualified;
    let payable_at = claim.approved_at.map_or(order.payable_at, |approved| order.payable_at.max(approved));
    let order = Deciding { payable_at, ..order };
    let change = Change::to(Claim { order: Some(order), ..claim.being(state) }).telling(told);
    if qualified { change.telling(accrued) } else { change }
}

fn verdict(claim: &Claim, order: &Deciding, referral: &Referral) -> ClaimState {
    if order.occurred_at < claim.claimed_at {
        return ClaimState::Rejected(Reason::OrderedBeforeClaim);
    }
    if order.occurred_at >= claim.expires_at {
        return ClaimState::Expired;
    }
    let left = order.net - order.refunded;
    if left < referral.min || !left.is_positive() {
        let whole = order.refunded.is_zero();
        let reason = if whole { Reason::BelowMinimum } else { Reason::BelowMinimumAfterRefund };
        return if whole { ClaimState::Rejected(reason) } else { ClaimState::Reversed(reason) };
    }
    if order.own { ClaimState::Rejected(Reason::SelfReferral) } else { ClaimState::Qualified }
}
