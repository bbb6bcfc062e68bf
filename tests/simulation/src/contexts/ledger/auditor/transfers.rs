//! Two members become one, and two again: what leaves one account comes into the other, each entry names the other, and no point is made
//! or lost on the way.

use std::collections::BTreeMap;

use super::Member;
use super::entry::{Detail, Entry, Movement};

/// What does not fit of entries that belong together.
pub(super) fn wrong(members: &BTreeMap<String, Member>) -> Vec<String> {
    let all = members.iter().flat_map(|(name, member)| member.entries.iter().map(move |entry| (name.as_str(), entry)));
    let mut wrong = Vec::new();
    for (name, entry) in all {
        let id = format!("{name}.{}", entry.sequence);
        if let Some(other) = entry.moved() {
            let paired = found(members, other);
            wrong.extend(
                paired
                    .map_or(Some("is not there"), |paired| mismatched(&id, entry, paired))
                    .map(|what| format!("{id} and {other} are said to be of an order that was moved: it {what}")),
            );
            continue;
        }
        let (Detail::TransferOut { to: other, merge, carried, .. }
        | Detail::TransferIn { from: other, merge, carried, .. }) = &entry.detail
        else {
            continue;
        };
        let Some(paired) = found(members, other) else {
            wrong.push(format!("{id} is a transfer with {other}, which is not there"));
            continue;
        };
        let same = match (&entry.detail, &paired.detail) {
            (Detail::TransferOut { .. }, Detail::TransferIn { from, merge: theirs, carried: came, .. }) => {
                (*from == id, merge == theirs, carried == came)
            }
            (Detail::TransferIn { .. }, Detail::TransferOut { to, merge: theirs, carried: gone, .. }) => {
                (*to == id, merge == theirs, carried == gone)
            }
            _ => (false, false, false),
        };
        if same != (true, true, true) {
            wrong.push(format!("{id} and {other} are said to be a pair, and are not: {same:?}"));
        }
        let sum = entry.points() + paired.points() + expired(entry) + expired(paired);
        if sum != 0 {
            wrong.push(format!("{id} and {other} make {sum} points"));
        }
    }
    wrong
}

/// What does not fit of the two entries of an order that was moved.
fn mismatched(id: &str, entry: &Entry, paired: &Entry) -> Option<&'static str> {
    if paired.moved() != Some(id) {
        return Some("does not say so");
    }
    match (&entry.detail, &paired.detail) {
        (Detail::Refund { order, amount_minor, .. }, Detail::Earn { order: Some(same), inputs, .. })
        | (Detail::Earn { order: Some(same), inputs, .. }, Detail::Refund { order, amount_minor, .. }) => {
            let rest = inputs.net.unwrap_or_default() - inputs.netted;
            (order != same || rest != *amount_minor).then_some("is another order, or another part of it")
        }
        _ => Some("is none"),
    }
}

fn found<'a>(members: &'a BTreeMap<String, Member>, id: &str) -> Option<&'a Entry> {
    let (member, sequence) = id.rsplit_once('.')?;
    members.get(member)?.entries.get(sequence.parse::<usize>().ok()?.checked_sub(1)?)
}

/// What went with its date as the points came.
fn expired(entry: &Entry) -> i64 {
    let gone = entry.movements.iter().filter_map(|movement| match movement {
        Movement::Active { expires_at, points } if *expires_at <= entry.recorded_at && *points < 0 => Some(-points),
        _ => None,
    });
    gone.sum()
}
