//! From the first message to the end, and beyond.

use serde_json::{Value, json};

use super::{MONDAY, clock, id};
use crate::world::World;

// rule: desk 2, 3, 4, 5, 6
#[tokio::test]
async fn a_ticket_is_answered_waited_for_resolved_and_opened_again() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["customer-service"], 5).await;
    let member = world.customer("wang").await;
    let (ann, wang) = (world.clerk("ann"), world.member(&member));
    let ticket = world.concern(&member, "order", "k-1").await;
    let wait = json!({"state": "pending_customer"});
    world.handles(&ann, &ticket, "state", wait.clone()).await.refused(409, "no_reply_yet");
    let fixed = json!({"code": "fixed"});
    world.handles(&ann, &ticket, "resolution", fixed.clone()).await.refused(422, "reply_needed");
    let open = world.handles(&ann, &ticket, "messages", json!({"text": "Which order?"})).await.ok();
    assert_eq!((&open["state"], &clock(&open, "first_response")["state"]), (&json!("open"), &json!("met")));
    world.handles(&ann, &ticket, "state", wait.clone()).await.ok();
    let asked = world.handles(&wang, &ticket, "messages", json!({"text": "Number 7"})).await.ok();
    assert_eq!((&asked["state"], &clock(&asked, "next_response")["state"]), (&json!("open"), &json!("running")));
    world.handles(&ann, &ticket, "state", wait).await.refused(409, "unanswered_message");
    let resolved = json!({"code": "explained", "text": "It comes tomorrow"});
    let resolved = world.handles(&ann, &ticket, "resolution", resolved).await.ok();
    assert_eq!((&resolved["state"], &resolved["resolutions"]), (&json!("resolved"), &json!(1)));
    // Thanks need no answer; anything else does.
    let thanks = world.handles(&wang, &ticket, "messages", json!({"text": "\u{8c22}\u{8c22}\u{ff01}"})).await.ok();
    assert_eq!(thanks["state"], "resolved");
    let again = world.handles(&wang, &ticket, "messages", json!({"text": "It did not come"})).await.ok();
    assert_eq!((&again["state"], &again["reopenings"]), (&json!("open"), &json!(1)));
    let shut = json!({"code": "goodwill", "text": "Here it is"});
    let shut = world.handles(&ann, &ticket, "resolution", shut).await.ok();
    assert_eq!(shut["resolutions"], 2);
    world.handles(&ann, &ticket, "resolution", fixed).await.refused(409, "wrong_state");
    world.handles(&ann, &ticket, "reopening", json!({"reason": "wrong parcel"})).await.ok();
    let silent = json!({"code": "no_fault", "silent": "the member rang off"});
    world.handles(&ann, &ticket, "resolution", silent).await.ok();
    // A week later it is over, and a message opens another one that goes on with it.
    world.ticks_at("2026-03-09T00:04:00+08:00").await;
    assert_eq!(world.ticket(&ticket).await["state"], "closed");
    let follows = world.handles(&wang, &ticket, "messages", json!({"text": "Again!"})).await.ok();
    assert_ne!(follows["ticket"], ticket["ticket"]);
    assert_eq!(follows["links"], json!([{"kind": "follows", "ticket": ticket["ticket"]}]));
    let follows = world.ticket(&follows).await;
    let fields = ["state", "queue", "owner", "correlation"].map(|name| follows[name].clone());
    assert_eq!(json!(fields), json!(["new", "customer-service", "ann", ticket["correlation"]]));
}

