//! `[[benefit]]`: what tiers entitle to.

use serde::{Deserialize, Serialize};

use crate::kernel::quantity::Minor;
use crate::kernel::time::Period;
use crate::programme::finding::{Findings, sane_count};

/// `[[benefit]]`: what tiers entitle to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// A short name, unique.
    pub id: String,
    /// What it is, for people.
    #[serde(default)]
    pub description: String,
    /// How often it may be used in each period; as often as one likes if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// Over which period the count runs; needs `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// How many there are for everybody; unlimited if absent. Needs `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// What one use costs the brand, in minor units.
    #[serde(default)]
    pub unit_cost_minor: Minor,
}

/// What the names of stocks of benefits begin with; no reward's id has a colon.
pub(crate) const OF_BENEFITS: &str = "benefit:";

impl Benefit {
    /// The name under which its stock is kept; no reward has such a name.
    #[must_use]
    pub fn stock_name(&self) -> String {
        format!("{OF_BENEFITS}{}", self.id)
    }
}

/// Checks the section.
pub(super) fn check(benefits: &[Benefit], findings: &mut Findings) {
    findings.unique("benefit", benefits.iter().map(|benefit| benefit.id.as_str()));
    for benefit in benefits {
        let at = |field: &str| format!("benefit.{}.{field}", benefit.id);
        let counted = benefit.count.is_some() == benefit.period.is_some();
        findings.unless(counted, at("period"), "a count needs a period, and a period a count");
        findings.unless(benefit.count.is_none_or(sane_count), at("count"), "must be in 1..=10^12");
        let stocked = benefit.stock.is_none_or(|stock| stock > 0 && benefit.count.is_some());
        findings.unless(stocked, at("stock"), "must be above zero, and needs a count");
        let cost = (0..=Minor::LIMIT).contains(&benefit.unit_cost_minor.0);
        findings.unless(cost, at("unit_cost_minor"), "must be in 0..=10^12");
    }
}
