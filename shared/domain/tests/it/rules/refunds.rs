//! Refunds: exactly what the returned part had earned, from where it is, whatever the order of arrival.

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::{Month, add_days};
use domain::ledger::clawback::ClawingBack;
use domain::ledger::command::Command;
use domain::ledger::earning::order::Line;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::lines::Refund;
use domain::ledger::pockets::Movement;
use domain::ledger::refund::Refunding;
use domain::programme::condition::Scalar;

use crate::world::{ANY_NUMBER, AT_ONCE, World, at, order, order_of};

const WITHIN_BALANCE: (&str, &str) = ("return_policy = \"unlimited\" ", "return_policy = \"within_balance\" ");
const ONLY_PENDING: (&str, &str) = ("return_policy = \"unlimited\" ", "return_policy = \"only_pending\" ");
const UNLIMITED: (&str, &str) = ("return_policy = \"unlimited\" ", "return_policy = \"unlimited\" ");

/// Points that a refund did not take: free because they had expired, and let go by the policy.
pub(super) fn not_taken(entry: &Entry) -> (i64, i64) {
    match entry.detail {
        Detail::Refund { expired, shortfall, .. } => (expired.0, shortfall.0),
        _ => panic!("not a refund: {entry:?}"),
    }
}

/// What a refund took: from which lots, as a debt, and what the policy let go.
#[derive(Debug, PartialEq)]
struct Took {
    active: Vec<(&'static str, i64)>,
    debt: i64,
    shortfall: i64,
}

/// An order of 100.00 between two other lots, 40 that expire earlier and 30 later; `spent` points are spent, in
/// consumption order; then the order is refunded by an amount.
#[track_caller]
fn check(policy: (&str, &str), spent: i64, refunded: i64, expected: Took) {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER, policy]);
    world.now = at("2026-01-10T12:00:00+08:00");
    world.give(40);
    world.now = at("2026-02-10T12:00:00+08:00");
    world.order("1", 10_000);
    world.now = at("2026-03-10T12:00:00+08:00");
    world.give(30);
    if spent > 0 {
        world.spend(spent).unwrap();
    }
    let entry = world.refund("1", refunded);
    let lot = |expires_at| match expires_at {
        _ if expires_at == at("2027-02-01T00:00:00+08:00") => "earlier",
        _ if expires_at == at("2027-03-01T00:00:00+08:00") => "own",
        _ => "later",
    };
    let mut took = Took { active: Vec::new(), debt: 0, shortfall: not_taken(&entry).1 };
    for movement in &entry.movements {
        match *movement {
            Movement::Active { expires_at, points } => took.active.push((lot(expires_at), -points.0)),
            Movement::Debt { points } => took.debt -= points.0,
            Movement::Pending { .. } | Movement::Held { .. } => panic!("nothing is pending or held"),
        }
    }
    assert_eq!(took, expected);
    assert_eq!(entry.clawed_back(), Points(refunded / 100), "due, whatever became of it");
}

