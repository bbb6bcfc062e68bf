//! The queue `desk`: steps of journeys, answers to surveys, benefits, and what becomes of members.

use std::future::ready;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::care::Standing;
use domain::desk::{About, Concern, Dissatisfied, dissatisfied, follow, is_ticket, reconsidered, ticket_of};
use domain::kernel::event::Event;
use domain::kernel::id::{ContentHash, MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use lambda::{Failure, Private, Problem, consume, of_member};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::desk::Desk;
use crate::opening::{Wanted, member_of, opened};

/// The types of events that are wanted.
pub(crate) const WANTS: &[&str] = &[
    STEP_DUE,
    CLOSED,
    ERASED,
    MERGED,
    GRANTED,
    WITHDRAWN,
    "perennial.voc.surveycompleted.v1",
    "perennial.voc.surveyrevised.v1",
];

const STEP_DUE: &str = "perennial.care.stepdue.v1";
const CLOSED: &str = "perennial.mem.memberclosed.v1";
const ERASED: &str = "perennial.mem.membererased.v1";
const MERGED: &str = "perennial.mem.membersmerged.v1";
const GRANTED: &str = "perennial.tier.benefitgranted.v1";
const WITHDRAWN: &str = "perennial.tier.benefitwithdrawn.v1";

/// The benefit that is an agent of one's own.
const MANAGER: &str = "dedicated-manager";

/// What a context is called among those that answer to an erasure.
const CONTEXT: &str = "desk";

/// Takes a batch in.
pub(crate) async fn take(app: &Private, event: SqsEvent, deadline: Instant) -> Value {
    consume(event, |body| ready(of_member(&body)), |member, events| work(app, member, events, deadline)).await
}

async fn work(app: &Private, member: MemberId, events: Vec<Event>, deadline: Instant) -> Vec<Result<(), Failure>> {
    let mut outcomes = Vec::with_capacity(events.len());
    for event in &events {
        outcomes.push(match Desk::of(app, deadline).await {
            Ok(desk) => take_in(&desk, &member, event).await,
            Err(error) => Err(error.into()),
        });
    }
    outcomes
}

fn said<'e>(event: &'e Event, field: &str) -> Option<&'e str> {
    event.data[field].as_str()
}

/// What is known by a name is done once.
fn once(desk: &Desk<'_>, event: &Event, name: &str) -> Stamp {
    let operation = OperationId::of_fact(&event.source, name, CONTEXT);
    Stamp { operation, content: ContentHash::of(&json!(name)), occurred_at: desk.now }
}

async fn take_in(desk: &Desk<'_>, member: &MemberId, event: &Event) -> Result<(), Failure> {
    let (store, mut patience) = (desk.app.store(), desk.app.patience(desk.deadline));
    match event.kind.as_str() {
        STEP_DUE if said(event, "do") == Some("ticket") => of_step(desk, member, event).await,
        GRANTED if said(event, "benefit") == Some(MANAGER) => {
            let Ok(known) = member_of(desk, member).await? else { return Ok(()) };
            let stamp = once(desk, event, &event.id);
            Ok(store.dedicate(&known.member, (stamp, desk.setting()), &mut patience).await?)
        }
        WITHDRAWN if said(event, "benefit") != Some(MANAGER) => Ok(()),
        CLOSED | WITHDRAWN => Ok(store.end_dedication(member, desk.setting(), &mut patience).await?),
        ERASED => forget(desk, member, event).await,
        MERGED => unite(desk, event).await,
        _ if !event.data["follow_up"].is_null() => of_answer(desk, member, event).await,
        _ => Ok(()),
    }
}

