//! How points are used besides rewards: on orders, as gifts; what a quote says of it, and how people correct it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::proof::audit;
use crate::tables;
use crate::world::{START, World, order, pockets};

// rule: ledger 4.10
#[tokio::test]
async fn points_pay_at_most_half_of_an_order_in_whole_steps() {
    let world = World::new().await;
    for key in 1..=5 {
        world.gives("m-1", 1_000, &format!("gift-{key}")).await;
    }
    let checkout = json!({"member": "m-1", "order_id": "1001", "order_net_minor": 8_765, "points": 10_000});
    let quote = world.quote(json!({"pay_with_points": checkout})).await["pay_with_points"].clone();
    assert_eq!(
        quote,
        json!({"points": 4_300, "value_minor": 4_300, "most_points": 4_300, "min_points": 100, "active": 5_000})
    );
    assert_eq!(world.pockets("m-1").await, [5_000, 0, 0, 0]);

    let held = world.member("m-1").keyed("checkout", "/v1/holds", &checkout).await.ok();
    assert_eq!((&held["points"], &held["value_minor"]), (&quote["points"], &quote["value_minor"]));
    assert_eq!(held["expires_at"], "2026-03-01T02:15:00Z");
    assert_eq!(world.pockets("m-1").await, [700, 0, 4_300, 0]);
    world.redeems("m-1", "toy", "greedy").await.refused(409, "insufficient_points");

    let hold = held["hold_id"].as_str().unwrap();
    let captured = world.shop().post_nothing(&format!("/v1/holds/{hold}/capture")).await.ok();
    assert_eq!((&captured["points"], &captured["order_id"]), (&json!(4_300), &json!("1001")));
    assert_eq!(world.pockets("m-1").await, [700, 0, 0, 0]);
    let late = world.shop().post_nothing(&format!("/v1/holds/{hold}/release")).await.refused(409, "hold_not_open");
    assert_eq!(late["state"], "captured");
    let mut paid = order("1001", "m-1", 8_765, world.now());
    paid["data"]["points_paid_minor"] = json!(4_300);
    assert_eq!(world.shop().post("/v1/activities", &paid).await.ok()["points"], 44, "points earn no points");

    // Part of the order comes back, and with it part of the points.
    let path = format!("/v1/redemptions/{}/reversals", captured["redemption_id"].as_str().unwrap());
    let back = |points: i64| json!({"initiated_by": "merchant", "points": points});
    world.shop().keyed("back-1", &path, &back(1_300)).await.ok();
    assert_eq!(world.pockets("m-1").await, [2_000, 44, 0, 0]);
    let too_much = world.shop().keyed("back-2", &path, &back(3_001)).await.refused(409, "nothing_to_reverse");
    assert_eq!(too_much["remaining"], 3_000);
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn a_hold_ends_by_itself_or_is_released() {
    let world = World::new().await;
    world.gives("m-1", 1_000, "gift").await;
    let checkout = json!({"member": "m-1", "order_id": "1001", "order_net_minor": 100_000, "points": 600});
    let path = |held: &Value, what: &str| format!("/v1/holds/{}/{what}", held["hold_id"].as_str().unwrap());

    let held = world.member("m-1").keyed("first", "/v1/holds", &checkout).await.ok();
    world.member("m-1").keyed("second", "/v1/holds", &checkout).await.refused(409, "order_already_has_hold");
    let mut other = checkout.clone();
    other["order_id"] = json!("1002");
    world.member("m-1").keyed("other", "/v1/holds", &other).await.refused(409, "insufficient_points");
    world.clock.advance(SignedDuration::from_secs(15 * 60 - 1)); // no sweep runs
    assert_eq!(world.pockets("m-1").await, [400, 0, 600, 0]);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(world.pockets("m-1").await, [1_000, 0, 0, 0]);
    let late = world.shop().post_nothing(&path(&held, "capture")).await.refused(409, "hold_not_open");
    assert_eq!(late["state"], "expired");

    world.clock.advance(SignedDuration::from_mins(45));
    let held = world.member("m-1").keyed("second", "/v1/holds", &checkout).await.ok();
    assert_eq!(world.pockets("m-1").await, [400, 0, 600, 0]);
    for (as_of, expected) in [
        (START, [400, 0, 600, 0]),
        ("2026-03-01T10:14:59+08:00", [400, 0, 600, 0]),
        ("2026-03-01T10:15:00+08:00", [1_000, 0, 0, 0]),
        ("2026-03-01T10:59:59+08:00", [1_000, 0, 0, 0]),
        ("2026-03-01T11:15:00+08:00", [1_000, 0, 0, 0]),
    ] {
        assert_eq!(world.pockets_at("m-1", as_of).await, expected, "{as_of}");
    }
    let released = world.member("m-1").post_nothing(&path(&held, "release")).await.ok();
    assert_eq!(pockets(&released["balance"]), [1_000, 0, 0, 0]);
    let late = world.shop().post_nothing(&path(&held, "capture")).await.refused(409, "hold_not_open");
    assert_eq!(late["state"], "released");
    world.shop().post_nothing("/v1/holds/m-1.1/capture").await.refused(404, "not_found");
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn points_are_donated() {
    let world = World::new().await;
    world.gives("m-1", 450, "gift").await;
    let body = |quantity: i64| json!({"member": "m-1", "reward": "farm-aid", "quantity": quantity});
    let donated = world.member("m-1").keyed("a", "/v1/donations", &body(3)).await.ok();
    let receipt = json!({
        "receipt_id": "m-1.2", "project": "farm-aid", "points": 300, "value_minor": 300,
        "balance": {"active": 150, "pending": 0, "held": 0, "debt": 0, "total": 150},
    });
    assert_eq!(donated, receipt);
    world.member("m-1").keyed("b", "/v1/donations", &body(2)).await.refused(409, "insufficient_points");
    let not_that = json!({"member": "m-1", "reward": "drink"});
    world.member("m-1").keyed("c", "/v1/donations", &not_that).await.refused(422, "unknown_reward");
    world.redeems("m-1", "farm-aid", "d").await.refused(422, "unknown_reward");
    assert_eq!(world.pockets("m-1").await, [150, 0, 0, 0]);
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn a_quote_is_what_happens_later_and_changes_nothing() {
    let world = World::new().await;
    world.earns_100("m-1", "review").await.ok();
    let before = (tables::ledger(&world.platform).await, tables::shared(&world.platform).await);
    let event = order("1001", "m-2", 19_990, world.now());
    let reward = json!({"member": "m-1", "reward": "drink"});
    let activity = world.quote(json!({"activity": event})).await["activity"].clone();
    let redemption = world.quote(json!({"redemption": reward})).await["redemption"].clone();
    let unknown = json!({"redemption": {"member": "m-1", "reward": "moon"}});
    world.shop().post("/v1/quotes", &unknown).await.refused(422, "unknown_reward");
    let poor = json!({"redemption": {"member": "m-1", "reward": "toy"}});
    world.shop().post("/v1/quotes", &poor).await.refused(409, "insufficient_points");
    let after = (tables::ledger(&world.platform).await, tables::shared(&world.platform).await);
    assert_eq!(before, after, "a quote is written nowhere");

    assert_eq!(world.shop().post("/v1/activities", &event).await.ok(), activity);
    let mut redeemed = world.redeems("m-1", "drink", "a").await.ok();
    redeemed.as_object_mut().unwrap().remove("voucher").expect("a quote has no code yet");
    assert_eq!(redeemed, redemption);
}

#[tokio::test]
async fn a_large_correction_needs_a_second_person() {
    let world = World::new().await;
    let ask = |points: i64| json!({"member": "m-1", "points": points, "reason": "complaint"});
    let large = world.admin("ada").keyed("large", "/v1/adjustments", &ask(1_001)).await;
    assert_eq!((large.status, &large.body["status"]), (202, &json!("pending_approval")));
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
    let path = format!("/v1/adjustments/{}/approvals", large.body["adjustment_id"].as_str().unwrap());
    world.admin("ada").post_nothing(&path).await.refused(403, "same_approver");
    let approved = world.admin("grace").post_nothing(&path).await.ok();
    assert_eq!((&approved["status"], &approved["points"]), (&json!("posted"), &json!(1_001)));
    assert_eq!(world.pockets("m-1").await, [1_001, 0, 0, 0]);
    assert_eq!(world.admin("linus").post_nothing(&path).await.again(), approved, "it happens once");

    world.days_pass(1).await;
    let small = world.admin("ada").keyed("small", "/v1/adjustments", &ask(-1_000)).await.ok();
    assert_eq!((&small["status"], &small["points"]), (&json!("posted"), &json!(-1_000)));
    world.days_pass(1).await;
    world.admin("ada").keyed("more", "/v1/adjustments", &ask(-2)).await.refused(409, "insufficient_points");
    let slow = world.admin("ada").keyed("slow", "/v1/adjustments", &ask(5_000)).await;
    let path = format!("/v1/adjustments/{}/approvals", slow.body["adjustment_id"].as_str().unwrap());
    world.days_pass(30).await;
    world.admin("grace").post_nothing(&path).await.refused(409, "approval_expired");
    world.admin("grace").post_nothing("/v1/adjustments/m-1.3/approvals").await.refused(404, "not_found");
    let entries = audit(&world, "m-1").await;
    assert_eq!(
        (&entries[1]["by"], &entries[1]["request"]),
        (&json!("admin:grace"), &json!(1)),
        "the ledger says who approved"
    );
}
