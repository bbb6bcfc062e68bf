//! Why an activity earned what it did.

use std::collections::BTreeMap;

use domain::kernel::quantity::{Minor, Points, Ratio, Rounding};
use domain::ledger::earning::rules::{self, GivenBack, explain};
use domain::ledger::entry::{self, Detail, Entry};
use domain::programme::compiled::Programmes;
use domain::programme::condition::Scalar;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// Why an activity earned what it did: the same computation as the decision, made again from what the entry keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// The programme version that decided.
    pub programme_version: String,
    /// The tier at the time.
    pub tier: String,
    /// The order's net amount, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_minor: Option<Minor>,
    /// Refunds that had arrived before the order, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunded_before_minor: Option<Minor>,
    /// Attributes that rules read.
    pub attributes: BTreeMap<String, Scalar>,
    /// Every rule for the activity, those that gave nothing included.
    pub rules: Vec<Candidate>,
    /// Points in all.
    pub points: Points,
    /// Status points in all.
    pub status_points: Points,
}

impl Explanation {
    /// Makes the decision of an entry again. `None` for entries that are no earnings, or whose version is not loaded.
    #[must_use]
    pub fn of(entry: &Entry, programmes: &Programmes) -> Option<Self> {
        let Detail::Earn { activity, inputs, .. } = &entry.detail else { return None };
        let programme = programmes.numbered(entry.programme)?;
        let explained = explain(programme, activity, entry.occurred_at, inputs, GivenBack::NOTHING);
        Some(Self {
            programme_version: programme.version().to_owned(),
            tier: inputs.tier.clone().unwrap_or_else(|| programme.base_tier().id.clone()),
            net_minor: inputs.net,
            refunded_before_minor: inputs.net.map(|_| inputs.netted).filter(|netted| !netted.is_zero()),
            attributes: inputs.attributes.clone(),
            points: explained.points(),
            status_points: explained.status,
            rules: explained.candidates.into_iter().map(Into::into).collect(),
        })
    }
}

/// A rule that was considered, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Candidate {
    /// The rule.
    pub rule: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Points it gives.
    pub points: Points,
    /// How they were worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calculation: Option<Calculation>,
    /// The limits that cut something off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limited_by: Vec<String>,
    /// What it did to a streak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streak: Option<StreakStep>,
    /// Lines for which its condition could not be decided, so that they do not count: places, from 0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<u32>,
}

impl From<rules::Candidate> for Candidate {
    fn from(candidate: rules::Candidate) -> Self {
        let rules::Candidate { rule, outcome, points, calculation, limited_by, streak, undecided } = candidate;
        let (calculation, streak) = (calculation.map(Into::into), streak.map(Into::into));
        Self { rule, outcome: outcome.into(), points, calculation, limited_by, streak, undecided }
    }
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It applies.
    Applied,
    /// It grants a multiplier for the next order.
    Granted {
        /// By how much.
        multiplier: Ratio,
        /// Until when.
        until: Timestamp,
    },
    /// A condition does not hold: the first that failed.
    ConditionFailed {
        /// As written in the programme.
        condition: String,
        /// Why it could not be decided, if that is the reason.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// The local date is outside the rule's dates.
    OutsideDates,
    /// Another rule of its group gives more.
    Beaten {
        /// Which.
        by: String,
    },
    /// The date had been counted before.
    AlreadyCounted,
}

impl From<rules::Outcome> for Outcome {
    fn from(outcome: rules::Outcome) -> Self {
        match outcome {
            rules::Outcome::Applied => Self::Applied,
            rules::Outcome::Granted { multiplier, until } => Self::Granted { multiplier, until },
            rules::Outcome::ConditionFailed { condition, error } => Self::ConditionFailed { condition, error },
            rules::Outcome::OutsideDates => Self::OutsideDates,
            rules::Outcome::Beaten { by } => Self::Beaten { by },
            rules::Outcome::AlreadyCounted => Self::AlreadyCounted,
        }
    }
}

/// How points were worked out: `rounding(basis_minor x rate x multiplier)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Calculation {
    /// What the rate applied to, in minor units.
    pub basis_minor: Minor,
    /// Points per money.
    pub rate: String,
    /// The tier's multiplier.
    pub multiplier: Ratio,
    /// How a fraction was rounded.
    pub rounding: Rounding,
    /// Before limits.
    pub points: Points,
}

impl From<rules::Calculation> for Calculation {
    fn from(calculation: rules::Calculation) -> Self {
        let rules::Calculation { basis_minor, rate, multiplier, rounding, points } = calculation;
        Self { basis_minor, rate, multiplier, rounding, points }
    }
}

/// What an activity did to a streak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StreakStep {
    /// Length of the streak afterwards, in days.
    pub days: i32,
    /// Bonuses reached by it.
    pub bonuses: i32,
    /// The date had been counted before: nothing is earned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
}

impl From<entry::StreakStep> for StreakStep {
    fn from(step: entry::StreakStep) -> Self {
        let entry::StreakStep { days, bonuses, repeated } = step;
        Self { days, bonuses, repeated }
    }
}
