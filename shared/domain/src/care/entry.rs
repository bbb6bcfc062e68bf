//! A fact enters a member into journeys, or finds the key known (rules: care 1-4, 7, 11).

use jiff::Timestamp;

use super::carried::{carried, renewed};
use super::chance;
use super::deciding::{Deciding, Why};
use super::facts::{CareFact, Of};
use super::happening::Happening;
use super::ids::KeyId;
use super::outcome::{Outcome, What};
use super::person::Standing;
use super::state::{Anchor, Care, Enrolment, Filed, Group, StepState};
use crate::programme::condition::{Scalar, Variables};
use crate::programme::journey::{CompiledJourney, Moved, Purpose, Reentry, TICKET_OPEN};

/// What would enter a member into a journey.
#[derive(Debug)]
pub(super) struct Entering<'a> {
    pub(super) journey: &'a CompiledJourney,
    pub(super) key: Vec<Scalar>,
    pub(super) anchor: Anchor,
    /// When it happened.
    pub(super) at: Timestamp,
    pub(super) data: Variables,
}

impl<'a> Deciding<'a> {
    /// Enters a member into every journey that a fact begins.
    pub(super) fn enter_all(&mut self, happening: &Happening) {
        let programme = self.scene.programme();
        for journey in programme.journeys().iter().filter(|journey| happening.is(&journey.written.enter)) {
            if let Err(why) = self.find(journey, happening).and_then(|entering| self.enter(entering)) {
                self.ignore(&journey.written.id, why);
            }
        }
    }

    /// May the member enter, by this fact?
    pub(super) fn admits(&self, journey: &CompiledJourney, data: &Variables) -> Result<(), Why> {
        let gone = match self.scene.person.standing {
            Standing::Active | Standing::Suspended => false,
            Standing::Closed => journey.written.purpose == Purpose::Marketing,
            Standing::Deceased | Standing::Erased => true,
        };
        if gone {
            return Err(Why::InactiveMember);
        }
        if self.scene.holds(journey.condition.as_ref(), data) { Ok(()) } else { Err(Why::NotFor) }
    }

    fn find(&self, journey: &'a CompiledJourney, happening: &Happening) -> Result<Entering<'a>, Why> {
        self.admits(journey, &happening.data)?;
        let at = happening.at;
        let data = happening.data.clone();
        if let Some(wanted) = &journey.written.r#match {
            let key = self.blessing(journey, wanted, happening)?;
            return Ok(Entering { journey, key, anchor: Anchor::Instant(at), at, data });
        }
        let key = happening.key(&journey.written.key).ok_or(Why::NotFor)?;
        let anchor = match &journey.written.anchor {
            None => Anchor::Instant(at),
            Some(field) => happening.text(field).and_then(Anchor::of).ok_or(Why::NotFor)?,
        };
        Ok(Entering { journey, key, anchor, at, data })
    }

    /// Enters, or finds the key known.
    pub(super) fn enter(&mut self, entering: Entering<'_>) -> Result<(), Why> {
        let id = KeyId::of(&entering.journey.written.id, &entering.key);
        if let Some(place) = self.care.enrolments.iter().position(|enrolment| enrolment.key_id() == id) {
            return Err(self.renew(place, &entering));
        }
        let filed = self.care.filed.get(&id).cloned().unwrap_or_default();
        let known = filed.enrolment.as_ref().map(|enrolment| enrolment.newest);
        if known.is_some_and(|newest| entering.at <= newest) || filed.exited.is_some_and(|exited| entering.at <= exited)
        {
            return Err(Why::Stale);
        }
        let Some(before) = filed.enrolment else { return self.begin_entry(entering, 1) };
        if self.may_begin_again(&before, &entering) {
            return self.begin_entry(entering, before.nth.saturating_add(1));
        }
        let moved = entering.journey.written.moved;
        if moved == Moved::Keep || before.group == Group::Holdout {
            return Err(Why::Reentry);
        }
        if before.anchor == entering.anchor {
            return Err(Why::Refreshed);
        }
        self.make_room(entering.journey)?;
        self.care.enrolments.push(before);
        let place = self.care.enrolments.len().saturating_sub(1);
        Err(self.renew(place, &entering))
    }

    /// A newer fact of an enrolment renews what it carries; another anchor moves it.
    fn renew(&mut self, place: usize, entering: &Entering<'_>) -> Why {
        let scene = self.scene;
        let Some(enrolment) = self.care.enrolments.get_mut(place) else { return Why::Stale };
        if entering.at <= enrolment.newest {
            return Why::Stale;
        }
        let Some(journey) = scene.journey(enrolment) else { return Why::NotFor };
        enrolment.newest = entering.at;
        enrolment.data = renewed(journey, &enrolment.data, &entering.data);
        if journey.written.moved == Moved::Keep || enrolment.anchor == entering.anchor {
            return Why::Refreshed;
        }
        enrolment.anchor = entering.anchor;
        for state in &mut enrolment.steps {
            let sent = state.outcome.as_ref().is_some_and(Outcome::was_claimed);
            if journey.written.moved == Moved::Supersede || !sent {
                *state = StepState::pending(&state.step, state.tells);
            }
        }
        self.mark_sent(place);
        self.late(place);
        self.stop_by_ticket(place);
        Why::Moved
    }

