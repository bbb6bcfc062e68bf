//! The tier below which a member does not fall, set by hand.

use domain::ledger::command::{Command, Instruction};
use lambda::{App, Failure, Keyed, Reply, Request};

use crate::wire::{TierFloorReply, TierFloorRequest};

/// `POST /v1/members/{member_id}/tier-floors`: sets it, until an instant and for a reason.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let Keyed { body, stamp }: Keyed<TierFloorRequest> = request.keyed(app.now())?;
    let instruction = Instruction::keyed(stamp, Command::SetFloor(body.to_floor()?)).by(request.doer()?);
    let done = app.execute(member, instruction, request.deadline).await??;
    Ok(Reply::ok(&TierFloorReply::new(&done.member, &done)?).replayed(done.replayed))
}
