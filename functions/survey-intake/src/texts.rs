//! `GET` and `DELETE /v1/responses/{response_id}/text`: what was written, for whoever may read it; and taken out for good.

use domain::voice::InvitationId;
use domain::voice::responding::redact;
use lambda::{Failure, Problem, Reply, Request};
use store::{Contacting, Keeping, KeptInvitation, StoreError, Writes};

use crate::context::{Surveyor, View};
use crate::wire::shown::TextReply;

pub(crate) async fn get(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let view = surveyor.view().await?;
    let kept = answered(surveyor, request, &view).await?;
    Ok(Reply::ok(&TextReply::new(&kept.invitation)))
}

pub(crate) async fn delete(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let view = surveyor.view().await?;
    let mut patience = surveyor.patience(request.deadline);
    loop {
        let kept = answered(surveyor, request, &view).await?;
        let Some(change) = redact(&kept.invitation) else { return Ok(Reply::ok(&TextReply::new(&kept.invitation))) };
        let (keys, setting) = (surveyor.keys(), view.setting());
        let keeping = Keeping { keys, setting, contacts: Contacting::Same, beside: Writes::default() };
        if surveyor.store().keep_invitation(&kept, &change, keeping).await? {
            return Ok(Reply::ok(&TextReply::new(&change.state)));
        }
        if !patience.again().await {
            return Err(StoreError::Busy.into());
        }
    }
}

async fn answered(surveyor: &Surveyor, request: &Request, view: &View<'_>) -> Result<KeptInvitation, Failure> {
    let id: InvitationId = request.parameter("response_id", "response")?;
    let kept = surveyor.store().invitation(surveyor.keys(), id, view.now).await?;
    let kept = kept.filter(|kept| !kept.invitation.versions.is_empty());
    Ok(kept.ok_or_else(|| Problem::not_found("response"))?)
}
