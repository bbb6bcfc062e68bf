//! `POST` and `DELETE /v1/members/{member_id}/identifiers[/{n}]`, and the codes by which one is verified.

use domain::members::enrolment::{Called, Enrolment};
use domain::members::home::Home;
use domain::members::leaving::Unlink;
use domain::members::profile::{BY_AGENT, BY_MEMBER};
use domain::members::telling::Told;
use domain::programme::source::Sends;
use lambda::{Failure, Private, Problem, Reply, Request, Role};
use store::{Kept, OfMember};

use crate::asked::Asked;
use crate::wire::identifier::{
    CodeRequest, CodeSentReply, LinkReply, LinkRequest, UnlinkReply, VerifiedReply, reading,
};

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (body, member): (LinkRequest, _) = (request.body()?, request.member()?);
    let asked = Asked::of(app, request).await?;
    let speaker = asked.speaker(body.source.as_deref(), Sends::Members)?;
    let identifier = body.identifier.read(&reading(asked.programme())?)?;
    let verified = body.identifier.verified && speaker.verifies(&identifier.kind);
    let presented = app.store().presented(app.keys(), &identifier, verified, asked.now).await?;
    let says = speaker.says(asked.now);
    let told = Told { home: Home::default(), fields: Vec::new(), consents: Vec::new(), says };
    let (new, called) = (member.clone(), Called::Id(member.clone()));
    let linking = Enrolment { identifiers: vec![(identifier, presented)], ..Enrolment::of(new, called, told) };
    let written = app.store().enrol(&linking, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided, version } = written.map_err(|refusal| Problem::refused(&refusal))?;
    Ok(Reply::ok(&LinkReply::new(&linking, &decided, version)))
}

pub(crate) async fn delete(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (member, n): (_, u32) = (request.member()?, request.parameter("n", "identifier")?);
    let confirm = request.query("confirm", "true or false")?.unwrap_or(false);
    let asked = Asked::of(app, request).await?;
    let unlink = Unlink { n, confirm, of: asked.sees()? };
    let own = unlink.of.as_ref().and_then(|sources| sources.first());
    let who = if request.principal()?.role == Role::Member { BY_MEMBER } else { BY_AGENT };
    let source = own.map_or(who, String::as_str);
    let written = app.store().unlink(member, &unlink, (asked.asking(), source), &mut asked.patience()).await?;
    let Kept { decided, version } = written?;
    Ok(Reply::ok(&UnlinkReply { unlinked: decided, version }))
}

pub(crate) async fn send(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (member, n) = (request.member()?, request.parameter("n", "identifier")?);
    let asked = Asked::of(app, request).await?;
    let sees = asked.sees()?;
    let of = OfMember { member, n, of: sees.as_deref() };
    let valid_until = app.store().send_code(of, asked.asking(), &mut asked.patience()).await??;
    Ok(Reply::with_status(202, &CodeSentReply { valid_until }))
}

pub(crate) async fn confirm(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (body, member): (CodeRequest, _) = (request.body()?, request.member()?);
    let n = request.parameter("n", "identifier")?;
    let asked = Asked::of(app, request).await?;
    let sees = asked.sees()?;
    let of = OfMember { member, n, of: sees.as_deref() };
    let said = app.store().say_code(of, &body.code, asked.asking(), &mut asked.patience()).await?;
    let Kept { decided: verified_at, version } = said?;
    Ok(Reply::ok(&VerifiedReply { verified_at, version }))
}
