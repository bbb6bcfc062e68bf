//! Dormancy: who does nothing for long is told, and then erased.

use domain::kernel::time::Zone;
use domain::members::dormancy::{Does, Quiet, does};
use domain::programme::privacy::Dormancy;
use jiff::civil::Date;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// What happens on days, `DAY: what`, to somebody who did something last on another, and is told on the day on which that is due.
fn check(active_on: &str, held_until: Option<&str>, days: &[(&str, Does)]) {
    let mut noticed = None;
    for (day, expected) in days {
        let did = does(Dormancy::default(), date(active_on), noticed, held_until.map(date), date(day));
        assert_eq!(did, *expected, "{day} after {active_on}, told on {noticed:?}");
        if matches!(did, Does::Notice { .. }) {
            noticed = Some(date(day));
        }
    }
}

fn told(purge_on: &str) -> Does {
    Does::Notice { purge_on: date(purge_on) }
}

// rule: privacy 28
#[test]
fn who_does_nothing_is_told_after_700_days_and_erased_after_730() {
    let days = [
        ("2024-08-29", Does::Nothing),
        ("2024-08-30", Does::Dormant),
        ("2026-05-01", Does::Dormant),
        ("2026-05-02", told("2026-06-02")),
        ("2026-05-03", Does::Dormant),
        ("2026-06-01", Does::Dormant),
        ("2026-06-02", Does::Erase),
    ];
    check("2024-06-01", None, &days);
    // A leap day counts like any other.
    check(
        "2023-03-01",
        None,
        &[("2025-01-28", Does::Dormant), ("2025-01-29", told("2025-03-01")), ("2025-03-01", Does::Erase)],
    );
}

// rule: privacy 28
#[test]
fn a_notice_that_comes_late_moves_the_purge() {
    let days = [("2026-06-10", told("2026-07-10")), ("2026-07-09", Does::Dormant), ("2026-07-10", Does::Erase)];
    check("2024-06-01", None, &days);
    check("2020-02-29", None, &[("2026-06-10", told("2026-07-10")), ("2026-07-10", Does::Erase)]);
}

// rule: privacy 28
#[test]
fn who_is_held_waits_and_is_erased_when_the_hold_is_over() {
    let days = [
        ("2026-05-02", told("2026-06-02")),
        ("2026-06-02", Does::Waits),
        ("2026-09-30", Does::Waits),
        ("2026-10-01", Does::Erase),
    ];
    check("2024-06-01", Some("2026-09-30"), &days);
}

// rule: privacy 28
#[test]
fn whatever_a_member_does_clears_the_notice() {
    let noticed = Some(date("2026-05-02"));
    let on = |day: &str| does(Dormancy::default(), date("2026-05-09"), noticed, None, date(day));
    assert_eq!(on("2026-05-10"), Does::Nothing);
    assert_eq!(on("2026-06-02"), Does::Nothing);
    assert_eq!(on("2028-04-07"), Does::Dormant);
    assert_eq!(on("2028-04-08"), told("2028-05-09"));
    // On the very day of the notice too.
    let same = does(Dormancy::default(), date("2026-05-02"), noticed, None, date("2026-06-02"));
    assert_eq!(same, Does::Nothing);
}

// rule: privacy 29
#[test]
fn somebody_looks_when_it_is_due_and_not_before() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let due = |quiet: Quiet, known: &str| quiet.due(Dormancy::default(), date(known), &zone).to_string();
    assert_eq!(due(Quiet::default(), "2024-06-01"), "2026-05-01T16:00:00Z", "from what is known without looking");
    let since = Quiet { since: Some(date("2025-06-01")), noticed_on: None };
    assert_eq!(due(since, "2024-06-01"), "2027-05-01T16:00:00Z", "from what was found");
    let noticed = Quiet { since: Some(date("2024-06-01")), noticed_on: Some(date("2026-05-02")) };
    assert_eq!(due(noticed, "2024-06-01"), "2026-06-01T16:00:00Z");
    assert_eq!(due(noticed, "2026-05-09"), "2028-04-07T16:00:00Z", "what was done since is found by itself");
}
