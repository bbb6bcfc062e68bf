//! What an entry records, by kind.

use std::collections::BTreeMap;

use domain::kernel::membership::MemberState;
use domain::kernel::quantity::{Minor, Points};
use domain::ledger::entry::{self, Initiator};
use domain::ledger::granted::{GrantRefusal, Granted};
use domain::ledger::order_row::PointsPaid;
use domain::programme::reward::RewardKind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::inputs::Inputs;
use super::opening::Opening;
use super::points_paid::{CapExceeded, PointsPaidMismatch};
use super::posted::{Posted, no_points};
use super::returned::Returned;
use super::standing::{ScoreChange, TierChange};

/// That an order went from one member to another; to whom or from whom, and why, is for agents, admins and auditors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MovedOrder {
    /// The entry of the other member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What an entry records, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Detail {
    /// An activity was reported.
    Earn {
        /// Its CloudEvents type.
        activity: String,
        /// The order, if it was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        order: Option<String>,
        /// Everything the rules read, so that the decision can be made again.
        #[serde(skip_serializing_if = "Inputs::is_empty")]
        inputs: Inputs,
        /// Points by rule, without those that gave none; of a suspended member they wait for the end of the suspension.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        trace: BTreeMap<String, Points>,
        /// Status points credited; of a suspended member they wait as well.
        #[serde(skip_serializing_if = "no_points")]
        status: Points,
        /// What the order says that points paid is not what was captured for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        points_paid_mismatch: Option<PointsPaidMismatch>,
        /// Points were held for more than the order comes to.
        #[serde(skip_serializing_if = "Option::is_none")]
        cap_exceeded: Option<CapExceeded>,
        /// It was another member's before.
        #[serde(skip_serializing_if = "Option::is_none")]
        moved: Option<Box<MovedOrder>>,
    },
    /// An order was returned, in part or whole.
    Refund {
        /// Which order.
        order: String,
        /// How much of it this refund takes, in minor units, never more than is left of it.
        amount_minor: Minor,
        /// How much was asked, if more.
        #[serde(skip_serializing_if = "Option::is_none")]
        asked_minor: Option<Minor>,
        /// Points due that had expired unspent: nothing is owed for them.
        #[serde(skip_serializing_if = "no_points")]
        expired: Points,
        /// The lot that they had been in.
        #[serde(skip_serializing_if = "Option::is_none")]
        expired_lot: Option<Timestamp>,
        /// Points due that the return policy let go.
        #[serde(skip_serializing_if = "no_points")]
        shortfall: Points,
        /// Status points taken back, as a positive number.
        #[serde(skip_serializing_if = "no_points")]
        status: Points,
        /// What it takes of lines.
        #[serde(flatten)]
        returned: Returned,
        /// Points due that were never posted: they wait for the end of a suspension, or the account is no more.
        #[serde(skip_serializing_if = "Option::is_none")]
        withheld: Option<Points>,
        /// It came back because it is another member's.
        #[serde(skip_serializing_if = "Option::is_none")]
        moved: Option<Box<MovedOrder>>,
    },
    /// Points were spent on a reward.
    Redeem {
        /// Which.
        reward: String,
        /// What it is.
        reward_kind: RewardKind,
        /// How many.
        quantity: u32,
        /// Until when its voucher is valid.
        #[serde(skip_serializing_if = "Option::is_none")]
        voucher_expires_at: Option<Timestamp>,
        /// Lots it drew on that were already a grace: no second one.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        grace: Vec<Timestamp>,
        /// What it was given for at no price, in the words of the context that gave it.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
    /// A redemption or captured hold was reversed, in part or whole.
    Reverse {
        /// The entry of the redemption.
        redemption: u64,
        /// How many points were to go back.
        asked_points: Points,
        /// Who cancelled.
        initiated_by: Initiator,
        /// Points that stay expired.
        #[serde(skip_serializing_if = "no_points")]
        lost: Points,
    },
    /// Points were held for an order.
    Hold {
        /// Which order.
        order: String,
        /// What they pay, in minor units.
        value_minor: Minor,
        /// When the hold ends by itself.
        until: Timestamp,
    },
    /// Held points were spent.
    Capture {
        /// The hold's entry.
        hold: u64,
        /// Which order.
        order: String,
        /// What they paid, in minor units.
        value_minor: Minor,
        /// When the hold would have ended.
        until: Timestamp,
        /// As in a redemption.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        grace: Vec<Timestamp>,
    },
    /// Held points were given back.
    Release {
        /// The hold's entry.
        hold: u64,
    },
    /// A correction by hand.
    Adjust {
        /// One of the programme's reasons.
        reason: String,
        /// The entry that asked for it, if a second person approved.
        #[serde(skip_serializing_if = "Option::is_none")]
        request: Option<u64>,
    },
    /// A correction that waits for a second person.
    AdjustmentRequest {
        /// How many points, up or down.
        asked_points: Points,
        /// One of the programme's reasons.
        reason: String,
    },
    /// Nothing but the settlement of what was due.
    Settle,
    /// Tier and scores were worked out anew, and something changed.
    Evaluate {
        /// What happened to the tier, in order.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tiers: Vec<TierChange>,
        /// New scores, segment or tags.
        #[serde(skip_serializing_if = "Option::is_none")]
        score: Option<ScoreChange>,
    },
    /// A benefit of the tier was used.
    Benefit {
        /// Which.
        benefit: String,
        /// The tier that it came with.
        tier: String,
        /// What it was used for, in the words of the context that asked.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<String>,
    },
    /// The use of a benefit was taken back.
    BenefitReversal {
        /// The entry of the use.
        used: u64,
        /// Which benefit it was.
        benefit: String,
    },
    /// A voucher was used.
    VoucherUse {
        /// The entry of its redemption.
        redemption: u64,
        /// Of which reward it was.
        reward: String,
    },
    /// What another context asked for was not given.
    GrantRefused {
        /// Which reward, if it was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        reward: Option<String>,
        /// Which benefit, if it was one.
        #[serde(skip_serializing_if = "Option::is_none")]
        benefit: Option<String>,
        /// Why not.
        code: GrantRefusal,
        /// What it was asked for, in the words of the context that asked.
        cause: String,
    },
    /// What a fact that is no order had earned was taken back.
    ActivityReversal {
        /// The entry of the fact.
        earning: u64,
        /// The fact's CloudEvents type.
        activity: String,
        /// Points due that had expired unspent: nothing is owed for them.
        #[serde(skip_serializing_if = "no_points")]
        expired: Points,
        /// The lot that they had been in.
        #[serde(skip_serializing_if = "Option::is_none")]
        expired_lot: Option<Timestamp>,
        /// Points due that the return policy let go.
        #[serde(skip_serializing_if = "no_points")]
        shortfall: Points,
        /// Status points taken back, as a positive number.
        #[serde(skip_serializing_if = "no_points")]
        status: Points,
        /// Why, in words.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// As of a refund.
        #[serde(skip_serializing_if = "Option::is_none")]
        withheld: Option<Points>,
    },
    /// The lowest tier was set by hand.
    Floor {
        /// The tier.
        tier: String,
        /// Until when, exclusive.
        until: Timestamp,
        /// One of the programme's reasons.
        reason: String,
        /// What it did to the tier.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<TierChange>,
    },
    /// The member was suspended, is active again, or has left.
    Standing {
        /// Where the member stands since.
        state: MemberState,
        /// Why, in words: for agents, admins and auditors.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What was earned during a suspension that is over, and is posted now.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        posted: Vec<Posted>,
    },
    /// Something was brought over from another programme.
    Opening(Box<Opening>),
    /// What was brought over was taken back.
    OpeningWithdrawn {
        /// By which source it had come.
        source: String,
        /// Which part.
        part: &'static str,
        /// The entry that had brought it.
        opening: u64,
    },
    /// Everything went to the account of a member who stands for this one, or what had come from another went back.
    TransferOut {
        /// The entry there.
        to: String,
        /// The name of the merge.
        merge: String,
    },
    /// It came from the account of another member, or what had gone to one came back.
    TransferIn {
        /// The entry there.
        from: String,
        /// The name of the merge.
        merge: String,
    },
    /// The account was emptied for ever.
    Closed {
        /// Why.
        because: String,
        /// Points that were held.
        #[serde(skip_serializing_if = "no_points")]
        released: Points,
        /// Points that expired, those included that were held.
        #[serde(skip_serializing_if = "no_points")]
        expired: Points,
        /// Debt that was forgiven.
        #[serde(skip_serializing_if = "no_points")]
        forgiven: Points,
    },
}

