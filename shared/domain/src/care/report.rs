//! What comes back of what was handed on (rules: care 15, 19; messages 1).

use super::deciding::{Decided, Deciding};
use super::ids::MessageId;
use super::outcome::{Outcome, What};
use super::scene::Scene;
use super::state::{Care, Enrolment};

/// What comes back of a message or an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of which.
    pub message: MessageId,
    /// What.
    pub back: Back,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// The action is done.
    Done,
    /// It could not be done, for a reason.
    Failed(String),
    /// It was not done, for a reason.
    Skipped(String),
    /// It could not be done yet.
    Returned,
}

impl Care {
    /// Takes what came back of what was handed on.
    #[must_use]
    pub fn reported(&self, report: &Report, scene: Scene<'_>) -> Decided {
        let mut deciding = Deciding::begin(self, scene);
        if report.back != Back::Done {
            deciding.care.contacts.retain(|contact| contact.message != report.message);
        }
        deciding.take_back(report);
        deciding.decide_due();
        deciding.end()
    }
}

/// Which step it is about.
fn step_of(enrolment: &Enrolment, message: MessageId) -> Option<usize> {
    let about = |outcome: &Outcome| outcome.message == Some(message);
    enrolment.steps.iter().position(|state| state.outcome.as_ref().is_some_and(about))
}

impl Deciding<'_> {
    fn take_back(&mut self, report: &Report) {
        let active = |enrolment: &Enrolment| step_of(enrolment, report.message).is_some();
        if let Some(place) = self.care.enrolments.iter().position(active) {
            return self.take_back_of(place, report);
        }
        let filed = self.care.filed.iter().find(|(_, filed)| filed.enrolment.as_ref().is_some_and(active));
        let Some((key, filed)) = filed.map(|(key, filed)| (*key, filed.clone())) else { return };
        let Some(mut enrolment) = filed.enrolment else { return };
        let ended = filed.exited.is_some_and(|exited| exited >= enrolment.newest);
        if report.back == Back::Returned && !ended {
            self.care.enrolments.push(enrolment);
            let place = self.care.enrolments.len().saturating_sub(1);
            return self.take_back_of(place, report);
        }
        if let Some(state) = step_of(&enrolment, report.message).and_then(|step| enrolment.steps.get_mut(step)) {
            note(&mut state.outcome, &report.back);
        }
        self.care.filed.insert(key, super::state::Filed { enrolment: Some(enrolment), exited: filed.exited });
    }

    fn take_back_of(&mut self, place: usize, report: &Report) {
        let (scene, now) = (self.scene, self.scene.now);
        let Some(enrolment) = self.care.enrolments.get_mut(place) else { return };
        let Some(number) = step_of(enrolment, report.message) else { return };
        let stage = enrolment.steps.get(number).and_then(|state| scene.stage(enrolment, state));
        let (Some(stage), anchor) = (stage, enrolment.anchor) else { return };
        let Some(state) = enrolment.steps.get_mut(number) else { return };
        match &report.back {
            Back::Done => {
                if let Some(tell) = enrolment.state_mut(&stage.step.id, true).filter(|tell| tell.outcome.is_none()) {
                    tell.not_before = Some(now);
                }
            }
            Back::Returned => {
                (state.outcome, state.not_before) = (None, Some(scene.release(stage)));
                let name = state.name();
                enrolment.sent.retain(|sent| *sent != (name.clone(), anchor));
            }
            Back::Failed(_) | Back::Skipped(_) => {
                note(&mut state.outcome, &report.back);
                self.untold(place, stage, "not_done");
            }
        }
    }
}

/// Notes what became of a step that was handed on.
fn note(outcome: &mut Option<Outcome>, back: &Back) {
    let Some(outcome) = outcome else { return };
    let (what, reason) = match back {
        Back::Failed(reason) => (What::Failed, reason.as_str()),
        Back::Skipped(reason) => (What::Skipped, reason.as_str()),
        Back::Returned => (What::Exited, "exited"),
        Back::Done => return,
    };
    (outcome.what, outcome.reason) = (what, Some(reason.to_owned()));
}
