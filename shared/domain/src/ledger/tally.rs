//! What was moved by hand of late: by a person over all members, and by everybody.

use jiff::{SignedDuration, Timestamp};

use crate::kernel::quantity::Points;

/// For how long what was given counts.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Points that were given or taken by hand, or wait for a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// When.
    pub at: Timestamp,
    /// How many, whether up or down.
    pub points: Points,
}

/// What was moved by hand over all members, as its row says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How often the row was written; `None` if never.
    pub version: Option<u64>,
    /// What counts still, and perhaps what does not any more.
    pub moved: Vec<Moved>,
}

/// Of whom a tally is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tallied {
    /// A person, as entries name them.
    Person(String),
    /// Everybody together.
    Brand,
}

/// The tallies that a decision by hand looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ByHand {
    /// Of who asks.
    pub person: Tally,
    /// Of the brand; only read where the programme limits it.
    pub brand: Tally,
}

impl Tally {
    /// How many points count at an instant.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> Points {
        self.moved.iter().filter(|moved| is_recent(moved.at, now)).map(|moved| moved.points).sum()
    }

    /// What counts still, and one more.
    #[must_use]
    pub fn with(&self, more: &[Moved], now: Timestamp) -> Vec<Moved> {
        self.moved.iter().chain(more).filter(|moved| is_recent(moved.at, now)).copied().collect()
    }
}

pub(crate) fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < DAY
}
