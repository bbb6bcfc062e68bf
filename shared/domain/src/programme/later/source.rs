//! `[[source]]`: systems that report.

use serde::Deserialize;

use super::moment::Span;
use super::place::Place;
use super::section::Section;

/// `[[source]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// A short name, unique.
    pub id: String,
    /// For people.
    pub name: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What it is for.
    pub purpose: Option<String>,
    /// Which `source` of events is its; `*` at the end stands for anything.
    #[serde(default)]
    pub r#match: Vec<String>,
    /// What it may send.
    #[serde(default)]
    pub sends: Vec<String>,
    /// Whose word counts where two differ; the higher.
    pub rank: Option<i64>,
    /// Which identifiers it has verified.
    #[serde(default)]
    pub verifies: Vec<String>,
    /// The form of its messages.
    pub format: Option<String>,
    /// Where its secret is kept; never the secret.
    pub secret: Option<String>,
    /// What becomes of facts about nobody known: `enrol` or `receipt`.
    pub unknown_member: Option<String>,
    /// What is expected of it.
    pub quality: Option<Quality>,
}

/// `[source.quality]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// Fields that are expected.
    #[serde(default)]
    pub complete: Vec<String>,
    /// How many have them, in basis points.
    pub completeness_min_bp: Option<i64>,
    /// How many are valid, in basis points.
    pub validity_min_bp: Option<i64>,
    /// How many come in time, in basis points.
    pub timeliness_min_bp: Option<i64>,
    /// What in time is.
    pub lag: Option<Span>,
    /// From how many on it is judged.
    pub min_volume: Option<i64>,
    /// After how long it is silent.
    pub silent_after: Option<Span>,
}

impl Section for Source {
    fn check(&self, place: &mut Place<'_>) {
        place.range(0..=1_000, [("rank", self.rank)]);
        place.one_of("unknown_member", self.unknown_member.as_deref(), &["enrol", "receipt"]);
        let named = self.secret.as_ref().is_none_or(|secret| secret.starts_with("parameter:"));
        place.unless(named, "secret", "a programme names a secret, parameter:NAME, and never holds one");
        if let Some(quality) = &self.quality {
            let mut place = place.within("quality");
            place.range(
                0..=10_000,
                [
                    ("completeness_min_bp", quality.completeness_min_bp),
                    ("validity_min_bp", quality.validity_min_bp),
                    ("timeliness_min_bp", quality.timeliness_min_bp),
                ],
            );
            place.range(0..=1_000_000_000, [("min_volume", quality.min_volume)]);
        }
    }
}
