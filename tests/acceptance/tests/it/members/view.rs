//! One view of a member, whoever knows something, and as much of it as the caller may see.

use serde_json::{Value, json};

use super::{crm, known_as};
use crate::world::{START, World, fact};

/// Mei, who has done something of everything.
async fn mei(world: &World) -> String {
    let mut body = known_as("crm", "c-1", &["phone 13800138000!", "email mei@example.com"]);
    body["fields"] = json!({"name": "王小美", "gender": "female"});
    let enrolled = crm(world).post("/v1/members", &body).await;
    let mei = enrolled.body["member"].as_str().unwrap().to_owned();
    for order in 0..12 {
        world.pays(&mei, &format!("o-{order}"), 10_000 + order).await.ok();
    }
    world.refunds("o-11", "r-1", &mei, 4_000).await.ok();
    world.earns_100(&mei, "f-1").await.ok();
    world.redeems(&mei, "drink", "k-1").await.ok();
    let mut login = fact("login", "l-1", &mei, world.now());
    login["data"] = json!({"attributes": {"device": "phone"}});
    world.shop().post("/v1/activities", &login).await.ok();
    mei
}

fn names(view: &Value) -> Vec<&str> {
    view["parts"].as_object().unwrap().keys().map(String::as_str).collect()
}

fn unavailable(view: &Value) -> Vec<&str> {
    let parts = view["parts"].as_object().unwrap().iter();
    parts.filter(|(_, part)| part["unavailable"] == true).map(|(name, _)| name.as_str()).collect()
}

const ALL: [&str; 15] = [
    "balance",
    "benefits",
    "consents",
    "identifiers",
    "lots",
    "orders",
    "profile",
    "rewards",
    "segment",
    "surveys",
    "tags",
    "tickets",
    "tier",
    "trail",
    "vouchers",
];

// rule: members 28
#[tokio::test]
async fn one_view_shows_what_every_context_knows() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = format!("/v1/members/{mei}/view");
    let view = world.member(&mei).get(&path).await.ok();
    assert_eq!((names(&view), unavailable(&view)), (ALL.to_vec(), vec![]));
    for (name, part) in view["parts"].as_object().unwrap() {
        let told = (part["as_of"].is_string(), part["age_s"].as_i64(), part["source"].is_string());
        assert_eq!(told, (true, Some(0), true), "{name}");
    }
    let data = |part: &str| &view["parts"][part]["data"];
    assert_eq!(data("profile")["fields"]["name"]["value"], "王小美");
    assert_eq!(data("identifiers")[1]["value"], "+8613800138000");
    assert_eq!((&data("balance")["active"], &data("tier")["tier"]), (&json!(0), &json!("silver")));
    assert_eq!(data("segment")["measures"]["orders"], 12);
    assert_eq!(data("vouchers")[0]["state"], "issued");
    assert_eq!(data("benefits")[0]["benefit"], "member-price");
    let catalogue = world.member(&mei).get(&format!("/v1/members/{mei}/rewards")).await.ok();
    let few: Vec<Value> = catalogue["rewards"].as_array().unwrap().iter().take(10).cloned().collect();
    assert_eq!(data("rewards"), &json!(few), "what the member can have, and why not what it cannot");
    assert!(
        few.iter().any(|reward| reward["reasons"] != json!([])) && few.iter().any(|reward| reward["left"].is_i64())
    );
    // Of lists the newest ten, and where the rest is.
    let (orders, next) = (data("orders").as_array().unwrap(), &view["parts"]["orders"]["next"]);
    assert_eq!((orders.len(), next), (10, &json!(format!("/v1/members/{mei}/entries"))));
    assert_eq!((&orders[0]["order"], &orders[0]["returned_minor"]), (&json!("o-11"), &json!(4_000)));
    let trail = &view["parts"]["trail"];
    assert_eq!(trail["data"].as_array().unwrap().len(), 10);
    let more = world.member(&mei).get(trail["next"].as_str().unwrap()).await.ok();
    assert_eq!(more["items"].as_array().unwrap().len(), 6, "16 things were done");
    assert!(more["next"].is_null() && view["parts"]["vouchers"]["next"].is_null());
}

// rule: members 28
#[tokio::test]
async fn parts_are_chosen_and_shown_by_role() {
    let world = World::new().await;
    let mei = mei(&world).await;
    let path = |parts: &str| format!("/v1/members/{mei}/view?parts={parts}");
    let view = world.auditor().get(&path("balance,profile,identifiers,balance")).await.ok();
    assert_eq!(names(&view), ["balance", "identifiers", "profile"]);
    assert_eq!(
        (&view["parts"]["profile"]["data"]["fields"], &view["parts"]["identifiers"]["data"]),
        (&json!({}), &json!([]))
    );
    let view = world.caller(sam::Role::Agent, "agent-7").get(&path("identifiers")).await.ok();
    assert_eq!(view["parts"]["identifiers"]["data"][1]["hint"], "+86 *** **** 8000");
    for parts in ["weather", "balance,", "Balance", "balance,moon"] {
        let refused = world.auditor().get(&path(parts)).await.refused(422, "unknown_part");
        assert_eq!((&refused["pointer"], refused["known"].as_array().unwrap().len()), (&json!("/parts"), ALL.len()));
    }
    world.member("m-2").get(&path("balance")).await.refused(403, "forbidden");
    world.auditor().get("/v1/members/m-404/view").await.refused(404, "unknown_member");
}

// rule: members 28
#[tokio::test]
async fn a_table_that_fails_takes_its_parts_and_nothing_else() {
    let world = World::without_table(START, "SIGNALS_TABLE").await;
    let enrolled = crm(&world).post("/v1/members", &known_as("crm", "c-1", &["phone 13800138000!"])).await;
    let mei = enrolled.body["member"].as_str().unwrap();
    world.earns_100(mei, "f-1").await.ok();
    let view = world.member(mei).get(&format!("/v1/members/{mei}/view")).await.ok();
    assert_eq!((names(&view), unavailable(&view)), (ALL.to_vec(), vec!["segment", "trail"]));
    assert_eq!(view["parts"]["balance"]["data"]["active"], 100);
    let world = World::without_table(START, "MEMBERS_TABLE").await;
    world.earns_100("m-1", "f-1").await.ok();
    let view = world.auditor().get("/v1/members/m-1/view").await.ok();
    assert_eq!(unavailable(&view), ["consents", "identifiers", "profile", "surveys", "tags", "trail"]);
    assert_eq!(view["parts"]["balance"]["data"]["active"], 100);
}
