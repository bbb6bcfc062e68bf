//! Paying with points at a checkout: hold, then capture or release.

use jiff::Timestamp;
use serde::Serialize;

use crate::kernel::id::EntryId;
use crate::kernel::quantity::{Minor, Points};
use crate::kernel::refusal::{Missing, refusals};
use crate::kernel::time::add_minutes;
use crate::ledger::account::Account;
use crate::ledger::availability::{NextActivation, Reason, Unavailable};
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::effect::Effect;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::membership::Membership;
use crate::ledger::order_row::{OrderHold, OrderRow};
use crate::ledger::pockets::{Hold, Movement};
use crate::ledger::redemption::grace_of;
use crate::ledger::settlement::Settlement;
use crate::planted;
use crate::programme::compiled::Programme;

/// Holds points for an order that is being paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldPoints {
    /// Which order.
    pub order_id: String,
    /// What it costs, net, in minor units.
    pub order_net: Minor,
    /// How many points the member wants to use; less may be allowed.
    pub points: Points,
}

/// How many points an order allows, and what they pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// Points, in whole steps.
    pub points: Points,
    /// What they pay, in minor units.
    pub value: Minor,
}

refusals! {
    /// Why points cannot be held.
    Holding {
        /// Fewer points than the programme lets one pay with.
        Invalid BelowMinimum ("below_minimum" at "points") {
            /// The fewest.
            min_points: Points,
            /// What the order allows.
            allowed: Points,
        } = "fewer points than one can pay with",
        /// Too many holds are open.
        Conflict TooManyHolds ("too_many_holds") {
            /// The most.
            most: usize,
        } = "too many holds are open",
        /// Points were held for the order before, and have paid for it or may still.
        Conflict OrderAlreadyHasHold ("order_already_has_hold") {
            /// That hold.
            hold: EntryId,
        } = "points are held for this order already, or have paid for it",
        /// The order is in the ledger as paid.
        Conflict OrderAlreadyPaid ("order_already_paid") = "the order is paid: nothing is left to pay",
        | Unavailable,
    }
}

refusals! {
    /// Why a hold cannot be captured or released.
    EndingHold {
        /// The hold is no longer open.
        Conflict HoldNotOpen ("hold_not_open") {
            /// What became of it.
            state: HoldState,
        } = "the hold is no longer open",
        | Missing,
    }
}

/// What became of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Its points were spent.
    Captured,
    /// Its points were given back.
    Released,
    /// It ended by itself.
    Expired,
}

/// The most points that may pay for an order, at most `wanted`: the programme's share of it, in whole steps.
#[must_use]
pub fn pay_with_points(programme: &Programme, order_net: Minor, wanted: Points) -> Allowed {
    let pay = &programme.document().redemption.pay_with_points;
    let whole = |upper: i128, lower: i128| upper.checked_div(lower).unwrap_or_default();
    let most_value = whole(i128::from(order_net.0).saturating_mul(pay.max_share_bp.into()), 10_000);
    let by_order = whole(most_value.saturating_mul(pay.points.0.into()), pay.value_minor.0.into());
    let step = i128::from(pay.step_points.0);
    let points = whole(by_order.min(wanted.0.into()).max(0), step).saturating_mul(step);
    let value = whole(points.saturating_mul(pay.value_minor.0.into()), pay.points.0.into());
    let bounded = |number: i128| i64::try_from(number).expect("at most what was wanted");
    Allowed { points: Points(bounded(points)), value: Minor(bounded(value)) }
}

/// What the programme lets points pay of an order, at most `wanted`, whatever the balance: none below its minimum.
#[must_use]
pub fn allowed(programme: &Programme, order_net: Minor, wanted: Points) -> Allowed {
    let allowed = pay_with_points(programme, order_net, wanted);
    let too_few = allowed.points < programme.document().redemption.pay_with_points.min_points;
    if too_few { Allowed { points: Points::ZERO, value: Minor::ZERO } } else { allowed }
}

/// How many points may pay for an order now, at most those wanted: none where a hold would be refused.
#[must_use]
pub fn payable(
    account: &Account,
    programme: &Programme,
    hold: &HoldPoints,
    order: &OrderRow,
    now: Timestamp,
) -> Allowed {
    let pockets = &account.pockets;
    let taken = order.paid || order.hold.as_ref().is_some_and(|other| other.stands(now));
    let inactive = account.membership != Membership::Active;
    let refused = inactive || taken || pockets.debt.is_positive() || account.holds.len() >= Account::MAX_HOLDS;
    let wanted = if refused { Points::ZERO } else { hold.points.min(pockets.active_points()) };
    allowed(programme, hold.order_net, wanted)
}

