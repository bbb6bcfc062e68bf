//! What the service desk knows: the newest tickets, and where each stands.

use lambda::Failure;
use serde_json::{Value, json};
use store::{ListedTicket, TicketsOf};

use super::looking::{NEWEST, Shown, View};

/// Tickets, the newest first; not who works on them.
pub(super) async fn tickets(view: &View<'_>) -> Result<Shown, Failure> {
    let most = i32::try_from(NEWEST + 1).unwrap_or(i32::MAX);
    let page = view.app.store().tickets(TicketsOf::Member(view.member.as_str()), None, most).await?;
    let ticket = |ticket: &ListedTicket| {
        json!({
            "ticket": ticket.ticket, "state": ticket.state, "queue": ticket.queue, "topic": ticket.topic,
            "opened_at": ticket.opened_at, "due": ticket.due, "resolved_at": ticket.resolved_at,
        })
    };
    let tickets: Vec<Value> = page.tickets.iter().map(ticket).collect();
    Ok(Shown::list(tickets, || view.address("tickets")))
}
