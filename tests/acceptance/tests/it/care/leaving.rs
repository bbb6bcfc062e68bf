//! Members who go, and who turn out to be one.

use serde_json::json;

use crate::world::{START, World};

// rule: care 6
#[tokio::test]
async fn of_who_was_erased_nothing_is_left_and_nothing_begins() {
    let answered =
        ("consent_keep_days = 1095", "consent_keep_days = 1095\nerasable = [\"signals\", \"care\", \"messages\"]");
    let world = World::whole(START, &[answered]).await;
    let member = world.reachable("wu", &[]).await;
    world.signals("order.delivered", "d-1", &member, &json!({"order": "o-1"})).await;
    let steps = world.care(&member).await;
    assert_eq!(steps.len(), 3);
    assert_eq!(world.outbox().await.len(), 1);
    let asked = json!({"member": member, "reason": "no longer wanted", "now": true});
    let answer = world.admin("ada").post("/v1/privacy/erasures", &asked).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    world.time_passes(jiff::SignedDuration::from_hours(2)).await;
    world.platform.rest().await.unwrap();
    world.admin("ada").get(&format!("/v1/members/{member}/care")).await.refused(410, "member_erased");
    let message = steps[2]["message"].as_str().unwrap();
    world.admin("ada").get(&format!("/v1/messages/{message}")).await.refused(404, "not_found");
    let receipt = world.admin("ada").get(&format!("/v1/privacy/erasures/{member}.1")).await.ok();
    let deleted = ["care", "messages"].map(|context| receipt["receipt"]["contexts"][context]["deleted"].as_u64());
    assert_eq!(deleted, [Some(2), Some(1)], "{receipt}");
    let left = world.store().whole_care(&member.parse().unwrap(), world.now()).await.unwrap();
    assert_eq!(left, domain::care::Care::new(member.parse().unwrap()));
}

// rule: care 6
#[tokio::test]
async fn what_is_under_way_goes_on_for_who_stands_for_a_member() {
    let world = World::whole(START, &[]).await;
    let (survivor, absorbed) = (world.reachable("zheng", &[]).await, world.reachable("zheng-2", &[]).await);
    world.signals("order.delivered", "d-1", &absorbed, &json!({"order": "o-1"})).await;
    let merge = json!({"absorb": absorbed, "reason": "one person with two cards"});
    let path = format!("/v1/members/{survivor}/merge");
    let answer = world.admin("ada").keyed("merge-1", &path, &merge).await;
    assert!([200, 202].contains(&answer.status), "{answer:?}");
    if answer.status == 202 {
        assert_eq!(world.admin("bob").keyed("merge-2", &path, &merge).await.status, 200);
    }
    let steps = world.steps(&survivor).await;
    assert_eq!(steps[0], "after-sale/video claimed email", "{steps:?}");
    assert_eq!(world.steps(&absorbed).await, steps, "by either id");
    world.days_pass(2).await;
    world.time_passes(jiff::SignedDuration::from_mins(5)).await;
    assert_eq!(world.steps(&survivor).await[1], "after-sale/tips claimed sms");
    let sent = world.outbox().await;
    assert_eq!(sent.len(), 2, "{sent:?}");
}
