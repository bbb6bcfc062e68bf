//! What is known of a member, who sees it, and what a member agrees to.

use jiff::SignedDuration;
use reqwest::Method;
use sam::Role;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::world::{Answer, Caller, World};

impl Caller {
    pub(super) async fn patch(&self, member: &str, body: &Value) -> Answer {
        let path = format!("/v1/members/{member}");
        self.send_as(Method::PATCH, &path, Some(body), self.prepared(Method::PATCH, &path).json(body)).await
    }

    pub(super) async fn sees(&self, member: &str) -> Value {
        self.get(&format!("/v1/members/{member}")).await.ok()
    }

    async fn agrees(&self, member: &str, consents: &Value) -> Answer {
        self.post(&format!("/v1/members/{member}/consents"), &json!({ "consents": consents })).await
    }
}

/// Mei, as the crm knows her.
async fn mei(world: &World) -> String {
    let mut body = known_as("crm", "c-1", &["phone 13800138000!", "email mei@example.com", "card 0012 3456"]);
    body["fields"] = json!({
        "name": "王小美", "given_name": "小美", "birthday": "1991-05-17", "gender": "female",
        "address.country": "CN", "address.city": "杭州", "address.lines": "文三路 90 号",
    });
    body["locale"] = json!("zh-CN");
    crm(world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned()
}

fn values(seen: &Value) -> Vec<(String, Value)> {
    let fields = seen["fields"].as_object().unwrap();
    fields.iter().map(|(name, field)| (name.clone(), field["value"].clone())).collect()
}

// rule: privacy 17
#[tokio::test]
async fn each_sees_as_much_as_its_role_may() {
    let world = World::new().await;
    let mei = mei(&world).await;
    world.presents("app", "u-1", &["phone 13800138000!", "wecom wmAbcd1234"]).await;
    let own = world.member(&mei).sees(&mei).await;
    let shown: Vec<&Value> = own["identifiers"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(shown, ["c-1", "+8613800138000", "mei@example.com", "00123456", "u-1", "wmAbcd1234"]);
    assert_eq!(
        (&own["fields"]["birthday"]["value"], &own["fields"]["birthday"]["source"]),
        (&json!("1991-05-17"), &json!("crm"))
    );

    for (role, subject) in [(Role::Agent, "agent-7"), (Role::Admin, "ada")] {
        let seen = world.caller(role, subject).sees(&mei).await;
        let hints: Vec<&Value> = seen["identifiers"].as_array().unwrap().iter().map(|one| &one["hint"]).collect();
        assert_eq!(hints, ["****1", "+86 *** **** 8000", "m***@e***.com", "****3456", "****1", "****1234"]);
        let expected = [
            ("address.city", json!("杭州")),
            ("address.country", json!("CN")),
            ("address.lines", json!("*")),
            ("birthday", json!({"month": 5})),
            ("gender", json!("*")),
            ("given_name", json!("小*")),
            ("name", json!("王小美")),
        ];
        assert_eq!(values(&seen), expected.map(|(name, value)| (name.to_owned(), value)));
    }
    // A system sees what it has sent.
    let seen = world.caller(Role::Partner, "app").sees(&mei).await;
    let shown: Vec<&Value> = seen["identifiers"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!((shown, values(&seen)), (vec![&json!("u-1"), &json!("wmAbcd1234")], vec![]));
    let seen = world.auditor().sees(&mei).await;
    assert_eq!((&seen["identifiers"], &seen["fields"], &seen["locale"]), (&json!([]), &json!({}), &json!("zh-CN")));
    world.member("m-2").get(&format!("/v1/members/{mei}")).await.refused(403, "forbidden");
    world.auditor().get("/v1/members/m-404").await.refused(404, "unknown_member");
}

// rule: members 13, 14
#[tokio::test]
async fn a_members_own_word_counts_more_than_a_synchronisation() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let changed =
        world.member(&mei).patch(&mei, &json!({"version": 1, "fields": {"gender": null, "name": "王美"}})).await.ok();
    assert_eq!((&changed["changed"], &changed["version"]), (&json!(["gender", "name"]), &json!(2)));
    world.time_passes(SignedDuration::from_hours(24)).await;
    let mut body = known_as("crm", "c-1", &[]);
    body["fields"] = json!({"name": "王小美", "gender": "female", "address.city": "上海"});
    let answer = crm(&world).post("/v1/members", &body).await.ok();
    let kept: Vec<&Value> = answer["kept"].as_array().unwrap().iter().map(|kept| &kept["field"]).collect();
    assert_eq!((kept, &answer["version"]), (vec![&json!("gender"), &json!("name")], &json!(3)));
    let own = world.member(&mei).sees(&mei).await;
    let [name, gender, city] = ["name", "gender", "address.city"].map(|field| own["fields"][field]["value"].clone());
    assert_eq!([name, gender, city], [json!("王美"), Value::Null, json!("上海")]);

    let stale =
        world.member(&mei).patch(&mei, &json!({"version": 2, "locale": "en"})).await.refused(409, "changed_meanwhile");
    assert_eq!((&stale["pointer"], &stale["version"]), (&json!("/version"), &json!(3)));
    for (body, code) in [
        (json!({"fields": {"shoe": 42}}), "undeclared_field"),
        (json!({"fields": {"birthday": "17.05.1991"}}), "not_a_date"),
        (json!({"fields": {"name": "a\u{7}"}}), "invalid_value"),
        (json!({"locale": "fr"}), "unknown_locale"),
        (json!({"zone": "Asia/Nowhere"}), "unknown_zone"),
        (json!({"countries": ["China"]}), "unknown_countries"),
        (json!({"fields": {"name": "Mei"}, "at": "2026-03-09T10:00:00Z"}), "in_future"),
    ] {
        world.member(&mei).patch(&mei, &body).await.refused(422, code);
    }
    assert_eq!(world.member(&mei).sees(&mei).await, own, "nothing is changed");
    world.auditor().patch(&mei, &json!({})).await.refused(403, "forbidden");
    world.caller(Role::Agent, "agent-7").patch("m-404", &json!({"locale": "en"})).await.refused(404, "unknown_member");
}

// rule: privacy 1, 2, 3, 4
#[tokio::test]
async fn a_consent_is_given_and_taken_back_in_one_request_each() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let given = json!([{"purpose": "marketing", "channel": "email", "said": "given", "version": 1}]);
    let of = |answer: &Value, purpose: &str, channel: &str| {
        let all = answer["consents"].as_array().unwrap().iter();
        let one = all.clone().find(|one| one["purpose"] == purpose && one["channel"] == channel).unwrap();
        (one["said"].clone(), one["allowed"].clone())
    };
    let none = world.member(&mei).get(&format!("/v1/members/{mei}/consents")).await.ok();
    assert_eq!(of(&none, "marketing", "email"), (json!("none"), json!(false)), "nobody is opted in");
    assert_eq!(of(&none, "service", "email"), (json!("none"), json!(true)));
    let answer = world.member(&mei).agrees(&mei, &given).await.ok();
    assert_eq!(of(&answer, "marketing", "email"), (json!("given"), json!(true)));
    assert_eq!(of(&answer, "marketing", "sms"), (json!("none"), json!(false)));
    let answer = world.member(&mei).agrees(&mei, &json!([{"purpose": "*", "said": "withdrawn"}])).await.ok();
    assert_eq!(of(&answer, "marketing", "email"), (json!("withdrawn"), json!(false)));
    assert_eq!(of(&answer, "service", "sms"), (json!("withdrawn"), json!(false)));
    assert_eq!(of(&answer, "security", "sms"), (json!("none"), json!(true)), "nobody can do without it");
    // A list from the past subscribes nobody again.
    let old = json!([{"purpose": "marketing", "channel": "email", "said": "given", "version": 1, "at": "2026-02-01T00:00:00Z"}]);
    let body = json!({"source": "crm", "consents": old});
    let answer = crm(&world).post(&format!("/v1/members/{mei}/consents"), &body).await.ok();
    assert_eq!(of(&answer, "marketing", "email"), (json!("withdrawn"), json!(false)));
    for (consent, code) in [
        (json!({"purpose": "marketing", "channel": "email", "said": "given"}), "unknown_text"),
        (json!({"purpose": "marketing", "channel": "email", "said": "given", "version": 2}), "unknown_text"),
        (
            json!({"purpose": "marketing", "channel": "email", "said": "given", "version": 1, "at": "2025-12-31T00:00:00Z"}),
            "text_not_in_force",
        ),
        (json!({"purpose": "sales", "said": "withdrawn"}), "unknown_purpose"),
        (json!({"purpose": "security", "said": "withdrawn"}), "mandatory_purpose"),
        (json!({"purpose": "research", "channel": "post", "said": "withdrawn"}), "unknown_channel"),
    ] {
        world.member(&mei).agrees(&mei, &json!([consent])).await.refused(422, code);
    }
    let refused = json!({"source": "shop", "consents": given});
    world.shop().post(&format!("/v1/members/{mei}/consents"), &refused).await.refused(422, "not_sent_by_source");
    world.member("m-2").get(&format!("/v1/members/{mei}/consents")).await.refused(403, "forbidden");
}
