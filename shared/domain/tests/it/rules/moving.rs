//! Orders that were credited to the wrong member, and go to the right one.

use domain::kernel::id::EntryId;
use domain::kernel::membership::MemberState;
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::refusal::Refusal as _;
use domain::ledger::account::Account;
use domain::ledger::command::Command;
use domain::ledger::doer::Doer;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::floor::SetFloor;
use domain::ledger::hold::HoldPoints;
use domain::ledger::known::Known;
use domain::ledger::lines::{LineReturn, Refund, ReturnedLine};
use domain::ledger::membership::Membership;
use domain::ledger::moving::{Move, MovedBetween, Moving, Side, mismatched, move_order};
use domain::ledger::proof::{Heads, difference};
use domain::ledger::stand::Stand;
use domain::ledger::tally::ByHand;
use proptest::prelude::*;

use crate::world::{World, at, order_of, trace};

/// Wang, under whose card Liu's order was rung up, and Liu.
struct Till {
    wang: World,
    liu: World,
    by: &'static str,
    moves: u32,
}

/// All that a member has, waiting points included, less what the member owes.
fn points(world: &World) -> i64 {
    world.account.pockets.total().0
}

/// Puts a member into a tier by hand.
fn lift(world: &mut World, tier: &str) {
    let until = at("2027-03-01T00:00:00Z");
    let floor = SetFloor { tier: tier.to_owned(), until, reason: "goodwill".to_owned() };
    world.run(Command::SetFloor(floor)).unwrap();
}

impl Till {
    fn new() -> Self {
        let (wang, mut liu) = (World::new(&[]), World::new(&[]));
        liu.account = Account::new("m-2".parse().unwrap());
        Self { wang, liu, by: "agent:agent-7", moves: 0 }
    }

    fn days(&mut self, days: i32) {
        self.wang.days(days);
        self.liu.days(days);
    }

    fn decide(&self) -> Result<MovedBetween, Moving> {
        let of_row = Known { order: self.wang.orders.get("o-1").cloned().unwrap_or_default(), ..Known::default() };
        let person = self.liu.tallies.get(self.by).cloned().unwrap_or_default();
        let by_hand = Known { by_hand: ByHand { person, ..ByHand::default() }, ..Known::default() };
        let asked = Move {
            order_id: "o-1".to_owned(),
            name: format!("move-{}", self.moves),
            reason: "rung up under the wrong card".to_owned(),
            by: Doer::new(self.by),
        };
        let side = |world: &'_ World| (world.account.clone(), world.history.clone());
        let ((one, of_one), (other, of_other)) = (side(&self.wang), side(&self.liu));
        move_order(
            &asked,
            Side { account: &one, history: &of_one, known: &of_row },
            Side { account: &other, history: &of_other, known: &by_hand },
            self.wang.setting(),
        )
    }

    /// Moves the order, as the store does: both accounts, and the order's row.
    #[track_caller]
    fn moves(&mut self) -> (Entry, Entry) {
        let moved = self.decide().expect("nothing stands against it");
        self.moves += 1;
        let out = self.wang.write(moved.from).unwrap();
        let into = self.liu.write(moved.to).unwrap();
        let row = self.wang.orders.remove("o-1").expect("the order has a row");
        self.liu.orders.insert("o-1".to_owned(), row);
        let (wang, liu) = (self.wang.account.member.clone(), self.liu.account.member.clone());
        assert_eq!(mismatched((&wang, &out), (&liu, &into)), None);
        for world in [&self.wang, &self.liu] {
            assert_eq!(difference(&world.account, &world.history, &[], &Heads::new()), None);
        }
        (out, into)
    }

    #[track_caller]
    fn is_refused(&self) -> &'static str {
        self.decide().expect_err("something stands against it").code()
    }
}

// rule: ledger 4.28
#[test]
fn an_order_comes_back_whole_at_the_one_and_is_earned_at_the_other_as_when_it_was_paid() {
    let mut till = Till::new();
    lift(&mut till.liu, "gold");
    till.wang.order("o-1", 20_000);
    till.days(20); // what it earned is active by now
    assert_eq!((till.wang.active(), till.wang.pending()), (200, 0));
    let (out, into) = till.moves();
    assert_eq!((till.wang.active(), till.wang.debt()), (0, 0));
    assert_eq!(trace(&into), [("base-spend".to_owned(), 300)], "gold earns half as much again, whoever paid");
    assert_eq!((till.liu.active(), till.liu.pending()), (300, 0), "its days of waiting are over here, too");
    assert_eq!(into.occurred_at, till.wang.history[0].occurred_at);
    assert_eq!(till.liu.lots()[0].1, at("2027-03-31T16:00:00Z"), "it expires as if it had been Liu's from the start");
    assert!(till.wang.account.qualifying.is_empty(), "and status goes with it");
    assert_eq!(till.liu.account.qualifying.values().copied().collect::<Vec<_>>(), [Points(200)]);
    assert_eq!([&out, &into].map(|entry| entry.by.clone().unwrap().who), ["agent:agent-7", "agent:agent-7"]);
    let Detail::Earn { moved: Some(moved), .. } = &into.detail else { panic!("it says where it came from") };
    assert_eq!((moved.other.to_string().as_str(), moved.reason.as_str()), ("m-1.2", "rung up under the wrong card"));
}

