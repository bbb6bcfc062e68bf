//! `GET` and `POST /s/{token}`: the form as a page, step by step, without a script. A `GET` changes nothing, for scanners of mail follow links.

use domain::voice::VoiceRefusal;
use domain::voice::answering::{Why, Wrong};
use lambda::{Failure, Reply, Request};
use serde_json::{Map, Value};
use surveys::{NotAnswered, Sent, Sheet};

use crate::answers::{locale, opened};
use crate::context::Surveyor;
use crate::wire::page::form::{FormView, shown};
use crate::wire::page::frame::{STYLE, notice};
use crate::wire::page::words::Words;

pub(crate) async fn get(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let Ok(id) = opened(surveyor, request).await else { return Ok(unknown(request)) };
    let Some(sheet) = surveyor.surveys().await?.sheet(id).await? else { return Ok(unknown(request)) };
    let edits = request.query::<u8>("edit", "1").ok().flatten() == Some(1);
    let chosen: Map<String, Value> =
        request.queries("q.").map(|(question, value)| (question.to_owned(), value.into())).collect();
    Ok(as_it_stands(&sheet, &locale(request, &sheet), (edits, &chosen)))
}

pub(crate) async fn post(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let Ok(id) = opened(surveyor, request).await else { return Ok(unknown(request)) };
    let sent = Sent::new(&request.form()?);
    let surveys = surveyor.surveys().await?;
    let done = surveys.answer(id, &mut surveyor.patience(request.deadline), |sheet| sent.said(sheet)).await?;
    let Some(sheet) = surveys.sheet(id).await? else { return Ok(unknown(request)) };
    let locale = locale(request, &sheet);
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
            return Ok(as_it_stands(&sheet, &locale, (false, &Map::new())));
        }
        Err(NotAnswered::Refused(_)) => {
            let words = Words::of(&locale);
            return Ok(Reply::page(409, notice(words, words.changed), STYLE));
        }
    };
    let Some(form) = sheet.form() else { return Ok(as_it_stands(&sheet, &locale, (false, &Map::new()))) };
    Ok(Reply::page(422, FormView::again(&sheet, form, &locale, (&sent, &errors)).page(), STYLE))
}

fn as_it_stands(sheet: &Sheet, locale: &str, asked: (bool, &Map<String, Value>)) -> Reply {
    let (status, page) = shown(sheet, locale, asked);
    Reply::page(status, page, STYLE)
}

fn unknown(request: &Request) -> Reply {
    let asked: Option<String> = request.query("lang", "a language").ok().flatten();
    let words = Words::of(asked.as_deref().or(request.header("accept-language")).unwrap_or_default());
    Reply::page(404, notice(words, words.unknown), STYLE)
}
