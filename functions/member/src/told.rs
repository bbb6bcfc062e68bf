//! What members did and what was told of it, signals and facts, the newest first: also of those for whom a member stands, in one order of time
//! (rule: import 4).

use std::cmp::Reverse;
use std::iter::Peekable;
use std::vec::IntoIter;

use domain::kernel::id::MemberId;
use domain::ledger::entry::Entry;
use domain::signals::signal::Signal;
use futures_util::future::{join, try_join_all};
use store::{EntriesPage, SignalsPage, Store, StoreError};

use crate::wire::place::TrailPlace;

/// In a place: nothing of this account is left.
const NONE_LEFT: Option<u64> = Some(0);

/// Something of the trail.
#[derive(Debug)]
pub(crate) enum Told {
    /// An entry of a member's ledger.
    Fact(MemberId, Box<Entry>),
    /// Something that was seen.
    Signal(Signal),
}

/// Some of the trail.
#[derive(Debug)]
pub(crate) struct TrailPage {
    /// The newest first.
    pub(crate) told: Vec<Told>,
    /// Where it goes on, if there is more.
    pub(crate) next: Option<TrailPlace>,
}

/// The entries of an account that come next.
struct Facts<'a> {
    member: &'a MemberId,
    entries: Peekable<IntoIter<Entry>>,
    more: bool,
}

/// What comes after a place, at most so much that `shows` picks of it: of who stands for all, the first of them, and of all others. What
/// cannot be told to come next, for what lies before it is not read yet, comes then.
///
/// # Errors
/// What DynamoDB says.
pub(crate) async fn read(
    store: &Store,
    everybody: &[MemberId],
    mut place: TrailPlace,
    (most, shows): (usize, fn(&Entry) -> bool),
) -> Result<TrailPage, StoreError> {
    place.newest.resize(everybody.len(), None);
    let facts = everybody.iter().zip(&place.newest).map(|(member, newest)| facts_of(store, member, *newest, most));
    let (facts, signals) = join(try_join_all(facts), signals_after(store, everybody, &place, most)).await;
    let (mut facts, SignalsPage { signals, more }) = (facts?, signals?);
    let mut seen = signals.into_iter().peekable();
    let mut told = Vec::new();
    while told.len() < most {
        let unread = facts.iter_mut().any(|facts| facts.more && facts.entries.peek().is_none());
        if unread || more && seen.peek().is_none() {
            break;
        }
        let heads = facts.iter_mut().enumerate();
        let heads = heads.filter_map(|(of, facts)| Some((facts.entries.peek()?.occurred_at, Reverse(of))));
        match (heads.max(), seen.peek().map(|(_, signal)| signal.reported.at)) {
            (None, None) => break,
            (Some((at, Reverse(of))), signal) if signal.is_none_or(|signal| at >= signal) => {
                let Facts { member, entries, .. } = &mut facts[of];
                let fact = entries.next();
                place.newest[of] = fact.as_ref().map(|fact| fact.sequence - 1);
                told.extend(fact.filter(shows).map(|fact| Told::Fact((*member).clone(), Box::new(fact))));
            }
            _ => {
                if let Some((at, signal)) = seen.next() {
                    told.push(Told::Signal(signal));
                    place.before = Some(at);
                }
            }
        }
    }
    for (facts, newest) in facts.iter_mut().zip(&mut place.newest) {
        *newest = if facts.entries.peek().is_none() && !facts.more { NONE_LEFT } else { *newest };
    }
    place.signals_end = seen.peek().is_none() && !more;
    let ends = place.signals_end && place.newest.iter().all(|newest| *newest == NONE_LEFT);
    Ok(TrailPage { told, next: (!ends).then_some(place) })
}

async fn facts_of<'a>(
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

async fn signals_after(
    store: &Store,
    of: &[MemberId],
    place: &TrailPlace,
    most: usize,
) -> Result<SignalsPage, StoreError> {
    if place.signals_end {
        return Ok(SignalsPage { signals: Vec::new(), more: false });
    }
    store.signals_of(of, place.before.as_deref(), i32::try_from(most).unwrap_or(i32::MAX)).await
}
