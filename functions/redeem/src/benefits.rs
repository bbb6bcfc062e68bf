//! Benefits of a tier: used, and taken back.

use domain::kernel::id::EntryId;
use domain::ledger::benefit::UseBenefit;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::reversal::ReverseBenefit;
use lambda::{App, Failure, Keyed, Problem, Reply, Request};

use crate::wire::{BenefitReversalReply, BenefitUseReply, Nothing};

/// `POST /v1/members/{member_id}/benefits/{benefit}/uses`: uses it once.
pub(crate) async fn use_one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let benefit: String = request.parameter("benefit", "benefit")?;
    let Keyed { body: Nothing {}, stamp } = request.keyed(app.now())?;
    let instruction =
        Instruction::keyed(stamp, Command::UseBenefit(UseBenefit { benefit, cause: None })).by(request.doer()?);
    let done = app.execute(member, instruction, request.deadline).await??;
    let programmes = app.programmes().await?;
    Ok(Reply::ok(&BenefitUseReply::new(&done.member, &done, &programmes)?).replayed(done.replayed))
}

/// `POST /v1/members/{member_id}/benefits/{benefit}/uses/{use_id}/reversals`: takes a use back.
pub(crate) async fn reverse(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let benefit: String = request.parameter("benefit", "benefit")?;
    let used: EntryId = request.parameter("use_id", "use")?;
    if used.member != *member {
        return Err(Problem::not_found("use").into());
    }
    let Keyed { body: Nothing {}, stamp } = request.keyed(app.now())?;
    let command = Command::ReverseBenefit(ReverseBenefit { benefit, used: used.sequence });
    let done = app.execute(member, Instruction::keyed(stamp, command).by(request.doer()?), request.deadline).await??;
    Ok(Reply::ok(&BenefitReversalReply::new(&done.member, &done)?).replayed(done.replayed))
}
