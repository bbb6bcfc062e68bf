//! Reversals: the exact inverse of a redemption, with the original dates, and one grace at most.

use domain::kernel::quantity::Points;
use domain::kernel::refusal::{Missing, Refusal};
use domain::kernel::time::add_days;
use domain::ledger::command::Command;
use domain::ledger::effect::Effect;
use domain::ledger::entry::{Detail, Entry, Initiator};
use domain::ledger::pockets::Movement;
use domain::ledger::reversal::{Reversing, TakingBack};
use domain::ledger::voucher::Issued;
use jiff::{SignedDuration, Timestamp};

use crate::world::{ANY_NUMBER, World, at};

use Initiator::{Member, Merchant};

fn lost(entry: &Entry) -> i64 {
    match entry.detail {
        Detail::Reverse { lost, .. } => lost.0,
        _ => panic!("not a reversal: {entry:?}"),
    }
}

const EXPIRY: &str = "2027-03-31T16:00:00Z";

/// 100 points, all spent a day before they expire.
fn spent_on_the_last_day() -> (World, Entry) {
    let mut world = World::new(&[ANY_NUMBER]);
    world.give(100);
    world.now = add_days(at(EXPIRY), -1);
    let spent = world.spend(100).unwrap();
    (world, spent)
}

// rule: ledger 4.2
#[test]
fn a_redemption_and_its_reversal_leave_the_lots_as_they_were() {
    for initiator in [Member, Merchant] {
        let mut world = World::new(&[]);
        for month in ["2026-01-15", "2026-02-15", "2026-03-15"] {
            world.now = at(&format!("{month}T12:00:00+08:00"));
            world.give(60);
        }
        let before = world.lots();
        let spent = world.redeem("drink").unwrap();
        let reversed = world.reverse(&spent, None, initiator).unwrap();
        assert_eq!(world.lots(), before);
        assert_eq!((reversed.points(), lost(&reversed)), (Points(100), 0));
    }
}

// rule: ledger 4.2
#[test]
fn a_partial_reversal_gives_back_what_was_consumed_last() {
    let mut world = World::new(&[ANY_NUMBER]);
    world.give(100);
    world.days(31);
    world.give(50);
    let spent = world.spend(120).unwrap();
    let points = |world: &World| world.lots().iter().map(|(points, _)| *points).collect::<Vec<_>>();
    assert_eq!(points(&world), [30]);
    world.reverse(&spent, Some(30), Merchant).unwrap();
    assert_eq!(points(&world), [10, 50]);
    world.reverse(&spent, Some(90), Merchant).unwrap();
    assert_eq!(points(&world), [100, 50]);
}

// rule: ledger 4.2
#[test]
fn a_members_cancellation_after_expiry_restores_nothing() {
    let (mut world, spent) = spent_on_the_last_day();
    world.now = at(EXPIRY);
    let reversed = world.reverse(&spent, None, Member).unwrap();
    assert_eq!((world.active(), lost(&reversed), reversed.balance), (0, 100, Points(0)));
    let lot = |points| Movement::Active { expires_at: at(EXPIRY), points: Points(points) };
    assert_eq!(reversed.movements, [lot(100), lot(-100)], "with their original dates: expired");
}

// rule: ledger 4.2
#[test]
fn a_merchants_cancellation_after_expiry_gives_thirty_days_of_grace() {
    let (mut world, spent) = spent_on_the_last_day();
    world.now = at("2027-04-10T12:00:00+08:00");
    let reversed = world.reverse(&spent, None, Merchant).unwrap();
    let until = at("2027-05-11T00:00:00+08:00"); // the day boundary after 30 days
    assert_eq!((world.lots(), lost(&reversed)), (vec![(100, until)], 0));
    world.now = until;
    assert_eq!(world.active(), 0);
}

#[test]
fn before_expiry_there_is_no_grace_to_give() {
    let (mut world, spent) = spent_on_the_last_day();
    world.now = at(EXPIRY) - SignedDuration::from_millis(1);
    world.reverse(&spent, None, Merchant).unwrap();
    assert_eq!(world.lots(), [(100, at(EXPIRY))]);
}

/// 100 points of grace, spent just before it ends; how they are spent is up to the caller.
fn grace(spend: impl FnOnce(&mut World, Timestamp) -> Entry) -> (World, Entry) {
    let (mut world, spent) = spent_on_the_last_day();
    world.now = at("2027-04-10T12:00:00+08:00");
    world.reverse(&spent, None, Merchant).unwrap();
    let until = at("2027-05-11T00:00:00+08:00");
    world.now = until - SignedDuration::from_mins(5);
    let again = spend(&mut world, until);
    (world, again)
}

// rule: ledger 4.2
#[test]
fn points_of_a_grace_get_no_second_grace() {
    let (mut world, spent) = grace(|world, _| world.redeem("drink").unwrap());
    world.days(1);
    let reversed = world.reverse(&spent, None, Merchant).unwrap();
    assert_eq!((world.active(), lost(&reversed)), (0, 100));
}

