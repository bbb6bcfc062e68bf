//! What is known of a member, as much as the caller may see (rules: privacy 17).

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::members::field::Value;
use domain::members::home::Home;
use domain::members::looking::Retention;
use domain::members::mask;
use domain::members::profile::{BIRTHDAY, Kept, Known};
use domain::members::state::State;
use domain::members::tag::current;
use domain::members::telling::Heard;
use domain::programme::source::Source;
use jiff::Timestamp;
use jiff::civil::Date;
use lambda::{Principal, Role};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use store::StoredMember;

use crate::wire::identifier::ShownIdentifier;

/// What is said of a member.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRequest {
    /// The version that was read, if nothing may have changed since.
    #[serde(default)]
    pub(crate) version: Option<u64>,
    /// The source that says so; a member and an agent speak for themselves.
    #[serde(default)]
    pub(crate) source: Option<String>,
    /// `name`, `birthday`, `address.city`, a declared attribute; `null` clears.
    #[serde(default)]
    pub(crate) fields: Map<String, Json>,
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

impl ChangeRequest {
    pub(crate) fn home(&self) -> Home {
        Home { zone: self.zone.clone(), locale: self.locale.clone(), countries: self.countries.clone() }
    }
}

/// What came of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ChangeReply {
    /// Fields whose values are others now.
    changed: Vec<String>,
    /// Fields of which something better is known.
    kept: Vec<KeptField>,
    /// How often the member was written.
    version: u64,
}

impl ChangeReply {
    pub(crate) fn new(heard: &Heard, version: u64) -> Self {
        let kept = heard.written.kept.iter().map(KeptField::of).collect();
        Self { changed: heard.written.changed.clone(), kept, version }
    }
}

/// A field of which something better is known.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct KeptField {
    /// Which.
    field: String,
    /// Who said what is kept.
    source: String,
    /// Since when that is true.
    at: Timestamp,
}

impl KeptField {
    pub(crate) fn of(kept: &Kept) -> Self {
        Self { field: kept.field.clone(), source: kept.provenance.source.clone(), at: kept.provenance.at }
    }
}

/// How much a caller sees.
#[derive(Debug, Clone)]
pub(crate) enum Seeing {
    /// Its own.
    All,
    /// What a system has sent itself.
    Sent(Vec<String>),
    /// Hints.
    Masked,
    /// Nothing personal.
    Nothing,
}

impl Seeing {
    pub(crate) fn of(principal: &Principal, sources: &[Source]) -> Self {
        let own = || sources.iter().filter(|source| source.is(&principal.subject)).map(|source| source.id.clone());
        match principal.role {
            Role::Member => Self::All,
            Role::Partner => Self::Sent(own().collect()),
            Role::Agent | Role::Lead | Role::Admin => Self::Masked,
            Role::Auditor => Self::Nothing,
        }
    }

    /// Is a value of a source seen, and open?
    fn sees(&self, source: &String) -> Option<bool> {
        match self {
            Self::All => Some(true),
            Self::Sent(own) => own.contains(source).then_some(true),
            Self::Masked => Some(false),
            Self::Nothing => None,
        }
    }
}

/// What is known of a member.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct MemberReply {
    /// The member.
    member: String,
    /// The id that was asked for, if this member stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<String>,
    /// How often the member was written.
    version: u64,
    /// `active`, `suspended` or `closed`.
    state: &'static str,
    /// When the member was enrolled.
    enrolled_at: Timestamp,
    /// Since which local date the person was a member elsewhere, if that is longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_on: Option<Date>,
    /// The member has died: the account is closed, and nobody writes there any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deceased: bool,
    /// By which source.
    source: String,
    /// The time zone of the member's days.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// The language to write in.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    /// Where the member's festivals are.
    countries: Vec<String>,
    /// By what the member is known.
    identifiers: Vec<ShownIdentifier>,
    /// What is known, by field.
    fields: BTreeMap<String, ShownField>,
    /// Tags by hand, each with its last local day.
    tags: BTreeMap<String, Date>,
}

/// A value and where it came from.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownField {
    /// The value, or a hint of it; null if it was cleared.
    value: Json,
    /// Only a hint is shown.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    /// Who said so.
    source: String,
    /// Since when it is true.
    at: Timestamp,
}

/// As on the wire.
pub(crate) const fn state(state: &State) -> &'static str {
    state.name()
}

impl MemberReply {
    pub(crate) fn new(stored: &StoredMember, asked: &MemberId, seeing: Seeing, retention: Retention<'_>) -> Self {
        let StoredMember { member, version } = stored;
        let identifiers = member.identifiers.iter();
        let identifiers = identifiers.filter_map(|held| Some(ShownIdentifier::new(held, seeing.sees(&held.source)?)));
        let fields = member.profile.fields.iter();
        let fields =
            fields.filter(|(field, known)| retention.keeps(field, known.provenance.at)).filter_map(|(field, known)| {
                let open = seeing.sees(&known.provenance.source)?;
                Some((field.clone(), ShownField::new(field, known, open)))
            });
        Self {
            member: member.id.to_string(),
            merged_from: (*asked != member.id).then(|| asked.to_string()),
            version: *version,
            state: state(&member.state),
            enrolled_at: member.enrolled_at,
            joined_on: member.joined_on,
            deceased: member.is_deceased(),
            source: member.source.clone(),
            zone: member.zone.clone(),
            locale: member.locale.clone(),
            countries: member.countries.clone(),
            identifiers: identifiers.collect(),
            fields: fields.collect(),
            tags: current(&member.tags, retention.today).map(|(tag, until)| (tag.to_owned(), until)).collect(),
        }
    }
}

impl ShownField {
    fn new(field: &str, known: &Known, open: bool) -> Self {
        let whole = known.value.as_ref().map_or(Json::Null, |value| json!(value));
        let hint = if open || whole.is_null() { whole.clone() } else { hint(field, known.value.as_ref(), &whole) };
        Self { masked: hint != whole, value: hint, source: known.provenance.source.clone(), at: known.provenance.at }
    }
}

/// What people who serve members see: the name they call the member by, the month of the birthday, country and city.
fn hint(field: &str, value: Option<&Value>, whole: &Json) -> Json {
    match (field, value) {
        ("name" | "address.country" | "address.city", _) => whole.clone(),
        (BIRTHDAY, Some(Value::Date(date))) => json!({ "month": date.month() }),
        ("given_name" | "family_name", Some(Value::Text(text))) => mask::name(text).into(),
        _ => json!("*"),
    }
}
