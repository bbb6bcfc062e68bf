//! Refunds of points that have expired: what expired unspent is not owed, and nobody claims it twice.

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::add_days;
use domain::ledger::command::Command;
use domain::ledger::entry::{Entry, Initiator};
use domain::ledger::lines::Refund;

use crate::rules::refunds::not_taken;
use crate::world::{ANY_NUMBER, AT_ONCE, SHORT_LIVED, World, at, order};

/// A world in which orders earn 100 points that live for 30 days.
fn short_lived() -> World {
    let [validity, rounding, window] = SHORT_LIVED;
    World::new(&[AT_ONCE, ANY_NUMBER, validity, rounding, window])
}

/// Refunds an order within its window, reported after its points expired.
fn refund_after_expiry(world: &mut World, id: &str, paid: jiff::Timestamp) -> Entry {
    world.now = add_days(paid, 35);
    let refund = Refund::of_amount(id, Minor(10_000));
    world.run_as(&format!("refund-{id}"), add_days(paid, 29), Command::Refund(refund)).unwrap()
}

// rule: ledger 4.4
#[test]
fn points_that_expired_unspent_are_not_owed() {
    let mut world = short_lived();
    let paid = world.now;
    world.order("1", 10_000);
    let entry = refund_after_expiry(&mut world, "1", paid);
    assert_eq!((not_taken(&entry), entry.points()), ((100, 0), Points(0)));
    assert_eq!((world.active(), world.debt()), (0, 0));
}

// rule: ledger 4.4
#[test]
fn two_orders_that_share_a_lot_do_not_both_claim_what_expired_of_it() {
    for [first, second] in [["1", "2"], ["2", "1"]] {
        let mut world = short_lived();
        let paid = world.now;
        world.order("1", 10_000);
        world.order("2", 10_000);
        world.spend(120).unwrap();
        let one = refund_after_expiry(&mut world, first, paid);
        let two = refund_after_expiry(&mut world, second, paid);
        assert_eq!([not_taken(&one), not_taken(&two)], [(80, 0), (0, 0)]);
        assert_eq!(world.debt(), 120, "what was spent");
    }
}

#[test]
fn an_order_that_was_reported_after_its_points_expired_is_refunded_free() {
    let expiry = at("2026-04-01T00:00:00+08:00");
    for ([first, second], reported) in
        [(["spent", "late"], expiry), (["late", "spent"], expiry), (["late", "spent"], add_days(expiry, 3))]
    {
        let mut world = short_lived();
        let paid = world.now;
        world.order("spent", 10_000);
        world.spend(20).unwrap();
        world.now = reported;
        world.backdates();
        world.report_at(paid, order("late", 10_000)).unwrap();
        refund_after_expiry(&mut world, first, paid);
        refund_after_expiry(&mut world, second, paid);
        assert_eq!(world.debt(), 20, "all that was ever spent, {first} first");
    }
}

#[test]
fn points_that_came_back_to_an_expired_lot_are_not_owed() {
    let mut world = short_lived();
    let paid = world.now;
    world.order("1", 10_000);
    let spent = world.spend(100).unwrap();
    world.now = add_days(paid, 33);
    world.reverse(&spent, None, Initiator::Member).unwrap();
    let entry = refund_after_expiry(&mut world, "1", paid);
    assert_eq!((not_taken(&entry), world.debt()), ((100, 0), 0), "they were never used");
}

#[test]
fn points_that_expired_while_held_are_not_owed_after_the_hold_is_released() {
    for minutes in [5, 10] {
        let mut world = short_lived();
        let paid = world.now;
        world.order("1", 10_000);
        world.now = at("2026-04-01T00:00:00+08:00") - jiff::SignedDuration::from_mins(5);
        let hold = world.hold(100).unwrap().sequence;
        world.now += jiff::SignedDuration::from_mins(minutes);
        world.run(Command::Release { hold }).unwrap();
        let entry = refund_after_expiry(&mut world, "1", paid);
        assert_eq!((not_taken(&entry), world.debt()), ((100, 0), 0), "released after {minutes} minutes");
    }
}

// rule: ledger 4.4
#[test]
fn only_the_part_that_expired_unspent_is_free() {
    let mut world = short_lived();
    let paid = world.now;
    world.order("1", 10_000);
    world.spend(30).unwrap();
    let half = Command::Refund(Refund::of_amount("1", Minor(5_000)));
    world.run(half).unwrap();
    assert_eq!(world.active(), 20);
    let entry = refund_after_expiry(&mut world, "1", paid);
    assert_eq!((not_taken(&entry), world.debt()), ((20, 0), 30));
}
