//! A poll: its gates, through which every ballot goes, and how it closes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::EngagementFact;
use super::scene::Barred;
use crate::kernel::canonical::digest;
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{InvalidField, Reused, refusals};
use crate::programme::engagement::poll::Poll;

/// How many gates a poll has.
pub const GATES: u8 = 16;

/// A poll, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polling {
    /// What is asked, of whom, when; it does not change once it is open, but for a later end.
    pub poll: Poll,
    /// How it stands.
    pub state: PollState,
}

/// How a poll stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PollState {
    /// Ballots are taken while it is time.
    Open,
    /// Gates are being sealed.
    Closing,
    /// There is a result.
    Closed,
    /// Ballots and gates do not agree: there is none.
    Disputed,
}

refusals! {
    /// Why a ballot is not taken, or a poll not changed, or a result not told.
    PollRefusal {
        /// It has not begun.
        Conflict PollNotOpen ("poll_not_open") {
            /// When it begins.
            opens_at: Timestamp,
        } = "the poll has not begun",
        /// It is over.
        Conflict PollClosed ("poll_closed") {
            /// Since when.
            closes_at: Timestamp,
        } = "the poll is over",
        /// Nobody is told before it is over.
        Forbidden ResultSecret ("result_secret") {
            /// When it is over.
            closes_at: Timestamp,
        } = "nobody is told before the poll is over",
        /// Ballots and counts do not agree.
        Conflict Disputed ("result_disputed") = "ballots and counts do not agree; somebody is looking into it",
        | Barred,
        | InvalidField,
        | Reused,
    }
}

impl Aggregate for Polling {
    type Fact = EngagementFact;
    type Refusal = PollRefusal;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> PollRefusal {
        unreachable!("a poll changes nothing beside itself")
    }
}

/// The gate that a member's ballot goes through.
#[must_use]
pub fn gate_of(member: &MemberId) -> u8 {
    shard(member.as_str(), GATES)
}

/// Which of some shards a text is in: the first byte of its SHA-256, modulo their number.
#[must_use]
pub fn shard(text: &str, shards: u8) -> u8 {
    use sha2::{Digest, Sha256};
    let first = Sha256::digest(text.as_bytes()).first().copied().unwrap_or_default();
    first.checked_rem(shards).unwrap_or_default()
}

/// The secret of a poll, of the one that all polls have.
#[must_use]
pub fn secret_of(secret: &[u8], poll: &str) -> [u8; 32] {
    digest(&[b"poll", secret, poll.as_bytes()])
}

impl Polling {
    /// As the programme says, or who made it.
    #[must_use]
    pub fn new(poll: Poll) -> Self {
        Self { poll, state: PollState::Open }
    }

    /// Is it time?
    ///
    /// # Errors
    /// It has not begun, or is over.
    pub fn takes_ballots(&self, now: Timestamp) -> Result<(), PollRefusal> {
        let Poll { opens_at, closes_at, .. } = self.poll;
        if self.state != PollState::Open || now >= closes_at {
            return Err(PollRefusal::PollClosed { closes_at });
        }
        if now < opens_at { Err(PollRefusal::PollNotOpen { opens_at }) } else { Ok(()) }
    }

    /// May a result be told? Of one that is live the counts, before the end.
    ///
    /// # Errors
    /// It is not over.
    pub fn tells_result(&self) -> Result<(), PollRefusal> {
        let closes_at = self.poll.closes_at;
        match self.state {
            PollState::Closed => Ok(()),
            PollState::Disputed => Err(PollRefusal::Disputed),
            PollState::Open | PollState::Closing if self.poll.live => Ok(()),
            PollState::Open | PollState::Closing => Err(PollRefusal::ResultSecret { closes_at }),
        }
    }

    /// Moves the end, later, while it is open.
    ///
    /// # Errors
    /// It is over, or the end would be earlier.
    pub fn extended(&self, closes_at: Timestamp, now: Timestamp) -> Result<Change<Self>, PollRefusal> {
        if self.state != PollState::Open || now >= self.poll.closes_at {
            return Err(PollRefusal::PollClosed { closes_at: self.poll.closes_at });
        }
        if closes_at < self.poll.closes_at {
            return Err(InvalidField::new("closes_at", "the end of a poll moves later, never earlier").into());
        }
        let poll = Poll { closes_at, ..self.poll.clone() };
        let told = EngagementFact::PollExtended { poll: poll.id.clone(), closes_at };
        Ok(Change::to(Self { poll, ..self.clone() }).telling(told))
    }

    /// Begins to close, once it is time: from now on gates are sealed, one by one.
    #[must_use]
    pub fn closing(&self, now: Timestamp) -> Option<Change<Self>> {
        let due = self.state == PollState::Open && now >= self.poll.closes_at;
        due.then(|| Change::to(Self { state: PollState::Closing, ..self.clone() }))
    }

    /// Has closed, with a result or without one.
    pub fn closed(&self, agreed: bool) -> Change<Self> {
        let (state, poll) = (if agreed { PollState::Closed } else { PollState::Disputed }, self.poll.id.clone());
        let told = if agreed { EngagementFact::PollClosed { poll } } else { EngagementFact::PollDisputed { poll } };
        Change::to(Self { state, ..self.clone() }).telling(told)
    }
}
