//! What is recorded of the past is taken back, by the import that had recorded it (rules: import 27, 27d).

use jiff::Timestamp;

use crate::kernel::id::OperationId;
use crate::kernel::quantity::Points;
use crate::kernel::refusal::{Missing, refusals};
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::entry::{Detail, Entry};

/// Takes back what happened in another programme: it is as if nobody had said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithdrawPast {
    /// The operation that had recorded it.
    pub recorded: OperationId,
    /// Since when: what had been recorded before is another import's.
    pub since: Timestamp,
    /// The order, if it is one.
    pub order: Option<String>,
}

refusals! {
    /// Why it stays.
    WithdrawingPast {
        /// Something that was done since goes by it.
        Conflict PastInUse ("past_in_use") = "something of it came back or was paid for with points since",
        | Missing,
    }
}

/// Was what an entry says of the past taken back?
#[must_use]
pub fn is_withdrawn(entry: &Entry, history: &[Entry]) -> bool {
    let past = matches!(&entry.detail, Detail::Earn { inputs, .. } if inputs.past.is_some());
    let of_it =
        |other: &Entry| matches!(other.detail, Detail::ActivityReversal { earning, .. } if earning == entry.sequence);
    past && history.iter().any(of_it)
}

/// Decides it. `history` reaches back to what was recorded.
///
/// # Errors
/// It is not there, or something goes by it.
pub fn withdraw_past(withdraw: &WithdrawPast, case: Case<'_>) -> Result<Change, WithdrawingPast> {
    let history = case.history;
    let recorded = |entry: &&Entry| entry.operation == withdraw.recorded && entry.recorded_at >= withdraw.since;
    let entry = history.iter().rfind(recorded).filter(|entry| !is_withdrawn(entry, history));
    let entry = entry.ok_or(Missing::NotFound { what: "fact" })?;
    let Detail::Earn { activity, order, .. } = &entry.detail else {
        return Err(Missing::NotFound { what: "fact" }.into());
    };
    let came_back = |other: &Entry| {
        other.sequence > entry.sequence
            && matches!(&other.detail, Detail::Refund { order: of, .. } if Some(of) == order.as_ref())
    };
    if history.iter().any(came_back) || case.known.order.hold.as_ref().is_some_and(|hold| hold.stands(case.setting.now))
    {
        return Err(WithdrawingPast::PastInUse);
    }
    let (earning, activity) = (entry.sequence, activity.clone());
    let detail = Detail::ActivityReversal {
        earning,
        activity,
        expired: Points::ZERO,
        expired_lot: None,
        shortfall: Points::ZERO,
        status: Points::ZERO,
        reason: None,
        withheld: None,
    };
    Ok(case.books().close(case.stamp, detail))
}
