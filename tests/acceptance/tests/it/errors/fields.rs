//! Fields that are wrong, each refused at its place.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Unchanged, days_ago, each_is_refused, in_seconds, left_out, lived_in, now, text, wrong};
use crate::world::{World, fact, order, refund};

#[tokio::test]
async fn a_wrong_event_is_refused_at_its_place() {
    let good = order("2000", "m-1", 19_990, now());
    let mistakes = vec![
        wrong("", json!([])),
        wrong("", json!(null)),
        wrong("", json!("order.paid")),
        wrong("", json!(["1.0", "1", "shop", "checkin", "m-1", now()])),
        wrong("/specversion", json!("0.3")),
        wrong("/specversion", json!(1.0)),
        left_out("/specversion"),
        wrong("/id", json!("")),
        wrong("/id", text(129)),
        wrong("/id", json!("a\u{0}b")),
        wrong("/id", json!(7)),
        wrong("/source", json!("line\nbreak")),
        left_out("/source"),
        wrong("/type", json!("")),
        wrong("/type", text(129)),
        wrong("/subject", json!("王芳")),
        wrong("/subject", json!("")),
        wrong("/subject", text(65)),
        wrong("/subject", json!("m-1/../m-2")),
        wrong("/subject", json!({"$ne": null})),
        wrong("/time", json!("yesterday")),
        wrong("/time", json!("2026-03-01T10:00:00")),
        wrong("/time", json!(1_772_330_400)),
        wrong("/time", days_ago(31)).called("too_old"),
        wrong("/time", json!("1970-01-01T00:00:00Z")).called("too_old"),
        wrong("/time", json!("-009999-01-03T00:00:00Z")),
        wrong("/time", in_seconds(301)).called("in_future"),
        wrong("/time", json!("9999-12-30T00:00:00Z")).called("in_future"),
        wrong("/datacontenttype", json!("text/xml")),
        wrong("/colour", json!("red")),
        wrong("/backdatereason", json!("x\ty")),
    ];
    each_is_refused("/v1/activities", good, mistakes).await;
}

#[tokio::test]
async fn a_wrong_order_is_refused_at_its_place() {
    let mut good = order("2000", "m-1", 19_990, now());
    good["data"]["lines"][0] =
        json!({"amount_minor": 19_990, "sku": "tea", "quantity": 2, "attributes": {"category": "x"}});
    good["data"]["attributes"] = json!({"store": "x"});
    let mistakes = vec![
        wrong("/data", json!([])),
        left_out("/data").at("/data"),
        wrong("/data/colour", json!("red")),
        wrong("/data/order_id", json!("")),
        wrong("/data/order_id", text(129)),
        left_out("/data/order_id"),
        wrong("/data/currency", json!("USD")),
        wrong("/data/currency", json!("cny")),
        wrong("/data/lines", json!([])),
        wrong("/data/lines", json!(vec![json!({"amount_minor": 1}); 201])),
        wrong("/data/lines", json!(vec![json!({"amount_minor": 1_000_000_000_000_i64}); 2])),
        wrong("/data/lines", json!("tea")),
        wrong("/data/lines/0", json!([100])),
        wrong("/data/lines/0/amount_minor", json!(-1)),
        wrong("/data/lines/0/amount_minor", json!(1.5)),
        wrong("/data/lines/0/amount_minor", json!("19990")),
        wrong("/data/lines/0/amount_minor", json!(1_000_000_000_001_i64)),
        wrong("/data/lines/0/amount_minor", json!(u64::MAX)),
        wrong("/data/lines/0/amount_minor", json!(1e300)),
        wrong("/data/lines/0/quantity", json!(0)),
        wrong("/data/lines/0/quantity", json!(1_000_001)),
        wrong("/data/lines/0/sku", text(129)),
        wrong("/data/lines/0/colour", json!("red")),
        wrong("/data/lines/0/attributes/colour", json!("red")),
        wrong("/data/lines/0/attributes/sku", json!("tea")),
        wrong("/data/lines/0/attributes/category", json!(7)),
        wrong("/data/attributes/colour", json!("red")),
        wrong("/data/attributes/store", json!(7)),
        wrong("/data/attributes/store", text(257)),
        wrong("/data/attributes/store", json!(["x"])),
        wrong("/data/attributes/store", json!(null)),
        wrong("/data/discount_minor", json!(-1)),
        wrong("/data/points_paid_minor", json!(i64::MIN)),
        wrong("/data/gift_card_minor", json!(i64::MAX)),
        wrong("/data/shipping_minor", json!(-5)),
        wrong("/data/tax_minor", json!(null)),
    ];
    each_is_refused("/v1/activities", good, mistakes).await;
}

