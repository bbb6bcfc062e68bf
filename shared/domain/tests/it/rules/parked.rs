//! Refunds that come before their order: the brand holds them, and whatever comes when, the same comes of it.

use std::slice::from_ref;

use domain::kernel::id::MemberId;
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::refusal::Missing;
use domain::kernel::time::add_days;
use domain::ledger::command::Command;
use domain::ledger::earning::order::{Line, Order};
use domain::ledger::entry::Detail;
use domain::ledger::lines::{LineKind, LineReturn, Refund};
use domain::ledger::parked::{Fate, Lapse, Parked, lapse};
use domain::ledger::refund::{Refunding, park};
use jiff::Timestamp;

use crate::world::{World, order, order_of};

impl World {
    /// Keeps a refund in the row of its order, as the store does where there is no order.
    pub(crate) fn park(
        &mut self,
        member: Option<&MemberId>,
        occurred_at: Timestamp,
        refund: Refund,
    ) -> Result<(), Refunding> {
        let row = self.orders.get(&refund.order_id).cloned().unwrap_or_default();
        let stamp = self.instruction("parked", occurred_at, Command::Refund(refund.clone())).stamp;
        let parked = park(&refund, member, &stamp, &row.parked, self.setting())?;
        self.orders.entry(refund.order_id).or_default().parked.push(parked);
        Ok(())
    }

    #[track_caller]
    pub(super) fn parks(&mut self, refund: Refund) {
        self.park(None, self.now, refund).expect("a refund waits");
    }

    fn fates(&self, order: &str) -> Vec<Fate> {
        self.orders[order].parked.iter().map(|parked| parked.fate).collect()
    }
}

fn of(amount: i64) -> Refund {
    Refund::of_amount("1", Minor(amount))
}

fn of_lines(lines: &[(u32, i64)], amount: i64) -> Refund {
    let line = |&(line, pieces)| LineReturn { line: Some(line), quantity: Some(pieces), ..LineReturn::default() };
    Refund { lines: lines.iter().map(line).collect(), ..of(amount) }
}

/// Three pieces for 100.01, two for 59.99, and 10.00 for delivery; 15.00 off the order.
fn basket() -> Order {
    let line =
        |amount, quantity, sku: &str| Line { amount: Minor(amount), quantity, sku: sku.to_owned(), ..Line::default() };
    let delivery = Line { kind: LineKind::Shipping, ..line(1_000, 1, "delivery") };
    let activity = order_of("1", vec![line(10_001, 3, "tea"), line(5_999, 2, "cup"), delivery]);
    Order { discount: Minor(1_500), ..activity.order.expect("it is an order") }
}

/// Refunds of an order, in two orders of arrival: the same account comes of both.
#[track_caller]
fn check_arrival(before: &[Refund], after: &[Refund]) {
    let run = |refunds_first: bool| {
        let mut world = World::new(&[]);
        world.tier("gold");
        world.order("0", 5_000);
        let (early, late) = if refunds_first { (before, after) } else { (&[][..], after) };
        early.iter().for_each(|refund| world.parks(refund.clone()));
        let mut activity = order_of("1", Vec::new());
        activity.order = Some(basket());
        world.report(activity);
        let late = if refunds_first { late.to_vec() } else { [before, after].concat() };
        for refund in late {
            world.run(Command::Refund(refund)).expect("a refund is accepted");
        }
        assert!(world.fates("1").iter().all(|fate| *fate == Fate::Netted));
        (world.account.pockets, world.account.qualifying)
    };
    assert_eq!(run(true), run(false), "{before:?}, the order, {after:?}");
}

// rule: ledger 4.6
#[test]
fn a_refund_that_arrives_before_its_order_is_netted_out_when_the_order_comes() {
    let amounts: [(&[i64], &[i64]); 7] = [
        (&[15_500], &[]),
        (&[3_333], &[]),
        (&[3_333, 3_333], &[]),
        (&[3_333], &[3_333]),
        (&[3_333, 3_333], &[3_334]),
        (&[25_000], &[]),
        (&[9_000], &[9_000]),
    ];
    for (before, after) in amounts {
        let of = |amounts: &[i64]| amounts.iter().map(|amount| of(*amount)).collect::<Vec<_>>();
        check_arrival(&of(before), &of(after));
    }
    let (tea, cups) = (of_lines(&[(0, 1)], 0), of_lines(&[(1, 2)], 0));
    check_arrival(from_ref(&tea), &[]);
    check_arrival(&[tea.clone(), cups.clone()], &[]);
    check_arrival(from_ref(&tea), &[cups.clone(), of(1_000)]);
    check_arrival(&[tea.clone(), of(2_001)], from_ref(&cups));
    check_arrival(&[of(2_001), tea.clone(), of(7)], &[of_lines(&[(0, 2)], 333)]);
    check_arrival(&[of_lines(&[(2, 1)], 0), tea], &[of_lines(&[(0, 2), (1, 1)], 0)]);
    check_arrival(&[of_lines(&[(0, 3), (1, 2), (2, 1)], 0)], &[]);
}

