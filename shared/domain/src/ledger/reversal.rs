//! Taking a redemption, a captured hold or the use of a benefit back.

use jiff::Timestamp;

use crate::kernel::id::EntryId;
use crate::kernel::quantity::{Minor, Points};
use crate::kernel::refusal::{InvalidField, Missing, refusals};
use crate::kernel::time::add_days;
use crate::ledger::availability::limit_counter;
use crate::ledger::benefit::counter;
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::effect::Effect;
use crate::ledger::entry::{Detail, Entry, Initiator};
use crate::ledger::lines::part;
use crate::ledger::pockets::Movement;
use crate::ledger::voucher::Issued;
use crate::planted;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::setting::Setting;
use crate::programme::wallet::Expiry;

/// Takes a redemption or a captured hold back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reverse {
    /// Its entry.
    pub redemption: u64,
    /// How many points; all that is left if absent.
    pub points: Option<Points>,
    /// Who cancelled.
    pub initiated_by: Initiator,
}

refusals! {
    /// Why something is not taken back: it is too late, or was before.
    TakingBack {
        /// The time for reversing it is over.
        Conflict ReversalWindowClosed ("reversal_window_closed") {
            /// Since when.
            closed_at: Timestamp,
        } = "the time for reversing it is over",
        /// Nothing, or less than asked, is left to reverse.
        Conflict NothingToReverse ("nothing_to_reverse") {
            /// What is left.
            remaining: Points,
            /// The entry that took it back, if one alone did.
            #[serde(skip_serializing_if = "Option::is_none")]
            by: Option<EntryId>,
        } = "no more than what is left can be reversed",
    }
}

refusals! {
    /// Why a redemption cannot be taken back.
    Reversing {
        /// A redemption of this kind can only be reversed whole.
        Invalid OnlyWhole ("only_whole" at "points") {
            /// What it cost.
            points: Points,
        } = "it can only be reversed whole",
        | TakingBack,
        | InvalidField,
        | Missing,
    }
}

/// Gives points back that paid for an order, as a refund of it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversePayment {
    /// The shop's id of the refund.
    pub refund_id: String,
    /// Which of its systems reports it.
    pub source: String,
    /// The shop's order id.
    pub order_id: String,
    /// How much of what they paid, in minor units, above zero.
    pub value: Minor,
}

/// Takes the use of a benefit back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseBenefit {
    /// Which benefit.
    pub benefit: String,
    /// The entry of its use.
    pub used: u64,
}

/// Decides a reversal: the exact inverse of the consumption, last consumed first, with the original expiry dates.
/// `history` reaches back to the redemption.
///
/// # Errors
/// There is no such redemption, too little is left of it, the time is over, or a voucher can only be reversed whole.
pub fn reverse(reverse: &Reverse, case: Case<'_>) -> Result<Change, Reversing> {
    let spent = case.history.iter().find(|entry| entry.sequence == reverse.redemption);
    let spent = spent.ok_or(Missing::NotFound { what: "redemption" })?;
    in_time(spent, case.then, case.setting.now)?;
    take_back(reverse, spent, case)
}

/// Decides how points that paid for an order go back, by the merchant's will, for as long as the order can be refunded. `history` reaches
/// back to the hold.
///
/// # Errors
/// Points of this member have not paid as much for it, or it is worth no whole point.
pub fn reverse_payment(payment: &ReversePayment, case: Case<'_>) -> Result<Change, Reversing> {
    let invalid = |words: String| Reversing::from(InvalidField::new("points_minor", words));
    let hold = case.known.order.hold.as_ref();
    let hold = hold.filter(|hold| hold.captured && hold.hold.member == case.account.member);
    let left = hold.map_or(Minor::ZERO, |hold| hold.value);
    let captured = hold.and_then(|hold| {
        let of_hold =
            |detail: &Detail| matches!(detail, Detail::Capture { hold: one, .. } if *one == hold.hold.sequence);
        case.history.iter().find(|entry| of_hold(&entry.detail))
    });
    let Some(captured) = captured.filter(|_| payment.value <= left) else {
        return Err(invalid(format!("is more than the {left} that points of this member paid and did not get back")));
    };
    let Detail::Capture { value_minor, .. } = captured.detail else {
        return Err(invalid("is of no payment".to_owned()));
    };
    let cost = -captured.points();
    let points = Points(part(Minor(cost.0), payment.value, value_minor).0);
    if points.is_zero() {
        return Err(invalid("is worth no whole point".to_owned()));
    }
    let points = Some(points).filter(|_| payment.value < left);
    let reverse = Reverse { redemption: captured.sequence, points, initiated_by: Initiator::Merchant };
    take_back(&reverse, captured, case)
}

