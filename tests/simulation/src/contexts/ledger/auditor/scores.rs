//! RFM-LS scores, worked out again from the entries, by the breakpoints of the default programme.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::day_of;
use super::entry::{Detail, Entry, Scores};

/// Facts of so many days count.
const LOOKBACK: i64 = 365;

/// Scores, segment and tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scored {
    pub(crate) scores: Scores,
    pub(crate) segment: &'static str,
    pub(crate) tags: BTreeSet<&'static str>,
}

fn score(value: i64, bounds: [i64; 4]) -> u8 {
    1 + bounds.iter().map(|bound| u8::from(value >= *bound)).sum::<u8>()
}

/// The scores of a ledger on a day, and of a member who was last seen on another, doing something that the ledger does not tell.
pub(crate) fn scored(entries: &[Entry], seen: Option<i64>, today: i64) -> Scored {
    let day = |entry: &Entry| day_of(entry.occurred_at.as_millisecond());
    let mut orders: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let (mut influence, mut active) = (0, seen.map_or(LOOKBACK, |seen| (today - seen).clamp(0, LOOKBACK)));
    let weight = |activity: &str| match activity {
        "referral.qualified" => 3,
        "ugc.featured" => 5,
        "ugc.approved" | "review.completed" => 1,
        _ => 0,
    };
    for entry in entries {
        let age = (today - day(entry)).max(0);
        match &entry.detail {
            Detail::Earn { activity, order, inputs, .. } => {
                active = active.min(age);
                if let Some(order) = order {
                    let paid = inputs.net.unwrap_or(0) - inputs.netted;
                    orders.insert(order, (age, paid));
                }
                influence += if age < LOOKBACK { weight(activity) } else { 0 };
            }
            Detail::Refund { order, amount_minor, .. } => {
                if let Some((_, paid)) = orders.get_mut(order.as_str()) {
                    *paid -= amount_minor;
                }
            }
            Detail::ActivityReversal { earning, activity, .. } => {
                let place = usize::try_from(*earning).unwrap_or_default().saturating_sub(1);
                let counted = entries.get(place).is_some_and(|earned| (today - day(earned)).max(0) < LOOKBACK);
                influence -= if counted { weight(activity) } else { 0 };
            }
            Detail::Redeem { cause: None, .. } | Detail::Hold { .. } | Detail::Capture { .. } => {
                active = active.min(age);
            }
            _ => {}
        }
    }
    let counted: Vec<(i64, i64)> = orders.into_values().filter(|(age, paid)| *age < LOOKBACK && *paid > 0).collect();
    let spent: i64 = counted.iter().map(|(_, paid)| paid).sum();
    let count = i64::try_from(counted.len()).unwrap_or_default();
    let since = counted.iter().map(|(age, _)| *age).min();
    let quarters: BTreeSet<i64> = counted.iter().map(|(age, _)| age * 4 / LOOKBACK).collect();
    let quarters = i64::try_from(quarters.len()).unwrap_or_default();
    let lifetime = spent * 4_000 * 5 / (10_000 * (5 - quarters));
    let recency = since.map_or(1, |since| score(-since, [-180, -90, -60, -30]));
    let scores = Scores {
        r: recency,
        f: score(count, [2, 4, 8, 12]),
        m: score(spent, [20_000, 100_000, 300_000, 1_000_000]),
        l: score(lifetime, [10_000, 50_000, 150_000, 600_000]),
        s: score(influence, [1, 3, 10, 30]),
    };
    let tenure = entries.first().map_or(LOOKBACK, |first| (today - day(first)).clamp(0, LOOKBACK));
    let Scores { r, f, m, s, .. } = scores;
    let segment = match () {
        () if s >= 5 => "high_influence",
        () if r >= 4 && f >= 4 && m >= 4 => "high_value_active",
        () if f <= 2 && m >= 4 => "low_freq_high_net",
        () if r <= 2 && (f >= 3 || m >= 3) => "potential_reviving",
        () if active >= 90 => "dormant",
        () if tenure <= 30 => "new",
        () => "regular",
    };
    let rung = match () {
        () if count >= 3 && influence >= 10 => Some("advocate"),
        () if count >= 2 && influence >= 1 => Some("fan"),
        () => (count >= 1).then_some("buyer"),
    };
    let tags = [("high-value", m >= 4), ("active", active <= 30), ("influencer", s >= 4)];
    let tags = tags.into_iter().filter(|(_, holds)| *holds).map(|(tag, _)| tag).chain(rung).collect();
    Scored { scores, segment, tags }
}
