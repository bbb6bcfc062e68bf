//! Tiers and RFM-LS segments.
//!
//! The queue `tier` brings events of facts; whatever they say, the member is evaluated as the ledger stands, so repeats and any
//! order do no harm. A schedule just after midnight does what the new day brings. A floor is set by hand over HTTP.

mod floors;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use domain::event::Event;
use domain::id::MemberId;
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
            // What one evaluation has seen, the next event of the same member in this batch does not change.
            let done = Mutex::default();
            Ok(consume(event, |body| evaluate(app, body, &done, deadline)).await)
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

async fn evaluate(app: &App, body: Value, done: &Mutex<BTreeSet<MemberId>>, deadline: Instant) -> Result<(), Problem> {
    let event: Event = shaped(body)?;
    let known = |done: &BTreeSet<MemberId>| {
        done.contains(&event.member) || (planted!("bug-evaluated-once-for-all") && !done.is_empty())
    };
    if known(&done.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(());
    }
    app.evaluate(&event.member, deadline).await?;
    done.lock().unwrap_or_else(PoisonError::into_inner).insert(event.member);
    Ok(())
}
