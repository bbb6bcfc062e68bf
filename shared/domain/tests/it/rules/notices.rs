//! Notices: what a member is told in time.

use domain::ledger::facts::events;
use domain::ledger::settlement::Settlement;

use crate::rules::tiers::{local, tell};
use crate::world::World;

#[test]
fn a_member_is_told_before_points_expire_and_before_the_tier_falls() {
    let mut world = World::new(&[]);
    tell(&mut world, &["2026-03-10T12:00 spend 1000 as a"]);
    let mut told = Vec::new();
    let mut last = world.now;
    while let Some(due) = world.account.due(world.setting()).filter(|due| *due > last) {
        (world.now, last) = (due, due);
        let entry = world.evaluate();
        let date = due.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).strftime("%Y-%m-%d").to_string();
        for settled in entry.iter().flat_map(|entry| &entry.settled) {
            match settled {
                Settlement::Expiring { points, days, .. } => {
                    told.push(format!("{date} {points} points in {days} days"))
                }
                Settlement::DowngradeUpcoming { tier, missing, days, .. } => {
                    told.push(format!("{date} {tier} falls in {days} days, {missing} missing"));
                }
                Settlement::Expired { points, .. } => told.push(format!("{date} {points} points expired")),
                _ => {}
            }
        }
    }
    assert_eq!(
        told,
        [
            "2027-03-02 1000 points in 30 days",
            "2027-03-25 1000 points in 7 days",
            "2027-04-01 1000 points expired",
            "2027-04-01 silver falls in 30 days, 1000 missing",
            "2027-04-24 silver falls in 7 days, 1000 missing",
        ]
    );
    // A sweep that comes late tells only what is nearest.
    let mut world = World::new(&[]);
    tell(&mut world, &["2026-03-10T12:00 spend 1000 as a"]);
    world.now = local("2027-03-28T09:00");
    let settled = world.sweep().unwrap().settled;
    let told = settled.iter().filter(|settled| matches!(settled, Settlement::Expiring { days: 7, .. }));
    assert_eq!((told.count(), settled.len()), (1, 2), "the activation, and one notice");
}

#[test]
fn a_notice_is_told_when_its_entry_says_so_whatever_the_clocks_do() {
    let zone = ("timezone = \"Asia/Shanghai\"", "timezone = \"America/New_York\"");
    let mut world = World::new(&[zone]);
    // Points of 2026-03-10 expire on 2027-04-01; the clocks of New York change on 2027-03-14, within the thirty days before.
    tell(&mut world, &["2026-03-10T12:00 spend 1000 as a"]);
    world.now = "2027-03-02T05:00:00Z".parse().unwrap();
    let entry = world.sweep().unwrap();
    let events = events(&world.account.member, &entry, |kind| kind == "perennial.led.pointsexpiring.v1");
    let times: Vec<String> = events.iter().map(|event| event.time.to_string()).collect();
    assert_eq!(times, ["2027-03-02T05:00:00Z"], "midnight in New York, while the clocks show winter time");
}
