//! `PUT` and `DELETE /v1/members/{member_id}/tags/{tag}`, and the dictionary.

use domain::members::tag::{Giving, Tagging};
use domain::programme::tag::Tagger;
use lambda::{Failure, Principal, Private, Problem, Reply, Request, Role};
use store::TagsByHand;

use crate::asked::Asked;
use crate::wire::tag::{DictionaryReply, TagRequest, TagsReply};

pub(crate) async fn list(app: &Private, _: &Request) -> Result<Reply, Failure> {
    let programmes = app.programmes().await?;
    let programme = programmes.at(app.now());
    Ok(Reply::ok(&DictionaryReply::new(programme.number, &programme.document().tag)))
}

pub(crate) async fn put(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let by = tagger(request.principal()?)?;
    let (body, tag): (TagRequest, String) = (request.body()?, request.parameter("tag", "tag")?);
    body.reason.as_ref().map_or(Ok(()), |reason| reason.check())?;
    let given = TagsByHand::Give(Giving { tag: &tag, by, until: body.until });
    change(app, request, given, body.reason.as_ref().map(|reason| reason.as_str())).await
}

pub(crate) async fn delete(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let tag: String = request.parameter("tag", "tag")?;
    change(app, request, TagsByHand::Take(&tag, tagger(request.principal()?)?), None).await
}

async fn change(
    app: &Private,
    request: &Request,
    tags: TagsByHand<'_>,
    reason: Option<&str>,
) -> Result<Reply, Failure> {
    let asked = Asked::of(app, request).await?;
    let told = (tags, asked.programme().document().tag.as_slice(), reason);
    let written = app.store().tag(request.member()?, told, asked.asking(), &mut asked.patience()).await?;
    let kept = written?;
    Ok(Reply::ok(&TagsReply { tags: kept.decided.member.tags, version: kept.version }))
}

/// As the dictionary calls the caller.
fn tagger(principal: &Principal) -> Result<Tagger, Problem> {
    match principal.role {
        Role::Agent | Role::Lead => Ok(Tagger::Agent),
        Role::Admin => Ok(Tagger::Admin),
        Role::Member | Role::Partner | Role::Auditor => Err(Problem::refused(&Tagging::NotYourTag)),
    }
}
