//! `[[earning_rule]]`: what is earned for a behaviour.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::kernel::quantity::{Minor, Points, Ratio, Rounding};
use crate::kernel::time::Period;
use crate::programme::activity::ORDER_PAID;
use crate::programme::finding::{Findings, Names, sane, sane_amount, sane_count};
use crate::programme::wallet::CreditedWallet;

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
    /// How often fixed points are given for lines; per piece if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
    /// Shipping counts, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipping: bool,
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
    pub effect: Option<BoostGrant>,
    /// Multiplier by tier of the member at the time; 1 if not listed, and nothing is earned at 0.
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
#[serde(untagged, expecting = "must be a text in quotes, or a list of texts")]
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
    /// Is there none?
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.as_slice().is_empty()
    }

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

/// How often fixed points are given for the lines that a rule admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// For each piece.
    #[default]
    Quantity,
    /// For each line.
    Line,
    /// Once, if any line is admitted.
    Order,
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
    /// Only full steps count: 5 points for each full 2.50 are 5 for 3.00.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole_steps: bool,
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

/// `effect`: a multiplier on the next order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoostGrant {
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

impl Limit {
    /// How much of it an earning of so many points uses up: a turn, or the points.
    #[must_use]
    pub fn used_by(&self, points: Points) -> i64 {
        if self.per_member.is_some() { 1 } else { points.0 }
    }
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

/// Checks the rules.
pub(super) fn check(rules: &[EarningRule], names: &Names<'_>, findings: &mut Findings) {
    findings.unique("earning_rule", rules.iter().map(|rule| rule.id.as_str()));
    for rule in rules {
        earning_rule(rule, names, findings);
    }
}

fn earning_rule(rule: &EarningRule, names: &Names<'_>, findings: &mut Findings) {
    let at = |field: &str| format!("earning_rule.{}.{field}", rule.id);
    let kinds = [rule.rate.is_some(), rule.points.is_some(), rule.multiplier.is_some(), rule.effect.is_some()];
    let one = kinds.into_iter().filter(|&given| given).count() == 1;
    findings.unless(one, at("rate"), "exactly one of rate, points, multiplier, effect says what is earned");
    let order = rule.on == ORDER_PAID;
    let needs_order = rule.rate.is_some() || rule.multiplier.is_some() || rule.lines.is_some();
    findings.unless(order || !needs_order, at("on"), format!("rates, multipliers and lines need `{ORDER_PAID}`"));
    if let Some(credit) = rule.also_credit {
        let by_money = rule.rate.is_some() && credit.rate.is_some() && credit.points.is_none();
        let fixed = rule.points.is_some() && !order && credit.rate.is_none() && credit.points.is_some_and(sane_amount);
        findings.unless(
            by_money || fixed,
            at("also_credit"),
            "a rate is credited beside a rate, fixed points (1..=10^12) beside fixed points of a behaviour",
        );
    }
    let rates = rule.rate.into_iter().chain(rule.also_credit.and_then(|credit| credit.rate));
    for rate in rates {
        let fits = (1..=1_000_000).contains(&rate.points.0) && (1..=Minor::LIMIT).contains(&rate.per_minor.0);
        findings.unless(fits, at("rate"), "points must be in 1..=10^6 and per_minor in 1..=10^12");
    }
    for points in rule.points.into_iter().chain(rule.cap_points) {
        findings.unless(points.is_positive() && sane(points), at("points"), "must be in 1..=10^12");
    }
    for tier in rule.tier_multiplier.keys() {
        findings.unless(
            names.tiers.contains(tier.as_str()),
            at("tier_multiplier"),
            format!("there is no tier `{tier}`"),
        );
    }
    rule_extras(rule, findings);
    let dates = rule.from.zip(rule.until).is_none_or(|(from, until)| from <= until);
    findings.unless(dates, at("until"), "ends before it begins");
    findings.unless(rule.rate.is_some() || rule.basis == Basis::NetCash, at("basis"), "only a rate has a basis");
}

fn rule_extras(rule: &EarningRule, findings: &mut Findings) {
    let at = |field: &str| format!("earning_rule.{}.{field}", rule.id);
    let order = rule.on == ORDER_PAID;
    let per_lines = rule.per.is_none() || (rule.points.is_some() && rule.lines.is_some());
    findings.unless(per_lines, at("per"), "only fixed points for lines are given per quantity, line or order");
    let ships = rule.rate.is_some() || rule.lines.is_some();
    findings.unless(ships || !rule.shipping, at("shipping"), "only a rate or a rule with lines may count shipping");
    let factors = rule.multiplier.into_iter().chain(rule.effect.map(|effect| effect.multiplier));
    let factors_positive = factors.into_iter().all(|factor| factor.numerator() > 0);
    findings.unless(factors_positive, at("multiplier"), "only a tier's multiplier may be 0");
    if let Some(limit) = &rule.limit {
        let one = limit.per_member.is_some() != limit.max_points.is_some();
        let sound = limit.per_member.is_none_or(sane_count) && limit.max_points.is_none_or(sane_amount);
        findings.unless(one && sound, at("limit"), "needs either per_member or max_points, in 1..=10^12");
    }
    if let Some(streak) = &rule.streak {
        let fits = (2..=366).contains(&streak.every) && streak.bonus.is_positive() && sane(streak.bonus);
        findings.unless(fits && rule.points.is_some(), at("streak"), "needs points, every in 2..=366 and a bonus");
    }
    if let Some(effect) = &rule.effect {
        let fits = (1..=366).contains(&effect.valid_days) && sane_amount(effect.cap_points);
        findings.unless(
            fits && !order,
            at("effect"),
            "needs valid_days in 1..=366 and cap_points, and is not earned by an order",
        );
        findings.unless(rule.limit.is_none(), at("limit"), "an effect waits once; it has no limit");
    }
}
