//! `POST /v1/privacy/erasures`, and what is asked of one: its receipt, to take it back, to keep it waiting.

use domain::kernel::id::EntryId;
use domain::kernel::refusal::Missing;
use domain::members::erasing::Because;
use lambda::{Asked as About, Failure, Private, Problem, Reply, Request, Role};
use store::{AskErasure, Erasure};

use crate::asked::Asked;
use crate::erasing;
use crate::wire::erasure::{ErasureReply, ErasureRequest, HoldRequest};

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let About { member, body }: About<ErasureRequest> = request.about()?;
    let (asked, role) = (Asked::of(app, request).await?, request.principal()?.role);
    match &body.reason {
        Some(reason) => reason.check()?,
        None if role.is_agent() => return Err(Problem::invalid("/reason", "say on whose behalf, and why").into()),
        None => {}
    }
    let (by, reason) = (request.doer()?, body.reason.as_ref().map(|reason| reason.as_str()));
    let at_once = body.now.unwrap_or(role == Role::Admin);
    let ask = AskErasure { because: Because::Asked, at_once, by: by.as_ref(), reason };
    let store = app.store();
    let asking = asked.asking();
    let mut erasure = store.ask_erasure(&member, ask, asking, &mut asked.patience()).await??;
    if let Erasure::Done(receipt) = &erasure {
        // The member is gone. What cannot be done now is done when it is asked again, or by the next run.
        let id = EntryId { member: receipt.member.clone(), sequence: receipt.n };
        erasing::go_on(app, &member, asking, || asked.patience()).await?;
        erasure = store.erasure(&id).await?.unwrap_or(erasure);
    }
    Ok(Reply::with_status(202, &ErasureReply::new(&erasure, asked.rules())))
}

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let asked = Asked::of(app, request).await?;
    let erasure = app.store().erasure(request.entry()?).await?.ok_or_else(missing)?;
    Ok(Reply::ok(&ErasureReply::new(&erasure, asked.rules())))
}

pub(crate) async fn revoke(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (asked, by) = (Asked::of(app, request).await?, request.doer()?);
    let id = request.entry()?;
    let revoked = app.store().revoke_erasure(id, by.as_ref(), asked.asking(), &mut asked.patience()).await?;
    let erasure = revoked.ok_or_else(missing)??;
    Ok(Reply::ok(&ErasureReply::new(&erasure, asked.rules())))
}

pub(crate) async fn hold(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let body: HoldRequest = request.body()?;
    body.reason.check()?;
    let (asked, id) = (Asked::of(app, request).await?, request.entry()?);
    let held = (body.until, body.reason.as_str());
    let held = app.store().hold_erasure(id, held, asked.asking(), &mut asked.patience()).await?;
    let erasure = held.ok_or_else(missing)??;
    Ok(Reply::with_status(202, &ErasureReply::new(&erasure, asked.rules())))
}

fn missing() -> Problem {
    Problem::refused(&Missing::NotFound { what: "erasure" })
}
