//! `[[form]]`: what is asked, in which order, under which condition (rules: voice 1-5).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::known::Known;
use crate::programme::condition::{Condition, Scalar, Variables};
use crate::programme::finding::{Finding, Findings};

/// Texts by language.
pub type Texts = BTreeMap<String, String>;

/// `[[form]]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// A short name, unique.
    pub id: String,
    /// What is asked, in this order.
    pub questions: Vec<Question>,
    /// After how many days a field of the profile that this form fills is asked for again; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_after_days: Option<i32>,
    /// How many days after it was asked the same is asked again, where it is asked one by one.
    #[serde(default = "Form::thirty", skip_serializing_if = "Form::is_thirty")]
    pub ask_again_days: i32,
}

impl Form {
    const fn thirty() -> i32 {
        30
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
    const fn is_thirty(days: &i32) -> bool {
        *days == 30
    }

    /// A question by its id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// The question whose answer is the score: the first with a scale.
    #[must_use]
    pub fn scored(&self) -> Option<&Question> {
        self.questions.iter().find(|question| question.scale().is_some())
    }
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// A short name, unique in the form.
    pub id: String,
    /// What kind of answer.
    pub kind: QuestionKind,
    /// Must it be answered, if it is asked?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Under which condition on earlier answers it is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#if: Option<String>,
    /// The question, by language.
    pub ask: Texts,
    /// The lowest of a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The highest of a scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// What the lowest means, in words.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub low: Texts,
    /// What the highest means.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub high: Texts,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// What it is called, by option and language; its id where there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, Texts>,
    /// The fewest that must be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_selected: Option<u16>,
    /// The most that may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_selected: Option<u16>,
    /// The longest text, in characters; 2,000 if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// What it fills: `profile.FIELD`. Such an answer goes to the profile and is not kept with the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maps_to: Option<String>,
}

/// What kind of answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// How likely a recommendation is, 0 to 10.
    Nps,
    /// How satisfied, 1 to 5.
    Csat5,
    /// How easy, 1 to 7; 7 is easy.
    Ces7,
    /// A whole number from `min` to `max`.
    Scale,
    /// One of the options.
    Choice,
    /// Some of them.
    Choices,
    /// Words of one's own.
    Text,
    /// A date.
    Date,
    /// Yes or no.
    YesNo,
}

impl Question {
    /// The longest text, in characters.
    pub const MAX_LENGTH: u32 = 2_000;

    /// The lowest and the highest number of the scale, if the question has one.
    #[must_use]
    pub fn scale(&self) -> Option<(i64, i64)> {
        match self.kind {
            QuestionKind::Nps => Some((0, 10)),
            QuestionKind::Csat5 => Some((1, 5)),
            QuestionKind::Ces7 => Some((1, 7)),
            QuestionKind::Scale => self.min.zip(self.max),
            _ => None,
        }
    }

    /// The field of the profile that it fills.
    #[must_use]
    pub fn profile_field(&self) -> Option<&str> {
        self.maps_to.as_deref()?.strip_prefix("profile.")
    }

    /// The longest text that is an answer.
    #[must_use]
    pub fn longest(&self) -> u32 {
        self.max_length.unwrap_or(Self::MAX_LENGTH)
    }

    fn sample(&self) -> Option<Scalar> {
        match self.kind {
            QuestionKind::Nps | QuestionKind::Csat5 | QuestionKind::Ces7 | QuestionKind::Scale => {
                Some(Scalar::Integer(1))
            }
            QuestionKind::Choice | QuestionKind::Text | QuestionKind::Date => Some(Scalar::Text("2026-01-01".into())),
            QuestionKind::YesNo => Some(Scalar::Boolean(true)),
            QuestionKind::Choices => None,
        }
    }
}

/// A form whose conditions are compiled.
#[derive(Debug)]
pub struct CompiledForm {
    /// As written.
    pub written: Form,
    /// Of each question the condition under which it is asked.
    conditions: Vec<Option<Condition>>,
}

impl CompiledForm {
    /// The questions, each with the condition under which it is asked.
    pub fn questions(&self) -> impl Iterator<Item = (&Question, Option<&Condition>)> {
        self.written.questions.iter().zip(self.conditions.iter().map(Option::as_ref))
    }
}

/// The most characters that a member can write into one form.
const MOST_TEXT: u32 = 20_000;
/// The most questions of a form.
const MOST_QUESTIONS: usize = 50;

