//! `POST /v1/members/{member_id}/unmasking` and `GET .../looks`: what is masked, with a reason; and who has looked.

use lambda::{Failure, Private, Problem, Reply, Request};
use store::Look;

use crate::asked::Asked;
use crate::wire::look::{LookReply, LookRequest, LooksReply, Told};

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let body: LookRequest = request.body()?;
    body.check()?;
    let asked = Asked::of(app, request).await?;
    let counted = request.principal()?.role.is_agent();
    let (fields, reason, ticket) = (body.fields.as_slice(), body.reason.as_str(), body.ticket.as_deref());
    let look = Look { member: request.member()?, fields, reason, ticket, counted };
    let seen = app.store().look(look, asked.asking(), &mut asked.patience()).await??;
    Ok(Reply::ok(&LookReply::new(&seen, asked.now)))
}

pub(crate) async fn list(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let after: Option<String> = request.query("after", "the `next` of a page")?;
    if after.as_ref().is_some_and(|after| after.len() != 10 || !after.bytes().all(|digit| digit.is_ascii_digit())) {
        return Err(Problem::bad_request("invalid_parameter", "`after` must be the `next` of a page").into());
    }
    app.ready().await?;
    let found = app.store().looks(app.keys(), member, after.as_deref(), app.now()).await?;
    let (noted, next) = found.map_err(|finding| Problem::refused(&finding))?;
    Ok(Reply::ok(&LooksReply::new(&noted, next, Told::of(request.principal()?.role))))
}
