//! `POST /v1/orders/{order_id}/moves`: an order that was credited to the wrong member goes to the right one.

use domain::ledger::moving::Move;
use lambda::{App, Failure, Keyed, Problem, Reply, Request};
use store::{MoveOrder, OrderMoved, StoreError};

use crate::wire::{MoveReply, MoveRequest};

pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let order_id: String = request.parameter("order_id", "order")?;
    let Keyed { body, stamp }: Keyed<MoveRequest> = request.keyed(app.now())?;
    let by = request.doer()?.ok_or_else(|| StoreError::bug("a member may not move an order"))?;
    let to = body.to()?;
    let order = Move { order_id: order_id.clone(), name: stamp.operation.to_string(), reason: body.reason()?, by };
    let asked = MoveOrder { order, source: body.source, to: to.clone(), stamp };
    let moved = app.move_order(&asked, request.deadline).await?.map_err(|refusal| Problem::refused(&refusal))?;
    let (status, replayed) = match &moved {
        OrderMoved::Done { replayed, .. } => (200, *replayed),
        OrderMoved::Waits { replayed, .. } => (202, *replayed),
    };
    Ok(Reply::with_status(status, &MoveReply::new(order_id, &to, &moved)?).replayed(replayed))
}
