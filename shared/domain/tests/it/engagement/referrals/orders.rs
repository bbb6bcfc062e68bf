//! The friend's order decides.

use domain::engagement::referral::{Claiming, Decision, Flag, Kind, approved, lapsed, one_person, rejected};
use domain::kernel::quantity::Minor;
use domain::kernel::refusal::Refusal;
use jiff::SignedDuration;
use proptest::prelude::*;

use super::{CLAIMED, World, has};
use crate::engagement::stage::{at, member};

// rule: referral 4.1, 4.3
#[test]
fn the_first_order_decides_and_a_second_brings_nothing() {
    let mut world = World::new(&[]);
    world.claims("m-f");
    assert_eq!(world.order("m-f", "o1", "2026-11-03T02:00:00Z", 10_000), ("qualified", 500));
    assert_eq!(world.payable_at("m-f"), at("2026-11-16T16:00:00Z"));
    assert_eq!(world.order("m-f", "o2", "2026-11-04T02:00:00Z", 90_000), ("qualified", 500));
    assert_eq!(world.order("m-f", "o1", "2026-11-03T02:00:00Z", 10_000), ("qualified", 500), "told again");
    let referral = world.referral();
    let commissions = [5_000, 39_999, 40_000, 1_000_000_000_000].map(|net| referral.commission(Minor(net)).0);
    assert_eq!(commissions, [250, 1_999, 2_000, 2_000]);
}

// rule: referral 4.2
#[test]
fn an_order_is_in_time_and_large_enough() {
    let mut world = World::new(&[]);
    for name in ["m-a", "m-b", "m-c", "m-d", "m-e"] {
        world.claims(name);
    }
    assert_eq!(world.order("m-a", "o1", "2026-11-03T02:00:00Z", 5_000), ("qualified", 250));
    assert_eq!(world.order("m-b", "o2", "2026-11-03T02:00:00Z", 4_999), ("rejected", 0));
    assert_eq!(world.order("m-b", "o3", "2026-11-04T02:00:00Z", 5_100), ("rejected", 0), "no first order");
    assert_eq!(world.order("m-c", "o4", "2026-12-02T02:59:59Z", 10_000), ("qualified", 500));
    assert_eq!(world.payable_at("m-c"), at("2026-12-15T16:00:00Z"));
    assert_eq!(world.order("m-d", "o5", "2026-12-02T03:00:00Z", 10_000), ("expired", 0));
    let early = world.order_of(("m-e", "o6"), ["2026-11-03T02:00:00Z", "2026-11-02T02:59:59Z"], 10_000, &[]);
    assert_eq!(early, ("rejected", 0), "older than the claim");
    // One that expired meanwhile, of which an order comes late that was in time.
    world.claims("m-g");
    let claim = lapsed(&world.claims["m-g"], at("2026-12-02T03:00:00Z")).unwrap().state;
    assert_eq!(lapsed(&world.claims["m-g"], at("2026-12-02T02:59:59Z")), None);
    world.claims.insert("m-g".into(), claim);
    let late = world.order_of(("m-g", "o7"), ["2026-12-03T02:00:00Z", "2026-12-01T02:00:00Z"], 10_000, &[]);
    assert_eq!(late, ("qualified", 500));
}

// rule: referral 4.1
#[test]
fn an_earlier_order_that_comes_late_decides_anew() {
    let mut world = World::new(&[]);
    world.claims("m-f");
    assert_eq!(world.order("m-f", "o2", "2026-11-05T02:00:00Z", 40_000), ("qualified", 2_000));
    assert_eq!(world.payable_at("m-f"), at("2026-11-18T16:00:00Z"));
    let times = ["2026-11-06T02:00:00Z", "2026-11-04T02:00:00Z"];
    assert_eq!(world.order_of(("m-f", "o1"), times, 6_000, &[]), ("qualified", 300));
    assert_eq!(world.payable_at("m-f"), at("2026-11-17T16:00:00Z"));
    let too_late = ["2026-11-16T16:00:00Z", "2026-11-03T02:00:00Z"];
    assert_eq!(world.order_of(("m-f", "o0"), too_late, 9_000, &[]), ("qualified", 300), "after its own day of payment");
    assert_eq!(world.settle("2026-11-17T21:00:00Z"), ["m-f"]);
    let paid = ["2026-11-17T21:00:00Z", "2026-11-04T01:00:00Z"];
    assert_eq!(world.order_of(("m-f", "o3"), paid, 9_000, &[]), ("payable", 300), "what is payable stays");
}

// rule: referral 4.1
#[test]
fn where_any_order_will_do_the_first_that_is_large_enough_does() {
    let mut world = World::new(&[("first_order = true", "first_order = false")]);
    world.claims("m-f");
    assert_eq!(world.order("m-f", "o1", "2026-11-03T02:00:00Z", 4_999), ("claimed", 0), "passed over");
    assert_eq!(world.order("m-f", "o2", "2026-11-04T02:00:00Z", 8_000), ("qualified", 400));
    assert_eq!(world.order("m-f", "o3", "2026-11-03T03:00:00Z", 9_000), ("qualified", 400));
}

// rule: referral 4.4
#[test]
fn the_twenty_first_in_thirty_days_is_looked_at() {
    let mut world = World::new(&[]);
    let names: Vec<String> = (0..22).map(|n| format!("m-{n:02}")).collect();
    for name in &names {
        world.claims(name);
    }
    for name in &names[..20] {
        assert_eq!(world.order(name, "o", "2026-11-03T02:00:00Z", 10_000).0, "qualified");
    }
    assert_eq!(world.order("m-20", "o", "2026-11-03T03:00:00Z", 10_000), ("review", 500));
    assert!(world.claims["m-20"].flags.contains(&Flag::Velocity));
    // One comes back: its place is free.
    world.refund("m-00", "o", 10_000);
    assert_eq!(world.order("m-21", "o", "2026-11-03T03:00:00Z", 10_000).0, "qualified");
    world.approve("m-20", "2026-11-04T00:00:00Z");
    assert_eq!(world.stands("m-20"), ("qualified", 500));
}

