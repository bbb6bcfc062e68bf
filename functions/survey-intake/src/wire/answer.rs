//! Answers.

use domain::voice::{Answer, Invitation};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A first answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstRequest {
    /// By question: a number, an option, a list of options, a text, a date, yes or no.
    pub(crate) answers: Map<String, Value>,
}

/// A change of an answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRequest {
    /// The version that it changes.
    pub(crate) base_version: u8,
    /// All answers as they are now, by question.
    pub(crate) answers: Map<String, Value>,
}

/// An answer as it is taken.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct AnswerReply {
    /// The number of its newest version.
    version: u8,
    /// When it was first given.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_at: Option<Timestamp>,
    /// Is nothing more to be said?
    complete: bool,
    /// From when on it cannot be changed any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    changeable_until: Option<Timestamp>,
    /// What was said, but words and what stands in the profile.
    answers: Map<String, Value>,
}

impl AnswerReply {
    pub(crate) fn new(invitation: &Invitation, version: u8) -> Self {
        Self {
            version,
            answered_at: invitation.versions.first().map(|first| first.at),
            complete: invitation.completed_at.is_some(),
            changeable_until: invitation.fixed_at(),
            answers: without_words(invitation),
        }
    }
}

/// The newest answers, but words and what stands in the profile.
pub(crate) fn without_words(invitation: &Invitation) -> Map<String, Value> {
    let answers = invitation.latest().into_iter().flat_map(|latest| &latest.answers);
    let plain = answers.filter(|(_, answer)| !matches!(answer, Answer::Text(_) | Answer::InProfile));
    plain.map(|(question, answer)| (question.clone(), answer.value())).collect()
}

/// The words of the newest answers.
pub(crate) fn words(invitation: &Invitation) -> Map<String, Value> {
    let answers = invitation.latest().into_iter().flat_map(|latest| &latest.answers);
    let words = answers.filter(|(_, answer)| matches!(answer, Answer::Text(_)));
    words.map(|(question, answer)| (question.clone(), answer.value())).collect()
}
