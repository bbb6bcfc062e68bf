//! Corrections by hand: audited, with a reason; large ones need a second person.

use jiff::Timestamp;

use crate::kernel::quantity::Points;
use crate::kernel::refusal::{InvalidField, Missing, refusals};
use crate::kernel::stamp::Stamp;
use crate::kernel::time::add_days;
use crate::ledger::availability::{NextActivation, Reason, Unavailable};
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::entry::Detail;
use crate::ledger::four_eyes;

/// A correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjust {
    /// Points to add, or take if negative; not zero.
    pub points: Points,
    /// One of the programme's reasons.
    pub reason: String,
}

/// A second person's approval of a correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approve {
    /// The entry that asked for it.
    pub request: u64,
}

refusals! {
    /// Why a correction is refused.
    Adjusting {
        | InvalidField,
        | Unavailable,
    }
}

refusals! {
    /// Why an approval is refused.
    Approving {
        /// The one who asked may not approve.
        Forbidden SameApprover ("same_approver") = "the one who asked may not approve",
        /// A member may not approve what is given to them.
        Forbidden SelfBenefit ("self_benefit") = "who approves may not be the member",
        /// The request was not approved in time.
        Conflict ApprovalExpired ("approval_expired") {
            /// Since when.
            expired_at: Timestamp,
        } = "the request was not approved in time",
        | Missing,
        | Unavailable,
    }
}

/// Decides a correction: posts it, or records that it waits for a second person, if with what was moved by hand within a day it comes to
/// more than the programme's limit.
///
/// # Errors
/// An unknown reason, or more points to take than can be spent.
pub fn adjust(adjust: &Adjust, case: Case<'_>) -> Result<Change, Adjusting> {
    let rules = &case.then.document().adjustment;
    if !rules.reasons.contains(&adjust.reason) {
        return Err(InvalidField::new("reason", format!("must be one of {}", rules.reasons.join(", "))).into());
    }
    let Adjust { points, reason } = adjust.clone();
    let mut change = if four_eyes::passes(points, &case).is_some() {
        case.books().close(case.stamp, Detail::AdjustmentRequest { points, reason })
    } else {
        post(case.books(), points, case.stamp, Detail::Adjust { reason, request: None })?
    };
    change.effects.extend(four_eyes::count(points, &case));
    Ok(change)
}

/// Decides an approval. `history` reaches back to the request.
///
/// # Errors
/// There is no such request, it waited too long, the same person asked, or more points are to be taken than can be spent.
pub fn approve(approve: &Approve, case: Case<'_>) -> Result<Change, Approving> {
    let Case { history, stamp, then: programme, setting, .. } = case;
    let found = history.iter().find(|entry| entry.sequence == approve.request);
    let Some((entry, points, reason)) = found.and_then(|entry| match &entry.detail {
        Detail::AdjustmentRequest { points, reason } => Some((entry, *points, reason.clone())),
        _ => None,
    }) else {
        return Err(Missing::NotFound { what: "adjustment" }.into());
    };
    if entry.by.as_ref() == case.by {
        return Err(Approving::SameApprover);
    }
    if case.by.is_some_and(|by| by.subject() == case.account.member.as_str()) {
        return Err(Approving::SelfBenefit);
    }
    let expired_at = add_days(entry.recorded_at, programme.document().adjustment.approval_days);
    if setting.now >= expired_at {
        return Err(Approving::ApprovalExpired { expired_at });
    }
    let detail = Detail::Adjust { reason, request: Some(approve.request) };
    Ok(post(case.books(), points, stamp, detail)?)
}

fn post(mut books: Books<'_>, points: Points, stamp: &Stamp, detail: Detail) -> Result<Change, Unavailable> {
    if points.is_positive() {
        let wallet = books.programme.points();
        let expires_at = wallet.validity.expires_at(books.now, wallet.round_expiry, books.programme.zone());
        books.credit(expires_at, points);
        return Ok(books.close(stamp, detail));
    }
    let pockets = &books.account.pockets;
    let (required, active) = (-points, pockets.active_points());
    if active < required {
        let debt = pockets.debt;
        let next_activation = pockets.next_activation().map(|(at, points)| NextActivation { points, at });
        let missing = required - active + debt;
        let reason = Reason::InsufficientPoints { required, active, debt, missing, next_activation };
        return Err(Unavailable::because(reason));
    }
    let _taken = books.draw(required);
    Ok(books.close(stamp, detail))
}
