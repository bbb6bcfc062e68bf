//! Journeys that time, or others, begin: who was away for long, whose points expire, whose parcel goes abroad, who is worth a call.

use serde_json::{Value, json};

use crate::queue::Queue;
use crate::world::{START, World};

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
    assert!(steps.contains(&"wake-up/coupon claimed benefit".to_owned()), "{steps:?}");
    assert!(steps.contains(&"wake-up/coupon.tell claimed sms".to_owned()), "{steps:?}");
    let sent = world.outbox().await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0]["text"], "好久不见，送您一张无门槛优惠券，下单即用。");
    let vouchers = world.admin("ada").get(&format!("/v1/members/{member}/view?parts=vouchers")).await.ok();
    assert_eq!(vouchers["parts"]["vouchers"]["data"][0]["reward"], "coupon-no-threshold-5", "{vouchers}");
    // Whatever they do ends the ladder.
    world.signals("login", "l-1", &member, &json!({})).await;
    let steps = world.steps(&member).await;
    let ended = steps.iter().filter(|step| step.ends_with("exited login")).count();
    assert_eq!((ended, steps.len()), (3, 5), "{steps:?}");
}

// rule: care 11, 24
#[tokio::test]
async fn points_that_expire_are_told_of_thirty_and_seven_days_before() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("deng", &[]).await;
    let care = Queue::of(&world, "CareQueue").await;
    let told = |days: i64| {
        let data = json!({"expires_at": "2026-03-31T16:00:00Z", "points": 100, "days": days});
        event(&world, &member, ("perennial.led.pointsexpiring.v1", &format!("e-{days}")), &data)
    };
    care.send(&[told(30)]).await;
    care.settles(0).await;
    let steps = world.steps(&member).await;
    assert_eq!(steps, ["expiring-points/mail claimed email", "expiring-points/push pending 2026-03-24T02:00:00Z"]);
    let sent = world.outbox().await;
    assert_eq!(sent[0]["subject"], "100 积分将于 2026年3月31日 到期", "the last day, in the programme's zone");
    world.advance("2026-03-24T00:10:00+08:00").await;
    care.send(&[told(7)]).await;
    care.settles(0).await;
    world.advance("2026-03-24T10:05:00+08:00").await;
    let steps = world.steps(&member).await;
    assert_eq!(steps, ["expiring-points/mail claimed email", "expiring-points/push claimed email"]);
    assert_eq!(world.outbox().await.len(), 2);
    // Who is not told again, for the points were spent, is not written to again.
    let other = world.reachable("jiang", &[]).await;
    let data = json!({"expires_at": "2026-04-30T16:00:00Z", "points": 100, "days": 30});
    care.send(&[event(&world, &other, ("perennial.led.pointsexpiring.v1", "e-o"), &data)]).await;
    care.settles(0).await;
    world.lives(&other, "2026-04-29T10:00:00+08:00").await;
    assert_eq!(world.steps(&other).await[1], "expiring-points/push skipped condition");
    assert_eq!(world.care(&other).await[0]["ground"], "days=30");
}

/// An event of something that nobody tells yet on this platform, as its queue has it.
fn event(world: &World, member: &str, (kind, id): (&str, &str), data: &Value) -> String {
    let now = world.now();
    json!({
        "specversion": "1.0", "type": kind, "source": "/perennial/elsewhere", "id": id, "member": member, "time": now,
        "recordedtime": now, "sequence": 1, "causationid": id, "correlationid": "00000000000000000000000000000001",
        "programmeversion": 1, "data": data,
    })
    .to_string()
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
    let dropped = |id: &str| event(&world, &member, ("perennial.ins.vipactivitydropped.v1", id), &json!({}));
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
