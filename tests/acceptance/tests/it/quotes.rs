//! Quotes: what would happen, as the thing itself would be decided.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::tables;
use crate::world::{World, at, fact, order, refund};

fn of_refund(request: &Value) -> Value {
    json!({"refund": {"order_id": "1001", "request": request}})
}

// rule: ledger 2.3, 6.4
#[tokio::test]
async fn what_is_known_already_is_quoted_as_it_would_be_answered() {
    let world = World::new().await;
    let shop = world.shop();
    let paid = order("1001", "m-1", 19_990, world.now());
    let returned = refund("r-1", "m-1", 5_000, world.now());
    let featured = fact("ugc.featured", "feature-7", "m-1", world.now());
    let earned = shop.post("/v1/activities", &paid).await.ok();
    let back = shop.post("/v1/orders/1001/refunds", &returned).await.ok();
    shop.post("/v1/activities", &featured).await.ok();
    for number in 0..40 {
        world.earns_100("m-1", &format!("later-{number}")).await.ok();
    }
    world.days_pass(4).await;
    let before = tables::ledger(&world.platform).await;
    assert_eq!(world.quote(json!({"activity": paid})).await["activity"], earned);
    assert_eq!(world.quote(of_refund(&returned)).await["refund"], back);
    let with = |of: &Value, name: &str, value: Value| {
        let mut other = of.clone();
        other[name] = value;
        other
    };
    let now = json!(world.now());
    for quote in [
        json!({"activity": with(&paid, "time", now.clone())}),
        json!({"activity": with(&paid, "subject", json!("m-2"))}),
        json!({"activity": with(&paid, "id", json!("another"))}),
        json!({"activity": with(&featured, "time", now.clone())}),
        json!({"activity": with(&featured, "subject", json!("m-2"))}),
        of_refund(&with(&returned, "time", now)),
        of_refund(&with(&returned, "amount_minor", json!(5_001))),
    ] {
        let refused = shop.post("/v1/quotes", &quote).await.refused(409, "conflicting_duplicate");
        assert_eq!(refused.get("member"), None, "a shop is not told whose it is");
    }
    assert_eq!(tables::ledger(&world.platform).await, before, "a quote is written nowhere");
    let cancels = refund("r-2", "m-1", 14_990, world.now());
    let cancelled = shop.post("/v1/orders/1001/refunds", &cancels).await.ok();
    let again = json!({"activity": order("1001", "m-1", 19_990, world.now())});
    let refused = shop.post("/v1/quotes", &again).await.refused(409, "conflicting_duplicate");
    assert_eq!(refused["refund"], cancelled["refund_id"]);
}

// rule: ledger 6.4
#[tokio::test]
async fn what_would_be_refused_is_quoted_as_refused_at_its_place() {
    let world = World::new().await;
    let shop = world.shop();
    let mut paid = order("1001", "m-1", 0, world.now());
    paid["data"]["lines"] = json!([{"sku": "tea", "quantity": 3, "amount_minor": 10_000}]);
    shop.post("/v1/activities", &paid).await.ok();
    let pieces = |quantity: i64| {
        let lines = json!([{"sku": "tea", "quantity": quantity}]);
        of_refund(&json!({"id": "r-1", "source": "shop", "member": "m-1", "time": world.now(), "lines": lines}))
    };
    let refused = shop.post("/v1/quotes", &pieces(4)).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/refund/request/lines/0/quantity");
    assert_eq!(world.quote(pieces(1)).await["refund"]["due"], 34);
    let mut taxed = order("1002", "m-1", 10_000, world.now());
    taxed["data"]["tax_minor"] = json!(10_001);
    let refused = shop.post("/v1/quotes", &json!({"activity": taxed})).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/activity/data/tax_minor");

    // A turn that is used up, and a refund that comes too late.
    world.earns_100("m-1", "a").await.ok();
    world.earns_100("m-1", "b").await.ok();
    world.redeems("m-1", "drink", "one").await.ok();
    let drink = json!({"redemption": {"member": "m-1", "reward": "drink"}});
    let quoted = shop.post("/v1/quotes", &drink).await;
    let done = world.redeems("m-1", "drink", "two").await;
    assert_eq!((quoted.status, &quoted.body["code"]), (409, &done.body["code"]));
    world.time_passes(SignedDuration::from_hours(365 * 24)).await;
    shop.post("/v1/quotes", &pieces(1)).await.refused(409, "refund_window_closed");
}

// rule: ledger 6.5
#[tokio::test]
async fn an_order_is_quoted_with_the_tier_that_earlier_facts_made() {
    let world = World::new().await;
    world.advance("2026-03-01T02:00:02Z").await;
    world.shop().post("/v1/activities", &order("1", "m-1", 500_000, at("2026-03-01T02:00:00Z"))).await.ok();
    for (second, points) in [("2026-03-01T02:00:00.001Z", 150), ("2026-03-01T01:59:59.999Z", 100)] {
        let quote = world.quote(json!({"activity": order("2", "m-1", 10_000, at(second))})).await;
        assert_eq!(quote["activity"]["points"], points, "{second}");
    }
}
