//! A form as a page: what is asked at a step, what was typed, and what is wrong with that.

use domain::programme::voice::form::{CompiledForm, Question, QuestionKind};
use domain::voice::answering::Wrong;
use domain::voice::page::{first_step, second_step};
use domain::voice::{Answer, Answers, State};
use maud::{Markup, html};
use serde_json::{Map, Value};
use surveys::{Sent, Sheet, Step};

use super::frame::{frame, notice};
use super::words::Words;
use crate::wire::survey::{label, text_in};

/// A form at a step.
pub(crate) struct FormView<'a> {
    words: &'static Words,
    locale: &'a str,
    form: &'a CompiledForm,
    step: &'static str,
    base: Option<u8>,
    questions: Vec<&'a Question>,
    /// The question about the member at the end.
    about_member: Option<&'a Question>,
    chosen: Map<String, Value>,
    /// Words were written before, and are not shown.
    keeps_words: bool,
    wrong: Vec<Wrong>,
}

impl<'a> FormView<'a> {
    fn new(sheet: &'a Sheet, form: &'a CompiledForm, locale: &'a str, step: &'static str) -> Self {
        let base = sheet.invitation().latest().map(|_| sheet.invitation().version_number());
        Self {
            words: Words::of(locale),
            locale,
            form,
            step,
            base: base.filter(|_| step != "1"),
            questions: Vec::new(),
            about_member: None,
            chosen: Map::new(),
            keeps_words: false,
            wrong: Vec::new(),
        }
    }

    /// What is asked whatever is answered.
    fn first(sheet: &'a Sheet, form: &'a CompiledForm, locale: &'a str) -> Self {
        Self { questions: first_step(form).collect(), ..Self::new(sheet, form, locale, "1") }
    }

    /// What has become visible, and the question about the member.
    fn second(sheet: &'a Sheet, form: &'a CompiledForm, locale: &'a str) -> Self {
        let questions = sheet.invitation().latest().map_or_else(Vec::new, |latest| second_step(form, &latest.answers));
        Self { questions, about_member: sheet.about_member.as_ref(), ..Self::new(sheet, form, locale, "2") }
    }

    /// All of it, as it was answered; but words.
    fn change(sheet: &'a Sheet, form: &'a CompiledForm, locale: &'a str) -> Self {
        let answers = sheet.invitation().latest().map(|latest| latest.answers.clone()).unwrap_or_default();
        let view = Self { keeps_words: true, ..Self::new(sheet, form, locale, "change") };
        let shown = answers.iter().filter(|(_, answer)| !matches!(answer, Answer::Text(_) | Answer::InProfile));
        let chosen = shown.map(|(question, answer)| (question.clone(), answer.value())).collect();
        view.visible(&answers).choosing(&chosen)
    }

    /// What was sent, with what is wrong about it.
    pub(crate) fn again(
        sheet: &'a Sheet,
        form: &'a CompiledForm,
        locale: &'a str,
        (sent, wrong): (&Sent, &[Wrong]),
    ) -> Self {
        let view = match sent.step {
            Step::First => Self::first(sheet, form, locale),
            Step::Second => Self::second(sheet, form, locale),
            Step::Change => Self::change(sheet, form, locale),
        };
        let typed = sent.typed(form);
        Self { wrong: wrong.to_vec(), ..view.asking(&typed).choosing(&typed) }
    }

    /// Asks what is visible by what was typed.
    fn asking(self, typed: &Map<String, Value>) -> Self {
        if self.step != "change" {
            return self;
        }
        let known = |question: &Question| {
            let value = typed.get(&question.id)?;
            let answer = value.as_i64().map(Answer::Number).or_else(|| value.as_bool().map(Answer::Yes));
            answer.or_else(|| value.as_str().map(|text| Answer::Option(text.to_owned())))
        };
        let questions = &self.form.written.questions;
        let answers = questions.iter().filter_map(|question| Some((question.id.clone(), known(question)?))).collect();
        self.visible(&answers)
    }

    fn visible(mut self, answers: &Answers) -> Self {
        let second = second_step(self.form, answers);
        let first: Vec<&Question> = first_step(self.form).collect();
        let all = self.form.written.questions.iter();
        let asked = all.filter(|question| first.iter().chain(&second).any(|known| known.id == question.id));
        self.questions = asked.collect();
        self
    }

    /// Shows answers as chosen: those that are answers to a question that is asked.
    fn choosing(mut self, chosen: &Map<String, Value>) -> Self {
        self.chosen.clone_from(chosen);
        self
    }

    /// The page.
    pub(crate) fn page(&self) -> String {
        let words = self.words;
        let last = self.step != "1" || self.form.questions().all(|(_, condition)| condition.is_none());
        let says = html! {
            @if !self.wrong.is_empty() {
                div.bad role="alert" {
                    h2 { (words.wrong) }
                    ul {
                        @for wrong in &self.wrong {
                            li { a href={ "#q-" (wrong.question) } { (self.named(&wrong.question)) " – " (words.why(wrong.code)) } }
                        }
                    }
                }
            }
            form method="post" {
                input type="hidden" name="_step" value=(self.step);
                @if let Some(base) = self.base { input type="hidden" name="base_version" value=(base); }
                @for question in &self.questions { (self.question(question, &question.id)) }
                @if let Some(question) = self.about_member {
                    @if let Some(field) = question.profile_field() {
                        h2 { (words.more) }
                        input type="hidden" name="_asked" value=(field);
                        (self.question(question, "_about"))
                    }
                }
                button { @if last { (words.submit) } @else { (words.next) } }
            }
        };
        frame(words, words.title, &says)
    }

