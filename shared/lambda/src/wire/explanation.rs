//! Why an activity earned what it did.

use std::collections::BTreeMap;

use domain::kernel::quantity::{Minor, Points};
use domain::ledger::earning::rules::{Candidate, explain};
use domain::ledger::entry::{Detail, Entry};
use domain::programme::compiled::Programmes;
use domain::programme::condition::Scalar;
use schemars::JsonSchema;
use serde::Serialize;

/// Why an activity earned what it did: the same computation as the decision, made again from what the entry keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// The programme version that decided.
    pub programme_version: String,
    /// The tier at the time.
    pub tier: String,
    /// The order's net amount, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_minor: Option<Minor>,
    /// Refunds that had arrived before the order, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refunded_before_minor: Option<Minor>,
    /// Attributes that rules read.
    pub attributes: BTreeMap<String, Scalar>,
    /// Every rule for the activity, those that gave nothing included.
    pub rules: Vec<Candidate>,
    /// Points in all.
    pub points: Points,
    /// Status points in all.
    pub status_points: Points,
}

impl Explanation {
    /// Makes the decision of an entry again. `None` for entries that are no earnings, or whose version is not loaded.
    #[must_use]
    pub fn of(entry: &Entry, programmes: &Programmes) -> Option<Self> {
        let Detail::Earn { activity, inputs, .. } = &entry.detail else { return None };
        let programme = programmes.numbered(entry.programme)?;
        let explained = explain(programme, activity, entry.occurred_at, inputs, Minor::ZERO);
        Some(Self {
            programme_version: programme.version().to_owned(),
            tier: inputs.tier.clone().unwrap_or_else(|| programme.base_tier().id.clone()),
            net_minor: inputs.net,
            refunded_before_minor: inputs.net.map(|_| inputs.netted).filter(|netted| !netted.is_zero()),
            attributes: inputs.attributes.clone(),
            points: explained.points(),
            status_points: explained.status,
            rules: explained.candidates,
        })
    }
}
