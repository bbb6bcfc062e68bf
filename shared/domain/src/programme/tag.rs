//! `[[tag]]`: the tag dictionary.

use serde::{Deserialize, Serialize};

use crate::programme::finding::Findings;

/// `[[tag]]`: an entry of the tag dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// A short name, unique.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// What it means, for people.
    pub definition: String,
    /// Whom it marks, in CEL over the same names as a segment.
    pub when: String,
    /// The ladder that it is a rung of: of the tags of a ladder a member has the first whose condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<String>,
}

/// Checks the dictionary; tags are conditions on scores.
pub(super) fn check(tags: &[Tag], scored: bool, findings: &mut Findings) {
    findings.unique("tag", tags.iter().map(|tag| tag.id.as_str()));
    findings.unless(scored || tags.is_empty(), "tag", "tags need scores: [rfmls]");
}
