//! What is done with a ticket (rules: desk 1-7, 13, 18).

use jiff::Timestamp;

use super::changing::Changing;
use super::clock::{Clock, Verdict};
use super::deciding::{Deciding, Scene};
use super::facts::DeskFact;
use super::history::{History, State};
use super::kind::Kind;
use super::refusal::DeskRefusal;
use super::routing::Routed;
use super::ticket::{About, Link, LinkKind, Ticket};
use crate::kernel::change::Change;
use crate::kernel::id::MemberId;

/// A concern that becomes a ticket.
#[derive(Debug, Clone)]
pub struct Opening {
    /// The ticket's id.
    pub id: String,
    /// Whose it is.
    pub member: Option<MemberId>,
    /// What it is about.
    pub about: About,
    /// Where it goes.
    pub routed: Routed,
    /// The member's tier.
    pub tier: String,
    /// What it belongs to.
    pub correlation: String,
    /// The ticket that it goes on with.
    pub follows: Option<String>,
    /// Who owns it from the beginning: whoever owned that one, or the lead.
    pub owner: Option<String>,
    /// Who opens it.
    pub by: String,
}

/// Opens a ticket.
pub fn open(opening: Opening, scene: Scene<'_>) -> Change<Ticket> {
    let Opening { id, member, about, routed, tier, correlation, follows, owner, by } = opening;
    let now = scene.now;
    let version = scene.programme().number;
    let mut clocks = Vec::new();
    if let Some(of) = scene.policy(version, &routed.policy) {
        let kinds = [Kind::FirstResponse, Kind::Resolution];
        clocks.extend(kinds.into_iter().filter_map(|kind| Clock::start(kind, 1, now, of)));
    }
    let live = about.live;
    let links = follows.map(|ticket| Link { kind: LinkKind::Follows, ticket }).into_iter().collect();
    let ticket = Ticket {
        id,
        version,
        queue: routed.queue,
        owner: None,
        policy: routed.policy,
        about,
        member,
        correlation,
        opened_at: now,
        history: History::new(now, &scene.desk().pause_on),
        clocks,
        next_responses: 0,
        answered: live,
        replies: 0,
        unanswered: None,
        resolutions: 0,
        reopenings: 0,
        level: 0,
        offered_at: None,
        grants: Vec::new(),
        links,
        rows: 0,
    };
    let mut deciding = Deciding::of(ticket, scene);
    let of = deciding.of_ticket();
    deciding.facts.push(DeskFact::TicketOpened { of, tier });
    deciding.own(owner, "follows");
    if live {
        deciding.end_clock(Kind::FirstResponse, now);
    }
    deciding.log("opened", &by, true);
    deciding.end()
}

/// What a message of a member came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Messaged {
    /// It stands in the ticket.
    Logged(Box<Change<Ticket>>),
    /// The ticket is over: another one goes on with it, in the same queue, with the same owner.
    Follows,
}

/// A member writes.
///
/// # Errors
/// The ticket is none any more.
pub fn message(ticket: &Ticket, text: &str, scene: Scene<'_>) -> Result<Messaged, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    if deciding.ticket.state() == State::Closed {
        return Ok(Messaged::Follows);
    }
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party", "resolved"])?;
    deciding.log("message", "member", true);
    let of = deciding.of_ticket();
    deciding.facts.push(DeskFact::TicketReplied { of, by: "member".to_owned() });
    if scene.desk().is_thanks(text) {
        return Ok(Messaged::Logged(Box::new(deciding.end())));
    }
    heard(&mut deciding, "message")?;
    Ok(Messaged::Logged(Box::new(deciding.end())))
}

/// Somebody waits for an answer from now on.
fn heard(deciding: &mut Deciding<'_>, because: &str) -> Result<(), DeskRefusal> {
    let now = deciding.scene.now;
    match deciding.ticket.state() {
        State::Resolved => {
            deciding.has_room()?;
            deciding.reopen_at(because, now);
        }
        State::PendingCustomer => {
            deciding.has_room()?;
            deciding.ticket.history.enter(State::Open, now);
        }
        _ => {}
    }
    deciding.ticket.offered_at = None;
    deciding.ticket.unanswered = deciding.ticket.unanswered.or(Some(now));
    deciding.wait_for_answer();
    Ok(())
}

