//! Members who go, and who turn out to be one; what the view and an export show; journeys whose steps are tickets.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{MONDAY, clock, id};
use crate::world::{BEFORE_ADJUSTMENT, World};

// rule: privacy 21
#[tokio::test]
async fn what_was_written_is_erased_and_tickets_stay_under_an_id_that_leads_to_nobody() {
    let waits = ("consent_keep_days = 1095", "consent_keep_days = 1095\nerasable = [\"signals\", \"desk\"]");
    let world = World::whole(MONDAY, &[waits]).await;
    world.staffed("ann", &["customer-service"], 5).await;
    let (member, other) = (world.customer("wang").await, world.customer("li").await);
    let ann = world.clerk("ann");
    let (ticket, kept) = (world.concern(&member, "order", "k-1").await, world.concern(&other, "order", "k-2").await);
    world.handles(&ann, &ticket, "messages", json!({"text": "Dear Ms Wang"})).await.ok();
    world.handles(&ann, &ticket, "notes", json!({"text": "Ms Wang is angry"})).await.ok();
    let asked = json!({"member": member, "reason": "no longer wanted", "now": true});
    assert_eq!(world.admin("ada").post("/v1/privacy/erasures", &asked).await.status, 202);
    world.time_passes(SignedDuration::from_hours(2)).await;
    world.platform.rest().await.unwrap();
    let path = format!("/v1/tickets/{}", id(&ticket));
    let log = world.admin("ada").get(&format!("{path}/log")).await.ok();
    let rows = log["rows"].as_array().unwrap();
    assert!(rows.len() == 3 && rows.iter().all(|row| row["text"].is_null()), "{log}");
    assert_eq!(clock(&world.ticket(&ticket).await, "first_response")["state"], "met", "verdicts stay");
    let receipt = world.admin("ada").get(&format!("/v1/privacy/erasures/{member}.1")).await.ok();
    assert_eq!(receipt["receipt"]["contexts"]["desk"]["deleted"], 3, "{receipt}");
    let log = world.admin("ada").get(&format!("/v1/tickets/{}/log", id(&kept))).await.ok();
    assert!(log["rows"][0]["text"].is_string(), "others' are read as before");
    world
        .admin("ada")
        .keyed("k-3", "/v1/tickets", &super::concern(&member, "order"))
        .await
        .refused(422, "unknown_member");
}

// rule: desk 16
#[tokio::test]
async fn tickets_follow_the_survivor() {
    let world = World::whole(MONDAY, &[]).await;
    let (survivor, absorbed) = (world.customer("wang").await, world.customer("wang-2").await);
    let ticket = world.concern(&absorbed, "order", "k-1").await;
    let granted = json!({"benefit": "dedicated-manager", "tier": "black"});
    world.staffed("ann", &["dedicated-manager"], 5).await;
    for member in [&survivor, &absorbed] {
        world.desk_hears("perennial.tier.benefitgranted.v1", member, member, &granted).await;
    }
    let merge = json!({"absorb": absorbed, "reason": "one person with two cards"});
    let path = format!("/v1/members/{survivor}/merge");
    let merged = world.admin("ada").keyed("merge-1", &path, &merge).await;
    if merged.status == 202 {
        assert_eq!(world.admin("bob").keyed("merge-2", &path, &merge).await.status, 200);
    } else {
        merged.ok();
    }
    world.platform.rest().await.unwrap();
    assert_eq!(world.ticket(&ticket).await["member"], survivor.as_str());
    for member in [&survivor, &absorbed] {
        let own = world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok();
        assert_eq!(own["tickets"][0]["ticket"], ticket["ticket"], "by either id");
        let log = world.member(member).get(&format!("/v1/tickets/{}/log", id(&ticket))).await.ok();
        assert!(log["rows"][0]["text"].is_string(), "what was written before is read as before: {log}");
    }
    let manager = world.member(&survivor).get(&format!("/v1/members/{survivor}/manager")).await.ok();
    assert_eq!(manager["manager"], "ann");
}

// rule: members 28
#[tokio::test]
async fn the_view_shows_where_tickets_stand() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let ticket = world.concern(&member, "order", "k-1").await;
    let view = world.member(&member).get(&format!("/v1/members/{member}/view?parts=tickets")).await.ok();
    let shown = &view["parts"]["tickets"]["data"][0];
    let fields = ["ticket", "state", "queue", "topic"].map(|name| shown[name].clone());
    assert_eq!(json!(fields), json!([ticket["ticket"], "new", "customer-service", "order"]));
}

/// A journey whose only step is a call.
const CALLS: (&str, &str) = (
    BEFORE_ADJUSTMENT,
    "[[journey]]\nid = \"call\"\nenter = \"order.delivered\"\npurpose = \"service\"\nexit_on = [\"ticket.open\"]\nkey = [\"order\"]\n\
     steps = [ { id = \"call\", at = \"PT0S\", do = \"ticket\", template = \"callback\", queue = \"care-desk\" } ]\n\n[adjustment]\nreasons",
);

