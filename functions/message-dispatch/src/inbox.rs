//! `GET /v1/members/{member_id}/inbox` and `POST .../inbox/{text_id}/read`: what a member was told in the app.

use domain::care::Standing;
use domain::kernel::id::MemberId;
use domain::members::finding::Finding;
use lambda::{Failure, Problem, Reply, Request};

use crate::context::Dispatcher;
use crate::wire::{InboxReply, ReadReply};

/// So many are shown at once, which is all that the app shows.
const MOST: i32 = 100;

pub(crate) async fn list(dispatcher: &Dispatcher, request: &Request) -> Result<Reply, Failure> {
    let after: Option<String> = request.query("after", "what `next` said")?;
    let member = live(dispatcher, request.member()?).await?;
    let page = (after.as_deref(), MOST);
    let page = dispatcher.store().inbox(dispatcher.keys(), &member, page, dispatcher.now()).await?;
    Ok(Reply::ok(&InboxReply::new(&member, &page)))
}

pub(crate) async fn read(dispatcher: &Dispatcher, request: &Request) -> Result<Reply, Failure> {
    let place: String = request.parameter("text_id", "text")?;
    let member = live(dispatcher, request.member()?).await?;
    if !dispatcher.store().read_inbox(&member, &place, dispatcher.now()).await? {
        return Err(Problem::not_found("text").into());
    }
    Ok(Reply::ok(&ReadReply { text: place, read: true }))
}

/// Who stands for a member.
async fn live(dispatcher: &Dispatcher, member: &MemberId) -> Result<MemberId, Failure> {
    let (programmes, now) = (dispatcher.programmes().await?, dispatcher.now());
    let known = dispatcher.store().care_person(member, programmes.at(now), now).await?;
    match known.person.standing {
        Standing::Erased => Err(Problem::refused(&Finding::MemberErased).into()),
        _ if !known.is_member => Err(Problem::refused(&Finding::UnknownMember).into()),
        _ => Ok(known.member),
    }
}
