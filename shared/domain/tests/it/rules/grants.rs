//! What other contexts give: a reward at no price, the use of a benefit; and what they are told when it cannot be had.

use domain::kernel::quantity::Points;
use domain::ledger::availability::{Reason, Unavailable};
use domain::ledger::command::Command;
use domain::ledger::effect::Effect;
use domain::ledger::entry::{Detail, Entry, Initiator};
use domain::ledger::grant::Grant;
use domain::ledger::granted::{GrantRefusal, Granted};
use domain::ledger::redemption::Redeeming;
use domain::ledger::reversal::{Reversing, TakingBack};
use domain::ledger::telling::events;
use domain::ledger::voucher::Issued;
use serde_json::{Value, json};

use crate::world::{World, at, behaviour, compile};

const LIMIT: &str = "limit = { per_member = 1, period = \"calendar_day\" }";

/// The limit of drinks counts what is granted.
const MARKED: (&str, &str) = (LIMIT, "limit = { per_member = 1, period = \"calendar_day\", grants = true }");

fn granting(what: Granted, valid_days: Option<i32>) -> Command {
    Command::Grant(Grant { what, valid_days, cause: "grant-1".to_owned() })
}

fn reward(reward: &str) -> Command {
    granting(Granted::Reward(reward.to_owned()), None)
}

fn benefit(benefit: &str) -> Command {
    granting(Granted::Benefit(benefit.to_owned()), None)
}

/// What an entry tells: types, and data.
fn told(entry: &Entry) -> Vec<(String, Value)> {
    let told = events(&"m-1".parse().unwrap(), entry, |kind| kind != "perennial.led.accountopened.v1");
    told.into_iter().map(|event| (event.kind, event.data)).collect()
}

/// Why something was not given.
#[track_caller]
fn refused(entry: &Entry) -> GrantRefusal {
    assert!(entry.movements.is_empty(), "{entry:?}");
    match &entry.detail {
        Detail::GrantRefused { code, cause, .. } if cause == "grant-1" => *code,
        other => panic!("not refused: {other:?}"),
    }
}

// rule: ledger 4.22
#[test]
fn a_granted_reward_costs_nothing_and_has_its_stock_and_voucher_as_ever() {
    let mut world = World::new(&[]);
    world.give(100);
    let given = world.run(reward("drink")).unwrap();
    assert_eq!((given.points(), world.active()), (Points(0), 100));
    let expires_at = at("2026-04-01T00:00:00+08:00");
    let Detail::Redeem { voucher_expires_at, cause, quantity, .. } = &given.detail else { panic!("{given:?}") };
    assert_eq!((*voucher_expires_at, cause.as_deref(), *quantity), (Some(expires_at), Some("grant-1"), 1));
    let [Effect::TakeStock { reward, quantity: 1, .. }, Effect::IssueVoucher(issued)] = &world.effects[..] else {
        panic!("{:?}", world.effects)
    };
    assert_eq!((reward.as_str(), Some(issued)), ("drink", Issued::by(&given).as_ref()));
    let told = told(&given);
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["perennial.red.redemptionconfirmed.v1", "perennial.red.voucherissued.v1"], "no points");
    assert!(told.iter().all(|(_, data)| data["cause"] == "grant-1"), "{told:?}");
}

// rule: ledger 4.22
#[test]
fn who_may_have_a_reward_at_its_price_is_not_asked_of_a_grant() {
    let toy = (
        "id = \"toy\"\ncost_points = 2000",
        "id = \"toy\"\nmin_tier = \"black\"\nuntil = \"2026-02-28\"\ncost_points = 2000",
    );
    let mut world = World::new(&[toy]);
    let expected = Redeeming::from(unavailable(&world)).into();
    assert_eq!(world.redeem("toy"), Err(expected));
    let given = world.run(reward("toy")).unwrap();
    assert!(matches!(&given.detail, Detail::Redeem { reward, .. } if reward == "toy"));
    assert!(matches!(&world.effects[..], [Effect::TakeStock { .. }]), "a thing has no voucher: {:?}", world.effects);
}

/// Why a member with nothing cannot buy a toy of the highest tier that is no longer offered.
fn unavailable(world: &World) -> Unavailable {
    let programme = world.programmes.at(world.now);
    let toy = programme.reward("toy").unwrap();
    let reasons = domain::ledger::availability::availability(&world.account, toy, 1, programme, world.now);
    assert_eq!(reasons.len(), 3, "points, tier, dates: {reasons:?}");
    Unavailable::unless_empty(reasons).unwrap_err()
}

// rule: ledger 4.22
#[test]
fn a_grant_may_make_its_voucher_valid_for_other_days() {
    for (days, expires_at) in
        [(1, "2026-03-03T00:00:00+08:00"), (90, "2026-05-31T00:00:00+08:00"), (730, "2028-03-01T00:00:00+08:00")]
    {
        let mut world = World::new(&[]);
        let given = world.run(granting(Granted::Reward("drink".to_owned()), Some(days))).unwrap();
        assert_eq!(Issued::by(&given).map(|issued| issued.expires_at), Some(at(expires_at)), "{days}");
        let mut world = World::new(&[]);
        let given = world.run(granting(Granted::Reward("toy".to_owned()), Some(days))).unwrap();
        assert_eq!(Issued::by(&given), None, "a thing has no voucher");
    }
}

