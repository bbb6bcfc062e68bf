//! When a step is planned, until when it is of use, and what holds it (rules: care 8-12).

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::state::Anchor;
use crate::kernel::time::Zone;
use crate::programme::care::Quiet;
use crate::programme::journey::step::{At, Day, Does, Quietness, Step, TimeOfDay, Window};

/// By which clocks.
#[derive(Debug, Clone)]
pub struct Clocks {
    /// The member's zone.
    pub zone: Zone,
    /// When a message of a date is sent, unless its step says so.
    pub send_time: Time,
}

/// When a step is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// When.
    pub at: Timestamp,
    /// The first instant at which it is of no use any more.
    pub latest_at: Timestamp,
}

/// When a step is planned, and until when it is of use.
#[must_use]
pub fn planned(step: &Step, anchor: Anchor, clocks: &Clocks) -> Plan {
    let zone = &clocks.zone;
    let date = anchor.date(zone);
    let time = match (step.time, anchor) {
        (Some(TimeOfDay::At(clock)), _) => clock.time(),
        (Some(TimeOfDay::Anchor), Anchor::Instant(at)) => zone.clock(at).time(),
        _ => clocks.send_time,
    };
    let at = match (step.at, anchor) {
        (At::Days(days), _) => zone.instant(plus(date, days), time),
        (At::Elapsed(seconds), Anchor::Instant(at)) => after(at, seconds),
        (At::Elapsed(seconds), Anchor::Date(date)) => after(zone.instant(date, time), seconds),
    };
    let latest_at = match (step.last_day, step.valid_for) {
        (Some(At::Days(days)), _) => zone.instant(plus(date, days.saturating_add(1)), Time::midnight()),
        (_, Some(span)) => after(at, span.seconds),
        (_, None) if step.is_message() => after(at, 24 * 3_600),
        (_, None) => after(at, 168 * 3_600),
    };
    Plan { at, latest_at }
}

/// What holds a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nothing does.
    Free,
    /// It is released then, by what held it last.
    Until(Timestamp, &'static str),
}

/// What holds a step at an instant: quiet hours of one of its channels, and its window.
#[must_use]
pub fn held(step: &Step, does: &[Does], quiet: Option<&Quiet>, at: Timestamp, zone: &Zone) -> Held {
    let named = |quiet: &&Quiet| does.iter().any(|does| quiet.channels.iter().any(|name| name == does.name()));
    let quiet = quiet.filter(|_| step.quiet != Some(Quietness::Ignore)).filter(named);
    let (mut until, mut by) = (at, None);
    // Each turn goes to a later instant, and a window opens at least once a week: fewer turns than days of a fortnight.
    for _ in 0..32 {
        if let Some(end) = quiet.and_then(|quiet| end_of_quiet(quiet, until, zone)) {
            (until, by) = (end, Some("quiet_hours"));
        } else if let Some(opens) = step.window.as_ref().and_then(|window| opening(window, until, zone)) {
            (until, by) = (opens, Some("window"));
        } else {
            break;
        }
    }
    by.map_or(Held::Free, |by| Held::Until(until, by))
}

/// The end of the quiet hours that an instant lies in.
fn end_of_quiet(quiet: &Quiet, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let today = zone.date(at);
    // Those that began on the date before may last still.
    [-1, 0].into_iter().find_map(|days| {
        let from = plus(today, days);
        let to = if quiet.to <= quiet.from { plus(from, 1) } else { from };
        let (from, to) = (zone.instant(from, quiet.from.time()), zone.instant(to, quiet.to.time()));
        (from..to).contains(&at).then_some(to)
    })
}

/// When a window opens, if it is not open at an instant.
fn opening(window: &Window, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
    let today = zone.date(at);
    let midnight = window.to.0 >= 1_440;
    let to = crate::programme::later::moment::Clock(if midnight { 0 } else { window.to.0 });
    let opens = (-1..=15).find_map(|days| {
        let date = plus(today, days);
        if !(window.days.is_empty() || window.days.contains(&Day::of(date))) {
            return None;
        }
        let end = if midnight || to <= window.from { plus(date, 1) } else { date };
        let (from, to) = (zone.instant(date, window.from.time()), zone.instant(end, to.time()));
        (from < to && at < to).then_some(from)
    });
    opens.filter(|opens| *opens > at)
}

pub(super) fn plus(date: Date, days: i32) -> Date {
    date.saturating_add(days.days())
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).expect("a duration suits a timestamp")
}
