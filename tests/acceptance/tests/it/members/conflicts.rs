//! What two members both say is theirs, as a person decides.

use sam::Role;
use serde_json::{Value, json};

use crate::tables;
use crate::world::{Answer, Caller, World};

const WHY: &str = "the mother of the child called us";

impl Caller {
    async fn decides(&self, conflict: &str, how: &str) -> Answer {
        self.post(&format!("/v1/conflicts/{conflict}/resolution"), &json!({"do": how, "reason": WHY})).await
    }

    async fn conflicts(&self) -> Vec<Value> {
        self.get("/v1/conflicts").await.ok()["conflicts"].as_array().unwrap().clone()
    }
}

/// A mother, whose phone the shop has presented for her child, too: both, and the conflict.
async fn family(world: &World) -> [String; 3] {
    let mother = world.presents("shop", "s-1", &["phone 13800138000", "email mei@example.com"]).await;
    let child = world.presents("shop", "s-2", &["phone 13800138000"]).await;
    [&mother["member"], &child["member"], &child["conflicts"][0]].map(|text| text.as_str().unwrap().to_owned())
}

// rule: members 9
#[tokio::test]
async fn a_shared_phone_is_a_contact_of_the_other_and_asked_about_no_more() {
    let world = World::new().await;
    let [mother, child, conflict] = family(&world).await;
    let shown = world.admin("ada").conflicts().await;
    let mut pair = [mother.as_str(), child.as_str()];
    pair.sort_unstable();
    assert_eq!((shown.len(), &shown[0]["conflict"], &shown[0]["members"]), (1, &json!(conflict), &json!(pair)));
    let expected = json!({
        "kind": "phone", "hint": "+86 *** **** 8000", "presented_at": "2026-03-01T02:00:00Z", "source": "shop",
        "outcome": "stayed", "without": child,
    });
    assert_eq!(shown[0]["items"], json!([expected]));

    let agent = world.caller(Role::Agent, "agent-7");
    let proposed = agent.decides(&conflict, "share").await;
    assert_eq!((proposed.status, &proposed.body["decided"]), (202, &json!(false)));
    let shown = agent.conflicts().await;
    assert_eq!((&shown[0]["proposed"]["do"], &shown[0]["proposed"]["by"]), (&json!("share"), &json!("agent:agent-7")));
    let seen = world.member(&child).get(&format!("/v1/members/{child}")).await.ok();
    assert_eq!(seen["identifiers"].as_array().unwrap().len(), 1, "nothing is done by a proposal");

    assert_eq!(world.admin("ada").decides(&conflict, "share").await.ok()["decided"], true);
    assert_eq!(world.finds("phone", "13800138000").await, mother);
    let seen = world.member(&child).get(&format!("/v1/members/{child}")).await.ok();
    let contact = &seen["identifiers"][1];
    assert_eq!((&contact["value"], &contact["contact"]), (&json!("+8613800138000"), &json!(true)));
    let send = format!("/v1/members/{child}/identifiers/{}/verifications", contact["n"]);
    world.member(&child).post_nothing(&send).await.refused(422, "not_verifiable");
    let again = world.presents("shop", "s-2", &["phone 13800138000"]).await;
    assert_eq!((&again["member"], &again["conflicts"]), (&json!(child), &json!([])));
    assert_eq!(world.admin("ada").conflicts().await, Vec::<Value>::new());
    world.admin("ada").decides(&conflict, "keep").await.refused(409, "already_resolved");
    // Another identifier is another question.
    let asked = world.presents("shop", "s-2", &["email mei@example.com"]).await;
    assert_eq!(asked["conflicts"], json!([conflict]));
    assert!(!tables::everything(&world.platform).await.iter().any(|line| line.contains(WHY)), "why is sealed");
}

