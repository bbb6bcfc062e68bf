//! The programme as its author writes it: plain data, read from TOML or JSON, not yet checked.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::condition::Scalar;
use super::segment::{Rfmls, Tag};
use super::tier::{Benefit, Tier, TierRules};
use crate::calendar::{Period, RoundExpiry, Validity};
use crate::quantity::{Minor, Points, Ratio, Rounding};

/// The whole document. Sections that a later capability reads are carried along in `later`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    /// General settings.
    pub programme: General,
    /// Exactly two: `points` (spendable) and `status` (qualifying).
    pub wallet: Vec<Wallet>,
    /// The behaviours that may be reported, by CloudEvents type.
    pub activity: BTreeMap<String, ActivityType>,
    /// What is earned for them.
    #[serde(default)]
    pub earning_rule: Vec<EarningRule>,
    /// How tiers rise and fall.
    #[serde(default)]
    pub tiers: TierRules,
    /// The tiers themselves.
    pub tier: Vec<Tier>,
    /// What tiers entitle to.
    #[serde(default)]
    pub benefit: Vec<Benefit>,
    /// Scores and segments; without it nobody is scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rfmls: Option<Rfmls>,
    /// The tag dictionary.
    #[serde(default)]
    pub tag: Vec<Tag>,
    /// Spending.
    pub redemption: Redemption,
    /// The catalogue.
    #[serde(default)]
    pub reward: Vec<Reward>,
    /// Corrections by hand.
    pub adjustment: Adjustment,
    /// Everything else, by section name.
    #[serde(flatten)]
    pub later: BTreeMap<String, serde_json::Value>,
}

/// `[programme]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct General {
    /// A short name for machines.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// IANA zone that fixes every day and month boundary.
    pub timezone: String,
    /// ISO 4217 code; amounts are in its minor unit.
    pub currency: String,
    /// This version's name; a published version never changes.
    pub rules_version: String,
    /// How far in the past a fact may lie, in days.
    pub backdate_window_days: i32,
    /// How far in the future, in seconds: clocks differ.
    pub future_skew_seconds: i32,
    /// How long after it was paid an order may be refunded, in days; at most the validity of points.
    pub refund_window_days: i32,
}

/// `[[wallet]]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wallet {
    /// Spendable points.
    Points(PointsWallet),
    /// Qualifying (status) points: never spent, counted per month.
    Status {
        /// Always true; written out for the reader.
        qualifying: bool,
    },
}

/// The `points` wallet.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsWallet {
    /// Liability of one point, in minor units.
    pub unit_value_minor: Minor,
    /// Days until points of a refundable activity can be spent.
    pub pending_days: i32,
    /// How many days the ledger may wait for a member's next entry to record that points became spendable, before a sweep writes
    /// one for it; 0 = none. Balances and decisions never wait: they go by the clock.
    #[serde(default)]
    pub record_activation_within_days: i32,
    /// How long points live.
    pub validity: Validity,
    /// To what their expiry date is rounded.
    #[serde(default)]
    pub round_expiry: RoundExpiry,
    /// Does each earning expire on its own, or the whole wallet after inactivity?
    #[serde(default)]
    pub expiry: Expiry,
    /// The order of consumption; `expires_at,earned_at,lot_id` is the only one.
    pub consumption: Consumption,
    /// What a refund may take when the points are spent.
    pub return_policy: ReturnPolicy,
    /// The largest debt that a refund may leave, in points; beyond it, a person decides.
    pub debt_limit: Points,
    /// What a reversed redemption gives back; `original_lot` is the only policy.
    pub restore_policy: RestorePolicy,
    /// How long restored points live when theirs have expired and the merchant cancelled, in days.
    pub restore_grace_days: i32,
    /// The largest balance; 0 = none.
    pub max_balance: Points,
    /// The most a member earns for one local day; 0 = no limit. What is above is cut off and recorded.
    pub max_earn_per_day: Points,
    /// How many days before points expire the member is told.
    #[serde(default)]
    pub notify_before_expiry_days: Vec<i32>,
}

/// The expiry model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// Each earning has its own expiry date.
    #[default]
    Lots,
    /// One expiry for the wallet, moved forward whenever the member earns or redeems.
    Activity,
}

/// The order in which points are spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consumption {
    /// Those that expire first.
    #[serde(rename = "expires_at,earned_at,lot_id")]
    ExpiringFirst,
}

/// What a refund may take back when the order's points are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnPolicy {
    /// Only what is still pending.
    OnlyPending,
    /// At most the balance; the rest is a recorded shortfall.
    WithinBalance,
    /// All of it: the rest becomes a debt.
    Unlimited,
}

/// What a reversed redemption gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestorePolicy {
    /// The points with their original expiry dates.
    OriginalLot,
}

/// `[activity."TYPE"]`: a behaviour that may be reported.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityType {
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
    /// Attributes of the fact that rules may read.
    #[serde(default)]
    pub attributes: BTreeMap<String, Attribute>,
    /// Attributes of an order's lines that rules may read; orders only.
    #[serde(default)]
    pub line_attributes: BTreeMap<String, Attribute>,
}

/// A declared attribute: its type, or its type and the value that stands in when it is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// The type alone.
    Type(AttributeType),
    /// With a default.
    Default {
        /// The type.
        r#type: AttributeType,
        /// The value when the fact does not say.
        default: Scalar,
    },
}

/// The type of a declared attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeType {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// Text, at most 256 bytes.
    Text,
}

impl Attribute {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> AttributeType {
        match self {
            Self::Type(kind) | Self::Default { r#type: kind, .. } => *kind,
        }
    }