// rule: ledger 4.6
#[test]
fn what_came_back_before_the_order_is_nothing_that_it_earns_by() {
    let mut world = World::new(&[]);
    world.parks(of_lines(&[(0, 3)], 0));
    let mut activity = order_of("1", Vec::new());
    activity.order = Some(basket());
    let entry = world.report(activity);
    let Detail::Earn { inputs, .. } = &entry.detail else { panic!("not an earning") };
    assert_eq!(inputs.returned.lines.iter().map(|line| (line.line, line.quantity)).collect::<Vec<_>>(), [(0, 3)]);
    assert_eq!((inputs.netted, entry.points()), (Minor::ZERO, Points(54)), "59.99 less its part of 15.00");
}

// rule: ledger 4.6
#[test]
fn a_refund_waits_until_an_order_paid_before_it_could_not_be_refunded_any_more() {
    let mut world = World::new(&[]);
    let paid = world.now;
    world.parks(of(4_000));
    world.days(40);
    world.backdates();
    let entry = world.report_at(paid, order("1", 10_000)).unwrap();
    assert_eq!(entry.points(), Points(60), "an order may come as late as an administrator records it");

    world.parks(Refund::of_amount("2", Minor(4_000)));
    let lapses_at = add_days(world.now, 365);
    let lapsed = |world: &World| lapse(&world.orders["2"].parked, world.setting())[0].fate;
    world.now = lapses_at - jiff::SignedDuration::from_millis(1);
    assert_eq!(lapsed(&world), Fate::Waits);
    world.now = lapses_at;
    assert_eq!(lapsed(&world), Fate::Lapsed(Lapse::NoOrder));
}

/// A refund that waited for an order of 100.00: what the order earns, and what has become of the refund.
#[track_caller]
fn check_lapse(member: Option<&str>, days_before: i32, refund: Refund, expected: (i64, Fate)) {
    let mut world = World::new(&[]);
    let member: Option<MemberId> = member.map(|member| member.parse().unwrap());
    world.park(member.as_ref(), world.now, refund).unwrap();
    world.backdates();
    let entry = world.report_at(add_days(world.now, -days_before), order("1", 10_000)).unwrap();
    let earned = match &entry.detail {
        Detail::Earn { trace, .. } => trace.values().map(|points| points.0).sum::<i64>(),
        _ => panic!("not an earning"),
    };
    assert_eq!((earned, world.fates("1")[0]), expected);
}

// rule: ledger 4.6
#[test]
fn a_refund_that_does_not_fit_its_order_lapses() {
    check_lapse(None, 0, of(4_000), (60, Fate::Netted));
    check_lapse(Some("m-1"), 0, of(4_000), (60, Fate::Netted));
    check_lapse(Some("m-2"), 0, of(4_000), (100, Fate::Lapsed(Lapse::OtherMember)));
    check_lapse(None, 364, of(4_000), (60, Fate::Netted));
    check_lapse(None, 365, of(4_000), (100, Fate::Lapsed(Lapse::WindowClosed)));
    check_lapse(None, 0, of_lines(&[(0, 1)], 0), (0, Fate::Netted));
    check_lapse(None, 0, of_lines(&[(1, 1)], 0), (100, Fate::Lapsed(Lapse::OtherLines)));
    check_lapse(None, 0, of_lines(&[(0, 2)], 500), (100, Fate::Lapsed(Lapse::OtherLines)));
}

// rule: ledger 4.6
#[test]
fn sixteen_refunds_may_wait_for_an_order() {
    let mut world = World::new(&[]);
    for _ in 0..Parked::MOST {
        world.parks(of(100));
    }
    let one_more = world.park(None, world.now, of(100));
    assert_eq!(one_more, Err(Refunding::TooManyParkedRefunds { most: 16 }));
    assert_eq!(world.order("1", 10_000).points(), Points(84));
}

// rule: ledger 4.6
#[test]
fn a_programme_may_refuse_refunds_of_orders_that_it_does_not_know() {
    let mut world =
        World::new(&[("refund_window_days = 365", "unknown_refund = \"refuse\"\nrefund_window_days = 365")]);
    let refused = world.park(None, world.now, of(100));
    assert_eq!(refused, Err(Missing::NotFound { what: "order" }.into()));
    assert_eq!(world.try_refund("1", 100), Err(Refunding::from(Missing::NotFound { what: "order" }).into()));
}
