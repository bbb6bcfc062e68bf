//! `GET /v1/conflicts` and `POST /v1/conflicts/{conflict_id}/resolution`: whose an identifier is, as a person decides.

use domain::members::conflict::Proposal;
use domain::members::settling::Verdict;
use lambda::{Failure, Private, Problem, Reply, Request, Role};
use store::{ConflictPlace, NotResolved, SaidOfConflict};

use crate::asked::Asked;
use crate::wire::conflict::{ConflictsReply, ResolutionReply, ResolutionRequest};

pub(crate) async fn list(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let after: Option<ConflictPlace> = request.query("after", "the `next` of a page")?;
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