impl From<&entry::Detail> for Detail {
    fn from(detail: &entry::Detail) -> Self {
        match detail {
            entry::Detail::Earn { activity, order, inputs, trace, status, points_paid, moved } => Self::Earn {
                activity: activity.clone(),
                order: order.clone(),
                inputs: inputs.into(),
                trace: trace.clone(),
                status: *status,
                points_paid_mismatch: points_paid.filter(PointsPaid::differs).map(Into::into),
                cap_exceeded: points_paid.filter(PointsPaid::is_over_cap).map(Into::into),
                moved: moved.as_ref().map(|_| Box::default()),
            },
            entry::Detail::Refund {
                order,
                amount_minor,
                asked_minor,
                expired,
                expired_lot,
                shortfall,
                status,
                returned,
                withheld,
                moved,
            } => Self::Refund {
                order: order.clone(),
                amount_minor: *amount_minor,
                asked_minor: *asked_minor,
                expired: *expired,
                expired_lot: *expired_lot,
                shortfall: *shortfall,
                status: *status,
                returned: returned.into(),
                withheld: *withheld,
                moved: moved.as_ref().map(|_| Box::default()),
            },
            entry::Detail::Redeem { reward, reward_kind, quantity, voucher_expires_at, grace, cause } => Self::Redeem {
                reward: reward.clone(),
                reward_kind: *reward_kind,
                quantity: *quantity,
                voucher_expires_at: *voucher_expires_at,
                grace: grace.clone(),
                cause: cause.clone(),
            },
            entry::Detail::Evaluate { tiers, score } => {
                Self::Evaluate { tiers: tiers.iter().map(Into::into).collect(), score: score.as_ref().map(Into::into) }
            }
            entry::Detail::Settle
            | entry::Detail::Reverse { .. }
            | entry::Detail::Hold { .. }
            | entry::Detail::Capture { .. }
            | entry::Detail::Release { .. }
            | entry::Detail::Adjust { .. }
            | entry::Detail::AdjustmentRequest { .. }
            | entry::Detail::Benefit { .. }
            | entry::Detail::BenefitReversal { .. }
            | entry::Detail::VoucherUse { .. }
            | entry::Detail::GrantRefused { .. }
            | entry::Detail::ActivityReversal { .. }
            | entry::Detail::Standing { .. }
            | entry::Detail::Closed { .. } => Self::plain(detail),
            entry::Detail::Opening { .. } | entry::Detail::OpeningWithdrawn { .. } => Self::brought(detail),
            entry::Detail::TransferOut { .. } | entry::Detail::TransferIn { .. } => Self::brought(detail),
            entry::Detail::Floor { tier, until, reason, change } => {
                let (tier, reason) = (tier.clone(), reason.clone());
                Self::Floor { tier, until: *until, reason, change: change.as_ref().map(Into::into) }
            }
        }
    }
}

