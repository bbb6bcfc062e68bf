//! Refunds: what a returned order takes back, exactly, whatever the order in which facts arrive.
//!
//! `due = P(net) - P(net - refunded) - already clawed back`, with `P` the frozen function of the order: the programme
//! version, tier, attributes and limits of its entry (rules: redeem, refund, expire).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::quantity::{Minor, Points};
use crate::kernel::refusal::{InvalidField, OutsideWindow, refusals};
use crate::kernel::stamp::Stamp;
use crate::kernel::time::add_days;
use crate::ledger::account::{Account, Parked};
use crate::ledger::books::{Books, Change};
use crate::ledger::case::Case;
use crate::ledger::counter::Counter;
use crate::ledger::earning::reading::read;
use crate::ledger::earning::rules::{GivenBack, explain};
use crate::ledger::entry::{Detail, Entry, Inputs};
use crate::ledger::lines::{LineReturn, PaidLines, Remaining, Returned, Taken};
use crate::ledger::pockets::Movement;
use crate::ledger::settlement::Settlement;
use crate::planted;
use crate::programme::activity::ORDER_PAID;
use crate::programme::compiled::Programme;
use crate::programme::condition::Scalar;
use crate::programme::setting::Setting;
use crate::programme::wallet::{Expiry, ReturnPolicy};

/// An order was returned, in part or whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The shop's order id.
    pub order_id: String,
    /// How much was paid back without naming a line, in minor units; above zero if no line is named.
    pub amount: Minor,
    /// The lines that came back; they are taken before the amount.
    pub lines: Vec<LineReturn>,
}

impl Refund {
    /// Of an amount, that names no line.
    #[must_use]
    pub fn of_amount(order_id: impl Into<String>, amount: Minor) -> Self {
        Self { order_id: order_id.into(), amount, lines: Vec::new() }
    }
}

refusals! {
    /// Why a refund is refused.
    Refunding {
        /// Too many refunds wait for orders that have not come.
        Conflict TooManyParkedRefunds ("too_many_parked_refunds") {
            /// The most.
            most: usize,
        } = "too many refunds wait for their orders",
        /// The refund would leave a debt above the limit; a person decides.
        Conflict DebtLimitExceeded ("debt_limit_exceeded") {
            /// The debt it would leave.
            debt: Points,
            /// The most.
            limit: Points,
        } = "the refund would leave too large a debt; a person must decide",
        /// The order was paid too long ago to be refunded.
        Conflict RefundWindowClosed ("refund_window_closed") {
            /// Since when.
            closed_at: Timestamp,
        } = "the order was paid too long ago",
        | InvalidField,
        | OutsideWindow,
    }
}

/// The order's earning and what has been refunded of it, as found in the ledger.
struct Paid<'a> {
    entry: &'a Entry,
    inputs: &'a Inputs,
    trace: &'a BTreeMap<String, Points>,
    /// Money for goods, and what was taken of lines.
    refunds: Vec<(Minor, &'a Returned)>,
    clawed_back: Points,
    status_taken: Points,
}

fn find<'a>(history: &'a [Entry], order_id: &str) -> Option<Paid<'a>> {
    let mut paid: Option<Paid<'a>> = None;
    for entry in history {
        match &entry.detail {
            Detail::Earn { order: Some(order), inputs, trace, .. } if order == order_id => {
                let (refunds, points) = (Vec::new(), Points::ZERO);
                paid = Some(Paid { entry, inputs, trace, refunds, clawed_back: points, status_taken: points });
            }
            Detail::Refund { order, amount_minor, parked: false, status, returned, .. } if order == order_id => {
                if let Some(paid) = &mut paid {
                    paid.refunds.push((*amount_minor, returned));
                    paid.clawed_back += entry.clawed_back();
                    paid.status_taken += *status;
                }
            }
            _ => {}
        }
    }
    paid
}

/// The refund that took the last of an order's entry back, if one did.
#[must_use]
pub fn cancelled_by(paid: &Entry, history: &[Entry]) -> Option<u64> {
    let Detail::Earn { order: Some(order), .. } = &paid.detail else { return None };
    let found = find(history, order)?;
    if !Left::of(&found, None).is_nothing() {
        return None;
    }
    let refund =
        |entry: &&Entry| matches!(&entry.detail, Detail::Refund { order: id, parked: false, .. } if id == order);
    history.iter().rfind(refund).map(|entry| entry.sequence)
}