// rule: ledger 4.4
#[test]
fn a_refund_takes_the_orders_own_lot_then_others_in_order_then_makes_a_debt() {
    let took = |active: &[(&'static str, i64)], debt| Took { active: active.to_vec(), debt, shortfall: 0 };
    check(UNLIMITED, 0, 3_000, took(&[("own", 30)], 0));
    check(UNLIMITED, 0, 10_000, took(&[("own", 100)], 0));
    check(UNLIMITED, 60, 10_000, took(&[("own", 80), ("later", 20)], 0));
    check(UNLIMITED, 150, 10_000, took(&[("later", 20)], 80));
    check(UNLIMITED, 170, 10_000, took(&[], 100));
}

// rule: ledger 4.4
#[test]
fn within_the_balance_the_rest_is_a_recorded_shortfall() {
    let took = |active: &[(&'static str, i64)], shortfall| Took { active: active.to_vec(), debt: 0, shortfall };
    check(WITHIN_BALANCE, 60, 10_000, took(&[("own", 80), ("later", 20)], 0));
    check(WITHIN_BALANCE, 150, 10_000, took(&[("later", 20)], 80));
    check(WITHIN_BALANCE, 170, 10_000, took(&[], 100));
}

// rule: ledger 4.4
#[test]
fn a_policy_of_only_pending_leaves_what_can_be_spent() {
    let nothing = |shortfall| Took { active: Vec::new(), debt: 0, shortfall };
    check(ONLY_PENDING, 0, 10_000, nothing(100));
    check(ONLY_PENDING, 150, 4_000, nothing(40));
}

// rule: ledger 4.4
#[test]
fn pending_points_of_the_order_go_first_under_every_policy() {
    for policy in [UNLIMITED, WITHIN_BALANCE, ONLY_PENDING] {
        let mut world = World::new(&[policy]);
        world.give(500);
        world.order("1", 10_000);
        world.refund("1", 4_000);
        assert_eq!((world.pending(), world.active()), (60, 500));
        world.days(14);
        let entry = world.refund("1", 6_000);
        let (left, shortfall) = if policy == ONLY_PENDING { (560, 60) } else { (500, 0) };
        assert_eq!((world.active(), not_taken(&entry)), (left, (0, shortfall)));
    }
}

// rule: ledger 4.4
#[test]
fn what_is_let_go_is_not_asked_for_again() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER, WITHIN_BALANCE]);
    world.order("1", 10_000);
    world.spend(100).unwrap();
    assert_eq!(not_taken(&world.refund("1", 5_000)), (0, 50));
    world.order("2", 20_000);
    let second = world.refund("1", 5_000);
    assert_eq!((second.points(), world.active()), (Points(-50), 150), "only its own half");
}

// rule: ledger 4.4
#[test]
fn points_held_at_a_checkout_are_not_taken() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER]);
    world.order("1", 10_000);
    let hold = world.hold(70).unwrap().sequence;
    world.refund("1", 10_000);
    assert_eq!((world.active(), world.debt()), (0, 70));
    world.run(Command::Release { hold }).unwrap();
    assert_eq!((world.active(), world.debt()), (0, 0), "given back, they repay what is owed");
}

// rule: ledger 4.5
#[test]
fn a_debt_is_repaid_by_the_next_points() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER]);
    world.order("1", 10_000);
    world.spend(80).unwrap();
    world.refund("1", 10_000);
    let mut balances = vec![world.balance()];
    for id in ["2", "3"] {
        world.order(id, 5_000);
        balances.push(world.balance());
    }
    assert_eq!(balances, [-80, -30, 20]);
}

// rule: ledger 4.5
#[test]
fn pending_points_repay_a_debt_when_they_activate() {
    let mut world = World::new(&[ANY_NUMBER]);
    world.order("1", 10_000);
    world.days(14);
    world.spend(80).unwrap();
    world.refund("1", 10_000);
    world.order("2", 5_000);
    assert_eq!((world.debt(), world.pending()), (80, 50), "not before");
    world.days(14);
    assert_eq!((world.debt(), world.pending(), world.active()), (30, 0, 0));
    world.order("3", 5_000);
    world.days(14);
    assert_eq!((world.debt(), world.active()), (0, 20));
}

// rule: ledger 4.5
#[test]
fn a_debt_never_expires_and_is_forgiven_by_an_adjustment_only() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER]);
    world.order("1", 10_000);
    world.spend(80).unwrap();
    world.refund("1", 10_000);
    world.days(3_650);
    assert_eq!(world.debt(), 80);
    let entry = world.run(Command::Adjust(domain::ledger::adjustment::Adjust {
        points: Points(80),
        reason: "debt_forgiven".to_owned(),
    }));
    assert_eq!(entry.unwrap().movements, [Movement::Debt { points: Points(80) }]);
    assert_eq!(world.balance(), 0);
}

// rule: ledger 4.4
#[test]
fn a_debt_above_the_limit_is_left_to_a_person() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER, ("debt_limit = 100000", "debt_limit = 60")]);
    world.order("1", 10_000);
    world.spend(80).unwrap();
    let refused = world.try_refund("1", 9_000);
    let too_much = Refunding::from(ClawingBack::DebtLimitExceeded { debt: Points(70), limit: Points(60) }).into();
    assert_eq!(refused, Err(too_much));
    assert_eq!((world.active(), world.debt()), (20, 0), "nothing was taken");
    world.refund("1", 8_000);
    assert_eq!(world.debt(), 60);
}

