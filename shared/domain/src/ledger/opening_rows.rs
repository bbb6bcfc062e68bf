//! What rows of a file may say that brings members over from another programme (rules: ledger 8.2).
//!
//! For whoever reads files: [`lots`], [`tiers`] and [`status`] take the rows of *one* member and part, as read, and give either what they
//! bring over, or what is wrong, by the place of the row (from 0): one bad row refuses all of them, so the reader says of the others that a
//! sibling is refused. The opening then goes to `Store::open_account` under the operation of the import and its first row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::kernel::cutover::Cutover;
use crate::kernel::quantity::Points;
use crate::kernel::time::{Month, Zone, add_months};
use crate::ledger::held_over::HeldOver;
use crate::ledger::opening::Opening;
use crate::planted;
use crate::programme::compiled::Programme;
use crate::programme::wallet::Expiry;

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
    /// On which local date the member did something last, of a wallet that expires after inactivity.
    pub last_activity: Option<Date>,
    /// For which booking they are held, and until which local date.
    pub held: (Option<String>, Option<Date>),
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

/// Of when status points are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Of a month.
    Month(Month),
    /// All of the running period, since this local date: they count as of its month, and no longer than the period.
    Since(Date),
}

/// A row of `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRow {
    /// Of when they are.
    pub of: Counted,
    /// How many points.
    pub points: i64,
}

/// What rows of `status` say that was earned in all, each with its place: one number, however many say it.
///
/// # Errors
/// `not_positive`, `out_of_range`; of another number `duplicate_in_file`.
pub fn lifetime(said: &[(usize, i64)]) -> Result<Option<Points>, Faults> {
    let first = said.first().map(|(_, points)| *points);
    let code = |points: i64| match points {
        _ if points <= 0 => Some("not_positive"),
        _ if !bounded(points) => Some("out_of_range"),
        _ if Some(points) != first => Some("duplicate_in_file"),
        _ => None,
    };
    let faults = said
        .iter()
        .filter_map(|(place, points)| Some((*place, Fault { field: "lifetime_points", code: code(*points)? })));
    let faults: Faults = faults.collect();
    if faults.is_empty() { Ok(first.map(Points)) } else { Err(faults) }
}

/// Every bad row, or what all of them say.
fn all_or_faults<R, T>(rows: &[R], read: impl Fn(&R) -> Result<T, Fault>) -> Result<Vec<T>, Faults> {
    let (good, bad): (Vec<_>, Vec<_>) = rows.iter().map(read).enumerate().partition(|(_, row)| row.is_ok());
    if bad.is_empty() || planted!("bug-sibling-brought") && !good.is_empty() {
        return Ok(good.into_iter().filter_map(|(_, row)| row.ok()).collect());
    }
    Err(bad.into_iter().filter_map(|(place, row)| Some((place, row.err()?))).collect())
}

fn fault<T>(field: &'static str, code: &'static str) -> Result<T, Fault> {
    Err(Fault { field, code })
}

/// What the rows of one member come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What is brought over.
    pub opening: Opening,
    /// How many rows have lots that are good for longer than they say.
    pub lengthened: u32,
    /// Which of the points are held.
    pub holds: Vec<HeldOver>,
    /// What was earned in all, if rows of status say that.
    pub lifetime: Option<Points>,
}

impl From<Opening> for Read {
    fn from(opening: Opening) -> Self {
        Self { opening, lengthened: 0, holds: Vec::new(), lifetime: None }
    }
}

/// When points expire, from when on they can be spent, and for which booking and until when they are held.
type Key = (Timestamp, Option<Timestamp>, Option<(String, Timestamp)>);

/// A row as it is brought over.
struct Lot {
    key: Key,
    points: Points,
    lengthened: bool,
}

