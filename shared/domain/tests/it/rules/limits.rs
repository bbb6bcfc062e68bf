//! Limits: what is above them is cut off and recorded, never refused.

use domain::kernel::quantity::Points;
use domain::ledger::earning::order::Activity;

use crate::world::{AT_ONCE, BEFORE_TIERS, World, at, behaviour, order};

/// What the activities earn one after the other, and what is said of the last.
#[track_caller]
fn check(changes: &[(&str, &str)], activities: &[Activity], points: &[i64], told: &[&str]) {
    let mut world = World::new(changes);
    let entries: Vec<_> = activities.iter().map(|activity| world.report(activity.clone())).collect();
    let earned: Vec<i64> = entries.iter().map(|entry| entry.points().0).collect();
    assert_eq!(earned, points);
    assert_eq!(world.told(entries.last().unwrap()), told);
}

#[test]
fn a_rule_pays_as_often_as_its_limit_says_and_begins_anew_in_the_next_period() {
    let review = || behaviour("ugc.approved", &[]);
    let all: Vec<Activity> = (0..7).map(|_| review()).collect();
    let told = ["review-approved applies: 0, limited by limit"];
    check(&[], &all, &[20, 20, 20, 20, 20, 0, 0], &told);

    let mut world = World::new(&[]);
    world.now = at("2026-03-31T23:59:59.999+08:00");
    let march: i64 = (0..6).map(|_| world.report(review()).points().0).sum();
    world.now = at("2026-04-01T00:00:00+08:00");
    assert_eq!((march, world.report(review()).points()), (100, Points(20)));
}

#[test]
fn a_rule_pays_at_most_the_points_of_its_limit() {
    let limit = (
        "points = 100\n\n[[earning_rule]]\nid = \"suggestion",
        "points = 30\nlimit = { max_points = 50, period = \"calendar_day\" }\n\n[[earning_rule]]\nid = \"suggestion",
    );
    let all: Vec<Activity> = (0..3).map(|_| behaviour("ugc.featured", &[])).collect();
    check(&[limit], &all[..2], &[30, 20], &["ugc-featured applies: 20, limited by limit"]);
    check(&[limit], &all, &[30, 20, 0], &["ugc-featured applies: 0, limited by limit"]);
}

#[test]
fn a_limit_without_a_period_never_begins_anew() {
    let once =
        ("limit = { per_member = 5, period = \"calendar_month\" }", "limit = { per_member = 1, period = \"ever\" }");
    let mut world = World::new(&[once]);
    let mut earned = Vec::new();
    for days in [0, 1, 400] {
        world.days(days);
        earned.push(world.report(behaviour("ugc.approved", &[])).points().0);
    }
    assert_eq!(earned, [20, 0, 0]);
}

// rule: ledger 3.4
#[test]
fn a_day_earns_at_most_its_cap_from_the_last_rule_backwards() {
    let cap = ("max_earn_per_day = 50000", "max_earn_per_day = 250");
    let orders = [order("1", 10_000), order("2", 10_000), order("3", 10_000)];
    let told = ["base-spend applies: 50, limited by max_earn_per_day"];
    check(&[cap], &orders, &[100, 100, 50], &told);

    let welcome = "[[earning_rule]]\nid = \"welcome\"\non = \"order.paid\"\npoints = 200";
    let rules = (BEFORE_TIERS, format!("{welcome}\n{BEFORE_TIERS}"));
    let changes = [cap, (rules.0, rules.1.as_str())];
    let told = ["base-spend applies: 100", "welcome applies: 150, limited by max_earn_per_day"];
    check(&changes, &orders[..1], &[250], &told);
    let told =
        ["base-spend applies: 0, limited by max_earn_per_day", "welcome applies: 0, limited by max_earn_per_day"];
    check(&changes, &orders[..2], &[250, 0], &told);
}

// rule: ledger 1.1, 1.5
#[test]
fn the_daily_cap_counts_the_local_day_of_the_fact() {
    let mut world = World::new(&[("max_earn_per_day = 50000", "max_earn_per_day = 150")]);
    let evening = at("2026-02-27T23:59:59+08:00");
    let midnight = at("2026-02-28T00:00:00+08:00");
    let mut earn = |id, paid| world.report_at(paid, order(id, 10_000)).unwrap().points().0;
    assert_eq!([earn("1", evening), earn("2", midnight)], [100, 100]);
    assert_eq!([earn("3", evening), earn("4", midnight), earn("5", evening)], [50, 50, 0]);
}

#[test]
fn a_balance_grows_to_its_largest_and_no_further() {
    let most = ("max_balance = 0 ", "max_balance = 120 ");
    let mut world = World::new(&[most, AT_ONCE]);
    world.order("1", 10_000);
    let capped = world.order("2", 10_000);
    assert_eq!(world.told(&capped), ["base-spend applies: 20, limited by max_balance"]);
    world.redeem("drink").unwrap();
    assert_eq!(world.order("3", 5_000).points(), Points(50), "20 are left: there is room again");
}

#[test]
fn pending_points_count_towards_the_largest_balance() {
    let mut world = World::new(&[("max_balance = 0 ", "max_balance = 120 ")]);
    world.order("1", 10_000);
    assert_eq!(world.order("2", 10_000).points(), Points(20));
}

// rule: ledger 4.3
#[test]
fn what_a_limit_cut_off_is_not_clawed_back() {
    let mut world = World::new(&[("max_earn_per_day = 50000", "max_earn_per_day = 60")]);
    world.order("1", 10_000);
    assert_eq!(world.refund("1", 3_000).points(), Points(0), "70.00 would still give 60");
    assert_eq!(world.refund("1", 3_000).points(), Points(-20), "40.00 give 40");
    assert_eq!(world.refund("1", 4_000).points(), Points(-40));
    assert_eq!(world.pending(), 0);
}
