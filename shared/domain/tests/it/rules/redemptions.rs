//! Redemptions: what a reward costs, who can have it, and every reason why not.

use domain::kernel::quantity::Points;
use domain::kernel::refusal::Refusal;
use domain::ledger::availability::{Unavailable, availability};
use domain::ledger::command::Command;
use domain::ledger::effect::Effect;
use domain::ledger::entry::Detail;
use domain::ledger::pockets::Movement;
use domain::ledger::redemption::Redeem;
use domain::ledger::refusal::Refused;
use domain::ledger::voucher::Issued;
use domain::standing::tiers::TierSpan;
use serde_json::{Value, json};

use crate::world::{ANY_NUMBER, AT_ONCE, World, at};

fn redeem(reward: &str, quantity: u32, donation: bool) -> Command {
    Command::Redeem(Redeem { reward: reward.to_owned(), quantity, donation })
}

/// Everything that stands in the way of a reward, as the caller reads it.
#[track_caller]
fn check(world: &mut World, reward: &str, quantity: u32, expected: Value) {
    let refused = world.run(redeem(reward, quantity, false)).expect_err("it cannot be had");
    let told = serde_json::to_value(&refused).unwrap();
    assert_eq!(told, json!({ "reasons": expected }));
    assert_eq!(refused.code(), expected[0]["code"], "the first reason gives the code");
    let programme = world.programmes.at(world.now);
    let (account, _) = world.account.settled(world.setting());
    let rewards = programme.reward(reward).unwrap();
    let shown = availability(&account, rewards, quantity, programme, world.now);
    assert_eq!(
        refused,
        Refused::Redeeming(Unavailable::unless_empty(shown).unwrap_err().into()),
        "the shop window says the same"
    );
}

// rule: ledger 4.1
#[test]
fn too_few_points_are_told_with_what_is_missing_and_what_comes_next() {
    let mut world = World::new(&[]);
    world.give(150);
    check(
        &mut world,
        "toy",
        1,
        json!([{"code": "insufficient_points", "required": 2000, "active": 150, "debt": 0, "missing": 1850}]),
    );
    world.order("1", 10_000);
    world.order("2", 4_000);
    world.days(1);
    world.order("3", 1_000);
    let next_activation = json!({"points": 140, "at": "2026-03-14T16:00:00Z"});
    check(
        &mut world,
        "toy",
        1,
        json!([{"code": "insufficient_points", "required": 2000, "active": 150, "debt": 0, "missing": 1850, "next_activation": next_activation}]),
    );
}

// rule: ledger 4.1
#[test]
fn who_owes_points_spends_none() {
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER]);
    world.order("1", 10_000);
    world.spend(80).unwrap();
    world.refund("1", 10_000);
    check(
        &mut world,
        "drink",
        1,
        json!([
            {"code": "in_debt", "debt": 80},
            {"code": "insufficient_points", "required": 100, "active": 0, "debt": 80, "missing": 180},
        ]),
    );
    assert_eq!(world.hold(50).unwrap_err().code(), "in_debt");
    let repaid = world.give(180);
    assert_eq!((repaid.points(), world.debt(), world.active()), (Points(180), 0, 100));
    assert!(world.redeem("drink").is_ok());
}

#[test]
fn all_reasons_are_told_at_once() {
    let toy = "tier_price = { gold = 1800, black = 1600 }";
    let restricted =
        format!("{toy}\nmin_tier = \"gold\"\nfrom = \"2026-03-02\"\nlimit = {{ per_member = 2, period = \"ever\" }}");
    let mut world = World::new(&[(toy, &restricted)]);
    check(
        &mut world,
        "toy",
        3,
        json!([
            {"code": "insufficient_points", "required": 6000, "active": 0, "debt": 0, "missing": 6000},
            {"code": "tier_too_low", "min_tier": "gold"},
            {"code": "limit_reached", "per_member": 2},
            {"code": "not_started", "from": "2026-03-02"},
        ]),
    );
}

// rule: ledger 1.2
#[test]
fn a_reward_is_offered_from_its_first_local_date_to_its_last() {
    let toy = "tier_price = { gold = 1800, black = 1600 }";
    let dated = format!("{toy}\nfrom = \"2026-03-02\"\nuntil = \"2026-03-03\"");
    for (now, expected) in [
        ("2026-03-01T23:59:59.999+08:00", Some(json!([{"code": "not_started", "from": "2026-03-02"}]))),
        ("2026-03-02T00:00:00+08:00", None),
        ("2026-03-03T23:59:59.999+08:00", None),
        ("2026-03-04T00:00:00+08:00", Some(json!([{"code": "ended", "until": "2026-03-03"}]))),
    ] {
        let mut world = World::new(&[(toy, &dated), ("approval_over = 1000", "approval_over = 5000")]);
        world.give(2_000);
        world.now = at(now);
        match expected {
            Some(reasons) => check(&mut world, "toy", 1, reasons),
            None => assert!(world.redeem("toy").is_ok(), "{now}"),
        }
    }
}

