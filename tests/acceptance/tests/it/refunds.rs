//! Returns: what they take back, what they leave owed, and when they come first.

use serde_json::json;

use crate::proof::audit;
use crate::stories::EIGHTY;
use crate::world::{AT_ONCE, World, refund};

/// Members earn half as much again, as the worked numbers of the rules do.
const GOLDEN: (&str, &str) = ("member = \"1\"", "member = \"3/2\"");

// rule: ledger 4.3, 4.7
#[tokio::test]
async fn three_partial_refunds_take_back_exactly_what_was_given() {
    let world = World::with(&[GOLDEN]).await;
    assert_eq!(world.pays("m-1", "1001", 19_990).await.ok()["points"], 299);
    let mut taken = Vec::new();
    for (id, amount) in [("r-1", 6_663), ("r-2", 6_663), ("r-3", 6_664)] {
        let request = refund(id, "m-1", amount, world.now());
        let quote = world.quote(json!({"refund": {"order_id": "1001", "request": request}})).await;
        let refunded = world.refunds("1001", id, "m-1", amount).await.ok();
        assert_eq!(quote["refund"], refunded, "a quote is the same decision");
        taken.push(refunded["taken"].as_i64().unwrap());
    }
    assert_eq!(taken, [100, 100, 99]);
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
    let more = world.refunds("1001", "r-4", "m-1", 1).await.ok();
    assert_eq!((&more["amount_minor"], &more["capped"], &more["taken"]), (&json!(0), &json!(true), &json!(0)));
    audit(&world, "m-1").await;
}

// rule: ledger 4.5
#[tokio::test]
async fn a_refund_of_spent_points_leaves_a_debt_that_later_points_repay() {
    let world = World::with(&[AT_ONCE, EIGHTY]).await;
    world.pays("m-1", "1001", 10_000).await.ok();
    let redeemed = world.redeems("m-1", "eighty", "a").await.ok();
    let refunded = world.refunds("1001", "r-1", "m-1", 10_000).await.ok();
    assert_eq!((&refunded["taken"], &refunded["debt_incurred"]), (&json!(100), &json!(80)));
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 80]);
    let broke = world.redeems("m-1", "eighty", "b").await.refused(409, "in_debt");
    assert_eq!((&broke["debt"], &broke["reasons"][1]["code"]), (&json!(80), &json!("insufficient_points")));
    world.pays("m-1", "1002", 5_000).await.ok();
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 30]);
    world.pays("m-1", "1003", 5_000).await.ok();
    assert_eq!(world.pockets("m-1").await, [20, 0, 0, 0]);
    let path = format!("/v1/redemptions/{}/reversals", redeemed["redemption_id"].as_str().unwrap());
    world.shop().keyed("c", &path, &json!({"initiated_by": "member"})).await.ok();
    assert_eq!(world.pockets("m-1").await, [100, 0, 0, 0]);
    audit(&world, "m-1").await;
}

// rule: ledger 4.6
#[tokio::test]
async fn a_refund_that_comes_before_its_order_waits_for_it() {
    let world = World::new().await;
    let parked = world.refunds("1001", "r-1", "m-1", 3_000).await.ok();
    assert_eq!((&parked["parked"], &parked["taken"]), (&json!(true), &json!(0)));
    let earned = world.pays("m-1", "1001", 10_000).await.ok();
    assert_eq!(earned["points"], 70);
    assert_eq!(earned["explanation"]["refunded_before_minor"], 3_000);
    let rest = world.refunds("1001", "r-2", "m-1", 9_000).await.ok();
    assert_eq!((&rest["amount_minor"], &rest["taken"]), (&json!(7_000), &json!(70)));
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
    audit(&world, "m-1").await;
}