/// An agent answers, for the member to see; `offers` asks whether this settles it.
///
/// # Errors
/// The ticket is over.
pub fn reply(ticket: &Ticket, by: &str, offers: bool, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party", "resolved"])?;
    answer(&mut deciding, by);
    if offers && deciding.ticket.state().is_at_work() {
        deciding.ticket.offered_at = Some(scene.now);
    }
    Ok(deciding.end())
}

fn answer(deciding: &mut Deciding<'_>, by: &str) {
    let now = deciding.scene.now;
    deciding.end_clock(Kind::FirstResponse, now);
    deciding.end_clock(Kind::NextResponse, now);
    (deciding.ticket.answered, deciding.ticket.unanswered) = (true, None);
    deciding.ticket.replies = deciding.ticket.replies.saturating_add(1);
    looked_at(deciding);
    deciding.log("reply", by, true);
    let of = deciding.of_ticket();
    deciding.facts.push(DeskFact::TicketReplied { of, by: "agent".to_owned() });
}

fn looked_at(deciding: &mut Deciding<'_>) {
    if deciding.ticket.state() == State::New {
        deciding.ticket.history.enter(State::Open, deciding.scene.now);
    }
}

/// An agent writes something down that members do not see: it stops and starts no clock.
///
/// # Errors
/// The ticket is none any more.
pub fn note(ticket: &Ticket, by: &str, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party", "resolved", "closed"])?;
    looked_at(&mut deciding);
    deciding.log("note", by, false);
    Ok(deciding.end())
}

/// An agent says whom it waits for.
///
/// # Errors
/// It is not at work, or somebody waits for an answer.
pub fn wait_for(ticket: &Ticket, to: State, by: &str, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    if to == State::PendingCustomer && deciding.ticket.state().is_at_work() {
        if !deciding.ticket.answered {
            return Err(DeskRefusal::NoReplyYet);
        }
        if deciding.ticket.unanswered.is_some() {
            return Err(DeskRefusal::UnansweredMessage);
        }
    }
    // An assignment does not open it, but somebody who moves it has looked at it: live contact leaves it new.
    let moves = to.is_pending() || to == State::Open;
    let states: &[&str] = if deciding.ticket.answered {
        &["new", "open", "pending_customer", "pending_third_party"]
    } else {
        &["open", "pending_customer", "pending_third_party"]
    };
    deciding.must_be(if moves { states } else { &[] })?;
    deciding.has_room()?;
    deciding.ticket.history.enter(to, scene.now);
    deciding.log("state", by, false);
    if to.is_pending() {
        let of = deciding.of_ticket();
        deciding.facts.push(DeskFact::TicketPaused { of, state: to.name().to_owned() });
    }
    Ok(deciding.end())
}

/// How a ticket is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolving<'a> {
    /// How: one of [`CODES`].
    pub code: &'a str,
    /// Does an answer come with it, for the member to see?
    pub replies: bool,
    /// Why nobody was answered, if that is to be.
    pub silent: Option<&'a str>,
    /// Who.
    pub by: &'a str,
}

/// How tickets are resolved.
pub const CODES: [&str; 7] = ["fixed", "explained", "goodwill", "no_fault", "duplicate", "no_answer", "spam"];

/// An agent resolves it.
///
/// # Errors
/// It is not at work, or the member was never answered.
pub fn resolve(ticket: &Ticket, resolving: Resolving<'_>, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party"])?;
    deciding.has_room()?;
    if resolving.replies {
        answer(&mut deciding, resolving.by);
    }
    let silent = resolving.silent.is_some_and(|reason| !reason.trim().is_empty());
    if deciding.ticket.replies == 0 && !deciding.ticket.about.live && !silent {
        return Err(DeskRefusal::ReplyNeeded);
    }
    deciding.resolve_at(resolving.code, scene.now);
    deciding.log("resolved", resolving.by, false);
    Ok(deciding.end())
}

