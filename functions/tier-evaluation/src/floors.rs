//! The tier below which a member does not fall, set by hand.

use domain::ledger::command::{Command, Instruction};
use lambda::wire::{TierFloorReply, TierFloorRequest};
use lambda::{App, Keyed, Problem, Reply, Request, Scope};

/// `POST /v1/members/{member_id}/tier-floors`: sets it, until an instant and for a reason.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    principal.may(Scope::TiersWrite)?;
    let member = request.parameter("member_id", "member")?;
    let Keyed { body, stamp }: Keyed<TierFloorRequest> = request.keyed(app.now())?;
    let instruction = Instruction { stamp, command: Command::SetFloor(body.to_floor(&principal.subject)?) };
    let done = app.execute(&member, instruction, request.deadline).await??;
    Ok(Reply::ok(&TierFloorReply::new(&member, &done)?).replayed(done.replayed))
}
