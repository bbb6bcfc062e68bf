//! Forms that fill the profile.

use domain::members::telling::Heard;
use domain::programme::voice::form::Question;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::survey::QuestionView;

/// A form that somebody has filled in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormRequest {
    /// By question.
    pub(crate) answers: Map<String, Value>,
    /// The source that says so; a member and an agent speak for themselves.
    #[serde(default)]
    pub(crate) source: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct FormReply {
    /// Fields whose values are others now.
    changed: Vec<String>,
    /// Fields of which something better is known.
    kept: Vec<String>,
    /// How often the member was written.
    version: u64,
}

impl FormReply {
    pub(crate) fn new(heard: &Heard, version: u64) -> Self {
        let kept = heard.written.kept.iter().map(|kept| kept.field.clone()).collect();
        Self { changed: heard.written.changed.clone(), kept, version }
    }
}

/// What to ask next.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct NextReply {
    /// The question; absent if nothing is missing, or it was asked or declined lately.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<QuestionView>,
}

impl NextReply {
    pub(crate) fn new(question: Option<&Question>, locale: &str) -> Self {
        Self { question: question.map(|question| QuestionView::new(question, locale)) }
    }
}
