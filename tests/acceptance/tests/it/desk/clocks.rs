//! What time does to tickets: warnings, breaches, closings, each once and at its own instant.

use serde_json::{Value, json};

use super::{MONDAY, clock};
use crate::publication::{FIRST, SECOND};
use crate::world::{World, at};

// rule: desk 10, 11, 12, 17
#[tokio::test]
async fn a_breach_is_told_once_and_hands_the_ticket_up() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["technical-support"], 5).await;
    let member = world.customer("wang").await;
    let ticket = world.concern(&member, "install", "k-1").await;
    // Due at three; four fifths are counted at 14:12.
    world.ticks_at("2026-03-02T14:11:59+08:00").await;
    let before = world.ticket(&ticket).await["version"].as_u64().unwrap();
    world.ticks_at("2026-03-02T14:12:00+08:00").await;
    let warned = world.ticket(&ticket).await;
    assert_eq!(warned["version"].as_u64().unwrap(), before + 1, "it is warned of");
    world.ticks_at("2026-03-02T15:00:00+08:00").await;
    let due = world.ticket(&ticket).await;
    assert_eq!((&due["version"], &due["level"]), (&json!(before + 1), &json!(0)), "warned of once, and still in time");
    world.ticks_at("2026-03-02T15:00:00.001+08:00").await;
    let breached = world.ticket(&ticket).await;
    let first = clock(&breached, "first_response");
    assert_eq!((&first["state"], &first["due"]), (&json!("breached"), &json!("2026-03-02T07:00:00Z")));
    assert_eq!((&breached["level"], &breached["owner"]), (&json!(1), &json!("ann")));
    assert_eq!(at(breached["due"].as_str().unwrap()), at("2026-03-02T15:00:00+08:00"), "what is overdue stays on top");
    world.ticks_at("2026-03-02T16:00:00+08:00").await;
    assert_eq!(world.ticket(&ticket).await["version"], breached["version"], "a breach is told once");
    let overdue = world.clerk("ann").get("/v1/desk/queues").await.ok();
    let queues = overdue["queues"].as_array().unwrap();
    assert_eq!(queues.iter().find(|queue| queue["queue"] == "technical-support").unwrap()["overdue"], 1);
    // The resolution breaches two days later: now the lead owns it.
    world.ticks_at("2026-03-04T14:00:00+08:00").await;
    let late = world.ticket(&ticket).await;
    assert_eq!((&late["level"], &late["owner"]), (&json!(2), &json!("lead-technical")));
    assert_eq!(world.store().agents(None).await.unwrap()[0].open, 0, "and its place is free");
}

// rule: desk 12
#[tokio::test]
async fn without_a_sweep_a_command_tells_what_time_has_done() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let ticket = world.concern(&member, "install", "k-1").await;
    world.clock.set(at("2026-03-02T16:00:00+08:00"));
    let answered = world.handles(&world.clerk("ann"), &ticket, "messages", json!({"text": "Sorry"})).await.ok();
    let first = clock(&answered, "first_response");
    assert_eq!((&first["state"], &answered["level"]), (&json!("breached"), &json!(1)));
    assert_eq!(first["spent_ms"], 5 * 3_600_000);
}

// rule: desk 2, 9
#[tokio::test]
async fn what_waits_goes_on_by_itself_at_the_start_of_a_local_date() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let ann = world.clerk("ann");
    let [one, other] = ["k-1", "k-2"].map(|key| world.concern(&member, "order", key));
    let (one, other) = (one.await, other.await);
    for (ticket, state) in [(&one, "pending_customer"), (&other, "pending_third_party")] {
        world.handles(&ann, ticket, "messages", json!({"text": "One moment"})).await.ok();
        let waits = world.handles(&ann, ticket, "state", json!({"state": state})).await.ok();
        assert_eq!(at(waits["wait_until"].as_str().unwrap()), at("2026-03-09T00:00:00+08:00"));
    }
    assert_eq!(clock(&world.ticket(&one).await, "resolution")["state"], "paused");
    assert_eq!(clock(&world.ticket(&other).await, "resolution")["state"], "running", "only the customer stops it");
    world.ticks_at("2026-03-09T00:00:00+08:00").await;
    let (one, other) = (world.ticket(&one).await, world.ticket(&other).await);
    assert_eq!((&one["state"], &other["state"]), (&json!("resolved"), &json!("open")));
    // An offer that nobody answers is taken for settled after three local dates.
    world.handles(&ann, &other, "messages", json!({"text": "Does that settle it?", "offer_close": true})).await.ok();
    world.ticks_at("2026-03-11T23:59:00+08:00").await;
    assert_eq!(world.ticket(&other).await["state"], "open");
    world.ticks_at("2026-03-12T00:00:00+08:00").await;
    assert_eq!(world.ticket(&other).await["state"], "resolved");
}

