//! Answers to a form, as they are kept (rules: voice 1-4, 20).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::kernel::canonical::{Hash, canonical_json};
use crate::programme::condition::{Scalar, Variables};

/// What was answered to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A number of a scale.
    Number(i64),
    /// One option.
    Option(String),
    /// Some options, as the form orders them.
    Options(Vec<String>),
    /// Words of one's own.
    Text(String),
    /// A date.
    Date(Date),
    /// Yes or no.
    Yes(bool),
    /// That it was answered: what was said stands in the member's profile.
    InProfile,
}

/// Answers by question.
pub type Answers = BTreeMap<String, Answer>;

impl Answer {
    /// As it is written in JSON; nothing of what stands elsewhere.
    #[must_use]
    pub fn value(&self) -> Value {
        match self {
            Self::Number(number) => json!(number),
            Self::Option(text) | Self::Text(text) => json!(text),
            Self::Options(options) => json!(options),
            Self::Date(date) => json!(date),
            Self::Yes(yes) => json!(yes),
            Self::InProfile => Value::Null,
        }
    }

    /// As conditions read it, if it is a single value.
    pub(super) fn scalar(&self) -> Option<Scalar> {
        match self {
            Self::Number(number) => Some(Scalar::Integer(*number)),
            Self::Option(text) | Self::Text(text) => Some(Scalar::Text(text.clone())),
            Self::Date(date) => Some(Scalar::Text(date.to_string())),
            Self::Yes(yes) => Some(Scalar::Boolean(*yes)),
            Self::Options(_) | Self::InProfile => None,
        }
    }
}

/// Answers that a form accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What is kept.
    pub answers: Answers,
    /// What goes to the member's profile instead, by field.
    pub profile: Vec<(String, Answer)>,
    /// What was said, all of it: the same says the same.
    pub content: Hash,
}

impl Answered {
    pub(super) fn new(answers: &Answers, profile: &[(String, String)]) -> Self {
        let said: Map<String, Value> = answers.iter().map(|(id, answer)| (id.clone(), answer.value())).collect();
        let content = Hash::of(&canonical_json(&Value::Object(said)));
        let mut kept = answers.clone();
        let profile = profile.iter().filter_map(|(question, field)| {
            let answer = kept.get_mut(question)?;
            Some((field.clone(), std::mem::replace(answer, Answer::InProfile)))
        });
        let profile = profile.collect();
        Self { answers: kept, profile, content }
    }

    /// What was written in words, in the order of the questions' ids: for whoever reads what it means.
    #[must_use]
    pub fn text(&self) -> String {
        texts(&self.answers).collect::<Vec<_>>().join("\n")
    }
}

/// The words among answers.
pub(super) fn texts(answers: &Answers) -> impl Iterator<Item = &str> {
    answers.values().filter_map(|answer| match answer {
        Answer::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// What conditions read of answers: single values, and lists.
pub(super) fn variables(answers: &Answers) -> (Variables, Vec<(&str, &[String])>) {
    let single = answers.iter().filter_map(|(id, answer)| Some((id.clone(), answer.scalar()?))).collect();
    let lists = answers.iter().filter_map(|(id, answer)| match answer {
        Answer::Options(options) => Some((id.as_str(), options.as_slice())),
        _ => None,
    });
    (single, lists.collect())
}
