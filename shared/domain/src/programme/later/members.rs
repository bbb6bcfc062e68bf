//! `[members]` and `[[attribute]]`.

use serde::Deserialize;

use super::place::Place;
use super::section::Section;

/// `[members]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Members {
    /// How one becomes a member: `explicit` or `first_fact`.
    pub enrol: Option<String>,
    /// The region of numbers without one, ISO 3166.
    pub region: Option<String>,
    /// Languages.
    #[serde(default)]
    pub locales: Vec<String>,
    /// By what members are found, the first that fits.
    #[serde(default)]
    pub r#match: Vec<String>,
    /// After how many days an identifier may be somebody else's.
    pub recycle_days: Option<i64>,
    /// For how many days a merge can be undone.
    pub unmerge_days: Option<i64>,
    /// For how many days an account can be opened again.
    pub closed_days: Option<i64>,
    /// Is what happened while suspended posted afterwards?
    pub post_on_reactivation: Option<bool>,
    /// What a card's number looks like.
    pub card: Option<Card>,
}

/// `card`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// A regular expression.
    pub pattern: String,
    /// Is the last digit a check digit?
    #[serde(default)]
    pub luhn: bool,
}

impl Section for Members {
    fn check(&self, place: &mut Place<'_>) {
        place.one_of("enrol", self.enrol.as_deref(), &["explicit", "first_fact"]);
        let region = |region: &String| region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase());
        place.unless(self.region.as_ref().is_none_or(region), "region", "must be two capital letters, such as CN");
        for kind in &self.r#match {
            place.one_of("match", Some(kind), &["card", "wecom", "phone", "email", "external"]);
        }
        place.range(
            0..=3_650,
            [
                ("recycle_days", self.recycle_days),
                ("unmerge_days", self.unmerge_days),
                ("closed_days", self.closed_days),
            ],
        );
    }
}

/// `[[attribute]]`: what is known of a member.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// A short name, unique.
    pub id: String,
    /// `choice`, `choices`, `text`, `integer`, `boolean` or `date`.
    pub r#type: String,
    /// What can be chosen.
    #[serde(default)]
    pub options: Vec<String>,
    /// Why it is kept.
    pub purpose: Option<String>,
    /// Which purpose must be agreed to.
    pub needs: Option<String>,
    /// May earning rules read it?
    #[serde(default)]
    pub rules: bool,
    /// How long it is kept, in days.
    pub retain_days: Option<i64>,
}

impl Section for Attribute {
    fn check(&self, place: &mut Place<'_>) {
        let types = ["choice", "choices", "text", "integer", "boolean", "date"];
        place.one_of("type", Some(&self.r#type), &types);
        let chosen = !self.r#type.starts_with("choice") || self.options.len() >= 2;
        place.unless(chosen, "options", "there are at least two");
        place.range(1..=36_500, [("retain_days", self.retain_days)]);
        place.named_if_any("purpose", &self.purpose, &["purpose"]);
        place.named_if_any("needs", &self.needs, &["purpose"]);
    }
}
