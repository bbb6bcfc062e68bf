//! `[adjustment]`: corrections by hand.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::quantity::Points;
use crate::programme::finding::{Findings, sane};

/// `[adjustment]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjustment {
    /// Reasons that may be given.
    pub reasons: Vec<String>,
    /// From more points than this on, up or down, within 24 hours, a second person must approve: of one person over all members, or of one
    /// member.
    pub approval_over: Points,
    /// The same over all persons and members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand_day_limit: Option<Points>,
    /// How long an approval may wait, in days.
    pub approval_days: i32,
}

/// Checks the section.
pub(super) fn check(adjustment: &Adjustment, findings: &mut Findings) {
    let reasons: BTreeSet<&String> = adjustment.reasons.iter().collect();
    findings.unless(reasons.len() == adjustment.reasons.len(), "adjustment.reasons", "a reason is given twice");
    findings.unless(
        sane(adjustment.approval_over) && (1..=90).contains(&adjustment.approval_days),
        "adjustment",
        "approval_over must be in 0..=10^12 and approval_days in 1..=90",
    );
    findings.unless(
        adjustment.brand_day_limit.is_none_or(|limit| sane(limit) && limit >= adjustment.approval_over),
        "adjustment",
        "brand_day_limit must be in approval_over..=10^12",
    );
}
