//! Tiers and RFM-LS segments.
//!
//! The queue `tier` brings events of facts; whatever they say, the member is evaluated as the ledger stands, so repeats and any
//! order do no harm. A schedule just after midnight does what the new day brings. A floor is set by hand over HTTP.

mod floors;

use std::sync::atomic::{AtomicBool, Ordering};

use domain::kernel::event::Event;
use domain::kernel::id::MemberId;
use domain::planted;
use lambda::{App, Problem, Reply, Request, Trigger, answer, consume, shaped, sweep};
use serde_json::Value;
use tokio::time::Instant;

/// Consumes events, answers requests, and sweeps.
///
/// # Errors
/// The trigger is not one of this function's, or a sweep fails; the next does what it left.
pub async fn handle(app: &App, trigger: Trigger) -> Result<Value, String> {
    match trigger {
        Trigger::Http(request) => Ok(answer(route(app, &request).await)),
        Trigger::Queue(event, deadline) => {
            let done = AtomicBool::new(false);
            Ok(consume(event, parse, |member, events| evaluate(app, member, events, (&done, deadline))).await)
        }
        Trigger::Schedule(deadline) => sweep(app, deadline).await,
        Trigger::Stream(..) => Err("`tier-evaluation` reads no stream".to_owned()),
    }
}

async fn route(app: &App, request: &Request) -> Result<Reply, Problem> {
    match request.route.as_str() {
        "POST /v1/members/{member_id}/tier-floors" => floors::post(app, request).await,
        _ => Err(Problem::not_found("route")),
    }
}

/// Whom an event is about; what it says does not matter.
fn parse(body: Value) -> Result<(MemberId, ()), Problem> {
    let event: Event = shaped(body)?;
    Ok((event.member, ()))
}

/// What one evaluation has seen, another event of the same member in this batch does not change.
async fn evaluate(
    app: &App,
    member: MemberId,
    events: Vec<()>,
    (any, deadline): (&AtomicBool, Instant),
) -> Vec<Result<(), Problem>> {
    if any.swap(true, Ordering::Relaxed) && planted!("bug-evaluated-once-for-all") {
        return vec![Ok(()); events.len()];
    }
    let outcome = app.evaluate(&member, deadline).await.map(drop).map_err(Problem::from);
    vec![outcome; events.len()]
}
