//! Commissions, what comes back of them, and what all of it costs.

use domain::engagement::referral::{
    Conversion, Cost, Guard, GuardState, Payable, PayableState, Statement, StatementRefusal, cost_of,
};
use domain::kernel::quantity::Minor;
use domain::kernel::time::Month;
use jiff::civil::date;

use super::{CLAIMED, REFERRAL, World};
use crate::engagement::challenges::SHANGHAI;
use crate::engagement::stage::{at, member, read};

// rule: referral 5.1
#[test]
fn what_comes_back_before_it_is_payable_is_not_paid() {
    let mut world = World::new(&[]);
    world.claims("m-f");
    world.order("m-f", "o1", "2026-11-03T02:00:00Z", 30_000);
    world.refund("m-f", "another", 30_000);
    world.refund("m-f", "o1", 10_000);
    assert_eq!(world.stands("m-f"), ("qualified", 1_000), "of what is left");
    world.refund("m-f", "o1", 25_000);
    assert_eq!(world.stands("m-f"), ("qualified", 250), "50.00 is enough");
    world.refund("m-f", "o1", 9_000);
    assert_eq!(world.stands("m-f"), ("qualified", 250), "refunds are told all in all");
    world.refund("m-f", "o1", 25_001);
    assert_eq!(world.stands("m-f"), ("reversed", 0));
    assert_eq!((world.settle("2026-11-16T21:00:00Z").len(), world.points), (0, 0));
}

// rule: referral 5.2, 5.3
#[test]
fn what_comes_back_later_takes_points_and_what_was_paid_along() {
    let mut world = World::new(&[]);
    for name in ["m-f", "m-g"] {
        world.claims(name);
        world.order(name, "o1", "2026-11-03T02:00:00Z", 10_000);
    }
    assert_eq!(world.settle("2026-11-16T21:00:00Z").len(), 2);
    assert_eq!((world.refund("m-f", "o1", 2_000), world.points), (0, 400), "lowered: points stay");
    assert_eq!(world.stands("m-f"), ("payable", 400));
    assert_eq!((world.refund("m-f", "o1", 10_000), world.points), (0, 200));
    assert_eq!(world.stands("m-f"), ("reversed", 0));
    assert!(world.settle("2026-11-18T21:00:00Z").is_empty());
    world.claims.get_mut("m-g").unwrap().state = domain::engagement::referral::ClaimState::Settled;
    assert_eq!((world.refund("m-g", "o1", 2_000), world.points), (100, 200), "500 were paid, 400 are due");
    assert_eq!((world.refund("m-g", "o1", 10_000), world.points), (400, 0));
}

// rule: referral 6.1
#[test]
fn a_statement_is_never_below_zero_and_paid_once() {
    let line = |friend: &str, minor, state| Payable { friend: member(friend), amount: Minor(minor), state };
    let lines = [
        line("m-1", 500, PayableState::Payable),
        line("m-2", -700, PayableState::Clawback),
        line("m-3", 900, PayableState::Accrued),
        line("m-4", 900, PayableState::Settled),
    ];
    let december = Statement::of(&member("m-lead"), Month(202_612), &lines, Minor::ZERO);
    assert_eq!((december.lines, december.gross, december.carried), (2, Minor(0), Minor(-200)));
    assert_eq!(december.csv(), "m-lead,2026-12,2,0,-200\n");
    let january = Statement::of(&member("m-lead"), Month(202_701), &lines[..1], december.carried);
    assert_eq!((january.gross, january.carried), (Minor(300), Minor(0)));
    let paid_at = at("2027-01-03T00:00:00Z");
    assert!(january.settled("bo", "R-1", paid_at).is_err(), "it was not exported");
    let exported = january.exported("an").unwrap().state;
    assert_eq!(exported.settled("an", "R-1", paid_at), Err(StatementRefusal::SameApprover));
    let settled = exported.settled("bo", "R-1", paid_at).unwrap().state;
    assert_eq!(settled.settled("bo", "R-1", paid_at).unwrap().state, settled);
    let other = StatementRefusal::AlreadySettled { reference: "R-1".into() };
    assert_eq!(settled.settled("bo", "R-2", paid_at), Err(other));
}

#[track_caller]
fn guard(baseline: &str, commissions: &[i64], expected: (i64, i64, i64, GuardState)) {
    let world = World::new(&[("baseline_cac_minor = 8000", baseline)]);
    let conversion =
        |commission: &i64| Conversion { on: date(2026, 11, 25), at: at(CLAIMED), commission: Minor(*commission) };
    let conversions: Vec<_> = commissions.iter().map(conversion).collect();
    let cost = cost_of(&conversions, &world.referral(), Minor(1), date(2026, 11, 27), None);
    assert_eq!((cost.total.0, cost.conversions, cost.ratio_bp, cost.state), expected);
}

