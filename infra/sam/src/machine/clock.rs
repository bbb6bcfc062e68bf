//! The platform's clock: the machine's, or one that stands still until it is moved.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Where the platform reads the time. Clones share it.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock; schedules fire by themselves.
    System,
    /// A clock that moves only when told to; schedules fire when the platform is advanced.
    Virtual(VirtualClock),
}

impl Clock {
    /// A virtual clock that starts at `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        Self::Virtual(VirtualClock::new(start))
    }

    /// The time.
    #[expect(clippy::disallowed_methods, reason = "the one place where the local platform reads the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Virtual(clock) => clock.now(),
        }
    }
}

/// A clock that stands still until it is moved; clones share the time.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<Mutex<Timestamp>>);

impl VirtualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves it forward.
    pub fn advance(&self, by: SignedDuration) {
        self.set(self.now() + by);
    }

    /// Moves it, backwards too.
    pub fn set(&self, to: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }
}
