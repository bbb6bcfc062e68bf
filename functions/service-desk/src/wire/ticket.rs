//! Tickets as they are shown: to staff whole, to members without notes, agents and budgets.

use domain::desk::{Clock, Grant, Link, Reading, Ticket};
use domain::programme::compiled::Programmes;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{ListedTicket, LogRow, Tickets};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeing {
    /// The member whose it is.
    Own,
    /// Somebody of the brand.
    All,
}

/// A ticket.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TicketReply {
    /// Its id.
    ticket: String,
    /// Its version: whoever changes it says which was seen.
    version: u64,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// `new`, `open`, `pending_customer`, `pending_third_party`, `resolved`, `closed`, `merged` or `spam`.
    state: &'static str,
    /// Which department answers for it.
    queue: String,
    /// Which agent does.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// Its service level.
    policy: String,
    /// Its topic.
    topic: String,
    /// By which channel it came.
    channel: String,
    /// In which language.
    locale: String,
    /// `member`, `agent`, `journey`, `survey` or `alert`.
    source: String,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    /// What it belongs to: the same in everything that comes of it.
    correlation: String,
    /// When it was opened.
    opened_at: Timestamp,
    /// The earliest due instant of its clocks that run, missed ones included.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// When it goes on by itself while it waits for somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_until: Option<Timestamp>,
    /// When it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    closes_at: Option<Timestamp>,
    /// Since when a message of the member is unanswered.
    #[serde(skip_serializing_if = "Option::is_none")]
    unanswered_since: Option<Timestamp>,
    /// Its clocks.
    clocks: Vec<ClockView>,
    /// How often it was resolved.
    resolutions: u32,
    /// How often it was opened again.
    reopenings: u32,
    /// How far it has been handed up.
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<u32>,
    /// What was given on the spot.
    #[serde(skip_serializing_if = "Option::is_none")]
    grants: Option<Vec<GrantView>>,
    /// Other tickets.
    links: Vec<LinkView>,
}

/// A clock.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct ClockView {
    /// `first_response`, `next_response` or `resolution`.
    kind: &'static str,
    /// Which of its kind, from 1.
    instance: u32,
    /// When it started.
    started_at: Timestamp,
    /// What it has counted, in milliseconds.
    spent_ms: i64,
    /// How much it may count.
    target_ms: i64,
    /// From when on it is warned of.
    #[serde(skip_serializing_if = "Option::is_none")]
    warn_at: Option<Timestamp>,
    /// When it is due, or was.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    /// `running`, `paused`, `met`, `breached` or `dropped`.
    state: &'static str,
    /// Its due instant lies after all that its calendar knows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    calendar_gap: bool,
}

/// Something that was given.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct GrantView {
    /// Its id.
    grant: String,
    /// Of what.
    item: String,
    /// `points`, `coupon`, `gift` or `expedite`.
    kind: &'static str,
    /// What it costs, in minor units.
    cost_minor: i64,
    /// Who gave it.
    by: String,
    /// When.
    at: Timestamp,
    /// `proposed`, `granted`, `rejected`, `lapsed` or `cancelled`.
    state: &'static str,
    /// Until when it can be approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    lapses_at: Option<Timestamp>,
    /// Who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    approver: Option<String>,
}

/// Another ticket.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct LinkView {
    /// `follows`, `merged_into` or `absorbed`.
    kind: String,
    /// Which.
    ticket: String,
}

