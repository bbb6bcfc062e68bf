//! Another policy: each running clock gets the new target, and none breaches by that alone (rules: desk 13).

use jiff::Timestamp;

use super::clock::{Clock, Counted, Verdict};
use super::history::{History, State};
use super::working::Working;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::desk::policy::SlaPolicy;

/// A change of policy.
pub(super) struct Changing<'a> {
    pub(super) policy: &'a SlaPolicy,
    /// By which programme it is from now on.
    pub(super) programme: &'a Programme,
    pub(super) programmes: &'a Programmes,
    pub(super) history: &'a History,
    pub(super) at: Timestamp,
}

impl Changing<'_> {
    /// Gives an open clock the new target, or drops it.
    pub(super) fn change(&self, clock: &mut Clock) {
        let Some(target) = clock.kind.target(self.policy) else {
            (clock.ended_at, clock.verdict) = (Some(self.at), Some(Verdict::Dropped));
            return;
        };
        // A paused clock is computed as if it resumed now.
        let mut history = self.history.clone();
        if clock.is_paused(&history) {
            history.states.push((State::Open, self.at));
        }
        let was = clock.due(&history, self.programmes);
        let working = Working::named(self.programme, &self.policy.calendar);
        let whole = Counted { kind: clock.kind, from: clock.started_at, working: &working }.reached(&history, target);
        (clock.version, clock.calendar) = (self.programme.number, self.policy.calendar.clone());
        (clock.counts_from, clock.target_ms, clock.fixed) = (clock.started_at, target, None);
        if whole.is_some_and(|due| due > self.at) {
            return;
        }
        let anew = working.reached(self.at, target);
        let due = was.map_or(anew, |was| was.min(anew));
        clock.counts_from = self.at;
        clock.target_ms = working.spent(self.at, due);
        clock.fixed = (clock.target_ms == 0).then_some(due);
    }

    /// A clock that the old policy lacked, and that the history has started: it is not breached by that alone.
    pub(super) fn started(&self, mut clock: Clock) -> Clock {
        if clock.due(self.history, self.programmes).is_some_and(|due| due <= self.at) {
            clock.counts_from = self.at;
        }
        clock
    }
}
