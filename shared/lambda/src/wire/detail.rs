//! What an entry records, by kind.

use std::collections::BTreeMap;

use domain::kernel::quantity::{Minor, Points, Ratio};
use domain::ledger::entry::{self, Initiator};
use domain::ledger::order_row::PointsPaid;
use domain::ledger::{boost, lines};
use domain::programme::condition::Scalar;
use domain::programme::reward::RewardKind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::explanation::StreakStep;
use super::standing::{ScoreChange, TierChange};

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
        /// Points by rule, without those that gave none.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        trace: BTreeMap<String, Points>,
        /// Status points credited.
        #[serde(skip_serializing_if = "no_points")]
        status: Points,
        /// What the order says that points paid is not what was captured for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        points_paid_mismatch: Option<PointsPaidMismatch>,
        /// Points were held for more than the order comes to.
        #[serde(skip_serializing_if = "Option::is_none")]
        cap_exceeded: Option<CapExceeded>,
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
}

/// What an order says that points paid, and what was captured for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PointsPaidMismatch {
    /// What it says, in minor units.
    reported_minor: Minor,
    /// What points of this member did pay.
    captured_minor: Minor,
}

/// What an order comes to, and what it was said to come to when points were held for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CapExceeded {
    /// Before points and gift cards, in minor units.
    net_minor: Minor,
    /// What the share that points may pay was worked out on.
    held_for_minor: Minor,
}

impl From<PointsPaid> for PointsPaidMismatch {
    fn from(paid: PointsPaid) -> Self {
        Self { reported_minor: paid.reported, captured_minor: paid.captured }
    }
}

impl From<PointsPaid> for CapExceeded {
    fn from(paid: PointsPaid) -> Self {
        Self { net_minor: paid.net, held_for_minor: paid.held_for }
    }
}

impl From<&entry::Detail> for Detail {
    fn from(detail: &entry::Detail) -> Self {
        match detail {
            entry::Detail::Earn { activity, order, inputs, trace, status, points_paid } => Self::Earn {
                activity: activity.clone(),
                order: order.clone(),
                inputs: inputs.into(),
                trace: trace.clone(),
                status: *status,
                points_paid_mismatch: points_paid.filter(PointsPaid::differs).map(Into::into),
                cap_exceeded: points_paid.filter(PointsPaid::is_over_cap).map(Into::into),
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
            } => Self::Refund {
                order: order.clone(),
                amount_minor: *amount_minor,
                asked_minor: *asked_minor,
                expired: *expired,
                expired_lot: *expired_lot,
                shortfall: *shortfall,
                status: *status,
                returned: returned.into(),
            },
            entry::Detail::Redeem { reward, reward_kind, quantity, voucher_expires_at, grace } => Self::Redeem {
                reward: reward.clone(),
                reward_kind: *reward_kind,
                quantity: *quantity,
                voucher_expires_at: *voucher_expires_at,
                grace: grace.clone(),
            },
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
            entry::Detail::Evaluate { tiers, score } => {
                Self::Evaluate { tiers: tiers.iter().map(Into::into).collect(), score: score.as_ref().map(Into::into) }
            }
            entry::Detail::Settle
            | entry::Detail::Adjust { .. }
            | entry::Detail::AdjustmentRequest { .. }
            | entry::Detail::Benefit { .. }
            | entry::Detail::BenefitReversal { .. }
            | entry::Detail::VoucherUse { .. } => Self::plain(detail),
            entry::Detail::Floor { tier, until, reason, change } => {
                let (tier, reason) = (tier.clone(), reason.clone());
                Self::Floor { tier, until: *until, reason, change: change.as_ref().map(Into::into) }
            }
        }
    }
}

impl Detail {
    /// Of a kind that says little.
    fn plain(detail: &entry::Detail) -> Self {
        match detail {
            entry::Detail::Adjust { reason, request } => Self::Adjust { reason: reason.clone(), request: *request },
            entry::Detail::AdjustmentRequest { points, reason } => {
                Self::AdjustmentRequest { asked_points: *points, reason: reason.clone() }
            }
            entry::Detail::Benefit { benefit, tier } => Self::Benefit { benefit: benefit.clone(), tier: tier.clone() },
            entry::Detail::BenefitReversal { used, benefit } => {
                Self::BenefitReversal { used: *used, benefit: benefit.clone() }
            }
            entry::Detail::VoucherUse { redemption, reward } => {
                Self::VoucherUse { redemption: *redemption, reward: reward.clone() }
            }
            _ => Self::Settle,
        }
    }
}

