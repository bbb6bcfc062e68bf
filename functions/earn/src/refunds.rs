//! Refunds: what a returned order had earned is taken back; before their order they wait for it.

use domain::programme::setting::Setting;
use domain::programme::source::Sends;
use lambda::{App, Failure, Problem, Reply, Request, Role};
use store::Refunded;

use crate::door::Door;
use crate::wire::{After, ParkedReply, ParkedView, RefundReply, RefundRequest};

/// `POST /v1/orders/{order_id}/refunds`.
pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let order_id: String = request.parameter("order_id", "order")?;
    let body: RefundRequest = request.body()?;
    let (member, instruction) = body.to_instruction(&order_id)?;
    Door::of(app).await.admits(&body.source, Sends::Activities)?;
    let refunded = app.refund(member.as_ref(), &instruction, request.deadline).await??;
    let replayed = match &refunded {
        Refunded::Recorded { done, .. } => done.replayed,
        Refunded::Parked { replayed, .. } => *replayed,
    };
    Ok(Reply::ok(&RefundReply::new(&refunded)?).replayed(replayed))
}

/// `GET /v1/refunds/parked`: a partner sees what came from itself.
pub(crate) async fn parked(app: &App, request: &Request) -> Result<Reply, Failure> {
    let limit: i32 = request.query("limit", "a number from 1 to 100")?.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Problem::bad_request("invalid_parameter", "`limit` must be a number from 1 to 100").into());
    }
    let after: Option<After> = request.query("after", "what `next` said")?;
    let (parked, next) = app.store().parked(limit, after.map(|After(place)| place)).await?;
    let caller = request.principal()?;
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let own = |source: &str| caller.role != Role::Partner || source == caller.subject;
    let refunds =
        parked.iter().filter_map(|parked| Some((parked, parked.takes.refund().filter(|refund| own(&refund.source))?)));
    let refunds = refunds.map(|(parked, refund)| ParkedView::new(parked, refund, setting));
    Ok(Reply::ok(&ParkedReply { refunds: refunds.collect(), next: next.map(|place| After(place).to_string()) }))
}