// rule: desk 18
#[tokio::test]
async fn a_low_answer_opens_the_ticket_again_at_the_lead() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["customer-service"], 5).await;
    let member = world.customer("wang").await;
    let ann = world.clerk("ann");
    let ticket = world.concern(&member, "order", "k-1").await;
    let resolved = json!({"code": "fixed", "text": "Done"});
    world.handles(&ann, &ticket, "resolution", resolved.clone()).await.ok();
    let low = |resolution: u32, invitation: &str| -> Value {
        json!({"invitation": invitation, "survey": "csat-ticket", "cause": "c", "correlation": "c", "ticket": ticket["ticket"],
            "resolution": resolution, "scores": {"score": 1}, "follow_up": {"do": "reopen_and_escalate", "score": 1}})
    };
    let kind = "perennial.voc.surveycompleted.v1";
    world.desk_hears(kind, "v-1", &member, &low(1, "i-1")).await;
    let again = world.ticket(&ticket).await;
    let fields = ["state", "owner", "level", "reopenings"].map(|name| again[name].clone());
    assert_eq!(json!(fields), json!(["open", "lead-service", 1, 1]));
    assert!(again["unanswered_since"].is_string(), "it counts as a message");
    world.desk_hears(kind, "v-1b", &member, &low(1, "i-1")).await;
    assert_eq!(world.ticket(&ticket).await["version"], again["version"], "an answer is heard once");
    // One about an older resolution is noted, and handed up.
    world.handles(&world.lead("lead-service"), &ticket, "resolution", resolved).await.ok();
    world.desk_hears(kind, "v-2", &member, &low(1, "i-2")).await;
    let noted = world.ticket(&ticket).await;
    assert_eq!((&noted["state"], &noted["level"]), (&json!("resolved"), &json!(2)));
    // On what is over another one goes on, with the lead.
    world.ticks_at("2026-03-09T00:00:00+08:00").await;
    assert_eq!(world.ticket(&ticket).await["state"], "closed");
    world.desk_hears(kind, "v-3", &member, &low(2, "i-3")).await;
    let own = world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok();
    let follows = world.ticket(&own["tickets"][0]).await;
    assert_eq!(follows["links"], json!([{"kind": "follows", "ticket": ticket["ticket"]}]));
    assert_eq!((&follows["owner"], &follows["queue"]), (&json!("lead-service"), &json!("customer-service")));
}

// rule: desk 1, 18
#[tokio::test]
async fn an_answer_to_another_survey_becomes_a_ticket_once() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let answer = json!({"invitation": "5d41402abc4b2a76b9719d911017c592", "survey": "post-purchase", "cause": "c",
        "correlation": "b1946ac92492d2347c6235b4d2611184", "order": "o-1", "locale": "zh-CN", "scores": {"score": 3},
        "themes": [{"theme": "installation", "kind": "cause", "polarity": "negative", "sentence": 0}],
        "follow_up": {"do": "ticket", "score": 3}});
    for (kind, id) in [("surveycompleted", "v-1"), ("surveyrevised", "v-2")] {
        world.desk_hears(&format!("perennial.voc.{kind}.v1"), id, &member, &answer).await;
    }
    let own = world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok();
    assert_eq!(own["tickets"].as_array().unwrap().len(), 1);
    let ticket = world.ticket(&own["tickets"][0]).await;
    let fields = ["queue", "policy", "source", "order", "correlation"].map(|name| ticket[name].clone());
    let expected = ["technical-support", "p2", "survey", "o-1", "b1946ac92492d2347c6235b4d2611184"];
    assert_eq!(json!(fields), json!(expected), "its theme says where it goes");
}

// rule: desk 14
#[tokio::test]
async fn a_ticket_counts_by_the_programme_of_its_opening_until_its_policy_changes() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let ticket = world.concern(&member, "install", "k-1").await;
    let slower =
        ("first_response = \"PT4H\"\nnext_response = \"PT4H\"", "first_response = \"PT6H\"\nnext_response = \"PT4H\"");
    world.publishes(&[slower, (FIRST, SECOND)]).await;
    assert_eq!(clock(&world.ticket(&ticket).await, "first_response")["due"], "2026-03-02T07:00:00Z");
    let newer = world.concern(&member, "install", "k-2").await;
    assert_eq!(clock(&newer, "first_response")["target_ms"], 6 * 3_600_000);
    let again = json!({"policy": "p2", "reason": "the new hours are enough"});
    let changed = world.handles(&world.clerk("ann"), &ticket, "priority", again).await.ok();
    assert_eq!(clock(&changed, "first_response")["due"], "2026-03-02T09:00:00Z", "as the new version counts");
}
