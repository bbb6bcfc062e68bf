//! How a concern becomes a ticket: where it goes, who has it, who sees it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{MONDAY, clock, concern, id};
use crate::world::{World, at};

fn tickets(page: &Value) -> Vec<&str> {
    page["tickets"].as_array().unwrap().iter().map(|ticket| ticket["ticket"].as_str().unwrap()).collect()
}

// rule: desk 1, 8, 10, 16
#[tokio::test]
async fn a_concern_reaches_its_department_and_has_an_owner_and_a_due_time() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["technical-support"], 5).await;
    let member = world.customer("wang").await;
    let ticket = world.concern(&member, "install", "k-1").await;
    assert_eq!((&ticket["owner"], &ticket["grants"], &ticket["level"]), (&Value::Null, &Value::Null, &Value::Null));
    let ticket = world.ticket(&ticket).await;
    let fields = ["queue", "policy", "owner", "state", "source", "member"].map(|name| ticket[name].clone());
    assert_eq!(json!(fields), json!(["technical-support", "p2", "ann", "new", "member", member]));
    // Four hours of a department that closes at six: at three in the afternoon.
    assert_eq!(at(ticket["due"].as_str().unwrap()), at("2026-03-02T15:00:00+08:00"));
    assert_eq!(clock(&ticket, "first_response")["state"], "running");
    assert_eq!(clock(&ticket, "resolution")["target_ms"], 18 * 3_600_000);
    // Other topics go elsewhere, and what nobody is there for waits in its department.
    world.time_passes(SignedDuration::from_secs(1)).await;
    let presale = world.concern(&member, "presale", "k-2").await;
    let presale = world.ticket(&presale).await;
    assert_eq!((&presale["queue"], &presale["owner"]), (&json!("sales"), &Value::Null));
    let ann = world.clerk("ann");
    assert_eq!(tickets(&ann.get("/v1/tickets?owner=me").await.ok()), [id(&ticket)]);
    assert_eq!(tickets(&ann.get("/v1/tickets?queue=technical-support").await.ok()), [id(&ticket)]);
    assert_eq!(tickets(&ann.get("/v1/tickets?unassigned=sales").await.ok()), [id(&presale)]);
    assert_eq!(tickets(&ann.get("/v1/tickets?unassigned=technical-support").await.ok()), Vec::<&str>::new());
    assert_eq!(tickets(&ann.get("/v1/tickets?queue=sales&state=open").await.ok()), Vec::<&str>::new());
    let own = world.member(&member).get(&format!("/v1/members/{member}/tickets")).await.ok();
    assert_eq!(tickets(&own), [id(&presale), id(&ticket)], "the newest first");
    let queues = ann.get("/v1/desk/queues").await.ok();
    let of =
        |name: &str| queues["queues"].as_array().unwrap().iter().find(|queue| queue["queue"] == name).unwrap().clone();
    assert_eq!(of("technical-support")["open"], 1);
    assert_eq!((&of("sales")["unassigned"], &of("technical-support")["available"]), (&json!(1), &json!(1)));
}

// rule: desk 1
#[tokio::test]
async fn the_same_request_is_one_ticket_and_the_same_origin_too() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let ticket = world.concern(&member, "order", "k-1").await;
    let again = world.member(&member).keyed("k-1", "/v1/tickets", &concern(&member, "order")).await;
    assert!(again.repeated && again.status == 201, "{again:?}");
    assert_eq!(again.body["ticket"], ticket["ticket"]);
    let other = world.member(&member).keyed("k-1", "/v1/tickets", &concern(&member, "install")).await;
    other.refused(422, "idempotency_key_reused");
    let step = json!({"do": "ticket", "origin": "5d41402abc4b2a76b9719d911017c592", "journey": "after-sale", "step": "call",
        "template": "dedicated-callback", "queue": "care-desk", "enrolment": "e-1", "key": ["o-1"]});
    for id in ["e-1", "e-2"] {
        world.desk_hears("perennial.care.stepdue.v1", id, &member, &step).await;
    }
    let own = world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok();
    assert_eq!(tickets(&own).len(), 2, "{own}");
    let by_step = own["tickets"].as_array().unwrap().iter().find(|other| other["ticket"] != ticket["ticket"]).unwrap();
    let opened = world.ticket(by_step).await;
    let fields = ["queue", "policy", "source", "correlation"].map(|name| opened[name].clone());
    assert_eq!(json!(fields), json!(["care-desk", "p3", "journey", "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"]));
    let log = world.admin("ada").get(&format!("/v1/tickets/{}/log", id(&opened))).await.ok();
    assert_eq!((&log["rows"][0]["kind"], &log["rows"][0]["text"]), (&json!("opened"), &json!("dedicated-callback")));
    // Nobody's is dropped.
    let nobodys = json!({"do": "ticket", "origin": "aa41402abc4b2a76b9719d911017c592", "journey": "after-sale"});
    world.desk_hears("perennial.care.stepdue.v1", "e-3", "m-nobody", &nobodys).await;
    world.admin("ada").get("/v1/tickets?queue=care-desk").await.ok();
}

