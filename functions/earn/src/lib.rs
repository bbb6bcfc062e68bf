//! Purchases, behaviours, refunds and corrections become points.
//!
//! HTTP, and the queue `ingest` with one CloudEvent per message; those of one member in a batch become one write. A message that
//! is refused, or is no event, fails alone and ends in the dead-letter queue; a redelivered one finds its entry and changes nothing.

mod activities;
mod adjustments;
mod quotes;
mod refunds;

use lambda::{App, Problem, Reply, Request, Trigger, answer, consume};
use serde_json::Value;

/// Answers requests and consumes messages.
///
/// # Errors
/// The trigger is not one of this function's.
pub async fn handle(app: &App, trigger: Trigger) -> Result<Value, String> {
    match trigger {
        Trigger::Http(request) => Ok(answer(route(app, &request).await)),
        Trigger::Queue(event, deadline) => {
            let ingest = |member, instructions| activities::ingest(app, member, instructions, deadline);
            Ok(consume(event, activities::parse, ingest).await)
        }
        Trigger::Stream(..) | Trigger::Schedule(_) => Err("`earn` has no stream and no schedule".to_owned()),
    }
}

async fn route(app: &App, request: &Request) -> Result<Reply, Problem> {
    match request.route.as_str() {
        "POST /v1/activities" => activities::post(app, request).await,
        "POST /v1/activities/batch" => activities::post_batch(app, request).await,
        "POST /v1/orders/{order_id}/refunds" => refunds::post(app, request).await,
        "POST /v1/adjustments" => adjustments::post(app, request).await,
        "POST /v1/adjustments/{adjustment_id}/approvals" => adjustments::approve(app, request).await,
        "POST /v1/quotes" => quotes::post(app, request).await,
        _ => Err(Problem::not_found("route")),
    }
}
