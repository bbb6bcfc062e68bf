//! `POST /v1/members`: an upsert by what a source calls the member.

use domain::members::enrolment::{Called, Enrolled, Enrolment};
use domain::members::identifier::{Kind, chosen};
use domain::members::speaking::Speaker;
use domain::members::telling::Told;
use domain::programme::compiled::Programme;
use domain::programme::source::Sends;
use jiff::Timestamp;
use lambda::{Failure, Principal, Private, Problem, Reply, Request, Role};
use store::Kept;

use crate::asked::Asked;
use crate::wire::enrolment::{EnrolReply, EnrolRequest};
use crate::wire::identifier::reading;

/// The most identifiers of a request.
const MOST: usize = 20;

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let body: EnrolRequest = request.body()?;
    let asked = Asked::of(app, request).await?;
    let speaker = asked.speaker(body.source.as_deref(), Sends::Members)?;
    let enrolment = presented(app, request.principal()?, &body, (speaker, asked.programme(), asked.now)).await?;
    let written = app.store().enrol(&enrolment, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided, version } = written.map_err(|refusal| Problem::refused(&refusal))?;
    crate::quality::wrote(app, speaker, &decided.member, asked.asking().operation, request.deadline).await?;
    let reply = EnrolReply::new(&enrolment, &decided, version);
    Ok(answer(&decided, &reply))
}

fn answer(decided: &Enrolled, reply: &EnrolReply) -> Reply {
    if decided.new { Reply::created(reply) } else { Reply::ok(reply) }
}

/// Who is presented, and what is said.
async fn presented(
    app: &Private,
    principal: &Principal,
    body: &EnrolRequest,
    (speaker, programme, now): (Speaker<'_>, &Programme, Timestamp),
) -> Result<Enrolment, Failure> {
    if body.identifiers.len() > MOST {
        return Err(Problem::invalid("/identifiers", format!("at most {MOST} at once")).into());
    }
    let reading = &reading(programme)?;
    let says = speaker.says(body.at.unwrap_or(now));
    let external = Kind::External(says.source.clone());
    // A member is called by its own id.
    let (called, new) = if principal.role == Role::Member {
        let member = principal.subject.parse().map_err(|error: String| Problem::invalid("/", error))?;
        chosen(&member).map_err(|refusal| Problem::refused(&refusal))?;
        (principal.subject.clone(), member)
    } else {
        let called =
            body.external_id.clone().ok_or_else(|| Problem::invalid("/external_id", "`external_id` is missing"))?;
        (called, app.keys().new_member_id()?)
    };
    let named = reading.identifier(external, &called, None);
    let named = named.map_err(|refusal| Problem::refused(&refusal).at("/external_id"))?;
    let index = app.store().index_of(app.keys(), &named, app.now()).await?;
    let fields = body.fields.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
    let consents = body.consents.iter().map(|given| given.statement(now)).collect();
    let told = Told { home: body.home(), fields, consents, says };
    let mut enrolment = Enrolment { notice: body.notice, ..Enrolment::of(new, Called::Name(named, index), told) };
    for (place, given) in body.identifiers.iter().enumerate() {
        let identifier = given.read(reading).map_err(|problem| problem.within(&format!("/identifiers/{place}")))?;
        let verified = given.verified && speaker.verifies(&identifier.kind);
        let presented = app.store().presented(app.keys(), &identifier, verified, app.now()).await?;
        enrolment.present(identifier, presented);
    }
    Ok(enrolment)
}
