//! What ends a journey (rules: care 5).

use jiff::Timestamp;

use super::deciding::{Decided, Deciding, Why};
use super::happening::Happening;
use super::ids::KeyId;
use super::scene::Scene;
use super::state::{Care, Enrolment, Ticket};
use crate::programme::condition::Scalar;
use crate::programme::journey::{BIRTHDAY, CompiledJourney, TICKET_OPEN};

/// A fact that ends a journey.
struct Ending<'a> {
    journey: &'a CompiledJourney,
    name: &'a str,
}

impl Care {
    /// Something happened: what it ends, it ends first; then it begins what it begins.
    #[must_use]
    pub fn happened(&self, happening: &Happening, scene: Scene<'_>) -> Decided {
        let mut deciding = Deciding::begin(self, scene);
        deciding.ticket(happening);
        deciding.exit_all(happening);
        deciding.enter_all(happening);
        deciding.decide_due();
        deciding.end()
    }
}

impl Deciding<'_> {
    fn exit_all(&mut self, happening: &Happening) {
        let scene = self.scene;
        let mut place = 0;
        while let Some(enrolment) = self.care.enrolments.get(place) {
            let ending = scene.journey(enrolment).and_then(|journey| scene.ends(journey, happening));
            let meant = ending.as_ref().is_some_and(|ending| {
                happening.key(ending.fields()).is_none_or(|key| ending.is_unkeyed() || key == enrolment.key)
            });
            let Some(ending) = ending.filter(|_| meant) else {
                place = place.saturating_add(1);
                continue;
            };
            if happening.at < enrolment.newest {
                let journey = enrolment.journey.clone();
                self.ignore(&journey, Why::Stale);
                place = place.saturating_add(1);
            } else {
                self.exit(place, ending.name, happening.at);
            }
        }
        for journey in scene.programme().journeys() {
            let Some(ending) = scene.ends(journey, happening).filter(|ending| !ending.is_unkeyed()) else { continue };
            if let Some(key) = happening.key(ending.fields()) {
                self.note_exit(journey, &key, happening.at);
            }
        }
    }

    /// Keeps what ends a key that is not active: it holds against what is not newer, and stops what is not sent.
    fn note_exit(&mut self, journey: &CompiledJourney, key: &[Scalar], at: Timestamp) {
        let id = KeyId::of(&journey.written.id, key);
        if self.care.enrolments.iter().any(|enrolment| enrolment.key_id() == id) {
            return;
        }
        let filed = self.care.filed.entry(id).or_default();
        let newest = filed.enrolment.as_ref().map(|enrolment| enrolment.newest);
        if newest.is_none_or(|newest| at >= newest) {
            filed.exited = filed.exited.max(Some(at));
        }
    }

    /// Keeps which tickets are open, and ends what an open one ends.
    fn ticket(&mut self, happening: &Happening) {
        let opened = happening.is("ticket.opened") || happening.is("ticket.reopened");
        let closed = happening.is("ticket.resolved") || happening.is("ticket.closed");
        let Some(id) = happening.text("ticket").filter(|_| opened || closed) else { return };
        let known = self.care.tickets.iter().position(|ticket| ticket.ticket == id);
        // Of what happened at one instant, the end counts.
        let later =
            |ticket: &Ticket| ticket.at > happening.at || (ticket.at == happening.at && !(ticket.open && closed));
        if known.and_then(|place| self.care.tickets.get(place)).is_some_and(later) {
            return;
        }
        let before = known.map(|place| self.care.tickets.remove(place));
        let order = happening.text("order").map(str::to_owned).or(before.and_then(|ticket| ticket.order));
        self.care.tickets.push(Ticket { ticket: id.to_owned(), order, open: opened, at: happening.at });
        while self.care.tickets.len() > Care::MOST_TICKETS {
            // Of those that are closed the oldest, if there is one.
            let closed = self.care.tickets.iter().position(|ticket| !ticket.open);
            self.care.tickets.remove(closed.unwrap_or_default());
        }
        let stopped = |enrolment: &Enrolment| self.has_ticket(enrolment);
        let mut stopped: Vec<usize> =
            (0..).zip(&self.care.enrolments).filter(|(_, own)| stopped(own)).map(|(place, _)| place).collect();
        while let Some(place) = stopped.pop() {
            let mut enrolment = self.care.enrolments.remove(place);
            self.close(&mut enrolment, TICKET_OPEN);
            self.file(enrolment, None);
        }
    }

    /// Is a ticket open about this, or about nothing else?
    pub(super) fn has_ticket(&self, enrolment: &Enrolment) -> bool {
        let stops = self
            .scene
            .journey(enrolment)
            .is_some_and(|journey| journey.written.exit_on.iter().any(|exit| exit.on() == TICKET_OPEN));
        let order = match enrolment.data.get("order") {
            Some(Scalar::Text(order)) => Some(order),
            _ => None,
        };
        let about = |ticket: &&Ticket| ticket.open && ticket.order.as_ref().is_none_or(|other| Some(other) == order);
        stops && self.care.tickets.iter().any(|ticket| about(&ticket))
    }
}

impl Ending<'_> {
    fn fields(&self) -> &[String] {
        &self.journey.written.key
    }

    /// Has the journey a key that no event says?
    fn is_unkeyed(&self) -> bool {
        self.journey.written.enter == BIRTHDAY || self.journey.written.r#match.is_some()
    }
}

impl<'a> Scene<'a> {
    /// Does a fact end a journey?
    fn ends(&self, journey: &'a CompiledJourney, happening: &Happening) -> Option<Ending<'a>> {
        let mut exits = journey.exits.iter().filter(|exit| exit.on != TICKET_OPEN && happening.is(&exit.on));
        let exit = exits.find(|exit| self.holds(exit.condition.as_ref(), &happening.data))?;
        Some(Ending { journey, name: &exit.on })
    }
}
