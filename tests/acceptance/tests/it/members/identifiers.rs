//! Identifiers that a member is given, verifies and gives up.

use jiff::SignedDuration;
use sam::Role;
use serde_json::{Value, json};

use crate::members::crm;
use crate::tables;
use crate::world::{Answer, Caller, World};

impl Caller {
    async fn links(&self, member: &str, kind: &str, value: &str) -> Answer {
        let body = json!({"identifier": {"kind": kind, "value": value}});
        self.post(&format!("/v1/members/{member}/identifiers"), &body).await
    }

    async fn unlinks(&self, member: &str, n: u32, confirm: bool) -> Answer {
        let confirm = if confirm { "?confirm=true" } else { "" };
        self.delete(&format!("/v1/members/{member}/identifiers/{n}{confirm}")).await
    }

    async fn has_sent(&self, member: &str, n: u32) -> Answer {
        self.post_nothing(&format!("/v1/members/{member}/identifiers/{n}/verifications")).await
    }

    async fn says(&self, member: &str, n: u32, code: &str) -> Answer {
        self.post(&format!("/v1/members/{member}/identifiers/{n}/confirmations"), &json!({ "code": code })).await
    }
}

impl World {
    /// The code that was sent last, as whoever develops reads it on this machine.
    async fn code(&self, member: &str, n: u32) -> Option<String> {
        let clock = self.clock.clone();
        let clock = lambda::Clock::new(move || clock.now());
        let member = member.parse().unwrap();
        local::codes::sent(self.platform.aws(), self.platform.stack(), (&member, n), clock).await.unwrap()
    }
}

/// A member as `presents` has enrolled it: its id.
fn id(answer: &Value) -> String {
    answer["member"].as_str().unwrap().to_owned()
}

// rule: members 6, 8, 12
#[tokio::test]
async fn an_identifier_is_linked_if_it_is_nobodys_and_set_free_when_it_is_unlinked() {
    let world = World::new().await;
    let mei = id(&world.presents("crm", "c-1", &["phone 13800138000!"]).await);
    let li = id(&world.presents("crm", "c-2", &["email li@example.com"]).await);
    let own = world.member(&mei);
    let linked = own.links(&mei, "email", "Mei@Example.com").await.ok();
    assert_eq!((&linked["outcome"], &linked["n"], &linked["version"]), (&json!("linked"), &json!(3), &json!(2)));
    assert_eq!(world.finds("email", "mei@example.com").await, mei);
    let again = own.links(&mei, "email", "mei@example.com").await.ok();
    assert_eq!((&again["outcome"], &again["n"], &again["version"]), (&json!("own"), &json!(3), &json!(2)));
    // What is another's stays there, and a person decides.
    let stayed = own.links(&mei, "email", "li@example.com").await.ok();
    assert_eq!(
        (&stayed["outcome"], &stayed["n"], stayed["conflict"].is_string()),
        (&json!("stayed"), &Value::Null, true)
    );
    assert_eq!(world.finds("email", "li@example.com").await, li);

    assert_eq!(own.unlinks(&mei, 2, false).await.ok(), json!({"unlinked": true, "version": 4}));
    assert_eq!(own.unlinks(&mei, 2, false).await.ok(), json!({"unlinked": false, "version": 4}), "once is once");
    own.unlinks(&mei, 3, false).await.refused(409, "last_identifier");
    assert_eq!(own.unlinks(&mei, 3, true).await.ok()["unlinked"], true);
    let nobody = json!({"identifier": {"kind": "phone", "value": "13800138000"}});
    crm(&world).post("/v1/members/lookups", &nobody).await.refused(404, "unknown_member");
    // Free again, for anybody.
    let linked = world.member(&li).links(&li, "phone", "13800138000").await.ok();
    assert_eq!(linked["outcome"], "linked");
    assert_eq!(world.finds("phone", "13800138000").await, li);

    own.unlinks(&mei, 9, false).await.refused(404, "not_found");
    own.links(&mei, "phone", "1-800-FLOWERS").await.refused(422, "phone_has_letters");
    own.links(&mei, "fax", "1").await.refused(422, "invalid_field");
    world.member("m-2").unlinks(&mei, 1, true).await.refused(403, "forbidden");
    world.caller(Role::Agent, "agent-7").links("m-404", "phone", "13900139000").await.refused(404, "unknown_member");
    world.caller(Role::Agent, "agent-7").unlinks("m-404", 1, true).await.refused(404, "unknown_member");
    // A system takes what it has sent.
    world.caller(Role::Partner, "app").unlinks(&li, 1, true).await.refused(404, "not_found");
    assert_eq!(crm(&world).unlinks(&li, 1, false).await.ok()["unlinked"], true);
}

