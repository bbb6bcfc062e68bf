//! What an invitation asks.

use domain::programme::voice::form::{Question, QuestionKind, Texts};
use domain::voice::State;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use surveys::Sheet;

use super::answer::without_words;

/// What an invitation asks, and where it stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SurveyReply {
    /// The survey.
    survey: String,
    /// `open`, `answered`, `closed` or `cancelled`.
    state: &'static str,
    /// The language of its texts.
    locale: String,
    /// The first instant at which no answer is taken any more.
    closes_at: Timestamp,
    /// What is asked, in order; each with the condition under which it is.
    questions: Vec<QuestionView>,
    /// The number of the newest version of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    /// Its answers, but words and what stands in the profile.
    #[serde(skip_serializing_if = "Map::is_empty")]
    answers: Map<String, Value>,
    /// From when on it cannot be changed any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    changeable_until: Option<Timestamp>,
}

/// A question.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct QuestionView {
    /// Its id.
    id: String,
    /// `nps`, `csat5`, `ces7`, `scale`, `choice`, `choices`, `text`, `date` or `yes_no`.
    kind: QuestionKindView,
    /// Must it be answered, if it is asked?
    required: bool,
    /// The condition on earlier answers under which it is asked.
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    /// The question.
    ask: String,
    /// The lowest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    /// The highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    /// What the lowest means.
    #[serde(skip_serializing_if = "Option::is_none")]
    low: Option<String>,
    /// What the highest means.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<String>,
    /// What can be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<OptionView>,
    /// The fewest that must be chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    min_selected: Option<u16>,
    /// The most that may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_selected: Option<u16>,
    /// The longest text, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u32>,
}

/// As the programme writes it.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum QuestionKindView {
    Nps,
    Csat5,
    Ces7,
    Scale,
    Choice,
    Choices,
    Text,
    Date,
    YesNo,
}

/// What can be chosen.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct OptionView {
    /// What is answered.
    id: String,
    /// What it is called.
    label: String,
}

/// The words in a language; else in any that there is.
pub(crate) fn text_in<'a>(texts: &'a Texts, locale: &str) -> Option<&'a str> {
    let language = locale.split('-').next().unwrap_or_default();
    let same = || texts.iter().find(|(known, _)| known.split('-').next() == Some(language)).map(|(_, words)| words);
    texts.get(locale).or_else(same).or_else(|| texts.values().next()).map(String::as_str)
}

impl SurveyReply {
    pub(crate) fn new(sheet: &Sheet, locale: &str) -> Self {
        let invitation = sheet.invitation();
        let state = match invitation.state {
            State::Cancelled => "cancelled",
            State::Answered => "answered",
            _ if sheet.is_closed() => "closed",
            State::Waiting | State::Invited | State::Expired => "open",
        };
        let questions = sheet.form().into_iter().flat_map(|form| &form.written.questions);
        Self {
            survey: invitation.survey.clone(),
            state,
            locale: locale.to_owned(),
            closes_at: invitation.closes_at,
            questions: questions.map(|question| QuestionView::new(question, locale)).collect(),
            version: invitation.latest().map(|_| invitation.version_number()),
            answers: without_words(invitation),
            changeable_until: invitation.fixed_at(),
        }
    }
}

impl QuestionView {
    pub(crate) fn new(question: &Question, locale: &str) -> Self {
        let scale = question.scale();
        let of = |texts: &Texts| text_in(texts, locale).map(str::to_owned);
        Self {
            id: question.id.clone(),
            kind: kind(question.kind),
            required: question.required,
            condition: question.r#if.clone(),
            ask: of(&question.ask).unwrap_or_default(),
            min: scale.map(|(least, _)| least),
            max: scale.map(|(_, most)| most),
            low: of(&question.low),
            high: of(&question.high),
            options: question
                .options
                .iter()
                .map(|option| OptionView { id: option.clone(), label: label(question, option, locale) })
                .collect(),
            min_selected: question.min_selected,
            max_selected: question.max_selected,
            max_length: (question.kind == QuestionKind::Text).then(|| question.longest()),
        }
    }
}

/// What an option is called.
pub(crate) fn label(question: &Question, option: &str, locale: &str) -> String {
    question.labels.get(option).and_then(|texts| text_in(texts, locale)).unwrap_or(option).to_owned()
}

const fn kind(kind: QuestionKind) -> QuestionKindView {
    match kind {
        QuestionKind::Nps => QuestionKindView::Nps,
        QuestionKind::Csat5 => QuestionKindView::Csat5,
        QuestionKind::Ces7 => QuestionKindView::Ces7,
        QuestionKind::Scale => QuestionKindView::Scale,
        QuestionKind::Choice => QuestionKindView::Choice,
        QuestionKind::Choices => QuestionKindView::Choices,
        QuestionKind::Text => QuestionKindView::Text,
        QuestionKind::Date => QuestionKindView::Date,
        QuestionKind::YesNo => QuestionKindView::YesNo,
    }
}
