//! Orders as shops send them: deductions on lines and on the order, and what the answer says of each.

use serde_json::{Value, json};

use crate::world::{World, order, refund};

/// The rate of the default programme, and the same for lines that are no gift cards.
const RATE: &str = "rate = { points = 1, per_minor = 100 }     # 1 point per 1.00 CNY\n";
const NO_GIFT_CARDS: &str =
    "rate = { points = 1, per_minor = 100 }     # 1 point per 1.00 CNY\nlines = \"category != 'giftcard'\"\n";

/// What a line is has no default.
const NO_DEFAULT: (&str, &str) = (
    "line_attributes = { category = { type = \"text\", default = \"\" } }",
    "line_attributes = { category = \"text\" }",
);

fn basket(id: &str, lines: &Value, of_order: &Value, world: &World) -> Value {
    let mut basket = order(id, "m-1", 1, world.now());
    basket["data"]["lines"] = lines.clone();
    for (name, value) in of_order.as_object().into_iter().flatten() {
        basket["data"][name] = value.clone();
    }
    basket
}

fn two() -> Value {
    json!([
        {"sku": "tea", "quantity": 1, "amount_minor": 10_000, "attributes": {"category": "tea"}},
        {"sku": "card", "quantity": 1, "amount_minor": 10_000, "attributes": {"category": "giftcard"}},
    ])
}

// rule: ledger 3.8, 3.9
#[tokio::test]
async fn deductions_belong_to_their_lines() {
    let world = World::with(&[(RATE, NO_GIFT_CARDS)]).await;
    let mut own = two();
    own[0]["discount_minor"] = json!(1_000);
    own[0]["points_paid_minor"] = json!(500);
    own[0]["gift_card_minor"] = json!(500);
    let shipped = json!([two()[0], {"kind": "shipping", "amount_minor": 1_000}]);
    for (place, (lines, of_order, points)) in [
        (own, json!({}), 80),
        (two(), json!({"discount_minor": 5_000}), 75),
        (two(), json!({"gift_card_minor": 5_000}), 75),
        (shipped, json!({"gift_card_minor": 5_000}), 50),
    ]
    .into_iter()
    .enumerate()
    {
        let reported = basket(&place.to_string(), &lines, &of_order, &world);
        let answer = world.shop().post("/v1/activities", &reported).await.ok();
        assert_eq!(answer["points"], points, "{reported}");
    }
}

// rule: ledger 3.9
#[tokio::test]
async fn a_line_that_a_condition_cannot_decide_is_named() {
    let world = World::with(&[NO_DEFAULT, (RATE, NO_GIFT_CARDS)]).await;
    let mut lines = two();
    lines[1].as_object_mut().unwrap().remove("attributes");
    let answer = world.shop().post("/v1/activities", &basket("1", &lines, &json!({}), &world)).await.ok();
    assert_eq!((&answer["points"], &answer["explanation"]["rules"][0]["undecided"]), (&json!(100), &json!([1])));
    let entry = answer["entry"]["id"].as_str().unwrap();
    let shown = world.auditor().get(&format!("/v1/entries/{entry}")).await.ok();
    assert_eq!(shown["explanation"], answer["explanation"], "worked out again from the entry as stored");
}

// rule: ledger 3.11
#[tokio::test]
async fn an_order_whose_deductions_are_more_than_its_lines_is_refused_and_enrols_nobody() {
    let world = World::new().await;
    let mut own = two();
    own[1]["tax_minor"] = json!(10_001);
    for (lines, of_order, pointer) in [
        (two(), json!({"tax_minor": 20_001}), "/data/tax_minor"),
        (two(), json!({"gift_card_minor": 999_999}), "/data/gift_card_minor"),
        (two(), json!({"discount_minor": 12_000, "gift_card_minor": 12_000}), "/data/gift_card_minor"),
        (own, json!({}), "/data/lines/1/tax_minor"),
    ] {
        let reported = basket("1", &lines, &of_order, &world);
        let refused = world.shop().post("/v1/activities", &reported).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], pointer);
    }
    world.auditor().get("/v1/members/m-1/balance").await.refused(404, "not_found");
}

// rule: ledger 4.13
#[tokio::test]
async fn a_cancelled_order_gives_the_multiplier_for_the_next_one_back() {
    let world = World::new().await;
    let mut watched = crate::world::fact("task.completed", "t1", "m-1", world.now());
    watched["data"] = json!({"attributes": {"task": "watch_tutorial"}});
    world.shop().post("/v1/activities", &watched).await.ok();
    assert_eq!(world.pays("m-1", "1", 10_000).await.ok()["points"], 200);
    assert_eq!(world.refunds("1", "r1", "m-1", 10_000).await.ok()["due"], 200);
    assert_eq!(world.pays("m-1", "2", 10_000).await.ok()["points"], 200);
}

// rule: ledger 4.12
#[tokio::test]
async fn a_refund_says_what_came_back_or_is_refused_at_its_place() {
    let world = World::new().await;
    world.pays("m-1", "1", 10_000).await.ok();
    let mut request = refund("r-1", "m-1", 1, world.now());
    request.as_object_mut().unwrap().remove("amount_minor");
    for (lines, pointer) in [
        (json!([]), "/amount_minor"),
        (json!([{"quantity": 1}]), "/lines/0"),
        (json!([{"line": 0, "quantity": 0}]), "/lines/0/quantity"),
        (json!([{"line": 0, "amount_minor": -1}]), "/lines/0/amount_minor"),
        (json!([{"line": -1}]), "/lines/0/line"),
        (json!([{"sku": ""}]), "/lines/0/sku"),
        (json!([{"line": 0}, {"colour": "red"}]), "/lines/1/colour"),
        (json!(vec![json!({"line": 0}); 201]), "/lines"),
    ] {
        request["lines"] = lines;
        let refused = world.shop().post("/v1/orders/1/refunds", &request).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], pointer);
    }
}
