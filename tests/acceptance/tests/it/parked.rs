//! Returns that are reported before their orders: the brand holds them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::FactName;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::proof::audit;
use crate::tables;
use crate::world::{World, order, refund};

async fn waiting(world: &World) -> Vec<Value> {
    world.auditor().get("/v1/refunds/parked").await.ok()["refunds"].as_array().unwrap().clone()
}

// rule: ledger 4.6
#[tokio::test]
async fn a_refund_that_comes_before_its_order_waits_for_it_and_enrols_nobody() {
    let world = World::new().await;
    let parked = world.refunds("1001", "r-1", "m-1", 3_000).await.ok();
    assert_eq!((&parked["parked"], &parked["taken"], &parked["refund_id"]), (&json!(true), &json!(0), &Value::Null));
    world.auditor().get("/v1/members/m-1/balance").await.refused(404, "not_found");
    assert_eq!(world.refunds("1001", "r-1", "m-1", 3_000).await.again(), parked);
    let other = world.refunds("1001", "r-1", "m-1", 3_001).await.refused(409, "conflicting_duplicate");
    assert_eq!((&other["name"], &other["entry"]), (&json!("refund r-1"), &Value::Null));
    world.refunds("1002", "r-1", "m-1", 3_000).await.refused(409, "conflicting_duplicate");

    let listed = waiting(&world).await;
    assert_eq!(listed.len(), 1);
    let [id, order_id, member] = ["id", "order_id", "member"].map(|name| listed[0][name].as_str().unwrap());
    assert_eq!((id, order_id, member, &listed[0]["amount_minor"]), ("r-1", "1001", "m-1", &json!(3_000)));

    let earned = world.pays("m-1", "1001", 10_000).await.ok();
    assert_eq!(earned["points"], 70);
    assert_eq!(earned["explanation"]["refunded_before_minor"], 3_000);
    assert_eq!(waiting(&world).await, Vec::<Value>::new());
    assert_eq!(world.refunds("1001", "r-1", "m-1", 3_000).await.again(), parked, "what was answered once");
    world.pays("m-2", "1002", 10_000).await.ok();
    world.refunds("1002", "r-1", "m-2", 3_000).await.refused(409, "conflicting_duplicate");
    let rest = world.refunds("1001", "r-2", "m-1", 9_000).await.ok();
    assert_eq!((&rest["amount_minor"], &rest["taken"]), (&json!(7_000), &json!(70)));
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
    audit(&world, "m-1").await;
}

// rule: ledger 4.6
#[tokio::test]
async fn the_member_of_a_refund_need_not_be_named_and_one_that_is_must_have_the_order() {
    let world = World::new().await;
    let nameless = |id: &str| {
        let mut body = refund(id, "m-1", 1_000, world.now());
        body.as_object_mut().unwrap().remove("member");
        body
    };
    let shop = world.shop();
    let parked = shop.post("/v1/orders/1001/refunds", &nameless("r-1")).await.ok();
    assert_eq!(parked["parked"], true);
    assert_eq!(waiting(&world).await[0]["member"], Value::Null);
    assert_eq!(world.pays("m-1", "1001", 10_000).await.ok()["points"], 90);
    let back = shop.post("/v1/orders/1001/refunds", &nameless("r-2")).await.ok();
    assert_eq!((&back["refund_id"], &back["taken"]), (&json!("m-1.2"), &json!(10)));
    for member in ["m-2", "m-404"] {
        world.refunds("1001", "r-3", member, 1_000).await.refused(404, "not_found");
        world.auditor().get(&format!("/v1/members/{member}/balance")).await.refused(404, "not_found");
    }
    world.refunds("1001", "r-2", "m-2", 1_000).await.refused(409, "conflicting_duplicate");
    let quote = json!({"refund": {"order_id": "1001", "request": refund("r-4", "m-2", 1_000, world.now())}});
    world.admin("ada").post("/v1/quotes", &quote).await.refused(404, "not_found");
    assert_eq!(world.pockets("m-1").await, [0, 80, 0, 0]);
}

