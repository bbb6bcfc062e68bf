//! The other model of expiry: one expiry for the wallet, moved forward by each earning and redemption.

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::add_days;
use domain::ledger::command::Command;
use domain::ledger::entry::{Detail, Initiator};
use domain::ledger::lines::Refund;
use jiff::{SignedDuration, Timestamp};

use crate::world::{ANY_NUMBER, AT_ONCE, SHORT_LIVED, World, at, behaviour, order};

const ACTIVITY: (&str, &str) = ("expiry = \"lots\" ", "expiry = \"activity\" ");

/// One expiry for the wallet, 30 days after the last activity.
fn thirty_days(more: &[(&str, &str)]) -> World {
    let [validity, rounding, window] = SHORT_LIVED;
    let mut world = World::new(&[&[ACTIVITY, ANY_NUMBER, validity, rounding, window], more].concat());
    world.now = noon(0);
    world
}

/// Noon of a day, counted from 1 March.
fn noon(day: i32) -> Timestamp {
    add_days(at("2026-03-01T12:00:00+08:00"), day)
}

/// The first instant after the last valid day of what is earned on a day.
fn expiry(day: i32) -> Timestamp {
    noon(day + 31) - SignedDuration::from_hours(12)
}

fn featured(world: &mut World) {
    world.report(behaviour("ugc.featured", &[]));
}

#[test]
fn points_expire_after_a_year_without_activity() {
    let mut world = World::new(&[ACTIVITY, ("round_expiry = \"end_of_month\"", "round_expiry = \"day\"")]);
    world.now = at("2021-01-01T12:00:00+08:00");
    featured(&mut world);
    world.now = at("2022-01-01T23:59:59.999+08:00");
    assert_eq!(world.active(), 100, "the first of January is the last day");
    world.now = at("2022-01-02T00:00:00+08:00");
    assert_eq!(world.active(), 0);
}

// rule: ledger 1.4
#[test]
fn every_earning_and_redemption_moves_the_expiry_of_the_whole_wallet() {
    let mut world = thirty_days(&[]);
    featured(&mut world);
    world.now = noon(10);
    featured(&mut world);
    featured(&mut world);
    assert_eq!(world.lots(), [(300, expiry(10))]);
    let last = world.history.last().unwrap();
    assert_eq!(last.movements.len(), 1, "on the same day there is nothing to move");
    world.spend(100).unwrap();
    world.now = noon(20);
    world.spend(50).unwrap();
    assert_eq!(world.lots(), [(150, expiry(20))]);
    world.now = noon(30);
    world.redeem("drink").unwrap();
    assert_eq!(world.lots(), [(50, expiry(30))]);
    world.now = expiry(30);
    assert_eq!(world.active(), 0);
}

#[test]
fn an_activity_moves_the_expiry_to_its_own_time_not_to_that_of_its_report() {
    let mut world = thirty_days(&[]);
    featured(&mut world);
    world.now = noon(20);
    world.report_at(noon(10), behaviour("ugc.featured", &[])).unwrap();
    assert_eq!(world.lots(), [(200, expiry(10))]);
    world.report_at(noon(5), behaviour("ugc.featured", &[])).unwrap();
    assert_eq!(world.lots(), [(300, expiry(10))], "and never back");
}

#[test]
fn pending_and_held_points_move_along() {
    let mut world = thirty_days(&[]);
    world.order("1", 10_000);
    world.now = noon(10);
    featured(&mut world);
    let hold = world.hold(30).unwrap().sequence;
    world.now = noon(10) + SignedDuration::from_hours(12) - SignedDuration::from_mins(5);
    featured(&mut world);
    let second = world.hold(20).unwrap().sequence;
    world.now = noon(11) - SignedDuration::from_hours(12);
    featured(&mut world);
    world.run(Command::Release { hold: second }).unwrap();
    assert_eq!(world.lots(), [(300, expiry(11))], "the first hold has ended by itself");
    assert!(!world.account.holds.contains_key(&hold));
    world.now = noon(14);
    assert_eq!(world.lots(), [(400, expiry(11))], "and the order's points have joined");
}

#[test]
fn a_refund_finds_its_pending_points_where_they_moved_to() {
    let only_pending = ("return_policy = \"unlimited\" ", "return_policy = \"only_pending\" ");
    let mut world = thirty_days(&[only_pending]);
    world.order("1", 10_000);
    world.now = noon(10);
    featured(&mut world);
    assert_eq!(world.refund("1", 4_000).points(), Points(-40));
    assert_eq!((world.pending(), world.active()), (60, 100));
}

#[test]
fn a_reversal_joins_the_expiry_of_the_wallet() {
    let mut world = thirty_days(&[]);
    featured(&mut world);
    featured(&mut world);
    world.now = noon(10);
    let spent = world.spend(150).unwrap();
    world.now = noon(20);
    featured(&mut world);
    world.reverse(&spent, None, Initiator::Member).unwrap();
    assert_eq!(world.lots(), [(300, expiry(20))]);
}

#[test]
fn a_reversal_into_an_empty_wallet_lives_from_the_redemption_on() {
    let mut world = thirty_days(&[]);
    featured(&mut world);
    world.now = noon(20);
    let spent = world.spend(100).unwrap();
    assert!(world.lots().is_empty());
    world.now = noon(40);
    let reversed = world.reverse(&spent, Some(60), Initiator::Member).unwrap();
    assert!(matches!(reversed.detail, Detail::Reverse { lost: Points(0), .. }));
    assert_eq!(world.lots(), [(60, expiry(20))]);
    world.now = expiry(20);
    world.reverse(&spent, Some(40), Initiator::Member).unwrap();
    assert_eq!(world.active(), 0);
}

#[test]
fn what_expired_of_the_wallet_is_not_owed_after_a_refund() {
    let mut world = thirty_days(&[AT_ONCE]);
    world.order("1", 10_000);
    world.now = noon(1);
    featured(&mut world);
    world.spend(50).unwrap();
    world.now = noon(45);
    let refund = Refund::of_amount("1", Minor(10_000));
    let entry = world.run_as("refund-1", noon(29), Command::Refund(refund)).unwrap();
    let Detail::Refund { expired, .. } = entry.detail else { unreachable!() };
    assert_eq!((expired, world.debt()), (Points(100), 0), "150 expired unspent");
}

#[test]
fn an_earning_reported_after_the_wallet_expired_does_not_revive_it() {
    let mut world = thirty_days(&[AT_ONCE]);
    featured(&mut world);
    world.now = noon(50);
    world.backdates();
    world.report_at(noon(10), order("1", 10_000)).unwrap();
    assert_eq!(world.active(), 0);
}
