//! What is done with tickets.

use domain::desk::{
    Concern, DeskRefusal, Messaged, Resolving, assign, change_policy, is_name, is_ticket, merge, message as hear,
    move_to, note as jot, reopen, reply, resolve, wait_for,
};
use domain::kernel::stamp::Stamp;
use lambda::{Failure, Keyed, Private, Reply, Request};
use serde::de::DeserializeOwned;
use store::{SeenTicket, TicketAsked, TicketDecided, Words};

use crate::desk::{Desk, named, ticket_of};
use crate::opening::{Wanted, member_of, opened};
use crate::wire::asked::{
    AssignmentRequest, MergeRequest, MessageRequest, NoteRequest, PriorityRequest, ReopeningRequest, ResolutionRequest,
    RouteRequest, StateRequest,
};
use crate::wire::ticket::Seeing;

/// A request about a ticket.
struct Given<'a, T> {
    desk: Desk<'a>,
    ticket: String,
    body: T,
    stamp: Stamp,
    by: String,
}

impl<'a, T: DeserializeOwned> Given<'a, T> {
    async fn of(app: &'a Private, request: &Request) -> Result<Self, Failure> {
        let ticket = ticket_of(request)?;
        let Keyed { body, stamp } = request.keyed(app.now())?;
        let by = named(request.principal()?).to_owned();
        Ok(Self { desk: Desk::of(app, request.deadline).await?, ticket, body, stamp, by })
    }

    /// Carries it out for somebody of the brand.
    async fn run(
        &self,
        (words, offers): (Words<'_>, bool),
        decide: impl Fn(SeenTicket<'_>) -> Result<Option<TicketDecided>, DeskRefusal>,
    ) -> Result<Reply, Failure> {
        let asked = TicketAsked { offers, ..self.desk.saying(&self.ticket, Some(self.stamp), words) };
        let done = self.desk.run(asked, decide).await?;
        self.desk.answered(done, (&self.ticket, Seeing::All)).await
    }
}

pub(crate) async fn message(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, MessageRequest> = Given::of(app, request).await?;
    given.body.check()?;
    let Given { desk, ticket, body, stamp, by } = &given;
    let (known, _, seeing) = desk.seen(ticket, request).await?;
    let (kind, own) = if seeing == Seeing::Own { ("message", true) } else { ("reply", false) };
    let words = [(kind, body.text.as_str())];
    let asked = TicketAsked { offers: true, ..desk.saying(ticket, Some(*stamp), &words) };
    let done = desk.run(asked, |seen| {
        let ticket = seen.there()?;
        if !own {
            return Ok(Some(reply(ticket, by, body.offer_close, seen.scene)?.into()));
        }
        Ok(match hear(ticket, &body.text, seen.scene)? {
            Messaged::Logged(change) => Some((*change).into()),
            Messaged::Follows => None,
        })
    });
    let done = done.await?;
    if !own || done.as_ref().map_or(true, |done| done.written || done.replayed) {
        return desk.answered(done, (ticket, seeing)).await;
    }
    // It is over: another one goes on with it, with the same owner.
    let Some(member) = &known.member else { return desk.answered(done, (ticket, seeing)).await };
    let member = member_of(desk, member).await?.map_err(|refusal| Failure::refused(&refusal))?;
    let wanted = Wanted {
        id: stamp.operation.to_string(),
        known: &member,
        about: domain::desk::About { source: "member".to_owned(), origin: None, live: false, ..known.about.clone() },
        concern: Concern::default(),
        correlation: known.correlation.clone(),
        follows: Some((&known, known.owner.clone())),
        by,
        words: &body.text,
    };
    let follows = opened(desk, wanted, *stamp).await?;
    desk.answered(follows, (ticket, seeing)).await
}

pub(crate) async fn note(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, NoteRequest> = Given::of(app, request).await?;
    given.body.check()?;
    let words = [("note", given.body.text.as_str())];
    given.run((&words, false), |seen| Ok(Some(jot(seen.there()?, &given.by, seen.scene)?.into()))).await
}

pub(crate) async fn state(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, StateRequest> = Given::of(app, request).await?;
    let state = given.body.state()?;
    let decide = |seen: SeenTicket<'_>| {
        let ticket = seen.newest(given.body.version)?;
        Ok(Some(wait_for(ticket, state, &given.by, seen.scene)?.into()))
    };
    given.run((&[], true), decide).await
}

pub(crate) async fn assignment(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, AssignmentRequest> = Given::of(app, request).await?;
    let agent = given.body.agent.as_deref().map(|agent| if agent == "me" { given.by.as_str() } else { agent });
    let record = match agent.filter(|agent| is_name(agent)) {
        Some(agent) => app.store().agent(agent).await?,
        None => None,
    };
    let decide = |seen: SeenTicket<'_>| {
        let ticket = seen.newest(given.body.version)?;
        if let Some(agent) = agent.filter(|agent| ticket.owner.as_deref() != Some(agent)) {
            let record = record.as_ref().ok_or(DeskRefusal::UnknownAgent)?;
            if ticket.state().is_counted() && record.id == agent && record.take(seen.scene.now).is_err() {
                return Err(DeskRefusal::NoRoom);
            }
        }
        let because = if agent.is_some() { "agent" } else { "queue" };
        Ok(Some(assign(ticket, agent, because, seen.scene)?.into()))
    };
    given.run((&[], false), decide).await
}

