//! Corrections by hand.

use domain::kernel::id::{ContentHash, EntryId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::adjustment::Approve;
use domain::ledger::command::{Command, Instruction};
use lambda::{App, Failure, Keyed, Reply, Request};

use crate::wire::{AdjustmentReply, AdjustmentRequest, AdjustmentStatus};

/// `POST /v1/adjustments`: posts a correction, or notes that it waits for a second person (202).
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body, stamp }: Keyed<AdjustmentRequest> = request.keyed(app.now())?;
    let (member, adjust) = body.to_adjust()?;
    let instruction = Instruction::keyed(stamp, Command::Adjust(adjust)).by(request.doer()?);
    let done = app.execute(&member, instruction, request.deadline).await??;
    let reply = AdjustmentReply::new(&done.member, &done);
    let status = if reply.status == AdjustmentStatus::PendingApproval { 202 } else { 200 };
    Ok(Reply::with_status(status, &reply).replayed(done.replayed))
}

/// `POST /v1/adjustments/{adjustment_id}/approvals`: a second person approves; it can happen once.
pub(crate) async fn approve(app: &App, request: &Request) -> Result<Reply, Failure> {
    let EntryId { member, sequence } = request.entry()?;
    let stamp = Stamp {
        operation: OperationId::of_step(*sequence, "approval"),
        content: ContentHash::of(&(*sequence).into()),
        occurred_at: app.now(),
    };
    let approve = Command::Approve(Approve { request: *sequence });
    let instruction = Instruction::keyed(stamp, approve).by(request.doer()?);
    let done = app.execute(member, instruction, request.deadline).await??;
    Ok(Reply::ok(&AdjustmentReply::new(&done.member, &done)).replayed(done.replayed))
}
