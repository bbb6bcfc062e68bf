//! A clock of a ticket: from when, for how long, and what came of it (rules: desk 8-12). Everything follows from the ticket's history.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::history::History;
use super::kind::Kind;
use super::working::{Working, after};
use crate::planted;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::desk::policy::SlaPolicy;

/// What came of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It ended in time.
    Met,
    /// It did not.
    Breached,
    /// It ended without one.
    Dropped,
}

/// A clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What it measures.
    pub kind: Kind,
    /// Which of its kind it is, from 1.
    pub instance: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// From when on it counts: its start, or the change that gave it a new target.
    pub counts_from: Timestamp,
    /// How much it may count, in milliseconds.
    pub target_ms: i64,
    /// By which version of the programme.
    pub version: u32,
    /// By which calendar of it.
    pub calendar: String,
    /// A due instant that stands whatever is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// When it was due, if it is breached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Timestamp>,
    /// Was it warned of?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warned: bool,
}

/// How a clock stands at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it has counted.
    pub spent_ms: i64,
    /// When it is due, or was, if it is breached.
    pub due: Option<Timestamp>,
    /// From when on it is warned of.
    pub warn_at: Option<Timestamp>,
    /// `running`, `paused`, `met`, `breached` or `dropped`.
    pub state: &'static str,
    /// Does its due instant lie after all that its calendar knows?
    pub calendar_gap: bool,
}

impl Clock {
    /// One that starts; none if the policy has no such clock.
    pub(super) fn start(
        kind: Kind,
        instance: u32,
        started_at: Timestamp,
        (policy, programme): (&SlaPolicy, &Programme),
    ) -> Option<Self> {
        Some(Self {
            kind,
            instance,
            started_at,
            counts_from: started_at,
            target_ms: kind.target(policy)?,
            version: programme.number,
            calendar: policy.calendar.clone(),
            fixed: None,
            ended_at: None,
            verdict: None,
            missed: None,
            warned: false,
        })
    }

    /// Does it run, paused or not?
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Can it still be met?
    pub(super) fn is_open(&self) -> bool {
        self.is_running() && self.verdict.is_none()
    }

    pub(super) fn working<'p>(&self, programmes: &'p Programmes) -> Working<'p> {
        programmes.numbered(self.version).map_or_else(Working::always, |own| Working::named(own, &self.calendar))
    }

    /// When it is due if nothing changes; nothing while it is paused.
    #[must_use]
    pub fn due(&self, history: &History, programmes: &Programmes) -> Option<Timestamp> {
        if self.fixed.is_some() {
            return self.fixed.filter(|_| !self.is_paused(history));
        }
        let counted = Counted { kind: self.kind, from: self.counts_from, working: &self.working(programmes) };
        counted.reached(history, self.target_ms)
    }

    /// When it is warned of.
    fn warn_at(&self, history: &History, programmes: &Programmes) -> Option<Timestamp> {
        let early = self.target_ms.saturating_mul(8).div_euclid(10);
        let counted = Counted { kind: self.kind, from: self.counts_from, working: &self.working(programmes) };
        counted.reached(history, early)
    }

    pub(super) fn is_paused(&self, history: &History) -> bool {
        self.kind.pauses() && history.is_paused()
    }

    /// How it stands.
    #[must_use]
    pub fn read(&self, history: &History, programmes: &Programmes, now: Timestamp) -> Reading {
        let working = self.working(programmes);
        let counted = Counted { kind: self.kind, from: self.counts_from, working: &working };
        let spent_ms = counted.spent(history, self.ended_at.map_or(now, |ended| ended.min(now)));
        let open = self.is_open();
        let due = if open { self.due(history, programmes) } else { self.missed };
        let warn_at = if open { self.warn_at(history, programmes).filter(|_| due.is_some()) } else { None };
        let state = match self.verdict {
            Some(Verdict::Breached) => "breached",
            Some(Verdict::Met) => "met",
            Some(Verdict::Dropped) => "dropped",
            None if self.is_paused(history) => "paused",
            None => "running",
        };
        let calendar_gap = due.is_some_and(|due| working.is_unknown(due));
        Reading { spent_ms, due, warn_at, state, calendar_gap }
    }
}

/// What has become of a clock as time passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    /// It is to be warned of.
    Warned { at: Timestamp, due: Timestamp },
    /// It is breached.
    Breached { at: Timestamp, due: Timestamp },
}

impl Clock {
    /// What time has done to it, if that is not told yet. It is met if it ends at its due instant, and breached a millisecond later.
    pub(super) fn pass(&mut self, history: &History, programmes: &Programmes, now: Timestamp) -> Option<Passed> {
        if planted!("bug-breach-told-again") && self.is_running() {
            self.verdict = None;
        }
        if !self.is_open() {
            return None;
        }
        let due = self.due(history, programmes)?;
        if now > due {
            (self.verdict, self.missed) = (Some(Verdict::Breached), Some(due));
            return Some(Passed::Breached { at: after(due, 1), due });
        }
        let at = self.warn_at(history, programmes).filter(|at| *at <= now && !self.warned)?;
        self.warned = true;
        Some(Passed::Warned { at, due })
    }

    /// The next instant at which time alone changes something of it.
    pub(super) fn next(&self, history: &History, programmes: &Programmes) -> Option<Timestamp> {
        if !self.is_open() {
            return None;
        }
        let due = self.due(history, programmes)?;
        let warn_at = self.warn_at(history, programmes).filter(|_| !self.warned);
        Some(warn_at.map_or(after(due, 1), |warn_at| warn_at.min(after(due, 1))))
    }

    /// Ends it. What is not breached is met.
    pub(super) fn end(&mut self, at: Timestamp) {
        self.ended_at = Some(at);
        self.verdict = self.verdict.or(Some(Verdict::Met));
    }

    /// It goes on with what it had.
    pub(super) fn go_on(&mut self) {
        self.ended_at = None;
        self.verdict = self.verdict.filter(|verdict| *verdict == Verdict::Breached);
    }
}

/// What is counted, from when on.
pub(super) struct Counted<'a, 'p> {
    pub(super) kind: Kind,
    pub(super) from: Timestamp,
    pub(super) working: &'a Working<'p>,
}

impl Counted<'_, '_> {
    /// How much is counted until an instant.
    pub(super) fn spent(&self, history: &History, until: Timestamp) -> i64 {
        let parts = history.parts(self.kind, self.from);
        let spent = parts.map(|(from, to)| self.working.spent(from, to.map_or(until, |to| to.min(until))));
        spent.fold(0, i64::saturating_add)
    }

    /// When so much is counted, if nothing changes.
    pub(super) fn reached(&self, history: &History, milliseconds: i64) -> Option<Timestamp> {
        let mut left = milliseconds;
        for (from, to) in history.parts(self.kind, self.from) {
            let Some(to) = to else { return Some(self.working.reached(from, left)) };
            let counts = self.working.spent(from, to);
            // What is reached as a pause begins is reached when it ends: a paused clock has no due instant.
            if counts > left {
                return Some(self.working.reached(from, left));
            }
            left = left.saturating_sub(counts);
        }
        None
    }
}
