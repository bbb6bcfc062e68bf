//! Audits of what a platform left in a file, tiers and segments included.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::auditor::Auditor;
use crate::tables::{Embedded, Tables};

/// What an audit found, tiers and segments included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audited {
    /// What is wrong.
    pub violations: Vec<String>,
    /// How many members there are.
    pub members: usize,
    /// How many of them have a segment.
    pub scored: usize,
    /// Members by the tier in force at the end.
    pub by_tier: BTreeMap<String, usize>,
    /// How often a tier changed.
    pub changes: usize,
}

/// Audits the tables of an embedded database at rest: also whether an evaluation at an instant would still change anything.
///
/// # Errors
/// The file cannot be read.
pub fn audit_chain(path: &Path, at: Timestamp) -> anyhow::Result<Audited> {
    let tables = Embedded::open(path)?;
    let (auditor, mut violations) = Auditor::from_scratch(|table| tables.dump(table));
    violations.extend(auditor.unevaluated(at.as_millisecond()));
    let mut audited = Audited { violations, members: auditor.members().len(), ..Audited::default() };
    for member in auditor.members().values() {
        *audited.by_tier.entry(member.tier(at.as_millisecond()).to_owned()).or_default() += 1;
        audited.scored += usize::from(member.is_scored());
        audited.changes += member.entries.iter().map(|entry| entry.tier_changes().count()).sum::<usize>();
    }
    Ok(audited)
}
