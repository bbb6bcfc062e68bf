//! Rewards and donations.

use domain::kernel::id::EntryId;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::voucher::{Issued, VoucherCode};
use lambda::wire::{RedemptionReply, RedemptionRequest};
use lambda::{App, Asked, Failure, Keyed, Reply, Request};

use crate::wire::{DonationReply, DonationRequest, ReversalReply, ReversalRequest};

/// `POST /v1/redemptions`: spends points on a reward.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body: Asked { member, body }, stamp } = request.asked::<RedemptionRequest>(app.now())?;
    let instruction = Instruction::keyed(stamp, Command::Redeem(body.to_redeem()?)).by(request.doer()?);
    let done = app.execute(&member, instruction, request.deadline).await??;
    let code = match Issued::by(&done.entry) {
        Some(issued) => {
            let secret = app.store().voucher_secret().await?;
            Some(VoucherCode::derive(&secret, &done.member, &issued).to_string())
        }
        None => None,
    };
    Ok(Reply::ok(&RedemptionReply::new(&member, &done, code)?).replayed(done.replayed))
}

/// `POST /v1/donations`: gives points to a project.
pub(crate) async fn donate(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body: Asked { member, body }, stamp } = request.asked::<DonationRequest>(app.now())?;
    let instruction = Instruction::keyed(stamp, Command::Redeem(body.to_redeem()?)).by(request.doer()?);
    let done = app.execute(&member, instruction, request.deadline).await??;
    let programmes = app.programmes().await?;
    let reward = programmes.numbered(done.entry.programme).and_then(|programme| programme.reward(&body.reward));
    let (project, value) =
        reward.and_then(|reward| Some((reward.project.clone()?, reward.value_minor?))).unwrap_or_default();
    Ok(Reply::ok(&DonationReply::new(&done.member, &done, project, value)).replayed(done.replayed))
}

/// `POST /v1/redemptions/{redemption_id}/reversals`: takes a redemption back.
pub(crate) async fn reverse(app: &App, request: &Request) -> Result<Reply, Failure> {
    let EntryId { member, sequence } = request.entry()?;
    let Keyed { body, stamp }: Keyed<ReversalRequest> = request.keyed(app.now())?;
    let instruction = Instruction::keyed(stamp, Command::Reverse(body.to_reverse(*sequence)?)).by(request.doer()?);
    let done = app.execute(member, instruction, request.deadline).await??;
    Ok(Reply::ok(&ReversalReply::new(&done.member, &done)?).replayed(done.replayed))
}
