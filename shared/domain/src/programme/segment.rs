//! RFM-LS scores, segments and tags as the programme's author writes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use crate::quantity::Minor;

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

/// `[[tag]]`: an entry of the tag dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// A short name, unique.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// What it means, for people.
    pub definition: String,
    /// Whom it marks, in CEL over the same names as a segment.
    pub when: String,
    /// The ladder that it is a rung of: of the tags of a ladder a member has the first whose condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<String>,
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