/// What is left of an order: by its lines, or by its amount if they were not kept.
#[derive(Clone)]
enum Left<'a> {
    Lines(Remaining<'a>),
    Amount { net: Minor, refunded: Minor },
}

impl<'a> Left<'a> {
    fn of(paid: &Paid<'_>, lines: Option<&'a PaidLines>) -> Self {
        let (net, netted) = (paid.inputs.net.unwrap_or_default(), paid.inputs.netted);
        let mut left = match lines {
            Some(lines) => Self::Lines(Remaining::of(lines, netted)),
            None => Self::Amount { net: net - netted, refunded: Minor::ZERO },
        };
        for &(goods, returned) in &paid.refunds {
            match &mut left {
                Self::Lines(remaining) => {
                    let of_lines = returned.lines.iter().map(|line| line.amount).sum();
                    remaining.take(&returned.lines, goods + returned.shipping - of_lines);
                }
                Self::Amount { refunded, .. } => *refunded += goods,
            }
        }
        left
    }

    /// Takes what a refund asks for.
    fn refund(&mut self, refund: &Refund) -> Result<Taken, InvalidField> {
        match self {
            Self::Lines(remaining) => remaining.refund(&refund.lines, refund.amount),
            Self::Amount { .. } if !refund.lines.is_empty() => Err(lines_unknown()),
            Self::Amount { net, refunded } => {
                let goods = refund.amount.min((*net - *refunded).or_zero());
                *refunded += goods;
                Ok(Taken { goods, asked: refund.amount, ..Taken::default() })
            }
        }
    }

    /// Has all of it come back?
    fn is_nothing(&self) -> bool {
        match self {
            Self::Lines(remaining) => remaining.is_nothing(),
            Self::Amount { net, refunded } => refunded.is_positive() && refunded >= net,
        }
    }
}

fn lines_unknown() -> InvalidField {
    InvalidField::new("lines", "the order's lines are not known; give the amount alone")
}

impl Paid<'_> {
    /// Points and status points that the order is worth, with nothing of it given back but what came before it.
    fn worth(&self, programme: &Programme) -> (Points, Points) {
        self.explained(programme, self.inputs, GivenBack::NOTHING)
    }

    /// The same for what is left of it: the frozen function.
    fn worth_left(&self, programme: &Programme, left: &Left<'_>) -> (Points, Points) {
        match left {
            Left::Amount { refunded, .. } => {
                self.explained(programme, self.inputs, GivenBack { amount: *refunded, whole: false })
            }
            Left::Lines(remaining) if remaining.by_line() => {
                let lines = remaining.lines();
                let mut inputs = Inputs { netted: Minor::ZERO, ..self.inputs.clone() };
                for (name, value) in [("gross_minor", lines.gross().0), ("line_count", lines.count())] {
                    if let Some(read) = inputs.attributes.get_mut(name) {
                        *read = Scalar::Integer(value);
                    }
                }
                read(programme, &lines, &mut inputs);
                let back = GivenBack { amount: remaining.goods_by_amount(), whole: remaining.is_nothing() };
                self.explained(programme, &inputs, back)
            }
            Left::Lines(remaining) => {
                let amount = remaining.goods_by_amount() - self.inputs.netted;
                self.explained(programme, self.inputs, GivenBack { amount, whole: false })
            }
        }
    }

    /// Points and status points that are due for what is no longer left, `goods` of it now.
    fn due(&self, programme: &Programme, left: &Left<'_>, goods: Minor) -> (Points, Points) {
        let (before, status_before) = self.worth(programme);
        let (after, status_after) = self.worth_left(programme, left);
        let due = if planted!("bug-refund-floored") {
            let others = (self.inputs.net.unwrap_or_default() - self.inputs.netted - goods).or_zero();
            self.explained(programme, self.inputs, GivenBack { amount: others, whole: false }).0
        } else {
            (before - after - self.clawed_back).or_zero()
        };
        let status = (status_before - status_after - self.status_taken).or_zero();
        (due, if planted!("bug-status-kept") { Points::ZERO } else { status })
    }

    fn explained(&self, programme: &Programme, inputs: &Inputs, back: GivenBack) -> (Points, Points) {
        let explanation = explain(programme, ORDER_PAID, self.entry.occurred_at, inputs, back);
        (explanation.points(), explanation.status)
    }

    /// The lot that the order's points went to, if there were any.
    fn lot(&self) -> Option<(Option<Timestamp>, Timestamp)> {
        self.entry.movements.iter().find_map(|movement| match *movement {
            Movement::Pending { activates_at, expires_at, .. } => Some((Some(activates_at), expires_at)),
            Movement::Active { expires_at, points } if points.is_positive() => Some((None, expires_at)),
            _ => None,
        })
    }

    /// The lot whose points were this order's and others', unless the order was reported when its points had expired:
    /// those were never to be spent.
    fn shared_lot(&self) -> Option<Timestamp> {
        self.lot().map(|(_, expires_at)| expires_at).filter(|expires_at| *expires_at > self.entry.recorded_at)
    }
}