fn take_back(reverse: &Reverse, spent: &Entry, case: Case<'_>) -> Result<Change, Reversing> {
    let Case { history, stamp, setting: Setting { programmes, .. }, .. } = case;
    let (Detail::Redeem { grace, .. } | Detail::Capture { grace, .. }) = &spent.detail else {
        return Err(Missing::NotFound { what: "redemption" }.into());
    };
    let cost = -spent.points();
    let reversed = history.iter().filter_map(|entry| match entry.detail {
        Detail::Reverse { redemption, points, .. } if redemption == reverse.redemption => Some(points),
        _ => None,
    });
    let reversed: Vec<Points> = reversed.filter(|_| !planted!("bug-reversed-twice")).collect();
    let done = reversed.iter().copied().sum();
    let remaining = cost - done;
    let points = reverse.points.unwrap_or(remaining);
    if points > remaining || !(points.is_positive() || is_granted(spent) && reversed.is_empty()) {
        return Err(TakingBack::NothingToReverse { remaining, by: None }.into());
    }
    if points < cost && matches!(spent.detail, Detail::Redeem { .. }) {
        return Err(Reversing::OnlyWhole { points: cost });
    }
    let mut books = case.books();
    let frozen = programmes.numbered(spent.programme).expect("the store loads the version of the redemption's entry");
    let parts = next_of(consumed(spent, frozen), done, points);
    let lost = restore(&mut books, parts, reverse.initiated_by, grace);
    let mut effects = give_back(&mut books, spent, frozen, programmes);
    if let Detail::Capture { hold, order, value_minor, .. } = &spent.detail {
        let hold = EntryId { member: books.account.member.clone(), sequence: *hold };
        let paid = part(*value_minor, Minor((remaining - points).0), Minor(cost.0));
        effects.push(Effect::EndHold { order: order.clone(), hold, paid });
    }
    let detail = Detail::Reverse { redemption: reverse.redemption, points, initiated_by: reverse.initiated_by, lost };
    let mut change = books.close(stamp, detail);
    change.effects = effects;
    Ok(change)
}

/// Decides the reversal of a benefit's use: the member's turn comes back, and the piece of stock. `history` reaches back to the use.
///
/// # Errors
/// The benefit has no such use, it was taken back before, or the time is over.
pub fn reverse_benefit(reverse: &ReverseBenefit, case: Case<'_>) -> Result<Change, Reversing> {
    let Case { history, stamp, then: programme, setting: Setting { programmes, now }, .. } = case;
    let ReverseBenefit { benefit, used } = reverse.clone();
    let of = |entry: &&Entry| {
        entry.sequence == used && matches!(&entry.detail, Detail::Benefit { benefit: one, .. } if *one == benefit)
    };
    let Some(entry) = history.iter().find(of) else {
        return Err(Missing::NotFound { what: "use" }.into());
    };
    in_time(entry, programme, now)?;
    let done = |entry: &&Entry| matches!(entry.detail, Detail::BenefitReversal { used: one, .. } if one == used);
    if let Some(entry) = history.iter().find(done) {
        let by = EntryId { member: case.account.member.clone(), sequence: entry.sequence };
        return Err(TakingBack::NothingToReverse { remaining: Points::ZERO, by: Some(by) }.into());
    }
    let frozen = programmes.numbered(entry.programme).expect("the store loads the version of the use's entry");
    let declared = frozen.benefit(&benefit).expect("a use is of a benefit of its version");
    let mut books = case.books();
    if let Some((counter, _)) = counter(frozen, declared, entry.recorded_at) {
        books.account.count(counter, -1);
    }
    let mut change = books.close(stamp, Detail::BenefitReversal { used, benefit });
    if declared.stock.is_some() {
        let (reward, shards) = (declared.stock_name(), programmes.shards_of(&declared.stock_name()));
        change.effects.push(Effect::ReturnStock { reward, quantity: 1, shards });
    }
    Ok(change)
}

/// Was it given at no price? Then there are no points to tell that it was taken back.
fn is_granted(spent: &Entry) -> bool {
    matches!(&spent.detail, Detail::Redeem { cause: Some(_), .. })
}

/// Is there still time to take an entry back?
fn in_time(entry: &Entry, programme: &Programme, now: Timestamp) -> Result<(), TakingBack> {
    let closed_at = add_days(entry.recorded_at, programme.document().redemption.reversal_window_days);
    if now < closed_at { Ok(()) } else { Err(TakingBack::ReversalWindowClosed { closed_at }) }
}

