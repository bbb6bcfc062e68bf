//! What happened to a tier or to scores.

use domain::kernel::quantity::Points;
use domain::programme::segment::{Measures, Scores};
use domain::standing::record;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// Something that happened to a member's tier: what, when, and the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TierChange {
    /// What happened.
    pub change: Transition,
    /// The tier before.
    pub from: String,
    /// The tier afterwards; the same if it was renewed, if a grace began, or if a floor held it.
    pub tier: String,
    /// From when on.
    pub at: Timestamp,
    /// The end of the period, or of the grace that began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The status points that decided.
    pub status: Points,
    /// How many were needed.
    pub needed: Points,
    /// The segment that qualified instead of points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The tier had been reached and revoked before in the same period: it is no news to the member.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub regained: bool,
    /// Benefits that the member has now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<String>,
    /// Benefits that the member has no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdrawn: Vec<String>,
}

impl From<&record::TierChange> for TierChange {
    fn from(change: &record::TierChange) -> Self {
        let record::TierChange { change, from, tier, at, until, status, needed, segment, regained, granted, withdrawn } =
            change.clone();
        Self { change: change.into(), from, tier, at, until, status, needed, segment, regained, granted, withdrawn }
    }
}

/// What can happen to a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// It rose.
    Upgraded,
    /// It was kept for another period.
    Renewed,
    /// It was not kept; there is a grace to make up for it.
    GraceStarted,
    /// It fell, one step.
    Downgraded,
    /// A refund took the ground from a new tier.
    Revoked,
    /// A late fact shows that it should not have fallen.
    Reinstated,
    /// A floor was set, and lifted it.
    FloorSet,
    /// A floor ended.
    FloorEnded,
    /// It is what it was elsewhere: in another programme, or in an account that became one with this.
    Carried,
}

impl From<record::Transition> for Transition {
    fn from(transition: record::Transition) -> Self {
        match transition {
            record::Transition::Upgraded => Self::Upgraded,
            record::Transition::Renewed => Self::Renewed,
            record::Transition::GraceStarted => Self::GraceStarted,
            record::Transition::Downgraded => Self::Downgraded,
            record::Transition::Revoked => Self::Revoked,
            record::Transition::Reinstated => Self::Reinstated,
            record::Transition::FloorSet => Self::FloorSet,
            record::Transition::FloorEnded => Self::FloorEnded,
            record::Transition::Carried => Self::Carried,
        }
    }
}

/// A change of scores, segment or tags, as the ledger records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScoreChange {
    /// The scores now.
    pub scores: Scores,
    /// The scores before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Scores>,
    /// What they are worked out from.
    pub measures: Measures,
    /// The segment now.
    pub segment: String,
    /// The segment that the member left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// New tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tagged: Vec<String>,
    /// Tags that hold no longer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untagged: Vec<String>,
}

impl From<&record::ScoreChange> for ScoreChange {
    fn from(change: &record::ScoreChange) -> Self {
        let record::ScoreChange { scores, before, measures, segment, left, tagged, untagged } = change.clone();
        Self { scores, before, measures, segment, left, tagged, untagged }
    }
}