// rule: care 5
// rule: desk 1
#[tokio::test]
async fn steps_of_journeys_become_tickets_and_an_open_one_ends_what_is_under_way() {
    let world = World::whole(MONDAY, &[CALLS]).await;
    let member = world.reachable("wu", &[]).await;
    world.signals("order.delivered", "d-1", &member, &json!({"order": "o-1"})).await;
    let own = world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok();
    let ticket = world.ticket(&own["tickets"][0]).await;
    let fields = ["queue", "source", "state"].map(|name| ticket[name].clone());
    assert_eq!(json!(fields), json!(["care-desk", "journey", "new"]));
    let steps = world.steps(&member).await;
    let tips = steps.iter().find(|step| step.starts_with("after-sale/tips")).unwrap();
    assert!(tips.contains("exited"), "an open ticket ends what is under way: {steps:?}");
    assert_eq!(ticket["order"], "o-1", "it is about what the journey is about");
    for listed in
        world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok()["tickets"].as_array().unwrap()
    {
        let done = json!({"code": "fixed", "text": "We have called"});
        world.handles(&world.clerk("ann"), listed, "resolution", done).await.ok();
    }
    world.platform.rest().await.unwrap();
    let care = world.store().whole_care(&member.parse().unwrap(), world.now()).await.unwrap();
    assert!(care.tickets.iter().all(|ticket| !ticket.open), "{:?}", care.tickets);
}

// rule: desk 1, 5, 18, 19, 22
#[tokio::test]
async fn a_complaint_about_installation_is_put_right_in_one_correlation() {
    let world = World::whole(MONDAY, &[("per_member_30d = 1", "per_member_30d = 0")]).await;
    world.staffed("tim", &["technical-support"], 5).await;
    let member = world.customer("wang").await;
    world.pays(&member, "o-1", 19_900).await.ok();
    // Three points, and a complaint about installation.
    let answer = json!({"invitation": "5d41402abc4b2a76b9719d911017c592", "survey": "post-purchase", "cause": "order:o-1",
        "correlation": "b1946ac92492d2347c6235b4d2611184", "order": "o-1", "locale": "zh-CN", "scores": {"score": 3},
        "themes": [{"theme": "installation", "kind": "cause", "polarity": "negative", "sentence": 0}],
        "follow_up": {"do": "ticket", "score": 3}});
    world.desk_hears("perennial.voc.surveycompleted.v1", "v-1", &member, &answer).await;
    let own = world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok();
    let ticket = world.ticket(&own["tickets"][0]).await;
    let fields = ["queue", "owner", "source", "order"].map(|name| ticket[name].clone());
    assert_eq!(json!(fields), json!(["technical-support", "tim", "survey", "o-1"]));
    let tim = world.clerk("tim");
    world
        .handles(&tim, &ticket, "messages", json!({"text": "\u{6211}\u{4eec}\u{9a6c}\u{4e0a}\u{5904}\u{7406}"}))
        .await
        .ok();
    let reason = json!({"item": "coupon-5", "reason": "the manual was missing"});
    let given = world.handles(&tim, &ticket, "grants", reason).await.ok();
    assert_eq!(given["grants"][0]["state"], "granted");
    world.platform.rest().await.unwrap();
    let vouchers = world.member(&member).get(&format!("/v1/members/{member}/vouchers")).await.ok();
    assert_eq!(vouchers["vouchers"].as_array().unwrap().len(), 1);
    let resolved = world.handles(&tim, &ticket, "resolution", json!({"code": "fixed"})).await.ok();
    assert_eq!((&resolved["state"], &resolved["resolutions"]), (&json!("resolved"), &json!(1)));
    assert_eq!(clock(&resolved, "resolution")["state"], "met");
    assert_eq!(resolved["correlation"], "b1946ac92492d2347c6235b4d2611184");
    // Whoever asks afterwards, and hears a five, changes nothing; a two brings it to the lead.
    let asked = |score: u32, follow_up: Value| {
        json!({"invitation": format!("c-{score}"), "survey": "csat-ticket", "cause": "t", "correlation": ticket["correlation"],
            "ticket": ticket["ticket"], "resolution": 1, "scores": {"score": score}, "follow_up": follow_up})
    };
    world.desk_hears("perennial.voc.surveycompleted.v1", "v-5", &member, &asked(5, Value::Null)).await;
    assert_eq!(world.ticket(&ticket).await["state"], "resolved");
    let low = json!({"do": "reopen_and_escalate", "score": 2});
    world.desk_hears("perennial.voc.surveycompleted.v1", "v-2", &member, &asked(2, low)).await;
    let again = world.ticket(&ticket).await;
    assert_eq!((&again["state"], &again["owner"]), (&json!("open"), &json!("lead-technical")));
    // Who thinks better of it is heard, and hands nothing up.
    let better = asked(5, json!({"do": "note", "score": 5}));
    world.desk_hears("perennial.voc.surveyrevised.v1", "v-2-5", &member, &better).await;
    let after = world.ticket(&ticket).await;
    assert_eq!((&after["state"], &after["level"]), (&again["state"], &again["level"]));
    assert_ne!(after["version"], again["version"], "it is noted");
}
