//! Tickets and their logs, read.

use domain::desk::is_name;
use lambda::{Failure, Private, Problem, Reply, Request, Role};
use store::{TicketPlace, TicketsOf};

use crate::desk::{Desk, ticket_of};
use crate::wire::ticket::{LogReply, Seeing, TicketReply, TicketsReply};

/// So many tickets of a member are shown at once.
const OF_MEMBER: i32 = 50;

fn after(request: &Request) -> Result<Option<TicketPlace>, Problem> {
    request.query("after", "what `next` said")
}

pub(crate) async fn list(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let named = |name| {
        let given: Option<String> = request.query(name, "a name")?;
        let wrong = || Problem::bad_request("invalid_parameter", format!("`{name}` must be a name"));
        if given.as_deref().is_none_or(is_name) { Ok(given) } else { Err(wrong()) }
    };
    let (queue, owner, unassigned) = (named("queue")?, named("owner")?, named("unassigned")?);
    let me = &request.principal()?.subject;
    let of = match (&queue, &owner, &unassigned) {
        (Some(queue), None, None) => TicketsOf::Queue(queue),
        (None, Some(owner), None) => TicketsOf::Owner(if owner == "me" { me } else { owner }),
        (None, None, Some(queue)) => TicketsOf::Unassigned(queue),
        _ => return Err(Problem::bad_request("invalid_parameter", "name one of `queue`, `owner`, `unassigned`").into()),
    };
    let limit: i32 = request.query("limit", "1 to 100")?.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Problem::bad_request("invalid_parameter", "`limit` must be 1 to 100").into());
    }
    let state = named("state")?;
    app.ready().await?;
    let page = app.store().tickets_in(of, (after(request)?.as_ref(), limit), state.as_deref()).await?;
    Ok(Reply::ok(&TicketsReply::new(page, Seeing::All)))
}

pub(crate) async fn of_member(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let after = after(request)?;
    let desk = Desk::of(app, request.deadline).await?;
    let member = desk.live(request.member()?).await?;
    let page = app.store().tickets(TicketsOf::Member(member.as_str()), after.as_ref(), OF_MEMBER).await?;
    let own = request.principal()?.role == Role::Member;
    Ok(Reply::ok(&TicketsReply::new(page, if own { Seeing::Own } else { Seeing::All })))
}

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let id = ticket_of(request)?;
    let desk = Desk::of(app, request.deadline).await?;
    let (ticket, version, seeing) = desk.seen(&id, request).await?;
    Ok(Reply::ok(&TicketReply::new((&ticket, version), seeing, (&desk.programmes, desk.now))))
}

pub(crate) async fn log(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let id = ticket_of(request)?;
    let desk = Desk::of(app, request.deadline).await?;
    let (ticket, _, seeing) = desk.seen(&id, request).await?;
    let rows = app.store().ticket_log(app.keys(), &ticket.id, desk.now).await?;
    Ok(Reply::ok(&LogReply::new(&ticket.id, rows, seeing)))
}
