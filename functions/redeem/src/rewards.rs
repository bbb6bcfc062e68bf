//! `GET /v1/members/{member_id}/rewards`: what a member can have, and every reason why not.

use domain::ledger::account::Account;
use domain::ledger::membership::{Gone, Membership};
use domain::programme::setting::Setting;
use lambda::wire::RewardsReply;
use lambda::{App, Failure, Problem, Reply, Request};

pub(crate) async fn get(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let now = app.now();
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now };
    let account = app.store().account_at(member, now, setting).await?.unwrap_or_else(|| Account::new(member.clone()));
    if account.membership == Membership::Erased {
        return Err(Problem::refused(&Gone::MemberErased).into());
    }
    let programme = programmes.at(now);
    let stock = app.store().stock_levels(&programmes, now).await?;
    Ok(Reply::ok(&RewardsReply::new(&account, &stock, programme, now)))
}
