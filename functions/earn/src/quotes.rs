//! `POST /v1/quotes`: what would happen, decided by the same code, written nowhere.

use domain::kernel::id::{ContentHash, MemberId, OperationId};
use domain::kernel::quantity::Points;
use domain::kernel::stamp::Stamp;
use domain::ledger::account::Account;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::hold::{allowed, payable};
use domain::programme::setting::Setting;
use domain::programme::source::Sends;
use lambda::wire::{HoldRequest, RedemptionReply, RedemptionRequest};
use lambda::{App, Asked, Failure, Reply, Request};
use store::Done;

use crate::door::Door;
use crate::wire::{
    ActivityEvent, ActivityReply, PayWithPointsQuote, Quote, QuoteAnswer, QuoteReply, QuoteRequest, RefundReply,
    RefundRequest,
};

pub(crate) async fn post(app: &App, request: &Request) -> Result<Reply, Failure> {
    let Asked { member, body } = request.about::<QuoteRequest>()?;
    let reply = match &body {
        QuoteRequest::Activity(event) => of_activity(app, &member, event, request.principal()?.backdates()).await,
        QuoteRequest::Refund(quote) => of_refund(app, &member, quote).await,
        QuoteRequest::Redemption(body) => of_redemption(app, &member, body).await,
        QuoteRequest::PayWithPoints(body) => of_points(app, &member, body).await,
    };
    let as_of = app.now();
    reply.map(|quote| Reply::ok(&QuoteAnswer { quote, as_of })).map_err(|failure| failure.within(body.place()))
}

async fn of_activity(
    app: &App,
    member: &MemberId,
    event: &ActivityEvent,
    by: Option<Doer>,
) -> Result<QuoteReply, Failure> {
    let (_, instruction) = event.to_instruction(by)?;
    Door::of(app).await.admits(&event.source, Sends::Activities)?;
    let done = try_out(app, member, instruction).await?;
    Ok(QuoteReply::Activity(Box::new(ActivityReply::new(&done.member, &done, &*app.programmes().await?)?)))
}

async fn of_refund(app: &App, member: &MemberId, quote: &Quote<RefundRequest>) -> Result<QuoteReply, Failure> {
    let (_, instruction) = quote.request.to_instruction(&quote.order_id)?;
    Door::of(app).await.admits(&quote.request.source, Sends::Activities)?;
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let refunded = app.store().try_out_refund(Some(member), &instruction, setting).await??;
    Ok(QuoteReply::Refund(RefundReply::new(&refunded)?))
}

async fn of_redemption(app: &App, member: &MemberId, body: &RedemptionRequest) -> Result<QuoteReply, Failure> {
    let instruction = Instruction::keyed(unrecorded(app), Command::Redeem(body.to_redeem()?));
    let done = try_out(app, member, instruction).await?;
    Ok(QuoteReply::Redemption(RedemptionReply::new(member, &done, None)?))
}

/// How many points may pay for an order.
async fn of_points(app: &App, member: &MemberId, body: &HoldRequest) -> Result<QuoteReply, Failure> {
    let hold = body.to_hold()?;
    let programmes = app.programmes().await?;
    let now = app.now();
    let programme = programmes.at(now);
    let setting = Setting { programmes: &programmes, now };
    let account = app.store().account_at(member, now, setting).await?;
    let account = account.unwrap_or_else(|| Account::new(member.clone()));
    let active = account.pockets.active_points();
    let order = app.store().order_to_pay(&hold.order_id, setting).await?;
    let usable = payable(&account, programme, &hold, &order, now);
    let most_points = allowed(programme, hold.order_net, Points(Points::LIMIT)).points;
    let min_points = programme.document().redemption.pay_with_points.min_points;
    let (points, value_minor) = (usable.points, usable.value);
    Ok(QuoteReply::PayWithPoints(PayWithPointsQuote { points, value_minor, most_points, min_points, active }))
}

async fn try_out(app: &App, member: &MemberId, instruction: Instruction) -> Result<Done, Failure> {
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    Ok(app.store().try_out(member, &instruction, setting).await??)
}

/// A stamp that no entry will ever have.
fn unrecorded(app: &App) -> Stamp {
    Stamp { operation: OperationId([0; 16]), content: ContentHash([0; 8]), occurred_at: app.now() }
}
