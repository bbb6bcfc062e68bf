//! `[privacy]`, `[dormancy]`, `[[purpose]]` and `[[consent_text]]`: what may be said to whom, and when somebody is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::kernel::time::add_days;
use crate::programme::channel::Channel;
use crate::programme::finding::Findings;

/// What [`Privacy::erasable`] calls the signals of members, which whoever erases a member deletes as well.
pub const SIGNALS: &str = "signals";

/// The contexts that keep something of members and erase it when they are told: one more is one more here.
const ERASABLE: [&str; 5] = ["care", "desk", "messages", SIGNALS, "voice"];

/// `[privacy]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Privacy {
    /// The text that members are shown when they enrol.
    pub notice: String,
    /// For how many times 24 hours an erasure can be revoked.
    pub cool_off_days: i32,
    /// For how many days an erased identifier is kept from coming back; 0 switches it off.
    pub suppress_days: i32,
    /// From which age on, in years, members agree alone.
    pub consent_min_age: u8,
    /// For how many days records of consent are kept after the member is gone.
    pub consent_keep_days: i32,
    /// The contexts that an erasure waits for.
    pub erasable: Vec<String>,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            notice: "notice".to_owned(),
            cool_off_days: 3,
            suppress_days: 730,
            consent_min_age: 14,
            consent_keep_days: 1_095,
            erasable: vec![SIGNALS.to_owned()],
        }
    }
}

impl Privacy {
    /// Is what belonged to somebody who was erased then still kept from coming back?
    #[must_use]
    pub fn keeps_away(&self, erased_at: Timestamp, now: Timestamp) -> bool {
        now < add_days(erased_at, self.suppress_days)
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// `[dormancy]`, in days since the member did anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dormancy {
    /// From when on a member is dormant.
    pub dormant_after_days: i32,
    /// After which a member is erased.
    pub purge_after_days: i32,
    /// How long before that the member is told.
    pub purge_notice_days: i32,
}

impl Default for Dormancy {
    fn default() -> Self {
        Self { dormant_after_days: 90, purge_after_days: 730, purge_notice_days: 30 }
    }
}

impl Dormancy {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Why something may be said or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The member agreed.
    OptIn,
    /// It belongs to what the member asked for.
    Contract,
}

/// `[[purpose]]`: what members are written to for, or something is kept for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// A short name, unique.
    pub id: String,
    /// Why it is allowed.
    pub basis: Basis,
    /// By which channels it is served, in this order; one without channels is about what is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Channel>,
    /// Channels whose consent holds when it was confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub double_opt_in: Vec<Channel>,
    /// Can it not be withdrawn?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mandatory: bool,
}

/// `[[consent_text]]`: a version of what members read before they agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// The purpose, or the notice.
    pub id: String,
    /// Counts the versions of a text from 1.
    pub version: u32,
    /// From which local date on it is in force.
    pub from: Date,
    /// Are members who agreed to an earlier version asked again?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ask_again: bool,
    /// By language.
    pub texts: BTreeMap<String, String>,
}

/// Checks the four sections.
pub(super) fn check(
    privacy: &Privacy,
    dormancy: Dormancy,
    (purposes, texts): (&[Purpose], &[ConsentText]),
    locales: &[String],
    findings: &mut Findings,
) {
    let days = [
        ("privacy.cool_off_days", privacy.cool_off_days, 0..=90),
        ("privacy.suppress_days", privacy.suppress_days, 0..=36_500),
        ("privacy.consent_keep_days", privacy.consent_keep_days, 1..=36_500),
        ("privacy.consent_min_age", i32::from(privacy.consent_min_age), 0..=21),
        ("dormancy.dormant_after_days", dormancy.dormant_after_days, 1..=36_500),
        ("dormancy.purge_after_days", dormancy.purge_after_days, 1..=36_500),
        ("dormancy.purge_notice_days", dormancy.purge_notice_days, 1..=36_500),
    ];
    for (at, value, range) in days {
        findings.unless(range.contains(&value), at, format!("must be in {}..={}", range.start(), range.end()));
    }
    let Dormancy { dormant_after_days, purge_after_days, purge_notice_days } = dormancy;
    let later = dormant_after_days < purge_after_days;
    findings.unless(later, "dormancy.purge_after_days", "must be after dormant_after_days");
    let told = purge_notice_days < purge_after_days;
    findings.unless(told, "dormancy.purge_notice_days", "must be shorter than purge_after_days");
    for context in &privacy.erasable {
        let known = ERASABLE.contains(&context.as_str());
        findings.unless(known, "privacy.erasable", format!("`{context}` is none of {}", ERASABLE.join(", ")));
    }
    findings.unique("purpose", purposes.iter().map(|purpose| purpose.id.as_str()));
    for purpose in purposes {
        let at = |field: &str| format!("purpose.{}.{field}", purpose.id);
        let agreed = purpose.basis == Basis::Contract || !purpose.mandatory;
        findings.unless(agreed, at("mandatory"), "what members agree to is not mandatory");
        let served = purpose.double_opt_in.iter().all(|channel| purpose.channels.contains(channel));
        findings.unless(served, at("double_opt_in"), "names a channel that the purpose has not");
        let read = purpose.basis == Basis::Contract || texts.iter().any(|text| text.id == purpose.id);
        findings.unless(
            read,
            at("basis"),
            format!("members agree to a text: [[consent_text]] with id = \"{}\"", purpose.id),
        );
    }
    of_texts(texts, purposes, (privacy, locales), findings);
}

fn of_texts(
    texts: &[ConsentText],
    purposes: &[Purpose],
    (privacy, locales): (&Privacy, &[String]),
    findings: &mut Findings,
) {
    let mut seen = BTreeSet::new();
    for text in texts {
        let at = |field: &str| format!("consent_text.{}.{field}", text.id);
        let known = text.id == privacy.notice || purposes.iter().any(|purpose| purpose.id == text.id);
        findings.unless(known, at("id"), "is neither a purpose nor the notice");
        findings.unless((1..=10_000).contains(&text.version), at("version"), "must be in 1..=10000");
        findings.unless(seen.insert((&text.id, text.version)), at("version"), "the version is used twice");
        let before = texts.iter().filter(|other| other.id == text.id && other.version < text.version);
        let last = before.map(|other| other.from).max();
        findings.unless(last.is_none_or(|last| last < text.from), at("from"), "must be after the version before it");
        for locale in locales {
            let written = text.texts.get(locale).is_some_and(|words| !words.trim().is_empty());
            findings.unless(written, at("texts"), format!("there is none for {locale}"));
        }
    }
}