#[test]
fn a_tier_has_its_own_price_from_the_moment_it_is_held() {
    for (tier, price) in [("member", 2_000), ("silver", 2_000), ("gold", 1_800), ("black", 1_600)] {
        let mut world = World::new(&[("approval_over = 1000", "approval_over = 5000")]);
        world.give(2_000);
        let since = at("2026-03-02T00:00:00Z");
        world.account.tiers.spans = vec![TierSpan { tier: tier.to_owned(), since }];
        world.now = since;
        assert_eq!(world.redeem("toy").unwrap().points(), Points(-price), "{tier}");
    }
}

#[test]
fn a_member_may_have_a_reward_as_often_as_its_limit_says_until_it_is_reset() {
    let mut world = World::new(&[]);
    world.give(500);
    world.now = at("2026-03-01T23:59:59.999+08:00");
    world.redeem("drink").unwrap();
    let reached = json!([{"code": "limit_reached", "per_member": 1, "resets_on": "2026-03-02"}]);
    check(&mut world, "drink", 1, reached);
    world.now = at("2026-03-02T00:00:00+08:00");
    let two = json!([{"code": "limit_reached", "per_member": 1, "resets_on": "2026-03-03"}]);
    check(&mut world, "drink", 2, two);
    world.redeem("drink").unwrap();
    assert_eq!(world.active(), 300);
}

#[test]
fn a_limit_of_a_month_or_for_ever_says_when_it_is_reset() {
    for (period, resets_on) in [("calendar_month", json!("2026-04-01")), ("ever", Value::Null)] {
        let written = format!("per_member = 1, period = \"{period}\" }}\nvoucher");
        let mut world = World::new(&[("per_member = 1, period = \"calendar_day\" }\nvoucher", &written)]);
        world.give(500);
        world.redeem("drink").unwrap();
        world.now = at("2026-03-31T23:59:59.999+08:00");
        let refused = serde_json::to_value(world.redeem("drink").unwrap_err()).unwrap();
        assert_eq!(refused["reasons"][0]["resets_on"], resets_on, "{period}");
        world.now = at("2026-04-01T00:00:00+08:00");
        assert_eq!(world.redeem("drink").is_ok(), period == "calendar_month");
    }
}

#[test]
fn a_reward_for_a_tier_is_for_the_tiers_above_it_too() {
    for (tier, can_be_had) in [("member", false), ("silver", false), ("gold", true), ("black", true)] {
        let for_gold = ("stock = 200\n", "stock = 200\nmin_tier = \"gold\"\n");
        let mut world = World::new(&[for_gold, ("approval_over = 1000", "approval_over = 5000")]);
        world.give(2_000);
        world.tier(tier);
        assert_eq!(world.redeem("toy").is_ok(), can_be_had, "{tier}");
    }
}

// rule: ledger 4.1
#[test]
fn points_that_expire_first_are_spent_first() {
    let mut world = World::new(&[]);
    for month in ["2026-01-15", "2026-02-15", "2026-03-15"] {
        world.now = at(&format!("{month}T12:00:00+08:00"));
        world.give(60);
    }
    let entry = world.redeem("drink").unwrap();
    let lot = |expires_at, points| Movement::Active { expires_at: at(expires_at), points: Points(points) };
    let first = lot("2027-02-01T00:00:00+08:00", -60);
    let second = lot("2027-03-01T00:00:00+08:00", -40);
    assert_eq!(entry.movements, [first, second]);
}

#[test]
fn a_redemption_takes_stock_and_issues_its_voucher_in_the_same_write() {
    let mut world = World::new(&[]);
    world.give(100);
    let entry = world.redeem("drink").unwrap();
    let reward = || "drink".to_owned();
    let expires_at = at("2026-04-01T00:00:00+08:00"); // the day boundary after 30 days
    let expected = [
        Effect::TakeStock { reward: reward(), quantity: 1, shards: 16 },
        Effect::IssueVoucher(Issued { redemption: 2, operation: entry.operation, reward: reward(), expires_at }),
    ];
    assert_eq!(world.effects, expected);
    let Detail::Redeem { voucher_expires_at, .. } = entry.detail else { unreachable!() };
    assert_eq!(voucher_expires_at, Some(expires_at));
}

#[test]
fn a_donation_is_made_as_a_donation_and_nothing_else_is() {
    for (reward, donation, known) in
        [("farm-aid", true, true), ("farm-aid", false, false), ("drink", true, false), ("bike", false, false)]
    {
        let mut world = World::new(&[]);
        world.give(100);
        world.effects.clear();
        let outcome = world.run(redeem(reward, 1, donation));
        let refused = outcome.as_ref().is_err_and(|refused| refused.code() == "unknown_reward");
        assert_eq!((outcome.is_ok(), refused), (known, !known), "{reward}");
        assert!(world.effects.is_empty(), "a donation has no stock and no voucher");
    }
}

// rule: ledger 4.9
#[test]
fn two_redemptions_of_sixty_against_a_hundred_are_one_too_many() {
    let mut world = World::new(&[ANY_NUMBER]);
    world.give(100);
    world.spend(60).unwrap();
    assert_eq!(world.spend(60).unwrap_err().code(), "insufficient_points");
    assert_eq!(world.active(), 40);
}
