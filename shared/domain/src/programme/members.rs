//! `[members]` and `[[attribute]]`: how one becomes a member, by what members are known, and what is known of them.

use std::collections::BTreeSet;

use rlibphonenumber::Region;
use serde::{Deserialize, Serialize};

use crate::programme::finding::Findings;
use crate::programme::privacy::Purpose;

/// Fields that every programme has; an attribute has another name.
pub const FIELDS: [&str; 10] = [
    "name",
    "given_name",
    "family_name",
    "birthday",
    "gender",
    "address.country",
    "address.region",
    "address.city",
    "address.postcode",
    "address.lines",
];

/// `[members]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Members {
    /// How one becomes a member.
    pub enrol: Enrol,
    /// Where a phone number without a country code belongs, ISO 3166 alpha-2.
    pub region: String,
    /// The languages of the programme, the first by default.
    pub locales: Vec<String>,
    /// By which kinds of identifiers a member is found, the first that fits.
    pub r#match: Vec<Matched>,
    /// For how many days after its newest verification a phone is held as verified: numbers are given to new people.
    pub recycle_days: i32,
    /// For how many days a merge can be undone.
    pub unmerge_days: i32,
    /// For how many days who closed an account may open it again.
    pub closed_days: i32,
    /// Is what a member earned while suspended posted on the reactivation?
    pub post_on_reactivation: bool,
    /// What card numbers look like.
    pub card: Card,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            enrol: Enrol::default(),
            region: "CN".to_owned(),
            locales: ["zh-CN", "en", "ja"].map(str::to_owned).to_vec(),
            r#match: vec![Matched::Card, Matched::Wecom, Matched::Phone, Matched::Email],
            recycle_days: 180,
            unmerge_days: 90,
            closed_days: 30,
            post_on_reactivation: true,
            card: Card::default(),
        }
    }
}

impl Members {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How one becomes a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enrol {
    /// By being enrolled: a fact about somebody unknown is refused.
    #[default]
    Explicit,
    /// By the first fact about one.
    Open,
}

/// A kind of identifier by which members are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    /// A card of the programme.
    Card,
    /// A user of WeCom.
    Wecom,
    /// A phone number.
    Phone,
    /// An e-mail address.
    Email,
}

/// `card`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// A regular expression that the whole number fits, without spaces and dashes, in capitals.
    pub pattern: String,
    /// Is the last digit a check digit (ISO/IEC 7812-1)?
    #[serde(default)]
    pub luhn: bool,
}

impl Card {
    /// The pattern of a programme that has none.
    pub const PATTERN: &str = "^[0-9A-Z]{4,32}$";
}

impl Default for Card {
    fn default() -> Self {
        Self { pattern: Self::PATTERN.to_owned(), luhn: false }
    }
}

/// `[[attribute]]`: what this programme knows of members beside the usual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberAttribute {
    /// A short name, unique.
    pub id: String,
    /// What it holds.
    pub r#type: MemberAttributeType,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The longest text, in characters; 200 if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_characters: Option<u16>,
    /// Why it is kept: a purpose.
    pub purpose: String,
    /// A purpose that the member must have agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// May earning rules read it?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rules: bool,
    /// How long it is kept after it was true, in days.
    pub retain_days: i32,
}

/// What an attribute of a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberAttributeType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A date.
    Date,
    /// One of its options.
    Choice,
    /// Some of its options.
    Choices,
}

/// Checks both sections.
pub(super) fn check(members: &Members, attributes: &[MemberAttribute], purposes: &[Purpose], findings: &mut Findings) {
    let Members { region, locales, r#match, recycle_days, unmerge_days, closed_days, card, .. } = members;
    let known = Region::try_from(region.as_str()).is_ok();
    findings.unless(known, "members.region", "must be a country in two capital letters, such as CN");
    findings.unless(!locales.is_empty(), "members.locales", "name at least one language");
    for locale in locales {
        let message = format!("`{locale}` is no language; one is en or zh-CN");
        findings.unless(is_locale(locale), "members.locales", message);
    }
    let kinds: BTreeSet<&Matched> = r#match.iter().collect();
    findings.unless(kinds.len() == r#match.len(), "members.match", "names a kind twice");
    for (name, days) in [("recycle_days", recycle_days), ("unmerge_days", unmerge_days), ("closed_days", closed_days)] {
        findings.unless((0..=3_650).contains(days), format!("members.{name}"), "must be in 0..=3650");
    }
    if let Err(error) = regex_lite::Regex::new(&card.pattern) {
        findings.unless(false, "members.card.pattern", format!("is no regular expression: {error}"));
    }
    findings.unique("attribute", attributes.iter().map(|attribute| attribute.id.as_str()));
    for attribute in attributes {
        of_attribute(attribute, purposes, findings);
    }
}

fn of_attribute(attribute: &MemberAttribute, purposes: &[Purpose], findings: &mut Findings) {
    let at = |field: &str| format!("attribute.{}.{field}", attribute.id);
    findings.unless(!FIELDS.contains(&attribute.id.as_str()), at("id"), "every member has a field of this name");
    let chosen = matches!(attribute.r#type, MemberAttributeType::Choice | MemberAttributeType::Choices);
    let distinct = attribute.options.iter().collect::<BTreeSet<_>>().len() == attribute.options.len();
    findings.unless(distinct, at("options"), "names an option twice");
    let fits = if chosen { attribute.options.len() >= 2 } else { attribute.options.is_empty() };
    findings.unless(fits, at("options"), "a choice has at least two options, anything else none");
    if let Some(most) = attribute.max_characters {
        let text = attribute.r#type == MemberAttributeType::Text && (1..=2_000).contains(&most);
        findings.unless(text, at("max_characters"), "must be in 1..=2000, of a text");
    }
    findings.unless((1..=36_500).contains(&attribute.retain_days), at("retain_days"), "must be in 1..=36500");
    for (field, purpose) in [("purpose", Some(&attribute.purpose)), ("needs", attribute.needs.as_ref())] {
        let known = purpose.is_none_or(|purpose| purposes.iter().any(|known| known.id == *purpose));
        findings.unless(known, at(field), "there is no such purpose");
    }
}

/// Is it written as a country, ISO 3166 alpha-2: `CN`?
pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Is it a language, alone or with a country: `en`, `zh-CN`?
fn is_locale(text: &str) -> bool {
    let (language, country) =
        text.split_once('-').map_or((text, None), |(language, country)| (language, Some(country)));
    let lower = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    lower && country.is_none_or(is_country)
}
