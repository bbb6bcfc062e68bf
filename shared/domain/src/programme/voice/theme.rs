//! `[[theme]]`, `[voice]`: what members write about, in the brand's words (rules: voice 24, 26).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::canonical::Hash;
use crate::programme::finding::Findings;

/// `[[theme]]`: words that tell what somebody writes about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// A short name, unique.
    pub id: String,
    /// What it says.
    pub kind: ThemeKind,
    /// Words of Chinese.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zh: Vec<String>,
    /// Words of English; `install*` begins words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub en: Vec<String>,
}

/// What a theme says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeKind {
    /// Something that goes wrong.
    Cause,
    /// A stage of the customer's way.
    Place,
    /// Something that customers ask for.
    Wish,
}

/// `[voice]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    /// Words that tell a wish.
    #[serde(default, skip_serializing_if = "Wishes::is_none")]
    pub wish: Wishes,
    /// From which share of abandoned carts on a product is listed, in basis points.
    #[serde(default = "Voice::six_thousand", skip_serializing_if = "Voice::is_six_thousand")]
    pub abandonment_min_bp: u16,
    /// The hash of the brand's own model, by which Chinese is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Words that tell a wish.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// In Chinese.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zh: Vec<String>,
    /// In English.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub en: Vec<String>,
}

impl Wishes {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Voice {
    pub(in crate::programme) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    const fn six_thousand() -> u16 {
        6_000
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    const fn is_six_thousand(share: &u16) -> bool {
        *share == 6_000
    }
}

impl Default for Voice {
    fn default() -> Self {
        Self { wish: Wishes::default(), abandonment_min_bp: Self::six_thousand(), model: None }
    }
}

/// Checks the two sections.
pub(super) fn check(themes: &[Theme], voice: &Voice, findings: &mut Findings) {
    findings.unique("theme", themes.iter().map(|theme| theme.id.as_str()));
    findings.unless(themes.len() <= 500, "theme", "500 themes are the most");
    findings.unless(voice.abandonment_min_bp <= 10_000, "voice.abandonment_min_bp", "must be in 0..=10000");
    let hash = voice.model.as_ref().is_none_or(|model| model.parse::<Hash>().is_ok());
    findings.unless(hash, "voice.model", "is no hash of a model: 64 hexadecimal digits");
    let mut seen: BTreeMap<(ThemeKind, String), &str> = BTreeMap::new();
    for theme in themes {
        let at = |field: &str| format!("theme.{}.{field}", theme.id);
        findings.unless(!theme.zh.is_empty() || !theme.en.is_empty(), at("zh"), "there are no words");
        for (field, words) in [("zh", &theme.zh), ("en", &theme.en)] {
            for word in words {
                let shaped = (1..=64).contains(&word.trim().len()) && !word.trim_end_matches('*').is_empty();
                findings.unless(shaped, at(field), format!("`{word}` is no word of 1 to 64 bytes"));
                let starred = word.trim_end_matches('*').contains('*') || (field == "zh" && word.contains('*'));
                findings.unless(!starred, at(field), format!("`{word}`: only a word of English ends in a `*`"));
                if let Some(other) = seen.insert((theme.kind, word.to_lowercase()), &theme.id) {
                    findings.unless(false, at(field), format!("`{word}` stands in `{other}`, too"));
                }
            }
        }
    }
    let wished = themes.iter().any(|theme| theme.kind == ThemeKind::Wish);
    let told = !voice.wish.zh.is_empty() || !voice.wish.en.is_empty();
    findings.unless(!wished || told, "voice.wish", "there are wishes, and no words that tell them");
}
