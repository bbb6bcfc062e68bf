//! A decision that is being made: the ticket, what time has done to it, and what is told.

use jiff::Timestamp;
use serde_json::{Map, json};

use super::clock::{Clock, Passed};
use super::facts::{DeskFact, Of, OfClock};
use super::history::{History, State};
use super::kind::Kind;
use super::refusal::DeskRefusal;
use super::ticket::{Ticket, Turn};
use crate::kernel::change::{Change, Effect, Key, Row};
use crate::kernel::refusal::WrongState;
use crate::kernel::time::Zone;
use crate::programme::compiled::{Programme, Programmes};
use crate::programme::desk::policy::SlaPolicy;
use crate::programme::desk::rules::Desk;

/// Where and when something is decided.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The programme versions.
    pub programmes: &'a Programmes,
    /// The time of the decision.
    pub now: Timestamp,
}

impl<'a> Scene<'a> {
    pub(super) fn programme(self) -> &'a Programme {
        self.programmes.at(self.now)
    }

    pub(super) fn desk(self) -> &'a Desk {
        &self.programme().document().desk
    }

    pub(super) fn zone(self) -> &'a Zone {
        self.programme().zone()
    }

    /// A policy, in the version that a ticket counts by, else in force.
    pub(super) fn policy(self, version: u32, id: &str) -> Option<(&'a SlaPolicy, &'a Programme)> {
        let own = self.programmes.numbered(version).map(std::convert::AsRef::as_ref);
        own.into_iter().chain([self.programme()]).find_map(|programme| {
            let policy = programme.document().sla_policy.iter().find(|policy| policy.id == id)?;
            Some((policy, programme))
        })
    }

    pub(super) fn lead(self, queue: &str) -> Option<&'a str> {
        let queues = &self.programme().document().desk_queue;
        queues.iter().find(|own| own.id == queue)?.lead.as_deref()
    }
}

/// A decision that is being made.
pub(super) struct Deciding<'a> {
    pub(super) ticket: Ticket,
    pub(super) scene: Scene<'a>,
    pub(super) facts: Vec<DeskFact>,
    rows: Vec<Effect>,
}

impl<'a> Deciding<'a> {
    /// Begins with what time has done.
    pub(super) fn begin(ticket: &Ticket, scene: Scene<'a>) -> Self {
        let mut deciding = Self::of(ticket.clone(), scene);
        deciding.settle();
        deciding
    }

