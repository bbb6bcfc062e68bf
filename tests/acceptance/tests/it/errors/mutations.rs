//! Good requests with mistakes at random: nothing makes the platform fail.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use super::lived_in;
use crate::proof::audit;
use crate::world::{Answer, World, fact, order, refund};

/// Good requests, from which the bad ones grow.
fn seeds(world: &World, number: usize) -> [(&'static str, Value); 13] {
    let (now, id) = (world.now(), number.to_string());
    let mut shopping = order(&id, "m-1", 5_000, now);
    shopping["data"]["attributes"] = json!({"store": "x", "channel": "web"});
    shopping["data"]["discount_minor"] = json!(100);
    let mut late = fact("ugc.featured", &id, "m-1", now);
    late["backdatereason"] = json!("the line was down");
    let featured = json!({"source": "shop", "id": number.to_string()});
    let checkout = json!({"member": "m-1", "order_id": id, "order_net_minor": 100_000, "points": 100});
    [
        ("/v1/activities", shopping.clone()),
        ("/v1/activities", late),
        ("/v1/activities/batch", json!({"activities": [shopping, fact("checkin", &id, "m-1", now)]})),
        (
            "/v1/activities/reversals",
            json!({"id": format!("-{id}"), "source": "shop", "member": "m-1", "of": featured, "time": now}),
        ),
        ("/v1/orders/1001/refunds", refund(&id, "m-1", 100, now)),
        ("/v1/adjustments", json!({"member": "m-1", "points": 10, "reason": "goodwill"})),
        ("/v1/quotes", json!({"activity": order("3000", "m-1", 100, now)})),
        ("/v1/quotes", json!({"pay_with_points": checkout})),
        ("/v1/redemptions", json!({"member": "m-1", "reward": "drink"})),
        ("/v1/redemptions/m-1.6/reversals", json!({"initiated_by": "merchant", "points": 100})),
        ("/v1/donations", json!({"member": "m-1", "reward": "farm-aid", "quantity": 1})),
        ("/v1/holds", checkout),
        ("/v1/vouchers/AAAA-AAAA-AAAA-AAAA/uses", json!({})),
    ]
}

/// Something that was not expected.
fn junk(random: &mut fastrand::Rng) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.5),
        json!(1e300),
        json!(1_000_000_000_000_i64),
        json!(1_000_000_000_001_i64),
        json!(""),
        json!(" "),
        json!("m-1"),
        json!("m-2"),
        json!("a\u{0}b"),
        json!("\u{202e}王芳🧧"),
        json!("'; DROP TABLE accounts; --"),
        json!("x".repeat(128)),
        json!("x".repeat(5_000)),
        json!("2026-03-01T02:00:00Z"),
        json!("2026-02-10T02:00:00+14:00"),
        json!("9999-12-30T22:00:00Z"),
        json!("-009999-01-03T00:00:00Z"),
        json!("toy"),
        json!("order.paid"),
        json!("task.completed"),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!({"": {"": null}}),
        json!({"attributes": {"task": "watch_tutorial"}}),
        json!(vec![json!({"amount_minor": 7}); 200]),
    ];
    all[random.usize(..all.len())].clone()
}

/// Changes something, somewhere.
fn mutate(value: &mut Value, random: &mut fastrand::Rng) {
    let inside = match value {
        Value::Object(fields) if !fields.is_empty() => {
            let name = fields.keys().nth(random.usize(..fields.len())).unwrap().clone();
            match random.u8(..8) {
                0 => fields.remove(&name),
                1 => fields.insert(format!("{name}x"), junk(random)),
                _ => None,
            };
            fields.get_mut(&name)
        }
        Value::Array(items) if !items.is_empty() => {
            let place = random.usize(..items.len());
            match random.u8(..8) {
                0 => items.extend(vec![items[place].clone(); random.usize(..30)]),
                1 => items[place] = junk(random),
                _ => {}
            }
            items.get_mut(place)
        }
        _ => None,
    };
    match inside {
        Some(inside) if random.u8(..6) > 0 => mutate(inside, random),
        _ => *value = junk(random),
    }
}

#[tokio::test]
async fn no_request_makes_the_platform_fail() {
    const REQUESTS: usize = 600;
    let world = lived_in().await;
    let admin = world.admin("ada");
    let mut random = fastrand::Rng::with_seed(20_260_301);
    let mut seen = std::collections::BTreeMap::<u16, usize>::new();
    for number in 0..REQUESTS {
        let [(path, mut body)] = random.choose_multiple(seeds(&world, number), 1).try_into().unwrap();
        for _ in 0..random.usize(..3) {
            mutate(&mut body, &mut random);
        }
        let request = admin.prepared(Method::POST, path).header("idempotency-key", number.to_string()).json(&body);
        let told: Answer = admin.send(path, request).await;
        *seen.entry(told.status).or_default() += 1;
        if number % 50 == 49 {
            world.time_passes(SignedDuration::from_hours(24 * random.i64(1..20))).await;
        }
    }
    assert!(seen[&422] > REQUESTS / 3 && seen[&200] > REQUESTS / 20, "{seen:?}");
    audit(&world, "m-1").await;
}