// rule: members 7, 12
#[tokio::test]
async fn who_says_the_code_that_was_sent_has_verified_the_identifier() {
    let world = World::new().await;
    let mei = id(&world.presents("shop", "s-1", &["phone 13800138000", "card AB-1234"]).await);
    let own = world.member(&mei);
    assert_eq!(world.code(&mei, 2).await, None);
    own.says(&mei, 2, "123456").await.refused(404, "no_code");
    let sent = own.has_sent(&mei, 2).await;
    assert_eq!((sent.status, &sent.body["valid_until"]), (202, &json!("2026-03-01T02:10:00Z")));
    let first = world.code(&mei, 2).await.unwrap();
    assert!(first.len() == 6 && first.bytes().all(|digit| digit.is_ascii_digit()), "{first}");
    assert!(!tables::everything(&world.platform).await.iter().any(|line| line.contains(&first)), "it stands nowhere");
    let wrong = if first == "000000" { "111111" } else { "000000" };
    assert_eq!(own.says(&mei, 2, wrong).await.refused(422, "wrong_code")["left"], 4);
    own.has_sent(&mei, 2).await;
    let second = world.code(&mei, 2).await.unwrap();
    if second != first {
        own.says(&mei, 2, &first).await.refused(422, "wrong_code");
    }
    world.member("m-2").says(&mei, 2, &second).await.refused(403, "forbidden");
    let verified = own.says(&mei, 2, &second).await.ok();
    assert_eq!(verified["verified_at"], "2026-03-01T02:00:00Z");
    assert_eq!(own.says(&mei, 2, &second).await.ok(), verified, "said again it is no news");
    let seen = own.get(&format!("/v1/members/{mei}")).await.ok();
    assert_eq!(seen["identifiers"][1]["verified_at"], "2026-03-01T02:00:00Z");
    // So it is the member who is meant by it.
    let found = world.presents("crm", "c-9", &["phone 13800138000!"]).await;
    assert_eq!((&found["member"], &found["matched_by"]), (&json!(mei), &json!("phone")));

    own.has_sent(&mei, 2).await;
    let refused = own.has_sent(&mei, 2).await;
    assert_eq!(refused.refused(429, "too_many_codes")["retry_after_s"], 3600);
    own.has_sent(&mei, 3).await.refused(422, "not_verifiable");
    own.has_sent(&mei, 7).await.refused(404, "not_found");
    world.time_passes(SignedDuration::from_mins(11)).await;
    let late = world.code(&mei, 2).await.unwrap();
    own.says(&mei, 2, &late).await.refused(410, "code_expired");
}

// rule: members 12
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_guesses_more_often_by_guessing_at_once() {
    let world = World::new().await;
    let mei = id(&world.presents("shop", "s-1", &["phone 13800138000"]).await);
    world.member(&mei).has_sent(&mei, 2).await;
    let code = world.code(&mei, 2).await.unwrap();
    let mut guesses = tokio::task::JoinSet::new();
    for guess in (0..40).map(|guess| format!("{guess:06}")).filter(|guess| *guess != code) {
        let (own, mei) = (world.member(&mei), mei.clone());
        guesses.spawn(async move {
            loop {
                let answer = own.says(&mei, 2, &guess).await;
                if answer.body["code"] != "busy" {
                    return answer.body["code"].as_str().unwrap().to_owned();
                }
            }
        });
    }
    let answers = guesses.join_all().await;
    let counted = answers.iter().filter(|code| *code == "wrong_code").count();
    assert_eq!(
        (counted, answers.iter().all(|code| ["wrong_code", "too_many_tries"].contains(&code.as_str()))),
        (5, true)
    );
    world.member(&mei).says(&mei, 2, &code).await.refused(429, "too_many_tries");
}
