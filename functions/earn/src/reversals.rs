//! `POST /v1/activities/reversals`: takes back what a fact that is no order has earned; before the fact, it waits for it.

use domain::programme::source::Sends;
use lambda::{App, Failure, Reply, Request};
use store::Reversed;

use crate::door::Door;
use crate::wire::{ActivityReversalReply, ActivityReversalRequest};

pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let body: ActivityReversalRequest = request.body()?;
    let (member, instruction) = body.to_instruction()?;
    Door::of(app).await.admits(&body.source, Sends::Activities)?;
    let reversed = app.reverse_activity(&member, &instruction.by(request.doer()?), request.deadline).await??;
    let replayed = match &reversed {
        Reversed::Recorded(done) => done.replayed,
        Reversed::Parked { replayed } => *replayed,
    };
    Ok(Reply::ok(&ActivityReversalReply::new(&member, &reversed)?).replayed(replayed))
}
