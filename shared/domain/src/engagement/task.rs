//! Tasks: something to watch or to do, offered by a journey or open to all.

use jiff::{SignedDuration, Timestamp};

use super::achievements::{AchievementRefusal, Achievements};
use super::facts::EngagementFact;
use super::offer::{Offer, TaskState};
use super::scene::{Scene, Standing};
use crate::kernel::change::Change;
use crate::kernel::time::add_days;
use crate::programme::engagement::task::Task;

/// How long a start is good for.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// An offer, as a journey makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offering {
    /// Which task.
    pub task: String,
    /// What the journey's step is known by.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// For how many days.
    pub valid_days: i32,
}

impl Offering {
    /// How long an offer is open, unless the step says so.
    pub const DAYS: i32 = 14;
}

/// The most tasks that are remembered of a member.
const MOST_TASKS: usize = 20;
/// The most offers that are remembered of a task.
const MOST_OFFERS: usize = 4;

impl Achievements {
    /// Offers a task, once.
    pub fn offered(&self, offering: &Offering) -> Change<Self> {
        let mut state = self.clone();
        let task = state.task(&offering.task);
        if task.offers.iter().any(|offer| offer.id == offering.id) {
            return Change::to(self.clone());
        }
        let until = add_days(offering.at, offering.valid_days);
        task.offers.push(Offer { id: offering.id.clone(), until, done: false });
        if task.offers.len() > MOST_OFFERS {
            task.offers.remove(0);
        }
        let (task, cause) = (offering.task.clone(), offering.id.clone());
        Change::to(state).telling(EngagementFact::TaskOffered { task, cause, until })
    }

    /// Begins a task.
    ///
    /// # Errors
    /// The member is not active.
    pub fn started(
        &self,
        task: &Task,
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Change<Self>, AchievementRefusal> {
        standing.takes_part()?;
        let mut state = self.clone();
        state.task(&task.id).started_at = Some(scene.now);
        Ok(Change::to(state))
    }

    /// Completes a task that was begun: the oldest open offer, or one of the times that it is open to all.
    ///
    /// # Errors
    /// It was not begun, or not long enough ago; it was done; nobody has offered it.
    pub fn completed(
        &self,
        task: &Task,
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Change<Self>, AchievementRefusal> {
        standing.takes_part()?;
        let mut state = self.clone();
        let own = state.task(&task.id);
        let started_at = own.started_at.ok_or(AchievementRefusal::TaskNotStarted)?;
        let spent = scene.now.duration_since(started_at);
        if spent > FRESH {
            return Err(AchievementRefusal::TaskNotStarted);
        }
        let remaining = SignedDuration::from_secs(task.min_seconds).saturating_sub(spent);
        if remaining > SignedDuration::ZERO {
            // What is left of a second is a second.
            let part = i64::from(remaining.subsec_nanos() > 0);
            let remaining_seconds = remaining.as_secs().saturating_add(part);
            return Err(AchievementRefusal::TaskNotWatched { remaining_seconds });
        }
        let open = own.offers.iter_mut().find(|offer| !offer.done && scene.now < offer.until);
        let cause = if let Some(offer) = open {
            offer.done = true;
            offer.id.clone()
        } else if let Some(times) = task.open {
            if own.done >= times {
                return Err(AchievementRefusal::TaskDone);
            }
            own.done = own.done.saturating_add(1);
            own.done.to_string()
        } else if own.offers.iter().any(|offer| offer.done) {
            return Err(AchievementRefusal::TaskDone);
        } else {
            return Err(AchievementRefusal::NoOffer);
        };
        own.started_at = None;
        let task = task.id.clone();
        Ok(Change::to(state).telling(EngagementFact::TaskCompleted { task, cause }))
    }

    /// A task of the member's; where there are too many, the one begun longest ago goes.
    fn task(&mut self, id: &str) -> &mut TaskState {
        if self.tasks.len() >= MOST_TASKS && !self.tasks.contains_key(id) {
            let oldest = self.tasks.iter().min_by_key(|(_, task)| task.started_at).map(|(id, _)| id.clone());
            if let Some(oldest) = oldest {
                self.tasks.remove(&oldest);
            }
        }
        self.tasks.entry(id.to_owned()).or_default()
    }
}
