//! Paying with points: hold at the checkout, then capture or release.

use domain::kernel::id::{ContentHash, EntryId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction};
use lambda::wire::{Balance, HoldRequest};
use lambda::{App, Asked, Failure, Keyed, Problem, Reply, Request, Scope};
use store::Done;

use crate::wire::{CaptureReply, HoldReply, ReleaseReply};

/// `POST /v1/holds`: holds points for an order that is being paid.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body: Asked { member, body }, stamp } = request.asked::<HoldRequest>(app.now())?;
    let instruction = Instruction::keyed(stamp, Command::Hold(body.to_hold()?)).by(request.doer()?);
    let done = app.execute(&member, instruction, request.deadline).await??;
    Ok(Reply::ok(&HoldReply::new(&done.member, &done)?).replayed(done.replayed))
}

/// `POST /v1/holds/{hold_id}/capture`: spends held points. The hold is its business key: it can happen once.
pub(crate) async fn capture(app: &App, request: &Request) -> Result<Reply, Failure> {
    captures(app, request, request.entry()?).await
}

/// `POST /v1/orders/{order_id}/hold/capture`: the same, of the hold that an order has.
pub(crate) async fn capture_of(app: &App, request: &Request) -> Result<Reply, Failure> {
    captures(app, request, &of_order(app, request, Scope::HoldsCapture).await?).await
}

async fn captures(app: &App, request: &Request, hold: &EntryId) -> Result<Reply, Failure> {
    let done = end(app, request, hold, ("capture", Command::Capture { hold: hold.sequence })).await?;
    Ok(Reply::ok(&CaptureReply::new(&done.member, &done)?).replayed(done.replayed))
}

/// `POST /v1/holds/{hold_id}/release`: gives held points back. The hold is its business key: it can happen once.
pub(crate) async fn release(app: &App, request: &Request) -> Result<Reply, Failure> {
    releases(app, request, request.entry()?).await
}

/// `POST /v1/orders/{order_id}/hold/release`: the same, of the hold that an order has.
pub(crate) async fn release_of(app: &App, request: &Request) -> Result<Reply, Failure> {
    releases(app, request, &of_order(app, request, Scope::HoldsWrite).await?).await
}

/// The hold of the order that the path names; nothing of somebody else's.
async fn of_order(app: &App, request: &Request, scope: Scope) -> Result<EntryId, Failure> {
    let order: String = request.parameter("order_id", "order")?;
    let (hold, principal) = (app.store().held_for(&order).await?, request.principal()?);
    let hold = hold.filter(|hold| principal.may_for(scope, &hold.member).is_ok());
    hold.ok_or_else(|| Problem::not_found("hold").into())
}

async fn releases(app: &App, request: &Request, hold: &EntryId) -> Result<Reply, Failure> {
    let done = end(app, request, hold, ("release", Command::Release { hold: hold.sequence })).await?;
    let reply = ReleaseReply { hold_id: hold.to_string(), balance: Balance::of(&done.pockets) };
    Ok(Reply::ok(&reply).replayed(done.replayed))
}

async fn end(app: &App, request: &Request, hold: &EntryId, (step, command): (&str, Command)) -> Result<Done, Failure> {
    let EntryId { member, sequence } = hold;
    let stamp = Stamp {
        operation: OperationId::of_step(*sequence, step),
        content: ContentHash::of(&(*sequence).into()),
        occurred_at: app.now(),
    };
    Ok(app.execute(member, Instruction::keyed(stamp, command).by(request.doer()?), request.deadline).await??)
}
