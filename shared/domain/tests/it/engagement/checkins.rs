//! Check-ins: dates in a row, whatever clocks and zones do, and what is said of them.

use domain::kernel::member_zone::MemberZone;
use domain::kernel::time::Zone;
use domain::ledger::streak::{Calendar, Told};
use domain::programme::earning_rule::Streak;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::stage::at;
use crate::world::{World, behaviour};

const SEVENTH: &str = "points = 1\nstreak = { every = 7, bonus = 10, repeating = true }";

/// When it was recorded, when it happened; its date, its points, the length of its streak, and when the next bonus comes.
type Checkin<'a> = (&'a str, &'a str, Date, i64, i32, Option<i32>);

/// Check-ins in a zone.
#[track_caller]
fn check(zone: &str, rule: &str, checkins: &[Checkin<'_>]) -> World {
    let zone_change = format!("timezone = \"{zone}\"");
    let mut world = World::new(&[("timezone = \"Asia/Shanghai\"", zone_change.as_str()), (SEVENTH, rule)]);
    let streak: Streak = world.programmes.at(world.now).rule("checkin").unwrap().written.streak.unwrap();
    for (recorded, happened, date, points, days, next) in checkins {
        world.now = at(recorded);
        let earned = world.report_at(at(happened), behaviour("checkin", &[])).unwrap().points().0;
        let told = Told::on(&world.account.streaks["checkin"], *date, streak).expect("the date is claimed");
        assert_eq!((earned, told.days, told.next_bonus_in), (*points, *days, *next), "{happened}");
    }
    world
}

fn mornings(first: &str, count: i64) -> Vec<String> {
    (0..count).map(|day| (at(first) + jiff::SignedDuration::from_hours(24 * day)).to_string()).collect()
}

// rule: engagement 1.4, 1.6
#[test]
fn dates_in_a_row_are_dates_not_hours() {
    let (one, two) = ("2026-11-01T03:30:00Z", "2026-11-03T04:25:00Z");
    let autumn = [(one, one, date(2026, 10, 31), 1, 1, Some(6)), (two, two, date(2026, 11, 2), 1, 1, Some(6))];
    check("America/New_York", SEVENTH, &autumn);
    // Clocks go forward: 23 hours apart.
    let (one, two) = ("2026-03-08T04:30:00Z", "2026-03-09T03:30:00Z");
    let spring = [(one, one, date(2026, 3, 7), 1, 1, Some(6)), (two, two, date(2026, 3, 8), 1, 2, Some(5))];
    check("America/New_York", SEVENTH, &spring);
    let (one, two, three) = ("2026-06-09T22:30:00Z", "2026-06-09T23:30:00Z", "2026-06-10T22:59:59Z");
    let london = [
        (one, one, date(2026, 6, 9), 1, 1, Some(6)),
        (two, two, date(2026, 6, 10), 1, 2, Some(5)),
        (three, three, date(2026, 6, 10), 0, 2, Some(5)),
    ];
    check("Europe/London", SEVENTH, &london);
}

// rule: engagement 1.4, 1.6
#[test]
fn a_leap_day_is_a_date_and_a_late_one_joins_what_it_touches() {
    let days = mornings("2028-02-23T23:00:00Z", 7);
    let row = |n: usize, points, next| {
        let date = date(2028, 2, 24).saturating_add(jiff::ToSpan::days(i64::try_from(n).unwrap()));
        (days[n].as_str(), days[n].as_str(), date, points, i32::try_from(n).unwrap() + 1, Some(next))
    };
    let all: Vec<_> = (0..7)
        .map(|n| row(n, if n == 6 { 11 } else { 1 }, if n == 6 { 7 } else { 6 - i32::try_from(n).unwrap() }))
        .collect();
    check("Asia/Shanghai", SEVENTH, &all);
    let late = (days[6].as_str(), days[4].as_str(), date(2028, 2, 28), 11, 7, Some(7));
    let rest = [
        row(0, 1, 6),
        row(1, 1, 5),
        row(2, 1, 4),
        row(3, 1, 3),
        (days[5].as_str(), days[5].as_str(), date(2028, 2, 29), 1, 1, Some(6)),
        (days[6].as_str(), days[6].as_str(), date(2028, 3, 1), 1, 2, Some(5)),
        late,
    ];
    check("Asia/Shanghai", SEVENTH, &rest);
}

// rule: engagement 1.4, 1.6
#[test]
fn programmes_say_how_long_and_how_often() {
    let fifth = "points = 2\nstreak = { every = 5, bonus = 3, repeating = true }";
    let days = mornings("2026-04-01T01:00:00Z", 11);
    let row = |n: usize| {
        let date = date(2026, 4, 1).saturating_add(jiff::ToSpan::days(i64::try_from(n).unwrap()));
        let length = i32::try_from(n).unwrap() + 1;
        (days[n].as_str(), days[n].as_str(), date, if length % 5 == 0 { 5 } else { 2 }, length, Some(5 - length % 5))
    };
    let world = check("Asia/Tokyo", fifth, &(0..11).map(row).collect::<Vec<_>>());
    assert_eq!(world.active(), 28);
    let once = "points = 1\nstreak = { every = 7, bonus = 10, repeating = false }";
    let days = mornings("2026-03-01T01:00:00Z", 8);
    let row = |n: usize| {
        let date = date(2026, 3, 1).saturating_add(jiff::ToSpan::days(i64::try_from(n).unwrap()));
        let length = i32::try_from(n).unwrap() + 1;
        (
            days[n].as_str(),
            days[n].as_str(),
            date,
            if length == 7 { 11 } else { 1 },
            length,
            Some(7 - length).filter(|left| *left > 0),
        )
    };
    check("Asia/Shanghai", once, &(0..8).map(row).collect::<Vec<_>>());
}

/// A member who flies: check-ins as `(happened, zone, date)`, and whether the date was claimed before.
#[track_caller]
fn flies(home: &str, checkins: &[(&str, &str, Date, bool)]) {
    let mut zone = MemberZone::new(Zone::named(home).unwrap());
    let mut in_force = home.to_owned();
    let mut claimed = std::collections::BTreeSet::new();
    for (happened, reported, date, already) in checkins {
        if *reported != in_force {
            zone = zone.moved(Zone::named(reported).unwrap(), claimed.last().copied());
            (*reported).clone_into(&mut in_force);
        }
        let own = zone.date(at(happened));
        assert_eq!((own, !claimed.insert(own)), (*date, *already), "{happened} in {reported}");
    }
}

// rule: engagement 1.5
#[test]
fn nobody_gains_or_loses_a_date_by_flying() {
    let (york, shanghai) = ("America/New_York", "Asia/Shanghai");
    // East: a date that the flight jumped over is lost.
    flies(
        york,
        &[
            ("2026-03-06T01:00:00Z", york, date(2026, 3, 5), false),
            ("2026-03-07T00:00:00Z", shanghai, date(2026, 3, 7), false),
        ],
    );
    // West: the same date again is claimed already.
    flies(
        shanghai,
        &[
            ("2026-03-05T01:00:00Z", shanghai, date(2026, 3, 5), false),
            ("2026-03-05T20:00:00Z", york, date(2026, 3, 5), true),
            ("2026-03-06T14:00:00Z", york, date(2026, 3, 6), false),
        ],
    );
    // A gap before it is filled under the old zone.
    flies(
        shanghai,
        &[
            ("2026-03-03T01:00:00Z", shanghai, date(2026, 3, 3), false),
            ("2026-03-05T01:00:00Z", shanghai, date(2026, 3, 5), false),
            ("2026-03-03T20:00:00Z", york, date(2026, 3, 4), false),
            ("2026-03-06T14:00:00Z", york, date(2026, 3, 6), false),
        ],
    );
    let (kiritimati, honolulu) = ("Pacific/Kiritimati", "Pacific/Honolulu");
    flies(
        "Asia/Tokyo",
        &[
            ("2026-03-05T09:00:00Z", kiritimati, date(2026, 3, 5), false),
            ("2026-03-05T09:30:00Z", honolulu, date(2026, 3, 5), true),
            ("2026-03-05T12:00:00Z", kiritimati, date(2026, 3, 6), false),
            ("2026-03-06T10:00:00Z", kiritimati, date(2026, 3, 7), false),
        ],
    );
}

// rule: engagement 1.7
#[test]
fn a_streak_runs_while_its_last_date_is_today_or_yesterday() {
    let world = {
        let days = mornings("2026-03-01T01:00:00Z", 3);
        let row = |n: usize| {
            let date = date(2026, 3, 1).saturating_add(jiff::ToSpan::days(i64::try_from(n).unwrap()));
            let length = i32::try_from(n).unwrap() + 1;
            (days[n].as_str(), days[n].as_str(), date, 1, length, Some(7 - length))
        };
        check("Asia/Shanghai", SEVENTH, &(0..3).map(row).collect::<Vec<_>>())
    };
    let runs = &world.account.streaks["checkin"];
    let streak = Streak { every: 7, bonus: domain::kernel::quantity::Points(10), repeating: true };
    let of = |today| Calendar::of(runs, today, streak);
    for today in [date(2026, 3, 3), date(2026, 3, 4)] {
        let calendar = of(today);
        assert_eq!(calendar.running.map(|told| (told.days, told.since)), Some((3, date(2026, 3, 1))));
        assert_eq!((calendar.last, calendar.next_bonus_on), (None, Some(date(2026, 3, 7))));
    }
    let over = of(date(2026, 3, 5));
    assert_eq!((over.running, over.last.map(|told| told.days)), (None, Some(3)));
    assert_eq!(over.next_bonus_on, Some(date(2026, 3, 11)), "who begins today");
}

proptest! {
    /// Whatever dates are claimed, up to two of them late: a streak is the set of its dates, and each seventh brought a bonus.
    // rule: engagement 1.4, 1.6
    #[test]
    fn a_streak_is_the_set_of_its_dates(late in prop::collection::vec(prop::option::of(0..3_i64), 1..40)) {
        let mut world = World::new(&[]);
        let start = at("2026-10-01T04:00:00Z");
        let day = |day: usize| start + jiff::SignedDuration::from_hours(24 * i64::try_from(day).unwrap());
        let claims = late.iter().enumerate().filter_map(|(on, late)| Some((on, (*late)?)));
        let mut claims: Vec<(usize, usize)> = claims.map(|(on, late)| (on + usize::try_from(late).unwrap(), on)).collect();
        claims.sort_unstable();
        let mut points = 0;
        for (recorded, on) in &claims {
            world.now = day(*recorded);
            points += world.report_at(day(*on), behaviour("checkin", &[])).unwrap().points().0;
        }
        let claimed: Vec<bool> = late.iter().map(Option::is_some).collect();
        let runs: Vec<usize> = claimed.split(|claimed| !claimed).map(<[bool]>::len).filter(|length| *length > 0).collect();
        let expected: usize = runs.iter().map(|length| length + length / 7 * 10).sum();
        prop_assert_eq!(points, i64::try_from(expected).unwrap());
        let streak = Streak { every: 7, bonus: domain::kernel::quantity::Points(10), repeating: true };
        if let (Some(last), Some(length)) = (claims.iter().map(|(_, on)| *on).max(), runs.last()) {
            let date = date(2026, 10, 1).saturating_add(jiff::ToSpan::days(i64::try_from(last).unwrap()));
            let told = Told::on(&world.account.streaks["checkin"], date, streak).unwrap();
            prop_assert_eq!(told.days, i32::try_from(*length).unwrap());
        }
    }
}
