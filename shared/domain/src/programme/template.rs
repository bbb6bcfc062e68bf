//! `[[template]]`: what messages say, by language.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::programme::condition::Scalar;
use crate::programme::finding::Findings;

/// `[[template]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// A short name, unique; steps name it.
    pub id: String,
    /// What its texts may say beside what stands in them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub value: BTreeMap<String, Said>,
    /// The texts, by language.
    pub text: BTreeMap<String, Wording>,
}

/// A value that texts may say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// What it may be: texts are tried out with it.
    pub sample: Scalar,
    /// What is said where it is missing, by language. Without one it must be what the event always says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fallback: BTreeMap<String, String>,
}

/// What is said in a language. A channel of which nothing is said here cannot carry the template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// The subject of a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The mail: paragraphs with an empty line in between. One that is `[words](address)` is a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// The text message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<String>,
    /// The title of a notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_title: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<String>,
    /// The text in the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox: Option<String>,
}

impl Template {
    /// What it says in the first of some languages that it knows: each as it is, or by its language alone, `en` for `en-GB`.
    #[must_use]
    pub fn in_language<'a>(&'a self, wanted: &[&str]) -> Option<(&'a str, &'a Wording)> {
        let known = |locale: &str| self.text.get_key_value(locale);
        let found = wanted.iter().find_map(|wanted| {
            let language = wanted.split('-').next().unwrap_or_default();
            known(wanted)
                .or_else(|| known(language))
                .or_else(|| self.text.iter().find(|(locale, _)| locale.split('-').next() == Some(language)))
        });
        found.map(|(locale, wording)| (locale.as_str(), wording))
    }
}

/// Checks the section; what the texts come to is looked at when they are tried out.
pub(super) fn check(templates: &[Template], locales: &[String], findings: &mut Findings) {
    if locales.is_empty() {
        return; // that is said of the members
    }
    let mut seen = BTreeSet::new();
    for template in templates {
        let at = |field: &str| format!("template.{}.{field}", template.id);
        findings.unless(seen.insert(&template.id), at("id"), "is used twice");
        let first = locales.first().is_none_or(|first| template.text.contains_key(first));
        findings.unless(first, at("text"), "says nothing in the first language of members");
        for locale in template.text.keys() {
            let words = format!("`{locale}` is none of the locales of members: {}", locales.join(", "));
            findings.unless(locales.contains(locale), at(&format!("text.{locale}")), words);
        }
        for (locale, wording) in &template.text {
            let both = wording.subject.is_some() == wording.mail.is_some();
            findings.unless(both, at(&format!("text.{locale}.subject")), "a mail has a subject and a text");
            let both = wording.push_title.is_some() == wording.push.is_some();
            findings.unless(both, at(&format!("text.{locale}.push_title")), "a notification has a title and a text");
        }
    }
}
