//! A form as a page shows it, step by step, and what a page sends back (rules: voice 1, 14).

use serde_json::{Map, Value, json};

use super::answer::Answers;
use super::answering::is_asked;
use crate::programme::voice::form::{CompiledForm, Question, QuestionKind};

/// The questions of the first step: those that are asked whatever is answered.
pub fn first_step(form: &CompiledForm) -> impl Iterator<Item = &Question> {
    form.questions().filter(|(_, condition)| condition.is_none()).map(|(question, _)| question)
}

/// The questions of the second step: those that have become visible by answers to others.
pub fn second_step<'f>(form: &'f CompiledForm, answers: &Answers) -> Vec<&'f Question> {
    let opened = form.questions().filter(|(_, condition)| condition.is_some() && is_asked(*condition, answers));
    opened.map(|(question, _)| question).collect()
}

/// What a page sends, as JSON: its fields are texts, several of one name where several were chosen. An empty one is no answer.
#[must_use]
pub fn given(form: &CompiledForm, fields: &[(String, String)]) -> Map<String, Value> {
    let mut given = Map::new();
    for (name, text) in fields.iter().filter(|(_, text)| !text.is_empty()) {
        let Some(question) = form.written.question(name) else {
            given.insert(name.clone(), json!(text));
            continue;
        };
        match question.kind {
            QuestionKind::Choices => {
                let chosen = given.entry(name.clone()).or_insert_with(|| json!([]));
                if let Some(chosen) = chosen.as_array_mut() {
                    chosen.push(json!(text));
                }
            }
            _ => drop(given.insert(name.clone(), typed(question.kind, text))),
        }
    }
    given
}

fn typed(kind: QuestionKind, text: &str) -> Value {
    match kind {
        QuestionKind::Nps | QuestionKind::Csat5 | QuestionKind::Ces7 | QuestionKind::Scale => {
            text.trim().parse::<i64>().map_or_else(|_words| json!(text), |number| json!(number))
        }
        QuestionKind::YesNo => match text {
            "yes" => json!(true),
            "no" => json!(false),
            other => json!(other),
        },
        QuestionKind::Text => json!(text.replace("\r\n", "\n")),
        QuestionKind::Choice | QuestionKind::Choices | QuestionKind::Date => json!(text),
    }
}
