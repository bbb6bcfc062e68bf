//! Refunds: what a returned order takes back, exactly, whatever the order in which facts arrive.
//!
//! `due = P(net) - P(net - refunded) - already clawed back`, with `P` the frozen function of the order: the programme
//! version, tier, attributes and limits of its entry (rules: redeem, refund, expire).

use jiff::Timestamp;

use crate::kernel::id::MemberId;
use crate::kernel::quantity::{Minor, Points};
use crate::kernel::refusal::{InvalidField, Missing, OutsideWindow, refusals};
use crate::kernel::stamp::Stamp;
use crate::kernel::time::add_days;
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::clawback::{Clawed, ClawingBack, Earned, claw_back, undo};
use crate::ledger::cutover::MovingIn;
use crate::ledger::earning::reading::read_again;
use crate::ledger::earning::rules::{GivenBack, explain};
use crate::ledger::entry::{Detail, Entry, Inputs};
use crate::ledger::lines::{PaidLines, Refund, Remaining, Returned, Taken};
use crate::ledger::order_row::MovedOrder;
use crate::ledger::parked::{Fate, Parked, Takes};
use crate::planted;
use crate::programme::activity::ORDER_PAID;
use crate::programme::compiled::Programme;
use crate::programme::general::UnknownRefund;
use crate::programme::setting::Setting;

refusals! {
    /// Why a refund is refused.
    Refunding {
        /// Too many refunds wait for this order, which has not come.
        Conflict TooManyParkedRefunds ("too_many_parked_refunds") {
            /// The most.
            most: usize,
        } = "too many refunds wait for this order",
        /// The order was paid too long ago to be refunded.
        Conflict RefundWindowClosed ("refund_window_closed") {
            /// When the order was paid.
            paid_at: Timestamp,
            /// Until when it could be refunded, exclusive.
            until: Timestamp,
        } = "the order was paid too long ago",
        | ClawingBack,
        | InvalidField,
        | MovingIn,
        | OutsideWindow,
        | Missing,
    }
}

/// The order's earning and what has been refunded of it, as found in the ledger.
pub(crate) struct Paid<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) inputs: &'a Inputs,
    earned: Earned<'a>,
    /// Money for goods, and what was taken of lines.
    refunds: Vec<(Minor, &'a Returned)>,
    clawed_back: Points,
    status_taken: Points,
}

