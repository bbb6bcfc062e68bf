//! `GET` and `DELETE /v1/responses/{response_id}/text`: what was written, for whoever may read it; and taken out for good.

use domain::voice::InvitationId;
use lambda::{Failure, Problem, Reply, Request};

use crate::context::Surveyor;
use crate::wire::shown::TextReply;

pub(crate) async fn get(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let id: InvitationId = request.parameter("response_id", "response")?;
    let kept = surveyor.store().invitation(surveyor.keys(), id, surveyor.now()).await?;
    let kept = kept.filter(|kept| !kept.invitation.versions.is_empty());
    let kept = kept.ok_or_else(|| Problem::not_found("response"))?;
    Ok(Reply::ok(&TextReply::new(&kept.invitation)))
}

pub(crate) async fn delete(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let id: InvitationId = request.parameter("response_id", "response")?;
    surveyor.surveys().await?.redact(id, &mut surveyor.patience(request.deadline)).await?;
    get(surveyor, request).await
}
