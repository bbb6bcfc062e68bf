//! What comes before what it takes back: refunds before their order, reversals before their fact. The brand holds them until that comes, and
//! nobody is enrolled by them (rules: redeem, refund, expire).

use jiff::Timestamp;

use crate::kernel::id::{ContentHash, FactName, MemberId, OperationId};
use crate::kernel::quantity::Minor;
use crate::kernel::time::add_days;
use crate::ledger::doer::Doer;
use crate::ledger::lines::{PaidLines, Refund, Remaining, Returned};
use crate::ledger::reverse_activity::ReverseActivity;
use crate::planted;
use crate::programme::setting::Setting;

/// What came before what it takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// What identifies it.
    pub operation: OperationId,
    /// What it said, to tell a repeat from a conflict.
    pub content: ContentHash,
    /// When it happened, as it was reported.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// For which member it was reported, if that was said.
    pub member: Option<MemberId>,
    /// What it takes back.
    pub takes: Takes,
    /// What has become of it.
    pub fate: Fate,
}

/// What is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takes {
    /// Of an order, what came back.
    Order(Refund),
    /// A fact that is no order.
    Fact {
        /// Which.
        of: ReverseActivity,
        /// Who asked for it, if it was not the member.
        by: Option<Doer>,
    },
}

impl Takes {
    /// What it waits for.
    #[must_use]
    pub fn from(&self) -> FactName {
        match self {
            Self::Order(refund) => FactName::order(&refund.order_id),
            Self::Fact { of, .. } => FactName::event(&of.source, &of.id),
        }
    }

    /// What came back of an order, if it is one.
    #[must_use]
    pub const fn refund(&self) -> Option<&Refund> {
        match self {
            Self::Order(refund) => Some(refund),
            Self::Fact { .. } => None,
        }
    }
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// What it takes back has not come.
    Waits,
    /// That has come: an order, and was recorded without what came back; a fact, and was taken back at once.
    Netted,
    /// It took nothing back.
    Lapsed(Lapse),
}

/// Why it took nothing back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lapse {
    /// Nothing came for as long as it could have been taken back.
    NoOrder,
    /// It came under another member.
    OtherMember,
    /// What came had happened too long before to be taken back.
    WindowClosed,
    /// The order that came has not the lines that it names.
    OtherLines,
    /// It would have left too large a debt.
    DebtLimit,
}

impl Parked {
    /// How many refunds may wait for one order.
    pub const MOST: usize = 16;

    /// Does it wait?
    #[must_use]
    pub fn waits(&self) -> bool {
        self.fate == Fate::Waits
    }

    /// When it lapses if nothing comes: what happened before it cannot be taken back any more.
    #[must_use]
    pub fn lapses_at(&self, setting: Setting<'_>) -> Timestamp {
        add_days(self.occurred_at, setting.programmes.at(setting.now).document().programme.refund_window_days)
    }
}

/// Those that have waited for too long, lapsed; the others as they are.
#[must_use]
pub fn lapse(parked: &[Parked], setting: Setting<'_>) -> Vec<Parked> {
    let over = |parked: &Parked| parked.waits() && parked.lapses_at(setting) <= setting.now;
    let lapsed = Fate::Lapsed(Lapse::NoOrder);
    parked
        .iter()
        .cloned()
        .map(|parked| if over(&parked) { Parked { fate: lapsed, ..parked } } else { parked })
        .collect()
}

/// What is left of an order after the refunds that waited for it, and what has become of each.
pub(crate) struct Netted<'a> {
    pub(crate) left: Remaining<'a>,
    pub(crate) parked: Vec<Parked>,
}

/// Nets the refunds that waited for an order, paid at an instant; it can be refunded for so many days. A refund that was reported for another
/// member takes nothing.
pub(crate) fn net<'a>(
    lines: &'a PaidLines,
    parked: &[Parked],
    is_for_them: impl Fn(&Parked) -> bool,
    paid_at: Timestamp,
    window_days: i32,
) -> Netted<'a> {
    let closes_at = add_days(paid_at, window_days);
    let mut left = Remaining::of(lines, &Returned::default(), Minor::ZERO);
    let mut fate = |parked: &Parked| {
        let Takes::Order(refund) = &parked.takes else { return parked.fate };
        if planted!("bug-parked-refund-forgotten") {
            return Fate::Netted;
        }
        if !is_for_them(parked) {
            return Fate::Lapsed(Lapse::OtherMember);
        }
        if parked.occurred_at >= closes_at {
            return Fate::Lapsed(Lapse::WindowClosed);
        }
        let mut after = left.clone();
        if after.refund(&refund.lines, refund.amount).is_err() {
            return Fate::Lapsed(Lapse::OtherLines);
        }
        left = after;
        Fate::Netted
    };
    let parked =
        parked.iter().map(|one| if one.waits() { Parked { fate: fate(one), ..one.clone() } } else { one.clone() });
    let parked = parked.collect();
    Netted { left, parked }
}
