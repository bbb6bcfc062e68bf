//! Orders that were paid in another programme.

use std::collections::BTreeMap;

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::refusal::Refusal;
use domain::ledger::command::Command;
use domain::ledger::earning::order::{Activity, Earned, Line};
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::lines::Refund;
use domain::ledger::opening::Opening;
use domain::ledger::past::WithdrawPast;
use domain::ledger::refusal::Refused;
use jiff::Timestamp;

use crate::world::{World, at, order, order_of};

const NOW: &str = "2026-06-15T20:00:00+08:00";

fn past(activity: Activity, points: i64, expires_at: Option<Timestamp>) -> Activity {
    Activity { past: Some(Earned { points: Points(points), expires_at }), ..activity }
}

fn ends() -> Timestamp {
    at("2027-01-01T00:00:00+08:00")
}

/// A member who brings 300 points over, and the order that had earned 100 of them.
fn moved() -> (World, Entry) {
    let mut world = World::new(&[]);
    world.now = at(NOW);
    let lots: BTreeMap<(Option<Timestamp>, Timestamp), Points> = [((None, ends()), Points(300))].into();
    world.brings(1, Opening::Lots(lots), false).unwrap();
    let paid = world.report_at(at("2026-06-01T10:00:00+08:00"), past(order("o-1", 9_999), 100, Some(ends())));
    let paid = paid.unwrap();
    (world, paid)
}

// rule: import 27d
#[test]
fn a_past_order_is_recorded_and_earns_nothing() {
    let (mut world, paid) = moved();
    let Detail::Earn { order, inputs, trace, status, .. } = &paid.detail else { panic!("{paid:?}") };
    assert_eq!(
        (order.as_deref(), inputs.net, trace.len(), *status),
        (Some("o-1"), Some(Minor(9_999)), 0, Points::ZERO)
    );
    assert_eq!((world.active(), world.pending(), world.account.qualifying.len()), (300, 0, 0));
    assert_eq!(world.told(&paid), Vec::<String>::new(), "nobody is told what happened elsewhere");
    let reported = |activity| world.instruction("key", world.now, Command::Earn(activity)).source().map(str::to_owned);
    let now = reported(self::order("o-9", 1));
    assert_eq!(
        (now.as_deref(), reported(past(self::order("o-9", 1), 0, None))),
        (Some("shop"), None),
        "nor is it counted"
    );
    // However long ago, without anybody who answers for that; and it is the order that counts once.
    let old = world.report_at(
        at("2025-07-01T10:00:00+08:00"),
        past(order_of("o-0", vec![Line { amount: Minor(50_000), ..Line::default() }]), 0, None),
    );
    old.unwrap();
    let again = world.report_at(world.now, self::order("o-1", 9_999)).unwrap_err();
    assert_eq!(again.code(), "conflicting_duplicate");
    let too_old = world.report_at(at("2025-07-01T10:00:00+08:00"), self::order("o-2", 100)).unwrap_err();
    assert_eq!(too_old.code(), "too_old", "any other is");
    world.evaluate();
    let scored = world.account.score.as_ref().unwrap();
    assert!(scored.scores.f > 1, "both are counted: {scored:?}");
}

// rule: import 27d
#[test]
fn what_comes_back_of_a_past_order_takes_its_share_of_what_was_brought_over() {
    let (mut world, _) = moved();
    // 33.33 of 99.99 are 33 of 100, twice; and the last has the rest.
    let taken: Vec<i64> = [3_333, 3_333, 3_333].map(|amount| world.refund("o-1", amount).points().0).to_vec();
    assert_eq!((taken, world.lots()), (vec![-33, -33, -34], vec![(200, ends())]));
    assert_eq!(world.refund("o-1", 1).points(), Points::ZERO, "no more than there was");

    let (mut world, _) = moved();
    world.refund("o-1", 1);
    assert_eq!(world.active(), 300, "0.01 of 100 points is none");
    let line = Refund { lines: Vec::new(), ..Refund::of_amount("o-1", Minor(9_998)) };
    world.run(Command::Refund(line)).unwrap();
    assert_eq!(world.active(), 200);

    // What has expired of it is not owed, and without points there is nothing to take.
    let (mut world, _) = moved();
    world.report_at(at("2026-06-02T10:00:00+08:00"), past(order("o-3", 5_000), 0, None)).unwrap();
    assert_eq!(world.refund("o-3", 5_000).points(), Points::ZERO);
    assert_eq!((world.active(), world.debt()), (300, 0));
}

impl World {
    #[track_caller]
    fn forgets(&mut self, recorded: &Entry, order: Option<&str>) -> Result<Entry, Refused> {
        let since = at("2026-06-15T00:00:00+08:00");
        let withdraw = WithdrawPast { recorded: recorded.operation, since, order: order.map(str::to_owned) };
        self.run(Command::WithdrawPast(withdraw))
    }

    fn orders_scored(&mut self) -> i64 {
        self.evaluate();
        let programme = self.programmes.at(self.now);
        let rfmls = programme.document().rfmls.as_ref().unwrap();
        let behaviour = domain::ledger::evaluation::behaviour(&self.history, programme, rfmls);
        behaviour.score(programme, programme.zone().date(self.now)).unwrap().measures.orders
    }
}

// rule: import 27, 27d
#[test]
fn what_is_recorded_of_the_past_is_taken_back_while_nothing_goes_by_it() {
    let (mut world, paid) = moved();
    let other = world.report_at(at("2026-06-02T10:00:00+08:00"), past(order("o-2", 5_000), 0, None)).unwrap();
    assert_eq!(world.orders_scored(), 2);
    let gone = world.forgets(&paid, Some("o-1")).unwrap();
    assert_eq!((gone.points(), gone.movements.len()), (Points(0), 0), "no points were made by it, and none go");
    assert_eq!((world.orders_scored(), world.active()), (1, 300), "the points came by another file");
    assert_eq!(world.try_refund("o-1", 100).unwrap_err().code(), "not_found");
    assert_eq!(world.forgets(&paid, Some("o-1")).unwrap_err().code(), "not_found", "once");
    // A repaired file says it anew, or the shop does.
    let again = past(order("o-1", 8_888), 80, Some(ends()));
    let again = world.report_at(at("2026-06-01T10:00:00+08:00"), again).unwrap();
    assert_eq!(world.orders_scored(), 2);
    assert_eq!(world.refund("o-1", 8_888).points(), Points(-80));
    // What came back since, or was recorded by somebody else, stays.
    assert_eq!(world.forgets(&again, Some("o-1")).unwrap_err().code(), "past_in_use");
    let earlier = WithdrawPast { recorded: other.operation, since: at("2026-06-16T00:00:00+08:00"), order: None };
    assert_eq!(world.run(Command::WithdrawPast(earlier)).unwrap_err().code(), "not_found");
}