impl TicketReply {
    pub(crate) fn new(
        (ticket, version): (&Ticket, u64),
        seeing: Seeing,
        (programmes, now): (&Programmes, Timestamp),
    ) -> Self {
        let programme = programmes.at(now);
        let (desk, zone) = (&programme.document().desk, programme.zone());
        let all = seeing == Seeing::All;
        let clocks =
            ticket.clocks.iter().map(|clock| ClockView::new(clock, clock.read(&ticket.history, programmes, now)));
        Self {
            ticket: ticket.id.clone(),
            version,
            member: ticket.member.as_ref().map(ToString::to_string),
            state: ticket.state().name(),
            queue: ticket.queue.clone(),
            owner: ticket.owner.clone().filter(|_| all),
            policy: ticket.policy.clone(),
            topic: ticket.about.topic.clone(),
            channel: ticket.about.channel.clone(),
            locale: ticket.about.locale.clone(),
            source: ticket.about.source.clone(),
            order: ticket.about.order.clone(),
            correlation: ticket.correlation.clone(),
            opened_at: ticket.opened_at,
            due: ticket.clock_due(programmes),
            wait_until: ticket.wait_until(desk, zone),
            closes_at: ticket.closes_at(desk, zone),
            unanswered_since: ticket.unanswered,
            clocks: clocks.collect(),
            resolutions: ticket.resolutions,
            reopenings: ticket.reopenings,
            level: all.then_some(ticket.level),
            grants: all.then(|| ticket.grants.iter().map(GrantView::new).collect()),
            links: ticket.links.iter().map(LinkView::new).collect(),
        }
    }
}

impl ClockView {
    fn new(clock: &Clock, read: Reading) -> Self {
        let Reading { spent_ms, due, warn_at, state, calendar_gap } = read;
        Self {
            kind: clock.kind.name(),
            instance: clock.instance,
            started_at: clock.started_at,
            spent_ms,
            target_ms: clock.target_ms,
            warn_at,
            due,
            state,
            calendar_gap,
        }
    }
}

impl GrantView {
    fn new(grant: &Grant) -> Self {
        Self {
            grant: grant.id.clone(),
            item: grant.item.clone(),
            kind: grant.kind.name(),
            cost_minor: grant.cost_minor,
            by: grant.by.clone(),
            at: grant.at,
            state: grant.state.name(),
            lapses_at: grant.lapses_at(),
            approver: grant.approver.clone(),
        }
    }
}

impl LinkView {
    fn new(link: &Link) -> Self {
        let kind = serde_json::to_value(link.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
        Self { kind: kind.unwrap_or_default(), ticket: link.ticket.clone() }
    }
}

/// Tickets of a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TicketsReply {
    /// The tickets.
    tickets: Vec<ListedView>,
    /// Where it goes on; absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A ticket in a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct ListedView {
    /// Which.
    ticket: String,
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// Where it stands.
    state: String,
    /// Its department.
    queue: String,
    /// Who owns it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// Its service level.
    policy: String,
    /// Its topic.
    topic: String,
    /// When it was opened.
    opened_at: Timestamp,
    /// When it is due, or goes on; absent once it is resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
}

impl TicketsReply {
    pub(crate) fn new(page: Tickets, seeing: Seeing) -> Self {
        let view = |ticket: ListedTicket| ListedView {
            ticket: ticket.ticket,
            member: ticket.member.as_ref().map(ToString::to_string),
            state: ticket.state,
            queue: ticket.queue,
            owner: ticket.owner.filter(|_| seeing == Seeing::All),
            policy: ticket.policy,
            topic: ticket.topic,
            opened_at: ticket.opened_at,
            due: ticket.due,
        };
        Self { tickets: page.tickets.into_iter().map(view).collect(), next: page.next.map(|place| place.to_string()) }
    }
}

/// What was said and done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LogReply {
    /// The ticket.
    ticket: String,
    /// The rows, the first first.
    rows: Vec<RowView>,
}

/// A row of the log.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct RowView {
    /// Which row, from 1.
    seq: u32,
    /// What: `opened`, `message`, `reply`, `note`, `resolved`, ...
    kind: String,
    /// Who: to a member only `member` or `agent`.
    by: String,
    /// May the member see it?
    public: bool,
    /// When.
    at: Timestamp,
    /// What was said; absent if nothing was, or if its member was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl LogReply {
    pub(crate) fn new(ticket: &str, rows: Vec<LogRow>, seeing: Seeing) -> Self {
        let by = |by: String| match by.as_str() {
            "member" | "journey" | "survey" => by,
            _ if seeing == Seeing::Own => "agent".to_owned(),
            _ => by,
        };
        let shown = rows.into_iter().filter(|row| row.public || seeing == Seeing::All);
        let view = |row: LogRow| {
            let LogRow { seq, kind, by: who, public, at, text } = row;
            RowView { seq, kind, by: by(who), public, at, text }
        };
        Self { ticket: ticket.to_owned(), rows: shown.map(view).collect() }
    }
}