    /// What there is to say when all was said.
    fn thanks(sheet: &Sheet, locale: &str) -> String {
        let words = Words::of(locale);
        let says = html! {
            p role="status" { (words.received) }
            @if sheet.is_open_to_change() { p { a.button href={ "?edit=1&lang=" (words.locale) } { (words.change) } } }
        };
        frame(words, words.thanks, &says)
    }

    fn named<'b>(&'b self, question: &'b str) -> &'b str {
        let all = self.questions.iter().copied().chain(self.about_member);
        let found = all.into_iter().find(|known| known.id == question);
        found.and_then(|known| text_in(&known.ask, self.locale)).unwrap_or(question)
    }

    /// What can be chosen: what is sent, what is read, what it means.
    fn options(&self, question: &Question) -> Vec<(String, String, Value)> {
        let Words { yes, no, .. } = self.words;
        if question.kind == QuestionKind::YesNo {
            let of = |sent: &str, read: &str, means: bool| (sent.to_owned(), read.to_owned(), Value::from(means));
            return vec![of("yes", yes, true), of("no", no, false)];
        }
        let of = |option: &String| (option.clone(), label(question, option, self.locale), Value::from(option.as_str()));
        question.options.iter().map(of).collect()
    }

    fn question(&self, question: &Question, name: &str) -> Markup {
        let words = self.words;
        let ask = text_in(&question.ask, self.locale).unwrap_or_default();
        let (id, field) = (format!("q-{}", question.id), format!("f-{}", question.id));
        let wrong = self.wrong.iter().find(|wrong| wrong.question == question.id);
        let must = html! { @if question.required { span.must { " (" (words.required) ")" } } };
        let error = html! { @if let Some(wrong) = wrong { p.error id={ (id) "-e" } { (words.why(wrong.code)) } } };
        let chosen = |value: &Value| match self.chosen.get(&question.id) {
            Some(Value::Array(several)) => several.contains(value),
            Some(Value::String(text)) => value.to_string().trim_matches('"') == text,
            Some(other) => other == value,
            None => false,
        };
        let said = self.chosen.get(&question.id).and_then(Value::as_str).unwrap_or_default();
        let described = wrong.map(|_| format!("{id}-e"));
        match question.kind {
            QuestionKind::Nps | QuestionKind::Csat5 | QuestionKind::Ces7 | QuestionKind::Scale => {
                let (least, most) = question.scale().unwrap_or_default();
                let (low, high) = (text_in(&question.low, self.locale), text_in(&question.high, self.locale));
                html! {
                    fieldset id=(id) aria-describedby=[described] {
                        legend { (ask) (must) }
                        (error)
                        @if low.is_some() || high.is_some() {
                            p.ends { span { (least) " = " (low.unwrap_or_default()) } span { (most) " = " (high.unwrap_or_default()) } }
                        }
                        div.numbers {
                            @for number in least..=most {
                                label { input type="radio" name=(name) value=(number) checked[chosen(&number.into())]; (number) }
                            }
                        }
                    }
                }
            }
            QuestionKind::Choice | QuestionKind::Choices | QuestionKind::YesNo => {
                let several = if question.kind == QuestionKind::Choices { "checkbox" } else { "radio" };
                let options = self.options(question);
                html! {
                    fieldset id=(id) aria-describedby=[described] {
                        legend { (ask) (must) }
                        (error)
                        div.list {
                            @for (value, label, said) in &options {
                                label { input type=(several) name=(name) value=(value) checked[chosen(said)]; (label) }
                            }
                        }
                    }
                }
            }
            QuestionKind::Text => html! {
                div.ask id=(id) {
                    label for=(field) { (ask) (must) }
                    (error)
                    p.hint id={ (id) "-h" } { (if self.keeps_words { words.kept } else { words.optional }) }
                    textarea id=(field) name=(name) rows="4" maxlength=(question.longest()) aria-describedby={ (id) "-h" } { (said) }
                }
            },
            QuestionKind::Date => html! {
                div.ask id=(id) {
                    label for=(field) { (ask) (must) }
                    (error)
                    input id=(field) type="date" name=(name) value=(said) aria-describedby=[described];
                }
            },
        }
    }
}

/// The page as an invitation stands, and its status: to answer, to change the answer if that is asked for, or what there is to say instead.
pub(crate) fn shown(sheet: &Sheet, locale: &str, (edits, chosen): (bool, &Map<String, Value>)) -> (u16, String) {
    let words = Words::of(locale);
    let invitation = sheet.invitation();
    if invitation.state == State::Cancelled {
        return (410, notice(words, words.cancelled));
    }
    let Some(form) = sheet.form().filter(|_| !sheet.is_closed()) else { return (410, notice(words, words.closed)) };
    let view = match invitation.latest() {
        None => FormView::first(sheet, form, locale).choosing(chosen),
        Some(_) if edits && sheet.is_open_to_change() => FormView::change(sheet, form, locale),
        Some(latest) if invitation.completed_at.is_none() && !sheet.ends_with(&latest.answers) => {
            FormView::second(sheet, form, locale)
        }
        Some(_) => return (200, FormView::thanks(sheet, locale)),
    };
    (200, view.page())
}
