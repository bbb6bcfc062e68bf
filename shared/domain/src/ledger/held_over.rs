//! Points that were held for a booking in another programme when its member was brought over (rules: import 27a). A hold of there is one of here: it
//! has an entry of its own, claims the order's row, and is captured, released or ended by time like any other.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::kernel::id::{ContentHash, EntryId, OperationId};
use crate::kernel::quantity::{Minor, Points};
use crate::kernel::stamp::Stamp;
use crate::ledger::account::Account;
use crate::ledger::availability::{Reason, Unavailable};
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::effect::Effect;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::hold::Holding;
use crate::ledger::order_row::OrderHold;
use crate::ledger::pockets::{Hold, Movement};
use crate::programme::compiled::Programme;

/// A hold that is brought over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldOver {
    /// What the booking is called.
    pub order: String,
    /// When the hold ends by itself.
    pub until: Timestamp,
    /// Which points, by expiry.
    pub lots: BTreeMap<Timestamp, Points>,
}

impl HeldOver {
    /// What it says.
    #[must_use]
    pub(crate) fn said(&self) -> Value {
        let lots: Value = self.lots.iter().map(|(expires, points)| json!([expires, points.0])).collect();
        json!([self.order, self.until, lots])
    }

    /// How many points.
    #[must_use]
    pub fn points(&self) -> Points {
        self.lots.values().copied().sum()
    }
}

/// What identifies the hold of a booking that an opening has brought over.
#[must_use]
fn operation(opening: OperationId, order: &str) -> OperationId {
    OperationId::of_fact("held over", &opening.to_string(), order)
}

/// Is an entry the hold of a booking that an opening has brought over?
#[must_use]
pub(crate) fn came_with(opening: &Entry, entry: &Entry) -> bool {
    matches!(&entry.detail, Detail::Hold { order, .. } if entry.operation == operation(opening.operation, order))
}

/// Those of them that are still open.
#[must_use]
pub fn still_held(account: &Account, opening: &Entry, history: &[Entry]) -> Vec<u64> {
    let held = history.iter().filter(|entry| came_with(opening, entry)).map(|entry| entry.sequence);
    held.filter(|hold| account.holds.contains_key(hold)).collect()
}

/// The name of the release of a hold that goes with what had brought it.
#[must_use]
pub fn release_of(hold: u64, now: Timestamp) -> Stamp {
    Stamp { operation: OperationId::of_step(hold, "release"), content: ContentHash::of(&hold.into()), occurred_at: now }
}

/// What points pay by the programme, in whole minor units.
fn value_of(programme: &Programme, points: Points) -> Minor {
    let pay = &programme.document().redemption.pay_with_points;
    let value = i128::from(points.0).saturating_mul(pay.value_minor.0.into()).checked_div(pay.points.0.into());
    Minor(value.and_then(|value| i64::try_from(value).ok()).unwrap_or_default())
}

/// Decides that points are held as they were there, right after the `opening` that has brought them.
///
/// # Errors
/// The order is paid, or has a hold; a debt has taken the points; or too many holds are open.
pub fn hold_over(held: &HeldOver, opening: OperationId, case: Case<'_>) -> Result<Change, Holding> {
    let mut books = case.books();
    if case.known.order.paid {
        return Err(Holding::OrderAlreadyPaid);
    }
    // One of the member's own that is open no more has been let go just before.
    let (member, holds) = (&books.account.member, &books.account.holds);
    let let_go =
        |hold: &OrderHold| !hold.captured && hold.hold.member == *member && !holds.contains_key(&hold.hold.sequence);
    let other = case.known.order.hold.as_ref().filter(|other| other.stands(case.setting.now) && !let_go(other));
    if let Some(other) = other {
        return Err(Holding::OrderAlreadyHasHold { hold: other.hold.clone() });
    }
    if books.account.holds.len() >= Account::MAX_HOLDS {
        return Err(Holding::TooManyHolds { most: Account::MAX_HOLDS });
    }
    let (sequence, points) = (books.next_sequence(), held.points());
    books.hold_lots(sequence, held)?;
    let value = value_of(case.then, points);
    let (order, until) = (held.order.clone(), held.until);
    books.account.holds.insert(sequence, Hold { order: order.clone(), value, until });
    let hold = EntryId { member: books.account.member.clone(), sequence };
    // What the order comes to is not known yet.
    let hold = OrderHold { hold, value, order_net: Minor::ZERO, until, captured: false };
    let stamp = Stamp { operation: operation(opening, &order), content: ContentHash::of(&held.said()), ..*case.stamp };
    let mut change = books.close(&stamp, Detail::Hold { order: order.clone(), value_minor: value, until });
    change.effects.push(Effect::HoldOrder { order, hold, seen: case.known.order.clone() });
    Ok(change)
}

impl Books<'_> {
    /// Holds points of the lots that are named; where a debt has met them, of those that expire first.
    fn hold_lots(&mut self, hold: u64, held: &HeldOver) -> Result<(), Unavailable> {
        let mut rest = Points::ZERO;
        for (&expires_at, &points) in &held.lots {
            let there = self.account.pockets.active.get(&expires_at).copied().unwrap_or_default().min(points);
            rest += points - there;
            self.moves_to_hold(hold, expires_at, there);
        }
        let (active, debt) = (self.account.pockets.active_points(), self.account.pockets.debt);
        if rest > active {
            let (required, missing) = (held.points(), rest - active);
            let next_activation = None;
            let reason = Reason::InsufficientPoints { required, active, debt, missing, next_activation };
            return Err(Unavailable::because(reason));
        }
        for movement in self.account.pockets.draw(rest) {
            if let Movement::Active { expires_at, points } = movement {
                self.moves_to_hold(hold, expires_at, -points);
            }
        }
        Ok(())
    }

    fn moves_to_hold(&mut self, hold: u64, expires_at: Timestamp, points: Points) {
        if points.is_positive() {
            self.post(Movement::Active { expires_at, points: -points });
            self.post(Movement::Held { hold, expires_at, points });
        }
    }
}
