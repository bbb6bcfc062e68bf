//! Benefits of a tier, used.

use domain::ledger::benefit::UseBenefit;
use domain::ledger::command::{Command, Instruction};
use lambda::{App, Failure, Keyed, Reply, Request};

use crate::wire::{BenefitUseReply, Nothing};

/// `POST /v1/members/{member_id}/benefits/{benefit}/uses`: uses it once.
pub(crate) async fn use_one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let benefit: String = request.parameter("benefit", "benefit")?;
    let Keyed { body: Nothing {}, stamp } = request.keyed(app.now())?;
    let instruction = Instruction::keyed(stamp, Command::UseBenefit(UseBenefit { benefit })).by(request.doer()?);
    let done = app.execute(member, instruction, request.deadline).await??;
    let programmes = app.programmes().await?;
    Ok(Reply::ok(&BenefitUseReply::new(member, &done, &programmes)?).replayed(done.replayed))
}
