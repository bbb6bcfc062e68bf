//! The states of a ticket, one after the other.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use crate::programme::desk::rules::Pause;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has looked at it.
    New,
    /// Somebody has.
    Open,
    /// The member is to answer.
    PendingCustomer,
    /// Somebody else is.
    PendingThirdParty,
    /// It is solved.
    Resolved,
    /// It is over.
    Closed,
    /// It is part of another.
    Merged,
    /// It was none.
    Spam,
}

impl State {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::PendingCustomer => "pending_customer",
            Self::PendingThirdParty => "pending_third_party",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Merged => "merged",
            Self::Spam => "spam",
        }
    }

    /// Is it worked on?
    #[must_use]
    pub const fn is_at_work(self) -> bool {
        matches!(self, Self::New | Self::Open | Self::PendingCustomer | Self::PendingThirdParty)
    }

    /// Does it count among what an agent has open?
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::New | Self::Open | Self::PendingThirdParty)
    }

    /// Does it wait for somebody else?
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::PendingCustomer | Self::PendingThirdParty)
    }
}

/// The states of a ticket, each since when; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The states.
    pub states: Vec<(State, Timestamp)>,
    /// In which of them the clock of the resolution stands still, beside those in which nothing is done.
    pub pause_on: Vec<Pause>,
}

impl History {
    /// The most states.
    pub const MOST: usize = 300;

    /// Of a ticket that is opened.
    #[must_use]
    pub fn new(at: Timestamp, pause_on: &[Pause]) -> Self {
        Self { states: vec![(State::New, at)], pause_on: pause_on.to_vec() }
    }

    /// Where it stands, and since when.
    ///
    /// # Panics
    /// It is empty, which none is.
    #[must_use]
    pub fn newest(&self) -> (State, Timestamp) {
        *self.states.last().expect("a ticket has a state")
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.newest().0
    }

    /// Is there room for more states?
    #[must_use]
    pub fn has_room(&self) -> bool {
        // One is kept for the end.
        self.states.len() < Self::MOST.saturating_sub(2)
    }

    pub(super) fn enter(&mut self, state: State, at: Timestamp) {
        if self.state() != state {
            self.states.push((state, at));
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.pauses(self.state())
    }

    fn pauses(&self, state: State) -> bool {
        match state {
            State::New | State::Open => false,
            State::PendingCustomer => self.pause_on.contains(&Pause::PendingCustomer),
            State::PendingThirdParty => self.pause_on.contains(&Pause::PendingThirdParty),
            State::Resolved | State::Closed | State::Merged | State::Spam => true,
        }
    }

    /// The parts of the history that count for a clock, from an instant on; the last may have no end.
    pub(super) fn parts(&self, kind: Kind, from: Timestamp) -> impl Iterator<Item = (Timestamp, Option<Timestamp>)> {
        let ends = self.states.iter().skip(1).map(|(_, at)| Some(*at)).chain([None]);
        let all = if kind.pauses() { None } else { Some((from, None)) };
        let states = if kind.pauses() { self.states.as_slice() } else { &[] };
        let parts = states.iter().zip(ends).filter(|((state, _), _)| !self.pauses(*state));
        let parts = parts.map(move |((_, since), end)| ((*since).max(from), end));
        all.into_iter().chain(parts.filter(move |(since, end)| end.is_none_or(|end| end > *since)))
    }
}
