//! `/v1/surveys/{token}` and `.../responses`: what an invitation asks, and the answer, for whoever has the link. A `GET` changes nothing.

use domain::voice::InvitationId;
use domain::voice::answering::take;
use lambda::{Failure, Problem, Reply, Request};
use surveys::{Done, NotAnswered, Said, Sheet};

use crate::context::Surveyor;
use crate::wire::answer::{AnswerReply, ChangeRequest, FirstRequest};
use crate::wire::survey::SurveyReply;

pub(crate) async fn get(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let shown = async {
        let id = opened(surveyor, request).await?;
        let sheet = surveyor.surveys().await?.sheet(id).await?.ok_or_else(unknown)?;
        Ok(Reply::ok(&SurveyReply::new(&sheet, &locale(request, &sheet))))
    };
    unseen(shown.await)
}

pub(crate) async fn post(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let said = async {
        let FirstRequest { answers } = request.body()?;
        answered(surveyor, request, (None, &answers)).await
    };
    unseen(said.await)
}

pub(crate) async fn put(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let said = async {
        let ChangeRequest { base_version, answers } = request.body()?;
        answered(surveyor, request, (Some(base_version), &answers)).await
    };
    unseen(said.await)
}

async fn answered(
    surveyor: &Surveyor,
    request: &Request,
    (base, answers): (Option<u8>, &serde_json::Map<String, serde_json::Value>),
) -> Result<Reply, Failure> {
    let id = opened(surveyor, request).await?;
    let say = |sheet: &Sheet| Said {
        answered: sheet.form().map_or_else(|| Err(Vec::new()), |form| take(form, answers)),
        base,
        complete: true,
        about_member: None,
    };
    let done = surveyor.surveys().await?.answer(id, &mut surveyor.patience(request.deadline), say).await?;
    let Done { invitation, version, replayed } = done.map_err(refused)?;
    let reply = AnswerReply::new(&invitation, version);
    let reply = if base.is_none() && !replayed { Reply::created(&reply) } else { Reply::ok(&reply) };
    Ok(reply.replayed(replayed))
}

fn refused(why: NotAnswered) -> Failure {
    match why {
        NotAnswered::Unknown => unknown().into(),
        NotAnswered::Refused(refusal) => Failure::refused(&refusal),
        NotAnswered::Profile(why) => Failure::from(why).within("/answers"),
    }
}

fn unknown() -> Problem {
    Problem::refused(&domain::voice::LinkRefusal::UnknownLink)
}

/// The invitation that the path leads to. Nothing is read before its signature is looked at.
pub(crate) async fn opened(surveyor: &Surveyor, request: &Request) -> Result<InvitationId, Failure> {
    let token: String = request.parameter("token", "survey")?;
    Ok(surveyor.store().survey_opened(surveyor.keys(), &token).await?.ok_or_else(unknown)?)
}

/// In the language that is asked for, or the invitation's, or the browser's, or the programme's first.
pub(crate) fn locale(request: &Request, sheet: &Sheet) -> String {
    let asked: Option<String> = request.query("lang", "a language").ok().flatten();
    let accepts = request.header("accept-language").unwrap_or_default();
    let accepts = accepts.split(',').filter_map(|one| one.split(';').next()).map(str::trim);
    sheet.locale(asked.as_deref(), accepts).to_owned()
}

/// Whatever is answered is of one person.
fn unseen(answer: Result<Reply, Failure>) -> Result<Reply, Failure> {
    Ok(answer.unwrap_or_else(|failure| failure.answered().into()).unseen())
}