/// Decides what a refund takes back. `history` reaches back to the order's entry, or as far as an order may be refunded.
///
/// # Errors
/// The time of the refund is not acceptable, the debt would be too large, or too many refunds wait for their orders.
pub fn refund(refund: &Refund, case: Case<'_>) -> Result<Change, Refunding> {
    let Case { history, stamp, then: current, setting: Setting { programmes, now }, .. } = case;
    let general = &current.document().programme;
    let latest = current.plus_skew(now);
    if stamp.occurred_at > latest {
        return Err(OutsideWindow::InFuture { latest }.into());
    }
    let earliest = add_days(now, general.backdate_window_days.saturating_neg());
    if stamp.occurred_at < earliest {
        return Err(OutsideWindow::TooOld { earliest }.into());
    }
    let Some(paid) = find(history, &refund.order_id) else {
        return park(case.books(), refund, stamp);
    };
    let closed_at = add_days(paid.entry.occurred_at, general.refund_window_days);
    if stamp.occurred_at >= closed_at {
        return Err(Refunding::RefundWindowClosed { closed_at });
    }
    let frozen = programmes.numbered(paid.entry.programme).expect("the store loads the version of the order's entry");
    claw_back(refund, &paid, frozen, case)
}

/// Keeps a refund until its order comes.
fn park(mut books: Books<'_>, refund: &Refund, stamp: &Stamp) -> Result<Change, Refunding> {
    if !refund.lines.is_empty() {
        return Err(lines_unknown().into());
    }
    let waiting = books.account.parked.get(&refund.order_id).map_or(Minor::ZERO, |parked| parked.amount);
    if waiting.is_zero() && books.account.parked.len() >= Account::MAX_PARKED {
        return Err(Refunding::TooManyParkedRefunds { most: Account::MAX_PARKED });
    }
    let parked = Parked { amount: Minor((waiting + refund.amount).0.min(Minor::LIMIT)), at: books.now };
    books.account.parked.insert(refund.order_id.clone(), parked);
    let detail = Detail::Refund {
        order: refund.order_id.clone(),
        amount_minor: refund.amount,
        asked_minor: None,
        parked: true,
        expired: Points::ZERO,
        expired_lot: None,
        shortfall: Points::ZERO,
        status: Points::ZERO,
        returned: Returned::default(),
    };
    Ok(books.close(stamp, detail))
}

