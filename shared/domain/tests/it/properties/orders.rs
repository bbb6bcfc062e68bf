//! Many orders of one account: returned whole, and reported in any order.

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::add_days;
use domain::ledger::command::Command;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::lines::Refund;
use domain::ledger::settlement::Settlement;
use domain::programme::compiled::Programmes;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;

use super::{Step, Story, cases, check_story, hold, programmes, steps};
use crate::world::order;

/// Something that an order's points can be used for.
#[derive(Debug, Clone)]
enum Use {
    /// An order that was paid so many hours ago.
    Paid(i64, i64),
    /// One of the orders is returned in part.
    Returned(Index, i64),
    Held(i64),
    Ended(Index, bool),
    /// One of the entries is cancelled by the member.
    Cancelled(Index, Option<i64>),
    Wait(i64),
}

fn uses() -> impl Strategy<Value = Vec<Use>> {
    let hours_ago = prop_oneof![Just(0_i64), 0_i64..(28 * 24)];
    let of_orders = prop_oneof![
        3 => (100_i64..20_000, hours_ago).prop_map(|(net, hours_ago)| Use::Paid(net, hours_ago)),
        2 => any::<(Index, u8)>().prop_map(|(order, amount)| Use::Returned(order, i64::from(amount) * 50 + 1)),
        3 => (1_i64..300).prop_map(Use::Held),
        3 => any::<(Index, bool)>().prop_map(|(hold, capture)| Use::Ended(hold, capture)),
        1 => any::<(Index, Option<u8>)>().prop_map(|(entry, points)| Use::Cancelled(entry, points.map(i64::from))),
        2 => prop_oneof![0_i64..30, 0_i64..(24 * 60)].prop_map(Use::Wait),
    ];
    prop::collection::vec(of_orders, 1..20)
}

/// Uses points of orders, then returns every order whole, within its time, and lets everything expire.
fn use_and_return_everything(programmes: &Programmes, uses: Vec<Use>, days: i32) -> Story {
    let mut story = Story::new(programmes);
    let mut paid_at: Vec<Timestamp> = Vec::new();
    for used in uses {
        match used {
            Use::Paid(net, hours_ago) => {
                let id = paid_at.len();
                let occurred_at = story.world.now - SignedDuration::from_hours(hours_ago);
                story.world.backdates();
                story.deliver(occurred_at, Command::Earn(order(&id.to_string(), net)));
                paid_at.push(occurred_at);
            }
            Use::Returned(order, amount) if !paid_at.is_empty() => {
                return_order(&mut story, order.index(paid_at.len()), amount, &paid_at);
            }
            Use::Returned(..) => {}
            Use::Held(points) => story.deliver(story.world.now, hold(points)),
            Use::Ended(hold, capture) => story.end(&hold, capture),
            Use::Cancelled(entry, points) => story.happen(&Step::Reverse(entry, points, false)),
            Use::Wait(minutes) => story.happen(&Step::Wait(SignedDuration::from_mins(minutes))),
        }
    }
    story.world.days(days);
    story.happen(&Step::Wait(SignedDuration::from_mins(15))); // the last hold ends
    for id in 0..paid_at.len() {
        return_order(&mut story, id, 20_000, &paid_at);
    }
    story.world.days(400);
    story.happen(&Step::Settle);
    story
}

/// Returns part of an order: a day after it was paid, or as long ago as may still be reported.
fn return_order(story: &mut Story, id: usize, amount: i64, paid_at: &[Timestamp]) {
    let occurred_at = add_days(paid_at[id], 1).clamp(add_days(story.world.now, -29), story.world.now);
    let before = story.world.history.len();
    let refund = Refund::of_amount(id.to_string(), Minor(amount));
    story.deliver(occurred_at, Command::Refund(refund));
    assert!(story.world.history.len() > before, "the refund is accepted");
}

fn points_came_back(entry: &Entry) -> bool {
    let released = entry.settled.iter().any(|settled| matches!(settled, Settlement::Released { .. }));
    released || matches!(entry.detail, Detail::Release { .. } | Detail::Reverse { .. })
}

/// Points that were spent and not given back.
fn spent(history: &[Entry]) -> Points {
    let spent = history.iter().map(|entry| match entry.detail {
        Detail::Capture { .. } => -entry.points(),
        Detail::Reverse { points, .. } => -points,
        _ => Points::ZERO,
    });
    spent.sum()
}

/// A fact about an order.
#[derive(Debug, Clone)]
enum Fact {
    Paid(u8, i64),
    Returned(u8, i64),
}

fn facts() -> impl Strategy<Value = (Vec<Fact>, Vec<Fact>)> {
    let orders = prop::collection::vec((1_i64..20_000, prop::collection::vec(1_i64..12_000, 0..4)), 1..4);
    let facts = orders.prop_map(|orders| {
        let mut facts = Vec::new();
        for (number, (net, returns)) in (100_u8..).zip(orders) {
            facts.push(Fact::Paid(number, net));
            facts.extend(returns.into_iter().map(|amount| Fact::Returned(number, amount)));
        }
        facts
    });
    facts.prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle()))
}

proptest! {
    #![proptest_config(cases(160))]

    /// Whoever returned every order owes what was spent: no point is claimed twice, and none that expired unspent is owed. Only
    /// if points came back after a return had been taken from others in their stead, and then expired, a little more is owed.
    #[test]
    fn who_returns_everything_owes_exactly_what_was_spent(
        which in prop::sample::select(vec![1_usize, 3, 4]),
        uses in uses(),
        days in 0..10_i32,
    ) {
        let story = use_and_return_everything(&programmes()[which], uses, days);
        check_story(&story);
        let history = &story.world.history;
        let debt = story.world.account.pockets.debt;
        prop_assert_eq!(story.world.account.pockets.total(), -debt);
        prop_assert!(debt >= spent(history));
        if !history.iter().any(points_came_back) {
            prop_assert_eq!(debt, spent(history));
        }
    }

    /// Earnings and refunds of several orders arrive in any order. Limits and boosts are off: which order they fall to depends
    /// on which comes first.
    #[test]
    fn facts_about_orders_may_arrive_in_any_order(
        which in prop::sample::select(vec![0_usize, 1, 2, 3, 4, 7, 8]),
        before in steps(12),
        (in_order, shuffled) in facts(),
        hours_ago in prop_oneof![Just(0_i64), 0_i64..(20 * 24)],
    ) {
        let run = |facts: &[Fact]| {
            let mut story = Story::of(&programmes()[which], &before);
            story.world.account.boosts.clear();
            let occurred_at = story.world.now - SignedDuration::from_hours(hours_ago);
            for fact in facts {
                match fact {
                    Fact::Paid(id, net) => story.deliver(occurred_at, Command::Earn(order(&id.to_string(), *net))),
                    Fact::Returned(id, amount) => {
                        story.refund(occurred_at, Refund::of_amount(id.to_string(), Minor(*amount)));
                    }
                }
            }
            check_story(&story);
            (story.world.account.pockets, story.world.account.qualifying)
        };
        prop_assert_eq!(run(&in_order), run(&shuffled));
    }
}
