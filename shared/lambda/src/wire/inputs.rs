//! What rules read to decide an earning.

use std::collections::BTreeMap;

use domain::kernel::quantity::{Minor, Points, Ratio};
use domain::ledger::boost;
use domain::ledger::brought;
use domain::ledger::entry;
use domain::programme::condition::Scalar;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::explanation::StreakStep;
use super::returned::{ReturnedLine, no_money};

/// What rules read to decide an earning: kept in the entry, exactly, so that the decision can be made again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Inputs {
    /// The declared attributes that the programme's rules for this activity read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Scalar>,
    /// The member's tier, unless it is the base tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The member was suspended: nothing of it was posted, and what it earned waits.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
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
    /// It was paid in another programme, before the member moved here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past: Option<Box<Past>>,
}

/// What an order came to in another programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Past {
    /// Its net amount as it was paid, in minor units.
    pub net: Minor,
    /// What it had earned there; nothing is earned by it here.
    #[serde(skip_serializing_if = "no_points")]
    pub earned: Points,
    /// When those points expire, if that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
fn no_points(points: &Points) -> bool {
    points.is_zero()
}

impl From<brought::Past> for Past {
    fn from(brought::Past { net, earned, expires_at }: brought::Past) -> Self {
        Self { net, earned, expires_at }
    }
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

impl Inputs {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&entry::Inputs> for Inputs {
    fn from(inputs: &entry::Inputs) -> Self {
        let entry::Inputs {
            attributes,
            tier,
            suspended,
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
            past,
        } = inputs;
        Self {
            attributes: attributes.clone(),
            tier: tier.clone(),
            suspended: *suspended,
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
            past: past.as_deref().copied().map(|past| Box::new(past.into())),
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
