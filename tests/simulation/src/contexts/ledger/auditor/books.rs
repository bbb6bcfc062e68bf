//! Where points are, by the auditor's own count.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::DAY;
use super::entry::{Detail, Entry, Movement, Settlement};

/// How many days the ledger may wait for another entry to say that points became spendable.
const RECORDED_DAYS: i64 = 60;
/// The same for points that expired.
const EXPIRY_RECORDED_DAYS: i64 = 60;

/// The pockets of an account, rebuilt from its entries alone. Instants are in milliseconds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Books {
    pub(super) active: BTreeMap<i64, i64>,
    pub(super) pending: BTreeMap<(i64, i64), i64>,
    pub(super) held: BTreeMap<(u64, i64), i64>,
    pub(super) debt: i64,
    /// Open holds, and when each ends.
    pub(super) holds: BTreeMap<u64, i64>,
    /// Lots that were a grace.
    pub(super) grace: BTreeSet<i64>,
}

/// A movement, with instants in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    Active(i64, i64),
    Pending(i64, i64, i64),
    Held(u64, i64, i64),
    Debt(i64),
}

impl From<&Movement> for Moved {
    fn from(movement: &Movement) -> Self {
        match *movement {
            Movement::Active { expires_at, points } => Self::Active(expires_at.as_millisecond(), points),
            Movement::Pending { activates_at, expires_at, points } => {
                Self::Pending(activates_at.as_millisecond(), expires_at.as_millisecond(), points)
            }
            Movement::Held { hold, expires_at, points } => Self::Held(hold, expires_at.as_millisecond(), points),
            Movement::Debt { points } => Self::Debt(points),
        }
    }
}

impl Moved {
    /// Where an opening moves points to, less what takes back another in whose place it comes.
    pub(super) fn brought(entry: &Entry) -> Vec<Self> {
        let Detail::Opening { took_back, .. } = &entry.detail else { return Vec::new() };
        let others = took_back.and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
        entry.movements.iter().skip(others).map(Self::from).collect()
    }

    /// What it adds to the balance.
    pub(super) fn points(self) -> i64 {
        let (Self::Active(_, points) | Self::Pending(_, _, points) | Self::Held(_, _, points) | Self::Debt(points)) =
            self;
        points
    }
}

impl Books {
    pub(super) fn total(&self) -> i64 {
        let sum = |points: &mut dyn Iterator<Item = &i64>| points.sum::<i64>();
        sum(&mut self.active.values()) + sum(&mut self.pending.values()) + sum(&mut self.held.values()) - self.debt
    }

    pub(super) fn moved(&mut self, moved: Moved) {
        match moved {
            Moved::Active(at, points) => *self.active.entry(at).or_default() += points,
            Moved::Pending(at, expires, points) => *self.pending.entry((at, expires)).or_default() += points,
            Moved::Held(hold, at, points) => *self.held.entry((hold, at)).or_default() += points,
            Moved::Debt(points) => self.debt -= points,
        }
        self.active.retain(|_, points| *points != 0);
        self.pending.retain(|_, points| *points != 0);
        self.held.retain(|_, points| *points != 0);
    }

    /// What time has done by an instant: expiries before ends of holds before activations, if they fall together.
    pub(super) fn settle(&mut self, now: i64) {
        loop {
            let expiry = self.active.keys().next().copied().filter(|at| *at <= now);
            let holding = |hold: &u64| self.held.keys().any(|(of, _)| of == hold);
            let release = self
                .holds
                .iter()
                .filter(|(hold, until)| **until <= now && holding(hold))
                .map(|(hold, until)| (*until, *hold))
                .min();
            let activation = self.pending.keys().next().map(|(at, _)| *at).filter(|at| *at <= now);
            let Some(first) = [expiry, release.map(|(at, _)| at), activation].into_iter().flatten().min() else {
                break;
            };
            if expiry == Some(first) {
                self.active.remove(&first);
            } else if let Some((_, hold)) = release.filter(|(at, _)| *at == first) {
                for moved in self.released(hold) {
                    self.moved(moved);
                }
            } else if let Some(((_, expires), points)) = self.pending.pop_first() {
                for moved in self.credited(expires, points) {
                    self.moved(moved);
                }
            }
        }
        self.holds.retain(|_, until| *until > now);
    }

