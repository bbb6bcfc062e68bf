//! The order that decided comes back, in part or whole.

use super::claim::{Claim, ClaimState, Deciding, Reason};
use super::facts::ReferralFact;
use crate::kernel::change::Change;
use crate::kernel::quantity::Minor;
use crate::programme::engagement::referral::Referral;

/// What a refund does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// What is written.
    pub change: Change<Claim>,
    /// What is taken off the advocate's next statement, because it was paid.
    pub clawback: Minor,
    /// Are the advocate's points taken back?
    pub takes_points: bool,
}

/// What it does that so much of an order came back, all in all; nothing, if the order did not decide.
#[must_use]
pub fn refunded(claim: &Claim, order: &str, refunded: Minor, referral: &Referral) -> Option<Refunded> {
    let before = claim.order.as_ref().filter(|deciding| deciding.order == order && refunded > deciding.refunded)?;
    let stands =
        matches!(claim.state, ClaimState::Review | ClaimState::Qualified | ClaimState::Payable | ClaimState::Settled);
    stands.then_some(())?;
    let refunded = refunded.min(before.net);
    let left = before.net - refunded;
    let reversed = left < referral.min || !left.is_positive();
    let commission = if reversed { Minor::ZERO } else { referral.commission(left) };
    let deciding = Deciding { refunded, commission, ..before.clone() };
    let lowered = Claim { order: Some(deciding), ..claim.clone() };
    let (paid, told) = (claim.state == ClaimState::Settled, before.commission - commission);
    // What somebody looks at stays there; approval finds what is left of the order.
    let state = match claim.state {
        ClaimState::Review => ClaimState::Review,
        _ if reversed => ClaimState::Reversed(Reason::BelowMinimumAfterRefund),
        state => state,
    };
    let mut change = Change::to(lowered.being(state));
    if told.is_positive() && state != ClaimState::Review {
        change = change.telling(ReferralFact::CommissionReversed { minor: told });
    }
    let had_points = matches!(claim.state, ClaimState::Payable | ClaimState::Settled);
    Some(Refunded { change, clawback: if paid { told } else { Minor::ZERO }, takes_points: reversed && had_points })
}
