//! `GET /v1/members/{member_id}/trail`: what a member did and what was told of it, signals and facts, the newest first; also what was
//! told of those for whom the member stands now.

use domain::kernel::id::MemberId;
use domain::ledger::entry::Entry;
use domain::members::finding::Finding;
use futures_util::future::{join, try_join_all};
use lambda::{Failure, Private, Problem, Reply, Request};
use store::{EntriesPage, SignalsPage, Store, StoreError};

use crate::wire::trail::{Place, TrailItem, TrailReply};

/// The most that is shown at once.
const MOST: usize = 100;

/// In a place: nothing of this account is left.
const NONE_LEFT: Option<u64> = Some(0);

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let asked = request.member()?;
    let after: Option<Place> = request.query("after", "what `next` said")?;
    app.ready().await?;
    let found = app.store().everybody(asked).await?;
    let everybody = match &found {
        Ok(everybody) => everybody.clone(),
        Err(Finding::UnknownMember) => vec![asked.clone()], // an account may be there before anybody is enrolled
        Err(finding) => return Err(Problem::refused(finding).into()),
    };
    let trail = read(app.store(), &everybody, after.unwrap_or_default(), MOST).await?;
    if trail.items.is_empty() {
        found.map_err(|finding| Problem::refused(&finding))?;
    }
    Ok(Reply::ok(&trail.of(asked)))
}

/// The entries of an account that come next.
struct Facts<'a> {
    member: &'a MemberId,
    entries: std::iter::Peekable<std::vec::IntoIter<Entry>>,
    more: bool,
}

/// What comes after a place, at most so much: of who stands for all, the first of them, and of all others. What cannot be told to come next,
/// for what lies before it is not read yet, comes then.
pub(crate) async fn read(
    store: &Store,
    everybody: &[MemberId],
    mut place: Place,
    most: usize,
) -> Result<TrailReply, StoreError> {
    place.newest.resize(everybody.len(), None);
    let facts = everybody.iter().zip(&place.newest).map(|(member, newest)| entries(store, member, *newest, most));
    let (facts, signals) = join(try_join_all(facts), signals(store, everybody, &place, most)).await;
    let (mut facts, SignalsPage { signals, more }) = (facts?, signals?);
    let mut told = signals.into_iter().peekable();
    let mut items = Vec::new();
    while items.len() < most {
        let unread = facts.iter_mut().any(|facts| facts.more && facts.entries.peek().is_none());
        if unread || more && told.peek().is_none() {
            break;
        }
        let heads = facts.iter_mut().enumerate();
        let heads = heads.filter_map(|(of, facts)| Some((facts.entries.peek()?.occurred_at, std::cmp::Reverse(of))));
        match (heads.max(), told.peek().map(|(_, signal)| signal.reported.at)) {
            (None, None) => break,
            (Some((at, std::cmp::Reverse(of))), signal) if signal.is_none_or(|signal| at >= signal) => {
                let Facts { member, entries, .. } = &mut facts[of];
                let fact = entries.next();
                place.newest[of] = fact.as_ref().map(|fact| fact.sequence - 1);
                items.extend(fact.and_then(|fact| TrailItem::of_entry(member, &fact)));
            }
            _ => {
                let signal = told.next();
                items.extend(signal.as_ref().map(|(_, signal)| TrailItem::of_signal(signal)));
                place.before = signal.map(|(at, _)| at).or(place.before);
            }
        }
    }
    for (facts, newest) in facts.iter_mut().zip(&mut place.newest) {
        *newest = if facts.entries.peek().is_none() && !facts.more { NONE_LEFT } else { *newest };
    }
    place.signals_end = told.peek().is_none() && !more;
    let ends = place.signals_end && place.newest.iter().all(|newest| *newest == NONE_LEFT);
    Ok(TrailReply::new(&everybody[0], items, (!ends).then(|| place.to_string())))
}

async fn entries<'a>(
    store: &Store,
    member: &'a MemberId,
    newest: Option<u64>,
    most: usize,
) -> Result<Facts<'a>, StoreError> {
    if newest == NONE_LEFT {
        return Ok(Facts { member, entries: Vec::new().into_iter().peekable(), more: false });
    }
    let EntriesPage { entries, next, .. } = store.entries(member, newest, most).await?;
    Ok(Facts { member, entries: entries.into_iter().peekable(), more: next.is_some() })
}

async fn signals(store: &Store, of: &[MemberId], place: &Place, most: usize) -> Result<SignalsPage, StoreError> {
    if place.signals_end {
        return Ok(SignalsPage { signals: Vec::new(), more: false });
    }
    store.signals_of(of, place.before.as_deref(), i32::try_from(most).unwrap_or(i32::MAX)).await
}
