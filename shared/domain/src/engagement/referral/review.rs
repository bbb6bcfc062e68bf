//! Somebody looks at a claim; time passes.

use jiff::Timestamp;

use super::claim::{Claim, ClaimState, Reason};
use super::facts::ReferralFact;
use super::order::decided;
use crate::engagement::activity::Activity;
use crate::kernel::change::Change;
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{WrongState, refusals};
use crate::kernel::time::add_days;
use crate::programme::engagement::referral::Referral;

/// How long somebody has to look at a claim.
const REVIEW_DAYS: i32 = 30;

/// Who decides on a claim that somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The member that the person is, if any.
    pub by: Option<MemberId>,
    /// When.
    pub at: Timestamp,
}

refusals! {
    /// Why somebody does not decide on a claim.
    ReviewRefusal {
        /// Nobody decides for themselves.
        Forbidden SelfBenefit ("self_benefit") = "nobody decides for themselves",
        | WrongState,
    }
}

fn may(claim: &Claim, decision: &Decision) -> Result<(), ReviewRefusal> {
    if decision.by.as_ref().is_some_and(|by| *by == claim.advocate || *by == claim.friend) {
        return Err(ReviewRefusal::SelfBenefit);
    }
    if claim.state == ClaimState::Review {
        return Ok(());
    }
    Err(WrongState::WrongState { state: claim.state.name(), allowed: &[] }.into())
}

/// Approves a claim: the order that waited decides as it would have, and is paid no earlier than now.
///
/// # Errors
/// Nobody has to look at it, or not this person.
pub fn approved(claim: &Claim, decision: &Decision, referral: &Referral) -> Result<Change<Claim>, ReviewRefusal> {
    may(claim, decision)?;
    let claim = Claim { approved_at: Some(decision.at), review_since: None, ..claim.clone() };
    if claim.order.is_none() && decision.at >= claim.expires_at {
        return Ok(Change::to(claim.being(ClaimState::Expired)));
    }
    Ok(decided(claim, referral, decision.at))
}

/// Rejects a claim.
///
/// # Errors
/// Nobody has to look at it, or not this person.
pub fn rejected(claim: &Claim, decision: &Decision) -> Result<Change<Claim>, ReviewRefusal> {
    may(claim, decision)?;
    Ok(reject(claim, Reason::Decided))
}

fn reject(claim: &Claim, reason: Reason) -> Change<Claim> {
    let told = ReferralFact::ReferralRejected { code: reason.name().to_owned() };
    Change::to(claim.being(ClaimState::Rejected(reason))).telling(told)
}

/// What time does to a claim: without an order it expires, and nobody looks at it for ever.
#[must_use]
pub fn lapsed(claim: &Claim, now: Timestamp) -> Option<Change<Claim>> {
    let waits = matches!(claim.state, ClaimState::Claimed | ClaimState::Review) && claim.order.is_none();
    if waits && now >= claim.expires_at {
        return Some(Change::to(claim.being(ClaimState::Expired)));
    }
    let unseen = claim.review_since.filter(|_| claim.state == ClaimState::Review);
    let unseen = unseen.is_some_and(|since| now >= add_days(since, REVIEW_DAYS));
    unseen.then(|| reject(claim, Reason::ReviewExpired))
}

/// What is accrued becomes payable on its day, and the ledger is told, which gives the points.
#[must_use]
pub fn payable(claim: &Claim, now: Timestamp) -> Option<(Change<Claim>, Activity)> {
    let order = claim.order.as_ref().filter(|order| order.payable_at <= now)?;
    (claim.state == ClaimState::Qualified).then_some(())?;
    let told = ReferralFact::CommissionPayable { minor: order.commission };
    let id = format!("referral|{}", claim.friend);
    let activity = Activity::new("referral.qualified", id, &claim.advocate, order.payable_at);
    Some((Change::to(claim.being(ClaimState::Payable)).telling(told), activity))
}

/// Advocate and friend turn out to be one.
pub fn one_person(claim: &Claim) -> Change<Claim> {
    let told = ReferralFact::CommissionReversed { minor: claim.commission() };
    let change = Change::to(claim.being(ClaimState::Reversed(Reason::SelfReferral)));
    if claim.commission().is_positive() { change.telling(told) } else { change }
}
