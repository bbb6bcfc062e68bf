//! The journeys of the default programme.

use jiff::SignedDuration;
use serde_json::json;

use crate::world::{START, World};

// rule: care 1, 8, 13, 24, 26
#[tokio::test]
async fn who_gets_a_parcel_is_written_to_and_called_until_it_comes_back() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("wang", &[]).await;
    world.pays(&member, "o-1", 50_000).await.ok();
    world.signals("order.delivered", "d-1", &member, &json!({"order": "o-1"})).await;
    let to_come = ["after-sale/tips pending 2026-03-03T02:00:00Z", "after-sale/call pending 2026-03-08T02:00:00Z"];
    assert_eq!(world.steps(&member).await, ["after-sale/video claimed email", to_come[0], to_come[1]]);
    let sent = world.outbox().await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    let steps = world.care(&member).await;
    assert_eq!((&sent[0]["channel"], &sent[0]["to"]), (&json!("email"), &json!("wang@example.com")));
    assert_eq!((&sent[0]["message"], &sent[0]["subject"]), (&steps[2]["message"], &json!("安装视频已为您准备好")));
    assert_eq!(steps[2]["latest_at"], "2026-03-02T02:00:00Z", "a day later it is of no use");
    // Said again, and by another event of the same parcel, it begins nothing anew.
    world.signals("order.delivered", "d-1", &member, &json!({"order": "o-1"})).await;
    world.signals("order.delivered", "d-2", &member, &json!({"order": "o-1"})).await;
    world.advance("2026-03-03T09:59:00+08:00").await;
    assert_eq!(world.outbox().await.len(), 1);
    // A tick is up to five minutes late; others change nothing.
    world.advance("2026-03-03T10:05:00+08:00").await;
    assert_eq!(world.steps(&member).await[1], "after-sale/tips claimed sms");
    let sent = world.outbox().await;
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_eq!((&sent[1]["channel"], &sent[1]["message"]), (&json!("sms"), &world.care(&member).await[1]["message"]));
    // It comes back: nobody calls.
    world.refunds("o-1", "r-1", &member, 50_000).await.ok();
    assert_eq!(world.steps(&member).await[2], "after-sale/call exited order.refunded");
    world.days_pass(8).await;
    assert_eq!(world.outbox().await.len(), 2);
    assert_eq!(world.steps(&member).await.len(), 3);
}

// rule: care 3, 5, 24
#[tokio::test]
async fn a_due_date_is_reminded_of_three_days_before_and_once_for_each_date() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("li", &[]).await;
    let bill = |due: &str| json!({"bill": "b-1", "due_date": due});
    world.signals("bill.due_date_set", "b-1a", &member, &bill("2026-03-20")).await;
    assert_eq!(world.steps(&member).await, ["due-date/remind pending 2026-03-17T02:00:00Z"]);
    world.time_passes(SignedDuration::from_hours(1)).await;
    world.signals("bill.due_date_set", "b-1b", &member, &bill("2026-03-12")).await;
    assert_eq!(world.steps(&member).await, ["due-date/remind pending 2026-03-09T02:00:00Z"]);
    world.advance("2026-03-09T10:05:00+08:00").await;
    let sent = world.outbox().await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    let text = sent[0]["text"].as_str().unwrap();
    assert!(text.starts_with("您的账单将于 2026年3月12日 到期，一键延期：https://care.example.com/a/"), "{text}");
    assert_eq!(sent[0]["channel"], "sms");
    // Moved again it is reminded of again; moved back it is not.
    world.signals("bill.due_date_set", "b-1c", &member, &bill("2026-03-20")).await;
    world.time_passes(SignedDuration::from_hours(1)).await;
    world.signals("bill.due_date_set", "b-1d", &member, &bill("2026-03-12")).await;
    assert_eq!(world.steps(&member).await, ["due-date/remind sent_before"]);
    world.time_passes(SignedDuration::from_hours(1)).await;
    world.signals("bill.due_date_set", "b-1e", &member, &bill("2026-03-21")).await;
    assert_eq!(world.steps(&member).await, ["due-date/remind pending 2026-03-18T02:00:00Z"]);
    world.signals("bill.paid", "b-1p", &member, &json!({"bill": "b-1"})).await;
    world.advance("2026-03-19T10:00:00+08:00").await;
    assert_eq!(world.steps(&member).await, ["due-date/remind exited bill.paid"]);
    assert_eq!(world.outbox().await.len(), 1);
}

// rule: care 4, 11, 24
#[tokio::test]
async fn a_new_tier_is_celebrated_once_and_its_medal_leaves_when_no_return_can_take_it() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("zhao", &[]).await;
    world.pays(&member, "o-1", 600_000).await.ok();
    let steps = world.steps(&member).await;
    assert_eq!(steps, ["tier-up/show claimed in_app", "tier-up/medal pending 2026-03-16T02:00:00Z"]);
    world.advance("2026-03-16T10:05:00+08:00").await;
    assert_eq!(world.steps(&member).await[1], "tier-up/medal claimed fulfil");
    let inbox = world.member(&member).get(&format!("/v1/members/{member}/inbox")).await.ok();
    assert_eq!(inbox["texts"][0]["text"], "恭喜升级！您现在是 gold 会员。");
    // The parcel of a member whose order comes back in time stays.
    let other = world.reachable("qian", &[]).await;
    world.pays(&other, "o-2", 600_000).await.ok();
    world.platform.rest().await.unwrap();
    world.days_pass(1).await;
    world.refunds("o-2", "r-2", &other, 600_000).await.ok();
    assert_eq!(world.steps(&other).await[1], "tier-up/medal exited tier.revoked");
}

// rule: care 10, 14
#[tokio::test]
async fn a_member_in_new_york_is_reminded_at_ten_there_across_the_change_of_clocks() {
    let world = World::whole(START, &[]).await;
    let member = world.reachable("smith", &[]).await;
    let home = json!({"source": "crm", "zone": "America/New_York", "countries": ["US"]});
    let changed = crate::members::crm(&world);
    let path = format!("/v1/members/{member}");
    let request = changed.prepared(reqwest::Method::PATCH, &path).json(&home);
    let answer = changed.send_as(reqwest::Method::PATCH, &path, Some(&home), request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let bill = json!({"bill": "b-9", "due_date": "2026-03-11"});
    world.signals("bill.due_date_set", "b-9", &member, &bill).await;
    // On 8 March clocks there go from 02:00 to 03:00: ten in the morning is 14:00 in UTC from then on.
    assert_eq!(world.steps(&member).await, ["due-date/remind pending 2026-03-08T14:00:00Z"]);
    let home = json!({"source": "crm", "zone": "America/Phoenix"});
    let request = changed.prepared(reqwest::Method::PATCH, &path).json(&home);
    assert_eq!(changed.send_as(reqwest::Method::PATCH, &path, Some(&home), request).await.status, 200);
    assert_eq!(world.steps(&member).await, ["due-date/remind pending 2026-03-08T17:00:00Z"], "they have moved");
}