#[tokio::test]
async fn what_is_wrong_with_a_concern_is_named_and_nothing_is_opened() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let caller = world.member(&member);
    for (field, value, pointer) in [
        ("topic", json!("weather"), "/topic"),
        ("locale", json!("xx"), "/locale"),
        ("subject", json!(""), "/subject"),
        ("subject", json!("x".repeat(201)), "/subject"),
        ("text", json!("   "), "/text"),
        ("text", json!("\u{5b57}".repeat(8_001)), "/text"),
        ("channel", json!(""), "/channel"),
        ("order", json!(""), "/order"),
        ("live", json!("yes"), "/live"),
        ("member", json!("m 1"), "/member"),
        ("weather", json!("fine"), "/weather"),
    ] {
        let mut body = concern(&member, "order");
        body[field] = value;
        let refused = caller.keyed(&format!("k {field}"), "/v1/tickets", &body).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], pointer);
    }
    world.admin("ada").keyed("k", "/v1/tickets", &concern("m-nobody", "order")).await.refused(422, "unknown_member");
    caller.post("/v1/tickets", &concern(&member, "order")).await.refused(400, "missing_idempotency_key");
    world.member("m-2").keyed("k", "/v1/tickets", &concern(&member, "order")).await.refused(403, "forbidden");
    let own = world.admin("ada").get(&format!("/v1/members/{member}/tickets")).await.ok();
    assert_eq!(own["tickets"], json!([]));
    let ann = world.clerk("ann");
    for wrong in [
        "",
        "?queue=a&owner=b",
        "?queue=sales&limit=0",
        "?queue=sales&limit=101",
        "?queue=sales&after=x",
        "?queue=sales&after=1e9~t",
    ] {
        ann.get(&format!("/v1/tickets{wrong}")).await.refused(400, "invalid_parameter");
    }
    ann.get("/v1/tickets/none").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_member_sees_its_own_and_neither_notes_nor_agents_nor_budgets() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["customer-service"], 5).await;
    let (member, other) = (world.customer("wang").await, world.customer("li").await);
    let ticket = world.concern(&member, "order", "k-1").await;
    let ann = world.clerk("ann");
    world.handles(&ann, &ticket, "notes", json!({"text": "sounds angry"})).await.ok();
    world.handles(&ann, &ticket, "messages", json!({"text": "We look into it"})).await.ok();
    let path = format!("/v1/tickets/{}", id(&ticket));
    let log = world.member(&member).get(&format!("{path}/log")).await.ok();
    let rows: Vec<(String, String)> = log["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["kind"].as_str().unwrap().to_owned(), row["by"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(rows, [("opened".into(), "member".into()), ("reply".into(), "agent".into())]);
    assert!(log["rows"][0]["text"].as_str().unwrap().contains("\u{8bf4}\u{660e}\u{4e66}"));
    assert_eq!(world.admin("ada").get(&format!("{path}/log")).await.ok()["rows"].as_array().unwrap().len(), 3);
    let text = world.member(&member).get(&path).await.ok().to_string();
    assert!(!text.contains("\"ann\"") && !text.contains("grants"), "{text}");
    for foreign in [path.clone(), format!("{path}/log")] {
        world.member(&other).get(&foreign).await.refused(404, "not_found");
    }
    world
        .member(&other)
        .keyed("k", &format!("{path}/messages"), &json!({"text": "mine"}))
        .await
        .refused(404, "not_found");
    world.member(&other).get(&format!("/v1/members/{member}/tickets")).await.refused(403, "forbidden");
    world.member(&member).keyed("k", &format!("{path}/notes"), &json!({"text": "x"})).await.refused(403, "forbidden");
}

// rule: desk 16
#[tokio::test]
async fn pages_go_on_where_they_ended() {
    let world = World::starting(MONDAY, &[]).await;
    let member = world.customer("wang").await;
    let mut opened = Vec::new();
    for n in 0..5 {
        world.clock.advance(jiff::SignedDuration::from_secs(1));
        opened.push(id(&world.concern(&member, "order", &format!("k-{n}")).await).to_owned());
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page =
            world.clerk("ann").get(&format!("/v1/tickets?unassigned=customer-service&limit=2{after}")).await.ok();
        seen.extend(tickets(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, opened, "by due time, each once");
}