pub(crate) async fn route(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, RouteRequest> = Given::of(app, request).await?;
    let queues = &given.desk.programme().document().desk_queue;
    let there = queues.iter().any(|queue| queue.id == given.body.queue);
    let decide = |seen: SeenTicket<'_>| {
        let ticket = seen.newest(given.body.version)?;
        if !there {
            return Err(DeskRefusal::UnknownQueue);
        }
        Ok(Some(move_to(ticket, &given.body.queue, &given.by, seen.scene)?.into()))
    };
    given.run((&[], true), decide).await
}

pub(crate) async fn priority(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, PriorityRequest> = Given::of(app, request).await?;
    given.body.check()?;
    let words = [("policy", given.body.reason.as_str())];
    let decide = |seen: SeenTicket<'_>| {
        let ticket = seen.newest(given.body.version)?;
        Ok(Some(change_policy(ticket, &given.body.policy, &given.by, seen.scene)?.into()))
    };
    given.run((&words, false), decide).await
}

pub(crate) async fn resolution(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, ResolutionRequest> = Given::of(app, request).await?;
    let ResolutionRequest { version, code, text, silent } = &given.body;
    given.body.check()?;
    let said = [("reply", text.as_deref()), ("resolved", silent.as_deref())];
    let words: Vec<_> = said.into_iter().filter_map(|(kind, words)| Some((kind, words?))).collect();
    let resolving = Resolving { code, replies: text.is_some(), silent: silent.as_deref(), by: &given.by };
    let decide = |seen: SeenTicket<'_>| Ok(Some(resolve(seen.newest(*version)?, resolving, seen.scene)?.into()));
    given.run((&words, false), decide).await
}

pub(crate) async fn reopening(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, ReopeningRequest> = Given::of(app, request).await?;
    given.body.check()?;
    let words = [("reopened", given.body.reason.as_str())];
    let decide = |seen: SeenTicket<'_>| {
        let ticket = seen.newest(given.body.version)?;
        Ok(Some(reopen(ticket, &given.by, seen.scene)?.into()))
    };
    given.run((&words, true), decide).await
}

pub(crate) async fn merge_into(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let given: Given<'_, MergeRequest> = Given::of(app, request).await?;
    let into = given.body.into.as_str();
    if !is_ticket(into) {
        return Err(Failure::refused(&DeskRefusal::UnknownTicket));
    }
    let asked = TicketAsked { other: Some(into), ..given.desk.asked(&given.ticket, Some(given.stamp)) };
    let done = given.desk.run(asked, |seen| {
        let part = seen.newest(given.body.version)?;
        let whole = if into == part.id { Some(part) } else { seen.other };
        let (change, other) = merge(part, whole.ok_or(DeskRefusal::UnknownTicket)?, &given.by, seen.scene)?;
        Ok(Some(TicketDecided { change, other: Some(other), moved: Vec::new() }))
    });
    given.desk.answered(done.await?, (&given.ticket, Seeing::All)).await
}