// rule: referral 4.5, 4.6
#[test]
fn what_the_order_tells_of_who_paid_it_counts_too() {
    let mut world = World::new(&[]);
    for name in ["m-f", "m-g"] {
        world.claims(name);
    }
    let times = ["2026-11-03T02:00:00Z"; 2];
    assert_eq!(world.order_of(("m-f", "o1"), times, 10_000, &[(Kind::Pay, 4)]), ("rejected", 0), "the advocate paid");
    assert_eq!(world.order_of(("m-g", "o2"), times, 10_000, &[(Kind::House, 6)]), ("review", 500));
    assert_eq!(world.settle("2026-11-16T21:00:00Z"), [""; 0]);
}

// rule: referral 4.6, 7.1
#[test]
fn what_is_approved_is_paid_with_the_orders_numbers() {
    let mut world = World::new(&[]);
    let house = Claiming { identities: has(&[(Kind::House, 6)]), ..World::friend("m-f", Some("MAMA2026")) };
    world.claim(CLAIMED, house.clone()).unwrap();
    assert_eq!(world.order("m-f", "o1", "2026-11-03T02:00:00Z", 20_000), ("review", 1_000));
    assert_eq!(world.settle("2026-11-16T21:00:00Z"), [""; 0]);
    for own in ["m-f", "m-lead"] {
        let decision = Decision { by: Some(member(own)), at: at("2026-11-17T01:00:00Z") };
        let refused = approved(&world.claims["m-f"], &decision, &world.referral()).unwrap_err();
        assert_eq!(refused.code(), "self_benefit");
    }
    world.approve("m-f", "2026-11-17T01:00:00Z");
    assert_eq!((world.stands("m-f"), world.payable_at("m-f")), (("qualified", 1_000), at("2026-11-17T01:00:00Z")));
    assert_eq!((world.settle("2026-11-17T21:00:00Z"), world.points), (vec!["m-f".to_owned()], 200));

    // Approved before the order, it waits for it; of one that is too small the approval says so.
    let second = Claiming { friend: member("m-g"), ..house.clone() };
    world.claim(CLAIMED, second).unwrap();
    world.approve("m-g", "2026-11-02T12:00:00Z");
    assert_eq!(world.stands("m-g"), ("claimed", 0));
    assert_eq!(world.order("m-g", "o2", "2026-11-03T02:00:00Z", 4_000), ("rejected", 0));
    let third = Claiming { friend: member("m-h"), ..house };
    world.claim(CLAIMED, third).unwrap();
    let decision = Decision { by: None, at: at("2026-11-03T00:00:00Z") };
    let claim = rejected(&world.claims["m-h"], &decision).unwrap().state;
    world.claims.insert("m-h".into(), claim.clone());
    assert_eq!(world.order("m-h", "o3", "2026-11-04T02:00:00Z", 9_000), ("rejected", 0), "what is decided stays");
    assert!(approved(&claim, &decision, &world.referral()).is_err());
}

// rule: referral 7.1
#[test]
fn nobody_looks_at_a_claim_for_ever() {
    let mut world = World::new(&[]);
    let house = Claiming { identities: has(&[(Kind::House, 6)]), ..World::friend("m-f", Some("MAMA2026")) };
    world.claim(CLAIMED, house).unwrap();
    world.order("m-f", "o1", "2026-11-03T02:00:00Z", 20_000);
    assert_eq!(lapsed(&world.claims["m-f"], at("2026-12-02T02:59:59Z")), None);
    let lapsed = lapsed(&world.claims["m-f"], at("2026-12-02T03:00:00Z")).unwrap();
    assert_eq!(lapsed.state.state.name(), "rejected");
    let mut known = World::new(&[]);
    known.claims("m-a");
    known.order("m-a", "o1", "2026-11-03T02:00:00Z", 20_000);
    let one = one_person(&known.claims["m-a"]);
    assert_eq!((one.state.state.name(), one.facts.len()), ("reversed", 1));
}

proptest! {
    /// Orders in any order, and told twice: the same end, as long as nothing is payable.
    // rule: referral 4.1, 5.1
    #[test]
    fn whatever_the_order_of_orders_one_decides(
        orders in prop::collection::btree_map(0..40_i64, 3_000..60_000_i64, 1..6),
        seed in any::<u64>(),
    ) {
        let paid = |hour: i64| (at("2026-11-03T00:00:00Z") + SignedDuration::from_hours(hour)).to_string();
        let run = |arrivals: &[(i64, i64)]| {
            let mut world = World::new(&[]);
            world.claims("m-f");
            for (hour, net) in arrivals.iter().chain(arrivals) {
                world.order_of(("m-f", &format!("o{hour}")), ["2026-11-06T00:00:00Z", &paid(*hour)], *net, &[]);
            }
            (world.stands("m-f"), world.claims["m-f"].order.clone())
        };
        let sorted: Vec<(i64, i64)> = orders.into_iter().collect();
        let mut shuffled = sorted.clone();
        shuffled.sort_by_key(|(hour, _)| (seed >> (hour % 60)) ^ u64::try_from(*hour).unwrap());
        prop_assert_eq!(run(&sorted), run(&shuffled));
        let (stands, order) = run(&sorted);
        prop_assert_eq!(order.unwrap().order, format!("o{}", sorted[0].0));
        prop_assert_eq!(stands.0 == "qualified", sorted[0].1 >= 5_000);
    }
}
