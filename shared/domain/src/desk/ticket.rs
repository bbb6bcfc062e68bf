//! A ticket: one concern of somebody, until it is over.

use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::history::{History, State};
use super::kind::Kind;
use super::pack::Grant;
use crate::kernel::id::MemberId;
use crate::kernel::time::Zone;
use crate::programme::compiled::Programmes;
use crate::programme::desk::rules::Desk;

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id.
    pub id: String,
    /// The programme version of its opening, or of its newest change of policy.
    pub version: u32,
    /// Which department answers for it.
    pub queue: String,
    /// Which agent does.
    pub owner: Option<String>,
    /// Its service level.
    pub policy: String,
    /// What it is about, and where it comes from.
    pub about: About,
    /// Whose it is.
    pub member: Option<MemberId>,
    /// What it belongs to.
    pub correlation: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The states that it was in.
    pub history: History,
    /// Its clocks: those that run, and the newest that ended.
    pub clocks: Vec<Clock>,
    /// How many clocks of further answers there were.
    pub next_responses: u32,
    /// Was the member answered, or the ticket resolved?
    pub answered: bool,
    /// How many public answers agents gave.
    pub replies: u32,
    /// Since when a message of the member is unanswered.
    pub unanswered: Option<Timestamp>,
    /// How often it was resolved: the number of the newest resolution.
    pub resolutions: u32,
    /// How often it was opened again.
    pub reopenings: u32,
    /// How far it has been handed up.
    pub level: u32,
    /// When the member was asked whether this settles it.
    pub offered_at: Option<Timestamp>,
    /// What was given on the spot.
    pub grants: Vec<Grant>,
    /// Other tickets.
    pub links: Vec<Link>,
    /// How many rows its log has.
    pub rows: u32,
}

/// What a ticket is about, and where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct About {
    /// Its topic.
    pub topic: String,
    /// By which channel it came.
    pub channel: String,
    /// In which language.
    pub locale: String,
    /// `member`, `agent`, `journey`, `survey` or `alert`.
    pub source: String,
    /// What it is known by, if it was opened by itself: an enrolment and its step, an invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Was it opened while somebody spoke with the member?
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub live: bool,
}

/// Another ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// How it is linked.
    pub kind: LinkKind,
    /// Which.
    pub ticket: String,
}

/// How a ticket is linked with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// It goes on with one that is closed.
    Follows,
    /// It is part of it.
    MergedInto,
    /// That is part of it.
    Absorbed,
}

impl Ticket {
    /// The most links.
    pub const MOST_LINKS: usize = 20;
    /// The most clocks that are kept: what runs, and the newest that ended.
    pub const MOST_CLOCKS: usize = 24;

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.history.state()
    }

    /// When it goes on by itself while it waits for somebody else: the start of a local date.
    #[must_use]
    pub fn wait_until(&self, desk: &Desk, zone: &Zone) -> Option<Timestamp> {
        let (state, since) = self.history.newest();
        state.is_pending().then(|| zone.start_of_day_after(since, desk.pending_days))
    }

    /// When an offer is taken for settled that nobody answers.
    #[must_use]
    pub fn offer_until(&self, zone: &Zone) -> Option<Timestamp> {
        let offered = self.offered_at.filter(|_| self.state().is_at_work())?;
        Some(zone.start_of_day_after(offered, OFFER_DAYS))
    }

    /// When it is closed.
    #[must_use]
    pub fn closes_at(&self, desk: &Desk, zone: &Zone) -> Option<Timestamp> {
        let (state, since) = self.history.newest();
        (state == State::Resolved).then(|| zone.start_of_day_after(since, desk.auto_close_days))
    }

    /// The earliest due instant of its clocks that run, missed ones included.
    #[must_use]
    pub fn clock_due(&self, programmes: &Programmes) -> Option<Timestamp> {
        let running = self.clocks.iter().filter(|clock| clock.is_running());
        running.filter_map(|clock| clock.missed.or_else(|| clock.due(&self.history, programmes))).min()
    }

    /// By what it is sorted: what is overdue on top, and what waits by when it goes on.
    #[must_use]
    pub fn sorts_by(&self, programmes: &Programmes, desk: &Desk, zone: &Zone) -> Option<Timestamp> {
        let wait = self.wait_until(desk, zone);
        self.clock_due(programmes).into_iter().chain(wait).min()
    }

    /// The next instant at which time alone changes something.
    #[must_use]
    pub fn due(&self, programmes: &Programmes, desk: &Desk, zone: &Zone) -> Option<Timestamp> {
        let clocks = self.clocks.iter().filter_map(|clock| clock.next(&self.history, programmes));
        let proposals = self.grants.iter().filter_map(Grant::lapses_at);
        clocks.chain(self.turns_at(desk, zone).map(|(at, _)| at)).chain(proposals).min()
    }

    /// The next turn of its states that time alone brings.
    pub(super) fn turns_at(&self, desk: &Desk, zone: &Zone) -> Option<(Timestamp, Turn)> {
        let wait = self
            .wait_until(desk, zone)
            .map(|at| (at, if self.state() == State::PendingCustomer { Turn::NoAnswer } else { Turn::ThirdPartyLate }));
        let offer = self.offer_until(zone).map(|at| (at, Turn::Settled));
        let closes = self.closes_at(desk, zone).map(|at| (at, Turn::Closes));
        wait.into_iter().chain(offer).chain(closes).min_by_key(|(at, _)| *at)
    }

    /// The clock of a kind that runs.
    pub(super) fn running(&mut self, kind: Kind) -> Option<&mut Clock> {
        self.clocks.iter_mut().find(|clock| clock.kind == kind && clock.is_running())
    }

    /// What was spent on it, with what is only proposed.
    #[must_use]
    pub fn case_total_minor(&self) -> i64 {
        self.grants.iter().filter(|grant| grant.counts()).map(|grant| grant.cost_minor).fold(0, i64::saturating_add)
    }

    /// Was it resolved lately, so that its member comes back to its agent?
    #[must_use]
    pub fn is_remembered(&self, desk: &Desk, now: Timestamp) -> bool {
        let (state, since) = self.history.newest();
        let days = i64::from(desk.sticky_days).saturating_mul(24).hours();
        let until = since.saturating_add(days).expect("a span of hours suits a timestamp");
        matches!(state, State::Resolved | State::Closed) && now <= until
    }
}

/// For how many local dates an offer waits for an answer.
const OFFER_DAYS: i32 = 3;

/// What time alone does to a ticket's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The member has not answered: it is resolved.
    NoAnswer,
    /// Somebody else has not: it is open again.
    ThirdPartyLate,
    /// The member has not answered an offer: it is settled.
    Settled,
    /// It is over.
    Closes,
}