fn claw_back(refund: &Refund, paid: &Paid<'_>, frozen: &Programme, case: Case<'_>) -> Result<Change, Refunding> {
    let mut books = case.books();
    let mut left = Left::of(paid, case.known.order.lines.as_ref());
    let was_nothing = left.is_nothing();
    let taken = left.refund(refund)?;
    let (due, status) = paid.due(frozen, &left, taken.goods);
    if left.is_nothing() && !was_nothing {
        undo(&mut books.account, paid, frozen);
    }

    // What expired unspent is not owed; points that expire together are one lot, so as much of the order's as expired of it.
    let (lot, shared_lot) = (paid.lot(), paid.shared_lot());
    let unspent = match shared_lot {
        Some(shared) => expired_of(case.history, &books, paid.entry.sequence, shared).or_zero(),
        None if lot.is_some() => due,
        None => Points::ZERO,
    };
    let expired = due.min(unspent);
    let mut owed = due - expired;
    let policy = books.programme.points().return_policy;
    if let Some((Some(activates_at), expires_at)) = lot {
        let own = (activates_at, expires_at)..=(activates_at, Timestamp::MAX); // later if the wallet's expiry has moved
        let own: Vec<_> = books.account.pockets.pending.range(own).map(|(&key, &points)| (key, points)).collect();
        for ((activates_at, expires_at), pending) in own {
            let points = owed.min(pending);
            if points.is_positive() {
                books.post(Movement::Pending { activates_at, expires_at, points: -points });
                owed -= points;
            }
        }
    }
    if policy != ReturnPolicy::OnlyPending {
        if let Some((_, expires_at)) = lot {
            let own = books.account.pockets.active.get(&expires_at).copied().unwrap_or_default();
            let points = owed.min(own);
            if points.is_positive() {
                books.post(Movement::Active { expires_at, points: -points });
                owed -= points;
            }
        }
        owed -= books.draw(owed);
    }
    if policy == ReturnPolicy::Unlimited && owed.is_positive() {
        let debt = books.account.pockets.debt + owed;
        let limit = books.programme.points().debt_limit;
        if debt > limit {
            return Err(Refunding::DebtLimitExceeded { debt, limit });
        }
        books.post(Movement::Debt { points: -owed });
        owed = Points::ZERO;
    }
    books.account.credit_status(frozen.zone(), paid.entry.occurred_at, paid.entry.recorded_at, -status);
    let detail = Detail::Refund {
        order: refund.order_id.clone(),
        amount_minor: taken.goods,
        asked_minor: (taken.goods + taken.returned.shipping < taken.asked).then_some(taken.asked),
        parked: false,
        expired,
        expired_lot: shared_lot.filter(|_| expired.is_positive()),
        shortfall: owed,
        status,
        returned: taken.returned,
    };
    Ok(books.close(case.stamp, detail))
}

/// What a whole cancellation gives back beside points: the turns of limited rules, and the multipliers that the order used up.
fn undo(account: &mut Account, paid: &Paid<'_>, frozen: &Programme) {
    let date = frozen.zone().date(paid.entry.occurred_at);
    for (name, points) in paid.trace {
        let Some(limit) = frozen.rule(name).and_then(|rule| rule.written.limit) else { continue };
        account.count(Counter::new(name, limit.period, date), limit.used_by(*points).saturating_neg());
    }
    for boost in paid.inputs.boosts.iter().filter(|_| !planted!("bug-boost-stays-used")) {
        account.wait(boost.clone());
    }
}

/// How many points of a lot expired unspent since an entry, those that are due now included, less what refunds were
/// already freed of for it. Under the inactivity model all points are one lot, whose expiry moves.
fn expired_of(history: &[Entry], books: &Books<'_>, since: u64, lot: Timestamp) -> Points {
    let one_lot = books.programme.points().expiry == Expiry::Activity;
    let meant = |expires_at: Timestamp| one_lot || expires_at == lot;
    let later = || history.iter().filter(|entry| entry.sequence > since);
    let settled = later().flat_map(|entry| &entry.settled).chain(books.settled());
    let expiries = settled.filter_map(|settled| match *settled {
        Settlement::Expired { expires_at, points } if meant(expires_at) => Some(points),
        _ => None,
    });
    let freed = later().filter_map(|entry| match entry.detail {
        Detail::Refund { expired, expired_lot: Some(lot), .. } if meant(lot) => Some(expired),
        _ => None,
    });
    let returned = later().filter(|entry| matches!(entry.detail, Detail::Reverse { .. } | Detail::Release { .. }));
    let too_late = returned.flat_map(|entry| {
        entry.movements.iter().filter_map(|movement| match *movement {
            Movement::Active { expires_at, points } if meant(expires_at) && expires_at <= entry.recorded_at => {
                Some(points.or_zero())
            }
            _ => None,
        })
    });
    expiries.sum::<Points>() + too_late.sum() - freed.sum()
}
