//! `[[tag]]`: the tag dictionary.

use serde::{Deserialize, Serialize};

use crate::programme::finding::Findings;

/// `[[tag]]`: an entry of the tag dictionary. A tag is computed, from `when`, or given by hand.
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The ladder that it is a rung of: of the tags of a ladder a member has the first whose condition holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<String>,
    /// Is it given by hand?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub manual: bool,
    /// Who may give it by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<Tagger>,
    /// For how many days it is given by hand unless that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_days: Option<i32>,
}

/// A role that may give tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tagger {
    /// An agent.
    Agent,
    /// Who leads agents.
    Lead,
    /// An administrator.
    Admin,
}

/// Checks the dictionary; computed tags are conditions on scores.
pub(super) fn check(tags: &[Tag], scored: bool, findings: &mut Findings) {
    findings.unique("tag", tags.iter().map(|tag| tag.id.as_str()));
    let computed = tags.iter().any(|tag| tag.when.is_some());
    findings.unless(scored || !computed, "tag", "computed tags need scores: [rfmls]");
    for tag in tags {
        let at = |field: &str| format!("tag.{}.{field}", tag.id);
        findings.unless(tag.manual != tag.when.is_some(), at("when"), "a tag has either `when` or `manual = true`");
        findings.unless(tag.when.is_some() || tag.ladder.is_none(), at("ladder"), "only computed tags have a ladder");
        if tag.manual {
            findings.unless(!tag.who.is_empty(), at("who"), "name the roles that may give it");
            let fits = tag.valid_days.is_some_and(|days| (1..=3_650).contains(&days));
            findings.unless(fits, at("valid_days"), "must be in 1..=3650");
        } else {
            findings.unless(tag.who.is_empty(), at("who"), "nobody gives a computed tag");
            findings.unless(tag.valid_days.is_none(), at("valid_days"), "a computed tag ends when it no longer holds");
        }
    }
}
