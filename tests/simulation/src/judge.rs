//! What is wanted, and what an answer says at first sight; what it means is judged by the contexts.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::contexts::wish::{Heard, Wish};

/// A wish and its answer.
pub(crate) struct Wanted {
    pub(crate) wish: Wish,
    pub(crate) answer: Option<Value>,
    /// At which step it was answered first.
    pub(crate) answered: u64,
    pub(crate) running: u32,
    pub(crate) since: Timestamp,
    pub(crate) given_up: bool,
    /// Its message was sent.
    pub(crate) sent: bool,
}

impl Wanted {
    /// Somebody still waits for an answer.
    pub(crate) fn is_open(&self) -> bool {
        self.answer.is_none() && !self.given_up
    }
}

/// A wish may be refused for a few reasons only.
pub(crate) fn refused(wish: &Wish, body: &Value) -> Option<String> {
    let code = body["code"].as_str().unwrap_or_default();
    (!wish.refusals.contains(&code)).then(|| format!("{} is refused: {body}", wish.what))
}

/// The body of an answer as JSON.
pub(crate) fn body(answer: &Value) -> Value {
    answer["body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The body of an answer, less what says that it is a repetition.
pub(crate) fn repeated(answer: &Value) -> Value {
    let mut body = body(answer);
    for item in body["results"].as_array_mut().into_iter().flatten() {
        item["replayed"] = Value::Null;
    }
    body
}

/// Is it a success, of every item if it is about several?
pub(crate) fn succeeded(answer: &Value) -> bool {
    let items = body(answer);
    let all = items["results"].as_array().is_none_or(|items| items.iter().all(|item| item["status"] == json!(200)));
    all && answer["statusCode"].as_i64().is_none_or(|status| status < 300)
}

/// Must it be asked again?
pub(crate) fn is_to_be_asked_again(answer: &Value) -> bool {
    let body = body(answer);
    let busy = |problem: &Value| problem["code"] == json!("busy") || problem["code"] == json!("unavailable");
    let items = body["results"].as_array().is_some_and(|items| items.iter().any(|item| busy(&item["problem"])));
    items || busy(&body)
}

/// The wishes that were answered.
pub(crate) fn heard(wanted: &[Wanted]) -> Vec<Heard<'_>> {
    let answered = wanted.iter().filter_map(|wanted| {
        let answer = wanted.answer.as_ref()?;
        Some(Heard { wish: &wanted.wish, status: answer["statusCode"].as_i64().unwrap_or(200), body: body(answer) })
    });
    answered.collect()
}