/// What rules read to decide an earning: kept in the entry, exactly, so that the decision can be made again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Inputs {
    /// The declared attributes that the programme's rules for this activity read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Scalar>,
    /// The member's tier, unless it is the base tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// What the order cost, net, in minor units, before refunds that name no line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Minor>,
    /// Lines that had come back before the order arrived: the rest is what is read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<ReturnedLine>,
    /// What had been paid back for shipping before it arrived, in minor units.
    #[serde(skip_serializing_if = "no_money")]
    pub returned_shipping: Minor,
    /// What had been paid back for goods, without a line, before it arrived, in minor units.
    #[serde(skip_serializing_if = "no_money")]
    pub netted: Minor,
    /// The basis of rules that do not use the whole net amount.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bases: BTreeMap<String, Minor>,
    /// Boosts that this order used up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub boosts: Vec<Boost>,
    /// What was left of limits that cut something off, or that may if rules of a group or what is left of the order are
    /// compared again: by rule, or `max_earn_per_day`, `max_balance`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headroom: BTreeMap<String, i64>,
    /// What an activity did to streaks, by rule.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub streaks: BTreeMap<String, StreakStep>,
    /// Lines for which a rule's condition could not be decided, by rule: places, from 0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub undecided: BTreeMap<String, Vec<u32>>,
    /// How many times the fixed points of a rule for some lines are given.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pieces: BTreeMap<String, i64>,
    /// What the lines of a rule come to, net, where that is read and is not the rule's basis.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lines_net: BTreeMap<String, Minor>,
    /// Lines that several rules have in common, where that matters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// Lines of an order that the same rules for some lines admit, added up; amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Part {
    /// The rules with lines that admit them.
    pub rules: Vec<String>,
    /// They are shipping.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shipping: bool,
    /// What the member paid for them.
    #[serde(skip_serializing_if = "no_money")]
    pub net: Minor,
    /// Taxes contained in that, if a rate reads them.
    #[serde(skip_serializing_if = "no_money")]
    pub tax: Minor,
    /// What they cost before deductions, if a rate reads it.
    #[serde(skip_serializing_if = "no_money")]
    pub gross: Minor,
}

impl From<&entry::Part> for Part {
    fn from(part: &entry::Part) -> Self {
        let entry::Part { rules, shipping, net, tax, gross } = part.clone();
        Self { rules, shipping, net, tax, gross }
    }
}

/// What a refund takes of lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Returned {
    /// Those that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReturnedLine>,
    /// How much of lines that are shipping it takes, beside what it takes of goods, in minor units.
    #[serde(skip_serializing_if = "no_money")]
    pub shipping_minor: Minor,
}

impl From<&lines::Returned> for Returned {
    fn from(returned: &lines::Returned) -> Self {
        let lines = returned.lines.iter().map(Into::into).collect();
        Self { lines, shipping_minor: returned.shipping }
    }
}

/// What a refund takes of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReturnedLine {
    /// Its place in the order, from 0.
    pub line: u32,
    /// How many pieces came back.
    pub quantity: i64,
    /// How much was paid back for it, in minor units.
    pub amount_minor: Minor,
}

impl From<&lines::ReturnedLine> for ReturnedLine {
    fn from(returned: &lines::ReturnedLine) -> Self {
        let lines::ReturnedLine { line, quantity, amount } = *returned;
        Self { line, quantity, amount_minor: amount }
    }
}

impl Inputs {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn no_money(amount: &Minor) -> bool {
    amount.is_zero()
}

impl From<&entry::Inputs> for Inputs {
    fn from(inputs: &entry::Inputs) -> Self {
        let entry::Inputs {
            attributes,
            tier,
            net,
            returned,
            netted,
            bases,
            boosts,
            headroom,
            streaks,
            undecided,
            pieces,
            lines_net,
            parts,
        } = inputs;
        Self {
            attributes: attributes.clone(),
            tier: tier.clone(),
            net: *net,
            returned: returned.lines.iter().map(Into::into).collect(),
            returned_shipping: returned.shipping,
            netted: *netted,
            bases: bases.clone(),
            boosts: boosts.iter().map(Into::into).collect(),
            headroom: headroom.clone(),
            streaks: streaks.iter().map(|(rule, step)| (rule.clone(), (*step).into())).collect(),
            undecided: undecided.clone(),
            pieces: pieces.clone(),
            lines_net: lines_net.clone(),
            parts: parts.iter().map(Into::into).collect(),
        }
    }
}

/// A multiplier on the next order that is paid while it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Boost {
    /// The rule that granted it.
    pub rule: String,
    /// By how much.
    pub multiplier: Ratio,
    /// The most points it adds.
    pub cap: Points,
    /// Since when it waits.
    pub from: Timestamp,
    /// Until when it waits.
    pub until: Timestamp,
}

impl From<&boost::Boost> for Boost {
    fn from(boost: &boost::Boost) -> Self {
        let boost::Boost { rule, multiplier, cap, from, until } = boost.clone();
        Self { rule, multiplier, cap, from, until }
    }
}

pub(super) fn no_points(points: &Points) -> bool {
    points.is_zero()
}
