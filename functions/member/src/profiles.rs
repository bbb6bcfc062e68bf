//! `GET` and `PATCH /v1/members/{member_id}`: what is known of a member.

use domain::members::finding::Finding;
use domain::members::telling::{Rules, Told};
use domain::programme::setting::Setting;
use domain::programme::source::Sends;
use lambda::{Failure, Private, Problem, Reply, Request};
use store::{Asking, Kept, NotTold};

use crate::speaker::{by, operation, speaker};
use crate::wire::profile::{ChangeReply, ChangeRequest, MemberReply, Seeing};

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (member, now) = (request.member()?, app.now());
    let programmes = app.programmes().await?;
    let stored = app.store().member(app.keys(), member, now).await?;
    let stored = stored.ok_or_else(|| Problem::refused(&Finding::UnknownMember))?;
    let seeing = Seeing::of(request.principal()?, &programmes.at(now).document().source);
    Ok(Reply::ok(&MemberReply::new(&stored, member, seeing)))
}

pub(crate) async fn patch(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (body, member): (ChangeRequest, _) = (request.body()?, request.member()?);
    let (programmes, now) = (app.programmes().await?, app.now());
    let setting = Setting { programmes: &programmes, now };
    let rules = Rules::of(programmes.at(now), now);
    let speaker = speaker(request, body.source.as_deref(), Sends::Members, programmes.at(now))?;
    let fields = body.fields.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
    let says = speaker.says(body.at.unwrap_or(now));
    let told = Told { home: body.home(), fields, consents: Vec::new(), says };
    let by = by(request)?;
    let operation = operation(&request.route, &request.json()?, now);
    let asking = Asking { keys: app.keys(), by: &by, operation, rules, setting };
    let mut patience = app.patience(request.deadline);
    let written = app.store().tell((member, body.version), &told, asking, &mut patience).await?;
    let Kept { decided: (_, heard), version } = written.map_err(|why| not_told(&why))?;
    Ok(Reply::ok(&ChangeReply::new(&heard, version)))
}

/// Why nothing was written, as a problem.
pub(crate) fn not_told(why: &NotTold) -> Problem {
    match why {
        NotTold::UnknownMember => Problem::refused(&Finding::UnknownMember),
        NotTold::Changed { version } => Problem::refused(&Finding::ChangedMeanwhile { version: *version }),
        NotTold::Refused(refusal) => Problem::refused(refusal),
    }
}
