//! Paying with points: hold, capture, release; and what time does to a hold.

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::refusal::Missing;
use domain::ledger::account::Account;
use domain::ledger::command::Command;
use domain::ledger::entry::{Detail, Entry, Initiator};
use domain::ledger::hold::{EndingHold, HoldPoints, HoldState, Holding, pay_with_points};
use domain::ledger::pockets::Movement;
use domain::ledger::refusal::Refused;
use domain::ledger::reversal::{Reversing, TakingBack};
use domain::ledger::settlement::Settlement;
use jiff::{SignedDuration, Timestamp};

use crate::world::{ANY_NUMBER, AT_ONCE, World, at, programme_with};

fn minutes(world: &mut World, minutes: i64) {
    world.now += SignedDuration::from_mins(minutes);
}

fn capture(world: &mut World, hold: &Entry) -> Result<Entry, Refused> {
    world.run(Command::Capture { hold: hold.sequence })
}

fn release(world: &mut World, hold: &Entry) -> Result<Entry, Refused> {
    world.run(Command::Release { hold: hold.sequence })
}

// rule: ledger 4.10
#[test]
fn points_pay_for_half_an_order_in_whole_steps() {
    let programme = programme_with(&[]);
    for (net, wanted, points, value) in [
        (8_765, 9_000, 4_300, 4_300),
        (8_765, 4_299, 4_200, 4_200),
        (8_765, 99, 0, 0),
        (199, 1_000, 0, 0),
        (200, 1_000, 100, 100),
        (0, 1_000, 0, 0),
    ] {
        let allowed = pay_with_points(&programme, Minor(net), Points(wanted));
        assert_eq!((allowed.points.0, allowed.value.0), (points, value), "{net}, {wanted}");
    }
}

#[test]
fn a_hold_takes_points_aside_until_it_is_captured() {
    let mut world = World::new(&[]);
    world.give(500);
    let command = HoldPoints { order_id: "1".to_owned(), order_net: Minor(700), points: Points(500) };
    let hold = world.run(Command::Hold(command)).unwrap();
    let until = at("2026-03-01T04:15:00Z");
    let expected = Detail::Hold { order: "1".to_owned(), value_minor: Minor(300), until };
    assert_eq!((hold.detail.clone(), hold.points()), (expected, Points(0)));
    assert_eq!((world.active(), world.account.pockets.held_points()), (200, Points(300)));
    let captured = capture(&mut world, &hold).unwrap();
    assert_eq!((captured.points(), world.active()), (Points(-300), 200));
    assert!(world.account.pockets.held.is_empty() && world.account.holds.is_empty());
}

#[test]
fn a_released_hold_gives_its_points_back_to_their_lots() {
    let mut world = World::new(&[ANY_NUMBER]);
    world.give(60);
    world.days(31);
    world.give(60);
    let before = world.lots();
    let hold = world.hold(100).unwrap();
    assert_eq!(world.active(), 20);
    release(&mut world, &hold).unwrap();
    assert_eq!(world.lots(), before);
}

// rule: ledger 4.10
#[test]
fn a_hold_ends_by_itself_after_fifteen_minutes() {
    let mut world = World::new(&[]);
    world.give(100);
    let hold = world.hold(100).unwrap();
    world.now = at("2026-03-01T04:14:59.999Z");
    assert_eq!(world.active(), 0);
    world.now = at("2026-03-01T04:15:00Z");
    assert_eq!(world.active(), 100);
    let refused = capture(&mut world, &hold);
    assert_eq!(refused, Err(EndingHold::HoldNotOpen { state: HoldState::Expired }.into()));
    let swept = world.sweep().expect("something was due");
    let parts = vec![(at("2027-03-31T16:00:00Z"), Points(100))];
    let (until, repaid) = (world.now, Points(0));
    assert_eq!(swept.settled, [Settlement::Released { hold: hold.sequence, until, parts, repaid }]);
}

#[test]
fn a_hold_that_is_not_open_says_what_became_of_it() {
    let mut world = World::new(&[]);
    world.give(300);
    let (captured, released) = (world.hold(100).unwrap(), world.hold(100).unwrap());
    capture(&mut world, &captured).unwrap();
    release(&mut world, &released).unwrap();
    for (hold, state) in [(captured, HoldState::Captured), (released, HoldState::Released)] {
        assert_eq!(capture(&mut world, &hold), Err(EndingHold::HoldNotOpen { state }.into()));
        assert_eq!(release(&mut world, &hold), Err(EndingHold::HoldNotOpen { state }.into()));
    }
    let no_hold = world.history[0].clone();
    assert_eq!(capture(&mut world, &no_hold), Err(EndingHold::from(Missing::NotFound { what: "hold" }).into()));
}