#[test]
fn points_of_a_grace_come_back_while_it_lasts() {
    let (mut world, spent) = grace(|world, _| world.redeem("drink").unwrap());
    world.reverse(&spent, None, Member).unwrap();
    assert_eq!(world.lots(), [(100, at("2027-05-11T00:00:00+08:00"))]);
    let again = world.spend(100).unwrap();
    world.days(1);
    world.reverse(&again, None, Merchant).unwrap();
    assert_eq!(world.active(), 0, "still the first grace");
}

#[test]
fn a_grace_that_ends_while_it_is_held_gets_no_second_grace() {
    let (mut world, captured) = grace(|world, until| {
        let hold = world.hold(100).unwrap().sequence;
        world.now = until + SignedDuration::from_mins(5);
        world.sweep();
        world.run(Command::Capture { hold }).unwrap()
    });
    world.days(1);
    let reversed = world.reverse(&captured, None, Merchant).unwrap();
    assert_eq!((world.active(), lost(&reversed)), (0, 100));
}

#[test]
fn a_programme_may_give_no_grace() {
    let mut world = World::new(&[ANY_NUMBER, ("restore_grace_days = 30", "restore_grace_days = 0 ")]);
    world.give(100);
    world.now = add_days(at(EXPIRY), -1);
    let spent = world.spend(100).unwrap();
    world.now = at("2027-04-10T12:00:00+08:00");
    assert_eq!(lost(&world.reverse(&spent, None, Merchant).unwrap()), 100);
    assert_eq!(world.active(), 0);
}

// rule: ledger 4.2
#[test]
fn points_that_come_back_expired_still_undo_a_debt() {
    for initiator in [Member, Merchant] {
        let mut world = World::new(&[crate::world::AT_ONCE, ANY_NUMBER]);
        world.order("1", 10_000);
        world.now = add_days(at(EXPIRY), -40);
        let spent = world.spend(80).unwrap();
        world.refund("1", 10_000);
        assert_eq!(world.debt(), 80);
        world.now = add_days(at(EXPIRY), 10);
        world.reverse(&spent, None, initiator).unwrap();
        assert_eq!((world.active(), world.debt()), (0, 0), "{initiator:?}");
    }
}

// rule: ledger 4.2
#[test]
fn a_redemption_can_be_reversed_for_ninety_days() {
    for (early, accepted) in [(SignedDuration::from_millis(1), true), (SignedDuration::ZERO, false)] {
        let mut world = World::new(&[]);
        world.give(100);
        let spent = world.redeem("drink").unwrap();
        let closed_at = add_days(world.now, 90);
        world.now = closed_at - early;
        let outcome = world.reverse(&spent, None, Member);
        if accepted {
            assert!(outcome.is_ok());
        } else {
            assert_eq!(outcome, Err(Reversing::from(TakingBack::ReversalWindowClosed { closed_at }).into()));
        }
    }
}

// rule: ledger 4.2, 4.7
#[test]
fn a_reward_is_reversed_whole_and_once() {
    let mut world = World::new(&[]);
    world.give(300);
    let spent = world.redeem("drink").unwrap();
    for (points, expected) in [
        (Some(40), Reversing::OnlyWhole { points: Points(100) }.into()),
        (Some(101), Reversing::from(TakingBack::NothingToReverse { remaining: Points(100), by: None }).into()),
        (Some(0), Reversing::from(TakingBack::NothingToReverse { remaining: Points(100), by: None }).into()),
    ] {
        assert_eq!(world.reverse(&spent, points, Member), Err(expected));
    }
    let reversal = world.reverse(&spent, Some(100), Member).unwrap();
    let remaining = Points(0);
    assert_eq!(
        world.reverse(&spent, None, Member),
        Err(Reversing::from(TakingBack::NothingToReverse { remaining, by: None }).into())
    );
    let of_reversal = world.reverse(&reversal, None, Member);
    assert_eq!(
        of_reversal,
        Err(Reversing::from(Missing::NotFound { what: "redemption" }).into()),
        "there is no way back"
    );
    assert_eq!(world.active(), 300);
}

// rule: ledger 4.11
#[test]
fn a_reversal_voids_the_voucher_returns_the_stock_and_gives_the_turn_back() {
    let mut world = World::new(&[]);
    world.give(300);
    let spent = world.redeem("drink").unwrap();
    assert_eq!(world.redeem("drink").unwrap_err().code(), "limit_reached");
    world.reverse(&spent, None, Member).unwrap();
    let reward = "drink".to_owned();
    let voucher = Issued::by(&spent).expect("a drink is a voucher");
    let expected = [Effect::ReturnStock { reward, quantity: 1, shards: 16 }, Effect::VoidVoucher(voucher)];
    assert_eq!(world.effects, expected);
    assert!(world.redeem("drink").is_ok());
}

#[test]
fn a_turn_of_another_day_is_not_given_back_today() {
    let mut world = World::new(&[]);
    world.give(500);
    let yesterday = world.redeem("drink").unwrap();
    world.days(1);
    world.redeem("drink").unwrap();
    world.reverse(&yesterday, None, Member).unwrap();
    assert_eq!(world.redeem("drink").unwrap_err().code(), "limit_reached");
}
