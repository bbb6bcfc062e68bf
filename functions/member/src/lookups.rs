//! `POST /v1/members/lookups`: who is known by something. What somebody is known by stands in no address.

use domain::members::finding::Finding;
use lambda::{Failure, Private, Problem, Reply, Request};

use crate::wire::identifier::reading;
use crate::wire::lookup::{LookupReply, LookupRequest};

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let body: LookupRequest = request.body()?;
    let (programmes, now) = (app.programmes().await?, app.now());
    let identifier = body.identifier.read(&reading(programmes.at(now))?)?;
    let found = app.store().holder(app.keys(), &identifier, now).await?;
    let (found, claimed) = found.ok_or_else(|| Problem::refused(&Finding::UnknownMember))?;
    Ok(Reply::ok(&LookupReply::new(&found.member, &claimed)))
}
