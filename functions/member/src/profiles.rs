//! `GET` and `PATCH /v1/members/{member_id}`: what is known of a member.

use domain::members::finding::Finding;
use domain::members::looking::Kept;
use domain::members::telling::{Rules, Told};
use domain::programme::source::Sends;
use lambda::{Failure, Private, Problem, Reply, Request};
use store::{Kept as Written, NotTold};

use crate::asked::Asked;
use crate::wire::profile::{ChangeReply, ChangeRequest, MemberReply, Seeing};

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (member, now) = (request.member()?, app.now());
    let programmes = app.programmes().await?;
    let stored = app.store().member(app.keys(), member, now).await?;
    let stored = stored.ok_or_else(|| Problem::refused(&Finding::UnknownMember))?;
    let seeing = Seeing::of(request.principal()?, &programmes.at(now).document().source);
    let rules = Rules::of(programmes.at(now), now);
    let kept = Kept { schema: rules.schema, zone: rules.terms.zone, today: rules.today };
    Ok(Reply::ok(&MemberReply::new(&stored, member, seeing, kept)))
}

pub(crate) async fn patch(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (body, member): (ChangeRequest, _) = (request.body()?, request.member()?);
    let asked = Asked::of(app, request).await?;
    let speaker = asked.speaker(body.source.as_deref(), Sends::Members)?;
    let fields = body.fields.iter().map(|(field, value)| (field.clone(), value.clone())).collect();
    let says = speaker.says(body.at.unwrap_or(asked.now));
    let told = Told { home: body.home(), fields, consents: Vec::new(), says };
    let written = app.store().tell((member, body.version), &told, asked.asking(), &mut asked.patience()).await?;
    let Written { decided: (_, heard), version } = written.map_err(|why| not_told(&why))?;
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