    /// What an entry says that time had done.
    pub(super) fn settled(&mut self, settlement: &Settlement) {
        match settlement {
            Settlement::Activated { activates_at, expires_at, points, repaid } => {
                let (activates, expires) = (activates_at.as_millisecond(), expires_at.as_millisecond());
                self.moved(Moved::Pending(activates, expires, -points));
                self.moved(Moved::Debt(*repaid));
                self.moved(Moved::Active(expires, points - repaid));
            }
            Settlement::Expired { expires_at, points } => {
                self.moved(Moved::Active(expires_at.as_millisecond(), -points));
            }
            Settlement::Released { hold, parts, repaid, .. } => {
                let mut owed = *repaid;
                self.moved(Moved::Debt(owed));
                for (expires_at, points) in parts {
                    let kept = points - owed.min(*points);
                    owed -= points - kept;
                    self.moved(Moved::Held(*hold, expires_at.as_millisecond(), -points));
                    self.moved(Moved::Active(expires_at.as_millisecond(), kept));
                }
                self.holds.remove(hold);
            }
            Settlement::Tier(_) => {}
        }
    }

    /// How points come in: debt is repaid first.
    pub(super) fn credited(&self, lot: i64, points: i64) -> Vec<Moved> {
        let repaid = self.debt.min(points);
        let mut moved = Vec::new();
        if repaid > 0 {
            moved.push(Moved::Debt(repaid));
        }
        if points > repaid {
            moved.push(Moved::Active(lot, points - repaid));
        }
        moved
    }

    /// How points go out: those that expire first first.
    pub(super) fn drawn(&self, points: i64) -> Vec<Moved> {
        let mut left = points;
        let mut moved = Vec::new();
        for (at, available) in &self.active {
            let taken = left.min(*available);
            if taken > 0 {
                moved.push(Moved::Active(*at, -taken));
                left -= taken;
            }
        }
        moved
    }

    /// How a hold ends: its points go back where they were, less what repays debt.
    pub(super) fn released(&self, hold: u64) -> Vec<Moved> {
        let parts: Vec<(i64, i64)> = self.held_by(hold);
        let mut owed = self.debt.min(parts.iter().map(|(_, points)| points).sum());
        let mut moved = Vec::new();
        if owed > 0 {
            moved.push(Moved::Debt(owed));
        }
        for (at, points) in parts {
            let kept = points - owed.min(points);
            owed -= points - kept;
            moved.push(Moved::Held(hold, at, -points));
            if kept > 0 {
                moved.push(Moved::Active(at, kept));
            }
        }
        moved
    }

    pub(super) fn held_by(&self, hold: u64) -> Vec<(i64, i64)> {
        self.held.iter().filter(|((of, _), _)| *of == hold).map(|((_, at), points)| (*at, *points)).collect()
    }

    /// What can be spent at an instant, and what is owed.
    pub(crate) fn spendable_at(&self, now: i64) -> (i64, i64) {
        let mut then = self.clone();
        then.settle(now);
        (then.active.values().sum(), then.debt)
    }

    /// The next instant at which the ledger has to say what time has done.
    pub(super) fn due(&self) -> Option<i64> {
        let expiry = self.active.keys().next().map(|at| at + EXPIRY_RECORDED_DAYS * DAY);
        let activation = self.pending.keys().next().map(|(at, _)| at + RECORDED_DAYS * DAY);
        [expiry, activation, self.holds.values().min().copied()].into_iter().flatten().min()
    }

    /// What is wrong with the books as such.
    pub(super) fn unsound(&self, now: i64) -> Option<&'static str> {
        let parts = self.active.values().chain(self.pending.values()).chain(self.held.values());
        if parts.clone().any(|points| *points < 0) || self.debt < 0 {
            return Some("leaves less than nothing");
        }
        if self.debt > 0 && self.active.range(now + 1..).next().is_some() {
            return Some("leaves a debt beside points");
        }
        None
    }
}

impl Entry {
    /// What the operation added to the balance.
    pub(crate) fn points(&self) -> i64 {
        self.movements.iter().map(|movement| Moved::from(movement).points()).sum()
    }
}