/// The rows of `lots` of one member. Equal dates add up. A debt is one row alone; with `net` it is taken from the lots that expire first.
///
/// # Errors
/// `missing_value` (no date; held for nothing, or for ever), `not_positive`, `out_of_range`, `expired` (the last day is still good), `in_future`, `dates_disordered`, `not_by_inactivity`,
/// `two_dates`.
pub fn lots(rows: &[LotRow], cutover: &Cutover, programme: &Programme, now: Timestamp) -> Result<Read, Faults> {
    if let [LotRow { points, held: (None, None), .. }] = rows
        && *points < 0
        && bounded(cutover.worth(*points))
    {
        let owed = Points(cutover.worth(*points).saturating_neg());
        return Ok(Opening::Debt(owed).into());
    }
    // The wallet as a whole lives from the newest activity on, whichever row says it.
    let active_on = rows.iter().filter_map(|row| row.last_activity).max();
    let read = all_or_faults(rows, |row| {
        read_lot(&LotRow { last_activity: row.last_activity.and(active_on), ..row.clone() }, cutover, programme, now)
    })?;
    let lengthened = u32::try_from(read.iter().filter(|lot| lot.lengthened).count()).unwrap_or(u32::MAX);
    let mut lots: BTreeMap<Key, Points> = BTreeMap::new();
    let mut owed = Points::ZERO;
    for Lot { key, points, .. } in read {
        if points.is_positive() {
            *lots.entry(key).or_default() += points;
        } else {
            owed += -points;
        }
    }
    // What is owed is taken from what expires first; what is held, last.
    let (free, held): (Vec<_>, Vec<_>) = lots.iter_mut().partition(|((_, _, held), _)| held.is_none());
    for (_, there) in free.into_iter().chain(held) {
        let taken = (*there).min(owed);
        owed -= taken;
        *there -= taken;
    }
    let all: i64 = lots.values().map(|points| points.0).sum();
    if !bounded(cutover.worth(all)) || !bounded(cutover.worth((-owed).0)) {
        return Err(vec![(0, Fault { field: "points", code: "out_of_range" })]);
    }
    if owed.is_positive() {
        let opening = Opening::Debt(Points(cutover.worth((-owed).0).saturating_neg()));
        return Ok(Read { opening, lengthened, holds: Vec::new(), lifetime: None });
    }
    let left: Vec<i64> = lots.values().map(|points| points.0).collect();
    let worth = lots.into_keys().zip(cutover.worth_of(&left)).filter(|(_, points)| *points > 0);
    let mut brought: BTreeMap<(Option<Timestamp>, Timestamp), Points> = BTreeMap::new();
    let mut held: BTreeMap<(String, Timestamp), BTreeMap<Timestamp, Points>> = BTreeMap::new();
    for ((expires, activates, hold), points) in worth {
        *brought.entry((activates, expires)).or_default() += Points(points);
        if let Some(hold) = hold {
            *held.entry(hold).or_default().entry(expires).or_default() += Points(points);
        }
    }
    let holds = held.into_iter().map(|((order, until), lots)| HeldOver { order, until, lots }).collect();
    Ok(Read { opening: Opening::Lots(brought), lengthened, holds, lifetime: None })
}

/// For which booking points are held, and until when: the last day is one of them.
fn held_for(row: &LotRow, zone: &Zone, today: Date) -> Result<Option<(String, Timestamp)>, Fault> {
    match &row.held {
        (None, None) => Ok(None),
        (Some(_), None) => fault("held_until", "missing_value"),
        (None, Some(_)) => fault("held_for", "missing_value"),
        (Some(_), Some(until)) if *until < today => fault("held_until", "expired"),
        (Some(_), Some(_)) if row.activates_on.is_some_and(|date| date > today) => {
            fault("activates_on", "dates_disordered")
        }
        (Some(_), Some(_)) if row.points <= 0 => fault("held_for", "not_positive"),
        (Some(order), Some(until)) => Ok(Some((order.clone(), zone.start_of_day_after(zone.start_of(*until), 1)))),
    }
}

/// Are they few enough to be added up?
fn bounded(points: i64) -> bool {
    points.saturating_abs() <= Points::LIMIT
}