// rule: ledger 4.6
#[tokio::test]
async fn lines_that_came_back_before_their_order_are_taken_from_what_it_earns() {
    let world = World::new().await;
    let mut body = refund("r-1", "m-1", 0, world.now());
    body.as_object_mut().unwrap().remove("amount_minor");
    body["lines"] = json!([{"sku": "tea-250", "quantity": 2}]);
    let parked = world.shop().post("/v1/orders/1001/refunds", &body).await.ok();
    assert_eq!(parked["parked"], true);
    let mut event = order("1001", "m-1", 0, world.now());
    event["data"]["lines"] = json!([
        {"sku": "tea-250", "quantity": 3, "amount_minor": 30_000},
        {"sku": "cup", "quantity": 1, "amount_minor": 10_001},
    ]);
    assert_eq!(world.shop().post("/v1/activities", &event).await.ok()["points"], 200);
    body["id"] = json!("r-2");
    let refused = world.shop().post("/v1/orders/1001/refunds", &body).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/lines/0/quantity");
    body["lines"] = json!([{"sku": "tea-250"}, {"sku": "cup"}]);
    assert_eq!(world.shop().post("/v1/orders/1001/refunds", &body).await.ok()["due"], 200);
    audit(&world, "m-1").await;
}

// rule: ledger 4.6
#[tokio::test]
async fn a_refund_whose_order_never_comes_lapses() {
    let world = World::new().await;
    world.refunds("1001", "r-1", "m-1", 3_000).await.ok();
    world.time_passes(SignedDuration::from_hours(364 * 24)).await;
    assert_eq!(waiting(&world).await.len(), 1);
    world.days_pass(2).await;
    assert_eq!(waiting(&world).await, Vec::<Value>::new());
    assert_eq!(world.pays("m-1", "1001", 10_000).await.ok()["points"], 100);
    let other = world.refunds("1003", "r-3", "m-3", 3_000).await.ok();
    assert_eq!(other["parked"], true);
    assert_eq!(world.pays("m-1", "1003", 10_000).await.ok()["points"], 100, "it named another member");
    assert_eq!(waiting(&world).await, Vec::<Value>::new());
}

// rule: ledger 4.6
#[tokio::test]
async fn a_refund_of_an_order_that_a_crash_left_to_another_member_waits_for_it() {
    let world = World::new().await;
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).facts;
    for (number, order) in ["1001", "1002"].into_iter().enumerate() {
        // What is left of an order of `m-2` whose write never came.
        let claimed = world.now().as_second().to_string();
        let row =
            client.put_item().table_name(&table).item("k", AttributeValue::B(Blob::new(FactName::order(order).key.0)));
        let row = row.item("m", AttributeValue::S("m-2".to_owned())).item("n", AttributeValue::N("0".to_owned()));
        row.item("a", AttributeValue::N(claimed)).send().await.unwrap();
        let id = format!("r-{number}");
        world.refunds(order, &id, "m-1", 3_000).await.refused(409, "busy");
        world.time_passes(SignedDuration::from_hours(2)).await;
        let parked = world.refunds(order, &id, "m-1", 3_000).await.ok();
        assert_eq!(parked["parked"], true);
        assert_eq!(world.refunds(order, &id, "m-1", 3_000).await.again(), parked);
        world.auditor().get("/v1/members/m-2/balance").await.refused(404, "not_found");
    }
    assert_eq!(world.pays("m-1", "1001", 10_000).await.ok()["points"], 70, "the claim is taken over");
    assert_eq!(world.pays("m-2", "1002", 10_000).await.ok()["points"], 100, "the refund named another member");
    assert_eq!(waiting(&world).await, Vec::<Value>::new());
    for member in ["m-1", "m-2"] {
        audit(&world, member).await;
    }
}

// rule: ledger 4.6
#[tokio::test]
async fn refunds_that_wait_are_listed_in_parts_and_a_partner_sees_its_own() {
    let world = World::new().await;
    for number in 0..5 {
        world.refunds(&format!("{number}"), &format!("r-{number}"), "m-1", 100).await.ok();
        world.time_passes(SignedDuration::from_mins(1)).await;
    }
    let mut body = refund("r-9", "m-1", 100, world.now());
    body["source"] = json!("pos");
    world.shop().post("/v1/orders/9/refunds", &body).await.ok();
    let mut ids = Vec::new();
    let mut path = "/v1/refunds/parked?limit=2".to_owned();
    loop {
        let page = world.auditor().get(&path).await.ok();
        ids.extend(page["refunds"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/refunds/parked?limit=2&after={next}");
    }
    assert_eq!(ids, ["r-0", "r-1", "r-2", "r-3", "r-4", "r-9"]);
    let own = world.shop().get("/v1/refunds/parked").await.ok();
    assert_eq!(own["refunds"].as_array().unwrap().len(), 5);
    world.auditor().get("/v1/refunds/parked?after=x").await.refused(400, "invalid_parameter");
    world.member("m-1").get("/v1/refunds/parked").await.refused(403, "forbidden");
}
