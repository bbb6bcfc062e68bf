//! `GET` and `POST /v1/members/{member_id}/consents`: what a member agrees to.

use domain::members::home::Home;
use domain::members::link::Purpose;
use domain::members::telling::{Rules, Told};
use domain::programme::source::Sends;
use lambda::{Failure, Private, Problem, Reply, Request, Role};
use store::Kept;

use crate::asked::Asked;
use crate::wire::consent::{ConsentsReply, ConsentsRequest};

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (member, now) = (request.member()?, app.now());
    let programmes = app.programmes().await?;
    let stored = app.store().member(app.keys(), member, now).await?;
    let stored = stored.map_err(|finding| Problem::refused(&finding))?;
    let asked = request.query("page", "true or false")?.unwrap_or(false);
    // A system speaks for members where it is declared to, and is not handed their page.
    let page = if asked && request.principal()?.role != Role::Partner {
        let link = app.store().link(app.keys(), (&stored.member.id, Purpose::Preferences), now).await?;
        Some(format!("/p/{link}"))
    } else {
        None
    };
    Ok(Reply::ok(&ConsentsReply::new(&stored.member, Rules::of(programmes.at(now), now), page)))
}

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (body, member): (ConsentsRequest, _) = (request.body()?, request.member()?);
    let asked = Asked::of(app, request).await?;
    let says = asked.speaker(body.source.as_deref(), Sends::Consents)?.says(asked.now);
    let consents = body.consents.iter().map(|given| given.statement(asked.now)).collect();
    let told = Told { home: Home::default(), fields: Vec::new(), consents, says };
    let written = app.store().tell((member, None), &told, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided: (stored, _), .. } = written?;
    Ok(Reply::ok(&ConsentsReply::new(&stored.member, asked.rules(), None)))
}