    /// What stands in when the fact does not say.
    #[must_use]
    pub fn default(&self) -> Option<&Scalar> {
        match self {
            Self::Type(_) => None,
            Self::Default { default, .. } => Some(default),
        }
    }
}

impl AttributeType {
    /// Is it a value of this type?
    #[must_use]
    pub fn admits(self, value: &Scalar) -> bool {
        match (self, value) {
            (Self::Boolean, Scalar::Boolean(_)) | (Self::Integer, Scalar::Integer(_)) => true,
            (Self::Text, Scalar::Text(text)) => text.len() <= 256,
            _ => false,
        }
    }

    /// A value of this type to try conditions on.
    #[must_use]
    pub fn sample(self) -> Scalar {
        match self {
            Self::Boolean => Scalar::Boolean(false),
            Self::Integer => Scalar::Integer(0),
            Self::Text => Scalar::Text(String::new()),
        }
    }
}

/// `[[earning_rule]]`. Exactly one of `rate`, `points`, `multiplier`, `effect` says what is earned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarningRule {
    /// A short name, unique.
    pub id: String,
    /// The activity type it answers.
    pub on: String,
    /// Conditions that must all hold, in CEL.
    #[serde(default)]
    pub when: OneOrMany,
    /// Which lines of an order count, in CEL over line attributes; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<String>,
    /// Of the rules of one group only the best for the member counts; a tie goes to the lower id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// First local date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last local date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What a rate applies to.
    #[serde(default)]
    pub basis: Basis,
    /// Points per money spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// A fixed number of points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// Multiplies what the rates of this activity give; increments of several are added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiplier: Option<Ratio>,
    /// The most points that a multiplier may add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_points: Option<Points>,
    /// Something granted for later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Multiplier by tier of the member at the time; 1 if not listed.
    #[serde(default)]
    pub tier_multiplier: BTreeMap<String, Ratio>,
    /// How a fraction of a point is rounded.
    #[serde(default)]
    pub rounding: Rounding,
    /// Credits status points beside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub also_credit: Option<AlsoCredit>,
    /// How often, or how much, per member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Counts one activity per local date and pays a bonus for consecutive ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streak: Option<Streak>,
}

/// One text or several.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// None.
    #[default]
    None,
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// As a list.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// What a rate applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What the member paid for goods: lines less discounts, points-paid part, gift cards and shipping.
    #[default]
    NetCash,
    /// As `net_cash`, less the taxes contained in the lines.
    NetCashExcludingTax,
    /// The sum of the lines.
    Gross,
}

/// `points` for every `per_minor` spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Points.
    pub points: Points,
    /// Money, in minor units.
    pub per_minor: Minor,
}

/// `also_credit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlsoCredit {
    /// `status` is the only one.
    pub wallet: CreditedWallet,
    /// Of an order, by what was spent; never multiplied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Of another activity: a fixed number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
}

/// The wallet that `also_credit` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditedWallet {
    /// Qualifying points.
    Status,
}

/// `effect`: a multiplier on the next order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// By how much.
    pub multiplier: Ratio,
    /// On what.
    pub applies_to: AppliesTo,
    /// How long it waits for that order, in days.
    pub valid_days: i32,
    /// The most points it may add.
    pub cap_points: Points,
}

/// What an effect applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppliesTo {
    /// The next paid order.
    NextOrder,
}

/// `limit`: above it points are cut off, not the activity refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_member: Option<i64>,
    /// How many points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_points: Option<Points>,
    /// Over which period, by the time of the fact.
    pub period: Period,
}

/// `streak`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streak {
    /// Consecutive dates for a bonus.
    pub every: i32,
    /// The bonus, in points.
    pub bonus: Points,
    /// Again after every further `every` dates, or once per streak.
    pub repeating: bool,
}

/// `[redemption]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// Paying part of an order with points.
    pub pay_with_points: PayWithPoints,
    /// How long points stay held at checkout, in minutes.
    pub hold_minutes: i32,
    /// How long a redemption can be reversed, in days.
    pub reversal_window_days: i32,
}

/// `pay_with_points`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayWithPoints {
    /// This many points ...
    pub points: Points,
    /// ... are worth this much money, in minor units.
    pub value_minor: Minor,
    /// The largest part of an order, in basis points (5000 = 50 %).
    pub max_share_bp: i64,
    /// The fewest points.
    pub min_points: Points,
    /// Points are used in steps of this many.
    pub step_points: Points,
}

/// `[[reward]]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reward {
    /// A short name, unique.
    pub id: String,
    /// Its price in points.
    pub cost_points: Points,
    /// What it is.
    pub kind: RewardKind,
    /// How many there are; unlimited if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// How many one member may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<RewardLimit>,
    /// Another price for a tier.
    #[serde(default)]
    pub tier_price: BTreeMap<String, Points>,
    /// The lowest tier that may have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_tier: Option<String>,
    /// How long a voucher is valid, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher_valid_days: Option<i32>,
    /// To which project a donation goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// What a donation is worth, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_minor: Option<Minor>,
    /// First local date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last local date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// What a reward is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RewardKind {
    /// A single-use code.
    Voucher,
    /// Something to send.
    Material,
    /// Money for a project.
    Donation,
}

/// How many of a reward one member may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardLimit {
    /// How many.
    pub per_member: i64,
    /// Over which period.
    pub period: Period,
}

/// `[adjustment]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// Reasons that may be given.
    pub reasons: Vec<String>,
    /// From more points than this on, up or down, a second person must approve.
    pub approval_over: Points,
    /// How long an approval may wait, in days.
    pub approval_days: i32,
}