    pub(super) fn of(ticket: Ticket, scene: Scene<'a>) -> Self {
        Self { ticket, scene, facts: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn end(self) -> Change<Ticket> {
        let change = self.facts.into_iter().fold(Change::to(self.ticket), Change::telling);
        self.rows.into_iter().fold(change, Change::with)
    }

    pub(super) fn of_ticket(&self) -> Of {
        Of::new(&self.ticket)
    }

    /// Does what time has done until now, in order: turns of the state, warnings, breaches.
    fn settle(&mut self) {
        let now = self.scene.now;
        while let Some((at, turn)) =
            self.ticket.turns_at(self.scene.desk(), self.scene.zone()).filter(|(at, _)| *at <= now)
        {
            self.pass_clocks(at);
            self.turn(turn, at);
        }
        self.pass_clocks(now);
    }

    fn turn(&mut self, turn: Turn, at: Timestamp) {
        match turn {
            Turn::NoAnswer => self.resolve_at("no_answer", at),
            Turn::Settled => self.resolve_at("goodwill", at),
            Turn::ThirdPartyLate => self.ticket.history.enter(State::Open, at),
            Turn::Closes => {
                self.ticket.history.enter(State::Closed, at);
                let of = self.of_ticket();
                self.facts.push(DeskFact::TicketClosed { of });
            }
        }
    }

    fn pass_clocks(&mut self, at: Timestamp) {
        let programmes = self.scene.programmes;
        let Ticket { clocks, history, .. } = &mut self.ticket;
        let mut passed: Vec<(Timestamp, OfClock, bool)> = Vec::new();
        for clock in clocks {
            let Some(what) = clock.pass(history, programmes, at) else { continue };
            let (instant, due, breached) = match what {
                Passed::Warned { at, due } => (at, due, false),
                Passed::Breached { at, due } => (at, due, true),
            };
            passed.push((instant, of_clock(clock, history, programmes, (Some(due), at)), breached));
        }
        passed.sort_by_key(|(instant, ..)| *instant);
        for (at, clock, breached) in passed {
            let of = self.of_ticket();
            if breached {
                self.facts.push(DeskFact::SlaBreached { of, clock, at });
                self.escalate("breach");
            } else {
                self.facts.push(DeskFact::SlaWarned { of, clock, at });
            }
        }
    }

    /// Hands it up: at first the lead is told, then the lead owns it.
    pub(super) fn escalate(&mut self, because: &str) {
        self.ticket.level = self.ticket.level.saturating_add(1);
        let lead = self.scene.lead(&self.ticket.queue).map(str::to_owned);
        let (of, level) = (self.of_ticket(), self.ticket.level);
        self.facts.push(DeskFact::TicketEscalated { of, level, because: because.to_owned(), lead: lead.clone() });
        if let Some(lead) = lead.filter(|_| level >= 2 || because != "breach") {
            self.own(Some(lead), "lead");
        }
    }

    /// Gives it another owner.
    pub(super) fn own(&mut self, owner: Option<String>, because: &str) {
        if self.ticket.owner != owner {
            self.ticket.owner = owner;
            let of = self.of_ticket();
            self.facts.push(DeskFact::TicketAssigned { of, because: because.to_owned() });
        }
    }

    /// Ends a clock that runs, and tells what came of it.
    pub(super) fn end_clock(&mut self, kind: Kind, at: Timestamp) {
        let programmes = self.scene.programmes;
        let Some(clock) = self.ticket.running(kind) else { return };
        clock.end(at);
        let clock = clock.clone();
        self.told_end(&clock, programmes, at);
    }

    pub(super) fn told_end(&mut self, clock: &Clock, programmes: &Programmes, at: Timestamp) {
        let Some(verdict) = clock.verdict else { return };
        let told = of_clock(clock, &self.ticket.history, programmes, (clock.missed, at));
        let of = self.of_ticket();
        self.facts.push(DeskFact::ClockEnded { of, clock: told, verdict });
    }

    /// Starts the clock of the next answer, from the oldest unanswered message, if the member was answered before.
    pub(super) fn wait_for_answer(&mut self) {
        let Some(since) = self.ticket.unanswered.filter(|_| self.ticket.answered) else { return };
        if self.ticket.running(Kind::NextResponse).is_some() {
            return;
        }
        let Some(of) = self.scene.policy(self.ticket.version, &self.ticket.policy) else { return };
        let instance = self.ticket.next_responses.saturating_add(1);
        if let Some(clock) = Clock::start(Kind::NextResponse, instance, since, of) {
            self.ticket.next_responses = instance;
            self.ticket.clocks.push(clock);
            self.forget_clocks();
        }
    }

    /// Of the clocks that ended the newest are kept.
    fn forget_clocks(&mut self) {
        while self.ticket.clocks.len() > Ticket::MOST_CLOCKS {
            let ended = |clock: &Clock| clock.kind == Kind::NextResponse && !clock.is_running();
            let Some(place) = self.ticket.clocks.iter().position(ended) else { return };
            self.ticket.clocks.remove(place);
        }
    }

    /// Resolves it.
    pub(super) fn resolve_at(&mut self, code: &str, at: Timestamp) {
        self.end_clock(Kind::FirstResponse, at);
        self.end_clock(Kind::NextResponse, at);
        let resolution = self.ticket.running(Kind::Resolution).cloned();
        self.end_clock(Kind::Resolution, at);
        let state = if code == "spam" { State::Spam } else { State::Resolved };
        self.ticket.history.enter(state, at);
        self.ticket.resolutions = self.ticket.resolutions.saturating_add(1);
        (self.ticket.answered, self.ticket.unanswered, self.ticket.offered_at) = (true, None, None);
        let programmes = self.scene.programmes;
        let spent_ms = resolution.map_or(0, |clock| clock.read(&self.ticket.history, programmes, at).spent_ms);
        let (of, resolution, replies) = (self.of_ticket(), self.ticket.resolutions, self.ticket.replies);
        self.facts.push(DeskFact::TicketResolved { of, resolution, code: code.to_owned(), spent_ms, replies });
    }

    /// Opens it again: the clock of the resolution goes on with what it had.
    pub(super) fn reopen_at(&mut self, because: &str, at: Timestamp) {
        self.ticket.history.enter(State::Open, at);
        if let Some(clock) = self.ticket.clocks.iter_mut().find(|clock| clock.kind == Kind::Resolution) {
            clock.go_on();
        }
        self.ticket.reopenings = self.ticket.reopenings.saturating_add(1);
        let (of, resolution) = (self.of_ticket(), self.ticket.resolutions);
        self.facts.push(DeskFact::TicketReopened { of, resolution, because: because.to_owned() });
        if because != "csat" && self.ticket.reopenings >= 3 {
            self.escalate("reopened");
        }
    }

    /// It is in one of some states.
    pub(super) fn must_be(&self, allowed: &'static [&'static str]) -> Result<(), DeskRefusal> {
        let state = self.ticket.state().name();
        if allowed.contains(&state) { Ok(()) } else { Err(WrongState::WrongState { state, allowed }.into()) }
    }

    /// There is room for more states.
    pub(super) fn has_room(&self) -> Result<(), DeskRefusal> {
        let most = History::MOST;
        if self.ticket.history.has_room() { Ok(()) } else { Err(DeskRefusal::TooManyChanges { most }) }
    }

    /// A row of the log; whoever writes it puts the text to it, sealed.
    pub(super) fn log(&mut self, kind: &str, by: &str, public: bool) {
        self.ticket.rows = self.ticket.rows.saturating_add(1);
        let fields = [
            ("kind", json!(kind)),
            ("by", json!(by)),
            ("public", json!(public)),
            ("at", json!(self.scene.now.to_string())),
        ];
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>();
        let key = Key::pair(self.ticket.id.clone(), format!("{:08}", self.ticket.rows));
        self.rows.push(Effect::Row(Row { table: "ticket-log", key, fields }));
    }
}

fn of_clock(
    clock: &Clock,
    history: &History,
    programmes: &Programmes,
    (due, at): (Option<Timestamp>, Timestamp),
) -> OfClock {
    let spent_ms = clock.read(history, programmes, at).spent_ms;
    OfClock { clock: clock.kind, instance: clock.instance, due, spent_ms, target_ms: clock.target_ms }
}
