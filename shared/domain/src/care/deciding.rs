//! A decision that is being made: the state, and what is told of it.

use jiff::Timestamp;

use super::facts::{CareFact, Of};
use super::outcome::{Outcome, What};
use super::person::Standing;
use super::scene::{Scene, Stage};
use super::state::{Care, Enrolment, Filed};
use crate::kernel::change::Change;
use crate::programme::journey::Purpose;

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What is written.
    pub change: Change<Care>,
    /// What was not done, and why: for whoever counts.
    pub ignored: Vec<Ignored>,
}

/// A fact that a journey did not heed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Which journey.
    pub journey: String,
    /// Why.
    pub why: Why,
}

/// Why a fact was not heeded, or not as an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is not newer than what is known.
    Stale,
    /// The key is known: what it says was renewed.
    Refreshed,
    /// The key is known: its steps moved.
    Moved,
    /// The birthday, or the order, had its turn.
    Already,
    /// The key may not begin again yet.
    Reentry,
    /// The journey is not for this fact, or not for this member.
    NotFor,
    /// The member is gone.
    InactiveMember,
    /// No festival of the destination is known.
    UnknownCountry,
    /// No festival is near.
    NoFestival,
    /// The birthday was edited lately.
    BirthdayGuard,
    /// The member is in as many journeys as one can be.
    TooMany,
}

impl Why {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Refreshed => "refreshed",
            Self::Moved => "moved",
            Self::Already => "already",
            Self::Reentry => "reentry",
            Self::NotFor => "not_for",
            Self::InactiveMember => "inactive_member",
            Self::UnknownCountry => "unknown_country",
            Self::NoFestival => "no_festival",
            Self::BirthdayGuard => "birthday_guard",
            Self::TooMany => "too_many",
        }
    }
}

/// A decision that is being made.
pub(super) struct Deciding<'a> {
    pub(super) care: Care,
    pub(super) scene: Scene<'a>,
    pub(super) facts: Vec<CareFact>,
    ignored: Vec<Ignored>,
}

impl<'a> Deciding<'a> {
    /// Begins with what time has done: journeys of a member who is gone end, and what is due is decided.
    pub(super) fn begin(care: &Care, scene: Scene<'a>) -> Self {
        let mut deciding = Self { care: care.clone(), scene, facts: Vec::new(), ignored: Vec::new() };
        deciding.part();
        deciding.decide_due();
        deciding
    }

    pub(super) fn end(self) -> Decided {
        let change = self.facts.into_iter().fold(Change::to(self.care), Change::telling);
        Decided { change, ignored: self.ignored }
    }

    pub(super) fn ignore(&mut self, journey: &str, why: Why) {
        self.ignored.push(Ignored { journey: journey.to_owned(), why });
    }

    /// Ends what is not for a member any more.
    fn part(&mut self) {
        let standing = self.scene.person.standing;
        let (reason, all) = match standing {
            Standing::Active | Standing::Suspended => return,
            Standing::Closed => ("member_closed", false),
            Standing::Deceased => ("member_closed", true),
            Standing::Erased => ("member_erased", true),
        };
        let (scene, now) = (self.scene, self.scene.now);
        let marketing = |enrolment: &Enrolment| {
            scene.journey(enrolment).is_none_or(|journey| journey.written.purpose == Purpose::Marketing)
        };
        while let Some(place) = self.care.enrolments.iter().position(|enrolment| all || marketing(enrolment)) {
            self.exit(place, reason, now);
        }
    }

    /// Ends an enrolment: what is to come of it ends with it.
    pub(super) fn exit(&mut self, place: usize, reason: &str, happened: Timestamp) {
        let mut enrolment = self.care.enrolments.remove(place);
        self.close(&mut enrolment, reason);
        self.file(enrolment, Some(happened));
    }

    /// Ends what is to come of an enrolment.
    pub(super) fn close(&mut self, enrolment: &mut Enrolment, reason: &str) {
        let now = self.scene.now;
        let plan = |state: &super::state::StepState| {
            let stage = self.scene.stage(enrolment, state)?;
            Some(self.scene.plan(enrolment, stage).at)
        };
        let plans: Vec<_> = enrolment.steps.iter().map(|state| plan(state).unwrap_or(now)).collect();
        for (state, planned) in enrolment.steps.iter_mut().zip(plans).filter(|(state, _)| state.outcome.is_none()) {
            state.outcome = Some(Outcome::new(What::Exited, now, planned).because(reason));
        }
        let of = Of::new(&self.care.member, enrolment);
        self.facts.push(CareFact::JourneyExited { of, reason: reason.to_owned() });
    }

    /// Puts away an enrolment of which nothing is to come.
    pub(super) fn file(&mut self, enrolment: Enrolment, exited: Option<Timestamp>) {
        let key = enrolment.key_id();
        let before = self.care.filed.get(&key).and_then(|filed| filed.exited);
        self.care.filed.insert(key, Filed { exited: exited.max(before), enrolment: Some(enrolment) });
    }

    /// Puts away what has come to its end.
    pub(super) fn file_completed(&mut self) {
        while let Some(place) = self.care.enrolments.iter().position(|enrolment| !enrolment.is_pending()) {
            let enrolment = self.care.enrolments.remove(place);
            if enrolment.group == super::state::Group::Treated {
                self.facts.push(CareFact::JourneyCompleted { of: Of::new(&self.care.member, &enrolment) });
            }
            self.file(enrolment, None);
        }
    }

    /// Notes what became of a step that is not done, and tells it.
    pub(super) fn skip(&mut self, place: usize, step: usize, stage: Stage<'_>, outcome: Outcome) {
        let Some(enrolment) = self.care.enrolments.get_mut(place) else { return };
        let of = Of::new(&self.care.member, enrolment);
        let Some(state) = enrolment.steps.get_mut(step) else { return };
        let reason = outcome.reason.clone().unwrap_or_else(|| outcome.what.name().to_owned());
        self.facts.push(CareFact::StepSkipped { of, step: state.name(), reason, planned: outcome.planned });
        state.outcome = Some(outcome);
        if !stage.tells {
            self.untold(place, stage, "not_done");
        }
    }

    /// What is not done is not told of.
    pub(super) fn untold(&mut self, place: usize, stage: Stage<'_>, reason: &str) {
        let now = self.scene.now;
        let Some(enrolment) = self.care.enrolments.get_mut(place) else { return };
        let Some(tell) = enrolment.state_mut(&stage.step.id, true).filter(|tell| tell.outcome.is_none()) else {
            return;
        };
        tell.outcome = Some(Outcome::new(What::Skipped, now, now).because(reason));
    }
}