/// An agent opens it again, with a reason.
///
/// # Errors
/// It is not resolved.
pub fn reopen(ticket: &Ticket, by: &str, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["resolved"])?;
    deciding.has_room()?;
    deciding.reopen_at("agent", scene.now);
    deciding.log("reopened", by, false);
    Ok(deciding.end())
}

/// What a low answer to the question after a resolution comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dissatisfied {
    /// The ticket was opened again, or the answer noted with it.
    Heard(Box<Change<Ticket>>),
    /// It is over: another one goes on with it, with the lead.
    Follows,
}

/// A member is not satisfied with a resolution. The answer counts as a message that is not answered.
///
/// # Errors
/// The ticket is part of another, or was none.
pub fn dissatisfied(ticket: &Ticket, resolution: u32, scene: Scene<'_>) -> Result<Dissatisfied, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    if deciding.ticket.state() == State::Closed {
        return Ok(Dissatisfied::Follows);
    }
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party", "resolved"])?;
    deciding.log("csat", "member", false);
    if deciding.ticket.state() == State::Resolved && deciding.ticket.resolutions == resolution {
        heard(&mut deciding, "csat")?;
    }
    deciding.escalate("csat");
    Ok(Dissatisfied::Heard(Box::new(deciding.end())))
}

/// A member thinks better of it, or of what became of what they had said: that is noted, and changes nothing.
///
/// # Errors
/// The ticket is part of another, or was none.
pub fn reconsidered(ticket: &Ticket, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party", "resolved", "closed"])?;
    deciding.log("csat", "member", false);
    Ok(deciding.end())
}

/// Another department answers for it: whoever owned it does no more.
///
/// # Errors
/// It is over.
pub fn move_to(ticket: &Ticket, queue: &str, by: &str, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party", "resolved"])?;
    if deciding.ticket.queue != queue {
        let from = std::mem::replace(&mut deciding.ticket.queue, queue.to_owned());
        deciding.own(None, "queue");
        let of = deciding.of_ticket();
        deciding.facts.push(DeskFact::TicketRouted { of, from });
    }
    deciding.log("routed", by, false);
    Ok(deciding.end())
}

/// Somebody else owns it, or nobody: the queue then does.
///
/// # Errors
/// It is over.
pub fn assign(
    ticket: &Ticket,
    owner: Option<&str>,
    because: &str,
    scene: Scene<'_>,
) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party", "resolved"])?;
    deciding.own(owner.map(str::to_owned), because);
    deciding.log("assigned", owner.unwrap_or("-"), false);
    Ok(deciding.end())
}

/// Another service level, from now on.
///
/// # Errors
/// It is not at work, or there is no such policy.
pub fn change_policy(ticket: &Ticket, policy: &str, by: &str, scene: Scene<'_>) -> Result<Change<Ticket>, DeskRefusal> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.must_be(&["new", "open", "pending_customer", "pending_third_party"])?;
    let programme = scene.programme();
    let found = programme.document().sla_policy.iter().find(|own| own.id == policy);
    let found = found.ok_or(DeskRefusal::UnknownPolicy)?;
    let mut clocks = std::mem::take(&mut deciding.ticket.clocks);
    deciding.ticket.history.pause_on.clone_from(&scene.desk().pause_on);
    let history = deciding.ticket.history.clone();
    let changing =
        Changing { policy: found, programme, programmes: scene.programmes, history: &history, at: scene.now };
    let mut dropped = Vec::new();
    for clock in clocks.iter_mut().filter(|clock| clock.is_open()) {
        changing.change(clock);
        dropped.extend((clock.verdict == Some(Verdict::Dropped)).then(|| clock.clone()));
    }
    let fresh = !deciding.ticket.answered
        && !clocks.iter().any(|clock| clock.kind == Kind::FirstResponse && clock.is_running());
    deciding.ticket.clocks = clocks;
    policy.clone_into(&mut deciding.ticket.policy);
    deciding.ticket.version = programme.number;
    for clock in dropped {
        deciding.told_end(&clock, scene.programmes, scene.now);
    }
    if fresh {
        let instance = instance(&deciding.ticket, Kind::FirstResponse);
        let opened = deciding.ticket.opened_at;
        let started = Clock::start(Kind::FirstResponse, instance, opened, (found, programme));
        deciding.ticket.clocks.extend(started.map(|clock| changing.started(clock)));
    }
    let known = deciding.ticket.clocks.len();
    deciding.wait_for_answer();
    for clock in deciding.ticket.clocks.iter_mut().skip(known) {
        *clock = changing.started(clock.clone());
    }
    deciding.log("policy", by, false);
    Ok(deciding.end())
}

