//! What a member has: badges, stages, tasks that were begun.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::EngagementFact;
use super::offer::Tasks;
use super::progress::{Deed, Mark};
use super::scene::{Barred, Scene};
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Missing, Reused, refusals};

/// What a member has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Achievements {
    /// Whose.
    pub member: MemberId,
    /// Badges that were awarded, by id.
    pub badges: BTreeMap<String, Award>,
    /// How far badges have come that take several facts.
    pub counts: BTreeMap<String, Count>,
    /// The stages that the member was in, the oldest first.
    pub stages: Vec<Stage>,
    /// Tasks.
    pub tasks: Tasks,
}

/// A badge that was awarded. One that was taken back is not awarded again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// When.
    pub at: Timestamp,
    /// For what.
    pub cause: String,
    /// Why it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
}

/// How many facts there were of a badge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// How many.
    pub n: u32,
    /// The newest, so that a repeat is known.
    pub marks: Vec<Mark>,
}

/// A stage: buyer, fan, advocate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its tag.
    pub tag: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when; none: it is the present one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

refusals! {
    /// Why nothing is noted of a member's badges and tasks.
    AchievementRefusal {
        /// It was not begun in the last 24 hours.
        Conflict TaskNotStarted ("task_not_started") = "the task was not begun in the last 24 hours",
        /// It takes longer.
        Conflict TaskNotWatched ("task_not_watched") {
            /// How much longer.
            remaining_seconds: i64,
        } = "the task takes longer than that",
        /// It was done.
        Conflict TaskDone ("task_done") = "the task was done as often as it may be",
        /// It is done by those to whom it was offered.
        Conflict NoOffer ("no_offer") = "nobody has offered this task to the member",
        | Missing,
        | Barred,
        | Reused,
    }
}

impl Aggregate for Achievements {
    type Fact = EngagementFact;
    type Refusal = AchievementRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> AchievementRefusal {
        unreachable!("what a member has changes nothing beside itself")
    }
}

impl Achievements {
    /// The most badges.
    pub const MOST_BADGES: usize = 100;
    /// The stages that are kept.
    pub const MOST_STAGES: usize = 20;
    /// The facts of a badge that are remembered.
    const REMEMBERED: usize = 8;

    /// Of a member who has nothing yet.
    #[must_use]
    pub fn new(member: MemberId) -> Self {
        Self { member, badges: BTreeMap::new(), counts: BTreeMap::new(), stages: Vec::new(), tasks: Tasks::default() }
    }

    /// Awards a badge, once.
    pub fn award(&self, badge: &str, cause: &str, at: Timestamp) -> Change<Self> {
        let mut state = self.clone();
        if state.badges.contains_key(badge) || state.badges.len() >= Self::MOST_BADGES {
            return Change::to(state);
        }
        state.badges.insert(badge.to_owned(), Award { at, cause: cause.to_owned(), revoked: None });
        Change::to(state).telling(EngagementFact::BadgeAwarded { badge: badge.to_owned(), cause: cause.to_owned() })
    }

    /// Takes a badge back, for a reason.
    ///
    /// # Errors
    /// The member has no such badge.
    pub fn revoke(&self, badge: &str, reason: &str) -> Result<Change<Self>, AchievementRefusal> {
        let mut state = self.clone();
        let award = state.badges.get_mut(badge).ok_or(Missing::NotFound { what: "badge" })?;
        if award.revoked.is_some() {
            return Ok(Change::to(self.clone()));
        }
        award.revoked = Some(reason.to_owned());
        let (badge, reason) = (badge.to_owned(), reason.to_owned());
        Ok(Change::to(state).telling(EngagementFact::BadgeRevoked { badge, reason }))
    }

    /// Counts a fact for the badges that it earns.
    pub fn heard(&self, kind: &str, deed: &Deed, scene: Scene<'_>) -> Change<Self> {
        let (mut state, mark) = (self.clone(), deed.mark());
        let mut facts = Vec::new();
        for badge in &scene.programme.engagement().badges {
            let Some((_, wanted)) = badge.on.as_ref().filter(|(on, _)| on == kind) else { continue };
            if state.badges.contains_key(&badge.id) {
                continue;
            }
            let count = state.counts.entry(badge.id.clone()).or_default();
            if count.marks.contains(&mark) {
                continue;
            }
            count.n = count.n.saturating_add(1);
            count.marks.push(mark);
            if count.marks.len() > Self::REMEMBERED {
                count.marks.remove(0);
            }
            if count.n >= *wanted {
                state.counts.remove(&badge.id);
                let change = state.award(&badge.id, kind, scene.now);
                state = change.state;
                facts.extend(change.facts);
            }
        }
        facts.into_iter().fold(Change::to(state), Change::telling)
    }

    /// Follows a tag of the ladder: it was given, or taken.
    pub fn staged(&self, tag: &str, given: bool, at: Timestamp) -> Change<Self> {
        let mut state = self.clone();
        let current = state.stages.last_mut().filter(|stage| stage.until.is_none());
        let same = current.as_ref().is_some_and(|stage| stage.tag == tag);
        if same == given {
            return Change::to(state);
        }
        if let Some(stage) = current {
            // Of a ladder one tag is worn: another that is taken was not worn.
            if !given && !same {
                return Change::to(state);
            }
            stage.until = Some(at);
        }
        if given {
            state.stages.push(Stage { tag: tag.to_owned(), since: at, until: None });
        }
        if state.stages.len() > Self::MOST_STAGES {
            state.stages.remove(0);
        }
        let stage = given.then(|| tag.to_owned());
        Change::to(state).telling(EngagementFact::StageChanged { stage })
    }

    /// Of two members who are one: badges are united, the earlier award stays.
    #[must_use]
    pub fn united(&self, other: &Self) -> Self {
        let mut united = self.clone();
        for (badge, award) in &other.badges {
            let own = united.badges.entry(badge.clone()).or_insert_with(|| award.clone());
            if award.at < own.at {
                *own = award.clone();
            }
        }
        united
    }
}
