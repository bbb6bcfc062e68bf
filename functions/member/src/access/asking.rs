//! `POST /v1/privacy/exports` and `GET .../{export_id}`.

use std::time::Duration;

use domain::kernel::refusal::Missing;
use domain::members::access::{AccessExport, LINK};
use domain::members::finding::Finding;
use jiff::{SignedDuration, Timestamp};
use lambda::{Asked as About, Failure, Private, Problem, Reply, Request, Role};

use super::work::message;
use crate::asked::Asked;
use crate::wire::access::{AccessReply, AccessRequest};

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let About { member, body }: About<AccessRequest> = request.about()?;
    match &body.reason {
        Some(reason) => reason.check()?,
        None if request.principal()?.role.is_agent() => {
            return Err(Problem::invalid("/reason", "say on whose behalf, and why").into());
        }
        None => {}
    }
    let asked = Asked::of(app, request).await?;
    let reason = body.reason.as_ref().map(|reason| reason.as_str());
    let export = app.store().ask_access(&member, reason, asked.asking(), &mut asked.patience()).await?;
    let export = export.map_err(|finding| Problem::refused(&finding))?;
    if !export.rests() {
        app.tell_members(&message(&export.member)).await?;
    }
    answered(app, request, &export, 202).await
}

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    app.ready().await?;
    let id = request.entry()?;
    let found = app.store().access_export(&id.member).await?;
    let mut export = found.and_then(|(export, _)| export.numbered(id.sequence));
    if let (Some(export), Ok(everybody)) = (&mut export, app.store().everybody(&id.member).await?) {
        export.parts(&everybody); // a file may still be there; nobody is led to it
    }
    let export = export.ok_or_else(|| Problem::refused(&Missing::NotFound { what: "export" }))?;
    if export.gone.is_some() {
        return Err(Problem::refused(&Finding::MemberErased).into());
    }
    answered(app, request, &export, 200).await
}

/// How it stands; the address of the archive for the member alone, whoever asked for it.
async fn answered(app: &Private, request: &Request, export: &AccessExport, status: u16) -> Result<Reply, Failure> {
    let own = request.principal()?.role == Role::Member;
    let link = if own { link(app, export).await? } else { None };
    Ok(Reply::with_status(status, &AccessReply::new(export, link, app.now())))
}

/// Where an archive can be had, and until when: for a day, and not longer than it is kept.
pub(crate) async fn link(app: &Private, export: &AccessExport) -> Result<Option<(String, Timestamp)>, Failure> {
    let now = app.now();
    let Some(until) = export.kept_until().filter(|_| export.to_be_had(now).is_some()) else { return Ok(None) };
    let time = until.duration_since(now).min(LINK).max(SignedDuration::from_secs(1));
    let url =
        app.bucket()?.download_for(&export.archive_at(), Duration::from_secs(time.as_secs().unsigned_abs())).await?;
    Ok(Some((url, now.saturating_add(time).unwrap_or(now))))
}
