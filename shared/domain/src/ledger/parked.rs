//! Refunds that come before their order: the brand holds them until it comes, and nobody is enrolled by them (rules: redeem, refund, expire).

use jiff::Timestamp;

use crate::kernel::id::{ContentHash, MemberId, OperationId};
use crate::kernel::quantity::Minor;
use crate::kernel::time::add_days;
use crate::ledger::lines::{PaidLines, Refund, Remaining, Returned};
use crate::planted;
use crate::programme::setting::Setting;

/// A refund that came before its order.
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
    /// What came back.
    pub refund: Refund,
    /// What has become of it.
    pub fate: Fate,
}

/// What has become of a refund that came before its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its order has not come.
    Waits,
    /// Its order has come, and was recorded without what came back.
    Netted,
    /// It took nothing back.
    Lapsed(Lapse),
}

/// Why a refund took nothing back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lapse {
    /// No order came for as long as it could have been refunded.
    NoOrder,
    /// The order came under another member.
    OtherMember,
    /// The order that came had been paid too long before to be refunded.
    WindowClosed,
    /// The order that came has not the lines that it names.
    OtherLines,
}

impl Parked {
    /// How many refunds may wait for one order.
    pub const MOST: usize = 16;

    /// Does it wait?
    #[must_use]
    pub fn waits(&self) -> bool {
        self.fate == Fate::Waits
    }

    /// When it lapses if no order comes: an order that was paid before it cannot be refunded any more.
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

/// Nets the refunds that waited for an order of a member, paid at an instant; it can be refunded for so many days.
pub(crate) fn net<'a>(
    lines: &'a PaidLines,
    parked: &[Parked],
    member: &MemberId,
    paid_at: Timestamp,
    window_days: i32,
) -> Netted<'a> {
    let closes_at = add_days(paid_at, window_days);
    let mut left = Remaining::of(lines, &Returned::default(), Minor::ZERO);
    let mut fate = |parked: &Parked| {
        if planted!("bug-parked-refund-forgotten") {
            return Fate::Netted;
        }
        if parked.member.as_ref().is_some_and(|other| other != member) {
            return Fate::Lapsed(Lapse::OtherMember);
        }
        if parked.occurred_at >= closes_at {
            return Fate::Lapsed(Lapse::WindowClosed);
        }
        let mut after = left.clone();
        if after.refund(&parked.refund.lines, parked.refund.amount).is_err() {
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
