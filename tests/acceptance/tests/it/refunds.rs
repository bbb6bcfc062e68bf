//! Returns: what they take back, what they leave owed, and when they come first.

use jiff::SignedDuration;
use serde_json::json;

use crate::proof::audit;
use crate::stories::EIGHTY;
use crate::world::{AT_ONCE, World, order, refund};

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

/// Three times tea for 300.00 and a cup for 100.01, 40.00 off the order.
async fn tea_and_a_cup(world: &World) {
    let mut event = order("1001", "m-1", 0, world.now());
    event["data"]["discount_minor"] = json!(4_000);
    event["data"]["lines"] = json!([
        {"sku": "tea-250", "quantity": 3, "amount_minor": 30_000},
        {"sku": "cup", "quantity": 1, "amount_minor": 10_001},
    ]);
    assert_eq!(world.shop().post("/v1/activities", &event).await.ok()["points"], 360);
}

// rule: ledger 4.12
#[tokio::test]
async fn lines_come_back_by_sku_and_quantity_for_what_was_paid_for_them() {
    let world = World::new().await;
    tea_and_a_cup(&world).await;
    let shop = world.shop();
    let back = async |id: &str, lines: serde_json::Value| {
        let body = json!({"id": id, "source": "shop", "member": "m-1", "time": world.now(), "lines": lines});
        shop.post("/v1/orders/1001/refunds", &body).await
    };
    let one = back("r-1", json!([{"sku": "tea-250", "quantity": 1}])).await.ok();
    assert_eq!((&one["amount_minor"], &one["due"]), (&json!(9_000), &json!(90)));
    for (lines, pointer) in [
        (json!([{"sku": "tea-250", "quantity": 3}]), "/lines/0/quantity"),
        (json!([{"line": 2}]), "/lines/0/line"),
        (json!([{"sku": "pot"}]), "/lines/0/sku"),
    ] {
        let refused = back("r-2", lines).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], pointer, "{refused}");
    }
    let rest = back("r-2", json!([{"sku": "cup"}, {"line": 0, "quantity": 2}])).await.ok();
    assert_eq!((&rest["amount_minor"], &rest["due"]), (&json!(27_001), &json!(270)));
    assert_eq!(back("r-2", json!([{"sku": "cup"}, {"line": 0, "quantity": 2}])).await.again(), rest);
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
    audit(&world, "m-1").await;
}

// rule: ledger 4.12
#[tokio::test]
async fn lines_are_known_also_when_the_order_is_long_sealed() {
    let world = World::new().await;
    tea_and_a_cup(&world).await;
    for number in 0..40 {
        world.earns_100("m-1", &format!("later-{number}")).await.ok();
    }
    world.days_pass(40).await;
    let lines = json!([{"sku": "cup", "quantity": 1}]);
    let body = json!({"id": "r-1", "source": "shop", "member": "m-1", "time": world.now(), "lines": lines});
    let back = world.shop().post("/v1/orders/1001/refunds", &body).await.ok();
    assert_eq!((&back["amount_minor"], &back["due"]), (&json!(9_001), &json!(90)));
    audit(&world, "m-1").await;
}

// rule: ledger 2.7
#[tokio::test]
async fn an_order_that_was_taken_back_whole_is_paid_anew_once() {
    let world = World::new().await;
    world.pays("m-1", "1", 10_000).await.ok();
    let paid_again = |id: &str, amount: i64| {
        let mut paid = order("1", "m-1", amount, world.now());
        (paid["id"], paid["data"]["reopens"]) = (json!(id), json!(true));
        paid
    };
    let shop = world.shop();
    world.clock.advance(SignedDuration::from_mins(1));
    shop.post("/v1/activities", &paid_again("early", 8_000)).await.refused(409, "conflicting_duplicate");
    let back = world.refunds("1", "r-1", "m-1", 10_000).await.ok();
    let mut silent = paid_again("silent", 8_000);
    silent["data"]["reopens"] = json!(false);
    world.clock.advance(SignedDuration::from_mins(1));
    let refused = shop.post("/v1/activities", &silent).await.refused(409, "conflicting_duplicate");
    assert_eq!(refused["refund"], back["refund_id"]);
    let mut before = paid_again("before", 8_000);
    before["time"] = json!(world.now() - SignedDuration::from_mins(2));
    shop.post("/v1/activities", &before).await.refused(409, "conflicting_duplicate");
    let mut others = paid_again("others", 8_000);
    others["subject"] = json!("m-2");
    shop.post("/v1/activities", &others).await.refused(409, "conflicting_duplicate");

    let again = paid_again("again", 8_000);
    assert_eq!(shop.post("/v1/activities", &again).await.ok()["points"], 80);
    assert_eq!(shop.post("/v1/activities", &again).await.again()["points"], 80);
    shop.post("/v1/activities", &paid_again("twice", 8_000)).await.refused(409, "conflicting_duplicate");
    assert_eq!(world.pockets("m-1").await, [0, 80, 0, 0]);
    // What is returned now is of the newer report, by its lines as well.
    let line = json!({"id": "r-2", "source": "shop", "member": "m-1", "lines": [{"line": 0}], "time": world.now()});
    assert_eq!(shop.post("/v1/orders/1/refunds", &line).await.ok()["due"], 80);
    world.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(shop.post("/v1/activities", &paid_again("third", 5_000)).await.ok()["points"], 50);
    assert_eq!(world.pockets("m-1").await, [0, 50, 0, 0]);
    audit(&world, "m-1").await;
}

