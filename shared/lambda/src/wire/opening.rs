//! What was brought over from another programme, as it is shown.

use std::collections::BTreeMap;

use domain::kernel::canonical::Hash;
use domain::kernel::quantity::Points;
use domain::ledger::brought::Elsewhere;
use domain::ledger::entry::Detail;
use domain::ledger::opening::line;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

/// Something was brought over from another programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Opening {
    /// As a statement says it: from where, and how many lots.
    pub line: String,
    /// What that is called.
    pub name: String,
    /// By which source.
    pub source: String,
    /// Which part: `lots`, `debt`, `tiers`, `status`.
    pub part: &'static str,
    /// How many rows of the file it comes from: as many lots, if it is lots.
    pub rows: u32,
    /// The SHA-256 of the file.
    pub file: Hash,
    /// The tier, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Since which local date it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// Its last local date, whatever the points say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Status points by month.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub status: BTreeMap<String, Points>,
    /// The entry whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<u64>,
    /// When the cutover was: what happened before is told by this source alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// What was earned there in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_points: Option<Points>,
    /// Since which local date the member was one there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_on: Option<Date>,
}

impl Opening {
    /// Of an entry that brought something over.
    pub(super) fn of(detail: &Detail) -> Option<Self> {
        let Detail::Opening { source, name, part, rows, file, tier, status, replaces, elsewhere } = detail else {
            return None;
        };
        let Elsewhere { as_of, lifetime, joined_on } = *elsewhere;
        Some(Self {
            line: line(name, *part, *rows),
            name: name.clone(),
            source: source.clone(),
            part: part.name(),
            rows: *rows,
            file: *file,
            tier: tier.as_ref().map(|opened| opened.tier.clone()),
            since: tier.as_ref().map(|opened| opened.since),
            until: tier.as_ref().map(|opened| opened.until),
            status: status.iter().map(|(month, points)| (month.to_string(), *points)).collect(),
            replaces: replaces.map(|replaced| replaced.entry),
            as_of,
            lifetime_points: lifetime,
            joined_on,
        })
    }
}