/// Checks the section.
pub(super) fn check(forms: &[Form], known: &Known<'_>, findings: &mut Findings) {
    findings.unique("form", forms.iter().map(|form| form.id.as_str()));
    for form in forms {
        let at = |field: &str| format!("form.{}.{field}", form.id);
        let few = (1..=MOST_QUESTIONS).contains(&form.questions.len());
        findings.unless(few, at("questions"), "a form has 1 to 50 questions");
        findings.unique(&at("questions"), form.questions.iter().map(|question| question.id.as_str()));
        let text = form.questions.iter().filter(|question| question.kind == QuestionKind::Text);
        let text = text.map(Question::longest).fold(0, u32::saturating_add);
        let message = format!("their texts may come to {text} characters; {MOST_TEXT} are the most");
        findings.unless(text <= MOST_TEXT, at("questions"), message);
        let days = form.refresh_after_days.is_none_or(|days| (1..=36_500).contains(&days));
        findings.unless(days, at("refresh_after_days"), "must be in 1..=36500");
        findings.unless((0..=3_650).contains(&form.ask_again_days), at("ask_again_days"), "must be in 0..=3650");
        for question in &form.questions {
            of_question(question, &at(&format!("questions.{}", question.id)), known, findings);
        }
    }
}

fn of_question(question: &Question, at: &str, known: &Known<'_>, findings: &mut Findings) {
    let at = |field: &str| format!("{at}.{field}");
    if let Some(locale) = known.locale {
        let asked = question.ask.get(locale).is_some_and(|words| !words.trim().is_empty());
        findings.unless(asked, at("ask"), format!("is not written in {locale}, which every member can be shown"));
    }
    let scale = question.kind == QuestionKind::Scale;
    let ends = question.min.zip(question.max);
    let fits = ends.is_some_and(|(min, max)| min < max && min >= -1_000 && max <= 1_000);
    findings.unless(!scale || fits, at("max"), "a scale goes from `min` up to `max`, within -1000..=1000");
    findings.unless(scale || (question.min.is_none() && question.max.is_none()), at("min"), "only a scale has ends");
    let chooses = matches!(question.kind, QuestionKind::Choice | QuestionKind::Choices);
    let options = &question.options;
    let enough = if chooses { (2..=100).contains(&options.len()) } else { options.is_empty() };
    findings.unless(enough, at("options"), "a choice has 2 to 100 options, anything else none");
    let distinct: BTreeSet<&String> = options.iter().collect();
    findings.unless(distinct.len() == options.len(), at("options"), "an option stands in it twice");
    let shaped = options.iter().all(|option| (1..=64).contains(&option.len()));
    findings.unless(shaped, at("options"), "an option is 1 to 64 bytes long");
    for label in question.labels.keys().filter(|label| !options.contains(label)) {
        findings.unless(false, at("labels"), format!("`{label}` is no option"));
    }
    let several = question.kind == QuestionKind::Choices;
    let numbers = question.min_selected.is_none() && question.max_selected.is_none();
    findings.unless(several || numbers, at("min_selected"), "only `choices` says how many");
    let (least, most) = (question.min_selected.unwrap_or(0), question.max_selected.unwrap_or(u16::MAX));
    let possible = least <= most && usize::from(least) <= options.len() && most > 0;
    findings.unless(!several || possible, at("max_selected"), "must be at least min_selected, and that at most all");
    let length = question.max_length.is_none_or(|length| (1..=10_000).contains(&length));
    findings.unless(length, at("max_length"), "must be in 1..=10000");
    let written = question.max_length.is_none() || question.kind == QuestionKind::Text;
    findings.unless(written, at("max_length"), "only a text is as long as that");
    if let Some(target) = &question.maps_to {
        let field = question.profile_field().is_some_and(|field| known.fields.contains(field));
        findings.unless(field, at("maps_to"), format!("`{target}` is no `profile.FIELD` with a field of members"));
    }
}

/// Compiles the conditions.
pub(in crate::programme) fn compile(forms: &[Form], findings: &mut Vec<Finding>) -> Vec<CompiledForm> {
    let mut compiled = Vec::new();
    for form in forms {
        let (mut sample, mut lists): (Variables, Vec<&str>) = (Variables::new(), Vec::new());
        let mut conditions = Vec::new();
        for question in &form.questions {
            let condition = question.r#if.as_deref().map(|source| earlier(source, &sample, &lists)).transpose();
            conditions.push(condition.unwrap_or_else(|message| {
                findings.push(Finding::new(format!("form.{}.questions.{}.if", form.id, question.id), message));
                None
            }));
            match question.sample() {
                Some(value) => drop(sample.insert(question.id.clone(), value)),
                None => lists.push(&question.id),
            }
        }
        compiled.push(CompiledForm { written: form.clone(), conditions });
    }
    compiled
}

/// A condition that reads earlier answers alone, each as what it is.
fn earlier(source: &str, sample: &Variables, lists: &[&str]) -> Result<Condition, String> {
    let condition = Condition::compile_open(source)?;
    let known = |name: &&String| sample.contains_key(*name) || lists.contains(&name.as_str());
    if let Some(unknown) = condition.reads().iter().find(|name| !known(name)) {
        return Err(format!("`{unknown}` is not the answer to an earlier question"));
    }
    let chosen = ["a".to_owned()];
    let lists: Vec<(&str, &[String])> = lists.iter().map(|name| (*name, chosen.as_slice())).collect();
    condition.holds_with(sample, &lists)?;
    Ok(condition)
}
