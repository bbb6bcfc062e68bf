//! A form is answered: which questions are asked, and what is an answer to each (rules: voice 1-4).

use jiff::civil::Date;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::answer::{Answer, Answered, Answers, variables};
use crate::programme::condition::Condition;
use crate::programme::voice::form::{CompiledForm, Question, QuestionKind};

/// Why an answer is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The question is not asked, as others are answered.
    NotAsked,
    /// It must be answered.
    AnswerMissing,
    /// It is of another type.
    WrongType,
    /// It lies outside the scale.
    OutOfRange,
    /// The form has no such question.
    UnknownQuestion,
    /// The question has no such option.
    UnknownOption,
    /// An option stands in it twice.
    RepeatedOption,
    /// More must be chosen.
    TooFew,
    /// Fewer may be.
    TooMany,
    /// The text is too long.
    TooLong,
}

impl Why {
    /// What is wrong, in words.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::NotAsked => "is not asked, as others are answered",
            Self::AnswerMissing => "must be answered",
            Self::WrongType => "is of another type",
            Self::OutOfRange => "lies outside the scale",
            Self::UnknownQuestion => "is no question of the form",
            Self::UnknownOption => "has no such option",
            Self::RepeatedOption => "has an option twice",
            Self::TooFew => "asks for more of them",
            Self::TooMany => "asks for fewer of them",
            Self::TooLong => "is too long",
        }
    }
}

/// An answer that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// To which question.
    pub question: String,
    /// Why.
    pub code: Why,
}

impl Serialize for Wrong {
    /// As everything else that is wrong with a request, and the question and the code for machines.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut wrong = serializer.serialize_struct("Wrong", 4)?;
        let place = self.question.replace('~', "~0").replace('/', "~1");
        wrong.serialize_field("pointer", &format!("/answers/{place}"))?;
        wrong.serialize_field("detail", self.code.says())?;
        wrong.serialize_field("question", &self.question)?;
        wrong.serialize_field("code", &self.code)?;
        wrong.end()
    }
}

/// Is a question asked, as far as others are answered? Without a value of what its condition reads it is not.
pub(super) fn is_asked(condition: Option<&Condition>, answers: &Answers) -> bool {
    let Some(condition) = condition else { return true };
    let (single, lists) = variables(answers);
    let known = |name: &String| single.contains_key(name) || lists.iter().any(|(list, _)| list == name);
    condition.reads().iter().all(known) && condition.holds_with(&single, &lists) == Ok(true)
}

/// Takes answers to a form.
///
/// # Errors
/// All that is wrong, one for a question, in the form's order; unknown questions last.
pub fn take(form: &CompiledForm, given: &Map<String, Value>) -> Result<Answered, Vec<Wrong>> {
    let (mut answers, mut profile, mut wrong) = (Answers::new(), Vec::new(), Vec::new());
    for (question, condition) in form.questions() {
        let mut refuse = |code| wrong.push(Wrong { question: question.id.clone(), code });
        let said = given.get(&question.id).filter(|value| !value.is_null());
        let asked = is_asked(condition, &answers);
        let read = match said {
            Some(_) if !asked => Err(Why::NotAsked),
            Some(value) => read(question, value),
            None => Ok(None),
        };
        match read {
            Ok(Some(answer)) => {
                if let Some(field) = question.profile_field() {
                    profile.push((question.id.clone(), field.to_owned()));
                }
                answers.insert(question.id.clone(), answer);
            }
            Ok(None) if asked && question.required => refuse(Why::AnswerMissing),
            Ok(None) => {}
            Err(why) => refuse(why),
        }
    }
    let unknown = given.keys().filter(|id| form.written.question(id).is_none());
    wrong.extend(unknown.map(|id| Wrong { question: id.clone(), code: Why::UnknownQuestion }));
    if wrong.is_empty() { Ok(Answered::new(&answers, &profile)) } else { Err(wrong) }
}

/// Reads an answer; an empty text is none.
fn read(question: &Question, value: &Value) -> Result<Option<Answer>, Why> {
    let answer = match question.kind {
        QuestionKind::Nps | QuestionKind::Csat5 | QuestionKind::Ces7 | QuestionKind::Scale => number(question, value)?,
        QuestionKind::Choice => {
            let option = value.as_str().ok_or(Why::WrongType)?;
            let known = question.options.iter().any(|known| known == option);
            if !known {
                return Err(Why::UnknownOption);
            }
            Answer::Option(option.to_owned())
        }
        QuestionKind::Choices => options(question, value)?,
        QuestionKind::Text => return text(question, value),
        QuestionKind::Date => {
            let text = value.as_str().filter(|text| text.len() == 10).ok_or(Why::WrongType)?;
            Answer::Date(text.parse::<Date>().map_err(|_error| Why::WrongType)?)
        }
        QuestionKind::YesNo => Answer::Yes(value.as_bool().ok_or(Why::WrongType)?),
    };
    Ok(Some(answer))
}

fn number(question: &Question, value: &Value) -> Result<Answer, Why> {
    let number = match value.as_i64() {
        Some(number) => number,
        None if value.is_u64() => return Err(Why::OutOfRange),
        None => return Err(Why::WrongType),
    };
    let (least, most) = question.scale().unwrap_or((i64::MIN, i64::MAX));
    if (least..=most).contains(&number) { Ok(Answer::Number(number)) } else { Err(Why::OutOfRange) }
}

fn options(question: &Question, value: &Value) -> Result<Answer, Why> {
    let values = value.as_array().ok_or(Why::WrongType)?;
    let chosen: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
    let chosen = chosen.ok_or(Why::WrongType)?;
    if chosen.iter().any(|option| !question.options.iter().any(|known| known == option)) {
        return Err(Why::UnknownOption);
    }
    let in_order = question.options.iter().filter(|option| chosen.contains(&option.as_str()));
    let in_order: Vec<String> = in_order.cloned().collect();
    if in_order.len() < chosen.len() {
        return Err(Why::RepeatedOption);
    }
    let least = question.min_selected.unwrap_or(u16::from(question.required));
    if in_order.len() < usize::from(least) {
        return Err(Why::TooFew);
    }
    let most = question.max_selected.unwrap_or(u16::MAX);
    if in_order.len() > usize::from(most) { Err(Why::TooMany) } else { Ok(Answer::Options(in_order)) }
}

/// Characters are Unicode scalar values; of control characters only the end of a line is one.
fn text(question: &Question, value: &Value) -> Result<Option<Answer>, Why> {
    let text = value.as_str().ok_or(Why::WrongType)?.trim();
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(Why::WrongType);
    }
    if text.chars().count() > usize::try_from(question.longest()).unwrap_or(usize::MAX) {
        return Err(Why::TooLong);
    }
    Ok((!text.is_empty()).then(|| Answer::Text(text.to_owned())))
}