// rule: ledger 4.22
#[test]
fn a_limit_counts_grants_only_if_it_is_marked() {
    let limit_reached = |world: &mut World| {
        let reached = Reason::LimitReached { per_member: 1, resets_on: Some("2026-03-02".parse().unwrap()) };
        assert_eq!(world.redeem("drink"), Err(Redeeming::from(Unavailable::because(reached)).into()));
    };
    let mut world = World::new(&[]);
    world.give(300);
    for _ in 0..2 {
        assert!(Issued::by(&world.run(reward("drink")).unwrap()).is_some());
    }
    world.redeem("drink").expect("what was granted does not count");
    limit_reached(&mut world);
    assert!(Issued::by(&world.run(reward("drink")).unwrap()).is_some(), "nor does it hold for a grant");

    let mut world = World::new(&[MARKED]);
    world.give(300);
    let given = world.run(reward("drink")).unwrap();
    limit_reached(&mut world);
    assert_eq!(refused(&world.run(reward("drink")).unwrap()), GrantRefusal::LimitReached);
    world.reverse(&given, None, Initiator::Merchant).unwrap();
    world.redeem("drink").expect("the turn has come back");
    assert_eq!(refused(&world.run(reward("drink")).unwrap()), GrantRefusal::LimitReached);
}

// rule: ledger 4.22
#[test]
fn a_grant_is_taken_back_once_and_gives_no_turn_back_that_it_did_not_take() {
    let mut world = World::new(&[]);
    world.give(100);
    let given = world.run(reward("drink")).unwrap();
    world.redeem("drink").unwrap();
    let counters = world.account.counters.clone();
    let back = world.reverse(&given, None, Initiator::Member).unwrap();
    assert_eq!((back.points(), world.active()), (Points(0), 0));
    assert!(matches!(&world.effects[..], [Effect::ReturnStock { quantity: 1, .. }, Effect::VoidVoucher(_)]));
    assert_eq!(world.account.counters, counters, "the member's own drink still counts");
    let kinds: Vec<String> = told(&back).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["perennial.red.redemptionreversed.v1"], "there are no points to restore");
    for points in [None, Some(1)] {
        let again = world.reverse(&given, points, Initiator::Member);
        let nothing = TakingBack::NothingToReverse { remaining: Points(0), by: None };
        assert_eq!(again, Err(Reversing::from(nothing).into()));
    }
}

// rule: ledger 4.23
#[test]
fn a_benefit_is_used_for_another_context_as_the_member_could() {
    let mut world = World::new(&[]);
    world.tier("gold");
    let used = world.run(benefit("birthday-gift")).unwrap();
    let expected = [(
        "perennial.tier.benefitconsumed.v1".to_owned(),
        json!({"benefit": "birthday-gift", "tier": "gold", "cause": "grant-1"}),
    )];
    assert_eq!(told(&used), expected);
    assert_eq!(refused(&world.run(benefit("birthday-gift")).unwrap()), GrantRefusal::LimitReached);
    assert_eq!(refused(&world.run(benefit("closed-salon")).unwrap()), GrantRefusal::TierTooLow);
    assert_eq!(refused(&world.run(benefit("moon-landing")).unwrap()), GrantRefusal::UnknownBenefit);
}

// rule: ledger 4.24
#[test]
fn what_cannot_be_given_is_told_from_an_entry_that_moves_nothing() {
    let mut world = World::new(&[]);
    for (asked, name, code) in [
        (reward("moon"), json!({"reward": "moon"}), "unknown_reward"),
        (reward("farm-aid"), json!({"reward": "farm-aid"}), "unknown_reward"),
        (benefit("birthday-gift"), json!({"benefit": "birthday-gift"}), "tier_too_low"),
    ] {
        let entry = world.run(asked).unwrap();
        refused(&entry);
        assert_eq!(world.effects, [], "nothing leaves a stock");
        let mut data = json!({"code": code, "cause": "grant-1"});
        data.as_object_mut().unwrap().extend(name.as_object().cloned().unwrap());
        assert_eq!(told(&entry), [("perennial.red.rewardgrantrefused.v1".to_owned(), data)]);
    }
}

// rule: ledger 4.24
#[test]
fn a_stock_that_is_empty_where_it_is_kept_makes_the_same_message_a_refusal() {
    let mut world = World::new(&[]);
    let asked = world.instruction("message", world.now, reward("toy"));
    let other = Redeeming::UnknownReward { known: Vec::new() }.into();
    assert_eq!(asked.denied(&other), None, "every other refusal is the answer");
    let gone = asked.denied(&Unavailable::because(Reason::OutOfStock).into()).unwrap();
    assert_eq!((&gone.stamp, &gone.fact), (&asked.stamp, &asked.fact), "it is the same message");
    let entry = world.execute(gone).unwrap();
    assert_eq!(refused(&entry), GrantRefusal::OutOfStock);
    assert_eq!(world.execute(asked), Ok(entry), "and again it is answered by the same entry");
    let own = world.instruction("key", world.now, Command::Release { hold: 1 });
    assert_eq!(own.denied(&Unavailable::because(Reason::OutOfStock).into()), None);
}

// rule: ledger 4.22
#[test]
fn what_is_given_is_nothing_that_the_member_did() {
    let mut world = World::new(&[]);
    world.report(behaviour("ugc.featured", &[]));
    world.days(10);
    world.run(reward("drink")).unwrap();
    let scored = world.evaluate().unwrap();
    let Detail::Evaluate { score: Some(score), .. } = &scored.detail else { panic!("{scored:?}") };
    assert_eq!(score.measures.days_since_activity, 10);
}

#[test]
fn commands_of_the_ledger_are_declared_by_nobody() {
    for command in ["reward.granted", "benefit.used", "activity.reversed"] {
        let declared = format!("[activity.\"{command}\"]\n\n[activity.\"ugc.approved\"]");
        let found = compile(1, &[("[activity.\"ugc.approved\"]", &declared)]).unwrap_err();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected = format!("activity.{command}: is a command of the ledger, known without being declared");
        assert_eq!(found, [expected]);
    }
}