#[test]
fn a_hold_below_the_minimum_is_refused_with_what_the_order_allows() {
    let mut world = World::new(&[]);
    world.give(500);
    for (net, wanted) in [(199, 500), (10_000, 99)] {
        let command = HoldPoints { order_id: "1".to_owned(), order_net: Minor(net), points: Points(wanted) };
        let refused = world.run(Command::Hold(command));
        let (min_points, allowed) = (Points(100), Points(0));
        assert_eq!(refused, Err(Holding::BelowMinimum { min_points, allowed }.into()));
    }
}

#[test]
fn a_member_has_at_most_eight_holds_open() {
    let mut world = World::new(&[]);
    world.give(1_000);
    for _ in 0..Account::MAX_HOLDS {
        world.hold(100).unwrap();
    }
    assert_eq!(world.hold(100), Err(Holding::TooManyHolds { most: 8 }.into()));
    minutes(&mut world, 15);
    assert!(world.hold(100).is_ok(), "those that ended do not count");
}

/// 100 points held five minutes before they expire, and a minute after that.
fn held_over_expiry() -> (World, Entry, Timestamp) {
    let mut world = World::new(&[]);
    world.give(100);
    let expires_at = at("2027-03-31T16:00:00Z");
    world.now = expires_at - SignedDuration::from_mins(5);
    let hold = world.hold(100).unwrap();
    minutes(&mut world, 6);
    (world, hold, expires_at)
}

#[test]
fn a_lot_that_expires_while_it_is_held_is_honoured_by_the_capture() {
    let (mut world, hold, _) = held_over_expiry();
    assert_eq!(capture(&mut world, &hold).unwrap().points(), Points(-100));
}

#[test]
fn a_lot_that_expires_while_it_is_held_is_not_revived_by_the_release() {
    let (mut world, hold, expires_at) = held_over_expiry();
    let released = release(&mut world, &hold).unwrap();
    let active = |points| Movement::Active { expires_at, points: Points(points) };
    let held = Movement::Held { hold: hold.sequence, expires_at, points: Points(-100) };
    assert_eq!(released.movements, [held, active(100), active(-100)], "back, and expired");
    assert_eq!((world.active(), world.account.pockets.total()), (0, Points(0)));
}

#[test]
fn a_lot_that_expires_while_it_is_held_is_not_revived_when_the_hold_ends() {
    let (mut world, _, expires_at) = held_over_expiry();
    minutes(&mut world, 9);
    assert_eq!(world.active(), 0);
    let swept = world.sweep().expect("something was due");
    let expired = Settlement::Expired { expires_at, points: Points(100) };
    assert_eq!(swept.settled.len(), 2);
    assert_eq!(swept.settled[1], expired);
}

#[test]
fn points_of_several_lots_that_come_back_repay_a_debt_first() {
    for ends_by_itself in [false, true] {
        let mut world = World::new(&[AT_ONCE, ANY_NUMBER]);
        world.order("1", 6_000);
        world.days(31);
        world.order("2", 4_000);
        let hold = world.hold(100).unwrap();
        world.refund("2", 3_000);
        assert_eq!(world.debt(), 30);
        if ends_by_itself {
            minutes(&mut world, 15);
            world.sweep();
        } else {
            release(&mut world, &hold).unwrap();
        }
        let lots = [(30, at("2027-03-31T16:00:00Z")), (40, at("2027-04-30T16:00:00Z"))];
        assert_eq!((world.lots(), world.debt()), (lots.to_vec(), 0), "those that expire first repay");
    }
}

// rule: ledger 4.2
#[test]
fn a_captured_hold_is_reversed_in_parts() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER]);
    world.give(100);
    let spent = world.spend(90).unwrap();
    let mut actives = Vec::new();
    for points in [Some(30), Some(50), None] {
        world.reverse(&spent, points, Initiator::Merchant).unwrap();
        actives.push(world.active());
    }
    assert_eq!(actives, [40, 90, 100]);
    let remaining = Points(0);
    let refused = world.reverse(&spent, Some(1), Initiator::Merchant);
    assert_eq!(refused, Err(Reversing::from(TakingBack::NothingToReverse { remaining, by: None }).into()));
}
