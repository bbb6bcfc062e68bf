//! Four eyes: what was given and taken by hand within a day needs a second person once it adds up to more than the limit, whoever the
//! members are and however it is split.

use crate::kernel::quantity::Points;
use crate::ledger::case::Case;
use crate::ledger::effect::Effect;
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::tally::{Moved, Tallied, is_recent};
use crate::programme::adjustment::Adjustment;

/// The limits in force when it is decided: an older fact does not bring those of its own time.
fn rules<'a>(case: &Case<'a>) -> &'a Adjustment {
    &case.setting.programmes.at(case.setting.now).document().adjustment
}

/// Which limit so many points more would pass, up or down, and what they would add up to; `None` if one person may decide.
pub(crate) fn passes(points: Points, case: &Case<'_>) -> Option<(Points, Points)> {
    let rules = rules(case);
    let (now, more) = (case.setting.now, Points(points.0.saturating_abs()));
    let by_hand = &case.known.by_hand;
    let of_person = by_hand.person.counts(now);
    let of_member: Points = case.history.iter().filter(|entry| is_recent(entry.recorded_at, now)).map(moved_by).sum();
    let by_one = (of_person.max(of_member) + more, rules.approval_over);
    let by_all = rules.brand_day_limit.map(|limit| (by_hand.brand.counts(now) + more, limit));
    std::iter::once(by_one).chain(by_all).find(|(sum, limit)| sum > limit)
}

/// What an entry moved by hand. An approved correction counted as it was asked for.
fn moved_by(entry: &Entry) -> Points {
    let points = match &entry.detail {
        Detail::Adjust { request: None, .. } => entry.points(),
        Detail::AdjustmentRequest { points, .. } => *points,
        Detail::Earn { trace, .. } if entry.by.is_some() => trace.values().copied().sum(),
        _ => Points::ZERO,
    };
    Points(points.0.saturating_abs())
}

/// Says in the tallies what is moved by hand.
pub(crate) fn count(points: Points, case: &Case<'_>) -> Vec<Effect> {
    let moved = Moved { at: case.setting.now, points: Points(points.0.saturating_abs()) };
    let seen = &case.known.by_hand;
    let person = case.by.map(|by| (Tallied::Person(by.who.clone()), seen.person.clone()));
    let brand = rules(case).brand_day_limit.map(|_| (Tallied::Brand, seen.brand.clone()));
    let all = person.into_iter().chain(brand);
    all.map(|(of, seen)| Effect::Tally { of, seen, moved: vec![moved] }).collect()
}
