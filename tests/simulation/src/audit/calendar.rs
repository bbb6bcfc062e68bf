//! The auditor's calendar: Shanghai, eight hours ahead of UTC in every year that is simulated.

/// A day, in milliseconds.
pub(super) const DAY: i64 = 86_400_000;
const ZONE: i64 = 8 * 3_600_000;

/// Days since 1970-01-01, of the local date at an instant in milliseconds.
pub(super) fn day_of(at: i64) -> i64 {
    (at + ZONE).div_euclid(DAY)
}

/// The first instant of a local day.
pub(super) fn start_of(day: i64) -> i64 {
    day * DAY - ZONE
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

/// When points earned at an instant expire: after the last day of the month twelve months later.
pub(super) fn expiry(earned_at: i64) -> i64 {
    start_of(first_of(month_of(day_of(earned_at)) + 13))
}

#[cfg(test)]
mod tests {
    use super::{day_of, expiry, first_of, month_of};

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
        let earned: jiff::Timestamp = "2026-01-31T16:00:00Z".parse().unwrap();
        let expected: jiff::Timestamp = "2027-02-28T16:00:00Z".parse().unwrap();
        assert_eq!(expiry(earned.as_millisecond()), expected.as_millisecond());
    }
}
