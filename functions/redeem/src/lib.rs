//! Points are spent: rewards, donations, paying at a checkout, vouchers; and taken back.

mod benefits;
mod holds;
mod redemptions;
mod rewards;
mod vouchers;

use lambda::{App, Problem, Reply, Request, Trigger, answer};
use serde_json::Value;

/// Answers requests.
///
/// # Errors
/// The trigger is not one of this function's.
pub async fn handle(app: &App, trigger: Trigger) -> Result<Value, String> {
    match trigger {
        Trigger::Http(request) => Ok(answer(route(app, &request).await)),
        Trigger::Queue(..) | Trigger::Stream(..) | Trigger::Schedule(_) => {
            Err("`redeem` only answers requests".to_owned())
        }
    }
}

async fn route(app: &App, request: &Request) -> Result<Reply, Problem> {
    match request.route.as_str() {
        "POST /v1/redemptions" => redemptions::post(app, request).await,
        "POST /v1/redemptions/{redemption_id}/reversals" => redemptions::reverse(app, request).await,
        "POST /v1/donations" => redemptions::donate(app, request).await,
        "POST /v1/holds" => holds::post(app, request).await,
        "POST /v1/holds/{hold_id}/capture" => holds::capture(app, request).await,
        "POST /v1/holds/{hold_id}/release" => holds::release(app, request).await,
        "POST /v1/vouchers/{code}/uses" => vouchers::use_one(app, request).await,
        "POST /v1/members/{member_id}/benefits/{benefit}/uses" => benefits::use_one(app, request).await,
        "GET /v1/members/{member_id}/rewards" => rewards::get(app, request).await,
        _ => Err(Problem::not_found("route")),
    }
}