// rule: ledger 4.28
#[test]
fn what_had_come_back_of_it_stays_back() {
    let mut till = Till::new();
    till.wang.order("o-1", 20_000);
    till.wang.refund("o-1", 5_000);
    let (out, into) = till.moves();
    assert_eq!((out.points(), into.points()), (Points(-150), Points(150)));
    till.liu.refund("o-1", 15_000);
    assert_eq!((points(&till.wang), points(&till.liu)), (0, 0));
}

// rule: ledger 4.28
#[test]
fn it_may_go_back_again() {
    let mut till = Till::new();
    till.wang.order("o-1", 20_000);
    till.moves();
    std::mem::swap(&mut till.wang, &mut till.liu);
    till.moves();
    std::mem::swap(&mut till.wang, &mut till.liu);
    assert_eq!((points(&till.wang), points(&till.liu)), (200, 0));
    till.wang.refund("o-1", 20_000);
    assert_eq!(points(&till.wang), 0, "and is the same order there");
}

// rule: ledger 4.28
#[test]
fn an_order_that_costs_nothing_comes_back_by_its_lines() {
    let mut till = Till::new();
    till.wang.report(order_of("o-1", vec![domain::ledger::earning::order::Line::default()]));
    let (out, _) = till.moves();
    let Detail::Refund { returned, .. } = out.detail else { panic!("it comes back") };
    assert_eq!(returned.lines, [ReturnedLine { line: 0, quantity: 1, amount: Minor(0) }]);
    assert_eq!(till.wang.try_refund("o-1", 1).unwrap().points(), Points::ZERO);
}

// rule: ledger 4.29
#[test]
fn what_stands_against_it_is_told() {
    let mut till = Till::new();
    assert_eq!(till.is_refused(), "not_found");
    till.wang.order("o-1", 20_000);
    till.by = "agent:m-2";
    assert_eq!(till.is_refused(), "self_benefit", "nobody moves an order to themselves");
    till.by = "agent:m-1";
    assert_eq!(till.is_refused(), "self_benefit", "or from themselves");
    till.by = "agent:agent-7";
    let standings = [
        (Membership::Closed { since: 1 }, "member_closed"),
        (Membership::Erased, "member_erased"),
        (Membership::Merged { into: "m-3".parse().unwrap() }, "merged"),
    ];
    for (membership, code) in standings {
        till.liu.account.membership = membership;
        assert_eq!(till.is_refused(), code);
    }
    till.liu.account.membership = Membership::Active;
    till.wang.account.membership = Membership::Erased;
    assert_eq!(till.is_refused(), "member_erased", "what is left of who was erased stays as it is");
    till.wang.account.membership = Membership::Active;
    till.liu.account.member = "m-1".parse().unwrap();
    assert_eq!(till.is_refused(), "same_member");
    till.liu.account.member = "m-2".parse().unwrap();
    let row = till.wang.orders.get_mut("o-1").unwrap();
    let lines = row.lines.take();
    assert_eq!(till.is_refused(), "lines_unknown");
    till.wang.orders.get_mut("o-1").unwrap().lines = lines;
    till.days(365);
    assert_eq!(till.is_refused(), "refund_window_closed", "an order that cannot be refunded cannot be moved");
    till.days(-365);
    till.wang.refund("o-1", 20_000);
    assert_eq!(till.is_refused(), "nothing_left");
}

// rule: ledger 4.29
#[test]
fn points_that_paid_for_it_are_given_back_first() {
    let mut till = Till::new();
    till.wang.give(500);
    let hold = HoldPoints { order_id: "o-1".to_owned(), points: Points(100), order_net: Minor(20_000) };
    let held = till.wang.run(Command::Hold(hold)).unwrap();
    till.wang.order("o-1", 20_000);
    let refused = till.decide().unwrap_err();
    let hold = EntryId { member: "m-1".parse().unwrap(), sequence: held.sequence };
    assert_eq!(refused, Moving::PaidWithPoints { hold });
}

