//! What members did and what was told of it, signals and facts, the newest first: also of those for whom a member stands, in one order of time
//! (rule: import 4).

use std::cmp::Reverse;
use std::fmt;
use std::iter::Peekable;
use std::str::FromStr;
use std::vec::IntoIter;

use domain::kernel::id::MemberId;
use domain::ledger::entry::Entry;
use domain::signals::signal::Signal;
use futures_util::future::{join, try_join_all};
use store::{EntriesPage, SignalsPage, Store, StoreError};

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

/// How far the trail was read: `ENTRY.SIGNAL`, each `-` at the beginning and `0` at the end; of more than one account, their entries with
/// commas in between, first that of who stands for the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrailPlace {
    /// The newest entry of each account that was not read: 0 if none is left; none if none was read.
    newest: Vec<Option<u64>>,
    /// The place of the last signal that was read.
    before: Option<String>,
    /// No signal is left.
    signals_end: bool,
}

/// The beginning of a part, and its end.
const BOUNDS: [&str; 2] = ["-", "0"];

impl fmt::Display for TrailPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [begin, end] = BOUNDS;
        let entry = |newest: &Option<u64>| newest.map_or_else(|| begin.to_owned(), |newest| newest.to_string());
        let entries: Vec<String> = self.newest.iter().map(entry).collect();
        let signal = match &self.before {
            _ if self.signals_end => end.to_owned(),
            Some(before) => before.replace('#', "_"),
            None => begin.to_owned(),
        };
        write!(f, "{}.{signal}", entries.join(","))
    }
}

impl FromStr for TrailPlace {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let [begin, end] = BOUNDS;
        let (entries, signal) = text.split_once('.').ok_or(())?;
        let newest = |entry: &str| match entry {
            _ if entry == begin => Ok(None),
            _ => entry.parse().map(Some).map_err(|_no_number| ()),
        };
        let before = if BOUNDS.contains(&signal) {
            None
        } else {
            let (at, known_by) = signal.split_once('_').ok_or(())?;
            let all = |text: &str, length: usize, digits: fn(&u8) -> bool| {
                text.len() == length && text.as_bytes().iter().all(digits)
            };
            let fits = all(at, 13, u8::is_ascii_digit) && all(known_by, 16, u8::is_ascii_hexdigit);
            Some(if fits { format!("{at}#{known_by}") } else { return Err(()) })
        };
        let newest = entries.split(',').map(newest).collect::<Result<_, ()>>()?;
        Ok(Self { newest, before, signals_end: signal == end })
    }
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
