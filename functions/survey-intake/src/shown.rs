//! `GET /v1/members/{member_id}/surveys`: what a member was asked and answered. Words are for the member alone.

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::members::finding::Finding;
use domain::voice::{InvitationId, State};
use jiff::Timestamp;
use lambda::{Failure, Problem, Reply, Request, Role};
use store::{AnswersPage, AnswersPlace};

use crate::context::Surveyor;
use crate::wire::shown::SurveysReply;

/// So many are shown at once.
const MOST: i32 = 20;

pub(crate) async fn get(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let asked = request.member()?;
    let after: Option<AnswersPlace> = request.query("after", "what `next` said")?;
    let of: Option<MemberId> = request.query("of", "a member whom the member stands for")?;
    let view = surveyor.view().await?;
    let store = surveyor.store();
    let stored = store.member(surveyor.keys(), asked, view.now).await?;
    let member = stored.map_err(|finding| Problem::refused(&finding))?.member;
    // Answers stay under the id that they were given by.
    let whose = match of {
        None => &member.id,
        Some(of) => {
            member.everybody().find(|one| **one == of).ok_or_else(|| Problem::refused(&Finding::UnknownMember))?
        }
    };
    let keys = (request.principal()?.role == Role::Member).then(|| surveyor.keys());
    let page = store.answers_of(keys, whose, (after, MOST), view.now).await?;
    let tokens = match keys {
        None => None,
        Some(_) => Some(tokens(surveyor, &page, view.now).await?),
    };
    Ok(Reply::ok(&SurveysReply::new(&member, (asked, whose), &page, tokens.as_ref())))
}

/// What leads to the forms that can be answered, or whose answers can be changed.
async fn tokens(
    surveyor: &Surveyor,
    page: &AnswersPage,
    now: Timestamp,
) -> Result<BTreeMap<InvitationId, String>, Failure> {
    let mut tokens = BTreeMap::new();
    for invitation in &page.invitations {
        let open = match invitation.state {
            State::Waiting | State::Invited => now < invitation.closes_at,
            State::Answered => invitation.fixed_at().is_some_and(|fixed| now < fixed),
            State::Expired | State::Cancelled => false,
        };
        if open {
            tokens.insert(invitation.id, surveyor.store().survey_token(surveyor.keys(), invitation.id).await?);
        }
    }
    Ok(tokens)
}
