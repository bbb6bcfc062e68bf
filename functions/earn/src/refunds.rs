//! `POST /v1/orders/{order_id}/refunds`: takes back what a returned order had earned.

use lambda::{App, Failure, Reply, Request};

use crate::wire::{RefundReply, RefundRequest};

pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let order_id: String = request.parameter("order_id", "order")?;
    let body: RefundRequest = request.body()?;
    let (member, instruction) = body.to_instruction(&order_id)?;
    let done = app.execute(&member, instruction, request.deadline).await??;
    Ok(Reply::ok(&RefundReply::new(&member, &done)?).replayed(done.replayed))
}
