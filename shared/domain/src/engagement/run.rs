//! A member in a challenge, in one window of it.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::facts::EngagementFact;
use super::progress::{Deed, Outcome, Progress};
use super::scene::{Barred, Scene, Standing};
use crate::kernel::change::{Aggregate, Change, Counter, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Reused, refusals};
use crate::kernel::time::{Zone, day_number};
use crate::programme::engagement::challenge::{Challenge, Goal, Window};
use crate::programme::stock::shards;

/// How long after it happened a fact still counts.
pub const LATE: SignedDuration = SignedDuration::from_hours(48);

/// A member in a challenge, in one window of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Who.
    pub member: MemberId,
    /// Which challenge.
    pub challenge: String,
    /// Which window of this member, from 1.
    pub nth: u32,
    /// The first local date.
    pub first: Date,
    /// The first local date after it.
    pub end: Date,
    /// Since when.
    pub joined_at: Timestamp,
    /// The team, where there are teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// How far it has come.
    pub progress: Progress,
    /// How it stands.
    pub state: RunState,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum RunState {
    /// Under way.
    Running,
    /// The goal is reached, and there was a piece for it, or none is needed.
    Completed {
        /// When the fact that decided was recorded.
        at: Timestamp,
    },
    /// The goal is reached, and no piece was left.
    Waitlisted {
        /// When the fact that decided was recorded.
        at: Timestamp,
    },
    /// The window is over.
    Missed,
}

impl RunState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed { .. } => "completed",
            Self::Waitlisted { .. } => "waitlisted",
            Self::Missed => "missed",
        }
    }

    /// When the goal was reached.
    #[must_use]
    pub const fn completed_at(self) -> Option<Timestamp> {
        match self {
            Self::Completed { at } | Self::Waitlisted { at } => Some(at),
            Self::Running | Self::Missed => None,
        }
    }
}

/// Is there a piece of the reward?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// They are not counted.
    Uncounted,
    /// There is.
    Left,
    /// There is none.
    Gone,
}

refusals! {
    /// Why a member does not join a challenge, or a fact is not written.
    ChallengeRefusal {
        /// The window is over.
        Conflict ChallengeEnded ("challenge_ended") {
            /// Since when.
            ended_at: Timestamp,
        } = "the challenge is over",
        /// The goal was reached.
        Conflict AlreadyCompleted ("already_completed") {
            /// When.
            completed_at: Timestamp,
        } = "the challenge was completed, and is not done again",
        /// The last piece went meanwhile: it is decided again.
        Conflict OutOfStock ("out_of_stock") = "no piece is left",
        | Barred,
        | Reused,
    }
}

impl Aggregate for Run {
    type Fact = EngagementFact;
    type Refusal = ChallengeRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> ChallengeRefusal {
        ChallengeRefusal::OutOfStock
    }
}

/// What became of a fact, and what is written for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// What became of it.
    pub outcome: Outcome,
    /// What is written; nothing, if it brings nothing.
    pub change: Option<Change<Run>>,
}

/// How a run stands, for its member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// How much is done.
    pub done: i64,
    /// Of how much.
    pub goal: i64,
    /// When the window ends.
    pub ends_at: Timestamp,
    /// Can it still be reached?
    pub reachable: bool,
}

