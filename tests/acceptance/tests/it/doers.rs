//! Who caused an entry is in the ledger: for admins and auditors to see, and in what is hashed, without being read there.

use domain::kernel::id::OperationId;
use domain::ledger::doer::Doer;
use lambda::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, answer, order};

impl World {
    /// The statement as somebody sees it, oldest first.
    async fn seen_by(&self, role: Role, subject: &str) -> Vec<Value> {
        let page = self.caller(role, subject).get("/v1/members/m-1/entries?limit=100").await.ok();
        let mut entries = page["entries"].as_array().unwrap().clone();
        entries.reverse();
        entries
    }
}

// rule: ledger 2.5
#[tokio::test]
async fn every_entry_that_somebody_caused_names_who() {
    let world = World::new().await;
    for number in 0..30 {
        world.earns_100("m-1", &format!("f-{number}")).await.ok();
    }
    let (till, agent) = (world.caller(Role::Partner, "till-3"), world.caller(Role::Agent, "agent-7"));
    let checkout = json!({"member": "m-1", "order_id": "9", "order_net_minor": 4_000, "points": 1_000});
    let held = till.keyed("h", "/v1/holds", &checkout).await.ok();
    let captured = till.post_nothing(&format!("/v1/holds/{}/capture", held["hold_id"].as_str().unwrap())).await.ok();
    let drink = json!({"member": "m-1", "reward": "drink"});
    agent.keyed("r", "/v1/redemptions", &drink).await.ok();
    agent.keyed("d", "/v1/donations", &json!({"member": "m-1", "reward": "farm-aid"})).await.ok();
    let reversal = format!("/v1/redemptions/{}/reversals", captured["redemption_id"].as_str().unwrap());
    agent.keyed("v", &reversal, &json!({"initiated_by": "merchant"})).await.ok();
    let gift = json!({"member": "m-1", "points": 10, "reason": "goodwill"});
    world.admin("ada").keyed("a", "/v1/adjustments", &gift).await.ok();
    let own = json!({"member": "m-1", "reward": "farm-aid"});
    world.member("m-1").keyed("own", "/v1/donations", &own).await.ok();
    let expected = [
        ("hold", json!("partner:till-3")),
        ("capture", json!("partner:till-3")),
        ("redeem", json!("agent:agent-7")),
        ("redeem", json!("agent:agent-7")),
        ("reverse", json!("agent:agent-7")),
        ("adjust", json!("admin:ada")),
        ("redeem", Value::Null),
    ];
    for (role, subject) in [(Role::Admin, "bob"), (Role::Auditor, "eve")] {
        let seen: Vec<_> = world.seen_by(role, subject).await.into_iter().skip(30).collect();
        let seen = seen.iter().map(|entry| (entry["kind"].as_str().unwrap(), entry["by"].clone()));
        assert_eq!(seen.collect::<Vec<_>>(), expected, "{role:?}");
    }
    for (role, subject) in [(Role::Member, "m-1"), (Role::Partner, "till-3"), (Role::Agent, "agent-7")] {
        let seen = world.seen_by(role, subject).await;
        assert!(seen.iter().all(|entry| entry["by"].is_null()), "{role:?}: {seen:?}");
    }
}

// rule: ledger 2.5
#[tokio::test]
async fn the_proof_covers_who_and_why_and_tells_neither() {
    let world = World::starting("2026-03-02T10:00:00+08:00", &[]).await;
    let mut late = order("1", "m-1", 10_000, "2026-01-01T02:00:00Z".parse().unwrap());
    late["backdatereason"] = json!("lost by the shop");
    let request = || world.admin("ada").prepared(Method::POST, "/v1/activities").json(&late);
    answer(request()).await.ok();
    answer(request()).await.again();
    let entry = &world.seen_by(Role::Auditor, "eve").await[0];
    assert_eq!((&entry["by"], &entry["backdate_reason"]), (&json!("admin:ada"), &json!("lost by the shop")));
    let proof = world.member("m-1").get("/v1/entries/m-1.1").await.ok();
    assert!(!proof.to_string().contains("ada") && !proof.to_string().contains("lost by"), "{proof}");
    let content: Value = serde_json::from_str(proof["proof"]["content"].as_str().unwrap()).unwrap();
    let doer = Doer { backdate_reason: Some("lost by the shop".to_owned()), ..Doer::new("admin:ada") };
    let operation: OperationId = content["operation"].as_str().unwrap().parse().unwrap();
    assert_eq!(content["by"], json!(doer.hash(operation)), "whoever knows who it was can tell");
    world.shop().post("/v1/activities", &late).await.refused(403, "forbidden");
}

// rule: ledger 2.6
#[tokio::test]
async fn what_is_too_old_counts_wherever_it_stands_in_a_batch() {
    let world = World::starting("2026-03-02T10:00:00+08:00", &[]).await;
    let paid = |id: &str, old: bool| {
        let time = if old { "2026-01-01T02:00:00Z".parse().unwrap() } else { world.now() };
        let mut paid = order(id, "m-1", 30_000, time);
        if old {
            paid["backdatereason"] = json!("lost by the shop");
        }
        paid
    };
    for (first, second, third) in [("1", "2", "3"), ("4", "5", "6")] {
        let batch = json!({"activities": [paid(first, false), paid(second, true), paid(third, true)]});
        let answer = world.admin("ada").post("/v1/activities/batch", &batch).await.ok();
        let statuses = [0, 1, 2].map(|place| answer["results"][place]["status"].clone());
        let last = if first == "1" { 200 } else { 409 }; // the fourth makes it 1,200
        assert_eq!(statuses, [json!(200), json!(200), json!(last)], "{answer}");
    }
}
