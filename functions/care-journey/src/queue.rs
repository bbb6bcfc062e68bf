//! The queue `care`: what happened to members, and what became of what was handed on.

use std::collections::BTreeSet;
use std::future::ready;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::care::{Happening, Report, Standing};
use domain::kernel::event::Event;
use domain::kernel::id::{MemberId, OperationId};
use lambda::{Failure, Problem, consume, of_member};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::context::{Carer, View};

/// The types of events that are wanted.
pub(crate) const WANTS: &[&str] = &[
    "perennial.care.messagefailed.v1",
    "perennial.care.messagereturned.v1",
    "perennial.care.messageskipped.v1",
    "perennial.earn.orderpaid.v1",
    "perennial.earn.orderrefunded.v1",
    "perennial.earn.activityrecorded.v1",
    "perennial.led.pointsexpiring.v1",
    "perennial.red.redemptionconfirmed.v1",
    "perennial.red.rewardgrantrefused.v1",
    "perennial.svc.ticketclosed.v1",
    "perennial.svc.ticketopened.v1",
    "perennial.svc.ticketreopened.v1",
    "perennial.svc.ticketreplied.v1",
    "perennial.svc.ticketresolved.v1",
    "perennial.seg.segmententered.v1",
    "perennial.seg.segmentleft.v1",
    "perennial.tier.tierdowngraded.v1",
    "perennial.tier.tierdowngradeupcoming.v1",
    "perennial.tier.tiergracestarted.v1",
    "perennial.tier.tierreinstated.v1",
    "perennial.tier.tierrenewed.v1",
    "perennial.tier.tierrevoked.v1",
    "perennial.tier.tierupgraded.v1",
    ERASED,
    MERGED,
    "perennial.mem.memberclosed.v1",
    "perennial.mem.memberenrolled.v1",
    "perennial.mem.memberreactivated.v1",
    "perennial.mem.membersuspended.v1",
    "perennial.mem.profileupdated.v1",
    "perennial.voc.promoterdetected.v1",
    "perennial.voc.suggestionshipped.v1",
    "perennial.voc.surveyinvited.v1",
];

/// Somebody was erased, with those for whom they stood.
const ERASED: &str = "perennial.mem.membererased.v1";

/// Two members are one.
const MERGED: &str = "perennial.mem.membersmerged.v1";

/// What a context is called among those that answer to an erasure.
const CONTEXT: &str = "care";

/// Takes a batch in.
pub(crate) async fn take(carer: &Carer, event: SqsEvent, deadline: Instant) -> Value {
    consume(event, |body| ready(of_member(&body)), |member, events| work(carer, member, events, deadline)).await
}

/// Events of one member: a decision each, in the order in which they happened.
async fn work(carer: &Carer, member: MemberId, events: Vec<Event>, deadline: Instant) -> Vec<Result<(), Failure>> {
    let view = match carer.view().await {
        Ok(view) => view,
        Err(error) => return events.iter().map(|_| Err(error.clone().into())).collect(),
    };
    let mut order: Vec<usize> = (0..events.len()).collect();
    order.sort_by_key(|place| events.get(*place).map(|event| (event.time, event.sequence)));
    let mut outcomes: Vec<Result<(), Failure>> = events.iter().map(|_| Ok(())).collect();
    for place in order {
        let Some(event) = events.get(place) else { continue };
        if let Some(outcome) = outcomes.get_mut(place) {
            *outcome = take_in(carer, &view, (&member, event), deadline).await;
        }
    }
    outcomes
}

async fn take_in(
    carer: &Carer,
    view: &View,
    (member, event): (&MemberId, &Event),
    deadline: Instant,
) -> Result<(), Failure> {
    match event.kind.as_str() {
        ERASED => return forget(carer, view, (member, event), deadline).await,
        MERGED => return unite(carer, view, event, deadline).await,
        _ => {}
    }
    let known = carer.known(view, member).await?;
    if known.person.standing == Standing::Erased {
        return Ok(()); // nothing is kept of them, and nothing begins
    }
    let once = |leg| Some((OperationId::of_fact(&event.source, &event.id, leg), event.correlationid));
    if let Some((report, key)) = Report::heard(event) {
        let keys = key.into_iter().collect();
        carer
            .decide((view, &known), (keys, once("reported")), deadline, |care, scene| care.reported(&report, scene))
            .await?;
    }
    let programme = view.programmes.at(view.now);
    let happening = Happening::heard(event, programme);
    if happening.is_heeded(programme) {
        let keys = view.scene(&known).keys(&happening);
        carer
            .decide((view, &known), (keys, once("happened")), deadline, |care, scene| care.happened(&happening, scene))
            .await?;
    } else if event.kind.starts_with("perennial.mem.") {
        // Where a member stands, or its zone, may move what is to come.
        carer.decide((view, &known), (BTreeSet::new(), None), deadline, domain::care::Care::wake).await?;
    }
    Ok(())
}

/// Deletes what is kept of somebody who was erased and of those for whom they stood, and says so.
async fn forget(
    carer: &Carer,
    view: &View,
    (member, event): (&MemberId, &Event),
    deadline: Instant,
) -> Result<(), Failure> {
    let known = carer.known(view, member).await?;
    if known.person.standing != Standing::Erased {
        return Ok(()); // the message is of a time before a copy of the table was put back; the erasure is done again
    }
    // What is under way ends, and is told: whoever has it on the way stops.
    if !carer.store().whole_care(member, view.now).await?.enrolments.is_empty() {
        carer.decide((view, &known), (BTreeSet::new(), None), deadline, domain::care::Care::wake).await?;
    }
    let mut deleted = carer.store().forget_care(member).await?;
    for absorbed in event.absorbed() {
        deleted += carer.store().forget_care(&absorbed).await?;
    }
    carer.answer(&json!({"member": member, "context": CONTEXT, "deleted": deleted})).await
}

/// What is under way for somebody who was absorbed goes on for who stands for them.
async fn unite(carer: &Carer, view: &View, event: &Event, deadline: Instant) -> Result<(), Failure> {
    let (Some(survivor), Some(absorbed)) = (event.named("survivor"), event.named("absorbed")) else {
        return Err(Problem::invalid("/data", "the event names no two members").into());
    };
    let known = carer.known(view, &survivor).await?;
    if known.member == absorbed {
        return Ok(()); // they are two again
    }
    let other = carer.store().whole_care(&absorbed, view.now).await?;
    let keys = other.enrolments.iter().map(domain::care::Enrolment::key_id).chain(other.filed.keys().copied());
    carer
        .decide((view, &known), (keys.collect(), None), deadline, |care, scene| care.absorb(other.clone()).wake(scene))
        .await?;
    carer.store().forget_care(&absorbed).await?;
    Ok(())
}
