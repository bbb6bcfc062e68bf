//! `[desk]`: what holds for all tickets (rules: desk 2, 3, 9).

use serde::{Deserialize, Serialize};

use crate::programme::finding::Findings;

/// `[desk]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Desk {
    /// States in which the clock of the resolution stands still.
    pub pause_on: Vec<Pause>,
    /// How many local dates after it was resolved a ticket is closed.
    pub auto_close_days: i32,
    /// For how many local dates a ticket waits for somebody else.
    pub pending_days: i32,
    /// For how many days a member comes back to the same agent.
    pub sticky_days: i32,
    /// What tickets are about.
    pub topics: Vec<String>,
    /// Messages that need no answer.
    pub thanks: Vec<String>,
    /// For how many days after closing texts are kept.
    pub retain_text_days: i32,
}

/// A state in which a clock can stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// The member is to answer.
    PendingCustomer,
    /// Somebody else is.
    PendingThirdParty,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            pause_on: vec![Pause::PendingCustomer],
            auto_close_days: 7,
            pending_days: 7,
            sticky_days: 7,
            topics: Vec::new(),
            thanks: Vec::new(),
            retain_text_days: 730,
        }
    }
}

impl Desk {
    pub(in crate::programme) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Does a message need no answer: are its letters and digits those of a word of thanks?
    #[must_use]
    pub fn is_thanks(&self, text: &str) -> bool {
        let said = bare(text);
        !said.is_empty() && self.thanks.iter().any(|thanks| bare(thanks) == said)
    }
}

/// The letters and digits of a text, case folded.
fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Checks the section.
pub(super) fn check(desk: &Desk, findings: &mut Findings) {
    for (field, days) in [
        ("auto_close_days", desk.auto_close_days),
        ("pending_days", desk.pending_days),
        ("sticky_days", desk.sticky_days),
    ] {
        findings.unless((1..=366).contains(&days), format!("desk.{field}"), "must be in 1..=366");
    }
    let kept = (1..=36_500).contains(&desk.retain_text_days);
    findings.unless(kept, "desk.retain_text_days", "must be in 1..=36500");
    findings.unique("desk.topics", desk.topics.iter().map(String::as_str));
    for thanks in desk.thanks.iter().filter(|thanks| bare(thanks).is_empty()) {
        findings.unless(false, "desk.thanks", format!("`{thanks}` has neither letter nor digit"));
    }
}