#[tokio::test]
async fn a_wrong_behaviour_is_refused_at_its_place() {
    let mut good = fact("task.completed", "t-1", "m-1", now());
    good["data"] = json!({"attributes": {"task": "x"}});
    let mistakes = vec![
        wrong("/type", json!("moon.landing")).called("unknown_activity"),
        wrong("/data/order_id", json!("1")),
        wrong("/data/attributes/task", json!(true)),
        wrong("/data/attributes/colour", json!("red")),
    ];
    each_is_refused("/v1/activities", good.clone(), mistakes).await;
    let world = World::new().await;
    good["type"] = json!("moon.landing");
    let refused = world.shop().post("/v1/activities", &good).await.refused(422, "unknown_activity");
    assert!(refused["known"].as_array().unwrap().contains(&json!("checkin")), "it says what is known");
    // Everything that is wrong is told at once, in the envelope and in what it holds.
    let mut wrong = order("1001", "m-1", 10_000, world.now());
    (wrong["time"], wrong["foo"]) = (json!("yesterday"), json!(1));
    (wrong["data"]["currency"], wrong["data"]["lines"][0]["amount_minor"]) = (json!(5), json!("x"));
    let refused = world.shop().post("/v1/activities", &wrong).await.refused(422, "invalid_field");
    let pointers: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    let expected = ["/data/currency", "/data/lines/0/amount_minor", "/foo", "/time"];
    assert_eq!(BTreeSet::from_iter(pointers), BTreeSet::from(expected), "{refused}");
    // Whoever misspells the type of an order is told so, and not that its data are wrong.
    let mut misspelt = order("1001", "m-1", 10_000, world.now());
    misspelt["type"] = json!("order.payed");
    let refused = world.shop().post("/v1/activities", &misspelt).await.refused(422, "invalid_field");
    assert_eq!(
        (&refused["pointer"], &refused["detail"]),
        (&json!("/type"), &json!("`order.payed` has no order in its data, `order.paid` has"))
    );
}

#[tokio::test]
async fn a_wrong_refund_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/id", json!("")),
        wrong("/source", json!("\u{7f}")),
        wrong("/member", json!("m 1")),
        wrong("/amount_minor", json!(0)),
        wrong("/amount_minor", json!(-100)),
        wrong("/amount_minor", json!(1_000_000_000_001_i64)),
        wrong("/time", json!(null)),
        wrong("/time", days_ago(31)).called("too_old"),
        wrong("/time", in_seconds(301)).called("in_future"),
        wrong("/order_id", json!("1001")),
    ];
    each_is_refused("/v1/orders/1001/refunds", refund("r-1", "m-1", 100, now()), mistakes).await;
}

#[tokio::test]
async fn a_wrong_reversal_of_a_fact_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/id", json!("")),
        wrong("/source", json!("\u{7f}")),
        left_out("/source"),
        wrong("/member", json!("m 1")),
        wrong("/of", json!("one-m-1")),
        wrong("/of/id", json!("")),
        wrong("/of/source", text(129)),
        wrong("/of/colour", json!("red")),
        wrong("/of/id", json!("order-1001")).at("/of"),
        wrong("/time", days_ago(31)).called("too_old"),
        wrong("/time", in_seconds(301)).called("in_future"),
        wrong("/reason", json!("")),
        wrong("/points", json!(20)),
    ];
    let of = json!({"source": "shop", "id": "one-m-1"});
    let good = json!({"id": "gone", "source": "shop", "member": "m-1", "of": of, "time": now()});
    each_is_refused("/v1/activities/reversals", good, mistakes).await;
}

