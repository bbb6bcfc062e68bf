//! What an invocation rests on, and how a command on a ticket is carried out in it.

use std::sync::Arc;

use domain::care::Standing;
use domain::desk::{DeskRefusal, Scene, Ticket, is_ticket};
use domain::kernel::change::Change;
use domain::kernel::id::MemberId;
use domain::kernel::stamp::Stamp;
use domain::members::finding::Finding;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::setting::Setting;
use jiff::Timestamp;
use lambda::{Failure, Principal, Private, Problem, Reply, Request, Role};
use serde_json::json;
use store::{Known, SeenTicket, StoreError, TicketAsked, TicketDecided, TicketDone, TicketsOf, Words};
use tokio::time::Instant;

use crate::wire::ticket::{Seeing, TicketReply};

/// How often a command is tried where very many change the same budget.
const TRIES: u32 = 8;

/// What an invocation rests on.
pub(crate) struct Desk<'a> {
    pub(crate) app: &'a Private,
    pub(crate) programmes: Arc<Programmes>,
    pub(crate) now: Timestamp,
    pub(crate) deadline: Instant,
}

impl<'a> Desk<'a> {
    pub(crate) async fn of(app: &'a Private, deadline: Instant) -> Result<Self, StoreError> {
        Ok(Self { app, programmes: app.programmes().await?, now: app.now(), deadline })
    }

    pub(crate) fn programme(&self) -> &Programme {
        self.programmes.at(self.now)
    }

    pub(crate) fn setting(&self) -> Setting<'_> {
        Setting { programmes: &self.programmes, now: self.now }
    }

    pub(crate) fn scene(&self) -> Scene<'_> {
        Scene { programmes: &self.programmes, now: self.now }
    }

    /// Who is meant by an id, and what is read of them.
    pub(crate) async fn known(&self, member: &MemberId) -> Result<Known, StoreError> {
        self.app.store().care_person(member, self.programme(), self.now).await
    }

    /// Who stands for a member; of who was erased nothing is shown.
    pub(crate) async fn live(&self, member: &MemberId) -> Result<MemberId, Failure> {
        let known = self.known(member).await?;
        let gone = known.person.standing == Standing::Erased;
        if gone { Err(Problem::refused(&Finding::MemberErased).into()) } else { Ok(known.member) }
    }

    /// A command on a ticket, without words.
    pub(crate) fn asked<'b>(&'b self, ticket: &'b str, stamp: Option<Stamp>) -> TicketAsked<'b> {
        let setting = self.setting();
        TicketAsked { ticket, other: None, stamp, gives: None, offers: false, words: &[], keys: None, setting }
    }

    /// The same with words, by the kind of row that they stand in.
    pub(crate) fn saying<'b>(&'b self, ticket: &'b str, stamp: Option<Stamp>, words: Words<'b>) -> TicketAsked<'b> {
        TicketAsked { words, keys: Some(self.app.keys()), ..self.asked(ticket, stamp) }
    }

    /// Carries a command out. Whoever has a place again is offered what waits.
    pub(crate) async fn run(
        &self,
        asked: TicketAsked<'_>,
        decide: impl Fn(SeenTicket<'_>) -> Result<Option<TicketDecided>, DeskRefusal>,
    ) -> Result<Result<TicketDone, DeskRefusal>, StoreError> {
        let mut patience = self.app.patience(self.deadline).trying(TRIES);
        let done = self.app.store().on_ticket(asked, &mut patience, decide).await?;
        for agent in done.iter().flat_map(|done| &done.freed) {
            let Some(record) = self.app.store().agent(agent).await? else { continue };
            if record.candidate().available && record.open < record.said.capacity {
                self.offer_waiting(&record.said.queues, 1).await?;
            }
        }
        Ok(done)
    }

    /// Offers tickets that nobody owns, those that are due first first; at most so many of a queue.
    pub(crate) async fn offer_waiting(&self, queues: &[String], most: i32) -> Result<(), StoreError> {
        for queue in queues {
            let waiting = self.app.store().tickets(TicketsOf::Unassigned(queue), None, most).await?;
            for ticket in waiting.tickets {
                let asked = TicketAsked { offers: true, ..self.asked(&ticket.ticket, None) };
                let mut patience = self.app.patience(self.deadline);
                let as_it_is = |seen: SeenTicket<'_>| Ok(seen.ticket.map(|ticket| Change::to(ticket.clone()).into()));
                // Whoever is busy with it does something with it; the next run finds what still waits.
                match self.app.store().on_ticket(asked, &mut patience, as_it_is).await {
                    Ok(_) | Err(StoreError::Busy) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// What a request came to, as its caller may see it.
    pub(crate) async fn answered(
        &self,
        done: Result<TicketDone, DeskRefusal>,
        (ticket, seeing): (&str, Seeing),
    ) -> Result<Reply, Failure> {
        match done {
            Ok(done) => Ok(Reply::ok(&self.shown(&done, seeing)).replayed(done.replayed)),
            Err(refusal) => {
                let mut problem = Problem::refused(&refusal);
                if let DeskRefusal::ChangedMeanwhile { .. } = refusal
                    && let Some((ticket, version)) = self.app.store().ticket(ticket).await?
                {
                    let now = TicketReply::new((&ticket, version), seeing, (&self.programmes, self.now));
                    problem.data.insert("ticket".to_owned(), json!(now));
                }
                Err(problem.into())
            }
        }
    }

    pub(crate) fn shown(&self, done: &TicketDone, seeing: Seeing) -> TicketReply {
        TicketReply::new((&done.ticket, done.version), seeing, (&self.programmes, self.now))
    }

    /// A ticket that the caller may see. A member's is its own, under whatever id the member was known.
    pub(crate) async fn seen(&self, ticket: &str, request: &Request) -> Result<(Ticket, u64, Seeing), Failure> {
        let principal = request.principal()?;
        let found = self.app.store().ticket(ticket).await?.ok_or_else(|| Problem::not_found("ticket"))?;
        let (ticket, version) = found;
        if principal.role != Role::Member {
            return Ok((ticket, version, Seeing::All));
        }
        let own = match principal.subject.parse::<MemberId>() {
            Ok(member) if ticket.member.as_ref() == Some(&member) => true,
            Ok(member) => ticket.member == Some(self.known(&member).await?.member),
            Err(_not_an_id) => false,
        };
        if own { Ok((ticket, version, Seeing::Own)) } else { Err(Problem::not_found("ticket").into()) }
    }
}

/// The ticket that the path names.
pub(crate) fn ticket_of(request: &Request) -> Result<String, Problem> {
    let id: String = request.parameter("ticket_id", "ticket")?;
    if is_ticket(&id) { Ok(id) } else { Err(Problem::not_found("ticket")) }
}

/// As the log names the caller.
pub(crate) fn named(principal: &Principal) -> &str {
    if principal.role == Role::Member { "member" } else { &principal.subject }
}
