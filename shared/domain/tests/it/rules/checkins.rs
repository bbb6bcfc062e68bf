//! Check-ins: one a date, a bonus for every seventh date in a row.

use domain::kernel::quantity::Points;
use domain::kernel::refusal::OutsideWindow;
use domain::ledger::command::Command;
use domain::ledger::earning::earn::Earning;
use jiff::{SignedDuration, Timestamp};

use crate::world::{World, at, behaviour};

/// Noon of a day of March 2026 in the programme's zone.
fn noon(day: i64) -> Timestamp {
    at("2026-03-01T12:00:00+08:00") + SignedDuration::from_hours(24 * (day - 1))
}

/// Points of check-ins, each `(day on which it is reported, day on which it happened)`.
#[track_caller]
fn check(changes: &[(&str, &str)], days: &[(i64, i64)], expected: &[i64]) -> World {
    let mut world = World::new(changes);
    let mut earned = Vec::new();
    for (reported, happened) in days {
        world.now = noon(*reported);
        let checkin = world.report_at(noon(*happened), behaviour("checkin", &[])).unwrap();
        earned.push(checkin.points().0);
    }
    assert_eq!(earned, expected);
    world
}

fn on_time(days: impl IntoIterator<Item = i64>) -> Vec<(i64, i64)> {
    days.into_iter().map(|day| (day, day)).collect()
}

#[test]
fn every_seventh_date_in_a_row_brings_ten_more() {
    let sevenths = [1, 1, 1, 1, 1, 1, 11];
    let world = check(&[], &on_time(1..=14), &[sevenths, sevenths].concat());
    assert_eq!(world.active(), 34);
    check(&[], &on_time((1..=6).chain(8..=14)), &[&[1; 6][..], &sevenths].concat());
}

#[test]
fn a_programme_may_pay_the_bonus_once_per_streak() {
    let once = ("repeating = true", "repeating = false");
    let expected = [1, 1, 1, 1, 1, 1, 11, 1, 1, 1, 1, 1, 1, 1];
    let world = check(&[once], &on_time(1..=14), &expected);
    assert_eq!(world.active(), 24);
    // A new streak brings it again.
    let again = on_time((1..=7).chain(9..=15));
    check(&[once], &again, &[&expected[..7], &expected[..7]].concat());
}

#[test]
fn a_second_check_in_of_a_date_is_accepted_and_earns_nothing() {
    let world = check(&[], &[(1, 1), (1, 1), (2, 1), (2, 2)], &[1, 0, 0, 1]);
    assert_eq!(world.told(&world.history[1]), ["checkin has counted the date: 0"]);
}

#[test]
fn a_late_date_joins_the_streaks_on_both_sides() {
    let gap = |first: i64, last: i64, late: i64| {
        let mut days = on_time((first..=last).filter(|day| *day != late));
        days.push((last, late));
        days
    };
    // 4 + 1 + 2 dates: the seventh, though reported last.
    check(&[], &gap(1, 7, 5), &[1, 1, 1, 1, 1, 1, 11]);
    // 7 + 1 + 1 dates had their bonus already.
    check(&[], &gap(1, 9, 8), &[1, 1, 1, 1, 1, 1, 11, 1, 1]);
    // 12 + 1 + 1 dates: the second bonus.
    check(&[], &gap(1, 14, 13), &[&[1; 6][..], &[11], &[1; 6], &[11]].concat());
    // It joins the streak before it, then the one after.
    check(&[], &[(1, 1), (4, 4), (4, 2), (4, 3)], &[1, 1, 1, 1]);
}

// rule: ledger 1.5
#[test]
fn a_date_is_accepted_48_hours_late_and_no_later() {
    let mut world = World::new(&[]);
    world.now = noon(10);
    let exactly = noon(8);
    let millisecond = SignedDuration::from_millis(1);
    assert!(world.report_at(exactly, behaviour("checkin", &[])).is_ok());
    let too_late = world.report_at(exactly - millisecond, behaviour("checkin", &[]));
    assert_eq!(too_late, Err(Earning::from(OutsideWindow::TooOld { earliest: exactly }).into()));
    world.backdates();
    assert_eq!(world.report_at(noon(6), behaviour("checkin", &[])).unwrap().points(), Points(1));
}

#[test]
fn a_date_that_is_no_longer_remembered_cannot_be_claimed_again() {
    let mut world = check(&[], &on_time([1, 3, 5, 7, 9]), &[1; 5]);
    assert_eq!(world.account.streaks["checkin"].len(), 3, "the account stays small");
    for day in [1, 3, 5, 7, 9] {
        let again = world.report_at(noon(day), behaviour("checkin", &[]));
        assert!(again.is_err() || again.unwrap().points().is_zero(), "day {day}");
    }
}

// rule: ledger 1.1
#[test]
fn dates_are_those_of_the_programmes_zone() {
    let mut world = World::new(&[]);
    let mut earn = |time: &str| {
        world.now = at(time);
        world.run(Command::Earn(behaviour("checkin", &[]))).unwrap().points().0
    };
    let evening = earn("2026-03-01T23:59:59.999+08:00");
    let midnight = earn("2026-03-02T00:00:00+08:00");
    let same_date = earn("2026-03-02T23:59:59.999+08:00");
    assert_eq!([evening, midnight, same_date], [1, 1, 0]);
}
