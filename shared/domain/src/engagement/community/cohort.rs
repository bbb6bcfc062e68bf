//! Cohorts: seats for a term, with something to do.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::facts::CommunityFact;
use crate::engagement::activity::Activity;
use crate::engagement::scene::{Barred, Scene, Standing};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Reused, WrongState, refusals};
use crate::kernel::time::{Zone, add_days, add_months};
use crate::programme::engagement::community::Cohort;

/// The seats of a cohort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many are taken.
    pub taken: u32,
}

/// A member in a cohort, or on the way there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Who.
    pub member: MemberId,
    /// In which.
    pub cohort: String,
    /// Which term of this member, from 1.
    pub term: u32,
    /// Since when it stands so.
    pub since: Timestamp,
    /// The first local date, and the first one after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<(Date, Date)>,
    /// What is to be done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
    /// How it stands.
    pub state: AppointmentState,
}

/// Something that a member of a cohort does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// What.
    pub id: String,
    /// The fact that shows that it is done.
    pub fact: String,
    /// Until when.
    pub due_on: Date,
    /// How it stands.
    pub state: DutyState,
}

/// How a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyState {
    /// It is to be done.
    Open,
    /// It was done in time.
    Done,
    /// It was done later.
    Late,
}

/// How an appointment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentState {
    /// The member was asked.
    Invited,
    /// The member asks.
    Applied,
    /// The member has a seat.
    Appointed,
    /// The term is over.
    Ended,
    /// The member gave it up.
    Resigned,
    /// It was taken away.
    Removed,
    /// Nobody answered in time.
    Lapsed,
}

impl AppointmentState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Applied => "applied",
            Self::Appointed => "appointed",
            Self::Ended => "ended",
            Self::Resigned => "resigned",
            Self::Removed => "removed",
            Self::Lapsed => "lapsed",
        }
    }

    const fn is_open(self) -> bool {
        matches!(self, Self::Invited | Self::Applied | Self::Appointed)
    }
}

refusals! {
    /// Why a member gets no seat.
    CohortRefusal {
        /// All seats are taken.
        Conflict CohortFull ("cohort_full") {
            /// How many there are.
            seats: u32,
        } = "all seats of the cohort are taken",
        /// The member has a seat, or is on the way there.
        Conflict AlreadyAppointed ("already_appointed") {
            /// How it stands.
            state: &'static str,
        } = "the member is in the cohort, or on the way there",
        | WrongState,
        | Barred,
        | Reused,
    }
}

/// Seats and an appointment, written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seated {
    /// The seats afterwards.
    pub head: Head,
    /// The appointment afterwards.
    pub appointment: Appointment,
    /// What is told.
    pub facts: Vec<CommunityFact>,
}

/// Gives a member a seat, whose term begins today.
///
/// # Errors
/// All are taken; the member has one.
pub fn appoint(
    head: &Head,
    (member, newest): (&MemberId, Option<&Appointment>),
    cohort: &Cohort,
    scene: Scene<'_>,
) -> Result<Seated, CohortRefusal> {
    if newest.is_some_and(|newest| newest.state == AppointmentState::Appointed) {
        return Err(CohortRefusal::AlreadyAppointed { state: AppointmentState::Appointed.name() });
    }
    if head.taken >= cohort.seats {
        return Err(CohortRefusal::CohortFull { seats: cohort.seats });
    }
    let first = scene.programme.zone().date(scene.now);
    let end = add_months(first, cohort.term);
    let mut appointment = Appointment::new(member, newest, cohort, AppointmentState::Appointed, scene.now);
    let duty = |duty: &crate::programme::engagement::community::Duty| Duty {
        id: duty.id.clone(),
        fact: duty.fact.clone(),
        due_on: first.saturating_add(duty.due_days.days()),
        state: DutyState::Open,
    };
    appointment.dates = Some((first, end));
    appointment.duties = cohort.tasks.iter().map(duty).collect();
    let last_date = end.saturating_sub(1.day());
    let told = CommunityFact::CohortAppointed { cohort: cohort.id.clone(), term: appointment.term, last_date };
    let set = appointment.duties.iter().map(|duty| CommunityFact::CohortTaskSet {
        cohort: cohort.id.clone(),
        task: duty.id.clone(),
        due_on: duty.due_on,
    });
    let facts = std::iter::once(told).chain(set).collect();
    Ok(Seated { head: Head { taken: head.taken.saturating_add(1) }, appointment, facts })
}

