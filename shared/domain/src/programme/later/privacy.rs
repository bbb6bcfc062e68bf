//! `[privacy]`, `[dormancy]`, `[[purpose]]`, `[[consent_text]]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::moment::Moment;
use super::place::Place;
use super::section::Section;

/// `[dormancy]`, in days.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dormancy {
    /// Who did nothing for so long is dormant.
    pub dormant_after_days: i64,
    /// Who did nothing for so long is erased.
    pub purge_after_days: i64,
    /// How long before that the member is told.
    pub purge_notice_days: i64,
}

impl Section for Dormancy {
    fn check(&self, place: &mut Place<'_>) {
        place.range(
            1..=36_500,
            [
                ("dormant_after_days", Some(self.dormant_after_days)),
                ("purge_after_days", Some(self.purge_after_days)),
                ("purge_notice_days", Some(self.purge_notice_days)),
            ],
        );
        let later = self.dormant_after_days < self.purge_after_days;
        place.unless(later, "purge_after_days", "must be after dormant_after_days");
        let told = self.purge_notice_days < self.purge_after_days;
        place.unless(told, "purge_notice_days", "must be shorter than purge_after_days");
    }
}

/// `[privacy]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Marketing only to those who agreed.
    pub marketing_requires_opt_in: Option<bool>,
    /// When consent is looked at; `at_send_time`.
    pub consent_checked: Option<String>,
    /// How long the ledger is kept.
    pub ledger_retention_years: Option<i64>,
    /// How personal data is kept; `separate_table_per_member_key`.
    pub pii_store: Option<String>,
    /// The text that members are shown.
    pub notice: Option<String>,
    /// How long an erasure can be revoked, in days.
    pub cool_off_days: Option<i64>,
    /// How long an erased identifier is suppressed, in days.
    pub suppress_days: Option<i64>,
    /// From which age on a member agrees alone.
    pub consent_min_age: Option<i64>,
    /// How long consents are kept, in days.
    pub consent_keep_days: Option<i64>,
    /// What an erasure takes.
    #[serde(default)]
    pub erasable: Vec<String>,
}

impl Section for Privacy {
    fn check(&self, place: &mut Place<'_>) {
        place.one_of("consent_checked", self.consent_checked.as_deref(), &["at_send_time"]);
        place.one_of("pii_store", self.pii_store.as_deref(), &["separate_table_per_member_key"]);
        let agreed = self.marketing_requires_opt_in.unwrap_or(true);
        place.unless(agreed, "marketing_requires_opt_in", "marketing always needs consent");
        place.range(1..=100, [("ledger_retention_years", self.ledger_retention_years)]);
        place.range(0..=90, [("cool_off_days", self.cool_off_days)]);
        place.range(0..=36_500, [("suppress_days", self.suppress_days), ("consent_keep_days", self.consent_keep_days)]);
        place.range(0..=21, [("consent_min_age", self.consent_min_age)]);
    }
}

/// `[[purpose]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// A short name, unique.
    pub id: String,
    /// Why it is allowed: `opt_in`, `contract`, `legal` or `interest`.
    pub basis: String,
    /// By which channels.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Where a second confirmation is needed, by country.
    #[serde(default)]
    pub double_opt_in: Vec<String>,
    /// Can nobody opt out?
    #[serde(default)]
    pub mandatory: bool,
}

impl Section for Purpose {
    fn check(&self, place: &mut Place<'_>) {
        place.one_of("basis", Some(&self.basis), &["opt_in", "contract", "legal", "interest"]);
        for channel in &self.channels {
            place.one_of("channels", Some(channel), &["email", "sms", "push", "wecom", "phone", "post", "in_app"]);
        }
        let agreed = self.basis != "opt_in" || !self.mandatory;
        place.unless(agreed, "mandatory", "what needs consent cannot be mandatory");
    }
}

/// `[[consent_text]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// The purpose.
    pub id: String,
    /// Counts texts of a purpose from 1.
    pub version: i64,
    /// From when on.
    pub from: Moment,
    /// Are members asked again?
    #[serde(default)]
    pub ask_again: bool,
    /// By language.
    pub texts: BTreeMap<String, String>,
}

impl Section for ConsentText {
    fn check(&self, place: &mut Place<'_>) {
        place.range(1..=10_000, [("version", Some(self.version))]);
        place.unless(!self.texts.is_empty(), "texts", "there is no text");
    }
}
