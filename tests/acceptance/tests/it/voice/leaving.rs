//! Members who go, and who turn out to be one.

use serde_json::json;

use super::asking;

// rule: voice 28
#[tokio::test]
async fn of_who_was_erased_scores_and_themes_stay_and_are_nobodys() {
    let answered = (
        "consent_keep_days = 1095",
        "consent_keep_days = 1095\nerasable = [\"signals\", \"care\", \"messages\", \"voice\"]",
    );
    let world = asking(&[answered]).await;
    let member = world.reachable("wu", &[]).await;
    world.asks_after_purchase("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    let token = world.link().await;
    assert_eq!(world.answers(&token, &json!({"score": 1, "why": "安装太慢，希望有小包装"})).await.status, 201);
    world.resolves("t-1", 1, &member).await;
    let asked = json!({"member": member, "reason": "no longer wanted", "now": true});
    assert_eq!(world.admin("ada").post("/v1/privacy/erasures", &asked).await.status, 202);
    world.time_passes(jiff::SignedDuration::from_hours(2)).await;
    world.platform.rest().await.unwrap();
    let receipt = world.admin("ada").get(&format!("/v1/privacy/erasures/{member}.1")).await.ok();
    assert_eq!(receipt["receipt"]["contexts"]["voice"]["deleted"], 2, "{receipt}");
    let left = world.survey_items().await;
    assert!(left.iter().all(|item| !item.contains(&member)), "{left:?}");
    let kept: Vec<&String> = left.iter().filter(|item| item.contains("i#")).collect();
    assert!(kept.len() == 1 && kept[0].contains("installation"), "what was answered, with its themes: {kept:?}");
    world.answers(&token, &json!({"score": 1})).await.refused(404, "unknown_link");
    world.admin("ada").get(&format!("/v1/members/{member}/surveys")).await.refused(410, "member_erased");
    world.resolves("t-2", 1, &member).await;
    assert_eq!(world.survey_items().await, left, "nothing begins");
}

// rule: voice 6
#[tokio::test]
async fn who_leaves_is_asked_after_tickets_alone() {
    let world = asking(&[]).await;
    let member = world.reachable("feng", &[]).await;
    world.asks_after_purchase("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    world.resolves("t-1", 1, &member).await;
    let closed = world.member(&member).keyed("k-1", &format!("/v1/members/{member}/closing"), &json!({})).await;
    assert!(closed.status < 300, "{closed:?}");
    world.platform.rest().await.unwrap();
    let agent = world.caller(sam::Role::Agent, "ann");
    let shown = agent.get(&format!("/v1/members/{member}/surveys")).await.ok();
    let states: Vec<_> =
        shown["surveys"].as_array().unwrap().iter().map(|one| (&one["survey"], &one["state"])).collect();
    assert!(states.contains(&(&json!("post-purchase"), &json!("cancelled"))), "{states:?}");
    assert!(states.contains(&(&json!("csat-ticket"), &json!("waiting"))), "{states:?}");
    world.asks_after_purchase("1b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    let shown = agent.get(&format!("/v1/members/{member}/surveys")).await.ok();
    assert_eq!(shown["surveys"].as_array().unwrap().len(), 2);
}

// rule: voice 6
#[tokio::test]
async fn who_stands_for_another_was_asked_what_either_was() {
    let world = asking(&[]).await;
    let (survivor, absorbed) = (world.reachable("zheng", &[]).await, world.reachable("zheng-2", &[]).await);
    world.asks_after_purchase("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &absorbed).await;
    let merge = json!({"absorb": absorbed, "reason": "one person with two cards"});
    let path = format!("/v1/members/{survivor}/merge");
    let answer = world.admin("ada").keyed("merge-1", &path, &merge).await;
    if answer.status == 202 {
        assert_eq!(world.admin("bob").keyed("merge-2", &path, &merge).await.status, 200);
    }
    world.platform.rest().await.unwrap();
    world.asks_after_purchase("1b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &survivor).await;
    assert_eq!(world.asked().await, 1, "too early for both");
    let agent = world.caller(sam::Role::Agent, "ann");
    let shown = agent.get(&format!("/v1/members/{survivor}/surveys")).await.ok();
    assert_eq!((&shown["surveys"], &shown["others"]), (&json!([]), &json!([absorbed])));
    let shown = agent.get(&format!("/v1/members/{survivor}/surveys?of={absorbed}")).await.ok();
    assert_eq!(shown["surveys"][0]["survey"], "post-purchase");
    let view = agent.get(&format!("/v1/members/{survivor}/view?parts=surveys")).await.ok();
    assert_eq!(view["parts"]["surveys"]["data"][0]["survey"], "post-purchase");
}
