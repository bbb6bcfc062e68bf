//! Enrolments.

use domain::members::enrolment::{Enrolled, Enrolment};
use domain::members::home::Home;
use domain::members::resolution::Link;
use domain::programme::members::Matched;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::wire::consent::GivenConsent;
use crate::wire::identifier::GivenIdentifier;
use crate::wire::profile::KeptField;

/// Somebody, as a source knows them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrolRequest {
    /// A declared source that sends members; a member and an agent speak for themselves.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// What the source calls the member: said again, it is the same member. A member is called by its own id.
    #[serde(default)]
    pub(crate) external_id: Option<String>,
    /// By what the member is known, at most 20, the most certain first.
    #[serde(default)]
    pub(crate) identifiers: Vec<GivenIdentifier>,
    /// What is known: `name`, `birthday`, `address.city`, a declared attribute; `null` clears.
    #[serde(default)]
    pub(crate) fields: Map<String, Value>,
    /// What the member agrees to.
    #[serde(default)]
    pub(crate) consents: Vec<GivenConsent>,
    /// The version of the notice that was shown: who enrols names it (`GET /v1/notices/notice/{version}`).
    #[serde(default)]
    pub(crate) notice: Option<u32>,
    /// The time zone of the member's days, an IANA name.
    #[serde(default)]
    zone: Option<String>,
    /// The language to write in.
    #[serde(default)]
    locale: Option<String>,
    /// Where the member's festivals are, ISO 3166 alpha-2.
    #[serde(default)]
    countries: Option<Vec<String>>,
    /// Since when it is true; now if absent.
    #[serde(default)]
    pub(crate) at: Option<Timestamp>,
}

impl EnrolRequest {
    pub(crate) fn home(&self) -> Home {
        Home { zone: self.zone.clone(), locale: self.locale.clone(), countries: self.countries.clone() }
    }
}

/// Who it is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct EnrolReply {
    /// The member.
    member: String,
    /// The member is new.
    enrolled: bool,
    /// By which kind of identifier the member was found, if not by what the source calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_by: Option<&'static str>,
    /// The source calls the member by a name too many: it is not found by this one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    too_many_names: bool,
    /// Kinds of identifiers that are the member's since.
    linked: Vec<String>,
    /// Conflicts that were opened, for a person to decide.
    conflicts: Vec<String>,
    /// Fields of which something better is known.
    kept: Vec<KeptField>,
    /// How often the member was written; a change may name it.
    version: u64,
}

impl EnrolReply {
    pub(crate) fn new(enrolment: &Enrolment, decided: &Enrolled, version: u64) -> Self {
        let links = enrolment.identifiers.iter().zip(&decided.links);
        let linked = links.filter(|(_, link)| matches!(link, Link::Linked | Link::Moved { .. }));
        let matched_by = decided.matched_by.map(|by| match by {
            Matched::Card => "card",
            Matched::Wecom => "wecom",
            Matched::Phone => "phone",
            Matched::Email => "email",
        });
        Self {
            member: decided.member.id.to_string(),
            enrolled: decided.new,
            matched_by,
            too_many_names: !decided.named,
            linked: linked.map(|((identifier, _), _)| identifier.kind.to_string()).collect(),
            conflicts: decided.conflicts.keys().map(domain::members::conflict::Pair::id).collect(),
            kept: decided.written.kept.iter().map(KeptField::of).collect(),
            version,
        }
    }
}
