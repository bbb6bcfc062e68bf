//! What limits and streaks have counted.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::kernel::time::Period;

/// A counter of a limited rule (`rule`), a limited reward (`reward:ID`) or a benefit (`benefit:ID`), for the period that begins
/// on a date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter {
    /// What is counted.
    pub what: String,
    /// Over which period.
    pub period: Period,
    /// The period's first date.
    pub start: Date,
}

impl Counter {
    /// The counter of `what` for the period that `date` lies in.
    #[must_use]
    pub fn new(what: &str, period: Period, date: Date) -> Self {
        Self { what: what.to_owned(), period, start: period.start(date) }
    }
}

/// Consecutive local dates, as day numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The first day.
    pub first: i32,
    /// The last day.
    pub last: i32,
}
