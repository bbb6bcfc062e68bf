//! Paying with points: the share that points may pay holds for the order, whoever holds, and an order that says something else than was
//! captured is told.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::world::{World, order};

/// Two members with 3,000 points each.
async fn with_points() -> World {
    let world = World::new().await;
    for member in ["m-1", "m-2"] {
        for number in 0..30 {
            world.earns_100(member, &format!("f-{number}")).await.ok();
        }
    }
    world
}

fn checkout(member: &str, order: &str, points: i64) -> Value {
    json!({"member": member, "order_id": order, "order_net_minor": 8_765, "points": points})
}

impl World {
    async fn checks_out(&self, key: &str, body: &Value) -> String {
        self.shop().keyed(key, "/v1/holds", body).await.ok()["hold_id"].as_str().unwrap().to_owned()
    }

    async fn ends(&self, hold: &str, how: &str) -> Value {
        self.shop().post_nothing(&format!("/v1/holds/{hold}/{how}")).await.ok()
    }

    async fn payable(&self, body: &Value) -> Value {
        self.quote(json!({ "pay_with_points": body })).await["pay_with_points"]["points"].clone()
    }
}

// rule: ledger 4.14
#[tokio::test]
async fn an_order_has_one_hold_at_a_time_whoever_holds() {
    let world = with_points().await;
    let first = world.checks_out("k-1", &checkout("m-1", "87", 2_000)).await;
    for captured in [false, true] {
        if captured {
            world.ends(&first, "capture").await;
            world.clock.advance(SignedDuration::from_hours(5));
        }
        for (member, key) in [("m-1", "k-2"), ("m-2", "k-3")] {
            let again = checkout(member, "87", 1_000);
            let refused = world.shop().keyed(key, "/v1/holds", &again).await.refused(409, "order_already_has_hold");
            assert_eq!(refused["hold"], json!(first), "{member}, captured: {captured}");
            assert_eq!(world.payable(&again).await, 0);
        }
        let repeated = world.shop().keyed("k-1", "/v1/holds", &checkout("m-1", "87", 2_000)).await.again();
        assert_eq!(repeated["hold_id"], json!(first));
    }
    assert_eq!(world.pockets("m-1").await, [1_000, 0, 0, 0]);
    assert_eq!(world.pockets("m-2").await, [3_000, 0, 0, 0]);
    world.checks_out("k-4", &checkout("m-2", "88", 1_000)).await;
}

// rule: ledger 4.14
#[tokio::test]
async fn a_hold_that_is_over_frees_its_order() {
    let world = with_points().await;
    let released = world.checks_out("a", &checkout("m-1", "87", 1_000)).await;
    world.ends(&released, "release").await;
    assert_eq!(world.payable(&checkout("m-2", "87", 1_000)).await, 1_000);
    let ran_out = world.checks_out("b", &checkout("m-2", "87", 1_000)).await;
    world.clock.advance(SignedDuration::from_mins(15));
    let captured = world.checks_out("c", &checkout("m-1", "87", 1_000)).await;
    world.shop().post_nothing(&format!("/v1/holds/{ran_out}/capture")).await.refused(409, "hold_not_open");
    let redemption = world.ends(&captured, "capture").await["redemption_id"].as_str().unwrap().to_owned();
    let reverse = async |key: &str, points: i64| {
        let body = json!({"initiated_by": "merchant", "points": points});
        world.shop().keyed(key, &format!("/v1/redemptions/{redemption}/reversals"), &body).await.ok()
    };
    reverse("half", 500).await;
    let fourth = checkout("m-1", "87", 1_000);
    world.shop().keyed("d", "/v1/holds", &fourth).await.refused(409, "order_already_has_hold");
    reverse("rest", 500).await;
    world.checks_out("d", &fourth).await;
    assert_eq!(world.pockets("m-1").await, [2_000, 0, 1_000, 0]);
    assert_eq!(world.pockets("m-2").await, [3_000, 0, 0, 0]);
}

// rule: ledger 4.14
#[tokio::test]
async fn a_paid_order_has_nothing_left_to_pay() {
    let world = with_points().await;
    world.pays("m-1", "87", 8_765).await.ok();
    for number in 0..12 {
        world.earns_100("m-1", &format!("later-{number}")).await.ok(); // the order's entry is in a page by then
    }
    for (member, key) in [("m-1", "k-1"), ("m-2", "k-2")] {
        let late = checkout(member, "87", 1_000);
        world.shop().keyed(key, "/v1/holds", &late).await.refused(409, "order_already_paid");
        assert_eq!(world.payable(&late).await, 0);
    }
    assert_eq!(world.pockets("m-2").await, [3_000, 0, 0, 0]);
}

/// An order of 87.65 of a member that says how much points paid, in minor units.
fn paid_with(world: &World, id: &str, member: &str, points_paid: i64) -> Value {
    let mut paid = order(id, member, 8_765, world.now());
    paid["data"]["points_paid_minor"] = json!(points_paid);
    paid
}

// rule: ledger 4.15
#[tokio::test]
async fn an_order_is_held_against_what_was_captured_for_it() {
    let world = with_points().await;
    let captured = async |id: &str, member: &str| {
        let hold = world.checks_out(&format!("h-{id}"), &checkout(member, id, 1_000)).await;
        world.ends(&hold, "capture").await;
    };
    captured("right", "m-1").await;
    captured("silent", "m-1").await;
    captured("others", "m-2").await;
    let cases = [
        ("right", 1_000, 77, None),
        ("nothing", 4_300, 44, Some((4_300, 0))), // nothing was captured: 44.65 in cash
        ("silent", 0, 77, Some((0, 1_000))),      // points paid, whatever the order says
        ("others", 1_000, 77, Some((1_000, 0))),  // another member's points
    ];
    for (id, reported, points, mismatch) in cases {
        let answer = world.shop().post("/v1/activities", &paid_with(&world, id, "m-1", reported)).await.ok();
        assert_eq!(answer["points"], points, "{id}");
        let expected = mismatch.map_or(
            Value::Null,
            |(reported, captured): (i64, i64)| json!({"reported_minor": reported, "captured_minor": captured}),
        );
        assert_eq!(answer["entry"]["points_paid_mismatch"], expected, "{id}");
        assert_eq!(answer["entry"]["cap_exceeded"], Value::Null, "{id}");
    }
    // Half of it comes back: what points paid earns nothing, and gives back nothing.
    let back = world.refunds("silent", "r-1", "m-1", 7_765).await.ok();
    assert_eq!(back["due"], 77);
}

// rule: ledger 4.15
#[tokio::test]
async fn points_held_for_more_than_the_order_comes_to_are_told() {
    let world = with_points().await;
    let mut large = checkout("m-1", "10", 2_000);
    large["order_net_minor"] = json!(1_000_000);
    let hold = world.checks_out("h", &large).await;
    world.ends(&hold, "capture").await;
    let mut paid = order("10", "m-1", 1_000, world.now());
    paid["data"]["points_paid_minor"] = json!(1_000);
    let quoted = world.quote(json!({ "activity": paid })).await["activity"].clone();
    let answer = world.shop().post("/v1/activities", &paid).await.ok();
    assert_eq!((&answer["points"], &quoted["points"]), (&json!(0), &json!(0)), "all of it was paid with points");
    for said in [&answer, &quoted] {
        assert_eq!(said["entry"]["points_paid_mismatch"], json!({"reported_minor": 1_000, "captured_minor": 2_000}));
        assert_eq!(said["entry"]["cap_exceeded"], json!({"net_minor": 1_000, "held_for_minor": 1_000_000}));
    }
}