#[tokio::test]
async fn a_wrong_batch_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/activities", json!([])),
        wrong("/activities", json!(vec![json!({}); 26])),
        wrong("/activities", json!({})),
        left_out("/activities"),
        wrong("/more", json!(1)),
    ];
    each_is_refused("/v1/activities/batch", json!({"activities": []}), mistakes).await;
}

#[tokio::test]
async fn a_wrong_correction_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/member", json!("")),
        wrong("/points", json!(0)),
        wrong("/points", json!(1_000_000_000_001_i64)),
        wrong("/points", json!(-1_000_000_000_001_i64)),
        wrong("/points", json!(i64::MIN)),
        wrong("/points", json!("10")),
        wrong("/reason", json!("because")),
        wrong("/by", json!("somebody else")),
    ];
    each_is_refused("/v1/adjustments", json!({"member": "m-1", "points": 10, "reason": "goodwill"}), mistakes).await;
}

#[tokio::test]
async fn a_wrong_quote_is_refused_at_its_place() {
    let activity = vec![
        wrong("", json!({})),
        wrong("", json!({"moon": {}})).at("/moon"),
        wrong("/activity", json!(["1.0", "1", "shop", "checkin", "m-1", now()])),
        wrong("/activity/id", json!("")),
        wrong("/activity/time", days_ago(31)).called("too_old"),
        wrong("/activity/data/currency", json!("USD")),
        wrong("/activity/colour", json!("red")),
    ];
    each_is_refused("/v1/quotes", json!({"activity": order("2000", "m-1", 100, now())}), activity).await;
    let returned = vec![
        wrong("/refund", json!(["1001", {}])),
        wrong("/refund/colour", json!("red")),
        wrong("/refund/request/amount_minor", json!(0)),
        wrong("/refund/request/time", days_ago(31)).called("too_old"),
    ];
    let good = json!({"refund": {"order_id": "1001", "request": refund("r-1", "m-1", 100, now())}});
    each_is_refused("/v1/quotes", good, returned).await;
    let checkout = vec![wrong("/pay_with_points/points", json!(0)), wrong("/pay_with_points/member", json!("?"))];
    let good = json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100});
    each_is_refused("/v1/quotes", json!({"pay_with_points": good}), checkout).await;
}

#[tokio::test]
async fn a_wrong_redemption_is_refused_at_its_place() {
    let redemption = vec![
        wrong("", json!(["m-1", "drink"])),
        wrong("/member", json!(null)),
        wrong("/member", json!("m-1\n")),
        wrong("/reward", json!("")),
        wrong("/reward", text(129)),
        wrong("/quantity", json!(2)),
        wrong("/cost_points", json!(1)),
    ];
    each_is_refused("/v1/redemptions", json!({"member": "m-1", "reward": "drink"}), redemption).await;
    let donation = vec![
        wrong("/quantity", json!(0)),
        wrong("/quantity", json!(-3)),
        wrong("/quantity", json!(1001)),
        wrong("/project", json!("mine")),
    ];
    each_is_refused("/v1/donations", json!({"member": "m-1", "reward": "farm-aid"}), donation).await;
    let reversal = vec![
        wrong("/initiated_by", json!("nobody")),
        left_out("/initiated_by"),
        wrong("/points", json!(0)),
        wrong("/points", json!(50)).called("only_whole"),
    ];
    each_is_refused("/v1/redemptions/m-1.6/reversals", json!({"initiated_by": "member"}), reversal).await;
}

#[tokio::test]
async fn a_wrong_hold_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/order_id", json!("")),
        wrong("/order_net_minor", json!(0)),
        wrong("/order_net_minor", json!(i64::MAX)),
        wrong("/order_net_minor", json!(199)).called("below_minimum").at("/points"),
        wrong("/points", json!(-100)),
        wrong("/points", json!(99)).called("below_minimum"),
        wrong("/minutes", json!(60)),
    ];
    let good = json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100});
    each_is_refused("/v1/holds", good, mistakes).await;
}

#[tokio::test]
async fn an_unknown_reward_is_refused_with_those_there_are() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let refused = world.redeems("m-1", "moon", "key").await.refused(422, "unknown_reward");
    assert_eq!(refused["known"], serde_json::json!(["drink", "toy", "coupon-no-threshold-5"]));
    assert_eq!(refused["pointer"], "/reward");
    unchanged.check("an unknown reward").await;
}
