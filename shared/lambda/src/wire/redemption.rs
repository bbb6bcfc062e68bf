//! Redemptions, holds, donations, vouchers.

use domain::kernel::id::{EntryId, MemberId};
use domain::kernel::quantity::{Minor, Points};
use domain::ledger::availability::Reason;
use domain::ledger::entry::{Detail, Entry, Initiator};
use domain::ledger::hold::HoldPoints;
use domain::ledger::redemption::Redeem;
use domain::ledger::reversal::Reverse;
use domain::programme::reward::RewardKind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Done;

use super::{Balance, short, within};
use crate::Problem;

/// Spend points on a reward.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionRequest {
    /// The member's id.
    pub member: String,
    /// Which reward.
    pub reward: String,
}

/// Give points to a project.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DonationRequest {
    /// The member's id.
    pub member: String,
    /// Which reward of kind `donation`.
    pub reward: String,
    /// How many times, 1 to 1000; once if absent.
    #[serde(default)]
    pub quantity: Option<i64>,
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

/// Take a redemption back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReversalRequest {
    /// Who cancelled: decides what becomes of points that have expired meanwhile.
    pub initiated_by: Initiator,
    /// How many points, for points paid at a checkout; all that is left if absent.
    #[serde(default)]
    pub points: Option<i64>,
}

fn member(text: &str) -> Result<MemberId, Problem> {
    text.parse().map_err(|error: String| Problem::invalid("/member", error))
}

impl RedemptionRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_redeem(&self) -> Result<(MemberId, Redeem), Problem> {
        short("/reward", &self.reward)?;
        Ok((member(&self.member)?, Redeem { reward: self.reward.clone(), quantity: 1, donation: false }))
    }
}

impl DonationRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_redeem(&self) -> Result<(MemberId, Redeem), Problem> {
        short("/reward", &self.reward)?;
        let quantity = self.quantity.unwrap_or(1);
        within("/quantity", quantity, 1..=1000)?;
        let quantity = u32::try_from(quantity).unwrap_or(1);
        Ok((member(&self.member)?, Redeem { reward: self.reward.clone(), quantity, donation: true }))
    }
}

impl HoldRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_hold(&self) -> Result<(MemberId, HoldPoints), Problem> {
        short("/order_id", &self.order_id)?;
        within("/order_net_minor", self.order_net_minor, 1..=Minor::LIMIT)?;
        within("/points", self.points, 1..=Points::LIMIT)?;
        let (order_id, order_net) = (self.order_id.clone(), Minor(self.order_net_minor));
        Ok((member(&self.member)?, HoldPoints { order_id, order_net, points: Points(self.points) }))
    }
}

impl ReversalRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_reverse(&self, redemption: u64) -> Result<Reverse, Problem> {
        if let Some(points) = self.points {
            within("/points", points, 1..=Points::LIMIT)?;
        }
        Ok(Reverse { redemption, points: self.points.map(Points), initiated_by: self.initiated_by })
    }
}

fn id(member: &MemberId, entry: &Entry) -> String {
    EntryId { member: member.clone(), sequence: entry.sequence }.to_string()
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

/// A donation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DonationReply {
    /// Its entry, and the number on the receipt.
    pub receipt_id: String,
    /// The project.
    pub project: String,
    /// Points given.
    pub points: Points,
    /// What they are worth to the project, in minor units.
    pub value_minor: Minor,
    /// The balance right after.
    pub balance: Balance,
}

/// A hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HoldReply {
    /// Its entry; captures and releases name it.
    pub hold_id: String,
    /// The order.
    pub order_id: String,
    /// Points held.
    pub points: Points,
    /// What they pay, in minor units.
    pub value_minor: Minor,
    /// When the hold ends by itself.
    pub expires_at: Timestamp,
    /// The balance right after.
    pub balance: Balance,
}

/// A captured hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CaptureReply {
    /// Its entry; reversals name it.
    pub redemption_id: String,
    /// The order.
    pub order_id: String,
    /// Points spent.
    pub points: Points,
    /// What they paid, in minor units.
    pub value_minor: Minor,
    /// The balance right after.
    pub balance: Balance,
}

/// A released hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReleaseReply {
    /// The hold.
    pub hold_id: String,
    /// The balance right after.
    pub balance: Balance,
}

/// A reversal.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReversalReply {
    /// Its entry.
    pub reversal_id: String,
    /// Points that were to go back.
    pub points: Points,
    /// Points that went back, debt repaid included.
    pub restored: Points,
    /// Points that stay expired.
    pub lost: Points,
    /// The balance right after.
    pub balance: Balance,
}

/// A voucher was used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VoucherUseReply {
    /// Whose it was.
    pub member: String,
    /// The reward.
    pub reward: String,
}

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

fn unexpected() -> Problem {
    store::StoreError::Broken("a command made an entry of another kind".to_owned()).into()
}

impl RedemptionReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no redemption.
    pub fn new(member: &MemberId, done: &Done, code: Option<String>) -> Result<Self, Problem> {
        let Detail::Redeem { reward, reward_kind, voucher_expires_at, .. } = &done.entry.detail else {
            return Err(unexpected());
        };
        let voucher = code.zip(*voucher_expires_at).map(|(code, expires_at)| VoucherView { code, expires_at });
        Ok(Self {
            redemption_id: id(member, &done.entry),
            reward: reward.clone(),
            kind: *reward_kind,
            points: -done.entry.points(),
            voucher,
            balance: Balance::of(&done.pockets),
        })
    }
}

impl DonationReply {
    /// From what was recorded, and the project and value of the reward in the version that decided.
    #[must_use]
    pub fn new(member: &MemberId, done: &Done, project: String, value_each: Minor) -> Self {
        let quantity = match done.entry.detail {
            Detail::Redeem { quantity, .. } => quantity,
            _ => 1,
        };
        Self {
            receipt_id: id(member, &done.entry),
            project,
            points: -done.entry.points(),
            value_minor: Minor(value_each.0.saturating_mul(quantity.into())),
            balance: Balance::of(&done.pockets),
        }
    }
}

impl HoldReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no hold.
    pub fn new(member: &MemberId, done: &Done) -> Result<Self, Problem> {
        let Detail::Hold { order, value_minor, until } = &done.entry.detail else {
            return Err(unexpected());
        };
        let points = done.pockets.held_by(done.entry.sequence).map(|(_, points)| points).sum();
        Ok(Self {
            hold_id: id(member, &done.entry),
            order_id: order.clone(),
            points,
            value_minor: *value_minor,
            expires_at: *until,
            balance: Balance::of(&done.pockets),
        })
    }
}

impl CaptureReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no capture.
    pub fn new(member: &MemberId, done: &Done) -> Result<Self, Problem> {
        let Detail::Capture { order, value_minor, .. } = &done.entry.detail else {
            return Err(unexpected());
        };
        Ok(Self {
            redemption_id: id(member, &done.entry),
            order_id: order.clone(),
            points: -done.entry.points(),
            value_minor: *value_minor,
            balance: Balance::of(&done.pockets),
        })
    }
}

impl ReversalReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no reversal.
    pub fn new(member: &MemberId, done: &Done) -> Result<Self, Problem> {
        let Detail::Reverse { points, lost, .. } = &done.entry.detail else {
            return Err(unexpected());
        };
        Ok(Self {
            reversal_id: id(member, &done.entry),
            points: *points,
            restored: done.entry.points(),
            lost: *lost,
            balance: Balance::of(&done.pockets),
        })
    }
}
