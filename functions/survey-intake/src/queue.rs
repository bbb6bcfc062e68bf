//! The queue `voice`: what others tell.

use std::future::ready;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::event::Event;
use domain::kernel::id::MemberId;
use lambda::{Failure, consume, shaped};
use serde_json::{Value, json};
use store::StoreError;
use surveys::Heard;
use tokio::time::Instant;

use crate::context::Surveyor;

/// What a context is called among those that answer to an erasure.
const CONTEXT: &str = "voice";

/// Takes a batch in.
pub(crate) async fn take(surveyor: &Surveyor, event: SqsEvent, deadline: Instant) -> Value {
    consume(event, |body| ready(parse(&body)), |member, events| work(surveyor, member, events, deadline)).await
}

/// A ticket that is nobody's is asked nothing of.
fn parse(body: &Value) -> Result<(Option<MemberId>, Event), Failure> {
    let event: Event = shaped(body)?;
    Ok((event.member.clone(), event))
}

/// Events of one member, in the order in which they happened.
async fn work(
    surveyor: &Surveyor,
    member: Option<MemberId>,
    events: Vec<Event>,
    deadline: Instant,
) -> Vec<Result<(), Failure>> {
    let mut outcomes: Vec<Result<(), Failure>> = events.iter().map(|_| Ok(())).collect();
    let Some(member) = member else { return outcomes };
    let mut order: Vec<(usize, &Event)> = events.iter().enumerate().collect();
    order.sort_by_key(|(_, event)| (event.time, event.sequence));
    for (place, event) in order {
        let outcome = take_in(surveyor, (event, &member), deadline).await;
        if let Some(own) = outcomes.get_mut(place) {
            *own = outcome;
        }
    }
    outcomes
}

async fn take_in(surveyor: &Surveyor, heard: (&Event, &MemberId), deadline: Instant) -> Result<(), Failure> {
    if Instant::now() >= deadline {
        return Err(StoreError::Busy.into());
    }
    match surveyor.surveys().await?.hear(heard, &mut surveyor.patience(deadline)).await? {
        Heard::Done => Ok(()),
        Heard::Erased(deleted) => {
            let (_, member) = heard;
            surveyor.tell_members(&json!({"member": member, "context": CONTEXT, "deleted": deleted})).await
        }
    }
}
