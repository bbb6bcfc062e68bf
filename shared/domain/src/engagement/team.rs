//! Members who do a challenge together.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::mac::{base32, mac};
use super::progress::{Deed, Outcome, Progress};
use super::run::LATE;
use super::scene::Scene;
use crate::kernel::id::MemberId;
use crate::kernel::refusal::refusals;
use crate::programme::engagement::challenge::{Challenge, Goal};

/// A team, in one window of a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// What others join it by.
    pub code: String,
    /// Which challenge.
    pub challenge: String,
    /// The first local date.
    pub first: Date,
    /// The first local date after it.
    pub end: Date,
    /// What each has done.
    pub members: BTreeMap<MemberId, Progress>,
    /// When the goal was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

refusals! {
    /// Why a member does not come into a team.
    TeamRefusal {
        /// As many are in it as can be.
        Conflict TeamFull ("team_full") {
            /// How many that is.
            most: usize,
        } = "the team is full",
        /// There is no such team.
        NotFound UnknownTeam ("unknown_team" at "team_code") = "there is no such team",
        /// It has reached the goal.
        Conflict AlreadyCompleted ("already_completed") {
            /// When.
            completed_at: Timestamp,
        } = "the team has reached the goal",
    }
}

/// What a fact of a member did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamCounted {
    /// What became of it.
    pub outcome: Outcome,
    /// The team afterwards.
    pub team: Team,
    /// Who completes by it, in the order in which pieces are given.
    pub completed: Vec<MemberId>,
}

/// The code of a team: six characters of a secret's mark of its first member.
#[must_use]
pub fn code(secret: &[u8], challenge: &str, member: &MemberId, n: u32) -> String {
    base32(&mac(secret, &format!("team|{challenge}|{member}|{n}")), 6)
}

impl Team {
    /// Begins with its first member.
    #[must_use]
    pub fn new(code: String, challenge: &Challenge, window: (Date, Date), member: MemberId) -> Self {
        let (first, end) = window;
        let members = BTreeMap::from([(member, Progress::default())]);
        Self { code, challenge: challenge.id.clone(), first, end, members, completed_at: None }
    }

    /// Takes a member in; who is in it already stays as it is.
    ///
    /// # Errors
    /// It is full, or done.
    pub fn joined(&self, challenge: &Challenge, member: &MemberId) -> Result<Self, TeamRefusal> {
        let mut team = self.clone();
        if team.members.contains_key(member) {
            return Ok(team);
        }
        if let Some(completed_at) = team.completed_at {
            return Err(TeamRefusal::AlreadyCompleted { completed_at });
        }
        let (_, most) = challenge.team.unwrap_or((1, 1));
        if team.members.len() >= most {
            return Err(TeamRefusal::TeamFull { most });
        }
        team.members.insert(member.clone(), Progress::default());
        Ok(team)
    }

    /// How much all have done: of dates the pairs of member and date.
    #[must_use]
    pub fn done(&self, goal: &Goal) -> i64 {
        self.members.values().map(|progress| progress.done(goal)).fold(0, i64::saturating_add)
    }

    /// Those with a fact that counted.
    #[must_use]
    pub fn contributors(&self) -> BTreeSet<&MemberId> {
        self.members.iter().filter(|(_, progress)| !progress.marks.is_empty()).map(|(member, _)| member).collect()
    }

    /// Counts a fact of one of them.
    #[must_use]
    pub fn count(&self, challenge: &Challenge, member: &MemberId, deed: &Deed, scene: Scene<'_>) -> TeamCounted {
        let mut team = self.clone();
        let progress = match self.weigh(challenge, member, deed, scene) {
            Ok(progress) => progress,
            Err(outcome) => return TeamCounted { outcome, team, completed: Vec::new() },
        };
        team.members.insert(member.clone(), progress);
        let (least, _) = challenge.team.unwrap_or((1, 1));
        let reached = team.done(&challenge.goal) >= challenge.goal.target() && team.contributors().len() >= least;
        if !reached {
            return TeamCounted { outcome: Outcome::Counted, team, completed: Vec::new() };
        }
        team.completed_at = Some(scene.now);
        let completed = team.contributors().into_iter().cloned().collect();
        TeamCounted { outcome: Outcome::Completed, team, completed }
    }

    fn weigh(
        &self,
        challenge: &Challenge,
        member: &MemberId,
        deed: &Deed,
        scene: Scene<'_>,
    ) -> Result<Progress, Outcome> {
        let own = self.members.get(member).ok_or(Outcome::OutsideWindow)?;
        if own.knows(deed) {
            return Err(Outcome::Repeat);
        }
        if self.completed_at.is_some() {
            return Err(Outcome::AfterCompletion);
        }
        let date = scene.programme.zone().date(deed.occurred_at);
        if !(self.first..self.end).contains(&date) {
            return Err(Outcome::OutsideWindow);
        }
        if scene.now.duration_since(deed.occurred_at) > LATE {
            return Err(Outcome::TooLate);
        }
        own.with(challenge, deed, date)
    }
}
