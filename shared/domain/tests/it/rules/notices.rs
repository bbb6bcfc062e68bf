//! Notices: what a member is told in time.

use domain::kernel::time::add_days;
use domain::ledger::due::Notice;
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::rules::tiers::{local, tell};
use crate::world::{World, at};

/// What is told on each day of so many, as upkeep asks for it.
fn told(world: &World, from: Timestamp, days: i32) -> Vec<String> {
    let mut told = Vec::new();
    for day in 0..days {
        let (since, now) = (add_days(from, day), add_days(from, day + 1));
        let date = now.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).strftime("%Y-%m-%d").to_string();
        for notice in world.account.notices(since, Setting { programmes: &world.programmes, now }) {
            told.push(match notice {
                Notice::Expiring { points, days, .. } => format!("{date} {points} points in {days} days"),
                Notice::Falling { tier, missing, days, .. } => {
                    format!("{date} {tier} falls in {days} days, {missing} missing")
                }
            });
        }
    }
    told
}

// rule: ledger 4.21
#[test]
fn a_member_is_told_before_points_expire_and_before_the_tier_falls() {
    let mut world = World::new(&[]);
    tell(&mut world, &["2026-03-10T12:00 spend 1000 as a"]);
    assert_eq!(
        told(&world, local("2026-03-11T00:05"), 600),
        [
            "2027-03-02 1000 points in 30 days",
            "2027-03-25 1000 points in 7 days",
            "2027-04-01 silver falls in 30 days, 1000 missing",
            "2027-04-24 silver falls in 7 days, 1000 missing",
        ]
    );
    // Whoever asks late is told what is nearest, once.
    let now = local("2027-03-28T09:00");
    let late = world.account.notices(local("2027-02-01T00:00"), Setting { programmes: &world.programmes, now });
    assert!(matches!(late[..], [Notice::Expiring { days: 7, .. }]), "{late:?}");
}

// rule: ledger 4.21
#[test]
fn a_notice_is_of_the_day_whatever_the_clocks_do() {
    let zone = ("timezone = \"Asia/Shanghai\"", "timezone = \"America/New_York\"");
    let mut world = World::new(&[zone]);
    // Points of 2026-03-10 expire on 2027-04-01; the clocks of New York change on 2027-03-14, within the thirty days before.
    tell(&mut world, &["2026-03-10T12:00 spend 1000 as a"]);
    let midnight = at("2027-03-02T05:00:00Z");
    let told = |since, now| world.account.notices(since, Setting { programmes: &world.programmes, now }).len();
    let before = midnight - jiff::SignedDuration::from_millis(1);
    assert_eq!(
        (told(before, midnight), told(add_days(before, -1), before), told(midnight, add_days(midnight, 1))),
        (1, 0, 0)
    );
}

// rule: ledger 4.8
#[test]
fn what_the_clock_tells_anybody_waits_for_the_next_entry() {
    let mut world = World::new(&[]);
    world.give(100);
    let expires_at = *world.account.pockets.active.keys().next().unwrap();
    world.account.tiers = Default::default();
    assert_eq!(world.account.due(world.setting()), Some(add_days(expires_at, 60)));
    world.now = add_days(expires_at, 59);
    assert_eq!(world.account.settled(world.setting()).0.pockets.active_points().0, 0, "and nobody can spend them");
    world.now = add_days(expires_at, 60);
    assert_eq!(world.sweep().unwrap().settled.len(), 1);
}