// rule: referral 8.1
#[test]
fn the_guard_warns_above_two_fifths_and_stops_at_half() {
    use GuardState::{Open, Stopped, Warned};
    let usual = "baseline_cac_minor = 8000";
    guard(usual, &[], (0, 0, 0, Open));
    guard(usual, &[2_000], (3_200, 1, 4_000, Open));
    guard(usual, &[2_001], (3_201, 1, 4_001, Warned));
    guard(usual, &[2_700, 2_700, 2_760], (11_760, 3, 4_900, Warned));
    guard(usual, &[2_799], (3_999, 1, 4_998, Warned));
    guard(usual, &[2_800], (4_000, 1, 5_000, Stopped));
    guard("baseline_cac_minor = 3000", &[250; 40], (58_000, 40, 4_833, Warned));
    assert_eq!([Open, Warned, Stopped].map(GuardState::name), ["open", "warned", "stopped"]);
}

// rule: referral 8.1
#[test]
fn the_guard_counts_ninety_dates_or_since_it_was_opened() {
    let world = World::new(&[]);
    let on = |day: jiff::civil::Date, now: &str| Conversion { on: day, at: at(now), commission: Minor(100) };
    let all = [
        on(date(2026, 8, 29), "2026-08-29T00:00:00Z"),
        on(date(2026, 8, 30), "2026-08-30T00:00:00Z"),
        on(date(2026, 11, 27), "2026-11-27T00:00:00Z"),
    ];
    let count = |opened| cost_of(&all, &world.referral(), Minor(1), date(2026, 11, 27), opened).conversions;
    assert_eq!([count(None), count(Some(at("2026-08-30T00:00:00Z")))], [2, 1]);
}

// rule: referral 3.1, 8.2
#[test]
fn what_has_stopped_is_opened_by_somebody_alone() {
    let today = date(2026, 11, 27);
    let cost = |state, ratio_bp| Cost { total: Minor(1), conversions: 1, ratio_bp, state };
    let tell = |guard: &Guard, state, today| {
        let change = guard.worked_out(cost(state, 4_500), today);
        (change.facts.len(), change.state)
    };
    let (told, warned) = tell(&Guard::new(), GuardState::Warned, today);
    let (again, _) = tell(&warned, GuardState::Warned, today);
    let (tomorrow, _) = tell(&warned, GuardState::Warned, date(2026, 11, 28));
    assert_eq!([told, again, tomorrow], [1, 0, 1], "once a date");
    assert!(warned.takes_claims() && warned.opened(at(CLAIMED)).is_err());
    let (told, stopped) = tell(&warned, GuardState::Stopped, today);
    let (again, still) = tell(&stopped, GuardState::Open, today);
    assert_eq!(([told, again], still.takes_claims()), ([1, 0], false), "it does not open by itself");
    let opened = still.opened(at(CLAIMED)).unwrap().state;
    assert_eq!((opened.takes_claims(), opened.opened_at), (true, Some(at(CLAIMED))));
}

// rule: referral 9.1
#[test]
fn there_is_one_level_and_a_limit_to_what_it_costs() {
    let refused = |from: &str, to: &str, field: &str| {
        let findings = read(SHANGHAI, &REFERRAL.replace(from, to)).err().unwrap_or_else(|| panic!("accepted: {to}"));
        assert!(findings.iter().any(|finding| finding.at == field), "{to}: {findings:?}");
    };
    refused("levels = 1", "levels = 2", "referral.levels");
    refused("commission_bp = 500", "commission_bp = 2001", "referral.advocate.commission_bp");
    refused("warn_bp = 4000", "warn_bp = 5000", "referral.cost_ratio_warn_bp");
    refused("stop_bp = 5000", "stop_bp = 5001", "referral.cost_ratio_stop_bp");
    refused("baseline_cac_minor = 8000", "baseline_cac_minor = 0", "referral.baseline_cac_minor");
    refused("min_tier = 'gold'", "min_tier = 'platinum'", "referral.min_tier");
    let rule = |points: u16| {
        format!("{REFERRAL}[[earning_rule]]\nid = 'referred'\non = 'referral.qualified'\npoints = {points}\n")
    };
    assert!(read(SHANGHAI, &rule(200)).is_ok());
    assert!(read(SHANGHAI, &rule(100)).is_err(), "the rule pays other points than it says");
}
