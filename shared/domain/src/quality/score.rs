//! Scores: how much of what was expected was so, in basis points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::programme::source::Quality;

/// What is expected of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// That fields are filled of the members that it writes.
    Completeness,
    /// That what it sends is accepted.
    Validity,
    /// That it sends in time.
    Timeliness,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Completeness, Self::Validity, Self::Timeliness];

    /// As on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Validity => "validity",
            Self::Timeliness => "timeliness",
        }
    }

    /// How much a programme expects.
    #[must_use]
    pub fn threshold(self, quality: &Quality) -> Option<i64> {
        let threshold = match self {
            Self::Completeness => quality.completeness_min_bp,
            Self::Validity => quality.validity_min_bp,
            Self::Timeliness => quality.timeliness_min_bp,
        };
        threshold.map(i64::from)
    }
}

/// How many of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Share {
    /// What was so.
    pub numerator: u64,
    /// Of how many.
    pub denominator: u64,
}

impl Share {
    /// In basis points, rounded down; none where there are too few to judge.
    #[must_use]
    pub fn score_bp(self, min_volume: i64) -> Option<i64> {
        let Self { numerator, denominator } = self;
        let few = u64::try_from(min_volume).is_ok_and(|fewest| denominator < fewest);
        if few {
            return None;
        }
        let share = u128::from(numerator).saturating_mul(10_000).checked_div(denominator.into())?;
        i64::try_from(share).ok()
    }
}

/// How a source kept to each on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shares {
    /// Fields that are filled, of those that are expected to be.
    pub completeness: Share,
    /// What is accepted, of what was sent.
    pub validity: Share,
    /// Facts that came in time.
    pub timeliness: Share,
}

impl Shares {
    /// That of a dimension.
    #[must_use]
    pub fn of(&self, dimension: Dimension) -> Share {
        match dimension {
            Dimension::Completeness => self.completeness,
            Dimension::Validity => self.validity,
            Dimension::Timeliness => self.timeliness,
        }
    }
}
