//! `GET /v1/conflicts` and `POST /v1/conflicts/{conflict_id}/resolution`: whose an identifier is, as a person decides.

use std::collections::BTreeSet;

use domain::kernel::id::MemberId;
use domain::kernel::refusal::Missing;
use domain::members::conflict::{Conflict, Decision, Proposal};
use domain::members::settling::Verdict;
use lambda::{Failure, Private, Problem, Reply, Request, Role};
use store::{ConflictPlace, Merge, NotResolved, SaidOfConflict};

use crate::asked::Asked;
use crate::merges::{not_merged, who};
use crate::wire::conflict::{ConflictsReply, ResolutionReply, ResolutionRequest};

pub(crate) async fn list(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let after: Option<ConflictPlace> = request.query("after", "the `next` of a page")?;
    app.ready().await?;
    let (conflicts, next) = app.store().open_conflicts(after.as_ref()).await?;
    Ok(Reply::ok(&ConflictsReply::new(&conflicts, next.map(|next| next.to_string()))))
}

/// Who leads decides; an agent proposes.
pub(crate) async fn resolve(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (body, id): (ResolutionRequest, String) = (request.body()?, request.parameter("conflict_id", "conflict")?);
    let (decision, survivor) = (body.decision(), body.survivor()?);
    body.reason.check()?;
    let asked = Asked::of(app, request).await?;
    let decides = request.principal()?.role == Role::Admin;
    if decides && decision == Decision::Merge {
        let (conflict, done) = merged(app, (request, &asked), (&id, survivor, body.reason.as_str())).await?;
        let reply = ResolutionReply::new(&conflict, decision, done);
        return Ok(Reply::with_status(if done { 200 } else { 202 }, &reply));
    }
    let verdict = Verdict { decision, survivor: survivor.clone() };
    let proposal = Proposal { decision, survivor, by: asked.who().to_owned(), at: asked.now };
    let said = if decides { SaidOfConflict::Decided(&verdict) } else { SaidOfConflict::Proposed(&proposal) };
    let told = (id.as_str(), said, body.reason.as_str());
    let written = app.store().resolve(told, asked.asking(), &mut asked.patience()).await?;
    let conflict = written.map_err(|why| match why {
        NotResolved::Missing(missing) => Problem::refused(&missing),
        NotResolved::Refused(refusal) => Problem::refused(&refusal),
    })?;
    Ok(Reply::with_status(if decides { 200 } else { 202 }, &ResolutionReply::new(&conflict, decision, decides)))
}

/// Makes the two one; false if a second person has to decide the same.
async fn merged(
    app: &Private,
    (request, asked): (&Request, &Asked<'_>),
    (id, survivor, reason): (&str, Option<MemberId>, &str),
) -> Result<(Conflict, bool), Failure> {
    let survivor = survivor.ok_or_else(|| Problem::invalid("/survivor", "of a merge, say who stays"))?;
    let missing = || Problem::refused(&Missing::NotFound { what: "conflict" });
    let conflict = app.store().conflict(id).await?.ok_or_else(missing)?;
    conflict.clone().resolve(Decision::Merge, Some(&survivor)).map_err(|refusal| Problem::refused(&refusal))?;
    let absorbed = conflict.pair.other(&survivor).cloned().ok_or_else(missing)?;
    let (take, by, reason) = (BTreeSet::new(), who(request)?, reason.to_owned());
    let merge = Merge { survivor, absorbed, take, by, reason };
    let done = app.store().merge(&merge, asked.asking(), &mut asked.patience()).await?;
    let done = done.map_err(|why| not_merged(&why))?;
    Ok((conflict, !done.decided.waits))
}
