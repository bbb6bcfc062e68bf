//! What limits leave, and what streaks bring.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::kernel::quantity::{Minor, Points};
use crate::kernel::time::{Zone, day_number};
use crate::ledger::account::Account;
use crate::ledger::counter::{Counter, Run};
use crate::ledger::entry::{Detail, Entry, StreakStep};
use crate::planted;
use crate::programme::compiled::Programme;
use crate::programme::earning_rule::EarningRule;

/// The headroom and counter of the daily cap.
pub(crate) const DAY_CAP: &str = "max_earn_per_day";

/// The headroom of the largest balance.
pub(crate) const BALANCE_CAP: &str = "max_balance";

/// What every limit leaves.
pub(crate) fn headroom(
    account: &Account,
    history: &[Entry],
    programme: &Programme,
    activity: &str,
    occurred_at: Timestamp,
) -> BTreeMap<String, i64> {
    let date = programme.zone().date(occurred_at);
    let mut headroom = BTreeMap::new();
    for rule in programme.rules_on(activity) {
        let Some(limit) = &rule.written.limit else { continue };
        let most = limit.per_member.or(limit.max_points.map(|points| points.0)).unwrap_or(i64::MAX);
        let counted = account.counted(&Counter::new(&rule.written.id, limit.period, date));
        headroom.insert(rule.written.id.clone(), most.saturating_sub(counted).max(0));
    }
    let wallet = programme.points();
    if wallet.max_earn_per_day.is_positive() {
        let left = wallet.max_earn_per_day - earned_on(date, history, programme.zone());
        headroom.insert(DAY_CAP.to_owned(), left.or_zero().0);
    }
    if wallet.max_balance.is_positive() {
        headroom.insert(BALANCE_CAP.to_owned(), (wallet.max_balance - account.pockets.total()).or_zero().0);
    }
    headroom
}

/// What facts of a date have earned, those left out that were taken back whole. Their entries are within the reach of one more
/// fact of that date, so nobody counts them.
fn earned_on(date: Date, history: &[Entry], zone: &Zone) -> Points {
    let cancelled = cancelled(history);
    let of_date = history.iter().filter(|entry| zone.date(entry.occurred_at) == date);
    let earned = of_date.filter_map(|entry| match &entry.detail {
        Detail::Earn { .. } if cancelled.contains(&entry.sequence) => None,
        Detail::Earn { trace, .. } => Some(trace.values().copied().sum::<Points>()),
        _ => None,
    });
    earned.sum()
}

/// Entries of orders of which all that was paid has gone back, and of other facts that were taken back.
fn cancelled(history: &[Entry]) -> BTreeSet<u64> {
    let mut left: BTreeMap<&str, (u64, Minor)> = BTreeMap::new();
    let mut cancelled = BTreeSet::new();
    for entry in history {
        match &entry.detail {
            Detail::Earn { order: Some(order), inputs, .. } => {
                left.insert(order, (entry.sequence, inputs.net.unwrap_or_default() - inputs.netted));
            }
            Detail::Refund { order, amount_minor, .. } if amount_minor.is_positive() => {
                let Some((paid, left)) = left.get_mut(order.as_str()) else { continue };
                *left -= *amount_minor;
                if !left.is_positive() && !planted!("bug-day-limit-stays-used") {
                    cancelled.insert(*paid);
                }
            }
            Detail::ActivityReversal { earning, .. } if !planted!("bug-day-limit-stays-used") => {
                cancelled.insert(*earning);
            }
            _ => {}
        }
    }
    cancelled
}

/// What one more date does to a streak: its length, and the bonuses that this date brings.
pub(crate) fn streak_step(account: &Account, rule: &EarningRule, date: Date) -> StreakStep {
    let runs = account.streaks.get(&rule.id).map_or(&[][..], Vec::as_slice);
    let length = |run: &Run| run.last.saturating_sub(run.first).saturating_add(1);
    let day = day_number(date);
    let repeated = |run: &&Run| (run.first..=run.last).contains(&day) && !planted!("bug-streak-day-counted-twice");
    if let Some(run) = runs.iter().find(repeated) {
        return StreakStep { days: length(run), bonuses: 0, repeated: true };
    }
    let (_, run, parts) = joined(runs, day);
    let reached = |days: i32| match rule.streak {
        Some(streak) if streak.repeating => days.checked_div(streak.every).unwrap_or_default(),
        Some(streak) => i32::from(days >= streak.every),
        None => 0,
    };
    let before: i32 = parts.iter().map(|part| reached(length(part))).sum();
    StreakStep { days: length(&run), bonuses: reached(length(&run)).saturating_sub(before).max(0), repeated: false }
}

/// The runs with one more day; the run it is now in; and the runs that this one joined.
pub(crate) fn joined(runs: &[Run], day: i32) -> (Vec<Run>, Run, Vec<Run>) {
    let touches = |run: &Run| run.first.saturating_sub(1) <= day && day <= run.last.saturating_add(1);
    let (parts, mut others): (Vec<Run>, Vec<Run>) = runs.iter().partition(|run| touches(run));
    let run = Run {
        first: parts.iter().map(|run| run.first).min().unwrap_or(day).min(day),
        last: parts.iter().map(|run| run.last).max().unwrap_or(day).max(day),
    };
    others.push(run);
    others.sort_unstable_by_key(|run| run.first);
    (others, run, parts)
}