/// A ticket that sells for so much and takes back.
fn ticket(id: &str, amount: i64, returns: serde_json::Value, world: &World) -> serde_json::Value {
    let mut event = order(id, "m-1", amount, world.now());
    event["data"]["returns"] = returns;
    if amount == 0 {
        event["data"]["lines"] = json!([]);
    }
    event
}

// rule: ledger 4.20
#[tokio::test]
async fn one_ticket_sells_and_takes_back_in_one_write_or_not_at_all() {
    let world = World::new().await;
    tea_and_a_cup(&world).await;
    world.pays("m-2", "2001", 10_000).await.ok();
    let shop = world.shop();
    let back = json!({"order_id": "1001", "lines": [{"sku": "tea-250", "quantity": 1}]});
    let foreign = ticket("1002", 5_000, json!([back, {"order_id": "2001", "amount_minor": 100}]), &world);
    let refused = shop.post("/v1/activities", &foreign).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/data/returns/1/order_id");
    let pot = ticket("1002", 5_000, json!([{"order_id": "1001", "lines": [{"sku": "pot"}]}]), &world);
    let refused = shop.post("/v1/activities", &pot).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/data/returns/0/lines/0/sku");
    assert_eq!(world.pockets("m-1").await, [0, 360, 0, 0], "nothing is left of what was refused");

    let event = ticket("1002", 5_000, json!([back]), &world);
    let sold = shop.post("/v1/activities", &event).await.ok();
    assert_eq!(
        (&sold["points"], &sold["returns"][0]["due"], &sold["entry"]["id"]),
        (&json!(50), &json!(90), &json!("m-1.3"))
    );
    assert_eq!(sold["returns"][0]["refund_id"], "m-1.2");
    assert_eq!(shop.post("/v1/activities", &event).await.again(), sold);
    assert_eq!(world.pockets("m-1").await, [0, 320, 0, 0]);

    let only = ticket(
        "1003",
        0,
        json!([{"order_id": "1001", "lines": [{"sku": "cup"}]}, {"order_id": "1002", "amount_minor": 5_000}]),
        &world,
    );
    let only = shop.post("/v1/activities", &only).await.ok();
    assert_eq!((&only["points"], only["returns"].as_array().unwrap().len()), (&json!(0), 2));
    assert_eq!(world.pockets("m-1").await, [0, 180, 0, 0]);
    let twice = ticket(
        "1004",
        100,
        json!([{"order_id": "1001", "amount_minor": 1}, {"order_id": "1001", "amount_minor": 1}]),
        &world,
    );
    let refused = shop.post("/v1/activities", &twice).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/data/returns/1/order_id");
    audit(&world, "m-1").await;
}

// rule: ledger 4.19
#[tokio::test]
async fn a_refund_gives_back_points_that_paid_as_the_shop_chooses() {
    let world = World::with(&[AT_ONCE]).await;
    for number in 0..5 {
        world.earns_100("m-1", &number.to_string()).await.ok();
    }
    let shop = world.shop();
    let held = json!({"member": "m-1", "order_id": "1001", "order_net_minor": 10_000, "points": 400});
    let hold = shop.keyed("h", "/v1/holds", &held).await.ok();
    shop.post(&format!("/v1/holds/{}/capture", hold["hold_id"].as_str().unwrap()), &json!({})).await.ok();
    let mut event = order("1001", "m-1", 10_000, world.now());
    event["data"]["points_paid_minor"] = json!(400);
    assert_eq!(shop.post("/v1/activities", &event).await.ok()["points"], 96);
    assert_eq!(world.pockets("m-1").await, [196, 0, 0, 0]);

    let back = |id: &str, amount: i64, points: i64| {
        let mut body = refund(id, "m-1", amount, world.now());
        body["points_minor"] = json!(points);
        if amount == 0 {
            body.as_object_mut().unwrap().remove("amount_minor");
        }
        body
    };
    let path = "/v1/orders/1001/refunds";
    let refused = shop.post(path, &back("r-0", 1_000, 401)).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/points_minor");
    assert_eq!(world.pockets("m-1").await, [196, 0, 0, 0]);
    let first = back("r-1", 1_000, 150);
    let some = shop.post(path, &first).await.ok();
    assert_eq!((&some["taken"], &some["points_returned"]), (&json!(10), &json!(150)));
    assert_eq!(world.pockets("m-1").await, [336, 0, 0, 0]);
    assert_eq!(shop.post(path, &first).await.again(), some);
    let alone = shop.post(path, &back("r-2", 0, 250)).await.ok();
    assert_eq!((&alone["taken"], &alone["points_returned"]), (&json!(0), &json!(250)));
    shop.post(path, &back("r-3", 1_000, 1)).await.refused(422, "invalid_field");
    let before = shop.post("/v1/orders/1002/refunds", &back("r-4", 1_000, 1)).await.refused(422, "invalid_field");
    assert_eq!(before["pointer"], "/points_minor");
    world.days_pass(60).await;
    assert_eq!(shop.post(path, &first).await.again(), some);
    assert_eq!(world.pockets("m-1").await, [586, 0, 0, 0]);
    audit(&world, "m-1").await;
}
