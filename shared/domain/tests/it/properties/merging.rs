//! Points are neither made nor lost by a merge or its undoing, whatever happened before and between.

use domain::kernel::quantity::Points;
use domain::ledger::command::Command;
use domain::ledger::entry::Initiator;
use proptest::prelude::*;
use proptest::sample::Index;

use super::cases;
use crate::rules::merging::Pair;
use crate::world::{World, order};

/// Something that happens to one member.
#[derive(Debug, Clone)]
enum Step {
    Order(u8, i64),
    Refund(u8, i64),
    Give(i64),
    Spend(i64),
    Redeem,
    Reverse(Index),
    Days(i32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..6, 100_i64..90_000).prop_map(|(id, net)| Step::Order(id, net)),
        4 => (0_u8..6, 100_i64..90_000).prop_map(|(id, amount)| Step::Refund(id, amount)),
        2 => (-300_i64..300).prop_map(Step::Give),
        3 => (100_i64..900).prop_map(Step::Spend),
        1 => Just(Step::Redeem),
        1 => any::<Index>().prop_map(Step::Reverse),
        2 => (1_i32..120).prop_map(Step::Days),
    ]
}

impl World {
    /// Does it, if it can be done; days pass for both.
    fn lives(&mut self, step: &Step) {
        let history = self.history.clone();
        let done = match step {
            Step::Order(id, net) => {
                self.run(Command::Earn(order(&format!("{}-{id}", self.account.member), *net))).is_ok()
            }
            Step::Refund(id, amount) => self.try_refund(&format!("{}-{id}", self.account.member), *amount).is_ok(),
            Step::Give(points) if *points > 0 => self.give(*points).points() >= Points::ZERO,
            Step::Give(points) | Step::Spend(points) => self.spend(points.abs().max(100)).is_ok(),
            Step::Redeem => self.redeem("drink").is_ok(),
            Step::Reverse(which) if !history.is_empty() => {
                let entry = which.get(&history).clone();
                self.reverse(&entry, None, Initiator::Merchant).is_ok()
            }
            Step::Reverse(_) | Step::Days(_) => true,
        };
        let _whatever_it_was = done;
    }
}

impl Pair {
    fn lives(&mut self, of_survivor: bool, step: &Step) {
        if let Step::Days(days) = step {
            self.survivor.days(*days);
            self.absorbed.days(*days);
        }
        if of_survivor { self.survivor.lives(step) } else { self.absorbed.lives(step) }
    }

    /// What both have together now, expiries told apart.
    fn sum(&self) -> i64 {
        let total = |world: &World| world.account.settled(world.setting()).0.pockets.total().0;
        total(&self.survivor) + total(&self.absorbed)
    }

    fn soon_expired(&self) -> i64 {
        let newest = [self.survivor.history.last(), self.absorbed.history.last()];
        let gone = newest.into_iter().flatten().flat_map(|entry| {
            entry.movements.iter().filter_map(move |movement| match *movement {
                domain::ledger::pockets::Movement::Active { expires_at, points } if expires_at <= entry.recorded_at => {
                    Some(points.0.min(0))
                }
                _ => None,
            })
        });
        gone.sum()
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    // rule: members 20, 22, 24
    #[test]
    fn points_are_neither_made_nor_lost(
        before in proptest::collection::vec((any::<bool>(), step()), 0..14),
        between in proptest::collection::vec(step(), 0..10),
        after in proptest::collection::vec((any::<bool>(), step()), 0..6),
    ) {
        let mut pair = Pair::of("", "");
        for (of_survivor, step) in &before {
            pair.lives(*of_survivor, step);
        }
        let sum = pair.sum();
        if pair.tries_to_merge().is_err() {
            pair.survivor.days(1);
            pair.absorbed.days(1);
            return Ok(());
        }
        prop_assert_eq!(pair.sum(), sum, "a merge moves and makes nothing");
        for step in &between {
            pair.lives(true, step);
        }
        let sum = pair.sum();
        let less = pair.unmerges();
        prop_assert!(less >= 0);
        prop_assert_eq!(pair.sum(), sum + pair.soon_expired(), "nor does its undoing");
        for (of_survivor, step) in &after {
            pair.lives(*of_survivor, step);
        }
    }
}
