//! `[[source]]`: the systems that report, and what is expected of them.

use serde::{Deserialize, Serialize};

use crate::kernel::refusal::refusals;
use crate::programme::finding::Findings;
use crate::programme::later::moment::Span;
use crate::programme::members::{FIELDS, MemberAttribute};

refusals! {
    /// Nobody may send that.
    Sourcing {
        /// The programme has no such source.
        Invalid UndeclaredSource ("undeclared_source" at "source") {
            /// Those that may send it.
            known: Vec<String>,
        } = "the programme has no such source",
        /// The source is not declared to send it.
        Invalid NotSentBySource ("not_sent_by_source" at "source") {
            /// Those that may send it.
            known: Vec<String>,
        } = "this source is not declared to send that",
    }
}

/// `[[source]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A short name, unique.
    pub id: String,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Which `source` of CloudEvents is its; `*` at the end stands for anything.
    pub r#match: Vec<String>,
    /// What it may send.
    pub sends: Vec<Sends>,
    /// Whose word counts where two differ; the higher. A member's own counts 40, an agent's 30.
    #[serde(default = "Source::rank", skip_serializing_if = "Source::is_rank")]
    pub rank: u8,
    /// Which identifiers it has verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifies: Vec<Verified>,
    /// Is it the members' own app?
    #[serde(default, rename = "self", skip_serializing_if = "std::ops::Not::not")]
    pub is_self: bool,
    /// The form of its messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Where its secret is kept, `parameter:NAME`; never the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// What becomes of facts about nobody known: `enrol` or `receipt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_member: Option<String>,
    /// What is expected of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
}

/// What a source may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sends {
    /// Members and what is known of them.
    Members,
    /// Behaviours that can be rewarded.
    Activities,
    /// Behaviours that earn nothing.
    Signals,
    /// What members agreed to.
    Consents,
    /// Tags by hand.
    Tags,
}

/// A kind of identifier that a source can have verified. Cards always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// Phone numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Users of WeCom.
    Wecom,
}

/// `[source.quality]`; shares in basis points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Fields that are expected of every member that it writes.
    #[serde(default)]
    pub complete: Vec<String>,
    /// How many of them are filled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completeness_min_bp: Option<i32>,
    /// How many of its facts and rows are accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity_min_bp: Option<i32>,
    /// How many of its facts come in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeliness_min_bp: Option<i32>,
    /// What in time is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<Span>,
    /// From how many on it is judged.
    #[serde(default)]
    pub min_volume: i64,
    /// Without a fact for how long it is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silent_after: Option<Span>,
}

/// What can be expected of members beside their fields.
const BESIDE_FIELDS: [&str; 7] = ["phone", "email", "card", "wecom", "zone", "locale", "countries"];

impl Source {
    const fn rank() -> u8 {
        10
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    const fn is_rank(rank: &u8) -> bool {
        *rank == Self::rank()
    }

    /// Is what comes under this name its?
    #[must_use]
    pub fn is(&self, source: &str) -> bool {
        self.r#match.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => source.starts_with(start),
            None => source == pattern,
        })
    }
}

/// A source by its id, if it may send something.
///
/// # Errors
/// There is none of this name, or it may not.
pub fn named<'a>(sources: &'a [Source], id: &str, sends: Sends) -> Result<&'a Source, Sourcing> {
    let known = || senders(sources, sends).map(|source| source.id.clone()).collect();
    permitted(sources.iter().find(|source| source.id == id), sends, known)
}

/// The source whose events come under a name.
#[must_use]
pub fn under<'a>(sources: &'a [Source], name: &str) -> Option<&'a Source> {
    sources.iter().find(|source| source.is(name))
}

/// The source whose events come under a name, if it may send something.
///
/// # Errors
/// It is nobody's, or whose it is may not.
pub fn reporting<'a>(sources: &'a [Source], name: &str, sends: Sends) -> Result<&'a Source, Sourcing> {
    let known = || senders(sources, sends).flat_map(|source| source.r#match.iter().cloned()).collect();
    permitted(under(sources, name), sends, known)
}

fn senders(sources: &[Source], sends: Sends) -> impl Iterator<Item = &Source> {
    sources.iter().filter(move |source| source.sends.contains(&sends))
}

fn permitted(found: Option<&Source>, sends: Sends, known: impl Fn() -> Vec<String>) -> Result<&Source, Sourcing> {
    let found = found.ok_or_else(|| Sourcing::UndeclaredSource { known: known() })?;
    if found.sends.contains(&sends) { Ok(found) } else { Err(Sourcing::NotSentBySource { known: known() }) }
}

/// Checks the section.
pub(super) fn check(sources: &[Source], attributes: &[MemberAttribute], findings: &mut Findings) {
    findings.unique("source", sources.iter().map(|source| source.id.as_str()));
    for (place, source) in sources.iter().enumerate() {
        let at = |field: &str| format!("source.{}.{field}", source.id);
        findings.unless((1..=39).contains(&source.rank), at("rank"), "must be in 1..=39");
        findings.unless(
            !source.r#match.is_empty(),
            at("match"),
            "name at least one source of events, such as \"/crm/*\"",
        );
        findings.unless(!source.sends.is_empty(), at("sends"), "name what it may send");
        for pattern in &source.r#match {
            let star = pattern.find('*').is_none_or(|found| found.saturating_add(1) == pattern.len());
            findings.unless(star && !pattern.is_empty(), at("match"), "a `*` stands at the end, for anything");
            let clash =
                sources.iter().take(place).find(|other| other.r#match.iter().any(|theirs| overlap(theirs, pattern)));
            if let Some(other) = clash {
                findings.unless(false, at("match"), format!("`{pattern}` is of source {} too", other.id));
            }
        }
        let named = source.secret.as_ref().is_none_or(|secret| secret.starts_with("parameter:"));
        findings.unless(named, at("secret"), "a programme names a secret, parameter:NAME, and never holds one");
        let handled = source.unknown_member.as_ref().is_none_or(|word| ["enrol", "receipt"].contains(&word.as_str()));
        findings.unless(handled, at("unknown_member"), "must be enrol or receipt");
        if let Some(quality) = &source.quality {
            let shares = [
                ("completeness_min_bp", quality.completeness_min_bp),
                ("validity_min_bp", quality.validity_min_bp),
                ("timeliness_min_bp", quality.timeliness_min_bp),
            ];
            for (field, share) in shares {
                let fits = share.is_none_or(|share| (0..=10_000).contains(&share));
                findings.unless(fits, at(&format!("quality.{field}")), "must be in 0..=10000");
            }
            let known = |field: &str| {
                FIELDS.contains(&field)
                    || BESIDE_FIELDS.contains(&field)
                    || attributes.iter().any(|attribute| attribute.id == field)
            };
            for field in quality.complete.iter().filter(|field| !known(field)) {
                findings.unless(false, at("quality.complete"), format!("members have no `{field}`"));
            }
            let fits = (0..=1_000_000_000).contains(&quality.min_volume);
            findings.unless(fits, at("quality.min_volume"), "must be in 0..=1000000000");
        }
    }
}

/// Could one name be of both patterns?
fn overlap(left: &str, right: &str) -> bool {
    match (left.strip_suffix('*'), right.strip_suffix('*')) {
        (Some(left), Some(right)) => left.starts_with(right) || right.starts_with(left),
        (Some(start), None) => right.starts_with(start),
        (None, Some(start)) => left.starts_with(start),
        (None, None) => left == right,
    }
}