impl Run {
    /// Joins a challenge; who is in it already, joins nothing anew. `newest` is the member's newest run of it.
    ///
    /// # Errors
    /// It is over, or done, or not for this member.
    pub fn join(
        member: &MemberId,
        newest: Option<&Self>,
        challenge: &Challenge,
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Change<Self>, ChallengeRefusal> {
        Self::begin(member, newest, challenge, standing, (scene, scene.programme.zone().date(scene.now)))
    }

    /// Joins by the first fact, whose date is the first one.
    ///
    /// # Errors
    /// As for joining.
    pub fn join_by(
        deed: &Deed,
        member: &MemberId,
        challenge: &Challenge,
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Change<Self>, ChallengeRefusal> {
        Self::begin(member, None, challenge, standing, (scene, scene.programme.zone().date(deed.occurred_at)))
    }

    fn begin(
        member: &MemberId,
        newest: Option<&Self>,
        challenge: &Challenge,
        standing: &Standing,
        (scene, date): (Scene<'_>, Date),
    ) -> Result<Change<Self>, ChallengeRefusal> {
        standing.meets(&challenge.eligible, scene.programme)?;
        let zone = scene.programme.zone();
        let rolling = matches!(challenge.window, Window::Rolling(_));
        if let Some(run) = newest {
            match run.state.completed_at() {
                Some(completed_at) if !(challenge.repeat && rolling) => {
                    return Err(ChallengeRefusal::AlreadyCompleted { completed_at });
                }
                None if scene.now < run.ends_at(zone) => return Ok(Change::to(run.clone())),
                _ => {}
            }
        }
        let (first, end) = match challenge.window {
            Window::Rolling(days) => (date, date.saturating_add(i64::from(days).days())),
            Window::Fixed { first, end } => (first, end),
        };
        let ended_at = zone.start_of(end);
        if scene.now >= ended_at {
            return Err(ChallengeRefusal::ChallengeEnded { ended_at });
        }
        let run = Self {
            member: member.clone(),
            challenge: challenge.id.clone(),
            nth: newest.map_or(1, |run| run.nth.saturating_add(1)),
            first,
            end,
            joined_at: scene.now,
            team: None,
            progress: Progress::default(),
            state: RunState::Running,
        };
        let joined =
            EngagementFact::ChallengeJoined { challenge: run.challenge.clone(), window: run.nth, ends_at: ended_at };
        Ok(Change::to(run).telling(joined))
    }

    /// Counts a fact, if it counts. It is decided by whether there is a piece; where the last went meanwhile, again without.
    #[must_use]
    pub fn count(&self, challenge: &Challenge, deed: &Deed, piece: Piece, scene: Scene<'_>) -> Counted {
        let progress = match self.weigh(challenge, deed, scene) {
            Ok(progress) => progress,
            Err(outcome) => return Counted { outcome, change: None },
        };
        let done = progress.done(&challenge.goal);
        let run = Self { progress, ..self.clone() };
        if done < challenge.goal.target() {
            let brought_on = EngagementFact::ChallengeProgressed {
                challenge: run.challenge.clone(),
                window: run.nth,
                done,
                goal: challenge.goal.target(),
            };
            return Counted { outcome: Outcome::Counted, change: Some(Change::to(run).telling(brought_on)) };
        }
        Counted { outcome: Outcome::Completed, change: Some(run.complete(challenge, piece, scene.now)) }
    }

    fn weigh(&self, challenge: &Challenge, deed: &Deed, scene: Scene<'_>) -> Result<Progress, Outcome> {
        if self.progress.knows(deed) {
            return Err(Outcome::Repeat);
        }
        if self.state.completed_at().is_some() {
            return Err(Outcome::AfterCompletion);
        }
        let date = scene.programme.zone().date(deed.occurred_at);
        if !(self.first..self.end).contains(&date) || scene.now < self.joined_at {
            return Err(Outcome::OutsideWindow);
        }
        if scene.now.duration_since(deed.occurred_at) > LATE {
            return Err(Outcome::TooLate);
        }
        self.progress.with(challenge, deed, date)
    }

    /// Completes it: one piece, or the waitlist and what is given instead; the badge all the same.
    pub fn complete(self, challenge: &Challenge, piece: Piece, at: Timestamp) -> Change<Self> {
        let gone = piece == Piece::Gone;
        let state = if gone { RunState::Waitlisted { at } } else { RunState::Completed { at } };
        let run = Self { state, ..self };
        let (name, window) = (run.challenge.clone(), run.nth);
        let completed = EngagementFact::ChallengeCompleted {
            challenge: name.clone(),
            window,
            reward: challenge.reward.clone().filter(|_| !gone),
            badge: challenge.badge.clone(),
            waitlisted: gone,
        };
        let change = Change::to(run).telling(completed);
        match piece {
            Piece::Uncounted => change,
            Piece::Left => change.with(Effect::Take {
                counter: counter(challenge),
                shards: shards(challenge.stock.unwrap_or_default()),
                n: 1,
            }),
            Piece::Gone => change.telling(EngagementFact::ChallengeFallback { challenge: name, window }),
        }
    }

    /// Gives a piece to one who waits.
    #[must_use]
    pub fn serve(&self, challenge: &Challenge) -> Option<Change<Self>> {
        let RunState::Waitlisted { at } = self.state else { return None };
        let run = Self { state: RunState::Completed { at }, ..self.clone() };
        let served = EngagementFact::ChallengeServed {
            challenge: run.challenge.clone(),
            window: run.nth,
            reward: challenge.reward.clone(),
        };
        let take =
            Effect::Take { counter: counter(challenge), shards: shards(challenge.stock.unwrap_or_default()), n: 1 };
        Some(Change::to(run).telling(served).with(take))
    }

    /// Closes it, once nothing can count any more.
    #[must_use]
    pub fn close(&self, scene: Scene<'_>) -> Option<Change<Self>> {
        let over = scene.now >= self.closes_at(scene.programme.zone());
        let running = self.state == RunState::Running;
        let missed = EngagementFact::ChallengeMissed { challenge: self.challenge.clone(), window: self.nth };
        (running && over).then(|| Change::to(Self { state: RunState::Missed, ..self.clone() }).telling(missed))
    }

    /// When its window ends.
    #[must_use]
    pub fn ends_at(&self, zone: &Zone) -> Timestamp {
        zone.start_of(self.end)
    }

    /// When nothing can count any more.
    #[must_use]
    pub fn closes_at(&self, zone: &Zone) -> Timestamp {
        self.ends_at(zone).saturating_add(LATE).expect("a duration suits a timestamp")
    }

    /// How it stands, for its member.
    #[must_use]
    pub fn view(&self, challenge: &Challenge, scene: Scene<'_>) -> View {
        let zone = scene.programme.zone();
        let (done, goal) = (self.progress.done(&challenge.goal), challenge.goal.target());
        let today = zone.date(scene.now).max(self.first);
        let left = i64::from(day_number(self.end).saturating_sub(day_number(today))).max(0);
        let counted = self.progress.dates.contains(&today);
        let days = left.saturating_sub(i64::from(counted && left > 0));
        let open = self.state == RunState::Running && scene.now < self.closes_at(zone);
        let reachable = match challenge.goal {
            _ if self.state.completed_at().is_some() => true,
            Goal::Days(_) => open && done.saturating_add(days) >= goal,
            Goal::Count(_) | Goal::Sum { .. } => open,
        };
        View { done, goal, ends_at: self.ends_at(zone), reachable }
    }

    /// Of two runs of members who are one. It may complete: the caller counts as it would a fact.
    #[must_use]
    pub fn united(&self, other: &Self) -> Self {
        let state = if self.state.completed_at().is_none() { other.state } else { self.state };
        let state = if state.completed_at().is_some() { state } else { self.state };
        Self { progress: self.progress.united(&other.progress), state, ..self.clone() }
    }
}

/// The counter of a challenge's pieces.
fn counter(challenge: &Challenge) -> Counter {
    Counter { table: "stock", name: format!("challenge:{}", challenge.id) }
}

/// Whoever is to be served of a waitlist with so many pieces, in order: who reached it first, then by member id.
#[must_use]
pub fn next_of(waiting: &[Run], pieces: usize) -> Vec<&Run> {
    let mut waiting: Vec<_> = waiting.iter().filter(|run| matches!(run.state, RunState::Waitlisted { .. })).collect();
    waiting.sort_by_key(|run| (run.state.completed_at(), &run.member));
    waiting.truncate(pieces);
    waiting
}

/// A line of a leaderboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// Who.
    pub member: MemberId,
    /// How much is done.
    pub done: i64,
    /// Since when it has been that much.
    pub since: Timestamp,
}

/// Puts a leaderboard in order: more is first; of equals who had it first, then by member id.
pub fn rank(leaders: &mut [Leader]) {
    leaders.sort_by(|one, other| {
        other.done.cmp(&one.done).then(one.since.cmp(&other.since)).then(one.member.cmp(&other.member))
    });
}
