//! What is masked, and who has looked at it.

use jiff::SignedDuration;
use sam::Role;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::{Answer, Caller, World};

const WHY: &str = "callback on the broken kettle";

impl Caller {
    async fn unmasks(&self, member: &str, fields: &[&str], reason: &str) -> Answer {
        let body = json!({"fields": fields, "reason": reason, "ticket": "t-17"});
        self.post(&format!("/v1/members/{member}/unmasking"), &body).await
    }

    async fn looks(&self, member: &str) -> Vec<Value> {
        let (mut looks, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/v1/members/{member}/looks{after}")).await.ok();
            looks.extend(page["looks"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { return looks };
            after = format!("?after={next}");
        }
    }
}

async fn mei(world: &World) -> String {
    let mut body = known_as("crm", "c-1", &["phone 13800138000!", "phone 13900139000"]);
    body["fields"] = json!({"given_name": "小美", "birthday": "1991-05-17"});
    crm(world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned()
}

// rule: privacy 17, 18
#[tokio::test]
async fn what_is_masked_is_shown_for_a_reason_and_the_member_sees_who_looked() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let agent = world.caller(Role::Agent, "agent-7");
    let seen = agent.unmasks(&mei, &["phone", "birthday", "gender"], WHY).await.ok();
    let expected = json!({"phone": ["+8613800138000", "+8613900139000"], "birthday": ["1991-05-17"], "gender": []});
    assert_eq!((&seen["values"], &seen["shown_until"]), (&expected, &json!("2026-03-01T02:30:00Z")));
    world.time_passes(SignedDuration::from_mins(1)).await;
    world.admin("ada").unmasks(&mei, &["external"], WHY).await.ok();
    let own = world.member(&mei).looks(&mei).await;
    let first = json!({"at": "2026-03-01T02:00:00Z", "by": "agent", "fields": ["phone", "birthday", "gender"], "ticket": "t-17"});
    assert_eq!((own.len(), &own[1]), (2, &first), "as what, not who");
    let by: Vec<Value> = world.auditor().looks(&mei).await.iter().map(|look| look["by"].clone()).collect();
    assert_eq!(by, ["admin:ada", "agent:agent-7"]);
    assert_eq!(world.admin("ada").looks(&mei).await[1]["reason"], WHY);
    let all = tables::everything(&world.platform).await;
    assert!(
        !all.iter().any(|line| line.contains(WHY) || line.contains("13900139000")),
        "nothing of it lies in the open"
    );
    for (fields, reason, status, code) in [
        (&["phone"][..], "call", 422, "invalid_field"),
        (&[], WHY, 422, "invalid_field"),
        (&["shoe"], WHY, 422, "undeclared_field"),
    ] {
        agent.unmasks(&mei, fields, reason).await.refused(status, code);
    }
    let body = json!({"fields": ["phone"], "reason": WHY, "ticket": "Mei, 138 0013 8000"});
    agent.post(&format!("/v1/members/{mei}/unmasking"), &body).await.refused(422, "invalid_field");
    world.member(&mei).unmasks(&mei, &["phone"], WHY).await.refused(403, "forbidden");
    world.shop().unmasks(&mei, &["phone"], WHY).await.refused(403, "forbidden");
    agent.unmasks("m-404", &["phone"], WHY).await.refused(404, "unknown_member");
    agent.get(&format!("/v1/members/{mei}/looks")).await.refused(403, "forbidden");
    world.auditor().get(&format!("/v1/members/{mei}/looks?after=x")).await.refused(400, "invalid_parameter");
    assert_eq!(world.auditor().looks(&mei).await.len(), 2, "what is refused is no look");
}

// rule: privacy 18
#[tokio::test]
async fn an_agent_looks_fifty_times_a_local_day() {
    let world = World::starting("2026-03-01T23:30:00+08:00", &[]).await;
    let mei = mei(&world).await;
    let agent = world.caller(Role::Agent, "agent-7");
    for _ in 0..50 {
        agent.unmasks(&mei, &["phone"], WHY).await.ok();
    }
    let refused = agent.unmasks(&mei, &["phone"], WHY).await.refused(429, "too_many_unmaskings");
    assert_eq!((&refused["most"], &refused["retry_after_s"]), (&json!(50), &json!(1800)), "until midnight");
    world.caller(Role::Agent, "agent-8").unmasks(&mei, &["phone"], WHY).await.ok();
    world.admin("ada").unmasks(&mei, &["phone"], WHY).await.ok();
    assert_eq!(world.auditor().looks(&mei).await.len(), 52);
    world.time_passes(SignedDuration::from_mins(30)).await;
    agent.unmasks(&mei, &["phone"], WHY).await.ok();
}

// rule: privacy 27
#[tokio::test]
async fn an_attribute_is_read_until_its_days_are_over() {
    let attribute = "[[attribute]]\nid = \"skin_type\"\ntype = \"choice\"\noptions = [\"dry\", \"oily\"]\npurpose = \"service\"\nretain_days = 30\n\n";
    let world = World::with(&[("[privacy]  ", &format!("{attribute}[privacy]  "))]).await;
    let mut body = known_as("crm", "c-1", &[]);
    body["fields"] = json!({"skin_type": "dry", "given_name": "小美"});
    let mei = crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    let fields = async || {
        let seen = world.member(&mei).get(&format!("/v1/members/{mei}")).await.ok();
        seen["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    world.advance("2026-03-31T15:59:00Z").await; // still the 31st in Shanghai, the 30th day
    assert_eq!(fields().await, ["given_name", "skin_type"]);
    world.advance("2026-03-31T16:00:00Z").await;
    assert_eq!(fields().await, ["given_name"]);
    let seen = world.caller(Role::Agent, "agent-7").unmasks(&mei, &["skin_type"], WHY).await.ok();
    assert_eq!(seen["values"], json!({"skin_type": []}));
}