fn instance(ticket: &Ticket, kind: Kind) -> u32 {
    let known = ticket.clocks.iter().filter(|clock| clock.kind == kind).map(|clock| clock.instance).max();
    known.unwrap_or(0).saturating_add(1)
}

/// Makes a ticket part of another one of the same member, in one transaction.
///
/// # Errors
/// They are of two members, the other is newer, or one of them is over.
pub fn merge(
    ticket: &Ticket,
    into: &Ticket,
    by: &str,
    scene: Scene<'_>,
) -> Result<(Change<Ticket>, Change<Ticket>), DeskRefusal> {
    let (mut part, mut whole) = (Deciding::begin(ticket, scene), Deciding::begin(into, scene));
    let open = &["new", "open", "pending_customer", "pending_third_party", "resolved"];
    part.must_be(open)?;
    whole.must_be(open)?;
    if ticket.member.is_none() || ticket.member != into.member {
        return Err(DeskRefusal::DifferentMember);
    }
    if into.opened_at > ticket.opened_at || into.id == ticket.id {
        return Err(DeskRefusal::MergeIntoOlder);
    }
    let most = Ticket::MOST_LINKS;
    if whole.ticket.links.len() >= most || part.ticket.links.len() >= most {
        return Err(DeskRefusal::TooManyChanges { most });
    }
    stop(&mut part, scene.now);
    let unanswered = part.ticket.unanswered.take().or_else(|| (!ticket.answered).then_some(ticket.opened_at));
    part.ticket.history.enter(State::Merged, scene.now);
    part.ticket.links.push(Link { kind: LinkKind::MergedInto, ticket: into.id.clone() });
    whole.ticket.links.push(Link { kind: LinkKind::Absorbed, ticket: ticket.id.clone() });
    let (of, resolution) = (part.of_ticket(), part.ticket.resolutions);
    part.facts.push(DeskFact::TicketMerged { of, into: into.id.clone(), resolution });
    part.log("merged", by, false);
    whole.log("absorbed", by, false);
    if let Some(since) = unanswered {
        inherit(&mut whole, since)?;
    }
    Ok((part.end(), whole.end()))
}

/// Its clocks stop without verdict.
fn stop(part: &mut Deciding<'_>, at: Timestamp) {
    let mut stopped = Vec::new();
    for clock in part.ticket.clocks.iter_mut().filter(|clock| clock.is_running()) {
        clock.ended_at = Some(at);
        clock.verdict = clock.verdict.or(Some(Verdict::Dropped));
        stopped.push(clock.clone());
    }
    for clock in stopped {
        part.told_end(&clock, part.scene.programmes, at);
    }
}

/// A message that nobody has answered counts from its own instant on.
fn inherit(whole: &mut Deciding<'_>, since: Timestamp) -> Result<(), DeskRefusal> {
    heard(whole, "message")?;
    whole.ticket.unanswered = Some(whole.ticket.unanswered.map_or(since, |own| own.min(since)));
    if let Some(clock) =
        whole.ticket.running(Kind::NextResponse).filter(|clock| clock.verdict.is_none() && clock.started_at > since)
    {
        (clock.started_at, clock.counts_from) = (since, since);
    }
    Ok(())
}

/// What time alone has done; nothing if that is nothing.
#[must_use]
pub fn tick(ticket: &Ticket, scene: Scene<'_>) -> Option<Change<Ticket>> {
    let mut deciding = Deciding::begin(ticket, scene);
    deciding.lapse();
    let change = deciding.end();
    (change.state != *ticket).then_some(change)
}
