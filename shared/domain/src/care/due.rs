//! What is due is decided by how things are then (rules: care 11-18).

use std::cmp::Reverse;

use jiff::{Timestamp, ToSpan};
use sha2::{Digest, Sha256};

use super::cap::{due, is_suspended, over};
use super::deciding::{Decided, Deciding};
use super::facts::{CareFact, Of};
use super::ids::{KeyId, MessageId, words};
use super::outcome::{Outcome, What};
use super::reach::reach;
use super::scene::{Scene, Stage};
use super::state::{Care, Contact, Enrolment, StepState};
use super::when::{Held, Plan, held};
use crate::kernel::canonical::first;
use crate::kernel::id::MemberId;
use crate::programme::journey::step::{Does, OnCap, TimeOfDay};
use crate::programme::journey::{Moved, Purpose};

impl Care {
    /// Decides what is due by now.
    #[must_use]
    pub fn wake(&self, scene: Scene<'_>) -> Decided {
        Deciding::begin(self, scene).end()
    }

    /// When something is due next.
    #[must_use]
    pub fn due(&self, scene: &Scene<'_>) -> Option<Timestamp> {
        let due =
            |enrolment: &Enrolment, state: &StepState| due(enrolment, state, scene, scene.stage(enrolment, state)?);
        let each = |enrolment: &Enrolment| enrolment.steps.iter().filter_map(|state| due(enrolment, state)).min();
        self.enrolments.iter().filter_map(each).min()
    }
}

/// A step that is due.
#[derive(Clone, Copy)]
struct Due<'a> {
    /// Which enrolment.
    place: usize,
    /// Which of its steps.
    number: usize,
    stage: Stage<'a>,
    plan: Plan,
}

impl Deciding<'_> {
    /// Decides what is due by now: the higher priority first, then what was due first, then as the programme says.
    pub(super) fn decide_due(&mut self) {
        while let Some((place, step)) = self.next_due() {
            let scene = self.scene;
            let Some(enrolment) = self.care.enrolments.get(place) else { return };
            let Some(stage) = enrolment.steps.get(step).and_then(|state| scene.stage(enrolment, state)) else { return };
            let plan = scene.plan(enrolment, stage);
            self.decide(Due { place, number: step, stage, plan });
        }
        self.file_completed();
    }

    fn next_due(&self) -> Option<(usize, usize)> {
        let scene = &self.scene;
        let mut all = Vec::new();
        for (place, enrolment) in self.care.enrolments.iter().enumerate() {
            for (number, state) in enrolment.steps.iter().enumerate() {
                let Some(stage) = scene.stage(enrolment, state) else { continue };
                let Some(due) = due(enrolment, state, scene, stage).filter(|due| *due <= scene.now) else { continue };
                let order = (Reverse(stage.journey.written.priority), due, scene.place(stage.journey), stage.place);
                all.push((order, place, number));
            }
        }
        all.into_iter().min().map(|(_, place, number)| (place, number))
    }

    /// The first of what can be decided of a step that applies.
    fn decide(&mut self, due: Due<'_>) {
        let Due { place, number, stage, plan } = due;
        let (scene, now) = (self.scene, self.scene.now);
        let Some(enrolment) = self.care.enrolments.get(place) else { return };
        let purpose = stage.journey.written.purpose;
        let does = stage.does();
        let skipped = |reason: &str| Outcome::new(What::Skipped, now, plan.at).because(reason);
        if now >= plan.latest_at {
            return self.skip(place, number, stage, skipped("late"));
        }
        match held(stage.step, &does, scene.settings().quiet(), now, &scene.zone()) {
            Held::Until(until, by) if until >= plan.latest_at => {
                let outcome = Outcome { ground: Some(format!("until {until}")), ..skipped(by) };
                return self.skip(place, number, stage, outcome);
            }
            Held::Until(until, _) => return self.put_off(place, number, until),
            Held::Free => {}
        }
        let paused = scene.paused.contains(&stage.journey.written.id);
        if paused || is_suspended(scene.person.standing, purpose) {
            return self.skip(place, number, stage, skipped(if paused { "paused" } else { "suspended" }));
        }
        let condition = stage.journey.steps.get(stage.place).and_then(Option::as_ref).filter(|_| !stage.tells);
        if let Some(condition) = condition.filter(|condition| !scene.holds(Some(condition), &enrolment.data)) {
            let outcome = Outcome { ground: Some(scene.read(condition, &enrolment.data)), ..skipped("condition") };
            return self.skip(place, number, stage, outcome);
        }
        let does = match reach(scene.person, purpose, &does) {
            Ok(does) => does,
            Err(stopped) => {
                let outcome = Outcome { ground: Some(stopped.ground), ..skipped(stopped.reason) };
                return self.skip(place, number, stage, outcome);
            }
        };
        if let Some(over) = over(&self.care, &scene, stage, does) {
            let next =
                self.next_day(stage).filter(|next| stage.step.on_cap == Some(OnCap::Wait) && *next < plan.latest_at);
            return match next {
                Some(next) => self.put_off(place, number, next),
                None => {
                    let outcome = Outcome { ground: Some(over.ground), ..skipped(over.reason) };
                    self.skip(place, number, stage, outcome);
                }
            };
        }
        self.claim(due, does);
    }

    /// It is decided again at an instant.
    fn put_off(&mut self, place: usize, number: usize, until: Timestamp) {
        let state = self.care.enrolments.get_mut(place).and_then(|enrolment| enrolment.steps.get_mut(number));
        if let Some(state) = state {
            state.not_before = Some(until);
        }
    }

    /// The time of a step on the next local date.
    fn next_day(&self, stage: Stage<'_>) -> Option<Timestamp> {
        let clocks = self.scene.clocks();
        let time = match stage.step.time {
            Some(TimeOfDay::At(clock)) => clock.time(),
            _ => clocks.send_time,
        };
        let tomorrow = clocks.zone.date(self.scene.now).checked_add(1.day()).ok()?;
        Some(clocks.zone.instant(tomorrow, time))
    }

    /// Hands a step on.
    fn claim(&mut self, Due { place, number, stage, plan }: Due<'_>, does: Does) {
        let now = self.scene.now;
        let member = self.care.member.clone();
        let Some(enrolment) = self.care.enrolments.get_mut(place) else { return };
        let written = &stage.journey.written;
        let of = Of::new(&member, enrolment);
        let Some(state) = enrolment.steps.get_mut(number) else { return };
        let name = state.name();
        let message = message_id(&member, enrolment, written.moved, &name);
        let Some(state) = enrolment.steps.get_mut(number) else { return };
        let claimed = Outcome::new(What::Claimed, now, plan.at);
        state.outcome = Some(Outcome { channel: Some(does), message: Some(message), ..claimed });
        if written.moved == Moved::Supersede {
            let anchor = enrolment.anchor;
            enrolment.sent.push((name.clone(), anchor));
        }
        if written.purpose == Purpose::Marketing && does.channel().is_some() {
            self.care.contacts.push(Contact { at: now, channel: does, message });
            let surplus = self.care.contacts.len().saturating_sub(Care::MOST_CONTACTS);
            self.care.contacts.drain(..surplus);
        }
        self.facts.push(CareFact::claimed(of, stage, name, (message, does), plan));
    }
}

