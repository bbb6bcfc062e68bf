//! `[[reward]]`: the catalogue.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::kernel::quantity::{Minor, Points};
use crate::kernel::time::Period;
use crate::programme::finding::{Findings, Names, sane, sane_count};

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
    /// What other contexts give counts, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub grants: bool,
}

/// Checks the catalogue.
pub(super) fn check(rewards: &[Reward], names: &Names<'_>, findings: &mut Findings) {
    findings.unique("reward", rewards.iter().map(|reward| reward.id.as_str()));
    for reward in rewards {
        one(reward, names, findings);
    }
}

fn one(reward: &Reward, names: &Names<'_>, findings: &mut Findings) {
    let at = |field: &str| format!("reward.{}.{field}", reward.id);
    let prices = std::iter::once(&reward.cost_points).chain(reward.tier_price.values());
    for price in prices {
        findings.unless(price.is_positive() && sane(*price), at("cost_points"), "must be in 1..=10^12");
    }
    for tier in reward.tier_price.keys().chain(&reward.min_tier) {
        let known = names.tiers.contains(tier.as_str());
        findings.unless(known, at("tier_price"), format!("there is no tier `{tier}`"));
    }
    if let Some(limit) = &reward.limit {
        findings.unless(sane_count(limit.per_member), at("limit"), "must be in 1..=10^12");
    }
    let voucher = reward.voucher_valid_days.is_some_and(|days| (1..=3650).contains(&days));
    findings.unless(
        voucher == (reward.kind == RewardKind::Voucher),
        at("voucher_valid_days"),
        "vouchers, and only they, need voucher_valid_days in 1..=3650",
    );
    let donation = reward.project.is_some() && reward.value_minor.is_some_and(|value| sane_count(value.0));
    findings.unless(
        donation == (reward.kind == RewardKind::Donation),
        at("project"),
        "donations, and only they, need a project and value_minor",
    );
}