/// A step of a journey becomes a ticket.
async fn of_step(desk: &Desk<'_>, member: &MemberId, event: &Event) -> Result<(), Failure> {
    let origin = said(event, "origin").ok_or_else(|| Problem::invalid("/data/origin", "is missing"))?;
    let journey = said(event, "journey").unwrap_or_default();
    let journeys = &desk.programme().document().journey;
    let journey = journeys.iter().find(|own| own.id == journey);
    let alert = journey.is_some_and(|journey| journey.enter.starts_with("ins."));
    let place = journey.and_then(|journey| journey.key.iter().position(|key| key == "order"));
    let order = place.and_then(|place| event.data["key"][place].as_str());
    let about = About {
        source: if alert { "alert" } else { "journey" }.to_owned(),
        channel: "journey".to_owned(),
        order: order.map(str::to_owned),
        ..About::default()
    };
    of_itself(desk, member, (event, origin), (about, Concern::default())).await
}

/// An answer becomes a ticket, or is heard by the one that it is about.
async fn of_answer(desk: &Desk<'_>, member: &MemberId, event: &Event) -> Result<(), Failure> {
    let follow_up = &event.data["follow_up"];
    let invitation = said(event, "invitation").ok_or_else(|| Problem::invalid("/data/invitation", "is missing"))?;
    let about = About {
        source: "survey".to_owned(),
        channel: said(event, "channel").unwrap_or("survey").to_owned(),
        locale: said(event, "locale").unwrap_or_default().to_owned(),
        order: said(event, "order").map(str::to_owned),
        ..About::default()
    };
    let themes = event.data["themes"].as_array().into_iter().flatten();
    let concern = Concern {
        survey: said(event, "survey").unwrap_or_default().to_owned(),
        score: follow_up["score"].as_i64(),
        themes: themes.filter_map(|theme| theme["theme"].as_str().map(str::to_owned)).collect(),
        ..Concern::default()
    };
    match (follow_up["do"].as_str(), said(event, "ticket")) {
        (Some("ticket"), _) => of_itself(desk, member, (event, invitation), (about, concern)).await,
        (Some("reopen_and_escalate"), Some(ticket)) if is_ticket(ticket) => {
            low(desk, (event, invitation), ticket).await
        }
        (Some("note"), ticket) => {
            better(desk, event, ticket.filter(|ticket| is_ticket(ticket)).unwrap_or(&ticket_of(invitation))).await
        }
        _ => Ok(()),
    }
}

/// A score is high after one that was low: what that opened stays as it is, and hears of it.
async fn better(desk: &Desk<'_>, event: &Event, id: &str) -> Result<(), Failure> {
    let done = desk.run(desk.asked(id, Some(once(desk, event, &event.id))), |seen| {
        seen.ticket.map(|ticket| reconsidered(ticket, seen.scene).map(Into::into)).transpose()
    });
    // What is part of another, or was none, hears of nothing.
    done.await?.ok();
    Ok(())
}

