//! How a concern becomes a ticket.

use domain::care::Standing;
use domain::desk::{About, Concern, DeskRefusal, Opening, Routed, Ticket, open, route};
use domain::kernel::id::MemberId;
use domain::kernel::stamp::Stamp;
use lambda::{Asked, Failure, Keyed, Private, Reply, Request, Role};
use store::{Known, TicketAsked, TicketDone};

use crate::desk::{Desk, named};
use crate::wire::asked::OpenRequest;
use crate::wire::ticket::Seeing;

/// A concern.
pub(crate) struct Wanted<'a> {
    /// The ticket's id.
    pub(crate) id: String,
    pub(crate) known: &'a Known,
    pub(crate) about: About,
    /// What routes read beside that.
    pub(crate) concern: Concern,
    pub(crate) correlation: String,
    /// The ticket that it goes on with, and who owns it then.
    pub(crate) follows: Option<(&'a Ticket, Option<String>)>,
    pub(crate) by: &'a str,
    pub(crate) words: &'a str,
}

pub(crate) async fn post(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let Keyed { body: Asked { member, body }, stamp }: Keyed<Asked<OpenRequest>> = request.asked(app.now())?;
    let desk = Desk::of(app, request.deadline).await?;
    body.check(desk.programme())?;
    let known = member_of(&desk, &member).await?.map_err(|refusal| Failure::refused(&refusal))?;
    let principal = request.principal()?;
    let own = principal.role == Role::Member;
    let words = body.words();
    let about = About {
        topic: body.topic,
        channel: body.channel,
        locale: body.locale,
        source: if own { "member" } else { "agent" }.to_owned(),
        origin: None,
        order: body.order,
        live: body.live && !own,
    };
    let id = stamp.operation.to_string();
    let wanted = Wanted {
        correlation: id.clone(),
        id,
        known: &known,
        about,
        concern: Concern::default(),
        follows: None,
        by: named(principal),
        words: &words,
    };
    let done = opened(&desk, wanted, stamp).await?;
    let done = done.map_err(|refusal| Failure::refused(&refusal))?;
    let seeing = if own { Seeing::Own } else { Seeing::All };
    Ok(Reply::created(&desk.shown(&done, seeing)).replayed(!done.written))
}

/// Somebody who can have a ticket.
pub(crate) async fn member_of(desk: &Desk<'_>, member: &MemberId) -> Result<Result<Known, DeskRefusal>, Failure> {
    let known = desk.known(member).await?;
    let there = known.is_member && known.person.standing != Standing::Erased;
    Ok(if there { Ok(known) } else { Err(DeskRefusal::UnknownMember) })
}

/// Opens a ticket, once: what is there already is left as it is.
pub(crate) async fn opened(
    desk: &Desk<'_>,
    wanted: Wanted<'_>,
    stamp: Stamp,
) -> Result<Result<TicketDone, DeskRefusal>, Failure> {
    let Wanted { id, known, about, concern, correlation, follows, by, words } = wanted;
    let tier = known.person.tier.clone().unwrap_or_default();
    let concern = Concern {
        topic: about.topic.clone(),
        source: about.source.clone(),
        channel: about.channel.clone(),
        locale: about.locale.clone(),
        tier: tier.clone(),
        segment: known.person.segment.clone().unwrap_or_default(),
        ..concern
    };
    let routed = match &follows {
        Some((ticket, _)) => Some(Routed { route: None, queue: ticket.queue.clone(), policy: ticket.policy.clone() }),
        None => route(&concern, desk.programme()),
    };
    let Some(routed) = routed else { return Ok(Err(DeskRefusal::UnknownQueue)) };
    let opening = Opening {
        id: id.clone(),
        member: Some(known.member.clone()),
        about,
        routed,
        tier,
        correlation,
        follows: follows.as_ref().map(|(ticket, _)| ticket.id.clone()),
        owner: follows.and_then(|(_, owner)| owner),
        by: by.to_owned(),
    };
    let said = [("opened", words)];
    let words: store::Words<'_> = if words.is_empty() { &[] } else { &said };
    let asked = TicketAsked { offers: true, ..desk.saying(&id, Some(stamp), words) };
    let done = desk.run(asked, |seen| match seen.ticket {
        Some(_) => Ok(None),
        None => Ok(Some(open(opening.clone(), seen.scene).into())),
    });
    Ok(done.await?)
}
