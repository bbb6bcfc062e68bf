//! What rows of a file may say that brings members over from another programme (rules: ledger 8.2).
//!
//! For whoever reads files: [`lots`], [`tiers`] and [`status`] take the rows of *one* member and part, as read, and give either what they
//! bring over, or what is wrong, by the place of the row (from 0): one bad row refuses all of them, so the reader says of the others that a
//! sibling is refused. The opening then goes to `Store::open_account` under the operation of the import and its first row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::kernel::quantity::Points;
use crate::kernel::time::{Month, add_months};
use crate::ledger::opening::Opening;
use crate::programme::compiled::Programme;

/// The last date of points that never expire.
pub const NEVER: Date = Date::constant(9999, 12, 29);

/// What is wrong with a row: the field, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The field, as files call it.
    pub field: &'static str,
    /// Why.
    pub code: &'static str,
}

/// Faults by the place of their row.
pub type Faults = Vec<(usize, Fault)>;

/// A row of `lots`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LotRow {
    /// How many points; below zero they are owed, which a file says alone or as net of all rows.
    pub points: i64,
    /// On which local date they were earned.
    pub earned_on: Option<Date>,
    /// Their last local date; [`NEVER`] of those that never expire.
    pub expires_on: Option<Date>,
    /// From which local date on they can be spent; at once if absent.
    pub activates_on: Option<Date>,
}

/// A row of `tiers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierRow {
    /// The tier, by id or name, in any case.
    pub tier: String,
    /// Since which local date.
    pub since: Date,
    /// Its last local date.
    pub until: Date,
}

/// A row of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRow {
    /// Which month.
    pub month: Month,
    /// How many points.
    pub points: i64,
}

/// Every bad row, or what all of them say.
fn all_or_faults<R, T>(rows: &[R], read: impl Fn(&R) -> Result<T, Fault>) -> Result<Vec<T>, Faults> {
    let (good, bad): (Vec<_>, Vec<_>) = rows.iter().map(read).enumerate().partition(|(_, row)| row.is_ok());
    if bad.is_empty() {
        return Ok(good.into_iter().filter_map(|(_, row)| row.ok()).collect());
    }
    Err(bad.into_iter().filter_map(|(place, row)| Some((place, row.err()?))).collect())
}

fn fault<T>(field: &'static str, code: &'static str) -> Result<T, Fault> {
    Err(Fault { field, code })
}

/// The rows of `lots` of one member. Equal dates add up. A debt is one row alone; with `net` it is taken from the lots that expire first.
///
/// # Errors
/// `missing_value` (neither date), `not_positive`, `expired` (the last day is still good), `in_future`, `dates_disordered`.
pub fn lots(rows: &[LotRow], net: bool, programme: &Programme, now: Timestamp) -> Result<Opening, Faults> {
    let zone = programme.zone();
    let today = zone.date(now);
    if let [LotRow { points, .. }] = rows
        && *points < 0
    {
        return Ok(Opening::Debt(Points(points.saturating_neg())));
    }
    let expires_at = |last: Date| zone.start_of_day_after(zone.start_of(last), 1);
    let read = all_or_faults(rows, |row| {
        let LotRow { points, earned_on, expires_on, activates_on } = row.clone();
        if points < 0 && net {
            return Ok((None, Timestamp::MIN, Points(points)));
        }
        if points <= 0 {
            return fault("points", "not_positive");
        }
        let expires = match (earned_on, expires_on) {
            (None, None) => return fault("expires_on", "missing_value"),
            (Some(earned_on), None) => programme.expires_at(zone.start_of(earned_on)),
            (_, Some(expires_on)) => expires_at(expires_on),
        };
        if earned_on.is_some_and(|earned_on| earned_on > today) {
            return fault("earned_on", "in_future");
        }
        if expires <= zone.start_of(today) {
            return fault("expires_on", "expired");
        }
        if earned_on.is_some_and(|earned_on| expires_on.is_some_and(|expires_on| earned_on > expires_on)) {
            return fault("expires_on", "dates_disordered");
        }
        let activates = activates_on.map(|date| zone.start_of(date));
        let before = expires.saturating_sub(SignedDuration::from_millis(1)).expect("a duration suits a timestamp");
        let last_day = expires_on.unwrap_or_else(|| zone.date(before));
        if activates_on.is_some_and(|activates_on| activates_on >= last_day) {
            return fault("activates_on", "dates_disordered");
        }
        Ok((activates.filter(|at| *at > now), expires, Points(points)))
    })?;
    let mut lots: BTreeMap<(Option<Timestamp>, Timestamp), Points> = BTreeMap::new();
    let mut owed = Points::ZERO;
    for (activates, expires, points) in read {
        if points.is_positive() {
            *lots.entry((activates, expires)).or_default() += points;
        } else {
            owed += -points;
        }
    }
    let mut by_expiry: Vec<_> = lots.keys().copied().collect();
    by_expiry.sort_by_key(|(activates, expires)| (*expires, *activates));
    for key in by_expiry {
        let there = lots.get(&key).copied().unwrap_or_default();
        let taken = there.min(owed);
        owed -= taken;
        if taken == there {
            lots.remove(&key);
        } else {
            lots.insert(key, there - taken);
        }
    }
    Ok(if owed.is_positive() { Opening::Debt(owed) } else { Opening::Lots(lots) })
}

/// The rows of `tiers` of one member: one.
///
/// # Errors
/// `unknown_tier`, `in_future` (since after today), `expired` (until before today), `dates_disordered`; of a second row `duplicate_in_file`.
pub fn tiers(rows: &[TierRow], programme: &Programme, now: Timestamp) -> Result<Opening, Faults> {
    let today = programme.zone().date(now);
    let read = all_or_faults(rows, |row| {
        let TierRow { tier, since, until } = row.clone();
        let called = |name: &str| name.to_lowercase() == tier.to_lowercase();
        let Some(known) = programme.tiers().find(|tier| tier.names().any(called)) else {
            return fault("tier", "unknown_tier");
        };
        if since > today {
            return fault("since", "in_future");
        }
        if until < today {
            return fault("until", "expired");
        }
        if since > until {
            return fault("until", "dates_disordered");
        }
        Ok(Opening::Tier { tier: known.id.clone(), since, until })
    })?;
    let mut read = read.into_iter();
    match (read.next(), read.len()) {
        (Some(opening), 0) => Ok(opening),
        (_, more) => {
            let second = Fault { field: "external_id", code: "duplicate_in_file" };
            Err((1..=more).map(|place| (place, second)).collect())
        }
    }
}

/// The rows of `status` of one member: months, the running one and the twelve before it. Equal months add up.
///
/// # Errors
/// `out_of_window`, `not_positive`.
pub fn status(rows: &[StatusRow], programme: &Programme, now: Timestamp) -> Result<Opening, Faults> {
    let today = programme.zone().date(now);
    let window = Month::of(add_months(today, -12))..=Month::of(today);
    let read = all_or_faults(rows, |row| {
        if !window.contains(&row.month) {
            return fault("month", "out_of_window");
        }
        if row.points <= 0 {
            return fault("points", "not_positive");
        }
        Ok(*row)
    })?;
    let mut months: BTreeMap<Month, Points> = BTreeMap::new();
    for StatusRow { month, points } in read {
        *months.entry(month).or_default() += Points(points);
    }
    Ok(Opening::Status(months))
}
