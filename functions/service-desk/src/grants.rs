//! What is given on the spot, and what a second person says to it.

use domain::care::Standing;
use domain::desk::{Asked, DeskRefusal, GrantState, Granter, approve as agree, denied, grant, is_for, take_back};
use lambda::{Failure, Keyed, Private, Problem, Reply, Request};
use store::{Gives, Moved, SeenTicket, TicketAsked, TicketDecided};

use crate::desk::{Desk, ticket_of};
use crate::wire::asked::{DecisionRequest, GrantRequest};
use crate::wire::ticket::Seeing;

pub(crate) async fn give(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let id = ticket_of(request)?;
    let Keyed { body, stamp }: Keyed<GrantRequest> = request.keyed(app.now())?;
    body.check()?;
    let desk = Desk::of(app, request.deadline).await?;
    let (known, _, _) = desk.seen(&id, request).await?;
    let member = known.member.clone().ok_or_else(|| Problem::not_found("ticket"))?;
    let (programme, agent) = (desk.programme(), request.principal()?.subject.as_str());
    let document = programme.document();
    let item = document.emergency_item.iter().find(|item| item.id == body.item);
    let (Some(pack), Some(item)) = (document.emergency_pack.as_ref(), item) else {
        return Err(Failure::refused(&DeskRefusal::UnknownItem));
    };
    let person = desk.known(&member).await?;
    let active = person.is_member && person.person.standing == Standing::Active;
    let own = app.store().agent(agent).await?.and_then(|record| record.said.own);
    let by = Granter { id: agent, own: own.as_deref() };
    let given = stamp.operation.to_string();
    let words = [("grant", body.reason.as_str())];
    let gives = Gives { agent, member: &member, item: &item.id, stock: item.stock };
    let asked = TicketAsked { gives: Some(gives), ..desk.saying(&id, Some(stamp), &words) };
    let done = desk.run(asked, |seen| {
        let ticket = seen.there()?;
        is_for(ticket, agent, seen.scene)?;
        let (Some(used), false) = (seen.used, ticket.grants.iter().any(|own| own.id == given)) else { return Ok(None) };
        let (change, moves) = grant(ticket, Asked { id: &given, item, by, active }, (pack, used), seen.scene)?;
        let gives =
            Moved { agent: agent.to_owned(), member: member.clone(), item: item.id.clone(), stock: item.stock, moves };
        let moved = std::iter::once(gives).chain(Moved::lapsed(ticket, seen.scene)).collect();
        Ok(Some(TicketDecided { change, other: None, moved }))
    });
    let done = done.await?;
    if let Err(refusal @ DeskRefusal::SelfBenefit) = &done {
        let code = domain::kernel::refusal::Refusal::code(refusal);
        let asked = desk.saying(&id, None, &words);
        let told = desk.run(asked, |seen| Ok(Some(denied(seen.there()?, &item.id, agent, code, seen.scene).into())));
        told.await?.map_err(|refusal| Failure::refused(&refusal))?;
    }
    desk.answered(done, (&id, Seeing::All)).await
}

pub(crate) async fn approve(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let by = request.principal()?.subject.as_str();
    let own = app.store().agent(by).await?.and_then(|record| record.said.own);
    let granter = Granter { id: by, own: own.as_deref() };
    decide(app, request, "grant approved", |seen, grant| Ok(agree(seen.there()?, grant, granter, seen.scene)?.into()))
        .await
}

pub(crate) async fn reject(app: &Private, request: &Request) -> Result<Reply, Failure> {
    back(app, request, GrantState::Rejected).await
}

pub(crate) async fn cancel(app: &Private, request: &Request) -> Result<Reply, Failure> {
    back(app, request, GrantState::Cancelled).await
}

async fn back(app: &Private, request: &Request, to: GrantState) -> Result<Reply, Failure> {
    let by = request.principal()?.subject.as_str();
    decide(app, request, "grant returned", |seen, grant| {
        let ticket = seen.there()?;
        let (change, moves) = take_back(ticket, grant, to, by, seen.scene)?;
        let moved = Moved::back(ticket, grant, moves).into_iter().collect();
        Ok(TicketDecided { change, other: None, moved })
    })
    .await
}

async fn decide(
    app: &Private,
    request: &Request,
    row: &'static str,
    decide: impl Fn(SeenTicket<'_>, &str) -> Result<TicketDecided, DeskRefusal>,
) -> Result<Reply, Failure> {
    let ticket = ticket_of(request)?;
    let grant: String = request.parameter("grant_id", "grant")?;
    let Keyed { body, stamp }: Keyed<DecisionRequest> = request.keyed(app.now())?;
    body.check()?;
    let desk = Desk::of(app, request.deadline).await?;
    let (known, _, _) = desk.seen(&ticket, request).await?;
    let member = known.member.ok_or_else(|| Problem::not_found("ticket"))?;
    let given = known.grants.iter().find(|own| own.id == grant);
    let (agent, item) = given.map_or(("", ""), |given| (given.by.as_str(), given.item.as_str()));
    let gives = Gives { agent, member: &member, item, stock: None };
    let words = [(row, body.reason.as_str())];
    let asked = TicketAsked { gives: Some(gives), ..desk.saying(&ticket, Some(stamp), &words) };
    let done = desk.run(asked, |seen| decide(seen, &grant).map(Some)).await?;
    desk.answered(done, (&ticket, Seeing::All)).await
}
