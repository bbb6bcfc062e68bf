//! Identifiers as they are given and shown.

use domain::members::enrolment::{Enrolled, Enrolment};
use domain::members::identifier::{Identifier, Kind, Reading};
use domain::members::mask;
use domain::members::resolution::Link;
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
    Reading::of(&programme.document().members)
        .map_err(|_checked_when_published| StoreError::bug("a programme is published that cannot read identifiers"))
}

/// By what a member is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ShownIdentifier {
    /// Its number among the member's, which no other ever has.
    n: u32,
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
    pub(crate) fn new(held: &Held, open: bool) -> Self {
        let hint = || mask::identifier(&held.identifier);
        Self {
            n: held.n,
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

/// An identifier for a member.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkRequest {
    /// The source that says so; a member and an agent speak for themselves.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// By what the member is known, too.
    pub(crate) identifier: GivenIdentifier,
}

/// What became of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LinkReply {
    /// The member.
    member: String,
    /// `linked`: it was nobody's; `own`: it was the member's; `moved`: it was another's, who had not verified it; `stayed`: it is another's.
    outcome: &'static str,
    /// Its number among the member's, if it is the member's now.
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<u32>,
    /// The conflict that was opened, for a person to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<String>,
    /// How often the member was written.
    version: u64,
}

impl LinkReply {
    pub(crate) fn new(asked: &Enrolment, decided: &Enrolled, version: u64) -> Self {
        let outcome = match decided.links.first() {
            Some(Link::Linked) => "linked",
            Some(Link::Moved { .. }) => "moved",
            Some(Link::Stayed { .. }) => "stayed",
            Some(Link::Own) | None => "own",
        };
        let presented = asked.identifiers.first().map(|(_, presented)| presented.index);
        Self {
            member: decided.member.id.to_string(),
            outcome,
            n: presented.and_then(|index| decided.member.has(index)).map(|held| held.n),
            conflict: decided.conflicts.keys().next().map(domain::members::conflict::Pair::id),
            version,
        }
    }
}

/// An identifier is a member's no more.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct UnlinkReply {
    /// False if it had been unlinked before.
    pub(crate) unlinked: bool,
    /// How often the member was written.
    pub(crate) version: u64,
}

/// A code is on its way.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct CodeSentReply {
    /// Until when it is good; a newer one takes its place.
    pub(crate) valid_until: Timestamp,
}

/// A code that somebody has received.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRequest {
    /// Six digits.
    pub(crate) code: String,
}

/// The identifier is verified.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct VerifiedReply {
    /// Since when.
    pub(crate) verified_at: Timestamp,
    /// How often the member was written.
    pub(crate) version: u64,
}
