//! Every five minutes: warnings, breaches, closings and lapses, each with its own instant; what agents who are gone leave; and offers.

use domain::desk::{Record, give_back, lapsing, tick};
use domain::kernel::change::Change;
use lambda::{Broken, Failure, Private, each_due};
use serde_json::Value;
use store::{Gives, Moved, StoreError, TicketAsked, TicketDecided, TicketsOf};
use tokio::time::Instant;

use crate::desk::Desk;

/// What is read of an agent's tickets at once, and offered of a queue in one run.
const AT_ONCE: i32 = 100;

/// Writes what time has done, ticket by ticket, through the index of what is due.
pub(crate) async fn run(app: &Private, deadline: Instant) -> Result<Value, Broken> {
    let desk = Desk::of(app, deadline).await.map_err(Broken::by)?;
    let due = |shard| app.store().due_tickets(shard, desk.now);
    let swept = each_due(deadline, due, |ticket| settle(&desk, ticket)).await?;
    leave(&desk).await.map_err(Broken::by)?;
    offer(&desk).await.map_err(Broken::by)?;
    Ok(swept)
}

async fn settle(desk: &Desk<'_>, id: String) -> Result<bool, Failure> {
    let Some((ticket, _)) = desk.app.store().ticket(&id).await? else { return Ok(false) };
    // Budgets are read where something may lapse.
    let lapses = ticket.member.as_ref().filter(|_| !lapsing(&ticket, desk.scene()).is_empty());
    let gives = lapses.map(|member| Gives { agent: "", member, item: "", stock: None });
    let asked = TicketAsked { gives, ..desk.asked(&id, None) };
    let done = desk.run(asked, |seen| {
        let Some(ticket) = seen.ticket else { return Ok(None) };
        let change = tick(ticket, seen.scene).unwrap_or_else(|| Change::to(ticket.clone()));
        Ok(Some(TicketDecided { change, other: None, moved: Moved::lapsed(ticket, seen.scene) }))
    });
    Ok(done.await?.is_ok_and(|done| done.written))
}

/// What nobody has looked at of those who are gone goes back to its queue.
async fn leave(desk: &Desk<'_>) -> Result<(), StoreError> {
    let gone = |record: &Record| record.gives_back_at().is_some_and(|at| at <= desk.now);
    let agents = desk.app.store().agents(Some("offline")).await?;
    for agent in agents.iter().filter(|record| gone(record)) {
        let mut after = None;
        loop {
            let page = desk
                .app
                .store()
                .tickets_in(TicketsOf::Owner(&agent.id), (after.as_ref(), AT_ONCE), Some("new"))
                .await?;
            for ticket in &page.tickets {
                let given = desk.run(desk.asked(&ticket.ticket, None), |seen| {
                    let Some(ticket) = seen.ticket else { return Ok(None) };
                    Ok(give_back(ticket, &agent.id, seen.scene)?.map(Into::into))
                });
                // What is refused is over meanwhile.
                given.await?.ok();
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        desk.app.store().gave_back(&agent.id, desk.setting(), &mut desk.app.patience(desk.deadline)).await?;
    }
    Ok(())
}

/// Offers what nobody owns to those who are there and have room.
async fn offer(desk: &Desk<'_>) -> Result<(), StoreError> {
    let agents = desk.app.store().agents(Some("available")).await?;
    for queue in &desk.programme().document().desk_queue {
        let able = agents.iter().filter(|agent| agent.said.queues.contains(&queue.id));
        let room: u32 = able.map(|agent| agent.said.capacity.saturating_sub(agent.open)).fold(0, u32::saturating_add);
        let most = i32::try_from(room).unwrap_or(AT_ONCE).min(AT_ONCE);
        if most > 0 && Instant::now() < desk.deadline {
            desk.offer_waiting(std::slice::from_ref(&queue.id), most).await?;
        }
    }
    Ok(())
}