/// Decides a hold.
///
/// # Errors
/// The order is paid, or has a hold; too few points, a debt, less than the programme's minimum, or too many open holds.
pub fn hold(hold: &HoldPoints, case: Case<'_>) -> Result<Change, Holding> {
    let Case { stamp, then: programme, setting, .. } = case;
    let mut books = case.books();
    let redemption = &programme.document().redemption;
    let allowed = pay_with_points(programme, hold.order_net, hold.points);
    if allowed.points < redemption.pay_with_points.min_points {
        let min_points = redemption.pay_with_points.min_points;
        return Err(Holding::BelowMinimum { min_points, allowed: allowed.points });
    }
    if case.known.order.paid {
        return Err(Holding::OrderAlreadyPaid);
    }
    if let Some(other) =
        case.known.order.hold.as_ref().filter(|other| other.stands(setting.now) && !planted!("bug-second-hold"))
    {
        return Err(Holding::OrderAlreadyHasHold { hold: other.hold.clone() });
    }
    let pockets = &books.account.pockets;
    let (active, debt) = (pockets.active_points(), pockets.debt);
    let mut reasons = Vec::new();
    if debt.is_positive() {
        reasons.push(Reason::InDebt { debt });
    }
    if active < allowed.points {
        let next_activation = pockets.next_activation().map(|(at, points)| NextActivation { points, at });
        let missing = allowed.points - active + debt;
        reasons.push(Reason::InsufficientPoints { required: allowed.points, active, debt, missing, next_activation });
    }
    Unavailable::unless_empty(reasons)?;
    if books.account.holds.len() >= Account::MAX_HOLDS {
        return Err(Holding::TooManyHolds { most: Account::MAX_HOLDS });
    }
    let sequence = books.next_sequence();
    for movement in books.account.pockets.draw(allowed.points) {
        books.post(movement);
        if let Movement::Active { expires_at, points } = movement {
            books.post(Movement::Held { hold: sequence, expires_at, points: -points });
        }
    }
    let until = add_minutes(setting.now, redemption.hold_minutes);
    let (order, value) = (hold.order_id.clone(), allowed.value);
    books.account.holds.insert(sequence, Hold { order: order.clone(), value, until });
    let id = EntryId { member: books.account.member.clone(), sequence };
    let held = OrderHold { hold: id, value, order_net: hold.order_net, until, captured: false };
    let mut change = books.close(stamp, Detail::Hold { order: order.clone(), value_minor: value, until });
    change.effects.push(Effect::HoldOrder { order, hold: held, seen: case.known.order.clone() });
    Ok(change)
}

/// The open hold, or what became of it.
fn open_hold(books: &Books<'_>, hold: u64, history: &[Entry]) -> Result<Hold, EndingHold> {
    if let Some(open) = books.account.holds.get(&hold) {
        return Ok(open.clone());
    }
    let made = history.iter().any(|entry| entry.sequence == hold && matches!(entry.detail, Detail::Hold { .. }));
    if !made {
        return Err(Missing::NotFound { what: "hold" }.into());
    }
    let ended = history.iter().find_map(|entry| match entry.detail {
        Detail::Capture { hold: captured, .. } if captured == hold => Some(HoldState::Captured),
        Detail::Release { hold: released } if released == hold => Some(HoldState::Released),
        _ => None,
    });
    Err(EndingHold::HoldNotOpen { state: ended.unwrap_or(HoldState::Expired) })
}

/// What becomes of a hold in its order's row.
fn ended(books: &Books<'_>, sequence: u64, open: &Hold, paid: Minor) -> Effect {
    let hold = EntryId { member: books.account.member.clone(), sequence };
    Effect::EndHold { order: open.order.clone(), hold, paid }
}

/// Spends held points. A lot that expires while it is held is still honoured.
///
/// # Errors
/// The hold is not open.
pub fn capture(hold: u64, case: Case<'_>) -> Result<Change, EndingHold> {
    let mut books = case.books();
    let open = open_hold(&books, hold, case.history)?;
    let parts: Vec<_> = books.account.pockets.held_by(hold).collect();
    let movements: Vec<_> =
        parts.into_iter().map(|(expires_at, points)| Movement::Held { hold, expires_at, points: -points }).collect();
    let grace = grace_of(&books.account, &movements);
    for movement in movements {
        books.post(movement);
    }
    books.account.holds.remove(&hold);
    books.slide_expiry(case.setting.now);
    let ended = ended(&books, hold, &open, open.value);
    let detail = Detail::Capture { hold, order: open.order, value_minor: open.value, until: open.until, grace };
    let mut change = books.close(case.stamp, detail);
    change.effects.push(ended);
    Ok(change)
}

/// Gives held points back.
///
/// # Errors
/// The hold is not open.
pub fn release(hold: u64, case: Case<'_>) -> Result<Change, EndingHold> {
    let mut books = case.books();
    let open = open_hold(&books, hold, case.history)?;
    let ended = ended(&books, hold, &open, Minor::ZERO);
    let released: Settlement = books.account.pockets.release(hold, case.setting.now);
    for movement in released.movements() {
        books.post(movement);
    }
    books.account.holds.remove(&hold);
    let mut change = books.close(case.stamp, Detail::Release { hold });
    change.effects.push(ended);
    Ok(change)
}
