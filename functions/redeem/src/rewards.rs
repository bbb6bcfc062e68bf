//! `GET /v1/members/{member_id}/rewards`: what a member can have, and every reason why not.

use domain::ledger::account::Account;
use domain::ledger::availability::{Reason, availability, price};
use domain::ledger::membership::{Gone, Membership};
use domain::programme::setting::Setting;
use lambda::{App, Failure, Problem, Reply, Request};

use crate::wire::{RewardView, RewardsReply};

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
    let mut rewards = Vec::new();
    for reward in &programme.document().reward {
        let left = stock.iter().find(|level| level.reward == reward.id).map(|level| level.left);
        let mut reasons = availability(&account, reward, 1, programme, now);
        if left.is_some_and(|left| left <= 0) {
            reasons.insert(0, Reason::OutOfStock);
        }
        rewards.push(RewardView {
            reward: reward.id.clone(),
            kind: reward.kind,
            cost_points: price(programme, reward, account.tier_at(now)),
            available: reasons.is_empty(),
            reasons: reasons.into_iter().map(Into::into).collect(),
            left,
        });
    }
    Ok(Reply::ok(&RewardsReply { rewards }))
}
