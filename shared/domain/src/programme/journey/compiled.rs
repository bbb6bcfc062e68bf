//! Journeys with their conditions compiled.

use super::Journey;
use super::step::{Step, Tell};
use crate::programme::condition::Condition;

/// A journey with its conditions compiled.
#[derive(Debug)]
pub struct CompiledJourney {
    /// As written.
    pub written: Journey,
    /// Which journey of its programme it is.
    pub place: usize,
    /// Who enters.
    pub condition: Option<Condition>,
    /// What ends it.
    pub exits: Vec<Exit>,
    /// Under which condition each step is done.
    pub steps: Vec<Option<Condition>>,
}

/// What ends an enrolment.
#[derive(Debug)]
pub struct Exit {
    /// The name of the event.
    pub on: String,
    /// Of which this holds.
    pub condition: Option<Condition>,
}

impl CompiledJourney {
    /// A step by its id, with the number that it has.
    #[must_use]
    pub fn step(&self, id: &str) -> Option<(usize, &Step)> {
        self.written.steps.iter().enumerate().find(|(_, step)| step.id == id)
    }

    /// The message that follows a step once it is done.
    #[must_use]
    pub fn tell(&self, step: &str) -> Option<&Tell> {
        self.step(step).and_then(|(_, step)| step.tell.as_ref())
    }
}
