//! Time that counts: all of it, or what lies in the windows of a calendar (rules: desk 9, 10, 15). In milliseconds.

use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::kernel::time::Zone;
use crate::programme::compiled::Programme;
use crate::programme::desk::calendar::Calendar;

/// The most days that are looked at: a calendar has a window each week, but for dates that are off.
const MOST_DAYS: u32 = 36_600;

/// By which time something is counted.
#[derive(Debug, Clone)]
pub struct Working<'a>(Option<(&'a Calendar, Zone)>);

impl<'a> Working<'a> {
    /// All of it.
    #[must_use]
    pub fn always() -> Self {
        Self(None)
    }

    /// The windows of a calendar. One whose zone nobody knows counts all of it.
    #[must_use]
    pub fn of(calendar: &'a Calendar) -> Self {
        Self(Zone::named(&calendar.tz).map(|zone| (calendar, zone)))
    }

    /// Of a calendar of a programme, by its id.
    #[must_use]
    pub fn named(programme: &'a Programme, id: &str) -> Self {
        let calendar = programme.document().calendar.iter().find(|calendar| calendar.id == id);
        calendar.map_or_else(Self::always, Self::of)
    }

    /// How much counts between two instants.
    #[must_use]
    pub fn spent(&self, from: Timestamp, to: Timestamp) -> i64 {
        if to <= from {
            return 0;
        }
        let Some((calendar, zone)) = &self.0 else { return between(from, to) };
        let mut spent = 0_i64;
        let mut date = zone.date(from);
        while zone.start_of(date) < to {
            for (open, close) in windows(calendar, zone, date) {
                spent = spent.saturating_add(between(open.max(from), close.min(to)).max(0));
            }
            date = date.saturating_add(1.day());
        }
        spent
    }

    /// The earliest instant at which so much is counted from another. What is reached as a window closes is reached then.
    #[must_use]
    pub fn reached(&self, from: Timestamp, milliseconds: i64) -> Timestamp {
        if milliseconds <= 0 {
            return from;
        }
        let Some((calendar, zone)) = &self.0 else { return after(from, milliseconds) };
        let (mut left, mut date) = (milliseconds, zone.date(from));
        for _ in 0..MOST_DAYS {
            for (open, close) in windows(calendar, zone, date) {
                let open = open.max(from);
                let counts = between(open, close).max(0);
                if counts >= left {
                    return after(open, left);
                }
                left = left.saturating_sub(counts);
            }
            date = date.saturating_add(1.day());
        }
        zone.start_of(date)
    }

    /// Does an instant lie after all that the calendar knows?
    #[must_use]
    pub fn is_unknown(&self, at: Timestamp) -> bool {
        let known = self.0.as_ref().and_then(|(calendar, zone)| Some(zone.date(at) > calendar.covers_until?));
        known.unwrap_or(false)
    }
}

/// The windows of a date. A time that clocks skip is the first instant after the gap; one that they show twice the first of the two.
fn windows<'w>(
    calendar: &'w Calendar,
    zone: &'w Zone,
    date: Date,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + 'w {
    let whole_day = 24 * 60;
    calendar.windows(date).iter().map(move |hours| {
        let close = if hours.close.0 >= whole_day {
            zone.start_of(date.saturating_add(1.day()))
        } else {
            zone.instant(date, time(hours.close.0))
        };
        (zone.instant(date, time(hours.open.0)), close)
    })
}

fn time(minutes: u16) -> Time {
    crate::programme::later::moment::Clock(minutes).time()
}

/// Milliseconds from one instant to another.
#[must_use]
pub(super) fn between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond().saturating_sub(from.as_millisecond())
}

/// So many milliseconds later.
#[must_use]
pub(super) fn after(from: Timestamp, milliseconds: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_millis(milliseconds)).expect("a duration suits a timestamp")
}
