//! Paying with points: hold at the checkout, then capture or release.

use domain::kernel::id::{ContentHash, EntryId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction};
use lambda::wire::{Balance, CaptureReply, HoldReply, HoldRequest, ReleaseReply};
use lambda::{App, Keyed, Problem, Reply, Request, Scope};
use store::Done;

/// `POST /v1/holds`: holds points for an order that is being paid.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Problem> {
    let Keyed { body, stamp }: Keyed<HoldRequest> = request.keyed(app.now())?;
    let (member, hold) = body.to_hold()?;
    request.principal()?.may_for(Scope::HoldsWrite, &member)?;
    let done = app.execute(&member, Instruction { stamp, command: Command::Hold(hold) }, request.deadline).await??;
    Ok(Reply::ok(&HoldReply::new(&member, &done)?).replayed(done.replayed))
}

/// `POST /v1/holds/{hold_id}/capture`: spends held points. The hold is its business key: it can happen once.
pub(crate) async fn capture(app: &App, request: &Request) -> Result<Reply, Problem> {
    let hold: EntryId = request.parameter("hold_id", "hold")?;
    let done = end(app, request, &hold, "capture", Scope::HoldsCapture).await?;
    Ok(Reply::ok(&CaptureReply::new(&hold.member, &done)?).replayed(done.replayed))
}

/// `POST /v1/holds/{hold_id}/release`: gives held points back. The hold is its business key: it can happen once.
pub(crate) async fn release(app: &App, request: &Request) -> Result<Reply, Problem> {
    let hold: EntryId = request.parameter("hold_id", "hold")?;
    let done = end(app, request, &hold, "release", Scope::HoldsWrite).await?;
    let reply = ReleaseReply { hold_id: hold.to_string(), balance: Balance::of(&done.pockets) };
    Ok(Reply::ok(&reply).replayed(done.replayed))
}

async fn end(app: &App, request: &Request, hold: &EntryId, step: &str, scope: Scope) -> Result<Done, Problem> {
    request.principal()?.may_for(scope, &hold.member)?;
    let stamp = Stamp {
        operation: OperationId::of_step(hold.sequence, step),
        content: ContentHash::of(&hold.sequence.into()),
        occurred_at: app.now(),
    };
    let hold_entry = hold.sequence;
    let command =
        if step == "capture" { Command::Capture { hold: hold_entry } } else { Command::Release { hold: hold_entry } };
    Ok(app.execute(&hold.member, Instruction { stamp, command }, request.deadline).await??)
}
