//! An order goes to another member: at the one it comes back whole, at the other it is earned as when it was paid (rules: ledger 4.28, 4.29).
//!
//! Both are ordinary entries, a refund and an earning, and each names the other. What had come back of the order stays back: the other
//! member earns for the rest alone. Names of facts stay with the order: its row says whose it is now, and whose it was.

use crate::kernel::id::{ContentHash, EntryId, MemberId, OperationId};
use crate::kernel::quantity::{Minor, Points};
use crate::kernel::refusal::{Missing, refusals};
use crate::kernel::stamp::Stamp;
use crate::kernel::time::add_days;
use crate::ledger::account::Account;
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::doer::Doer;
use crate::ledger::earning::earn::{STREAK_DAYS, as_past, credit, gather, gather_left};
use crate::ledger::earning::order::Earned;
use crate::ledger::earning::rules::Explanation;
use crate::ledger::entry::{Detail, Entry, Inputs};
use crate::ledger::four_eyes;
use crate::ledger::known::Known;
use crate::ledger::lines::{Refund, Remaining, Returned};
use crate::ledger::membership::{Gone, Membership};
use crate::ledger::order_row::MovedOrder;
use crate::ledger::refund::{Left, Paid, Refunding, find, in_its_window, take_back};
use crate::ledger::refusal::{Nobody, OtherRequest};
use crate::planted;
use crate::programme::activity::ORDER_PAID;
use crate::programme::setting::Setting;

refusals! {
    /// Why an order is not moved.
    Moving {
        /// It is this member's already.
        Invalid SameMember ("same_member" at "to") = "the order is this member's",
        /// Whoever moves it would give or take it for themselves.
        Forbidden SelfBenefit ("self_benefit") = "nobody moves an order from or to themselves",
        /// Points of the member paid for it.
        Conflict PaidWithPoints ("paid_with_points") {
            /// The hold.
            hold: EntryId,
        } = "points of the member are held, or were spent, for the order; give them back first",
        /// All of it has come back.
        Conflict NothingLeft ("nothing_left") = "all of the order has come back",
        /// Its lines are not known, so nobody can say what it would earn elsewhere.
        Conflict LinesUnknown ("lines_unknown") = "the order's lines are not known",
        /// Somebody who asked for it before asks again, where a second person has to.
        Forbidden SameApprover ("same_approver") = "a second person has to ask for it",
        /// It was moved too often.
        Conflict TooManyMoves ("too_many_moves") {
            /// The most.
            most: usize,
        } = "the order was moved too often",
        | Gone,
        | Nobody,
        | OtherRequest,
        | Refunding,
    }
}

impl Moving {
    /// How often an order may be moved.
    pub const MOST: usize = 8;
}

/// An order goes to another member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which.
    pub order_id: String,
    /// What names it: both entries follow from it.
    pub name: String,
    /// Why, in words.
    pub reason: String,
    /// Who asks.
    pub by: Doer,
}

/// One of the two accounts.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// As it was written last.
    pub account: &'a Account,
    /// Its entries, oldest first: of the one that has the order back to the order, of the other back to when it was paid.
    pub history: &'a [Entry],
    /// What is known beside them: of the one the order's row, of the other what was moved by hand of late.
    pub known: &'a Known,
}

/// Both accounts afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedBetween {
    /// Of the one that had the order.
    pub from: Change,
    /// Of the one that has it now.
    pub to: Change,
    /// What is moved by hand: what the one loses or the other gains, whichever is more.
    pub points: Points,
    /// A second person has to ask for it as well.
    pub needs_second: bool,
}

impl Move {
    fn operation(&self, leg: &str) -> OperationId {
        OperationId::of_fact("perennial:move", &self.name, leg)
    }
}