impl Care {
    /// What care says of a message that is to be sent, of a key that is under way or has ended.
    #[must_use]
    pub fn claim(&self, key: KeyId, message: MessageId, scene: &Scene<'_>) -> Claim<'_> {
        let active = self.enrolments.iter().find(|own| own.key_id() == key);
        let filed = self.filed.get(&key);
        let ended = filed.filter(|_| active.is_none());
        let exited = ended.is_some_and(|filed| {
            let newest = filed.enrolment.as_ref().map(|own| own.newest);
            filed.exited.is_some_and(|exited| newest.is_none_or(|newest| exited >= newest))
        });
        let enrolment = active.or(ended.and_then(|filed| filed.enrolment.as_ref()));
        let Some(enrolment) = enrolment.filter(|_| !exited) else { return Claim::Ended };
        let Some(journey) = scene.journey(enrolment) else { return Claim::Ended };
        for state in &enrolment.steps {
            let is_its = state.outcome.as_ref().is_some_and(|outcome| outcome.message == Some(message));
            let stage = scene.stage(enrolment, state);
            match (&state.outcome, stage) {
                (Some(outcome), Some(stage)) if is_its && outcome.what == What::Claimed => {
                    let quiet = scene.settings().quiet();
                    let held = held(stage.step, &stage.does(), quiet, scene.now, &scene.zone()) != Held::Free;
                    return Claim::Stands { enrolment, held };
                }
                (None, _) if message_id(&self.member, enrolment, journey.written.moved, &state.name()) == message => {
                    return Claim::Waits;
                }
                _ => {}
            }
        }
        Claim::Ended
    }
}

/// What care says of a message that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim<'a> {
    /// It is to be sent.
    Stands {
        /// For which enrolment.
        enrolment: &'a Enrolment,
        /// Not now: quiet hours have begun, or its window has closed.
        held: bool,
    },
    /// Its step is decided anew; who decides says so again.
    Waits,
    /// Its journey has ended, or it could not be sent already.
    Ended,
}

/// The id of a message: of one step of one entry, for one anchor where anchors are superseded.
fn message_id(member: &MemberId, enrolment: &Enrolment, moved: Moved, step: &str) -> MessageId {
    let mut text = format!("{member}|{}|{}|{step}", enrolment.journey, words(&enrolment.key));
    if moved == Moved::Supersede {
        text = format!("{text}|{}", enrolment.anchor);
    }
    if enrolment.nth > 1 {
        text = format!("{text}|{}", enrolment.nth);
    }
    let digest: [u8; 32] = Sha256::digest(text).into();
    MessageId(first(digest))
}

impl Scene<'_> {
    /// When what is held now is released.
    pub(super) fn release(&self, stage: Stage<'_>) -> Timestamp {
        match held(stage.step, &stage.does(), self.settings().quiet(), self.now, &self.zone()) {
            Held::Free => self.now,
            Held::Until(until, _) => until,
        }
    }
}