// rule: ledger 4.28
#[test]
fn who_is_suspended_earns_it_when_that_is_over() {
    let mut till = Till::new();
    till.wang.order("o-1", 20_000);
    till.liu.run(Command::Stand(Stand { state: MemberState::Suspended, reason: None })).unwrap();
    till.moves();
    assert_eq!(points(&till.liu), 0);
    till.liu.run(Command::Stand(Stand { state: MemberState::Active, reason: None })).unwrap();
    assert_eq!(points(&till.liu), 200);
}

// rule: ledger 4.29
#[test]
fn above_the_limit_a_second_person_asks_for_the_same() {
    let mut till = Till::new();
    till.wang.order("o-1", 90_000);
    assert!(!till.decide().unwrap().needs_second, "900 points are within what one person may move");
    let mut till = Till::new();
    till.wang.order("o-1", 120_000);
    let decided = till.decide().unwrap();
    assert_eq!((decided.points, decided.needs_second), (Points(1_200), true));
    // However it is split: what was moved by hand within a day counts.
    let mut till = Till::new();
    till.liu.asked_by("agent:agent-7");
    till.liu.give(600);
    till.wang.order("o-1", 60_000);
    assert!(till.decide().unwrap().needs_second, "600 and 600 by one person");
}

// rule: ledger 4.28
#[test]
fn two_entries_that_are_no_pair_are_noticed() {
    let mut till = Till::new();
    till.wang.order("o-1", 20_000);
    let (out, into) = till.moves();
    let (wang, liu) = (till.wang.account.member.clone(), till.liu.account.member.clone());
    assert!(mismatched((&liu, &out), (&wang, &into)).is_some(), "they name other accounts");
    assert!(mismatched((&wang, &into), (&liu, &out)).is_some());
    let renamed = |entry: &Entry| {
        let mut entry = entry.clone();
        if let Detail::Earn { order, .. } = &mut entry.detail {
            *order = Some("o-2".to_owned());
        }
        entry
    };
    assert!(mismatched((&wang, &out), (&liu, &renamed(&into))).is_some(), "they are of two orders");
}

proptest! {
    /// Whatever came back before and after: the one has nothing of the order, the other what it would have had from the start.
    // rule: ledger 4.28
    #[test]
    fn a_move_is_as_if_the_order_had_been_the_others_from_the_start(
        prices in prop::collection::vec(0_i64..90_000, 1..5),
        backs in prop::collection::vec((0_usize..5, 0_i64..60_000, any::<bool>()), 0..6),
        moved_after in 0_usize..6,
        tier in prop::sample::select(vec![None, Some("silver"), Some("gold")]),
    ) {
        let line = |net: i64| domain::ledger::earning::order::Line { amount: Minor(net), sku: format!("s-{net}"), ..Default::default() };
        let sold = || order_of("o-1", prices.iter().map(|net| line(*net)).collect());
        let back = |world: &mut World, (place, amount, by_line): (usize, i64, bool)| {
            let refund = if by_line {
                let line = LineReturn { line: Some(u32::try_from(place % prices.len()).unwrap()), ..LineReturn::default() };
                Refund { order_id: "o-1".to_owned(), lines: vec![line], ..Refund::default() }
            } else {
                Refund::of_amount("o-1", Minor(amount.max(1)))
            };
            let _refused = world.run(Command::Refund(refund));
        };
        let mut till = Till::new();
        let mut straight = World::new(&[]);
        for world in [&mut till.liu, &mut straight] {
            if let Some(tier) = tier {
                lift(world, tier);
            }
        }
        till.wang.report(sold());
        straight.report(sold());
        let mut moved = false;
        for (place, one) in backs.iter().enumerate() {
            if place == moved_after && till.decide().is_ok() {
                till.moves();
                moved = true;
            }
            back(if moved { &mut till.liu } else { &mut till.wang }, *one);
            back(&mut straight, *one);
        }
        if !moved && till.decide().is_ok() {
            till.moves();
            moved = true;
        }
        if moved {
            prop_assert_eq!(points(&till.wang), 0);
            prop_assert!(till.wang.account.qualifying.is_empty());
            prop_assert_eq!(points(&till.liu), points(&straight));
            prop_assert_eq!(&till.liu.account.qualifying, &straight.account.qualifying);
            prop_assert_eq!(&till.liu.account.counters, &straight.account.counters);
            prop_assert_eq!(&till.liu.account.pockets, &straight.account.pockets);
        }
    }
}
