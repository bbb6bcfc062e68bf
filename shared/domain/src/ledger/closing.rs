//! An account is emptied for ever: what is held is released, all points expire, debt is forgiven. It never takes anything in again.

use crate::kernel::id::EntryId;
use crate::kernel::quantity::{Minor, Points};
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::effect::Effect;
use crate::ledger::entry::Detail;
use crate::ledger::pockets::{Movement, Pockets};

/// Empties an account for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// Why, as a code: `erased`.
    pub because: String,
}

/// Decides a closing.
pub fn close(close: &Close, case: Case<'_>) -> Change {
    let mut books = case.books();
    let Pockets { active, pending, held, debt } = books.account.pockets.clone();
    let (total, released) = (books.account.pockets.total() + debt, books.account.pockets.held_points());
    for ((hold, expires_at), points) in held {
        books.post(Movement::Held { hold, expires_at, points: -points });
    }
    for (expires_at, points) in active {
        books.post(Movement::Active { expires_at, points: -points });
    }
    for ((activates_at, expires_at), points) in pending {
        books.post(Movement::Pending { activates_at, expires_at, points: -points });
    }
    if debt.is_positive() {
        books.post(Movement::Debt { points: debt });
    }
    let account = &mut books.account;
    let member = account.member.clone();
    let orders = std::mem::take(&mut account.holds).into_iter().map(|(sequence, hold)| {
        let hold_id = EntryId { member: member.clone(), sequence };
        Effect::EndHold { order: hold.order, hold: hold_id, paid: Minor::ZERO }
    });
    let orders: Vec<Effect> = orders.collect();
    account.counters.clear();
    account.streaks.clear();
    account.boosts.clear();
    account.grace.clear();
    account.openings.clear();
    account.cutovers.clear();
    account.lifetime = Points::ZERO;
    (account.score, account.rescore) = (None, false);
    let detail = Detail::Closed { because: close.because.clone(), released, expired: total, forgiven: debt };
    let mut change = books.close(case.stamp, detail);
    change.effects.extend(orders);
    change
}
