//! `[rfmls]`: scores, what they are worked out from, and the segments that follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::quantity::Minor;
use crate::programme::condition::{Condition, Scalar, Variables};
use crate::programme::finding::{Findings, Names};

/// `[rfmls]`: five scores from 1 to 5, and segments by conditions on them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rfmls {
    /// Facts of this many days count, today's included.
    pub lookback_days: i32,
    /// Recency: at most so many days since the last order give 2, 3, 4, 5; falling.
    pub recency_days: [i32; 4],
    /// Frequency: at least so many orders give 2, 3, 4, 5; rising.
    pub frequency: [i64; 4],
    /// Monetary: at least so much spent, in minor units, gives 2, 3, 4, 5; rising.
    pub monetary_minor: [Minor; 4],
    /// Lifecycle potential: how it is measured.
    pub lifecycle: Lifecycle,
    /// At least so much customer lifetime value, in minor units, gives 2, 3, 4, 5; rising. The quintiles of all members, as
    /// last published.
    pub lifecycle_minor: [Minor; 4],
    /// The margin on what is spent, in basis points.
    pub margin_bp: i64,
    /// Social influence: at least so many influence points give 2, 3, 4, 5; rising.
    pub social: [i64; 4],
    /// Influence points by activity type.
    pub influence: BTreeMap<String, i64>,
    /// How the scores are weighed in the composite score, in basis points that sum to 10,000.
    pub weights_bp: Weights,
    /// The segments; the first whose condition holds is the member's.
    pub segments: Vec<Segment>,
}

/// `lifecycle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// By customer lifetime value: `margin of the last year x 5 / (5 - quarters with an order)`. The last factor is
    /// `1 / (1 - retention)` with retention estimated as active quarters over five, so it is at most five years.
    ClvQuintile,
}

/// `weights_bp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Recency.
    pub r: i64,
    /// Frequency.
    pub f: i64,
    /// Monetary.
    pub m: i64,
    /// Lifecycle potential.
    pub l: i64,
    /// Social influence.
    pub s: i64,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// A short name, unique.
    pub id: String,
    /// In CEL, over the scores `r`, `f`, `m`, `l`, `s` and the measures `orders`, `influence`, `days_since_activity` and
    /// `tenure_days`.
    pub when: String,
}

/// A segment or tag with its condition compiled.
#[derive(Debug)]
pub struct Labelled {
    /// The segment's or tag's id.
    pub id: String,
    /// Whom it marks.
    pub when: Condition,
    /// The tag's ladder.
    pub ladder: Option<String>,
}

/// The scores, each from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Scores {
    /// Recency.
    pub r: u8,
    /// Frequency.
    pub f: u8,
    /// Monetary.
    pub m: u8,
    /// Lifecycle potential.
    pub l: u8,
    /// Social influence.
    pub s: u8,
}

/// What scores are worked out from: the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Measures {
    /// Local days since the last order; `lookback_days` if there was none since.
    pub days_since_order: i32,
    /// Orders.
    pub orders: i64,
    /// What they cost, net of refunds, in minor units.
    pub spent_minor: Minor,
    /// Quarters of the last year, 0 to 4, with an order.
    pub active_quarters: i64,
    /// Customer lifetime value, in minor units.
    pub lifetime_value_minor: Minor,
    /// Influence points.
    pub influence: i64,
    /// Local days since the member last did something; at most `lookback_days`.
    pub days_since_activity: i32,
    /// Local days since the first entry; at most `lookback_days`.
    pub tenure_days: i32,
}

impl Scores {
    /// The composite score, weighed, in basis points: 10,000 (all 1) to 50,000 (all 5).
    #[must_use]
    pub fn composite_bp(self, weights: Weights) -> i64 {
        let parts =
            [(self.r, weights.r), (self.f, weights.f), (self.m, weights.m), (self.l, weights.l), (self.s, weights.s)];
        parts.iter().map(|(score, weight)| i64::from(*score).saturating_mul(*weight)).fold(0, i64::saturating_add)
    }
}

/// Names of conditions that may change from day to day while the scores stay the same.
pub(crate) const MEASURED: [&str; 4] = ["orders", "influence", "days_since_activity", "tenure_days"];

/// What conditions of segments and tags may read.
pub(crate) fn variables(scores: Scores, measures: &Measures) -> Variables {
    let scores = [("r", scores.r), ("f", scores.f), ("m", scores.m), ("l", scores.l), ("s", scores.s)];
    let scores = scores.map(|(name, score)| (name, i64::from(score)));
    let days = [measures.days_since_activity, measures.tenure_days].map(i64::from);
    let measured = MEASURED.into_iter().zip([measures.orders, measures.influence].into_iter().chain(days));
    scores.into_iter().chain(measured).map(|(name, value)| (name.to_owned(), Scalar::Integer(value))).collect()
}

/// Checks the section.
pub(super) fn check(rfmls: &Rfmls, names: &Names<'_>, findings: &mut Findings) {
    findings.unique("rfmls.segments", rfmls.segments.iter().map(|segment| segment.id.as_str()));
    findings.unless((28..=730).contains(&rfmls.lookback_days), "rfmls.lookback_days", "must be in 28..=730");
    let falls = rfmls.recency_days.windows(2).all(|pair| pair[0] > pair[1]) && rfmls.recency_days[3] >= 0;
    findings.unless(falls, "rfmls.recency_days", "must fall strictly, to 0 or more");
    let within = rfmls.recency_days[0] < rfmls.lookback_days;
    findings.unless(within, "rfmls.recency_days", "must be within the lookback");
    let minor = |bounds: [Minor; 4]| bounds.map(|bound| bound.0);
    for (name, bounds) in [
        ("frequency", rfmls.frequency),
        ("monetary_minor", minor(rfmls.monetary_minor)),
        ("lifecycle_minor", minor(rfmls.lifecycle_minor)),
        ("social", rfmls.social),
    ] {
        let rises = bounds.windows(2).all(|pair| pair[0] < pair[1]) && bounds[0] > 0 && bounds[3] <= Minor::LIMIT;
        findings.unless(rises, format!("rfmls.{name}"), "must rise strictly, from above 0 to at most 10^12");
    }
    findings.unless((0..=10_000).contains(&rfmls.margin_bp), "rfmls.margin_bp", "must be in 0..=10000");
    let weights = [rfmls.weights_bp.r, rfmls.weights_bp.f, rfmls.weights_bp.m, rfmls.weights_bp.l, rfmls.weights_bp.s];
    let whole = weights.iter().all(|weight| (0..=10_000).contains(weight)) && weights.iter().sum::<i64>() == 10_000;
    findings.unless(whole, "rfmls.weights_bp", "must be zero or more, and sum to 10000");
    for (activity, points) in &rfmls.influence {
        let fits = names.activities.contains(activity.as_str()) && (1..=1_000).contains(points);
        findings.unless(
            fits,
            format!("rfmls.influence.{activity}"),
            "must be a declared activity with 1..=1000 points",
        );
    }
    let last = rfmls.segments.last().is_some_and(|segment| segment.when == "true");
    findings.unless(last, "rfmls.segments", "the last segment is for everybody else: `when = \"true\"`");
}
