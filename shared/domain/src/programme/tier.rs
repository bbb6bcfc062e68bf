//! `[tiers]` and `[[tier]]`: how tiers rise and fall.

use serde::{Deserialize, Serialize};

use crate::programme::earning_rule::OneOrMany;
use crate::programme::finding::{Findings, Names, notices, sane_count};
use crate::programme::wallet::CreditedWallet;

/// `[tiers]`: how tiers rise and fall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TierRules {
    /// The wallet whose points qualify; `status` is the only one.
    pub wallet: CreditedWallet,
    /// What must be reached again to keep a tier: the points of its period.
    pub window: Window,
    /// When a tier rises: at once.
    pub upgrade: Upgrade,
    /// How long a period lasts, in months; also how far back an upgrade looks.
    pub period: Months,
    /// To what the end of a period is rounded.
    pub round_period: RoundPeriod,
    /// How long after the end of its period a tier may still be kept by qualifying, in days.
    pub grace_days: i32,
    /// How far a tier falls.
    pub downgrade: Downgrade,
    /// Does a refund undo an upgrade that it takes the ground from?
    pub revoke_on_refund: bool,
    /// How long after the upgrade, in days.
    pub revoke_window_days: i32,
    /// How many days before a downgrade the member is told.
    pub notify_before_downgrade_days: Vec<i32>,
    /// May an operator set a lowest tier for a member?
    pub manual_floor_allowed: bool,
}

impl Default for TierRules {
    fn default() -> Self {
        Self {
            wallet: CreditedWallet::Status,
            window: Window::TierPeriod,
            upgrade: Upgrade::Immediate,
            period: Months(12),
            round_period: RoundPeriod::EndOfMonth,
            grace_days: 30,
            downgrade: Downgrade::OneDown,
            revoke_on_refund: true,
            revoke_window_days: 14,
            notify_before_downgrade_days: Vec::new(),
            manual_floor_allowed: true,
        }
    }
}

/// A number of calendar months, 1 to 12, written `P12M`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Months(pub i32);

impl TryFrom<String> for Months {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let months = text.strip_prefix('P').and_then(|rest| rest.strip_suffix('M')).and_then(|text| text.parse().ok());
        let months = months.filter(|months| (1..=12).contains(months));
        months.map(Self).ok_or_else(|| format!("`{text}` is not a period from \"P1M\" to \"P12M\""))
    }
}

impl From<Months> for String {
    fn from(months: Months) -> Self {
        format!("P{}M", months.0)
    }
}

/// `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Points of facts since the current period began.
    TierPeriod,
}

/// `upgrade`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Upgrade {
    /// As soon as the threshold is reached.
    Immediate,
}

/// `round_period`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundPeriod {
    /// The end of its month.
    EndOfMonth,
}

/// `downgrade`: what becomes of a tier that was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Downgrade {
    /// It falls to the next lower tier.
    OneDown,
    /// It falls to the tier that the points of the last months are good for.
    FullReassess,
    /// It never falls.
    None,
}

/// `[[tier]]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// A short name, unique.
    pub id: String,
    /// Its place, from 0.
    pub rank: u8,
    /// Status points needed.
    pub threshold: i64,
    /// Another way in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative: Option<Alternative>,
    /// What its members get.
    #[serde(default)]
    pub benefits: Vec<String>,
    /// Tiers of earlier versions whose place it takes: whoever holds one of them holds it.
    #[serde(default, skip_serializing_if = "OneOrMany::is_none")]
    pub was: OneOrMany,
}

impl Tier {
    /// Its id, and those of the tiers whose place it takes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id).chain(self.was.as_slice()).map(String::as_str)
    }
}

/// `alternative`: a tier for members of a segment, whatever their points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alternative {
    /// From which tier on.
    pub min_tier: String,
    /// For members of which segment.
    pub segment: String,
}

/// Checks both sections.
pub(super) fn check(rules: &TierRules, tiers: &[Tier], names: &Names<'_>, findings: &mut Findings) {
    findings.unique("tier", tiers.iter().map(|tier| tier.id.as_str()));
    findings.unless((0..=366).contains(&rules.grace_days), "tiers.grace_days", "must be in 0..=366");
    findings.unless((0..=90).contains(&rules.revoke_window_days), "tiers.revoke_window_days", "must be in 0..=90");
    notices("tiers.notify_before_downgrade_days", &rules.notify_before_downgrade_days, findings);
    for (place, tier) in tiers.iter().enumerate() {
        for was in tier.was.as_slice() {
            let others = tiers.iter().enumerate().filter(|(other, _)| *other != place);
            let taken = tiers.iter().any(|other| other.id == *was)
                || others.flat_map(|(_, other)| other.names()).any(|name| name == was);
            findings.unless(!taken, format!("tier.{}.was", tier.id), format!("`{was}` is or was another tier"));
        }
        let at = |field: &str| format!("tier.{}.{field}", tier.id);
        let reached = tier.threshold == 0 || sane_count(tier.threshold);
        findings.unless(reached, at("threshold"), "must be in 0..=10^12");
        if let Some(alternative) = &tier.alternative {
            let lower = tiers.iter().any(|other| other.id == alternative.min_tier && other.rank < tier.rank);
            findings.unless(lower, at("alternative.min_tier"), "must be a lower tier");
            let known = names.segments.contains(alternative.segment.as_str());
            findings.unless(known, at("alternative.segment"), "there is no such segment");
        }
        for benefit in &tier.benefits {
            let known = names.benefits.contains(benefit.as_str());
            findings.unless(known, at("benefits"), format!("there is no benefit `{benefit}`"));
        }
    }
    let mut rising: Vec<_> = tiers.iter().collect();
    rising.sort_by_key(|tier| tier.rank);
    let base = rising.first().is_some_and(|tier| tier.rank == 0 && tier.threshold == 0);
    findings.unless(base, "tier", "there is a tier of rank 0 with threshold 0");
    for pair in rising.windows(2) {
        let rises = pair[0].rank < pair[1].rank && pair[0].threshold < pair[1].threshold;
        findings.unless(rises, format!("tier.{}.threshold", pair[1].id), "thresholds rise strictly with the rank");
    }
}
