//! `POST /v1/activities/reversals`: takes back what a fact that is no order has earned.

use lambda::{App, Failure, Reply, Request};

use crate::wire::{ActivityReversalReply, ActivityReversalRequest};

pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let body: ActivityReversalRequest = request.body()?;
    let (member, instruction) = body.to_instruction()?;
    let done = app.execute(&member, instruction.by(request.doer()?), request.deadline).await??;
    Ok(Reply::ok(&ActivityReversalReply::new(&member, &done)?).replayed(done.replayed))
}