/// What a redemption consumed, last consumed first. Under the inactivity model the redemption itself moved the expiry of
/// all points, so those that it consumed would have expired then.
fn consumed(spent: &Entry, programme: &Programme) -> Vec<(Timestamp, Points)> {
    if programme.points().expiry == Expiry::Activity {
        return vec![(programme.expires_at(spent.recorded_at), -spent.points())];
    }
    let parts = spent.movements.iter().rev().filter_map(|movement| match *movement {
        Movement::Active { expires_at, points } | Movement::Held { expires_at, points, .. } => {
            (points < Points::ZERO).then_some((expires_at, -points))
        }
        Movement::Pending { .. } | Movement::Debt { .. } => None,
    });
    parts.collect()
}

/// Of what was consumed, the next `points` after the `done` that earlier reversals put back.
fn next_of(consumed: Vec<(Timestamp, Points)>, done: Points, points: Points) -> Vec<(Timestamp, Points)> {
    let (mut skip, mut left) = (done, points);
    let parts = consumed.into_iter().map(|(expires_at, part)| {
        let skipped = skip.min(part);
        skip -= skipped;
        let part = (part - skipped).min(left);
        left -= part;
        (expires_at, part)
    });
    parts.filter(|(_, part)| part.is_positive()).collect()
}

/// Puts points back; returns what stays expired.
fn restore(
    books: &mut Books<'_>,
    parts: Vec<(Timestamp, Points)>,
    initiated_by: Initiator,
    grace: &[Timestamp],
) -> Points {
    let wallet = books.programme.points();
    let second = books.programme.zone().day_boundary_after(books.now, wallet.restore_grace_days);
    let sliding = wallet.expiry == Expiry::Activity;
    let last = books.account.pockets.last_expiry().filter(|_| sliding);
    let mut back: Vec<Back> = Vec::new();
    for (expires_at, points) in parts {
        let lot = last.map_or(expires_at, |last| last.max(expires_at));
        let lot = if planted!("bug-restored-as-new") { books.programme.expires_at(books.now) } else { lot };
        let again =
            initiated_by == Initiator::Merchant && !grace.contains(&expires_at) && wallet.restore_grace_days > 0;
        let graced = lot <= books.now && again;
        let lot = if graced { second } else { lot };
        back.push(Back { lot, points, graced, repays: Points::ZERO });
    }
    repay(&mut back, books.account.pockets.debt);
    let mut lost = Points::ZERO;
    for Back { lot, points, graced, repays } in back {
        if graced {
            books.account.grace.insert(second);
        }
        if repays.is_positive() {
            books.post(Movement::Debt { points: repays }); // with expired ones, too: what was owed is not owed twice
        }
        if points > repays {
            books.post(Movement::Active { expires_at: lot, points: points - repays });
        }
        if lot <= books.now {
            lost += points - repays; // and gone again
        }
    }
    lost
}

/// Points that go back to a lot, and how many of them repay a debt.
struct Back {
    lot: Timestamp,
    points: Points,
    /// The lot is a grace.
    graced: bool,
    repays: Points,
}

/// Repays a debt from the points that expire first.
fn repay(back: &mut [Back], debt: Points) {
    let mut owed = debt;
    let mut first: Vec<&mut Back> = back.iter_mut().collect();
    if !planted!("bug-latest-repays-first") {
        first.sort_by_key(|back| back.lot);
    }
    for back in first {
        back.repays = owed.min(back.points);
        owed -= back.repays;
    }
}

/// What a reversal gives back besides points: stock, the voucher, the member's turn.
fn give_back(books: &mut Books<'_>, spent: &Entry, frozen: &Programme, programmes: &Programmes) -> Vec<Effect> {
    let Detail::Redeem { reward, quantity, .. } = &spent.detail else {
        return Vec::new();
    };
    let written = frozen.reward(reward).expect("a redemption is of a reward of its version");
    let mut effects = Vec::new();
    if written.stock.is_some() {
        let shards = programmes.shards_of(reward);
        effects.push(Effect::ReturnStock { reward: reward.clone(), quantity: *quantity, shards });
    }
    effects.extend(Issued::by(spent).map(Effect::VoidVoucher));
    if let Some((counter, _)) = limit_counter(frozen, written, is_granted(spent), spent.recorded_at) {
        books.account.count(counter, i64::from(*quantity).saturating_neg());
    }
    effects
}
