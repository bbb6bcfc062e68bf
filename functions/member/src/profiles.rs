//! `GET` and `PATCH /v1/members/{member_id}`: what is known of a member.

use domain::members::looking::Retention;
use domain::members::telling::{Rules, Told};
use domain::programme::source::Sends;
use lambda::{Failure, Private, Problem, Reply, Request};
use store::Kept;

use crate::asked::Asked;
use crate::wire::profile::{ChangeReply, ChangeRequest, MemberReply, Seeing};

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (member, now) = (request.member()?, app.now());
    let programmes = app.programmes().await?;
    let stored = app.store().member(app.keys(), member, now).await?;
    let stored = stored.map_err(|finding| Problem::refused(&finding))?;
    let seeing = Seeing::of(request.principal()?, &programmes.at(now).document().source);
    let retention = Retention::of(Rules::of(programmes.at(now), now));
    Ok(Reply::ok(&MemberReply::new(&stored, member, seeing, retention)))
}

pub(crate) async fn patch(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (body, member): (ChangeRequest, _) = (request.body()?, request.member()?);
    let asked = Asked::of(app, request).await?;
    let speaker = asked.speaker(body.source.as_deref(), Sends::Members)?;
    let fields = body.fields.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
    let says = speaker.says(body.at.unwrap_or(asked.now));
    let told = Told { home: body.home(), fields, consents: Vec::new(), says };
    let written = app.store().tell((member, body.version), &told, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided: (stored, heard), version } = written?;
    crate::quality::wrote(app, speaker, &stored.member, asked.asking().operation, request.deadline).await?;
    Ok(Reply::ok(&ChangeReply::new(&heard, version)))
}
