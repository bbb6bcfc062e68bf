//! Working time: over changes of clocks, holidays, and what nobody knows yet.

use domain::desk::Working;
use domain::programme::desk::calendar::Calendar;
use serde_json::{Value, json};

use super::stage::at;

const HOUR: i64 = 3_600_000;

fn calendar(zone: &str, windows: Value, more: Value) -> Calendar {
    let mut calendar = json!({"id": "c", "tz": zone, "windows": windows});
    for (name, value) in more.as_object().unwrap() {
        calendar[name] = value.clone();
    }
    serde_json::from_value(calendar).unwrap()
}

fn weekdays(hours: &str) -> Value {
    json!({"mon": [hours], "tue": [hours], "wed": [hours], "thu": [hours], "fri": [hours]})
}

// rule: desk 15
#[test]
fn four_hours_of_berlin_go_over_the_change_of_clocks() {
    let berlin = calendar("Europe/Berlin", weekdays("09:00-18:00"), json!({}));
    let working = Working::of(&berlin);
    for (from, due) in [
        ("2026-10-23T14:30:00Z", "2026-10-26T10:30:00Z"),
        ("2026-10-23T12:00:00Z", "2026-10-23T16:00:00Z"),
        ("2027-03-26T15:30:00Z", "2027-03-29T09:30:00Z"),
        // Before the window, after it, and on a Sunday.
        ("2026-11-04T03:00:00Z", "2026-11-04T12:00:00Z"),
        ("2026-11-04T17:00:00Z", "2026-11-05T12:00:00Z"),
        ("2026-11-08T12:00:00Z", "2026-11-09T12:00:00Z"),
    ] {
        assert_eq!(working.reached(at(from), 4 * HOUR), at(due), "{from}");
        assert_eq!(working.spent(at(from), at(due)), 4 * HOUR, "{from}");
    }
    assert_eq!(working.reached(at("2026-11-08T12:00:00Z"), 0), at("2026-11-08T12:00:00Z"));
    assert_eq!(working.spent(at("2026-11-09T12:00:00Z"), at("2026-11-04T12:00:00Z")), 0);
}

// rule: desk 15
#[test]
fn a_window_is_as_long_as_clocks_make_it() {
    let every = |hours: &str| {
        let day = json!([hours]);
        json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": day, "sun": day})
    };
    for (zone, hours, from, to, expected) in [
        ("Europe/Berlin", "00:00-06:00", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 5 * HOUR),
        ("Europe/Berlin", "00:00-06:00", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 7 * HOUR),
        // 02:30 exists twice: the first; or not at all: 03:00.
        ("Europe/Berlin", "02:30-06:00", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 4 * HOUR + HOUR / 2),
        ("Europe/Berlin", "02:30-06:00", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 3 * HOUR),
        ("Europe/Berlin", "02:10-02:50", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 0),
        ("Europe/Berlin", "00:00-24:00", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25 * HOUR),
        // Midnight does not exist.
        ("America/Santiago", "00:00-02:00", "2026-09-06T00:00:00Z", "2026-09-07T03:00:00Z", HOUR),
        ("Asia/Shanghai", "22:00-24:00", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", 2 * HOUR),
    ] {
        let calendar = calendar(zone, every(hours), json!({}));
        assert_eq!(Working::of(&calendar).spent(at(from), at(to)), expected, "{zone} {hours} {from}");
    }
}

// rule: desk 15
#[test]
fn holidays_and_worked_dates_count_as_far_as_they_are_known() {
    let china = calendar(
        "Asia/Shanghai",
        weekdays("09:00-18:00"),
        json!({
            "off": ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07", "2027-01-01"],
            "worked": [{"date": "2026-10-10", "like": "fri"}],
            "covers_until": "2026-12-31",
        }),
    );
    let working = Working::of(&china);
    // Over the week of the holiday, and a Saturday that is worked.
    assert_eq!(working.reached(at("2026-09-30T09:00:00Z"), 2 * HOUR), at("2026-10-08T02:00:00Z"));
    assert_eq!(working.reached(at("2026-10-09T09:00:00Z"), 2 * HOUR), at("2026-10-10T02:00:00Z"));
    // What is not known counts as any week, and says so.
    assert_eq!(working.reached(at("2026-12-31T09:00:00Z"), 2 * HOUR), at("2027-01-01T02:00:00Z"));
    assert!(working.is_unknown(at("2027-01-01T02:00:00Z")) && !working.is_unknown(at("2026-12-31T09:00:00Z")));
    let today = "2026-11-01".parse().unwrap();
    assert_eq!(
        (china.days_left(today), calendar("UTC", weekdays("09:00-18:00"), json!({})).days_left(today)),
        (Some(60), None)
    );
}

// rule: desk 15
#[test]
fn windows_are_reached_as_they_close() {
    let lunch = calendar("Asia/Shanghai", json!({"wed": ["09:00-12:00", "13:30-18:00"]}), json!({}));
    let working = Working::of(&lunch);
    let open = at("2026-11-04T01:00:00Z");
    assert_eq!(working.reached(open, 3 * HOUR), at("2026-11-04T04:00:00Z"));
    assert_eq!(working.reached(open, 3 * HOUR + 1), at("2026-11-04T05:30:00.001Z"));
    assert_eq!(working.reached(open, 7 * HOUR + HOUR / 2), at("2026-11-04T10:00:00Z"));
    assert_eq!(working.reached(open, 8 * HOUR), at("2026-11-11T01:30:00Z"));
    let always = Working::always();
    assert_eq!(always.reached(at("2026-10-24T10:00:00Z"), 24 * HOUR), at("2026-10-25T10:00:00Z"));
}
