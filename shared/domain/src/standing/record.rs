//! What happened to a tier or to scores, with the evidence.

use jiff::Timestamp;

use crate::kernel::quantity::Points;
use crate::programme::segment::{Measures, Scores};

/// Something that happened to a member's tier: what, when, and the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub until: Option<Timestamp>,
    /// The status points that decided.
    pub status: Points,
    /// How many were needed.
    pub needed: Points,
    /// The segment that qualified instead of points.
    pub segment: Option<String>,
    /// The tier had been reached and revoked before in the same period: it is no news to the member.
    pub regained: bool,
    /// Benefits that the member has now.
    pub granted: Vec<String>,
    /// Benefits that the member has no longer.
    pub withdrawn: Vec<String>,
}

/// What can happen to a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Transition {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Upgraded => "upgraded",
            Self::Renewed => "renewed",
            Self::GraceStarted => "grace_started",
            Self::Downgraded => "downgraded",
            Self::Revoked => "revoked",
            Self::Reinstated => "reinstated",
            Self::FloorSet => "floor_set",
            Self::FloorEnded => "floor_ended",
            Self::Carried => "carried",
        }
    }
}

/// A change of scores, segment or tags, as the ledger records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreChange {
    /// The scores now.
    pub scores: Scores,
    /// The scores before.
    pub before: Option<Scores>,
    /// What they are worked out from.
    pub measures: Measures,
    /// The segment now.
    pub segment: String,
    /// The segment that the member left.
    pub left: Option<String>,
    /// New tags.
    pub tagged: Vec<String>,
    /// Tags that hold no longer.
    pub untagged: Vec<String>,
}
