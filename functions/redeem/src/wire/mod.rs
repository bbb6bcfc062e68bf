//! The shapes of requests and replies.

mod grant;

pub(crate) use grant::{STEP_DUE, of_step, to_grant};

use domain::kernel::id::{EntryId, MemberId};
use domain::kernel::quantity::{Minor, Points};
use domain::ledger::entry::{Detail, Initiator};
use domain::ledger::redemption::Redeem;
use domain::ledger::reversal::Reverse;
use domain::ledger::voucher::{Voucher, VoucherCode, VoucherState};
use domain::programme::compiled::Programmes;
use domain::programme::stock::{Restock, Restocked};
use jiff::Timestamp;
use lambda::wire::{Balance, id, member, short, within};
use lambda::{Failure, NamesMember, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Done, StoreError};

/// A body that says nothing: `{}`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Give points to a project.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DonationRequest {
    /// The member's id.
    pub(crate) member: String,
    /// Which reward of kind `donation`.
    pub(crate) reward: String,
    /// How many times, 1 to 1000; once if absent.
    #[serde(default)]
    pub(crate) quantity: Option<i64>,
}

impl NamesMember for DonationRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        member("/member", &self.member)
    }
}

impl DonationRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_redeem(&self) -> Result<Redeem, Problem> {
        short("/reward", &self.reward)?;
        let quantity = self.quantity.unwrap_or(1);
        within("/quantity", quantity, 1..=1000)?;
        let quantity = u32::try_from(quantity).unwrap_or(1);
        Ok(Redeem { reward: self.reward.clone(), quantity, donation: true })
    }
}

/// Lay pieces in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestockRequest {
    /// How many more, at most 10^9; below zero: how many fewer.
    pub(crate) add: i64,
    /// Why, in 1 to 256 characters.
    pub(crate) reason: String,
}

impl RestockRequest {
    /// Are the fields acceptable?
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        within("/add", self.add, -1_000_000_000..=1_000_000_000)?;
        if self.add == 0 {
            return Err(Problem::invalid("/add", "must not be 0"));
        }
        if !(1..=256).contains(&self.reason.chars().count()) {
            return Err(Problem::invalid("/reason", "must have 1 to 256 characters"));
        }
        Ok(())
    }
}

/// How a stock stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct RestockReply {
    /// The reward.
    pub(crate) reward: String,
    /// How many were laid in, or taken out.
    pub(crate) added: i64,
    /// How many were laid in so far.
    pub(crate) given: i64,
    /// How many of them were left right after it.
    pub(crate) left: i64,
}

impl RestockReply {
    /// Of what was done.
    pub(crate) fn new(command: &Restock, done: &Restocked) -> Self {
        Self { reward: command.name.clone(), added: command.add, given: done.given, left: done.left }
    }
}

/// Take a redemption back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReversalRequest {
    /// Who cancelled: decides what becomes of points that have expired meanwhile.
    pub(crate) initiated_by: Initiator,
    /// How many points, for points paid at a checkout; all that is left if absent.
    #[serde(default)]
    pub(crate) points: Option<i64>,
}

impl ReversalRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_reverse(&self, redemption: u64) -> Result<Reverse, Problem> {
        if let Some(points) = self.points {
            within("/points", points, 1..=Points::LIMIT)?;
        }
        Ok(Reverse { redemption, points: self.points.map(Points), initiated_by: self.initiated_by })
    }
}

/// A donation.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct DonationReply {
    /// Its entry, and the number on the receipt.
    pub(crate) receipt_id: String,
    /// The project.
    pub(crate) project: String,
    /// Points given.
    pub(crate) points: Points,
    /// What they are worth to the project, in minor units.
    pub(crate) value_minor: Minor,
    /// The balance right after.
    pub(crate) balance: Balance,
}

/// A hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct HoldReply {
    /// Its entry; captures and releases name it.
    pub(crate) hold_id: String,
    /// The order.
    pub(crate) order_id: String,
    /// Points held.
    pub(crate) points: Points,
    /// What they pay, in minor units.
    pub(crate) value_minor: Minor,
    /// When the hold ends by itself.
    pub(crate) expires_at: Timestamp,
    /// The balance right after.
    pub(crate) balance: Balance,
}

/// A captured hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct CaptureReply {
    /// Its entry; reversals name it.
    pub(crate) redemption_id: String,
    /// The order.
    pub(crate) order_id: String,
    /// Points spent.
    pub(crate) points: Points,
    /// What they paid, in minor units.
    pub(crate) value_minor: Minor,
    /// The balance right after.
    pub(crate) balance: Balance,
}

/// A released hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ReleaseReply {
    /// The hold.
    pub(crate) hold_id: String,
    /// The balance right after.
    pub(crate) balance: Balance,
}

