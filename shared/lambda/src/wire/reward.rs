//! Rewards as a member sees them.

use domain::kernel::quantity::Points;
use domain::ledger::account::Account;
use domain::ledger::availability::{self, availability, price};
use domain::programme::compiled::Programme;
use domain::programme::reward::RewardKind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::StockLevel;

use super::reason::Reason;

/// What a member can have.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RewardsReply {
    /// The whole catalogue.
    pub rewards: Vec<RewardView>,
}

/// A reward as a member sees it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RewardView {
    /// The reward.
    pub reward: String,
    /// What it is.
    pub kind: RewardKind,
    /// Its price for this member.
    pub cost_points: Points,
    /// It can be had now.
    pub available: bool,
    /// If not: every reason, with the number missing.
    pub reasons: Vec<Reason>,
    /// How many are left; absent if unlimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
}

impl RewardsReply {
    /// Everything that a programme offers, with every reason why this member cannot have it now.
    #[must_use]
    pub fn new(account: &Account, stock: &[StockLevel], programme: &Programme, now: Timestamp) -> Self {
        let rewards = programme.document().reward.iter().map(|reward| {
            let left = stock.iter().find(|level| level.reward == reward.id).map(|level| level.left);
            let mut reasons = availability(account, reward, 1, programme, now);
            if left.is_some_and(|left| left <= 0) {
                reasons.insert(0, availability::Reason::OutOfStock);
            }
            RewardView {
                reward: reward.id.clone(),
                kind: reward.kind,
                cost_points: price(programme, reward, account.tier_at(now)),
                available: reasons.is_empty(),
                reasons: reasons.into_iter().map(Into::into).collect(),
                left,
            }
        });
        Self { rewards: rewards.collect() }
    }
}
