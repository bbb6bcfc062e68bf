//! The auditor's calendar: Shanghai, eight hours ahead of UTC in every year that is simulated; and on a thread that asks for it
//! New York or London, whose clocks change.

use std::cell::Cell;

/// A day, in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

/// A place with clocks of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// UTC+8.
    Shanghai,
    /// UTC-5; in summer, from the second Sunday of March to the first of November, UTC-4. Changes at 2:00 local time.
    NewYork,
    /// UTC; in summer, from the last Sunday of March to the last of October, UTC+1. Changes at 1:00 UTC.
    London,
}

thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Shanghai) };
}

/// Where the days of this thread's audits begin.
pub(crate) fn live_in(place: Place) {
    PLACE.set(place);
}

/// The day of the n-th Sunday of a month, from 0; the last if there are fewer.
fn sunday(month: i64, nth: i64) -> i64 {
    let first = first_of(month);
    let sunday = first + (3 - first).rem_euclid(7); // 1970-01-01 was a Thursday
    (0..=nth).map(|week| sunday + 7 * week).filter(|day| *day < first_of(month + 1)).max().unwrap_or(sunday)
}

/// How far local time is ahead of UTC at an instant.
fn ahead(at: i64) -> i64 {
    let year = month_of(at.div_euclid(DAY)).div_euclid(12) * 12;
    match PLACE.get() {
        Place::Shanghai => 8 * HOUR,
        Place::NewYork => {
            let summer = sunday(year + 2, 1) * DAY + 7 * HOUR..sunday(year + 10, 0) * DAY + 6 * HOUR;
            if summer.contains(&at) { -4 * HOUR } else { -5 * HOUR }
        }
        Place::London => {
            let summer = sunday(year + 2, 4) * DAY + HOUR..sunday(year + 9, 4) * DAY + HOUR;
            if summer.contains(&at) { HOUR } else { 0 }
        }
    }
}

/// Days since 1970-01-01, of the local date at an instant in milliseconds.
pub(super) fn day_of(at: i64) -> i64 {
    (at + ahead(at)).div_euclid(DAY)
}

/// The first instant of a local day: no clock changes at midnight.
pub(super) fn start_of(day: i64) -> i64 {
    let midnight = day * DAY;
    midnight - ahead(midnight - ahead(midnight))
}

/// Months since year 0, of a day. Source of both conversions: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub(super) fn month_of(day: i64) -> i64 {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153; // 0 is March
    (year + era * 400) * 12 + shifted + 2 // January and February belong to the next year of the calendar
}

/// The first day of a month that is counted since year 0.
pub(super) fn first_of(month: i64) -> i64 {
    let (year, month) = ((month - 2).div_euclid(12), (month - 2).rem_euclid(12));
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * month + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The month of a text such as `2026-01`.
pub(super) fn month_named(month: &str) -> Option<i64> {
    let (year, month) = month.split_once('-')?;
    Some(year.parse::<i64>().ok()? * 12 + month.parse::<i64>().ok()? - 1)
}

/// The day of a date.
pub(super) fn day_named(date: &str) -> Option<i64> {
    let (month, day) = date.rsplit_once('-')?;
    Some(first_of(month_named(month)?) + day.parse::<i64>().ok()? - 1)
}

/// When points earned at an instant expire: after the last day of the month twelve months later.
pub(super) fn expiry(earned_at: i64) -> i64 {
    start_of(first_of(month_of(day_of(earned_at)) + 13))
}

/// The first local midnight at least so many days after an instant.
pub(crate) fn boundary(at: i64, days: i64) -> i64 {
    let exact = at + days * DAY;
    let start = start_of(day_of(exact));
    if start == exact { exact } else { start_of(day_of(exact) + 1) }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, Place, day_of, expiry, first_of, live_in, month_of, start_of};

    #[test]
    fn days_and_months_are_those_of_the_calendar() {
        for (date, day, month) in [
            ("1970-01-01", 0, 1970 * 12),
            ("2024-02-29", 19_782, 2024 * 12 + 1),
            ("2026-12-31", 20_818, 2026 * 12 + 11),
        ] {
            let local: jiff::Timestamp = format!("{date}T00:00:00+08:00").parse().unwrap();
            assert_eq!(day_of(local.as_millisecond()), day, "{date}");
            assert_eq!(month_of(day), month, "{date}");
            assert!(first_of(month) <= day && day < first_of(month + 1), "{date}");
        }
        for (place, name) in
            [(Place::NewYork, "America/New_York"), (Place::London, "Europe/London"), (Place::Shanghai, "Asia/Shanghai")]
        {
            live_in(place);
            let zone = jiff::tz::TimeZone::get(name).unwrap();
            for hour in 0..3 * 8_766 {
                let at = 1_767_225_600_000 + hour * HOUR - 1;
                let date = jiff::Timestamp::from_millisecond(at).unwrap().to_zoned(zone.clone()).date();
                let start = date.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
                assert_eq!(start_of(day_of(at)), start, "{name} {date}");
            }
        }
        let earned: jiff::Timestamp = "2026-01-31T16:00:00Z".parse().unwrap();
        let expected: jiff::Timestamp = "2027-02-28T16:00:00Z".parse().unwrap();
        assert_eq!(expiry(earned.as_millisecond()), expected.as_millisecond());
    }
}