// rule: members 8, 9
#[tokio::test]
async fn what_a_person_moves_is_the_others_and_verified_by_nobody() {
    let world = World::new().await;
    let [mother, child, conflict] = family(&world).await;
    let consent = json!({"consents": [{"purpose": "marketing", "channel": "sms", "said": "given", "version": 1}]});
    world.member(&mother).post(&format!("/v1/members/{mother}/consents"), &consent).await.ok();
    world.admin("ada").decides(&conflict, "move").await.ok();
    assert_eq!(world.finds("phone", "13800138000").await, child);
    let seen = world.member(&mother).get(&format!("/v1/members/{mother}")).await.ok();
    let kinds: Vec<&Value> = seen["identifiers"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["external:shop", "email"]);
    let consents = world.member(&mother).get(&format!("/v1/members/{mother}/consents")).await.ok();
    let sms = consents["consents"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["purpose"] == "marketing" && one["channel"] == "sms");
    assert_eq!(sms.unwrap()["said"], "withdrawn", "the consent to write there ends");
}

// rule: members 9, 18
#[tokio::test]
async fn two_who_are_one_person_become_one_and_nothing_is_open_between_them() {
    let world = World::new().await;
    let [mother, child, conflict] = family(&world).await;
    let path = format!("/v1/conflicts/{conflict}/resolution");
    let merge = json!({"do": "merge", "reason": WHY, "survivor": mother});
    assert_eq!(world.admin("ada").post(&path, &merge).await.ok()["decided"], true);
    let seen = world.admin("ada").get(&format!("/v1/members/{child}")).await.ok();
    assert_eq!(seen["member"], json!(mother));
    assert_eq!(world.presents("shop", "s-2", &["phone 13800138000"]).await["member"], json!(mother));
    assert_eq!(world.admin("ada").conflicts().await, Vec::<Value>::new());
    world.admin("ada").post(&path, &merge).await.refused(409, "already_resolved");
    assert!(!tables::everything(&world.platform).await.iter().any(|line| line.contains(WHY)), "why is sealed");
}

// rule: members 9
#[tokio::test]
async fn a_decision_that_cannot_be_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let [_, _, conflict] = family(&world).await;
    let before = tables::everything(&world.platform).await;
    let ada = world.admin("ada");
    let path = format!("/v1/conflicts/{conflict}/resolution");
    for (body, status, code) in [
        (json!({"do": "keep", "reason": "short"}), 422, "invalid_field"),
        (json!({"do": "split", "reason": WHY}), 422, "invalid_field"),
        (json!({"do": "merge", "reason": WHY, "survivor": "m-404"}), 422, "not_of_the_pair"),
        (json!({"do": "merge", "reason": WHY, "survivor": "m 1"}), 422, "invalid_field"),
        (json!({"do": "merge", "reason": WHY}), 422, "invalid_field"),
    ] {
        ada.post(&path, &body).await.refused(status, code);
    }
    ada.decides("2f1c7d7dd5a14e6b8f7b0c7c33aa5d01", "keep").await.refused(404, "not_found");
    world.shop().decides(&conflict, "keep").await.refused(403, "forbidden");
    world.auditor().get("/v1/conflicts").await.refused(403, "forbidden");
    assert_eq!(tables::everything(&world.platform).await, before);
}

// rule: members 9
#[tokio::test]
async fn conflicts_are_listed_page_by_page_those_that_wait_longest_first() {
    let world = World::new().await;
    for number in 10..65 {
        world.presents("shop", &format!("a-{number}"), &[&format!("phone 138001380{number}")]).await;
        world.presents("shop", &format!("b-{number}"), &[&format!("phone 138001380{number}")]).await;
        world.time_passes(jiff::SignedDuration::from_secs(1)).await;
    }
    let (mut shown, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.admin("ada").get(&format!("/v1/conflicts{after}")).await.ok();
        shown.extend(page["conflicts"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("?after={next}");
    }
    let since: Vec<&str> =
        shown.iter().map(|conflict| conflict["items"][0]["presented_at"].as_str().unwrap()).collect();
    assert_eq!((since.len(), since.is_sorted()), (55, true));
    world.admin("ada").get("/v1/conflicts?after=nonsense").await.refused(400, "invalid_parameter");
}