/// Moves an order from one account to another, at one instant.
///
/// # Errors
/// Why it cannot be.
pub fn move_order<'a>(
    order: &'a Move,
    from: Side<'a>,
    to: Side<'a>,
    setting: Setting<'a>,
) -> Result<MovedBetween, Moving> {
    let (one, other) = (&from.account.member, &to.account.member);
    if one == other {
        return Err(Moving::SameMember);
    }
    if [one, other].iter().any(|member| member.as_str() == order.by.subject()) {
        return Err(Moving::SelfBenefit);
    }
    if from.account.membership == Membership::Erased {
        return Err(Gone::MemberErased.into());
    }
    receives(to.account)?;
    let paid = find(from.history, &order.order_id).ok_or(Refunding::from(Missing::NotFound { what: "order" }))?;
    in_its_window(&paid, setting.programmes.at(setting.now), setting.now)?;
    if let Some(hold) = from.known.order.hold.as_ref().filter(|hold| hold.stands(setting.now)) {
        return Err(Moving::PaidWithPoints { hold: hold.hold.clone() });
    }
    let lines_as_paid = from.known.order.lines.as_ref().ok_or(Moving::LinesUnknown)?;
    let Left::Lines(left) = Left::of(&paid, Some(lines_as_paid)) else { return Err(Moving::LinesUnknown) };
    if left.is_nothing() {
        return Err(Moving::NothingLeft);
    }
    let frozen = paid.frozen(setting);
    let entry = |member: &MemberId, account: &Account| EntryId {
        member: member.clone(),
        sequence: account.sequence.saturating_add(1),
    };
    let moved = |other: EntryId| MovedOrder { other, reason: order.reason.clone() };
    let stamp = |leg: &str, content, occurred_at| Stamp { operation: order.operation(leg), content, occurred_at };

    let out = stamp("out", ContentHash([0; 8]), setting.now);
    let case = |side: Side<'a>, stamp| {
        let Side { account, history, known } = side;
        Case { account, history, known, by: Some(&order.by), stamp, then: frozen, setting }
    };
    let (lines, amount) = left.all();
    let whole = Refund { order_id: order.order_id.clone(), amount, lines, ..Refund::default() };
    let gone = take_back((&whole, Some(moved(entry(other, to.account)))), &paid, case(from, &out))?;

    let occurred_at = paid.entry.occurred_at;
    let into = stamp("in", paid.entry.content, occurred_at); // the lines in the order's row are known by it
    let case = case(to, &into);
    let mut books = case.books();
    let mut inputs = gather(&books, (ORDER_PAID, &paid.inputs.attributes), occurred_at, to.history);
    if occurred_at < add_days(setting.now, STREAK_DAYS.saturating_neg()) {
        // Dates that old are no longer remembered.
        inputs.streaks.values_mut().for_each(|step| (step.repeated, step.bonuses) = (true, 0));
    }
    let left = if planted!("bug-moved-as-sold") {
        Remaining::of(lines_as_paid, &Returned::default(), Minor::ZERO)
    } else {
        left
    };
    gather_left(&books, &left, occurred_at, &mut inputs);
    let (inputs, explanation) = earn_anew(&mut books, &paid, inputs, &case);
    let points = explanation.points().max(-gone.entry.points());
    let needs_second = four_eyes::passes(points, &case).is_some();
    let by_hand = four_eyes::count(points, &case);
    let mut came = books.close(
        &into,
        Detail::Earn {
            activity: ORDER_PAID.to_owned(),
            order: Some(order.order_id.clone()),
            inputs,
            trace: explanation.trace(),
            status: explanation.status,
            points_paid: None,
            moved: Some(Box::new(moved(entry(one, from.account)))),
        },
    );
    came.effects.extend(by_hand);
    Ok(MovedBetween { from: gone, to: came, points, needs_second })
}

/// What an order earns where it goes. What it had earned in another programme was brought over by the one, and goes with nobody.
fn earn_anew(books: &mut Books<'_>, paid: &Paid<'_>, inputs: Inputs, case: &Case<'_>) -> (Inputs, Explanation) {
    if paid.inputs.past.is_some() {
        return (as_past(inputs, Earned::default()), Explanation::NOTHING);
    }
    credit(books, (ORDER_PAID, Some(false)), inputs, case)
}

/// May an account take an order in?
fn receives(account: &Account) -> Result<(), Gone> {
    match &account.membership {
        Membership::Active | Membership::Suspended { .. } => Ok(()),
        Membership::Closed { .. } => Err(Gone::MemberClosed),
        Membership::Merged { into } => Err(Gone::Merged { survivor: into.clone() }),
        Membership::Erased => Err(Gone::MemberErased),
    }
}

/// What does not fit of two entries that are said to be those of an order that was moved.
#[must_use]
pub fn mismatched(one: (&MemberId, &Entry), other: (&MemberId, &Entry)) -> Option<&'static str> {
    let (Detail::Refund { order, moved: Some(to), .. }, Detail::Earn { order: Some(same), moved: Some(from), .. }) =
        (&one.1.detail, &other.1.detail)
    else {
        return Some("they are not those of an order that was moved");
    };
    let id = |(member, entry): (&MemberId, &Entry)| EntryId { member: member.clone(), sequence: entry.sequence };
    if to.other != id(other) || from.other != id(one) {
        return Some("they do not name each other");
    }
    (order != same).then_some("they are of two orders")
}
