//! A suspension that is lifted leaves the account as if there had been none, whatever was reported and returned meanwhile.

use domain::kernel::membership::MemberState;
use domain::kernel::time::add_days;
use jiff::Timestamp;
use proptest::prelude::*;

use super::cases;
use crate::world::{AT_ONCE, World, at, behaviour, order};

/// Something that is reported.
#[derive(Debug, Clone)]
enum Report {
    Order { id: u8, net: i64, days_ago: i32 },
    Refund { id: u8, amount: i64 },
    Behaviour { what: usize },
    Days(i32),
}

const BEHAVIOURS: [&str; 3] = ["ugc.featured", "ugc.approved", "checkin"];

fn report() -> impl Strategy<Value = Report> {
    prop_oneof![
        // Together they reach no tier: who is suspended does not rise, so what comes next is not multiplied.
        4 => (0_u8..6, 1_i64..16_000, 0_i32..20).prop_map(|(id, net, days_ago)| Report::Order { id, net, days_ago }),
        4 => (0_u8..6, 1_i64..16_000).prop_map(|(id, amount)| Report::Refund { id, amount }),
        2 => (0..BEHAVIOURS.len()).prop_map(|what| Report::Behaviour { what }),
        2 => (1_i32..6).prop_map(Report::Days),
    ]
}

impl World {
    fn hears(&mut self, report: &Report) {
        let accepted = match report {
            Report::Order { id, net, days_ago } => {
                let occurred_at: Timestamp = add_days(self.now, days_ago.saturating_neg());
                self.report_at(occurred_at, order(&format!("o-{id}"), *net)).is_ok()
            }
            Report::Refund { id, amount } => self.try_refund(&format!("o-{id}"), *amount).is_ok(),
            Report::Behaviour { what } => self.report_at(self.now, behaviour(BEHAVIOURS[*what], &[])).is_ok(),
            Report::Days(days) => {
                self.days(*days);
                true
            }
        };
        let _refused_by_both = accepted;
    }
}

proptest! {
    #![proptest_config(cases(256))]

    // rule: members 25
    #[test]
    fn a_lifted_suspension_leaves_no_trace_in_the_points(
        before in proptest::collection::vec(report(), 0..6),
        meanwhile in proptest::collection::vec(report(), 0..12),
        after in proptest::collection::vec(report(), 0..6),
        pending in any::<bool>(),
    ) {
        let changes: &[(&str, &str)] = if pending { &[] } else { &[AT_ONCE] };
        let (mut one, mut other) = (World::new(changes), World::new(changes));
        (one.now, other.now) = (at("2026-03-01T04:00:00Z"), at("2026-03-01T04:00:00Z"));
        for report in &before {
            one.hears(report);
            other.hears(report);
        }
        one.stands(MemberState::Suspended);
        for report in &meanwhile {
            one.hears(report);
            other.hears(report);
        }
        one.stands(MemberState::Active);
        prop_assert_eq!(&one.account.qualifying, &other.account.qualifying);
        for report in &after {
            one.hears(report);
            other.hears(report);
        }
        let settled = |world: &World| world.account.settled(world.setting()).0;
        prop_assert_eq!(settled(&one).pockets, settled(&other).pockets);
        prop_assert_eq!(&one.account.qualifying, &other.account.qualifying);
        prop_assert_eq!(&one.account.counters, &other.account.counters);
    }
}
