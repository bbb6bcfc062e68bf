//! What a source has sent on a day: counts, and how long it took.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::change::{Aggregate, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::Reused;
use crate::quality::facts::QualityFact;
use crate::quality::score::{Share, Shares};

/// Up to how many seconds what is counted in a step took; what took longer is counted beyond the last.
pub const LAGS: [i64; 19] =
    [1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000];

/// A fact that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl Reported {
    /// How long it took, in seconds, rounded up.
    fn lag(self) -> i64 {
        let milliseconds = self.recorded_at.as_millisecond().saturating_sub(self.occurred_at.as_millisecond());
        milliseconds.max(0).saturating_add(999).checked_div(1_000).unwrap_or_default()
    }
}

/// What a source has sent on a local day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Facts and signals that were accepted.
    pub facts: u64,
    /// Those that came in time.
    pub in_time: u64,
    /// How many took so long, by step of [`LAGS`].
    pub lags: BTreeMap<usize, u64>,
    /// Fields that are filled of the members that it wrote, of those that are expected to be.
    pub filled: Share,
    /// The newest.
    pub last: Option<Reported>,
}

impl Aggregate for Traffic {
    type Fact = QualityFact;
    type Refusal = Reused;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> Reused {
        Reused::KeyReused // it has no effects that could be denied
    }
}

impl Traffic {
    /// Counts facts; in time is what took at most so many seconds, if that matters.
    pub fn count(&mut self, reported: &[Reported], in_time: Option<i64>) {
        for one in reported {
            let lag = one.lag();
            let step = LAGS.iter().position(|most| lag <= *most).unwrap_or(LAGS.len());
            let counted = self.lags.entry(step).or_default();
            *counted = counted.saturating_add(1);
            self.facts = self.facts.saturating_add(1);
            if in_time.is_none_or(|most| lag <= most) {
                self.in_time = self.in_time.saturating_add(1);
            }
            let newest = |last: &Reported| last.recorded_at >= one.recorded_at;
            if !self.last.as_ref().is_some_and(newest) {
                self.last = Some(*one);
            }
        }
    }

    /// Counts fields of a member that it wrote.
    pub fn write(&mut self, filled: Share) {
        let Share { numerator, denominator } = &mut self.filled;
        *numerator = numerator.saturating_add(filled.numerator);
        *denominator = denominator.saturating_add(filled.denominator);
    }

    /// The same of several days.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.facts = self.facts.saturating_add(other.facts);
        self.in_time = self.in_time.saturating_add(other.in_time);
        for (step, count) in &other.lags {
            let counted = self.lags.entry(*step).or_default();
            *counted = counted.saturating_add(*count);
        }
        self.write(other.filled);
        let later = |last: &Reported| other.last.is_some_and(|other| other.recorded_at > last.recorded_at);
        if self.last.as_ref().is_none_or(later) {
            self.last = other.last.or(self.last);
        }
        self
    }

    /// How many seconds so many of a hundred took at most: the end of the step; none if there are none, or they took longer than any step.
    #[must_use]
    pub fn lag_of(&self, percent: u64) -> Option<i64> {
        let wanted = u128::from(self.facts).saturating_mul(percent.into()).div_ceil(100).max(1);
        let mut so_far = 0_u128;
        for (step, count) in &self.lags {
            so_far = so_far.saturating_add(u128::from(*count));
            if so_far >= wanted {
                return LAGS.get(*step).copied();
            }
        }
        None
    }

    /// How it kept to what is expected, where so many were refused.
    #[must_use]
    pub fn shares(&self, refused: u64) -> Shares {
        Shares {
            completeness: self.filled,
            validity: Share { numerator: self.facts, denominator: self.facts.saturating_add(refused) },
            timeliness: Share { numerator: self.in_time, denominator: self.facts },
        }
    }
}
