//! `GET` and `POST /s/{token}`: the form as a page, step by step, without a script. A `GET` changes nothing, for scanners of mail follow links.

use domain::voice::answering::{Why, Wrong, take};
use domain::voice::page::given;
use domain::voice::{Answer, State, VoiceRefusal};
use lambda::{Failure, Reply, Request};
use serde_json::{Map, Value};
use surveys::{NotAnswered, Said, Sheet};

use crate::answers::{locale, opened};
use crate::context::Surveyor;
use crate::wire::page::form::FormView;
use crate::wire::page::frame::{STYLE, notice};
use crate::wire::page::words::Words;

pub(crate) async fn get(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let Ok(id) = opened(surveyor, request).await else { return Ok(unknown(request)) };
    let view = surveyor.view().await?;
    let Some(sheet) = view.surveys().sheet(id).await? else { return Ok(unknown(request)) };
    let locale = locale(request, &sheet, &view);
    let edits = request.query::<u8>("edit", "1").ok().flatten() == Some(1);
    let chosen: Map<String, Value> =
        request.queries("q.").map(|(question, value)| (question.to_owned(), value.into())).collect();
    Ok(shown(&sheet, &locale, edits, &chosen))
}

/// The page as an invitation stands.
fn shown(sheet: &Sheet, locale: &str, edits: bool, chosen: &Map<String, Value>) -> Reply {
    let words = Words::of(locale);
    let invitation = sheet.invitation();
    if invitation.state == State::Cancelled {
        return Reply::page(410, notice(words, words.cancelled), STYLE);
    }
    let Some(form) = sheet.form().filter(|_| !sheet.is_closed()) else {
        return Reply::page(410, notice(words, words.closed), STYLE);
    };
    let view = match invitation.latest() {
        None => FormView::first(sheet, form, locale).choosing(chosen),
        Some(_) if edits && sheet.is_open_to_change() => FormView::change(sheet, form, locale),
        Some(latest) if invitation.completed_at.is_none() && !sheet.ends_with(&latest.answers) => {
            FormView::second(sheet, form, locale)
        }
        Some(_) => return Reply::page(200, FormView::thanks(sheet, locale), STYLE),
    };
    Reply::page(200, view.page(), STYLE)
}

pub(crate) async fn post(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let Ok(id) = opened(surveyor, request).await else { return Ok(unknown(request)) };
    let fields = request.form()?;
    let view = surveyor.view().await?;
    let sent = Sent::new(&fields);
    let done = view.surveys().answer(id, &mut surveyor.patience(request.deadline), |sheet| sent.said(sheet)).await?;
    let Some(sheet) = view.surveys().sheet(id).await? else { return Ok(unknown(request)) };
    let locale = locale(request, &sheet, &view);
    let words = Words::of(&locale);
    let errors = match done {
        Ok(_) => {
            let token: String = request.parameter("token", "survey")?;
            return Ok(Reply::see_other(format!("/s/{token}?lang={locale}")));
        }
        Err(NotAnswered::Unknown) => return Ok(unknown(request)),
        Err(NotAnswered::Refused(VoiceRefusal::InvalidAnswers { errors })) => errors,
        Err(NotAnswered::Profile(_)) => {
            let asked = sheet.about_member.as_ref().map(|question| question.id.clone()).unwrap_or_default();
            vec![Wrong { question: asked, code: Why::WrongType }]
        }
        Err(NotAnswered::Refused(VoiceRefusal::SurveyCancelled | VoiceRefusal::SurveyClosed)) => {
            return Ok(shown(&sheet, &locale, false, &Map::new()));
        }
        Err(NotAnswered::Refused(_)) => return Ok(Reply::page(409, notice(words, words.changed), STYLE)),
    };
    let Some(form) = sheet.form() else { return Ok(Reply::page(410, notice(words, words.closed), STYLE)) };
    let view = match sent.step {
        Step::First => FormView::first(&sheet, form, &locale),
        Step::Second => FormView::second(&sheet, form, &locale),
        Step::Change => FormView::change(&sheet, form, &locale),
    };
    let typed = given(form, &sent.own);
    Ok(Reply::page(422, view.asking(&typed).choosing(&typed).wrong(&errors).page(), STYLE))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    First,
    Second,
    Change,
}

/// What a page sends.
struct Sent {
    step: Step,
    base: Option<u8>,
    /// Answers.
    own: Vec<(String, String)>,
    /// The field of the profile that was asked for, and what was said.
    about_member: Option<(String, String)>,
}

impl Sent {
    fn new(fields: &[(String, String)]) -> Self {
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let step = match field("_step") {
            Some("2") => Step::Second,
            Some("change") => Step::Change,
            _ => Step::First,
        };
        let about = field("_asked").map(|asked| (asked.to_owned(), field("_about").unwrap_or_default().to_owned()));
        let own = fields.iter().filter(|(name, _)| !name.starts_with('_')).cloned().collect();
        Self { step, base: field("base_version").and_then(|base| base.parse().ok()), own, about_member: about }
            .cleaned()
    }

    fn cleaned(mut self) -> Self {
        self.own.retain(|(name, _)| name != "base_version");
        self
    }

    /// What that comes to. Of what was said before what is not on the page stays.
    fn said(&self, sheet: &Sheet) -> Said {
        let Some(form) = sheet.form() else {
            return Said { answered: Err(Vec::new()), base: self.base, complete: false, about_member: None };
        };
        let typed = given(form, &self.own);
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
        answered: Result<domain::voice::Answered, Vec<Wrong>>,
    ) -> (Option<(String, Option<Value>)>, Result<domain::voice::Answered, Vec<Wrong>>) {
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

fn unknown(request: &Request) -> Reply {
    let asked: Option<String> = request.query("lang", "a language").ok().flatten();
    let words = Words::of(asked.as_deref().or(request.header("accept-language")).unwrap_or_default());
    Reply::page(404, notice(words, words.unknown), STYLE)
}