/// Somebody is not satisfied with how a ticket was resolved.
async fn low(desk: &Desk<'_>, (event, invitation): (&Event, &str), id: &str) -> Result<(), Failure> {
    let resolution = event.data["resolution"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
    let stamp = once(desk, event, &format!("low {invitation}"));
    let done = desk.run(desk.asked(id, Some(stamp)), |seen| {
        let Some(ticket) = seen.ticket else { return Ok(None) };
        Ok(match dissatisfied(ticket, resolution, seen.scene)? {
            Dissatisfied::Heard(change) => Some((*change).into()),
            Dissatisfied::Follows => None,
        })
    });
    // What is part of another, or was none, is not opened again.
    let Ok(done) = done.await? else { return Ok(()) };
    if done.written || done.replayed {
        return Ok(());
    }
    let Some((ticket, _)) = desk.app.store().ticket(id).await? else { return Ok(()) };
    let Some(member) = &ticket.member else { return Ok(()) };
    let Ok(known) = member_of(desk, member).await? else { return Ok(()) };
    let queue = desk.programme().document().desk_queue.iter().find(|queue| queue.id == ticket.queue);
    let lead = queue.and_then(|queue| queue.lead.clone()).or_else(|| ticket.owner.clone());
    let origin = format!("csat|{invitation}");
    let about =
        About { source: "survey".to_owned(), origin: Some(origin.clone()), live: false, ..ticket.about.clone() };
    let wanted = Wanted {
        id: ticket_of(&origin),
        known: &known,
        about,
        concern: Concern::default(),
        correlation: ticket.correlation.clone(),
        follows: Some((&ticket, lead)),
        by: "survey",
        words: "",
    };
    opened(desk, wanted, once(desk, event, &origin)).await?.map(drop).map_err(|refusal| Failure::refused(&refusal))
}

/// What opens by itself: once for its origin. Nobody's is counted, and dropped.
async fn of_itself(
    desk: &Desk<'_>,
    member: &MemberId,
    (event, origin): (&Event, &str),
    (about, concern): (About, Concern),
) -> Result<(), Failure> {
    let Ok(known) = member_of(desk, member).await? else {
        tracing::info!(code = "unknown_member", "nobody has the ticket that is asked for");
        return Ok(());
    };
    let follow_up = &event.data["follow_up"];
    let names = |field: &str| said(event, field).or_else(|| follow_up[field].as_str()).map(str::to_owned);
    // What an answer names beside is where it was asked, not where it goes.
    let queue = if follow_up.is_null() { names("queue") } else { follow_up["queue"].as_str().map(str::to_owned) };
    let first = || desk.programme().document().members.locales.first().cloned();
    let spoken = Some(about.locale.clone()).filter(|locale| !locale.is_empty());
    let locale = spoken.or_else(|| known.person.locale.clone()).or_else(first).unwrap_or_default();
    let source = about.source.clone();
    let wanted = Wanted {
        id: ticket_of(origin),
        known: &known,
        about: About { topic: "other".to_owned(), locale, origin: Some(origin.to_owned()), ..about },
        concern: Concern { queue, policy: names("policy"), ..concern },
        correlation: said(event, "correlation").map_or_else(|| event.correlationid.to_string(), str::to_owned),
        follows: None,
        by: &source,
        words: said(event, "template").unwrap_or_default(),
    };
    opened(desk, wanted, once(desk, event, origin)).await?.map(drop).map_err(|refusal| Failure::refused(&refusal))
}

/// What was written of somebody who was erased, and of those for whom they stood, goes; it is said how much that was.
async fn forget(desk: &Desk<'_>, member: &MemberId, event: &Event) -> Result<(), Failure> {
    if desk.known(member).await?.person.standing != Standing::Erased {
        return Ok(()); // the message is of a time before a copy of the table was put back; the erasure is done again
    }
    let mut deleted = 0;
    for one in std::iter::once(member.clone()).chain(event.absorbed()) {
        deleted += desk.app.store().forget_words(&one).await?;
        let mut patience = desk.app.patience(desk.deadline);
        desk.app.store().end_dedication(&one, desk.setting(), &mut patience).await?;
    }
    desk.app.tell_members(&json!({"member": member, "context": CONTEXT, "deleted": deleted})).await
}

/// Tickets of somebody who became part of another are that one's; the agent of their own is the survivor's.
async fn unite(desk: &Desk<'_>, event: &Event) -> Result<(), Failure> {
    let (Some(survivor), Some(absorbed)) = (event.named("survivor"), event.named("absorbed")) else {
        return Err(Problem::invalid("/data", "the event names no two members").into());
    };
    let survivor = desk.known(&survivor).await?.member;
    if survivor == absorbed {
        return Ok(()); // they are two again
    }
    for ticket in desk.app.store().tickets_of(&absorbed).await? {
        let moved = desk.run(desk.asked(&ticket, None), |seen| {
            Ok(seen.ticket.and_then(|ticket| follow(ticket, &survivor, seen.scene)).map(Into::into))
        });
        moved.await?.map_err(|refusal| Failure::refused(&refusal))?;
    }
    let mut patience = desk.app.patience(desk.deadline);
    Ok(desk.app.store().end_dedication(&absorbed, desk.setting(), &mut patience).await?)
}
