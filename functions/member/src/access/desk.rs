//! What a member said to the service desk, and what was answered: a ticket a line, the newest first; no notes, and nobody's name.

use lambda::Failure;
use serde_json::{Value, json};
use store::{LogRow, TicketPlace, TicketsOf};

use super::gathering::Gathering;
use crate::wire::part::Part;

/// So many tickets are read at once, each with its log.
const AT_ONCE: i32 = 20;

pub(super) async fn tickets(from: &Gathering<'_>, after: Option<&str>) -> Result<Part, Failure> {
    let store = from.app.store();
    let after: Option<TicketPlace> = after.and_then(|place| place.parse().ok());
    let page = store.tickets(TicketsOf::Member(from.whose.as_str()), after.as_ref(), AT_ONCE).await?;
    let mut lines = Vec::new();
    for listed in page.tickets.iter().filter(|ticket| ticket.opened_at <= from.as_of) {
        let Some((ticket, _)) = store.ticket(&listed.ticket).await? else { continue };
        let rows = store.ticket_log(from.app.keys(), &listed.ticket, from.as_of).await?;
        let said: Vec<Value> = rows.iter().filter(|row| row.public && row.at <= from.as_of).map(said).collect();
        lines.push(json!({
            "ticket": ticket.id, "topic": ticket.about.topic, "channel": ticket.about.channel, "order": ticket.about.order,
            "opened_at": ticket.opened_at, "state": ticket.state().name(), "said": said,
        }));
    }
    Ok(Part::lines(&lines, page.next.map(|place| place.to_string())))
}

fn said(row: &LogRow) -> Value {
    let by = if row.by == "member" { "member" } else { "agent" };
    json!({"at": row.at, "what": row.kind, "by": by, "text": row.text})
}
