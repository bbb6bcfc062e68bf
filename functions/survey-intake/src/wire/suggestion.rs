//! Suggestions.

use std::collections::BTreeMap;

use domain::voice::Suggestion;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most members who are chosen by hand at once.
pub(crate) const MOST: usize = 20;

/// Something that members wish.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposeRequest {
    /// The theme that it is about: whoever wishes that in an answer has wished it.
    pub(crate) theme: String,
    /// What it is called, by language.
    pub(crate) title: BTreeMap<String, String>,
    /// Members who wished it elsewhere, at most 20.
    #[serde(default)]
    pub(crate) members: Vec<String>,
}

/// It will be done.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptRequest {
    /// Members who wished it elsewhere, at most 20.
    #[serde(default)]
    pub(crate) members: Vec<String>,
}

/// It will not.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclineRequest {
    /// Why, for members, by language.
    pub(crate) reason: BTreeMap<String, String>,
}

/// Nothing is to be said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A suggestion.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SuggestionReply {
    /// Its id.
    suggestion: String,
    /// What it is about.
    theme: String,
    /// What it is called, by language.
    title: BTreeMap<String, String>,
    /// `proposed`, `accepted`, `shipped` or `declined`.
    state: &'static str,
    /// Why it will not be done, by language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reason: BTreeMap<String, String>,
    /// How many members are known to have wished it.
    contributors: u32,
    /// When it was proposed.
    proposed_at: Timestamp,
    /// Since when it stands where it does.
    since: Timestamp,
    /// Are members still being found, or told?
    under_way: bool,
}

/// Suggestions.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SuggestionsReply {
    /// In the order of their ids.
    suggestions: Vec<SuggestionReply>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl SuggestionReply {
    pub(crate) fn new(suggestion: &Suggestion) -> Self {
        Self {
            suggestion: suggestion.id.to_string(),
            theme: suggestion.theme.clone(),
            title: suggestion.title.clone(),
            state: suggestion.state.name(),
            reason: suggestion.reason.clone(),
            contributors: suggestion.contributors,
            proposed_at: suggestion.logged_at,
            since: suggestion.moved_at,
            under_way: suggestion.is_looking() || suggestion.is_telling(),
        }
    }
}

impl SuggestionsReply {
    pub(crate) fn new(suggestions: &[Suggestion], more: bool) -> Self {
        Self {
            suggestions: suggestions.iter().map(SuggestionReply::new).collect(),
            next: suggestions.last().filter(|_| more).map(|last| last.id.to_string()),
        }
    }
}
