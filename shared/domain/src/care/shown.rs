//! What was done for a member, step by step, and what is to come (rules: care 26, 27).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::cap::due;
use super::happening::Happening;
use super::ids::EnrolmentId;
use super::outcome::Outcome;
use super::person::Person;
use super::scene::Scene;
use super::state::{Care, Enrolment, Group, StepState};
use crate::programme::compiled::Programmes;
use crate::programme::condition::Scalar;

/// A step of an enrolment, as it is told to who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The enrolment.
    pub enrolment: EnrolmentId,
    /// Its journey.
    pub journey: String,
    /// The values that tell it from others of the journey.
    pub key: Vec<Scalar>,
    /// The version of the programme that it began with.
    pub version: u32,
    /// When it began.
    pub entered_at: Timestamp,
    /// Is it one of those that are compared with?
    pub group: Group,
    /// Which form it has.
    pub variant: Option<String>,
    /// The step.
    pub step: String,
    /// When it was planned.
    pub planned: Timestamp,
    /// The first instant at which it is of no use any more, if its journey is still known.
    pub latest_at: Option<Timestamp>,
    /// When it is decided; none: it was, or never will be.
    pub due: Option<Timestamp>,
    /// What became of it.
    pub outcome: Option<Outcome>,
}

impl Care {
    /// Every step that is known, what was planned last first.
    #[must_use]
    pub fn shown(&self, scene: &Scene<'_>) -> Vec<Shown> {
        let active: BTreeSet<EnrolmentId> = self.enrolments.iter().map(|own| own.id(&self.member)).collect();
        let ended = self.filed.values().filter_map(|filed| filed.enrolment.as_ref());
        let ended = ended.filter(|own| !active.contains(&own.id(&self.member)));
        let all = self.enrolments.iter().chain(ended);
        let mut shown: Vec<Shown> =
            all.flat_map(|own| own.steps.iter().map(|state| self.shown_step(own, state, scene))).collect();
        let order = |step: &Shown| (step.planned, step.entered_at, step.enrolment);
        shown.sort_by_key(|step| std::cmp::Reverse(order(step)));
        shown
    }

    fn shown_step(&self, enrolment: &Enrolment, state: &StepState, scene: &Scene<'_>) -> Shown {
        let stage = scene.stage(enrolment, state);
        let plan = stage.map(|stage| scene.plan(enrolment, stage));
        let decided = state.outcome.as_ref().map(|outcome| outcome.planned);
        Shown {
            enrolment: enrolment.id(&self.member),
            journey: enrolment.journey.clone(),
            key: enrolment.key.clone(),
            version: enrolment.version,
            entered_at: enrolment.entered_at,
            group: enrolment.group,
            variant: enrolment.variant.clone(),
            step: state.name(),
            planned: decided.or(plan.map(|plan| plan.at)).unwrap_or(enrolment.entered_at),
            latest_at: plan.map(|plan| plan.latest_at),
            due: stage.and_then(|stage| due(enrolment, state, scene, stage)),
            outcome: state.outcome.clone(),
        }
    }

    /// What this will be until an instant, if nothing else happens than what is said, and the member stays as it is.
    #[must_use]
    pub fn foreseen(&self, person: &Person, programmes: &Programmes, ahead: Ahead<'_>) -> Self {
        let mut care = self.clone();
        let mut now = ahead.from;
        let mut events = ahead.events.iter().peekable();
        // Each round decides something that is due; so there is an end, and one that comes too late is none.
        for _ in 0..MOST_ROUNDS {
            let scene = Scene { programmes, person, paused: ahead.paused, now };
            let due = care.due(&scene);
            let event = events.peek().map(|event| event.at.max(ahead.from));
            let Some(next) = due.into_iter().chain(event).min().filter(|next| *next <= ahead.until) else { break };
            now = next.max(now);
            let scene = Scene { now, ..scene };
            care = match events.next_if(|_| event == Some(next)) {
                Some(event) => care.happened(event, scene),
                None => care.wake(scene),
            }
            .change
            .state;
        }
        care
    }
}

/// The most that is looked ahead, in decisions.
const MOST_ROUNDS: usize = 1_000;

/// How far is looked ahead, and what happens meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Ahead<'a> {
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// What happens, the first first.
    pub events: &'a [Happening],
    /// Journeys that stand still.
    pub paused: &'a BTreeSet<String>,
}
