//! How long, and how, to try again: full jitter inside the caller's deadline.
//! Source of the formula: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

/// The source of jitter; seeded in tests so that a run can be repeated.
#[derive(Debug, Clone)]
pub struct Jitter(Arc<Mutex<fastrand::Rng>>);

impl Jitter {
    /// Seeded by the operating system.
    #[must_use]
    pub fn random() -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::new())))
    }

    /// The same sequence every time.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))))
    }

    /// A random part of a duration.
    fn part_of(&self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
        let mut rng = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Duration::from_micros(rng.u64(0..=most))
    }
}

/// How often one operation may be tried, and until when.
#[derive(Debug, Clone)]
pub struct Patience {
    tries: u32,
    most: u32,
    deadline: Instant,
    jitter: Jitter,
}

impl Patience {
    /// The most tries, unless it is said otherwise.
    pub const TRIES: u32 = 5;
    const FIRST_PAUSE: Duration = Duration::from_millis(10);
    const LONGEST_PAUSE: Duration = Duration::from_millis(200);

    /// Five tries, until the deadline.
    #[must_use]
    pub fn until(deadline: Instant, jitter: Jitter) -> Self {
        Self { tries: 0, most: Self::TRIES, deadline, jitter }
    }

    /// The same with more tries, or fewer: where very many change one thing at once.
    #[must_use]
    pub fn trying(self, most: u32) -> Self {
        Self { most, ..self }
    }

    /// Is there time left for a try that writes? A zombie that wakes after its deadline must not begin one.
    #[must_use]
    pub fn in_time(&self) -> bool {
        Instant::now() < self.deadline
    }

    /// Has nothing been tried yet?
    pub(crate) fn is_first(&self) -> bool {
        self.tries == 0
    }

    /// Waits before another try; `false` if there is none left.
    pub async fn again(&mut self) -> bool {
        self.tries += 1;
        if self.tries >= self.most {
            return false;
        }
        let most = Self::FIRST_PAUSE.saturating_mul(1 << self.tries).min(Self::LONGEST_PAUSE);
        let pause = self.jitter.part_of(most);
        if Instant::now() + pause >= self.deadline {
            return false;
        }
        tokio::time::sleep(pause).await;
        true
    }
}
