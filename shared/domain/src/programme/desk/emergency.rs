//! `[emergency_pack]`, `[[emergency_item]]`: what an agent may give on the spot, and how much (rules: desk 19-22).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::programme::earning_rule::EarningRule;
use crate::programme::finding::Findings;

/// The fact that points of a pack are earned by.
pub const EMERGENCY_GRANTED: &str = "emergency.granted";

/// `[emergency_pack]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyPack {
    /// The most for a case, in minor units.
    pub per_case_minor: i64,
    /// The most grants of an agent on a local date.
    pub per_agent_day: u16,
    /// Grants for a member in 30 local dates: one, or 0 for no limit.
    pub per_member_30d: u8,
    /// The most in a local month, in minor units.
    pub monthly_budget_minor: i64,
    /// A second person approves what makes a case dearer than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_above_minor: Option<i64>,
    /// For how many hours that can be approved.
    #[serde(default = "EmergencyPack::a_day", skip_serializing_if = "EmergencyPack::is_a_day")]
    pub approval_hours: u16,
}

impl EmergencyPack {
    const fn a_day() -> u16 {
        24
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    const fn is_a_day(hours: &u16) -> bool {
        *hours == 24
    }
}

/// `[[emergency_item]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyItem {
    /// A short name, unique.
    pub id: String,
    /// What it is.
    pub kind: ItemKind,
    /// What one costs, in minor units.
    pub unit_cost_minor: i64,
    /// How many there are; of gifts alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// Which reward a coupon is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<String>,
}

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Points, by an earning rule.
    Points,
    /// A voucher of a reward.
    Coupon,
    /// Something to send.
    Gift,
    /// An order that is sent before others.
    Expedite,
}

/// Checks the two sections.
pub(super) fn check(
    (pack, items): (Option<&EmergencyPack>, &[EmergencyItem]),
    rewards: &BTreeSet<&str>,
    earning: &[EarningRule],
    findings: &mut Findings,
) {
    findings.unique("emergency_item", items.iter().map(|item| item.id.as_str()));
    findings.unless(pack.is_some() || items.is_empty(), "emergency_pack", "there are items, and no budget");
    let Some(pack) = pack else { return };
    let at = |field: &str| format!("emergency_pack.{field}");
    let money = 1..=1_000_000_000_000_i64;
    for (field, amount) in
        [("per_case_minor", pack.per_case_minor), ("monthly_budget_minor", pack.monthly_budget_minor)]
    {
        findings.unless(money.contains(&amount), at(field), "must be in 1..=1000000000000");
    }
    let approved = pack.approval_above_minor.is_none_or(|amount| amount == 0 || money.contains(&amount));
    findings.unless(approved, at("approval_above_minor"), "must be in 0..=1000000000000");
    findings.unless((1..=1_000).contains(&pack.per_agent_day), at("per_agent_day"), "must be in 1..=1000");
    findings.unless((1..=1_000).contains(&pack.approval_hours), at("approval_hours"), "must be in 1..=1000");
    findings.unless(pack.per_member_30d <= 1, at("per_member_30d"), "must be 1, or 0 for no limit");
    let fits = pack.per_case_minor <= pack.monthly_budget_minor;
    findings.unless(fits, at("per_case_minor"), "must be at most the month's budget");
    for item in items {
        let at = |field: &str| format!("emergency_item.{}.{field}", item.id);
        let paid = (0..=pack.per_case_minor).contains(&item.unit_cost_minor);
        findings.unless(paid, at("unit_cost_minor"), "must be from 0 to what a case may cost");
        let gift = item.kind == ItemKind::Gift;
        findings.unless(gift == item.stock.is_some(), at("stock"), "gifts, and nothing else, have a stock");
        let coupon = item.kind == ItemKind::Coupon;
        let reward = item.reward.as_deref().map_or(!coupon, |reward| coupon && rewards.contains(reward));
        findings.unless(reward, at("reward"), "a coupon, and nothing else, is a voucher of a reward");
        let named = |rule: &EarningRule| {
            let conditions = rule.when.as_slice();
            rule.on == EMERGENCY_GRANTED
                && (conditions.is_empty() || conditions.iter().any(|when| when.contains(&item.id)))
        };
        let earned = item.kind != ItemKind::Points || earning.iter().any(named);
        findings.unless(earned, at("kind"), format!("no earning rule on `{EMERGENCY_GRANTED}` names it"));
    }
}
