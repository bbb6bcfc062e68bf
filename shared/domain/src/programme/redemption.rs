//! `[redemption]`: paying with points, and how long a redemption can be taken back.

use serde::{Deserialize, Serialize};

use crate::kernel::quantity::{Minor, Points};
use crate::programme::finding::Findings;

/// `[redemption]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// Paying part of an order with points.
    pub pay_with_points: PayWithPoints,
    /// How long points stay held at checkout, in minutes.
    pub hold_minutes: i32,
    /// How long a redemption can be reversed, in days.
    pub reversal_window_days: i32,
    /// What becomes of points that were issued, if a document changes what a point is worth; without it such a document is refused
    /// once the ledger has entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revalue: Option<Revalue>,
}

/// `revalue`: how points that were issued take part in a change of what a point is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revalue {
    /// Their number stays; each is worth what the document says.
    KeepPoints,
}

/// `pay_with_points`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayWithPoints {
    /// This many points ...
    pub points: Points,
    /// ... are worth this much money, in minor units.
    pub value_minor: Minor,
    /// The largest part of an order, in basis points (5000 = 50 %).
    pub max_share_bp: i64,
    /// The fewest points.
    pub min_points: Points,
    /// Points are used in steps of this many.
    pub step_points: Points,
}

impl PayWithPoints {
    /// What some points are worth, times the points of the ratio.
    pub(super) fn worth(self, points: Points) -> i128 {
        i128::from(self.value_minor.0).saturating_mul(points.0.into())
    }
}

/// Checks the section.
pub(super) fn check(redemption: &Redemption, findings: &mut Findings) {
    let pay = &redemption.pay_with_points;
    let positive = [pay.points.0, pay.value_minor.0, pay.min_points.0, pay.step_points.0];
    findings.unless(
        positive.iter().all(|number| (1..=1_000_000_000).contains(number)) && (1..=10_000).contains(&pay.max_share_bp),
        "redemption.pay_with_points",
        "points, value_minor, min_points and step_points are above zero, max_share_bp in 1..=10000",
    );
    let whole = positive.iter().all(|&number| number > 0)
        && pay.step_points.0.checked_mul(pay.value_minor.0).and_then(|value| value.checked_rem(pay.points.0))
            == Some(0);
    findings.unless(whole, "redemption.pay_with_points.step_points", "a step must be worth a whole amount of money");
    findings.unless((1..=60).contains(&redemption.hold_minutes), "redemption.hold_minutes", "must be in 1..=60");
    findings.unless(
        (0..=3650).contains(&redemption.reversal_window_days),
        "redemption.reversal_window_days",
        "must be in 0..=3650",
    );
}
