//! `GET /v1/members/{member_id}/trail`: what a member did and what was told of it, signals and facts, the newest first.

use domain::kernel::id::MemberId;
use domain::members::finding::Finding;
use futures_util::future::join;
use lambda::{Failure, Private, Problem, Reply, Request};
use store::{EntriesPage, SignalsPage, Store, StoreError};

use crate::wire::trail::{Place, TrailItem, TrailReply};

/// The most that is shown at once.
const MOST: usize = 100;

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let after: Option<Place> = request.query("after", "what `next` said")?;
    let first = after.is_none();
    app.ready().await?;
    let trail = read(app.store(), member, after.unwrap_or_default(), MOST);
    let (trail, erased) = join(trail, app.store().is_erased(member)).await;
    if erased? {
        return Err(Problem::refused(&Finding::MemberErased).into());
    }
    let trail = trail?;
    if first && trail.items.is_empty() {
        let found = app.store().member(app.keys(), member, app.now()).await?;
        found.map_err(|finding| Problem::refused(&finding))?;
    }
    Ok(Reply::ok(&trail))
}

/// What comes after a place, at most so much. What cannot be told to come next, for what lies before it is not read yet, comes then.
pub(crate) async fn read(
    store: &Store,
    member: &MemberId,
    mut place: Place,
    most: usize,
) -> Result<TrailReply, StoreError> {
    let (entries, signals) = join(entries(store, member, &place, most), signals(store, member, &place, most)).await;
    let (entries, SignalsPage { signals, more }) = (entries?, signals?);
    let (mut facts, mut told) = (entries.entries.iter().peekable(), signals.iter().peekable());
    let mut items = Vec::new();
    while items.len() < most {
        match (facts.peek(), told.peek()) {
            (None, _) if entries.next.is_some() => break,
            (_, None) if more => break,
            (None, None) => break,
            (Some(fact), signal) if signal.is_none_or(|(_, signal)| fact.occurred_at >= signal.reported.at) => {
                place.newest = Some(fact.sequence - 1);
                items.extend(TrailItem::of_entry(member, fact));
                facts.next();
            }
            (_, Some((at, signal))) => {
                place.before = Some(at.clone());
                items.push(TrailItem::of_signal(signal));
                told.next();
            }
            (Some(_), None) => break,
        }
    }
    place.facts_end = facts.peek().is_none() && entries.next.is_none();
    place.signals_end = told.peek().is_none() && !more;
    let next = (!place.facts_end || !place.signals_end).then(|| place.to_string());
    Ok(TrailReply { items, next })
}

async fn entries(store: &Store, member: &MemberId, place: &Place, most: usize) -> Result<EntriesPage, StoreError> {
    if place.facts_end {
        return Ok(EntriesPage { entries: Vec::new(), next: None, erased: false });
    }
    store.entries(member, place.newest, most).await
}

async fn signals(store: &Store, member: &MemberId, place: &Place, most: usize) -> Result<SignalsPage, StoreError> {
    if place.signals_end {
        return Ok(SignalsPage { signals: Vec::new(), more: false });
    }
    store.signals(member, place.before.as_deref(), i32::try_from(most).unwrap_or(i32::MAX)).await
}
