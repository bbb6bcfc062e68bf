//! Conflicts as they are shown and decided.

use domain::kernel::id::MemberId;
use domain::members::conflict::{Claimed, Conflict, Decision, Proposal};
use jiff::Timestamp;
use lambda::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::reason::StatedReason;

/// What a person decides.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum DecisionWord {
    Merge,
    Move,
    Share,
    Keep,
}

/// How a conflict is decided.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolutionRequest {
    /// `merge`: the two are one; `move`: each identifier goes to the one who does not have it; `share`: that one is written to there as
    /// well, and never found by it; `keep`: everything stays.
    r#do: DecisionWord,
    /// Of a merge: who stays.
    #[serde(default)]
    survivor: Option<String>,
    /// Why.
    pub(crate) reason: StatedReason,
}

impl ResolutionRequest {
    pub(crate) const fn decision(&self) -> Decision {
        match self.r#do {
            DecisionWord::Merge => Decision::Merge,
            DecisionWord::Move => Decision::Move,
            DecisionWord::Share => Decision::Share,
            DecisionWord::Keep => Decision::Keep,
        }
    }

    pub(crate) fn survivor(&self) -> Result<Option<MemberId>, Problem> {
        let survivor = self.survivor.as_ref().map(|survivor| survivor.parse()).transpose();
        survivor.map_err(|words: String| Problem::invalid("/survivor", words))
    }
}

/// Conflicts that wait for a decision.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ConflictsReply {
    /// Those that wait longest first.
    conflicts: Vec<ShownConflict>,
    /// Where the next page begins, if there is one: `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Two members who both say that the same is theirs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownConflict {
    /// The conflict.
    conflict: String,
    /// The two.
    members: [String; 2],
    /// What is to be decided.
    items: Vec<ShownClaim>,
    /// What was proposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed: Option<ShownProposal>,
}

/// An identifier of which two say that it is theirs.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownClaim {
    /// Of which kind.
    kind: String,
    /// A hint of it.
    hint: String,
    /// When it was presented last.
    presented_at: Timestamp,
    /// By which source.
    source: String,
    /// `moved` to who presented it, or `stayed` where it was.
    outcome: &'static str,
    /// Who does not have it.
    without: String,
}

/// What an agent proposes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownProposal {
    /// How to decide.
    r#do: &'static str,
    /// Of a merge: who would stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    survivor: Option<String>,
    /// Who proposes it.
    by: String,
    /// When.
    at: Timestamp,
}

/// What was decided, or proposed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ResolutionReply {
    /// The conflict.
    conflict: String,
    /// How.
    r#do: &'static str,
    /// It is carried out; false if it is proposed to who may decide.
    decided: bool,
}

impl ResolutionReply {
    pub(crate) fn new(conflict: &Conflict, decision: Decision, decided: bool) -> Self {
        Self { conflict: conflict.pair.id(), r#do: decision.name(), decided }
    }
}

impl ConflictsReply {
    pub(crate) fn new(conflicts: &[Conflict], next: Option<String>) -> Self {
        let shown = conflicts.iter().map(|conflict| ShownConflict {
            conflict: conflict.pair.id(),
            members: conflict.pair.members().map(ToString::to_string),
            items: conflict.open.iter().map(ShownClaim::of).collect(),
            proposed: conflict.proposed.as_ref().map(ShownProposal::of),
        });
        Self { conflicts: shown.collect(), next }
    }
}

impl ShownClaim {
    fn of(claimed: &Claimed) -> Self {
        Self {
            kind: claimed.kind.to_string(),
            hint: claimed.hint.clone(),
            presented_at: claimed.presented_at,
            source: claimed.source.clone(),
            outcome: claimed.outcome.name(),
            without: claimed.without.to_string(),
        }
    }
}

impl ShownProposal {
    fn of(proposal: &Proposal) -> Self {
        let Proposal { decision, survivor, by, at } = proposal;
        let survivor = survivor.as_ref().map(ToString::to_string);
        Self { r#do: decision.name(), survivor, by: by.clone(), at: *at }
    }
}
