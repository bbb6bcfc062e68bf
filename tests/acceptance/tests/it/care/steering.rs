//! Journeys are stopped and go on, and what will come is told before.

use serde_json::{Value, json};

use crate::world::{START, World};

// rule: care 25
#[tokio::test]
async fn a_journey_that_stands_still_skips_what_is_due() {
    let world = World::whole(START, &[]).await;
    let (member, ada) = (world.reachable("sun", &[]).await, world.admin("ada"));
    let path = "/v1/care/journeys/after-sale/pause";
    ada.keyed("p-0", "/v1/care/journeys/before-sale/pause", &json!({"reason": "why not"}))
        .await
        .refused(404, "not_found");
    let refused = ada.keyed("p-1", path, &json!({"reason": " "})).await.refused(422, "reason_needed");
    assert_eq!(refused["pointer"], "/reason");
    let reason = json!({"reason": "the video is the wrong one"});
    let paused = ada.keyed("p-1", path, &reason).await.ok();
    assert_eq!(
        (&paused["paused"], &paused["by"], &paused["since"]),
        (&json!(true), &json!("admin:ada"), &json!("2026-03-01T02:00:00Z"))
    );
    assert_eq!(ada.keyed("p-1", path, &reason).await.again(), paused);
    ada.keyed("p-1", path, &json!({"reason": "another"})).await.refused(422, "idempotency_key_reused");
    world.signals("order.delivered", "d-1", &member, &json!({"order": "o-1"})).await;
    assert_eq!(world.steps(&member).await[0], "after-sale/video skipped paused");
    let resumed =
        ada.keyed("p-2", "/v1/care/journeys/after-sale/resume", &json!({"reason": "it is the right one now"})).await;
    assert_eq!(resumed.ok()["paused"], false);
    world.days_pass(2).await;
    world.time_passes(jiff::SignedDuration::from_mins(5)).await;
    assert_eq!(world.steps(&member).await[1], "after-sale/tips claimed sms");
}

// rule: care 27
#[tokio::test]
async fn what_is_foreseen_is_what_happens() {
    let world = World::whole(START, &[]).await;
    let (member, ada) = (world.reachable("zhou", &["email"]).await, world.admin("ada"));
    world.signals("order.delivered", "d-1", &member, &json!({"order": "o-1"})).await;
    let bill = json!({"bill": "b-1", "due_date": "2026-03-20"});
    world.signals("bill.due_date_set", "b-1", &member, &bill).await;
    let event = |kind: &str, time: &str, data: Value| json!({"type": format!("perennial.act.{kind}.v1"), "time": time, "data": data});
    let asked = json!({"member": member, "days": 20, "events": [event("billpaid", "2026-03-10T02:00:00Z", json!({"bill": "b-1"}))]});
    let before = world.care(&member).await;
    let preview = ada.post("/v1/care/preview", &asked).await.ok();
    assert_eq!(world.care(&member).await, before, "nothing is written");
    let foreseen: Vec<Value> = preview["steps"].as_array().unwrap().clone();
    world.lives(&member, "2026-03-10T10:00:00+08:00").await;
    world.signals("bill.paid", "b-1p", &member, &json!({"bill": "b-1"})).await;
    world.lives(&member, "2026-03-21T10:00:00+08:00").await;
    let happened = world.care(&member).await;
    assert_eq!(foreseen.len(), 3, "{foreseen:?}");
    for step in &foreseen {
        let same = |other: &&Value| other["enrolment"] == step["enrolment"] && other["step"] == step["step"];
        let other = happened.iter().find(same).unwrap();
        for field in ["outcome", "planned", "latest_at", "channel", "reason", "message"] {
            assert_eq!(step[field], other[field], "{field}: {step}");
        }
    }
    for (field, value, pointer) in [
        ("days", json!(31), "/days"),
        ("days", json!(0), "/days"),
        ("member", json!("m 1"), "/member"),
        ("events", json!([event("orderdelivered", "2027-03-10T02:00:00Z", json!({}))]), "/events/0/time"),
        ("events", json!([event("moonlanding", "2026-03-22T02:00:00Z", json!({}))]), "/events/0/type"),
    ] {
        let mut wrong = json!({"member": member, "days": 5});
        wrong[field] = value;
        let refused = ada.post("/v1/care/preview", &wrong).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], pointer);
    }
}
