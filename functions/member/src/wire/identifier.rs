//! Identifiers as they are given and shown.

use domain::members::identifier::{Identifier, Kind, Reading};
use domain::members::mask;
use domain::members::state::Held;
use domain::programme::compiled::Programme;
use jiff::Timestamp;
use lambda::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::StoreError;

/// By what somebody is known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenIdentifier {
    /// `phone`, `email`, `card`, `wecom`, `device` or `external:SOURCE`.
    kind: String,
    /// As it is written; it is read in many spellings.
    value: String,
    /// Of a phone number without a country code: where it belongs, ISO 3166 alpha-2; the programme's region if absent.
    #[serde(default)]
    country: Option<String>,
    /// The source has verified it. It counts if the programme says that this source verifies such; cards always are.
    #[serde(default)]
    pub(crate) verified: bool,
}

impl GivenIdentifier {
    /// In the one spelling in which it is compared.
    pub(crate) fn read(&self, reading: &Reading) -> Result<Identifier, Problem> {
        let kind: Kind = self.kind.parse().map_err(|words: String| Problem::invalid("/kind", words))?;
        let read = reading.identifier(kind, &self.value, self.country.as_deref());
        read.map_err(|refusal| Problem::refused(&refusal).at("/value"))
    }
}

/// How identifiers are read by a programme.
pub(crate) fn reading(programme: &Programme) -> Result<Reading, StoreError> {
    let members = &programme.document().members;
    let reading = Reading::new(&members.region, &members.card.pattern, members.card.luhn);
    reading.map_err(|_checked_when_published| StoreError::bug("a programme is published that cannot read identifiers"))
}

/// By what a member is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ShownIdentifier {
    /// Its place among the member's.
    n: usize,
    /// Of which kind.
    kind: String,
    /// The value, for those who may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// A hint, for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// Its newest verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Timestamp>,
    /// The source that presented it first.
    source: String,
    /// When that was.
    at: Timestamp,
    /// It is another's; this member is written to there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    contact: bool,
}

impl ShownIdentifier {
    pub(crate) fn new(n: usize, held: &Held, open: bool) -> Self {
        let hint = || mask::identifier(&held.identifier);
        Self {
            n,
            kind: held.identifier.kind.to_string(),
            value: open.then(|| held.identifier.value.clone()),
            hint: (!open).then(hint),
            verified_at: held.verified_at,
            source: held.source.clone(),
            at: held.at,
            contact: held.contact,
        }
    }
}
