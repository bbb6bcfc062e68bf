//! `POST /v1/members/{member_id}/forms/{form}` and `GET .../next`: what is known of a member, form by form and question by question.

use domain::kernel::id::OperationId;
use domain::members::home::Home;
use domain::members::speaking::Speaker;
use domain::members::telling::{Rules, Told};
use domain::programme::source::Sends;
use domain::programme::voice::form::CompiledForm;
use domain::voice::VoiceRefusal;
use domain::voice::answering::take;
use jiff::Timestamp;
use lambda::{Failure, Problem, Reply, Request, Role};
use store::{Asking, Kept};
use surveys::{Surveys, said_by};

use crate::context::Surveyor;
use crate::wire::form::{FormReply, FormRequest, NextReply};

pub(crate) async fn post(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (member, surveys) = (request.member()?, surveyor.surveys().await?);
    let FormRequest { answers, source } = request.body()?;
    let form = form(request, &surveys)?;
    let answered = take(form, &answers).map_err(|errors| Failure::refused(&VoiceRefusal::InvalidAnswers { errors }))?;
    let (programme, now) = (surveys.programme(), surveys.now);
    let rank = rank(request, source.as_deref(), &surveys)?;
    let fields = answered.profile.iter().map(|(field, answer)| (field.clone(), answer.value()));
    let says = said_by(&form.written.id, programme.number, (rank, now));
    let told = Told { home: Home::default(), fields: fields.collect(), consents: Vec::new(), says };
    let by = request.principal()?.named();
    let operation = OperationId::of_fact(&request.route, &answered.content.to_string(), &now.to_string());
    let rules = Rules::of(programme, now);
    let asking = Asking { keys: surveyor.keys(), by: &by, operation, rules, setting: surveys.setting() };
    let mut patience = surveyor.patience(request.deadline);
    let Kept { decided: (_, heard), version } =
        surveyor.store().tell((member, None), &told, asking, &mut patience).await??;
    Ok(Reply::ok(&FormReply::new(&heard, version)))
}

pub(crate) async fn next(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let (member, surveys) = (request.member()?, surveyor.surveys().await?);
    let form = form(request, &surveys)?;
    let stored = surveyor.store().member(surveyor.keys(), member, surveys.now).await?;
    let stored = stored.map_err(|finding| Problem::refused(&finding))?;
    let question = surveys.next_of(&form.written.id, &stored.member).await?;
    let locale = stored.member.locale.as_deref().unwrap_or_default();
    Ok(Reply::ok(&NextReply::new(question.as_ref(), locale)))
}

/// A form all of whose questions fill the profile.
fn form<'a>(request: &Request, surveys: &'a Surveys<'_>) -> Result<&'a CompiledForm, Failure> {
    let id: String = request.parameter("form", "form")?;
    let form = surveys.programme().form(&id);
    let fills = |form: &&CompiledForm| form.written.questions.iter().all(|question| question.maps_to.is_some());
    Ok(form.filter(fills).ok_or_else(|| Problem::not_found("form"))?)
}

/// How much the word of whoever sends the form counts.
fn rank(request: &Request, source: Option<&str>, surveys: &Surveys<'_>) -> Result<u8, Failure> {
    let sources = &surveys.programme().document().source;
    let speaker = match (request.principal()?.role, source) {
        (Role::Member, _) => Speaker::Member,
        (Role::Agent, None) => Speaker::Agent,
        (_, Some(source)) => {
            Speaker::source(sources, source, Sends::Members).map_err(|refusal| Problem::refused(&refusal))?
        }
        (_, None) => return Err(Problem::invalid("/source", "say for which source you speak").into()),
    };
    Ok(speaker.says(Timestamp::UNIX_EPOCH).rank)
}
