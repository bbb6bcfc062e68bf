//! What the page of a form sends, and what that comes to (rules: voice 5, 15, 17).

use domain::programme::voice::form::CompiledForm;
use domain::voice::answering::{Why, Wrong, take};
use domain::voice::page::given;
use domain::voice::{Answer, Answered};
use serde_json::{Map, Value};

use crate::answering::Said;
use crate::asking::Sheet;

/// A field of the profile, and what was answered for it.
type Filled = (String, Option<Value>);

/// At which step of the page something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// What is asked whatever is answered.
    First,
    /// What has become visible since.
    Second,
    /// All of it, to change it.
    Change,
}

/// What a page sends.
#[derive(Debug, Clone)]
pub struct Sent {
    /// At which step.
    pub step: Step,
    base: Option<u8>,
    /// Answers.
    own: Vec<(String, String)>,
    /// The field of the profile that was asked for, and what was said.
    about_member: Option<(String, String)>,
}

impl Sent {
    /// Of the fields of a form.
    #[must_use]
    pub fn new(fields: &[(String, String)]) -> Self {
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let step = match field("_step") {
            Some("2") => Step::Second,
            Some("change") => Step::Change,
            _ => Step::First,
        };
        let about = field("_asked").map(|asked| (asked.to_owned(), field("_about").unwrap_or_default().to_owned()));
        let own = fields.iter().filter(|(name, _)| !name.starts_with('_') && name != "base_version").cloned();
        let base = field("base_version").and_then(|base| base.parse().ok());
        Self { step, base, own: own.collect(), about_member: about }
    }

    /// What was typed, by question.
    #[must_use]
    pub fn typed(&self, form: &CompiledForm) -> Map<String, Value> {
        given(form, &self.own)
    }

    /// What that comes to. Of what was said before what is not on the page stays.
    #[must_use]
    pub fn said(&self, sheet: &Sheet) -> Said {
        let Some(form) = sheet.form() else {
            return Said { answered: Err(Vec::new()), base: self.base, complete: false, about_member: None };
        };
        let typed = self.typed(form);
        let before: Map<String, Value> = sheet.invitation().latest().map_or_else(Map::new, |latest| {
            latest.answers.iter().map(|(question, answer)| (question.clone(), answer.value())).collect()
        });
        let is_words = |question: &str| {
            let latest = sheet.invitation().latest();
            latest.is_some_and(|latest| matches!(latest.answers.get(question), Some(Answer::Text(_))))
        };
        let mut all = match self.step {
            Step::First => Map::new(),
            Step::Second => before,
            // Words are never shown again: left empty they stay.
            Step::Change => before.into_iter().filter(|(question, _)| is_words(question)).collect(),
        };
        all.extend(typed);
        let mut answered = take(form, &all);
        // What a change hides is not said any more.
        while let Err(wrong) = &answered
            && self.step == Step::Change
            && wrong.iter().any(|wrong| wrong.code == Why::NotAsked)
        {
            let hidden = wrong.iter().filter(|wrong| wrong.code == Why::NotAsked);
            hidden.for_each(|wrong| drop(all.remove(&wrong.question)));
            answered = take(form, &all);
        }
        let complete = match self.step {
            Step::First => answered.as_ref().is_ok_and(|answered| sheet.ends_with(&answered.answers)),
            Step::Second | Step::Change => true,
        };
        let (about_member, answered) = self.about_member(sheet, answered);
        Said { answered, base: self.base.filter(|_| self.step != Step::First), complete, about_member }
    }

    /// The question at the end: what is no answer to it is told with the others.
    fn about_member(
        &self,
        sheet: &Sheet,
        answered: Result<Answered, Vec<Wrong>>,
    ) -> (Option<Filled>, Result<Answered, Vec<Wrong>>) {
        let asked = sheet.about_member.as_ref().zip(self.about_member.as_ref());
        let Some((question, (field, text))) =
            asked.filter(|(question, (field, _))| question.profile_field() == Some(field.as_str()))
        else {
            return (None, answered);
        };
        let form = sheet.profile_form.as_deref().and_then(|form| sheet.programme.form(form));
        let Some(form) = form else { return (None, answered) };
        let said = given(form, &[(question.id.clone(), text.clone())]);
        let wrong = take(form, &said).err().unwrap_or_default().into_iter().find(|wrong| wrong.question == question.id);
        match wrong {
            Some(wrong) if !said.is_empty() => (None, Err(vec![wrong])),
            _ => (Some((field.clone(), said.get(&question.id).cloned())), answered),
        }
    }
}