pub(crate) fn find<'a>(history: &'a [Entry], order_id: &str) -> Option<Paid<'a>> {
    let mut paid: Option<Paid<'a>> = None;
    for entry in history {
        match &entry.detail {
            Detail::Earn { order: Some(order), inputs, .. } if order == order_id => {
                let (refunds, points) = (Vec::new(), Points::ZERO);
                let paid_for =
                    |earned| Paid { entry, inputs, earned, refunds, clawed_back: points, status_taken: points };
                paid = Earned::of(entry, history).map(paid_for);
            }
            Detail::Refund { order, amount_minor, status, returned, .. } if order == order_id => {
                if let Some(paid) = &mut paid {
                    paid.refunds.push((*amount_minor, returned));
                    paid.clawed_back += entry.clawed_back();
                    paid.status_taken += *status;
                }
            }
            Detail::ActivityReversal { earning, .. } => paid = paid.filter(|paid| paid.entry.sequence != *earning),
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
    let refund = |entry: &&Entry| matches!(&entry.detail, Detail::Refund { order: id, .. } if id == order);
    history.iter().rfind(refund).map(|entry| entry.sequence)
}

/// What is left of an order: by its lines, or by its amount if they were not kept.
#[derive(Clone)]
pub(crate) enum Left<'a> {
    Lines(Remaining<'a>),
    Amount { net: Minor, refunded: Minor },
}

impl<'a> Left<'a> {
    pub(crate) fn of(paid: &Paid<'_>, lines: Option<&'a PaidLines>) -> Self {
        let Inputs { net, netted, returned, .. } = paid.inputs;
        let (net, netted) = (net.unwrap_or_default(), *netted);
        let mut left = match lines {
            Some(lines) => Self::Lines(Remaining::of(lines, returned, netted)),
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
    pub(crate) fn is_nothing(&self) -> bool {
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
    /// The programme version that decided it.
    pub(crate) fn frozen<'a>(&self, setting: Setting<'a>) -> &'a Programme {
        setting.programmes.numbered(self.entry.programme).expect("the store loads the version of the order's entry")
    }

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
                let mut inputs = Inputs { netted: Minor::ZERO, ..self.inputs.clone() };
                read_again(programme, &remaining.lines(), &mut inputs);
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
        if let Some(past) = &inputs.past {
            let left = (inputs.net.unwrap_or_default() - inputs.netted - back.amount).or_zero();
            return (past.worth(left, back.whole), Points::ZERO);
        }
        let explanation = explain(programme, ORDER_PAID, self.entry.occurred_at, inputs, back);
        (explanation.points(), explanation.status)
    }
}

/// Decides what a refund takes back. `history` reaches back to the order's entry, or as far as an order may be refunded.
///
/// # Errors
/// The time of the refund is not acceptable, the debt would be too large, or the order is not there.
pub fn refund(refund: &Refund, case: Case<'_>) -> Result<Change, Refunding> {
    let Case { history, stamp, then: current, setting, .. } = case;
    in_time(stamp, setting)?;
    let found = find(history, &refund.order_id);
    let paid = found.ok_or(Missing::NotFound { what: "order" })?;
    in_its_window(&paid, current, stamp.occurred_at)?;
    if paid.inputs.past.is_some() {
        case.account.was_here(stamp.occurred_at, &refund.source, setting)?;
    }
    take_back((refund, None), &paid, case)
}

/// May an order be refunded at an instant?
pub(crate) fn in_its_window(paid: &Paid<'_>, current: &Programme, at: Timestamp) -> Result<(), Refunding> {
    let paid_at = paid.entry.occurred_at;
    let until = add_days(paid_at, current.document().programme.refund_window_days);
    if at >= until { Err(Refunding::RefundWindowClosed { paid_at, until }) } else { Ok(()) }
}

/// Is the time of a refund acceptable?
pub(crate) fn in_time(stamp: &Stamp, Setting { programmes, now }: Setting<'_>) -> Result<(), OutsideWindow> {
    programmes.at(stamp.occurred_at).in_window(stamp.occurred_at, now)
}

/// Keeps a refund until its order comes. `waiting` is what the order's row keeps already.
///
/// # Errors
/// Its time is not acceptable, too many wait for this order, or the programme does not keep such refunds.
pub fn park(
    refund: &Refund,
    member: Option<&MemberId>,
    stamp: &Stamp,
    waiting: &[Parked],
    setting: Setting<'_>,
) -> Result<Parked, Refunding> {
    in_time(stamp, setting)?;
    let general = &setting.programmes.at(stamp.occurred_at).document().programme;
    if general.unknown_refund == UnknownRefund::Refuse {
        return Err(Missing::NotFound { what: "order" }.into());
    }
    if waiting.len() >= Parked::MOST {
        return Err(Refunding::TooManyParkedRefunds { most: Parked::MOST });
    }
    let Stamp { operation, content, occurred_at } = *stamp;
    let (member, takes) = (member.cloned(), Takes::Order(refund.clone()));
    Ok(Parked { operation, content, occurred_at, recorded_at: setting.now, member, takes, fate: Fate::Waits })
}

/// Takes a refund of an order back; `moved` says that it comes back because it is another member's.
pub(crate) fn take_back(
    (refund, moved): (&Refund, Option<MovedOrder>),
    paid: &Paid<'_>,
    case: Case<'_>,
) -> Result<Change, Refunding> {
    let frozen = paid.frozen(case.setting);
    let mut books = case.books();
    let mut left = Left::of(paid, case.known.order.lines.as_ref());
    let was_nothing = left.is_nothing();
    let taken = left.refund(refund)?;
    let (due, status) = paid.due(frozen, &left, taken.goods);
    if left.is_nothing() && !was_nothing {
        undo(&mut books.account, paid.earned, frozen);
    }
    let clawed = claw_back(&mut books, paid.earned, due, case.history)?;
    let Clawed { expired, expired_lot, shortfall, withheld } = clawed;
    if withheld.is_none() {
        books.account.credit_status(frozen.zone(), paid.entry.occurred_at, paid.entry.recorded_at, -status);
    }
    books.lift(case.setting.programmes);
    let detail = Detail::Refund {
        order: refund.order_id.clone(),
        amount_minor: taken.goods,
        asked_minor: (taken.goods + taken.returned.shipping < taken.asked).then_some(taken.asked),
        expired,
        expired_lot,
        shortfall,
        status,
        returned: taken.returned,
        withheld,
        moved: moved.map(Box::new),
    };
    Ok(books.close(case.stamp, detail))
}