// rule: ledger 4.3
#[test]
fn any_split_of_a_refund_takes_what_the_whole_takes() {
    for parts in [
        vec![6_663, 6_663, 6_664],
        vec![1, 19_989],
        vec![19_990],
        vec![9_995, 9_995],
        (0..100).map(|_| 199).chain([90]).collect(),
    ] {
        let mut world = World::new(&[]);
        world.tier("gold");
        world.order("1", 19_990);
        let taken: i64 = parts.iter().map(|part| -world.refund("1", *part).points().0).sum();
        assert_eq!((taken, world.pending()), (299, 0), "in {} parts", parts.len());
        assert!(world.account.qualifying.is_empty(), "and all of the status");
    }
}

// rule: ledger 3.6, 4.3
#[test]
fn status_is_taken_back_in_step() {
    let mut world = World::new(&[]);
    world.order("1", 19_990);
    let mut left = Vec::new();
    for part in [6_663, 6_663, 6_664] {
        world.refund("1", part);
        left.push(world.account.qualifying.get(&Month(202_603)).map_or(0, |points| points.0));
    }
    assert_eq!(left, [133, 66, 0], "floor(133.27), floor(66.64), 0");
}

// rule: ledger 4.3
#[test]
fn an_order_that_falls_below_a_threshold_loses_what_the_threshold_gave() {
    let rule = ("basis = \"net_cash\" ", "when = \"net_minor >= 10000\"\nbasis = \"net_cash\" ");
    let mut world = World::new(&[rule]);
    world.order("1", 12_000);
    assert_eq!(world.refund("1", 2_000).points(), Points(-20), "100.00 is still enough");
    assert_eq!(world.refund("1", 1).points(), Points(-100));
    assert_eq!(world.refund("1", 9_999).points(), Points(0));
}

// rule: ledger 4.3
#[test]
fn an_order_that_is_returned_whole_keeps_nothing_not_even_a_fixed_bonus() {
    let bonus = "[[earning_rule]]\nid = \"bonus\"\non = \"order.paid\"\npoints = 50";
    let mut world = World::with_rules(bonus);
    world.order("1", 10_000);
    assert_eq!(world.refund("1", 9_999).points(), Points(-100), "something is left of it");
    assert_eq!(world.refund("1", 1).points(), Points(-50));
    world.parks(Refund::of_amount("2", Minor(10_000)));
    let returned_before = world.order("2", 10_000);
    assert_eq!(world.told(&returned_before), ["base-spend applies: 0", "bonus applies: 0, limited by returned"]);
    world.report(order("3", 0));
    assert_eq!(world.pending(), 50, "an order that cost nothing is not returned");
}

// rule: ledger 4.3
#[test]
fn a_refund_never_gives_points_and_takes_what_is_due_in_the_end() {
    let small = "[[earning_rule]]\nid = \"small\"\non = \"order.paid\"\nwhen = \"net_minor > 0 && net_minor < 5000\"\npoints = 30";
    let mut world = World::with_rules(small);
    world.order("1", 6_000);
    assert_eq!(world.refund("1", 2_000).points(), Points(0), "40.00 would have earned 70");
    assert_eq!(world.refund("1", 3_000).points(), Points(-20), "10.00 would have earned 40");
    assert_eq!(world.refund("1", 1_000).points(), Points(-40));
}

#[test]
fn a_rule_for_some_lines_loses_its_share_of_what_is_returned() {
    let tea = "[[earning_rule]]\nid = \"tea\"\non = \"order.paid\"\nrate = { points = 1, per_minor = 100 }\nlines = \"category == '茶'\"";
    let mut world = World::with_rules(tea);
    let line = |amount, category: &str| Line {
        amount: Minor(amount),
        attributes: [("category".to_owned(), Scalar::Text(category.to_owned()))].into(),
        ..Line::default()
    };
    world.report(order_of("1", vec![line(6_000, "茶"), line(4_000, "杯")]));
    assert_eq!(world.pending(), 100 + 60);
    world.refund("1", 5_000);
    assert_eq!(world.pending(), 50 + 30, "in proportion: a refund does not say which line");
    world.refund("1", 5_000);
    assert_eq!(world.pending(), 0);
}

