//! `POST /v1/quotes`: what would happen, decided by the same code, written nowhere.

use domain::books::Stamp;
use domain::command::{Command, Instruction};
use domain::id::{ContentHash, MemberId, OperationId};
use domain::redemption::pay_with_points;
use lambda::wire::{
    ActivityReply, HoldRequest, PayWithPointsQuote, QuoteReply, QuoteRequest, RedemptionReply, RefundReply,
};
use lambda::{App, Problem, Reply, Request, Role, Scope};
use store::{Done, Setting};

pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    let allowed = |member: &MemberId| principal.may_for(Scope::QuotesRead, member);
    let reply = match request.body()? {
        QuoteRequest::Activity(event) => {
            let (member, instruction) = event.to_instruction(principal.role == Role::Admin)?;
            allowed(&member)?;
            let done = try_out(app, &member, instruction).await?;
            QuoteReply::Activity(Box::new(ActivityReply::new(&member, &done, &*app.programmes().await?)?))
        }
        QuoteRequest::Refund(quote) => {
            let (member, instruction) = quote.request.to_instruction(&quote.order_id)?;
            allowed(&member)?;
            QuoteReply::Refund(RefundReply::new(&member, &try_out(app, &member, instruction).await?)?)
        }
        QuoteRequest::Redemption(body) => {
            let (member, redeem) = body.to_redeem()?;
            allowed(&member)?;
            let stamp = unrecorded(app);
            let done = try_out(app, &member, Instruction { stamp, command: Command::Redeem(redeem) }).await?;
            QuoteReply::Redemption(RedemptionReply::new(&member, &done, None)?)
        }
        QuoteRequest::PayWithPoints(body) => {
            let (member, _) = body.to_hold()?;
            allowed(&member)?;
            QuoteReply::PayWithPoints(points_for(app, &body).await?)
        }
    };
    Ok(Reply::ok(&reply))
}

async fn try_out(app: &App, member: &MemberId, instruction: Instruction) -> Result<Done, Problem> {
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    Ok(app.store().try_out(member, &instruction, setting).await??)
}

/// A stamp that no entry will ever have.
fn unrecorded(app: &App) -> Stamp {
    Stamp { operation: OperationId([0; 16]), content: ContentHash([0; 8]), occurred_at: app.now() }
}

async fn points_for(app: &App, body: &HoldRequest) -> Result<PayWithPointsQuote, Problem> {
    let (member, hold) = body.to_hold()?;
    let programmes = app.programmes().await?;
    let (now, programme) = (app.now(), programmes.at(app.now()));
    let account = app.store().account_at(&member, now, now).await?;
    let active = account.map(|account| account.pockets.active_points()).unwrap_or_default();
    let usable = pay_with_points(programme, hold.order_net, hold.points.min(active));
    let most = pay_with_points(programme, hold.order_net, domain::quantity::Points(domain::quantity::Points::LIMIT));
    Ok(PayWithPointsQuote { points: usable.points, value_minor: usable.value, most_points: most.points, active })
}
