//! Balances, statements, entries with their explanation and proof. Reads only.

use domain::kernel::id::{EntryId, MemberId};
use domain::ledger::account::Account;
use domain::ledger::outlook::outlook;
use domain::planted;
use domain::programme::compiled::Programmes;
use jiff::Timestamp;
use lambda::wire::{
    BalanceReply, EntriesReply, EntryReply, EntryView, Explanation, LotsReply, Proof, SegmentReply, TierReply,
};
use lambda::{App, Problem, Reply, Request, Scope, Trigger, answer};
use serde_json::Value;
use store::Setting;

/// Answers requests.
///
/// # Errors
/// The trigger is not one of this function's.
pub async fn handle(app: &App, trigger: Trigger) -> Result<Value, String> {
    match trigger {
        Trigger::Http(request) => Ok(answer(route(app, &request).await)),
        Trigger::Queue(..) | Trigger::Stream(..) | Trigger::Schedule(_) => {
            Err("`account` only answers requests".to_owned())
        }
    }
}

async fn route(app: &App, request: &Request) -> Result<Reply, Problem> {
    match request.route.as_str() {
        "GET /v1/members/{member_id}/balance" => balance(app, request).await,
        "GET /v1/members/{member_id}/entries" => entries(app, request).await,
        "GET /v1/members/{member_id}/lots" => lots(app, request).await,
        "GET /v1/members/{member_id}/tier" => tier(app, request).await,
        "GET /v1/members/{member_id}/segment" => segment(app, request).await,
        "GET /v1/entries/{entry_id}" => entry(app, request).await,
        "GET /openapi.json" => Ok(Reply::text(include_str!("../openapi.json"))),
        _ => Err(Problem::not_found("route")),
    }
}

fn member_of(request: &Request) -> Result<MemberId, Problem> {
    let member = request.parameter("member_id", "member")?;
    request.principal()?.may_for(Scope::LedgerRead, &member)?;
    Ok(member)
}

async fn account_at(app: &App, member: &MemberId, at: Timestamp, setting: Setting<'_>) -> Result<Account, Problem> {
    app.store().account_at(member, at, setting).await?.ok_or_else(|| Problem::not_found("member"))
}

/// The balance now, in the past, or as it will be if nothing but time happens.
async fn balance(app: &App, request: &Request) -> Result<Reply, Problem> {
    let member = member_of(request)?;
    let now = app.now();
    let as_of: Timestamp = request.query("as_of", "an instant such as 2026-11-22T10:00:00Z")?.unwrap_or(now);
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now };
    let account = account_at(app, &member, as_of, setting).await?;
    Ok(Reply::ok(&BalanceReply::new(&account, programmes.at(as_of), as_of)))
}

/// The lots: what expires when, what activates when.
async fn lots(app: &App, request: &Request) -> Result<Reply, Problem> {
    let member = member_of(request)?;
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let account = account_at(app, &member, setting.now, setting).await?;
    Ok(Reply::ok(&LotsReply::new(&account)))
}

/// The tier, and how it stands.
async fn tier(app: &App, request: &Request) -> Result<Reply, Problem> {
    let member = member_of(request)?;
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let account = account_at(app, &member, setting.now, setting).await?;
    Ok(Reply::ok(&TierReply::new(&member, outlook(&account, setting))))
}

/// The scores as they are today, worked out from the ledger.
async fn segment(app: &App, request: &Request) -> Result<Reply, Problem> {
    let member = member_of(request)?;
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let programme = programmes.at(setting.now);
    let (account, scored) = app.store().scored(&member, setting).await?.ok_or_else(|| Problem::not_found("member"))?;
    let scored = scored.ok_or_else(|| Problem::not_found("segment"))?;
    Ok(Reply::ok(&SegmentReply::new(&member, scored, account.score.as_ref(), programme)))
}

/// The statement, newest first; `after` goes on where the last answer ended.
async fn entries(app: &App, request: &Request) -> Result<Reply, Problem> {
    let member = member_of(request)?;
    let limit: usize = request.query("limit", "a number from 1 to 100")?.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Problem::bad_request("invalid_parameter", "`limit` must be a number from 1 to 100"));
    }
    let after: Option<EntryId> = request.query("after", "what `next` said")?;
    let foreign = after.as_ref().is_some_and(|after| after.member != member);
    if foreign {
        return Err(Problem::bad_request("invalid_parameter", "`after` must be what `next` said"));
    }
    let newest = after.map(|after| after.sequence - u64::from(!planted!("bug-statement-overlaps")));
    let page = app.store().entries(&member, newest, limit).await?;
    let programmes = app.programmes().await?;
    let next = page.next.map(|next| EntryId { member: member.clone(), sequence: next + 1 }.to_string());
    let entries = page.entries.iter().map(|entry| EntryView::new(&member, entry, &programmes)).collect();
    Ok(Reply::ok(&EntriesReply { entries, next }))
}

/// One entry, why it is what it is, and its link in the hash chain.
async fn entry(app: &App, request: &Request) -> Result<Reply, Problem> {
    let EntryId { member, sequence } = request.parameter("entry_id", "entry")?;
    request.principal()?.may_for(Scope::LedgerRead, &member)?;
    let (entry, previous) = app.store().entry(&member, sequence).await?.ok_or_else(|| Problem::not_found("entry"))?;
    let programmes: &Programmes = &*app.programmes().await?;
    Ok(Reply::ok(&EntryReply {
        explanation: Explanation::of(&entry, programmes),
        proof: Proof::new(&entry, previous),
        entry: EntryView::new(&member, &entry, programmes),
    }))
}