/// A reversal.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ReversalReply {
    /// Its entry.
    pub(crate) reversal_id: String,
    /// Points that were to go back.
    pub(crate) points: Points,
    /// Points that went back, debt repaid included.
    pub(crate) restored: Points,
    /// Points that stay expired.
    pub(crate) lost: Points,
    /// The balance right after.
    pub(crate) balance: Balance,
}

/// A voucher was used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct VoucherUseReply {
    /// Its entry.
    pub(crate) use_id: String,
    /// Whose it was.
    pub(crate) member: String,
    /// The reward.
    pub(crate) reward: String,
}

/// The vouchers of a member.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct VouchersReply {
    /// Newest first.
    pub(crate) vouchers: Vec<MemberVoucher>,
}

/// A voucher of a member.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct MemberVoucher {
    /// The redemption that it belongs to; reversals name it.
    pub(crate) redemption_id: String,
    /// The reward.
    pub(crate) reward: String,
    /// What became of it.
    pub(crate) state: VoucherStanding,
    /// Until when it is valid.
    pub(crate) expires_at: Timestamp,
    /// What the till asks for; shown to the member alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
}

/// What became of a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VoucherStanding {
    /// It can be used.
    Issued,
    /// It was used.
    Used,
    /// Its redemption was taken back.
    Void,
    /// Nobody used it in time.
    Expired,
}

impl MemberVoucher {
    /// As it stands at an instant.
    pub(crate) fn new(voucher: &Voucher, code: Option<&VoucherCode>, now: Timestamp) -> Self {
        let Voucher { member, redemption, reward, expires_at, state } = voucher;
        Self {
            redemption_id: EntryId { member: member.clone(), sequence: *redemption }.to_string(),
            reward: reward.clone(),
            state: match state {
                VoucherState::Issued if *expires_at <= now => VoucherStanding::Expired,
                VoucherState::Issued => VoucherStanding::Issued,
                VoucherState::Used => VoucherStanding::Used,
                VoucherState::Void => VoucherStanding::Void,
            },
            expires_at: *expires_at,
            code: code.map(ToString::to_string),
        }
    }
}

fn unexpected() -> Failure {
    StoreError::bug("a command made an entry of another kind").into()
}

impl DonationReply {
    /// From what was recorded, and the project and value of the reward in the version that decided.
    #[must_use]
    pub(crate) fn new(member: &MemberId, done: &Done, project: String, value_each: Minor) -> Self {
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
    pub(crate) fn new(member: &MemberId, done: &Done) -> Result<Self, Failure> {
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
    pub(crate) fn new(member: &MemberId, done: &Done) -> Result<Self, Failure> {
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
    pub(crate) fn new(member: &MemberId, done: &Done) -> Result<Self, Failure> {
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

impl VoucherUseReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no use of a voucher.
    pub(crate) fn new(member: &MemberId, done: &Done) -> Result<Self, Failure> {
        let Detail::VoucherUse { reward, .. } = &done.entry.detail else {
            return Err(unexpected());
        };
        Ok(Self { use_id: id(member, &done.entry), member: member.to_string(), reward: reward.clone() })
    }
}

/// A benefit that was used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BenefitUseReply {
    /// Its entry.
    pub(crate) use_id: String,
    /// Which.
    pub(crate) benefit: String,
    /// The tier that it came with.
    pub(crate) tier: String,
    /// What it costs the brand, in minor units.
    pub(crate) unit_cost_minor: Minor,
}

impl BenefitUseReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no use of a benefit.
    pub(crate) fn new(member: &MemberId, done: &Done, programmes: &Programmes) -> Result<Self, Failure> {
        let Detail::Benefit { benefit, tier, .. } = &done.entry.detail else {
            return Err(unexpected());
        };
        let declared = programmes.numbered(done.entry.programme).and_then(|programme| programme.benefit(benefit));
        Ok(Self {
            use_id: id(member, &done.entry),
            benefit: benefit.clone(),
            tier: tier.clone(),
            unit_cost_minor: declared.map(|declared| declared.unit_cost_minor).unwrap_or_default(),
        })
    }
}

/// The use of a benefit was taken back.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct BenefitReversalReply {
    /// Its entry.
    pub(crate) reversal_id: String,
    /// Which benefit.
    pub(crate) benefit: String,
}

impl BenefitReversalReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no such reversal.
    pub(crate) fn new(member: &MemberId, done: &Done) -> Result<Self, Failure> {
        let Detail::BenefitReversal { benefit, .. } = &done.entry.detail else {
            return Err(unexpected());
        };
        Ok(Self { reversal_id: id(member, &done.entry), benefit: benefit.clone() })
    }
}