impl Appointment {
    /// How long an invitation stands, in days.
    const INVITED: i32 = 14;
    /// How long an application does.
    const APPLIED: i32 = 60;

    fn new(
        member: &MemberId,
        newest: Option<&Self>,
        cohort: &Cohort,
        state: AppointmentState,
        since: Timestamp,
    ) -> Self {
        let term = newest.map_or(1, |newest| newest.term.saturating_add(u32::from(!newest.state.is_open())));
        let (member, cohort) = (member.clone(), cohort.id.clone());
        Self { member, cohort, term, since, dates: None, duties: Vec::new(), state }
    }

    /// Invites a member, or lets one apply.
    ///
    /// # Errors
    /// The member is on the way already; it is not for this member.
    pub fn begin(
        (member, newest): (&MemberId, Option<&Self>),
        cohort: &Cohort,
        state: AppointmentState,
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Self, CohortRefusal> {
        if let Some(newest) = newest.filter(|newest| newest.state.is_open()) {
            return Err(CohortRefusal::AlreadyAppointed { state: newest.state.name() });
        }
        if state == AppointmentState::Applied {
            standing.meets(&cohort.eligible, scene.programme)?;
            if !cohort.apply {
                return Err(Barred::NotEligible { reasons: vec!["invitation"] }.into());
            }
        }
        standing.takes_part()?;
        Ok(Self::new(member, newest, cohort, state, scene.now))
    }

    /// When its term ends.
    #[must_use]
    pub fn ends_at(&self, zone: &Zone) -> Option<Timestamp> {
        self.dates.map(|(_, end)| zone.start_of(end))
    }

    /// Frees its seat: the term is over, or the member gives it up, or it is taken away.
    ///
    /// # Errors
    /// The member has no seat.
    pub fn freed(&self, head: &Head, state: AppointmentState) -> Result<Seated, CohortRefusal> {
        if self.state != AppointmentState::Appointed {
            let state = self.state.name();
            return Err(WrongState::WrongState { state, allowed: &[] }.into());
        }
        let told = CommunityFact::CohortEnded { cohort: self.cohort.clone(), state: state.name().to_owned() };
        Ok(Seated {
            head: Head { taken: head.taken.saturating_sub(1) },
            appointment: Self { state, ..self.clone() },
            facts: vec![told],
        })
    }

    /// Is its term over?
    #[must_use]
    pub fn is_over(&self, scene: Scene<'_>) -> bool {
        let ended = self.ends_at(scene.programme.zone()).is_some_and(|ends_at| scene.now >= ends_at);
        self.state == AppointmentState::Appointed && ended
    }

    /// An invitation or application that nobody answered.
    #[must_use]
    pub fn lapsed(&self, now: Timestamp) -> Option<Self> {
        let days = match self.state {
            AppointmentState::Invited => Self::INVITED,
            AppointmentState::Applied => Self::APPLIED,
            _ => return None,
        };
        (now >= add_days(self.since, days)).then(|| Self { state: AppointmentState::Lapsed, ..self.clone() })
    }

    /// A fact in the term completes what it shows, once.
    #[must_use]
    pub fn heard(&self, fact: &str, at: Timestamp, zone: &Zone) -> Option<(Self, CommunityFact, Activity)> {
        let (first, end) = self.dates.filter(|_| self.state == AppointmentState::Appointed)?;
        let date = zone.date(at);
        if !(first..end).contains(&date) {
            return None;
        }
        let mut appointment = self.clone();
        let open = |duty: &&mut Duty| duty.fact == fact && duty.state == DutyState::Open;
        let duty = appointment.duties.iter_mut().find(open)?;
        let late = date > duty.due_on;
        duty.state = if late { DutyState::Late } else { DutyState::Done };
        let task = duty.id.clone();
        let id = format!("cohort|{}|{}|{}|{task}", self.cohort, self.term, self.member);
        let activity = Activity::new("cohort.task_done", id, &self.member, at);
        let told = CommunityFact::CohortTaskDone { cohort: self.cohort.clone(), term: self.term, task, late };
        Some((appointment, told, activity))
    }
}
