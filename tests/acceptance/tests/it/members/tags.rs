//! Tags by hand, and the dictionary.

use sam::Role;
use serde_json::{Value, json};

use crate::world::World;

// rule: members 27
#[tokio::test]
async fn a_tag_is_given_until_a_day_and_taken_by_time_or_by_hand() {
    let world = World::new().await;
    let mei = world.presents("crm", "c-1", &[]).await["member"].as_str().unwrap().to_owned();
    let agent = world.caller(Role::Agent, "agent-7");
    let tag = |tag: &str| format!("/v1/members/{mei}/tags/{tag}");
    let given = agent.put(&tag("vip-care"), &json!({"reason": "won the summer's contest"})).await.ok();
    assert_eq!((&given["tags"], &given["version"]), (&json!({"vip-care": "2026-08-28"}), &json!(2)));
    let again = agent.put(&tag("vip-care"), &json!({"until": "2026-03-02"})).await.ok();
    assert_eq!((&again["tags"], &again["version"]), (&json!({"vip-care": "2026-08-28"}), &json!(2)), "only lengthened");
    let tags = async || agent.get(&format!("/v1/members/{mei}")).await.ok()["tags"].clone();
    // 28 August ends at 16:00 UTC in Shanghai.
    world.advance("2026-08-28T15:59:00Z").await;
    assert_eq!(tags().await, json!({"vip-care": "2026-08-28"}));
    world.advance("2026-08-28T16:00:00Z").await;
    assert_eq!(tags().await, json!({}), "whether or not somebody has looked");
    world.advance("2026-08-28T17:30:00Z").await;
    let seen = agent.get(&format!("/v1/members/{mei}")).await.ok();
    assert_eq!((&seen["tags"], &seen["version"]), (&json!({}), &json!(3)), "and it is written down");

    agent.put(&tag("vip-care"), &json!({"until": "2026-12-31"})).await.ok();
    assert_eq!(agent.delete(&tag("vip-care")).await.ok(), json!({"tags": {}, "version": 5}));
    assert_eq!(agent.delete(&tag("vip-care")).await.ok()["version"], 5, "once is once");
    for (caller, name, body, status, code) in [
        (&agent, "whale", json!({}), 422, "unknown_tag"),
        (&agent, "high-value", json!({}), 409, "computed_tag"),
        (&agent, "vip-care", json!({"until": "2026-08-01"}), 422, "expired"),
        (&agent, "vip-care", json!({"until": "soon"}), 422, "invalid_field"),
        (&agent, "vip-care", json!({"reason": "why"}), 422, "invalid_field"),
        (&world.shop(), "vip-care", json!({}), 403, "forbidden"),
        (&world.member(&mei), "vip-care", json!({}), 403, "forbidden"),
    ] {
        caller.put(&tag(name), &body).await.refused(status, code);
    }
    agent.put("/v1/members/m-404/tags/vip-care", &json!({})).await.refused(404, "unknown_member");
}

// rule: members 27
#[tokio::test]
async fn the_dictionary_says_what_each_tag_means_and_who_answers_for_it() {
    let world = World::new().await;
    let told = world.auditor().get("/v1/tags").await.ok();
    let tags = told["tags"].as_array().unwrap();
    let of = |name: &str| tags.iter().find(|tag| tag["tag"] == name).cloned().unwrap_or(Value::Null);
    let expected = json!({
        "tag": "vip-care", "kind": "manual", "owner": "service", "definition": "Handle with priority",
        "who": ["agent", "admin"], "valid_days": 180,
    });
    assert_eq!(of("vip-care"), expected);
    assert_eq!(of("high-value")["kind"], "computed");
    assert!(of("high-value")["when"].is_string() && told["programmeversion"] == 1, "{told}");
}
