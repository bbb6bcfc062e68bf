//! Corrections by hand: a reason, and for large ones a second person.

use domain::kernel::quantity::Points;
use domain::kernel::refusal::{InvalidField, Missing, Refusal};
use domain::kernel::time::add_days;
use domain::ledger::adjustment::{Adjust, Adjusting, Approve, Approving};
use domain::ledger::command::Command;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::refusal::Refused;
use jiff::SignedDuration;

use crate::world::{World, at};

fn adjust(world: &mut World, points: i64, reason: &str) -> Result<Entry, Refused> {
    let (reason, by) = (reason.to_owned(), "admin-1".to_owned());
    world.run(Command::Adjust(Adjust { points: Points(points), reason, by }))
}

fn approve(world: &mut World, request: &Entry, by: &str) -> Result<Entry, Refused> {
    world.run(Command::Approve(Approve { request: request.sequence, by: by.to_owned() }))
}

#[test]
fn a_correction_names_one_of_the_programmes_reasons() {
    let mut world = World::new(&[]);
    let refused = adjust(&mut world, 10, "because");
    let message = "must be one of goodwill, correction, complaint, fraud, debt_forgiven, migration".to_owned();
    assert_eq!(refused, Err(Adjusting::from(InvalidField::new("reason", message)).into()));
    for reason in ["goodwill", "correction", "complaint", "fraud", "debt_forgiven", "migration"] {
        let entry = adjust(&mut world, 10, reason).unwrap();
        let (reason, by) = (reason.to_owned(), "admin-1".to_owned());
        assert_eq!(entry.detail, Detail::Adjust { reason, by, request: None });
    }
    assert_eq!(world.lots(), [(60, at("2027-04-01T00:00:00+08:00"))]);
}

#[test]
fn more_than_a_thousand_points_wait_for_a_second_person() {
    for (points, waits) in [(1_000, false), (1_001, true), (-1_000, false), (-1_001, true)] {
        let mut world = World::new(&[]);
        for _ in 0..2 {
            world.give(1_000);
        }
        let entry = adjust(&mut world, points, "correction").unwrap();
        assert_eq!(matches!(entry.detail, Detail::AdjustmentRequest { .. }), waits, "{points}");
        let posted = if waits { 0 } else { points };
        assert_eq!((entry.points().0, world.active()), (posted, 2_000 + posted));
        if waits {
            let approved = approve(&mut world, &entry, "admin-2").unwrap();
            let (reason, by) = ("correction".to_owned(), "admin-1".to_owned());
            let request = Some(entry.sequence);
            assert_eq!(approved.detail, Detail::Adjust { reason, by, request });
            assert_eq!(world.active(), 2_000 + points);
        }
    }
}

#[test]
fn who_asked_may_not_approve() {
    let mut world = World::new(&[]);
    let request = adjust(&mut world, 5_000, "goodwill").unwrap();
    assert_eq!(approve(&mut world, &request, "admin-1"), Err(Approving::SameApprover.into()));
    assert_eq!(world.active(), 0);
}

#[test]
fn a_request_waits_for_thirty_days() {
    for (early, accepted) in [(SignedDuration::from_millis(1), true), (SignedDuration::ZERO, false)] {
        let mut world = World::new(&[]);
        let request = adjust(&mut world, 5_000, "goodwill").unwrap();
        let expired_at = add_days(world.now, 30);
        world.now = expired_at - early;
        let outcome = approve(&mut world, &request, "admin-2").map(|entry| entry.points());
        let expected = if accepted { Ok(Points(5_000)) } else { Err(Approving::ApprovalExpired { expired_at }.into()) };
        assert_eq!(outcome, expected);
    }
}

#[test]
fn approved_points_live_from_their_approval_on() {
    let mut world = World::new(&[]);
    let request = adjust(&mut world, 5_000, "goodwill").unwrap();
    world.now = at("2026-03-20T12:00:00+08:00");
    approve(&mut world, &request, "admin-2").unwrap();
    assert_eq!(world.lots(), [(5_000, at("2027-04-01T00:00:00+08:00"))]);
}

#[test]
fn only_a_request_can_be_approved() {
    let mut world = World::new(&[]);
    let posted = adjust(&mut world, 10, "goodwill").unwrap();
    let refused = approve(&mut world, &posted, "admin-2");
    assert_eq!(refused, Err(Approving::from(Missing::NotFound { what: "adjustment" }).into()));
}

#[test]
fn no_more_is_taken_than_can_be_spent() {
    let mut world = World::new(&[]);
    adjust(&mut world, 100, "goodwill").unwrap();
    let request = adjust(&mut world, -2_000, "fraud").unwrap();
    for refused in [adjust(&mut world, -101, "fraud"), approve(&mut world, &request, "admin-2")] {
        assert_eq!(refused.unwrap_err().code(), "insufficient_points");
    }
    assert_eq!(adjust(&mut world, -100, "fraud").unwrap().points(), Points(-100));
    assert_eq!(world.active(), 0);
}
