//! How far somebody has come, and what a fact adds.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::kernel::canonical::{digest, first, hexadecimal};
use crate::programme::engagement::challenge::{Challenge, Goal};

hexadecimal!(
    /// A fact that was counted, in eight bytes.
    Mark,
    8
);

/// A fact that may bring a challenge on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Who reported it.
    pub source: String,
    /// What it is called there.
    pub id: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Of a sum: the value of its attribute.
    pub value: Option<i64>,
}

impl Deed {
    /// What it is told from others by.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark(first(digest(&[b"deed", self.source.as_bytes(), self.id.as_bytes()])))
    }
}

/// What became of a fact: the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was counted before.
    Repeat,
    /// The goal was reached before.
    AfterCompletion,
    /// Its local date is none of the window.
    OutsideWindow,
    /// It came more than 48 hours after it happened.
    TooLate,
    /// Its date was counted.
    DateCounted,
    /// It brings nothing to the sum.
    NoValue,
    /// As many facts were counted as can be.
    Full,
    /// It counts.
    Counted,
    /// It counts, and the goal is reached.
    Completed,
}

impl Outcome {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::AfterCompletion => "after_completion",
            Self::OutsideWindow => "outside_window",
            Self::TooLate => "too_late",
            Self::DateCounted => "date_counted",
            Self::NoValue => "no_value",
            Self::Full => "full",
            Self::Counted => "counted",
            Self::Completed => "completed",
        }
    }

    /// Does it bring the goal nearer?
    #[must_use]
    pub const fn counts(self) -> bool {
        matches!(self, Self::Counted | Self::Completed)
    }
}

/// How far somebody has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Of a goal in dates: the dates.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dates: BTreeSet<Date>,
    /// Of any other: how much.
    #[serde(default)]
    pub amount: i64,
    /// The facts that were counted; of a goal in dates the newest ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

impl Progress {
    /// The most facts that are counted.
    pub const MOST: usize = 500;
    /// Of a goal in dates: so many facts are remembered, for a date counts once anyway.
    const REMEMBERED: usize = 8;

    /// How much of a goal is done.
    #[must_use]
    pub fn done(&self, goal: &Goal) -> i64 {
        match goal {
            Goal::Days(_) => i64::try_from(self.dates.len()).unwrap_or(i64::MAX),
            Goal::Count(_) | Goal::Sum { .. } => self.amount,
        }
    }

    /// Was this fact counted, as far as is remembered?
    #[must_use]
    pub fn knows(&self, deed: &Deed) -> bool {
        self.marks.contains(&deed.mark())
    }

    /// What a fact of a date adds, or why it does not.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn with(&self, challenge: &Challenge, deed: &Deed, date: Date) -> Result<Self, Outcome> {
        let mut progress = self.clone();
        let adds = match challenge.goal {
            Goal::Days(_) if !progress.dates.insert(date) => return Err(Outcome::DateCounted),
            Goal::Days(_) => 0,
            Goal::Count(_) => 1,
            Goal::Sum { .. } => deed.value.filter(|value| *value > 0).ok_or(Outcome::NoValue)?,
        };
        let in_dates = matches!(challenge.goal, Goal::Days(_));
        if !in_dates && progress.marks.len() >= Self::MOST {
            return Err(Outcome::Full);
        }
        progress.amount = progress.amount.saturating_add(adds);
        progress.marks.push(deed.mark());
        if in_dates && progress.marks.len() > Self::REMEMBERED {
            progress.marks.remove(0);
        }
        Ok(progress)
    }

    /// What two members did who are one: dates are united, facts counted once. Of a sum that cannot be told apart the larger stays.
    #[must_use]
    pub fn united(&self, other: &Self) -> Self {
        let mut united = self.clone();
        united.dates.extend(&other.dates);
        united.amount = self.amount.max(other.amount);
        let new = other.marks.iter().filter(|mark| !self.marks.contains(mark));
        united.marks.extend(new);
        united
    }
}
