//! Corrections by hand: a reason, and for large ones a second person.

use std::sync::Arc;

use domain::kernel::quantity::Points;
use domain::kernel::refusal::{InvalidField, Missing, Refusal};
use domain::kernel::time::add_days;
use domain::ledger::adjustment::{Adjust, Adjusting, Approving};
use domain::ledger::command::Command;
use domain::ledger::doer::Doer;
use domain::ledger::earning::earn::Earning;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::refusal::Refused;
use domain::programme::compiled::Programmes;
use jiff::{SignedDuration, Timestamp};

use crate::world::{World, at, compile, order};

fn adjust(world: &mut World, points: i64, reason: &str) -> Result<Entry, Refused> {
    world.run(Command::Adjust(Adjust { points: Points(points), reason: reason.to_owned() }))
}

fn approve(world: &mut World, request: &Entry, by: &str) -> Result<Entry, Refused> {
    world.approve(request, by)
}

#[test]
fn a_correction_names_one_of_the_programmes_reasons() {
    let mut world = World::new(&[]);
    let refused = adjust(&mut world, 10, "because");
    let message = "must be one of goodwill, correction, complaint, fraud, debt_forgiven, migration".to_owned();
    assert_eq!(refused, Err(Adjusting::from(InvalidField::new("reason", message)).into()));
    for reason in ["goodwill", "correction", "complaint", "fraud", "debt_forgiven", "migration"] {
        let entry = adjust(&mut world, 10, reason).unwrap();
        assert_eq!(entry.detail, Detail::Adjust { reason: reason.to_owned(), request: None });
        assert_eq!(entry.by, Some(Doer::new("admin:admin-1")));
    }
    assert_eq!(world.lots(), [(60, at("2027-04-01T00:00:00+08:00"))]);
}

#[test]
fn more_than_a_thousand_points_wait_for_a_second_person() {
    for (points, waits) in [(1_000, false), (1_001, true), (-1_000, false), (-1_001, true)] {
        let mut world = World::new(&[]);
        for _ in 0..2 {
            world.give(1_000);
            world.days(1);
        }
        let entry = adjust(&mut world, points, "correction").unwrap();
        assert_eq!(matches!(entry.detail, Detail::AdjustmentRequest { .. }), waits, "{points}");
        let posted = if waits { 0 } else { points };
        assert_eq!((entry.points().0, world.active()), (posted, 2_000 + posted));
        if waits {
            let approved = approve(&mut world, &entry, "admin:admin-2").unwrap();
            let (reason, request) = ("correction".to_owned(), Some(entry.sequence));
            assert_eq!(approved.detail, Detail::Adjust { reason, request });
            assert_eq!(approved.by, Some(Doer::new("admin:admin-2")));
            assert_eq!(world.active(), 2_000 + points);
        }
    }
}

#[test]
fn who_asked_may_not_approve() {
    let mut world = World::new(&[]);
    let request = adjust(&mut world, 5_000, "goodwill").unwrap();
    assert_eq!(approve(&mut world, &request, "admin:admin-1"), Err(Approving::SameApprover.into()));
    assert_eq!(world.active(), 0);
}

#[test]
fn a_request_waits_for_thirty_days() {
    for (early, accepted) in [(SignedDuration::from_millis(1), true), (SignedDuration::ZERO, false)] {
        let mut world = World::new(&[]);
        let request = adjust(&mut world, 5_000, "goodwill").unwrap();
        let expired_at = add_days(world.now, 30);
        world.now = expired_at - early;
        let outcome = approve(&mut world, &request, "admin:admin-2").map(|entry| entry.points());
        let expected = if accepted { Ok(Points(5_000)) } else { Err(Approving::ApprovalExpired { expired_at }.into()) };
        assert_eq!(outcome, expected);
    }
}

#[test]
fn approved_points_live_from_their_approval_on() {
    let mut world = World::new(&[]);
    let request = adjust(&mut world, 5_000, "goodwill").unwrap();
    world.now = at("2026-03-20T12:00:00+08:00");
    approve(&mut world, &request, "admin:admin-2").unwrap();
    assert_eq!(world.lots(), [(5_000, at("2027-04-01T00:00:00+08:00"))]);
}

#[test]
fn only_a_request_can_be_approved() {
    let mut world = World::new(&[]);
    let posted = adjust(&mut world, 10, "goodwill").unwrap();
    let refused = approve(&mut world, &posted, "admin:admin-2");
    assert_eq!(refused, Err(Approving::from(Missing::NotFound { what: "adjustment" }).into()));
}

#[test]
fn no_more_is_taken_than_can_be_spent() {
    let mut world = World::new(&[]);
    adjust(&mut world, 100, "goodwill").unwrap();
    let request = adjust(&mut world, -2_000, "fraud").unwrap();
    world.days(1);
    for refused in [adjust(&mut world, -101, "fraud"), approve(&mut world, &request, "admin:admin-2")] {
        assert_eq!(refused.unwrap_err().code(), "insufficient_points");
    }
    assert_eq!(adjust(&mut world, -100, "fraud").unwrap().points(), Points(-100));
    assert_eq!(world.active(), 0);
}

