//! Journeys that time, or others, begin: who was away for long, whose points expire, whose parcel goes abroad, who is worth a call.

use jiff::SignedDuration;
use serde_json::json;

use crate::queue::Queue;
use crate::world::{AT_ONCE, START, World, at};

// rule: care 4, 5, 19, 24
#[tokio::test]
async fn who_was_away_for_long_is_given_a_coupon_and_told_of_it_until_they_come_back() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("xu", &["sms", "phone"]).await;
    world.pays(&member, "o-1", 10_000).await.ok();
    world.platform.rest().await.unwrap();
    for _ in 0..92 {
        world.days_pass(1).await;
    }
    let steps = world.steps(&member).await;
    assert_eq!(steps[..2], ["wake-up/coupon claimed benefit", "wake-up/coupon.tell claimed sms"], "{steps:?}");
    let sent = world.outbox().await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0]["text"], "好久不见，送您一张无门槛优惠券，下单即用。");
    let vouchers = world.admin("ada").get(&format!("/v1/members/{member}/view?parts=vouchers")).await.ok();
    assert_eq!(vouchers["parts"]["vouchers"]["data"]["items"][0]["reward"], "coupon-no-threshold-5", "{vouchers}");
    // Whatever they do ends the ladder.
    world.signals("login", "l-1", &member, &json!({})).await;
    let steps = world.steps(&member).await;
    assert!(steps[2..].iter().all(|step| step.ends_with("exited login")) && steps.len() == 5, "{steps:?}");
}

// rule: care 11, 24
#[tokio::test]
async fn points_that_expire_are_told_of_thirty_and_seven_days_before() {
    let world = World::whole(START, &[AT_ONCE]).await;
    let member = world.reachable("deng", &[]).await;
    world.earns_100(&member, "one").await.ok();
    let lots = world.auditor().get(&format!("/v1/members/{member}/lots")).await.ok();
    let expires = at(lots["active"][0]["expires_at"].as_str().unwrap());
    world.platform.advance(expires - SignedDuration::from_hours(24 * 31)).await.unwrap();
    assert_eq!(world.steps(&member).await, Vec::<String>::new());
    for _ in 0..32 {
        world.time_passes(SignedDuration::from_hours(24)).await;
        world.platform.rest().await.unwrap();
        world.time_passes(SignedDuration::from_mins(5)).await;
        world.platform.rest().await.unwrap();
    }
    let steps = world.steps(&member).await;
    assert_eq!(steps, ["expiring-points/mail claimed email", "expiring-points/push claimed email"]);
    let sent = world.outbox().await;
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0]["subject"].as_str().unwrap().starts_with("100 积分将于 "), "{sent:?}");
}

// rule: care 22
#[tokio::test]
async fn a_parcel_to_japan_before_obon_has_one_blessing_card() {
    let world = World::whole("2026-07-30T10:00:00+08:00", &[]).await;
    let member = world.reachable("kato", &[]).await;
    let to = |order: &str, country: &str| json!({"order": order, "destination_country": country});
    world.signals("order.shipped", "s-1", &member, &to("o-1", "JP")).await;
    world.signals("order.shipped", "s-2", &member, &to("o-2", "JP")).await;
    world.signals("order.shipped", "s-3", &member, &to("o-3", "DE")).await;
    assert_eq!(world.steps(&member).await, ["festival/card claimed fulfil"]);
    assert_eq!(world.care(&member).await[0]["key"], json!(["obon", 2026]));
}

// rule: care 4, 24
#[tokio::test]
async fn who_was_worth_much_and_comes_less_is_given_somebody_to_call_once_in_thirty_days() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("feng", &[]).await;
    let dropped = |id: &str| {
        let now = world.now();
        json!({
            "specversion": "1.0", "type": "perennial.ins.vipactivitydropped.v1", "source": "/perennial/insight", "id": id,
            "member": member, "time": now, "recordedtime": now, "sequence": 1, "causationid": id,
            "correlationid": "00000000000000000000000000000001", "programmeversion": 1, "data": {},
        })
        .to_string()
    };
    let care = Queue::of(&world, "CareQueue").await;
    for (days, steps) in [(0, 1), (1, 1), (30, 1)] {
        world.days_pass(days).await;
        care.send(&[dropped(&format!("e-{days}"))]).await;
        care.settles(0).await;
        assert_eq!(world.steps(&member).await.len(), steps, "after {days} days more");
    }
    let step = &world.care(&member).await[0];
    assert_eq!((&step["outcome"], &step["channel"]), (&json!("claimed"), &json!("ticket")));
    assert_eq!(step["planned"], "2026-04-01T02:00:00Z", "the second time, a month later");
}
