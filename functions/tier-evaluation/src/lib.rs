//! Tiers and RFM-LS segments.
//!
//! A fact works out the tier itself. The queue `tier` names members whose scores it may have changed, or who were seen doing something
//! that the ledger does not tell; they are evaluated as the ledger stands, so repeats and any order do no harm. What a new day brings, upkeep settles. A floor is set by hand over HTTP.

mod floors;
mod wire;

use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::id::MemberId;
use domain::kernel::refusal::Refusal as _;
use domain::ledger::floor::SettingFloor;
use domain::ledger::membership::Gone;
use domain::planted;
use domain::signals::signal::SOURCE as SIGNALS;
use lambda::{
    Access, App, Consumer, Failure, Function, Key, Method, Route, Scope, Shape, Whose, call, consume, of_member, reply,
};
use serde_json::Value;
use store::Review;
use tokio::time::Instant;
use wire::{TierFloorReply, TierFloorRequest};

const ROUTES: &[Route<App>] = &[Route {
    method: Method::Post,
    path: "/v1/members/{member_id}/tier-floors",
    id: "setTierFloor",
    says: "Set the tier below which a member does not fall, until an instant and for a reason.",
    access: Access::Of(Scope::TiersWrite, Whose::Path("member_id")),
    key: Key::Header,
    shape: Shape::of::<TierFloorRequest>(&[reply::<TierFloorReply>(200, "Set")]),
    refuses: &[SettingFloor::CODES, Gone::CODES],
    call: call!(floors::post),
}];

/// That what a member did may have changed the scores.
const WANTS: &[&str] = &["perennial.seg.rescorewanted.v1"];

/// The function.
pub const FUNCTION: Function<App> = Function {
    name: "tier-evaluation",
    routes: ROUTES,
    queues: &[Consumer { queue: "TierQueue", wants: WANTS, work: call!(evaluate, deadline) }],
    streams: &[],
    schedules: &[],
};

/// The queue `tier`.
async fn evaluate(app: &App, event: SqsEvent, deadline: Instant) -> Value {
    let any = AtomicBool::new(false);
    consume(event, |body| ready(parse(body)), |member, events| evaluate_one(app, member, events, &any, deadline)).await
}

/// Whom an event is about, and how they are looked at; what else it says does not matter.
fn parse(body: Value) -> Result<(MemberId, Review), Failure> {
    let (member, event) = of_member(&body)?;
    Ok((member, if event.source == SIGNALS { Review::Seen } else { Review::Now }))
}

/// What one evaluation has seen, another event of the same member in this batch does not change.
async fn evaluate_one(
    app: &App,
    member: MemberId,
    events: Vec<Review>,
    any: &AtomicBool,
    deadline: Instant,
) -> Vec<Result<(), Failure>> {
    if any.swap(true, Ordering::Relaxed) && planted!("bug-evaluated-once-for-all") {
        return vec![Ok(()); events.len()];
    }
    let review = if events.contains(&Review::Seen) { Review::Seen } else { Review::Now };
    let outcome = app.evaluate(&member, review, deadline).await.map(drop).map_err(Failure::from);
    vec![outcome; events.len()]
}
