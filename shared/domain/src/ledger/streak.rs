//! What is said of a streak: how long, since when, and when it brings the next bonus.

use jiff::ToSpan;
use jiff::civil::{self, Date};

use super::counter::Run;
use crate::programme::earning_rule::Streak;

/// A run of dates, as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// How many dates.
    pub days: i32,
    /// Since which date.
    pub since: Date,
    /// In how many dates the next bonus comes; none comes, if it was paid and is not again.
    pub next_bonus_in: Option<i32>,
}

/// The streaks of a calendar: the one that runs, or none, and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The one that runs: its last date is today, or yesterday.
    pub running: Option<Told>,
    /// The last one, if none runs.
    pub last: Option<Told>,
    /// The date of the next bonus, if every date until then is claimed.
    pub next_bonus_on: Option<Date>,
}

fn date(day: i32) -> Date {
    civil::date(1970, 1, 1).saturating_add(i64::from(day).days())
}

impl Told {
    /// Of a run.
    #[must_use]
    pub fn of(run: Run, streak: Streak) -> Self {
        let days = run.last.saturating_sub(run.first).saturating_add(1);
        let over = days.checked_rem(streak.every).unwrap_or_default();
        let next_bonus_in = if streak.repeating {
            Some(streak.every.saturating_sub(over))
        } else {
            Some(streak.every.saturating_sub(days)).filter(|left| *left > 0)
        };
        Self { days, since: date(run.first), next_bonus_in }
    }

    /// Of the run that a date is in.
    #[must_use]
    pub fn on(runs: &[Run], on: Date, streak: Streak) -> Option<Self> {
        let run = runs.iter().find(|run| (date(run.first)..=date(run.last)).contains(&on))?;
        Some(Self::of(*run, streak))
    }
}

impl Calendar {
    /// Of all runs, on a date of the zone in force.
    #[must_use]
    pub fn of(runs: &[Run], today: Date, streak: Streak) -> Self {
        let newest = runs.iter().max_by_key(|run| run.last);
        let runs_on = newest.filter(|run| date(run.last).saturating_add(1.day()) >= today);
        let running = runs_on.map(|run| Told::of(*run, streak));
        let last = newest.filter(|_| running.is_none()).map(|run| Told::of(*run, streak));
        let next_bonus_on = match (runs_on, running) {
            (Some(run), Some(told)) => {
                told.next_bonus_in.map(|days| date(run.last).saturating_add(i64::from(days).days()))
            }
            _ => Some(today.saturating_add(i64::from(streak.every.saturating_sub(1)).days())),
        };
        Self { running, last, next_bonus_on }
    }
}