fn read_lot(row: &LotRow, cutover: &Cutover, programme: &Programme, now: Timestamp) -> Result<Lot, Fault> {
    let zone = programme.zone();
    let today = zone.date(now);
    let LotRow { points, earned_on, expires_on, activates_on, last_activity, .. } = row.clone();
    let held = held_for(row, zone, today)?;
    if !bounded(points) {
        return fault("points", "out_of_range");
    }
    if points < 0 && cutover.net {
        return Ok(Lot { key: (Timestamp::MIN, None, None), points: Points(points), lengthened: false });
    }
    if points <= 0 {
        return fault("points", "not_positive");
    }
    if last_activity.is_some() && programme.points().expiry == Expiry::Lots {
        return fault("last_activity", "not_by_inactivity");
    }
    let (field, expires) = match (earned_on, expires_on, last_activity) {
        (None, None, None) => return fault("expires_on", "missing_value"),
        (_, Some(_), Some(_)) => return fault("last_activity", "two_dates"),
        (Some(earned_on), Some(_), None) if planted!("bug-opening-expiry-lost") => {
            ("expires_on", programme.expires_at(zone.start_of(earned_on)))
        }
        (_, Some(expires_on), None) => ("expires_on", zone.start_of_day_after(zone.start_of(expires_on), 1)),
        (_, None, Some(date)) => ("last_activity", programme.expires_at(zone.start_of(date))),
        (Some(date), None, None) => ("expires_on", programme.expires_at(zone.start_of(date))),
    };
    if last_activity.is_some_and(|date| date > today) {
        return fault("last_activity", "in_future");
    }
    if earned_on.is_some_and(|date| date > today) {
        return fault("earned_on", "in_future");
    }
    if expires <= zone.start_of(today) {
        return fault(field, "expired");
    }
    if earned_on.is_some_and(|earned_on| expires_on.or(last_activity).is_some_and(|date| earned_on > date)) {
        return fault(field, "dates_disordered");
    }
    let activates = activates_on.map(|date| zone.start_of(date));
    let before = expires.saturating_sub(SignedDuration::from_millis(1)).expect("a duration suits a timestamp");
    let last_day = expires_on.unwrap_or_else(|| zone.date(before));
    if activates_on.is_some_and(|activates_on| activates_on >= last_day) {
        return fault("activates_on", "dates_disordered");
    }
    let longer = cutover.earliest_expiry(zone).filter(|earliest| *earliest > expires);
    let key = (longer.unwrap_or(expires), activates.filter(|at| *at > now), held);
    Ok(Lot { key, points: Points(points), lengthened: longer.is_some() })
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

/// The rows of `status` of one member: months, the running one and the twelve before it, and equal ones add up; or one number for the
/// running period, alone.
///
/// # Errors
/// `out_of_window`, `in_future`, `not_positive`, `out_of_range`; beside one number for the period `duplicate_in_file`.
pub fn status(rows: &[StatusRow], programme: &Programme, now: Timestamp) -> Result<Opening, Faults> {
    let today = programme.zone().date(now);
    let window = Month::of(add_months(today, -12))..=Month::of(today);
    let read = all_or_faults(rows, |row| {
        let (field, month) = match row.of {
            Counted::Since(date) if date > today => return fault("period_from", "in_future"),
            Counted::Since(date) => ("period_from", Month::of(date)),
            Counted::Month(month) => ("month", month),
        };
        if !window.contains(&month) {
            return fault(field, "out_of_window");
        }
        if row.points <= 0 {
            return fault("points", "not_positive");
        }
        if !bounded(row.points) {
            return fault("points", "out_of_range");
        }
        Ok((month, Points(row.points)))
    })?;
    if read.len() > 1 && rows.iter().any(|row| matches!(row.of, Counted::Since(_))) {
        let second = Fault { field: "external_id", code: "duplicate_in_file" };
        return Err((1..read.len()).map(|place| (place, second)).collect());
    }
    let mut months: BTreeMap<Month, Points> = BTreeMap::new();
    for (month, points) in read {
        *months.entry(month).or_default() += points;
    }
    Ok(Opening::Status(months))
}
