//! Spending points on a reward or an order: what is asked for, done or only tried.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::{Minor, Points};
use domain::ledger::entry::Detail;
use domain::ledger::hold::HoldPoints;
use domain::ledger::redemption::Redeem;
use domain::programme::reward::RewardKind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Done, StoreError};

use super::{Balance, id, member, short, within};
use crate::Problem;
use crate::failure::Failure;
use crate::http::NamesMember;

/// Spend points on a reward.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionRequest {
    /// The member's id.
    pub member: String,
    /// Which reward.
    pub reward: String,
}

impl NamesMember for RedemptionRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        member("/member", &self.member)
    }
}

impl RedemptionRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_redeem(&self) -> Result<Redeem, Problem> {
        short("/reward", &self.reward)?;
        Ok(Redeem { reward: self.reward.clone(), quantity: 1, donation: false })
    }
}

/// Hold points for an order that is being paid.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// The member's id.
    pub member: String,
    /// The shop's order id.
    pub order_id: String,
    /// What the order costs, net, in minor units.
    pub order_net_minor: i64,
    /// How many points the member wants to use. At most what the programme lets points pay of the order is held.
    pub points: i64,
}

impl NamesMember for HoldRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        member("/member", &self.member)
    }
}

impl HoldRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_hold(&self) -> Result<HoldPoints, Problem> {
        Problem::unless([
            short("/order_id", &self.order_id),
            within("/order_net_minor", self.order_net_minor, 1..=Minor::LIMIT),
            within("/points", self.points, 1..=Points::LIMIT),
        ])?;
        let (order_id, order_net) = (self.order_id.clone(), Minor(self.order_net_minor));
        Ok(HoldPoints { order_id, order_net, points: Points(self.points) })
    }
}

/// A voucher as its owner sees it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VoucherView {
    /// The code. Only its hash is stored; repeating the request shows it again.
    pub code: String,
    /// Until when it is valid.
    pub expires_at: Timestamp,
}

/// A redemption.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RedemptionReply {
    /// Its entry; reversals name it.
    pub redemption_id: String,
    /// Whose points were spent.
    pub member: String,
    /// The member who was named, if another one stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_from: Option<String>,
    /// The reward.
    pub reward: String,
    /// What it is.
    pub kind: RewardKind,
    /// Points spent.
    pub points: Points,
    /// The voucher, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher: Option<VoucherView>,
    /// The balance right after.
    pub balance: Balance,
}

impl RedemptionReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no redemption.
    pub fn new(member: &MemberId, done: &Done, code: Option<String>) -> Result<Self, Failure> {
        let Detail::Redeem { reward, reward_kind, voucher_expires_at, .. } = &done.entry.detail else {
            return Err(StoreError::bug("a redemption made another entry").into());
        };
        let voucher = code.zip(*voucher_expires_at).map(|(code, expires_at)| VoucherView { code, expires_at });
        Ok(Self {
            redemption_id: id(&done.member, &done.entry),
            member: done.member.to_string(),
            merged_from: (*member != done.member).then(|| member.to_string()),
            reward: reward.clone(),
            kind: *reward_kind,
            points: -done.entry.points(),
            voucher,
            balance: Balance::of(&done.pockets),
        })
    }
}