// rule: desk 3
#[tokio::test]
async fn whoever_saw_an_older_version_is_shown_the_newest() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let ticket = world.concern(&member, "order", "k-1").await;
    let (ann, path) = (world.clerk("ann"), format!("/v1/tickets/{}", id(&ticket)));
    let seen = ticket["version"].as_u64().unwrap();
    world.handles(&ann, &ticket, "notes", json!({"text": "looked at it"})).await.ok();
    let stale = json!({"version": seen, "state": "pending_third_party"});
    let refused = ann.keyed("s", &format!("{path}/state"), &stale).await.refused(409, "changed_meanwhile");
    assert_eq!((&refused["ticket"]["state"], &refused["ticket"]["version"]), (&json!("open"), &json!(seen + 1)));
    let done = json!({"version": seen + 1, "state": "pending_third_party"});
    ann.keyed("t", &format!("{path}/state"), &done).await.ok();
    ann.keyed("t", &format!("{path}/state"), &done).await.again();
    let rows = ann.get(&format!("{path}/log")).await.ok()["rows"].as_array().unwrap().len();
    assert_eq!(rows, 3, "what is repeated is done once");
    for (what, body, pointer) in [
        ("state", json!({"version": 1, "state": "closed"}), "/state"),
        ("resolution", json!({"version": 1, "code": "magic"}), "/code"),
        ("resolution", json!({"version": 1, "code": "fixed", "text": ""}), "/text"),
        ("reopening", json!({"version": 1, "reason": " "}), "/reason"),
        ("priority", json!({"version": 1, "policy": "p1", "reason": ""}), "/reason"),
        ("messages", json!({"text": ""}), "/text"),
        ("notes", json!({"text": "x".repeat(8_001)}), "/text"),
        ("grants", json!({"item": "gift-small", "reason": "too short"}), "/reason"),
        ("merge", json!({"version": "1", "into": "x"}), "/version"),
    ] {
        let refused = ann.keyed("w", &format!("{path}/{what}"), &body).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], pointer, "{what}");
    }
    let rows = ann.get(&format!("{path}/log")).await.ok()["rows"].as_array().unwrap().len();
    assert_eq!(rows, 3, "what is wrong changes nothing");
}

// rule: desk 7
#[tokio::test]
async fn a_ticket_becomes_part_of_an_older_one_of_the_same_member() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["customer-service"], 5).await;
    let (member, other) = (world.customer("wang").await, world.customer("li").await);
    let ann = world.clerk("ann");
    let older = world.concern(&member, "order", "k-1").await;
    world.advance("2026-03-02T11:10:00+08:00").await;
    let newer = world.concern(&member, "order", "k-2").await;
    let foreign = world.concern(&other, "order", "k-3").await;
    let into = |ticket: &Value| json!({"into": ticket["ticket"]});
    world.handles(&ann, &newer, "merge", into(&foreign)).await.refused(409, "different_member");
    world.handles(&ann, &older, "merge", into(&newer)).await.refused(409, "merge_into_older");
    world.handles(&ann, &newer, "merge", into(&newer)).await.refused(409, "merge_into_older");
    world.handles(&ann, &newer, "merge", json!({"into": "none"})).await.refused(422, "unknown_ticket");
    let part = world.handles(&ann, &newer, "merge", into(&older)).await.ok();
    assert_eq!((&part["state"], &part["links"][0]["kind"]), (&json!("merged"), &json!("merged_into")));
    let whole = world.ticket(&older).await;
    assert_eq!(whole["links"], json!([{"kind": "absorbed", "ticket": newer["ticket"]}]));
    assert_eq!(whole["unanswered_since"], newer["opened_at"], "what was not answered there counts here");
    let records = world.store().agents(Some("available")).await.unwrap();
    assert_eq!(records[0].open, 2, "the one that is part of another takes no place");
}

// rule: desk 13
#[tokio::test]
async fn another_service_level_gives_neither_a_breach_nor_more_time() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let ann = world.clerk("ann");
    let ticket = world.concern(&member, "order", "k-1").await;
    let unknown = json!({"policy": "p9", "reason": "urgent"});
    world.handles(&ann, &ticket, "priority", unknown).await.refused(422, "unknown_policy");
    world.advance("2026-03-02T15:00:00+08:00").await;
    let raised = world.handles(&ann, &ticket, "priority", json!({"policy": "p1", "reason": "urgent"})).await.ok();
    let first = clock(&raised, "first_response");
    assert_eq!((&raised["policy"], &first["state"]), (&json!("p1"), &json!("running")));
    assert_eq!(first["due"], "2026-03-02T07:15:00Z", "a quarter of an hour from now on");
    // Another department begins without owner.
    world.staffed("tim", &["technical-support"], 5).await;
    world.handles(&ann, &ticket, "route", json!({"queue": "nowhere"})).await.refused(422, "unknown_queue");
    let routed = world.handles(&ann, &ticket, "route", json!({"queue": "technical-support"})).await.ok();
    assert_eq!((&routed["queue"], &routed["owner"]), (&json!("technical-support"), &json!("tim")));
}
