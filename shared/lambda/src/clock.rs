//! The one place that reads the time.

use std::fmt;
use std::sync::Arc;

use domain::kernel::time::to_millisecond;
use jiff::Timestamp;

/// Where a function gets the time from; another one in tests and replays.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// Any other.
    #[must_use]
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time, to the millisecond: no more is kept.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        to_millisecond((self.0)())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