#[test]
fn what_is_left_of_an_order_earns_by_the_rule_that_is_best_for_it_then() {
    let rules = "
        [[earning_rule]]
        id = \"large\"
        on = \"order.paid\"
        group = \"spring\"
        when = \"net_minor >= 10000\"
        multiplier = \"3\"
        [[earning_rule]]
        id = \"small\"
        on = \"order.paid\"
        group = \"spring\"
        when = \"net_minor >= 5000\"
        multiplier = \"2\"
    ";
    let mut world = World::with_rules(rules);
    world.order("1", 12_000);
    assert_eq!(world.pending(), 360);
    world.refund("1", 3_000);
    assert_eq!(world.pending(), 180, "90.00 would have earned 180");
    world.refund("1", 5_000);
    assert_eq!(world.pending(), 40, "and 40.00 would have earned 40");
    world.refund("1", 4_000);
    assert_eq!(world.pending(), 0);
}

#[test]
fn a_rule_that_had_lost_pays_within_its_limit_if_it_wins_after_a_refund() {
    let rules = "
        [[earning_rule]]
        id = \"large\"
        on = \"order.paid\"
        group = \"spring\"
        when = \"net_minor >= 10000\"
        points = 80
        [[earning_rule]]
        id = \"small\"
        on = \"order.paid\"
        group = \"spring\"
        points = 50
        limit = { max_points = 60, period = \"ever\" }
    ";
    let mut world = World::with_rules(rules);
    world.order("small", 1_000);
    world.order("large", 10_000);
    assert_eq!(world.pending(), 10 + 50 + 100 + 80);
    world.refund("large", 1_000);
    assert_eq!(world.pending(), 10 + 50 + 90 + 10, "60 less the 50 of the other order");
}

#[test]
fn a_rule_that_did_not_hold_pays_within_its_limit_if_it_holds_after_a_refund() {
    let small = "[[earning_rule]]\nid = \"small\"\non = \"order.paid\"\nwhen = \"net_minor < 5000\"\npoints = 30\nlimit = { max_points = 40, period = \"ever\" }";
    let mut world = World::with_rules(small);
    world.order("small", 1_000);
    world.order("large", 6_000);
    assert_eq!(world.pending(), 10 + 30 + 60);
    world.refund("large", 2_000);
    assert_eq!(world.pending(), 10 + 30 + 40 + 10, "40 less the 30 of the other order");
}

// rule: ledger 4.7
#[test]
fn a_refund_of_more_than_was_paid_is_capped_and_says_so() {
    let mut world = World::new(&[]);
    world.order("1", 10_000);
    let amounts = |entry: &Entry| match entry.detail {
        Detail::Refund { amount_minor, asked_minor, .. } => (amount_minor.0, asked_minor.map(|asked| asked.0)),
        _ => panic!("not a refund"),
    };
    assert_eq!(amounts(&world.refund("1", 4_000)), (4_000, None));
    let capped = world.refund("1", 15_000);
    assert_eq!((amounts(&capped), capped.points()), ((6_000, Some(15_000)), Points(-60)));
    let nothing = world.refund("1", 1);
    assert_eq!((amounts(&nothing), nothing.points()), ((0, Some(1)), Points(0)));
    assert!(world.account.pockets.pending.is_empty());
}

// rule: ledger 4.3
#[test]
fn an_order_can_be_refunded_for_a_year() {
    let mut world = World::new(&[]);
    let closed_at = add_days(world.now, 365);
    world.order("1", 10_000);
    world.now = add_days(closed_at, 5);
    let refund = |id: &str| Command::Refund(Refund::of_amount(id, Minor(1_000)));
    let refused = world.run_as("late", closed_at, refund("1"));
    let paid_at = world.history[0].occurred_at;
    assert_eq!(refused, Err(Refunding::RefundWindowClosed { paid_at, until: closed_at }.into()));
    let last = closed_at - jiff::SignedDuration::from_millis(1);
    assert!(world.run_as("in-time", last, refund("1")).is_ok(), "by the time of the refund, not of its report");
}

#[test]
fn a_bonus_is_kept_as_long_as_its_condition_holds() {
    let bonus = "[[earning_rule]]\nid = \"bonus\"\non = \"order.paid\"\npoints = 7\nwhen = \"net_minor >= 5000\"";
    let mut world = World::with_rules(bonus);
    world.order("1", 10_000);
    world.refund("1", 5_000);
    assert_eq!(world.pending(), 50 + 7);
    world.refund("1", 1);
    assert_eq!(world.pending(), 49);
}
