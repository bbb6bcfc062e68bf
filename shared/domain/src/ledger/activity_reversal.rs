//! Taking back what a fact that is no order has earned: as a refund of all of an order would.

use crate::kernel::id::{EntryId, OperationId};
use crate::kernel::quantity::Points;
use crate::kernel::refusal::{InvalidField, Missing, OutsideWindow, refusals};
use crate::kernel::time::add_days;
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::clawback::{Clawed, ClawingBack, Earned, claw_back, in_window, undo};
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::reversal::TakingBack;
use crate::planted;
use crate::programme::setting::Setting;

/// A fact turned out not to be so, or to be worth nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseActivity {
    /// Where that fact came from.
    pub source: String,
    /// Its id there.
    pub id: String,
    /// Why, in words.
    pub reason: Option<String>,
}

impl ReverseActivity {
    /// The operation that recorded the fact.
    #[must_use]
    pub fn operation(&self) -> OperationId {
        OperationId::of_event(&self.source, &self.id)
    }
}

refusals! {
    /// Why a fact is not taken back.
    ReversingActivity {
        | ClawingBack,
        | TakingBack,
        | InvalidField,
        | Missing,
        | OutsideWindow,
    }
}

/// What the member's ledger knows of the fact.
fn find<'a>(history: &'a [Entry], reverse: &ReverseActivity) -> Option<Earned<'a>> {
    let operation = reverse.operation();
    let entry = history.iter().find(|entry| entry.operation == operation)?;
    let Detail::Earn { inputs, trace, .. } = &entry.detail else { return None };
    Some(Earned { entry, inputs, trace })
}

/// Decides what the reversal of a fact takes back, and gives back: the turns of limits. `history` reaches back
/// to the fact's entry, or as far as a fact may be taken back.
///
/// # Errors
/// The member has no such fact, it is an order or was taken back, a time is not acceptable, or the debt would be too large.
pub fn reverse_activity(reverse: &ReverseActivity, case: Case<'_>) -> Result<Change, ReversingActivity> {
    let Case { history, stamp, then: current, setting: Setting { programmes, now }, .. } = case;
    in_window(stamp.occurred_at, current, now)?;
    let earned = find(history, reverse).ok_or(Missing::NotFound { what: "fact" })?;
    let Detail::Earn { activity, order: None, status, .. } = &earned.entry.detail else {
        return Err(InvalidField::new("of", "is an order: report what came back of it as a refund").into());
    };
    let closed_at = add_days(earned.entry.occurred_at, current.document().programme.refund_window_days);
    if stamp.occurred_at >= closed_at {
        return Err(TakingBack::ReversalWindowClosed { closed_at }.into());
    }
    let earning = earned.entry.sequence;
    let of_it = |entry: &&Entry| matches!(entry.detail, Detail::ActivityReversal { earning: of, .. } if of == earning);
    if let Some(entry) = history.iter().find(of_it).filter(|_| !planted!("bug-activity-reversed-twice")) {
        let by = EntryId { member: case.account.member.clone(), sequence: entry.sequence };
        return Err(TakingBack::NothingToReverse { remaining: Points::ZERO, by: Some(by) }.into());
    }
    let frozen = programmes.numbered(earned.entry.programme).expect("the store loads the version of the fact's entry");
    let mut books = case.books();
    if !planted!("bug-reversal-keeps-turn") {
        undo(&mut books.account, earned, frozen);
    }
    let due = earned.trace.values().copied().sum();
    let Clawed { expired, expired_lot, shortfall } = claw_back(&mut books, earned, due, history)?;
    books.account.credit_status(frozen.zone(), earned.entry.occurred_at, earned.entry.recorded_at, -*status);
    books.lift(programmes);
    let (activity, reason) = (activity.clone(), reverse.reason.clone());
    let status = *status;
    let detail = Detail::ActivityReversal { earning, activity, expired, expired_lot, shortfall, status, reason };
    Ok(books.close(stamp, detail))
}