impl Detail {
    /// Of what came from elsewhere.
    fn brought(detail: &entry::Detail) -> Self {
        match detail {
            entry::Detail::Opening { .. } => {
                Opening::of(detail).map_or(Self::Settle, |opening| Self::Opening(Box::new(opening)))
            }
            entry::Detail::OpeningWithdrawn { source, part, opening } => {
                Self::OpeningWithdrawn { source: source.clone(), part: part.name(), opening: *opening }
            }
            entry::Detail::TransferOut { to, merge, .. } => {
                Self::TransferOut { to: to.to_string(), merge: merge.clone() }
            }
            entry::Detail::TransferIn { from, merge, .. } => {
                Self::TransferIn { from: from.to_string(), merge: merge.clone() }
            }
            _ => Self::Settle,
        }
    }

    /// Of a kind that says little.
    fn plain(detail: &entry::Detail) -> Self {
        match detail {
            entry::Detail::Reverse { redemption, points, initiated_by, lost } => Self::Reverse {
                redemption: *redemption,
                asked_points: *points,
                initiated_by: *initiated_by,
                lost: *lost,
            },
            entry::Detail::Hold { order, value_minor, until } => {
                Self::Hold { order: order.clone(), value_minor: *value_minor, until: *until }
            }
            entry::Detail::Capture { hold, order, value_minor, until, grace } => Self::Capture {
                hold: *hold,
                order: order.clone(),
                value_minor: *value_minor,
                until: *until,
                grace: grace.clone(),
            },
            entry::Detail::Release { hold } => Self::Release { hold: *hold },
            entry::Detail::Adjust { reason, request } => Self::Adjust { reason: reason.clone(), request: *request },
            entry::Detail::AdjustmentRequest { points, reason } => {
                Self::AdjustmentRequest { asked_points: *points, reason: reason.clone() }
            }
            entry::Detail::Benefit { benefit, tier, cause } => {
                Self::Benefit { benefit: benefit.clone(), tier: tier.clone(), cause: cause.clone() }
            }
            entry::Detail::BenefitReversal { used, benefit } => {
                Self::BenefitReversal { used: *used, benefit: benefit.clone() }
            }
            entry::Detail::VoucherUse { redemption, reward } => {
                Self::VoucherUse { redemption: *redemption, reward: reward.clone() }
            }
            entry::Detail::GrantRefused { what, code, cause } => {
                let (reward, benefit) = match what.clone() {
                    Granted::Reward(reward) => (Some(reward), None),
                    Granted::Benefit(benefit) => (None, Some(benefit)),
                };
                Self::GrantRefused { reward, benefit, code: *code, cause: cause.clone() }
            }
            entry::Detail::ActivityReversal {
                earning,
                activity,
                expired,
                expired_lot,
                shortfall,
                status,
                reason,
                withheld,
            } => Self::ActivityReversal {
                earning: *earning,
                activity: activity.clone(),
                expired: *expired,
                expired_lot: *expired_lot,
                shortfall: *shortfall,
                status: *status,
                reason: reason.clone(),
                withheld: *withheld,
            },
            entry::Detail::Standing { state, posted, .. } => {
                Self::Standing { state: *state, reason: None, posted: posted.iter().map(Into::into).collect() }
            }
            entry::Detail::Closed { because, released, expired, forgiven } => {
                Self::Closed { because: because.clone(), released: *released, expired: *expired, forgiven: *forgiven }
            }
            _ => Self::Settle,
        }
    }
}
