//! `GET /v1/members/{member_id}/trail`: what a member did and what was told of it, signals and facts, the newest first; also what was
//! told of those for whom the member stands now.

use domain::members::finding::Finding;
use lambda::{Failure, Private, Problem, Reply, Request};

use crate::told;
use crate::wire::place::TrailPlace;
use crate::wire::trail::{TrailReply, is_shown};

/// The most that is shown at once.
const MOST: usize = 100;

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let asked = request.member()?;
    let after: Option<TrailPlace> = request.query("after", "what `next` said")?;
    app.ready().await?;
    let found = app.store().everybody(asked).await?;
    let everybody = match &found {
        Ok(everybody) => everybody.clone(),
        Err(Finding::UnknownMember) => vec![asked.clone()], // an account may be there before anybody is enrolled
        Err(finding) => return Err(Problem::refused(finding).into()),
    };
    let trail = told::read(app.store(), &everybody, after.unwrap_or_default(), (MOST, is_shown)).await?;
    if trail.told.is_empty() {
        found.map_err(|finding| Problem::refused(&finding))?;
    }
    Ok(Reply::ok(&TrailReply::new(&everybody[0], &trail).of(asked)))
}
