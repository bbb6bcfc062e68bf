//! What was given and taken by hand: within a day no more than the limit by one person over all members, nor for one member, without a
//! second person.

use std::collections::BTreeMap;

use super::entry::{Detail, Entry};
use super::member::Member;

/// What one person may decide, in points.
const LIMIT: i64 = 1_000;
const DAY: i64 = 24 * 3_600_000;
/// How far clocks may differ, in milliseconds: what lies closer may not have been seen.
const SKEW: i64 = 10 * 60_000;

/// Points that were posted, or asked for.
struct Moved {
    at: i64,
    points: i64,
    posted: bool,
    id: String,
}

/// What is wrong when everything is known.
pub(super) fn wrong(members: &BTreeMap<String, Member>) -> Vec<String> {
    let mut of: BTreeMap<String, Vec<Moved>> = BTreeMap::new();
    for (name, member) in members {
        for entry in &member.entries {
            for whose in [Some(format!("member {name}")), entry.who.clone()].into_iter().flatten() {
                of.entry(whose).or_default().extend(moved(name, entry));
            }
        }
    }
    let mut wrong = Vec::new();
    for (whose, mut all) in of {
        all.sort_by_key(|moved| moved.at);
        for (place, last) in all.iter().enumerate().filter(|(_, moved)| moved.posted) {
            let seen = all[..place].iter().filter(|moved| (last.at - DAY + SKEW..last.at - SKEW).contains(&moved.at));
            let sum: i64 = seen.map(|moved| moved.points).sum::<i64>() + last.points;
            if sum > LIMIT {
                wrong.push(format!("{} makes it {sum} points within a day, of {whose}", last.id));
            }
        }
    }
    wrong
}

fn moved(name: &str, entry: &Entry) -> Option<Moved> {
    let (points, posted) = match &entry.detail {
        Detail::Adjust { request: None } => (entry.movements.iter().map(|moved| moved.points()).sum::<i64>(), true),
        Detail::AdjustmentRequest { points } => (*points, false),
        _ => return None,
    };
    let (at, id) = (entry.recorded_at.as_millisecond(), format!("{name}.{}", entry.sequence));
    Some(Moved { at, points: points.abs(), posted, id })
}