    /// What was handed on for the same anchor before is not again.
    fn mark_sent(&mut self, place: usize) {
        let scene = self.scene;
        let Some(enrolment) = self.care.enrolments.get(place) else { return };
        let again = |state: &StepState| enrolment.sent.contains(&(state.name(), enrolment.anchor));
        let again: Vec<usize> = (0..).zip(&enrolment.steps).filter(|(_, state)| again(state)).map(|(n, _)| n).collect();
        for number in again {
            let Some(enrolment) = self.care.enrolments.get(place) else { return };
            let Some(stage) = enrolment.steps.get(number).and_then(|state| scene.stage(enrolment, state)) else {
                return;
            };
            let planned = scene.plan(enrolment, stage).at;
            self.skip(place, number, stage, Outcome::new(What::SentBefore, scene.now, planned));
        }
    }

    /// May a key begin again that has ended?
    fn may_begin_again(&self, before: &Enrolment, entering: &Entering<'_>) -> bool {
        let zone = self.scene.programme().zone();
        match &entering.journey.written.reentry {
            Reentry::Never => false,
            Reentry::Days(days) => zone.date(entering.at) >= super::when::plus(zone.date(before.began), *days),
            Reentry::Field(field) => match before.data.get(field) {
                Some(Scalar::Text(text)) => match Anchor::of(text) {
                    Some(Anchor::Instant(from)) => entering.at >= from,
                    Some(Anchor::Date(from)) => entering.at >= zone.start_of(from),
                    None => false,
                },
                _ => false,
            },
        }
    }

    fn begin_entry(&mut self, entering: Entering<'_>, nth: u32) -> Result<(), Why> {
        let scene = self.scene;
        let (journey, written) = (entering.journey, &entering.journey.written);
        self.make_room(journey)?;
        let group = chance::group(scene.settings(), written, &self.care.member);
        let steps = written.steps.iter().flat_map(|step| {
            let tell = step.tell.as_ref().map(|_| StepState::pending(&step.id, true));
            std::iter::once(StepState::pending(&step.id, false)).chain(tell)
        });
        let enrolment = Enrolment {
            journey: written.id.clone(),
            version: scene.programme().number,
            nth,
            anchor: entering.anchor,
            entered_at: scene.now,
            began: entering.at,
            newest: entering.at,
            group,
            variant: chance::variant(scene.settings(), written, &self.care.member),
            data: carried(journey, &entering.data),
            steps: steps.collect(),
            sent: Vec::new(),
            key: entering.key,
        };
        let of = Of::new(&self.care.member, &enrolment);
        let variant = enrolment.variant.clone();
        self.facts.push(CareFact::JourneyEntered { of, group: group.name().to_owned(), variant });
        // What is known of the key before is forgotten, but what ended it.
        let id = enrolment.key_id();
        if let Some(filed) = self.care.filed.get_mut(&id) {
            *filed = Filed { enrolment: None, exited: filed.exited };
        }
        if group == Group::Holdout {
            self.file(enrolment, None);
            return Ok(());
        }
        self.care.enrolments.push(enrolment);
        let place = self.care.enrolments.len().saturating_sub(1);
        if !self.stop_by_ticket(place) {
            self.late(place);
        }
        Ok(())
    }

    /// Room for one more: what is owed displaces what is not.
    fn make_room(&mut self, journey: &CompiledJourney) -> Result<(), Why> {
        if self.care.enrolments.len() < Care::MOST_ENROLMENTS {
            return Ok(());
        }
        if journey.written.purpose == Purpose::Marketing {
            return Err(Why::TooMany);
        }
        let scene = self.scene;
        let marketing = |(place, enrolment): (usize, &Enrolment)| {
            let written = &scene.journey(enrolment)?.written;
            // Of those of the lowest priority the newest.
            let order = (written.priority, std::cmp::Reverse(place));
            (written.purpose == Purpose::Marketing).then_some((order, place))
        };
        let lowest = self.care.enrolments.iter().enumerate().filter_map(marketing).min().ok_or(Why::TooMany)?;
        self.exit(lowest.1, "displaced", scene.now);
        Ok(())
    }

    /// What a ticket keeps from beginning ends at once.
    fn stop_by_ticket(&mut self, place: usize) -> bool {
        let Some(enrolment) = self.care.enrolments.get(place) else { return false };
        let stopped = self.has_ticket(enrolment);
        if stopped {
            // A ticket says nothing of when: the fact that began it can begin it again once the ticket is resolved.
            let mut enrolment = self.care.enrolments.remove(place);
            self.close(&mut enrolment, TICKET_OPEN);
            self.file(enrolment, None);
        }
        stopped
    }

    /// What lies before now is due at once, or late. Of several messages only the last in time goes.
    fn late(&mut self, place: usize) {
        let (scene, now) = (self.scene, self.scene.now);
        let Some(enrolment) = self.care.enrolments.get(place) else { return };
        let mut past = Vec::new();
        for (number, state) in enrolment.steps.iter().enumerate() {
            if state.tells || state.outcome.is_some() {
                continue;
            }
            let Some(stage) = scene.stage(enrolment, state) else { continue };
            let plan = scene.plan(enrolment, stage);
            if plan.at < now {
                past.push((number, stage, plan));
            }
        }
        let messages = past.iter().filter(|(_, stage, plan)| stage.step.is_message() && now < plan.latest_at);
        let last = messages.map(|(number, _, plan)| (plan.at, *number)).max();
        for (number, stage, plan) in past {
            let overtaken = stage.step.is_message() && last.is_some_and(|last| last.1 != number);
            if now >= plan.latest_at {
                self.skip(place, number, stage, Outcome::new(What::Skipped, now, plan.at).because("late"));
            } else if overtaken {
                self.skip(place, number, stage, Outcome::new(What::Overtaken, now, plan.at));
            } else if let Some(state) = self.care.enrolments.get_mut(place).and_then(|own| own.steps.get_mut(number)) {
                state.not_before = Some(now);
            }
        }
    }
}