fn waits(entry: &Entry) -> bool {
    matches!(entry.detail, Detail::AdjustmentRequest { .. })
}

// rule: ledger 2.6
#[test]
fn what_one_person_gives_within_a_day_adds_up_over_all_members() {
    let mut first = World::new(&[]);
    assert!(!waits(&adjust(&mut first, 600, "goodwill").unwrap()));
    // Another member's account, the same person.
    let mut second = World::new(&[]);
    second.tallies.clone_from(&first.tallies);
    assert!(!waits(&adjust(&mut second, 400, "goodwill").unwrap()), "1,000 in all");
    second.now = first.now + SignedDuration::from_hours(24) - SignedDuration::from_millis(1);
    assert!(waits(&adjust(&mut second, 1, "goodwill").unwrap()), "1,001, whoever they are for");
    second.now += SignedDuration::from_millis(1);
    // What waits counts as well, and what was given at 10:00 yesterday does not any more.
    assert!(waits(&adjust(&mut second, 1_000, "goodwill").unwrap()));
    let mut third = World::new(&[]);
    third.tallies.clone_from(&second.tallies);
    third.now = second.now;
    assert!(waits(&adjust(&mut third, -1, "fraud").unwrap()), "up and down do not cancel");
    third.asked_by("admin:admin-2");
    assert!(!waits(&adjust(&mut third, 999, "goodwill").unwrap()), "another person, and another member");
}

// rule: ledger 2.6
#[test]
fn what_a_member_is_given_within_a_day_adds_up_whoever_gives() {
    let mut world = World::new(&[]);
    assert!(!waits(&adjust(&mut world, 600, "goodwill").unwrap()));
    world.asked_by("admin:admin-2");
    assert!(waits(&adjust(&mut world, 600, "goodwill").unwrap()), "1,200 in all");
    world.days(1);
    // The request of yesterday counts no more; what is approved today counted when it was asked for.
    let request = world.history.last().unwrap().clone();
    world.approve(&request, "admin:admin-1").unwrap();
    assert!(!waits(&adjust(&mut world, 1_000, "goodwill").unwrap()));
}

// rule: ledger 2.6
#[test]
fn what_is_recorded_though_too_old_counts_with_what_it_earns() {
    let mut world = World::new(&[]);
    world.backdates();
    let old = at("2026-01-01T12:00:00+08:00");
    assert!(world.report_at(old, order("1", 60_000)).is_ok());
    let refused = world.report_at(old, order("2", 40_100));
    assert_eq!(refused, Err(Earning::ApprovalRequired { limit: Points(1_000), sum: Points(1_001) }.into()));
    assert!(world.report_at(old, order("3", 40_000)).is_ok());
    assert!(waits(&adjust(&mut world, 1, "goodwill").unwrap()));
    // A fact that is not too old needs nobody.
    assert!(world.report_at(world.now, order("4", 500_000)).is_ok());
}

// rule: ledger 2.6
#[test]
fn the_brand_may_have_a_limit_of_its_own() {
    let limit = ("approval_days = 30", "approval_days = 30\nbrand_day_limit = 1500");
    let mut world = World::new(&[limit]);
    assert!(!waits(&adjust(&mut world, 900, "goodwill").unwrap()));
    let mut other = World::new(&[limit]);
    other.tallies.clone_from(&world.tallies);
    other.asked_by("admin:admin-2");
    assert!(!waits(&adjust(&mut other, 600, "goodwill").unwrap()));
    world.tallies.clone_from(&other.tallies);
    let mut third = World::new(&[limit]);
    third.tallies.clone_from(&world.tallies);
    third.asked_by("admin:admin-3");
    assert!(waits(&adjust(&mut third, 1, "goodwill").unwrap()), "1,501 of all");
}

// rule: ledger 2.6
#[test]
fn a_member_approves_nothing_for_themself() {
    let mut world = World::new(&[]);
    let request = adjust(&mut world, 5_000, "goodwill").unwrap();
    assert_eq!(world.approve(&request, "admin:m-1"), Err(Approving::SelfBenefit.into()));
}

// rule: ledger 2.6
#[test]
fn an_old_fact_is_held_against_the_limits_of_now() {
    let before = ("approval_over = 1000 ", "approval_over = 100000 ");
    let from = at("2026-02-01T00:00:00+08:00");
    let version = |number, changes: &[_]| Arc::new(compile(number, changes).unwrap());
    let versions = vec![(from, version(2, &[])), (Timestamp::MIN, version(1, &[before]))];
    let mut world = World::under(Programmes::new(versions));
    world.backdates();
    let refused = world.report_at(at("2026-01-01T12:00:00+08:00"), order("1", 100_100));
    assert_eq!(refused, Err(Earning::ApprovalRequired { limit: Points(1_000), sum: Points(1_001) }.into()));
}
