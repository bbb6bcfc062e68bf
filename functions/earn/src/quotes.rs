//! `POST /v1/quotes`: what would happen, decided by the same code, written nowhere.

use domain::kernel::id::{ContentHash, MemberId, OperationId};
use domain::kernel::quantity::Points;
use domain::kernel::stamp::Stamp;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::hold::pay_with_points;
use lambda::wire::{
    ActivityEvent, ActivityReply, HoldRequest, PayWithPointsQuote, Quote, QuoteReply, QuoteRequest, RedemptionReply,
    RedemptionRequest, RefundReply, RefundRequest,
};
use lambda::{App, Principal, Problem, Reply, Request, Role, Scope};
use store::{Done, Setting};

pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Problem> {
    let principal = request.principal()?;
    let (place, reply) = match request.body()? {
        QuoteRequest::Activity(event) => ("/activity", of_activity(app, principal, &event).await),
        QuoteRequest::Refund(quote) => ("/refund/request", of_refund(app, principal, &quote).await),
        QuoteRequest::Redemption(body) => ("/redemption", of_redemption(app, principal, &body).await),
        QuoteRequest::PayWithPoints(body) => ("/pay_with_points", of_points(app, principal, &body).await),
    };
    reply.map(|reply| Reply::ok(&reply)).map_err(|problem| problem.within(place))
}

async fn of_activity(app: &App, principal: &Principal, event: &ActivityEvent) -> Result<QuoteReply, Problem> {
    let (member, instruction) = event.to_instruction(principal.role == Role::Admin)?;
    principal.may_for(Scope::QuotesRead, &member)?;
    let done = try_out(app, &member, instruction).await?;
    Ok(QuoteReply::Activity(Box::new(ActivityReply::new(&member, &done, &*app.programmes().await?)?)))
}

async fn of_refund(app: &App, principal: &Principal, quote: &Quote<RefundRequest>) -> Result<QuoteReply, Problem> {
    let (member, instruction) = quote.request.to_instruction(&quote.order_id)?;
    principal.may_for(Scope::QuotesRead, &member)?;
    Ok(QuoteReply::Refund(RefundReply::new(&member, &try_out(app, &member, instruction).await?)?))
}

async fn of_redemption(app: &App, principal: &Principal, body: &RedemptionRequest) -> Result<QuoteReply, Problem> {
    let (member, redeem) = body.to_redeem()?;
    principal.may_for(Scope::QuotesRead, &member)?;
    let instruction = Instruction { stamp: unrecorded(app), command: Command::Redeem(redeem) };
    let done = try_out(app, &member, instruction).await?;
    Ok(QuoteReply::Redemption(RedemptionReply::new(&member, &done, None)?))
}

/// How many points may pay for an order.
async fn of_points(app: &App, principal: &Principal, body: &HoldRequest) -> Result<QuoteReply, Problem> {
    let (member, hold) = body.to_hold()?;
    principal.may_for(Scope::QuotesRead, &member)?;
    let programmes = app.programmes().await?;
    let (now, programme) = (app.now(), programmes.at(app.now()));
    let setting = Setting { programmes: &programmes, now };
    let account = app.store().account_at(&member, now, setting).await?;
    let active = account.map(|account| account.pockets.active_points()).unwrap_or_default();
    let usable = pay_with_points(programme, hold.order_net, hold.points.min(active));
    let most = pay_with_points(programme, hold.order_net, Points(Points::LIMIT));
    let quote =
        PayWithPointsQuote { points: usable.points, value_minor: usable.value, most_points: most.points, active };
    Ok(QuoteReply::PayWithPoints(quote))
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
