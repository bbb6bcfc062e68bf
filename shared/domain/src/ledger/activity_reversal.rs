//! Taking back what a fact that is no order has earned: as a refund of all of an order would.

use crate::kernel::id::{EntryId, FactName, MemberId};
use crate::kernel::quantity::Points;
use crate::kernel::refusal::{InvalidField, Missing, OutsideWindow, refusals};
use crate::kernel::stamp::Stamp;
use crate::kernel::time::add_days;
use crate::ledger::account::Account;
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::clawback::{Clawed, ClawingBack, Earned, claw_back, undo};
use crate::ledger::doer::Doer;
use crate::ledger::effect::Effect;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::known::Known;
use crate::ledger::parked::{Fate, Lapse, Parked, Takes};
use crate::ledger::reversal::TakingBack;
use crate::ledger::reverse_activity::ReverseActivity;
use crate::planted;
use crate::programme::general::UnknownRefund;
use crate::programme::setting::Setting;

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
    Earned::of(entry, history)
}

/// Decides what the reversal of a fact takes back, and gives back: the turns of limits. `history` reaches back
/// to the fact's entry, or as far as a fact may be taken back.
///
/// # Errors
/// The member has no such fact, it is an order or was taken back, a time is not acceptable, or the debt would be too large.
pub fn reverse_activity(reverse: &ReverseActivity, case: Case<'_>) -> Result<Change, ReversingActivity> {
    case.then.in_window(case.stamp.occurred_at, case.setting.now)?;
    take_back(reverse, case)
}

/// Keeps the reversal of a fact that nobody has reported yet, until somebody does. `waiting` is what its row keeps already.
///
/// # Errors
/// Another one waits, or the programme keeps nothing that comes before what it takes back.
pub fn park(
    reverse: &ReverseActivity,
    (member, by): (&MemberId, Option<&Doer>),
    stamp: &Stamp,
    waiting: &[Parked],
    setting: Setting<'_>,
) -> Result<Parked, ReversingActivity> {
    let general = &setting.programmes.at(stamp.occurred_at).document().programme;
    if general.unknown_refund == UnknownRefund::Refuse {
        return Err(Missing::NotFound { what: "fact" }.into());
    }
    if waiting.iter().any(Parked::waits) {
        return Err(TakingBack::NothingToReverse { remaining: Points::ZERO, by: None }.into());
    }
    let Stamp { operation, content, occurred_at } = *stamp;
    let takes = Takes::Fact { of: reverse.clone(), by: by.cloned() };
    let (member, recorded_at) = (Some(member.clone()), setting.now);
    Ok(Parked { operation, content, occurred_at, recorded_at, member, takes, fate: Fate::Waits })
}

/// What has become of the reversal that waited for a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// What it takes back, if it can.
    pub change: Option<Change>,
    /// What the fact's row says of it from now on.
    pub settles: Effect,
}

/// A fact has come, and one that takes it back had come before; none, if none waits. `account` and `history` are those right after the fact.
#[must_use]
pub fn meet(
    fact: &FactName,
    (account, history): (&Account, &[Entry]),
    known: &Known,
    setting: Setting<'_>,
) -> Option<Met> {
    let seen = &known.order.parked;
    let place = seen.iter().position(|parked| parked.waits() && !planted!("bug-parked-reversal-forgotten"))?;
    let waited = &seen[place];
    let Takes::Fact { of, by } = &waited.takes else { return None };
    let stamp = &Stamp { operation: waited.operation, content: waited.content, occurred_at: waited.occurred_at };
    let then = setting.programmes.at(stamp.occurred_at);
    let case = Case { account, history, known, by: by.as_ref(), stamp, then, setting };
    let change = if !known.is_for(&account.member, waited) {
        Err(Lapse::OtherMember)
    } else if waited.lapses_at(setting) <= setting.now {
        Err(Lapse::NoOrder)
    } else {
        take_back(of, case).map_err(|refusal| match refusal {
            ReversingActivity::ClawingBack(_) => Lapse::DebtLimit,
            _ => Lapse::WindowClosed,
        })
    };
    let mut parked = seen.clone();
    parked[place].fate = change.as_ref().map_or_else(|lapse| Fate::Lapsed(*lapse), |_| Fate::Netted);
    let (fact, seen, at) = (fact.key, seen.clone(), setting.now);
    let settles = Effect::SettleParked { fact, parked, seen, at, programme: then.number };
    Some(Met { change: change.ok(), settles })
}

fn take_back(reverse: &ReverseActivity, case: Case<'_>) -> Result<Change, ReversingActivity> {
    let Case { history, stamp, then: current, setting: Setting { programmes, .. }, .. } = case;
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
    let Clawed { expired, expired_lot, shortfall, withheld } = claw_back(&mut books, earned, due, history)?;
    if withheld.is_none() {
        books.account.credit_status(frozen.zone(), earned.entry.occurred_at, earned.entry.recorded_at, -*status);
    }
    books.lift(programmes);
    let (activity, reason) = (activity.clone(), reverse.reason.clone());
    let status = *status;
    let detail =
        Detail::ActivityReversal { earning, activity, expired, expired_lot, shortfall, status, reason, withheld };
    Ok(books.close(stamp, detail))
}
