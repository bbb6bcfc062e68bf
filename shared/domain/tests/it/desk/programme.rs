//! What is refused of the desk's sections.

use domain::kernel::refusal::Refusal;
use domain::programme::publication::{Decision, Request, State, publish};
use domain::programme::reading::read;
use domain::programme::stock::Levels;

const DEFAULT: &str = include_str!("../../../../../programme.toml");

#[track_caller]
fn check(from: &str, to: &str, at: &str, words: &str) {
    assert!(DEFAULT.contains(from), "the default programme has no `{from}`");
    let found = read(&DEFAULT.replacen(from, to, 1)).err().unwrap_or_default();
    let named = found.iter().any(|finding| finding.at == at && finding.message.contains(words));
    assert!(named, "{to}: {found:?}");
}

// rule: desk 15
#[test]
fn a_calendar_that_nobody_can_work_by_is_refused() {
    let mon = "mon = [\"09:00-18:00\"]";
    for (from, to, at, words) in [
        (mon, "mon = [\"09:00-12:00\", \"11:00-18:00\"]", "calendar.cn-office.windows", "overlap"),
        (mon, "mon = [\"13:00-18:00\", \"09:00-12:00\"]", "calendar.cn-office.windows", "follow each other"),
        (mon, "mon = [\"09:00-24:01\"]", "calendar.cn-office.windows.1", "no window"),
        (mon, "moon = [\"09:00-18:00\"]", "calendar.cn-office.windows", "`mon`"),
        (
            "id = \"cn-office\"\n",
            "id = \"cn-office\"\noff = [\"2026-10-10\"]\nworked = [{ date = \"2026-10-10\", like = \"fri\" }]\n",
            "calendar.cn-office.worked",
            "off, too",
        ),
        (
            "id = \"cn-office\"\n",
            "id = \"cn-office\"\nworked = [{ date = \"2026-10-10\", like = \"sat\" }]\n",
            "calendar.cn-office.worked",
            "nobody works",
        ),
        ("id = \"cn-office\"\n", "id = \"always\"\n", "calendar.always.id", "without calendar"),
    ] {
        check(from, to, at, words);
    }
}

// rule: desk 8
#[test]
fn a_service_level_that_nobody_can_keep_is_refused() {
    let first = "first_response = \"PT15M\"";
    for (from, to, at, words) in [
        (first, "first_response = \"P1D\"", "sla_policy.p1.first_response", "PT4H"),
        (first, "first_response = \"PT0S\"", "sla_policy.p1.first_response", "PT4H"),
        (first, "first_response = \"PT5H\"", "sla_policy.p1.first_response", "at most"),
        ("resolution = \"PT4H\"", "reso = \"PT4H\"", "sla_policy.p1.reso", "resolution"),
        ("calendar = \"cn-office\"", "calendar = \"cn\"", "sla_policy.p2.calendar", "no calendar"),
    ] {
        check(from, to, at, words);
    }
}

// rule: desk 1
#[test]
fn routes_that_leave_somebody_out_are_refused() {
    let last = "[[route]]\nto = \"customer-service\"\npolicy = \"p3\"\n";
    let presale = "when = \"topic == 'presale'\"";
    for (from, to, at, words) in [
        (last, "", "route.4.when", "for all else"),
        (presale, "", "route.2.when", "only the last"),
        (presale, "when = \"topic == 'sale'\"", "route.2.when", "no topic"),
        (presale, "when = \"colour == 'red'\"", "route.2.when", "not known"),
        (presale, "when = \"score + 1\"", "route.2.when", "true or false"),
        ("to = \"sales\"", "to = \"sale\"", "route.2.to", "no desk queue"),
        ("to = \"sales\"\npolicy = \"p2\"", "to = \"sales\"\npolicy = \"p5\"", "route.2.policy", "no policy"),
    ] {
        check(from, to, at, words);
    }
}

// rule: desk 19
#[test]
fn a_pack_that_cannot_be_given_is_refused() {
    for (from, to, at, words) in [
        ("per_member_30d = 1", "per_member_30d = 2", "emergency_pack.per_member_30d", "1, or 0"),
        ("per_case_minor = 5000", "per_case_minor = 5000001", "emergency_pack.per_case_minor", "month"),
        ("unit_cost_minor = 3000", "unit_cost_minor = 5001", "emergency_item.gift-medium.unit_cost_minor", "a case"),
        ("kind = \"expedite\"", "kind = \"gift\"", "emergency_item.expedite.stock", "gifts"),
        ("kind = \"expedite\"", "kind = \"points\"", "emergency_item.expedite.kind", "no earning rule"),
        (
            "reward = \"coupon-no-threshold-5\"\nunit",
            "reward = \"coupon-6\"\nunit",
            "emergency_item.coupon-5.reward",
            "reward",
        ),
    ] {
        check(from, to, at, words);
    }
}

// rule: desk 15
#[test]
fn a_calendar_that_is_soon_over_is_not_published() {
    let known = |until: &str| {
        let text =
            DEFAULT.replacen("id = \"cn-office\"\n", &format!("id = \"cn-office\"\ncovers_until = \"{until}\"\n"), 1);
        let document = read(&text).unwrap();
        let now = "2026-11-01T15:59:59Z".parse().unwrap();
        let state = State { editions: &[], used: false, levels: &Levels::default() };
        publish(Request { document: &document, from: None, by: "ann", now }, state).map_err(|no| no.code())
    };
    assert_eq!(known("2026-12-30").map(drop), Err("calendar_runs_out"));
    assert!(matches!(known("2026-12-31"), Ok(Decision::New(_))), "sixty dates after today in Shanghai");
}
