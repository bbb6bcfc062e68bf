//! `GET /v1/members/{member_id}/surveys`: what a member was asked and answered. Words are for the member alone.

use domain::kernel::id::MemberId;
use domain::members::finding::Finding;
use lambda::{Failure, Problem, Reply, Request, Role};
use store::AnswersPlace;

use crate::context::Surveyor;
use crate::wire::shown::SurveysReply;

/// So many are shown at once.
const MOST: i32 = 20;

pub(crate) async fn get(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let asked = request.member()?;
    let after: Option<AnswersPlace> = request.query("after", "what `next` said")?;
    let of: Option<MemberId> = request.query("of", "a member whom the member stands for")?;
    let surveys = surveyor.surveys().await?;
    let (store, now) = (surveys.store, surveys.now);
    let stored = store.member(surveyor.keys(), asked, now).await?;
    let member = stored.map_err(|finding| Problem::refused(&finding))?.member;
    // Answers stay under the id that they were given by.
    let whose = match of {
        None => &member.id,
        Some(of) => {
            member.everybody().find(|one| **one == of).ok_or_else(|| Problem::refused(&Finding::UnknownMember))?
        }
    };
    let keys = (request.principal()?.role == Role::Member).then(|| surveyor.keys());
    let page = store.answers_of(keys, whose, (after, MOST), now).await?;
    let tokens = match keys {
        None => None,
        Some(_) => Some(surveys.tokens(&page.invitations).await?),
    };
    Ok(Reply::ok(&SurveysReply::new(&member, (asked, whose), &page, tokens.as_ref())))
}
