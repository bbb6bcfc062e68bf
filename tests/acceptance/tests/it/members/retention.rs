//! Whatever is stored has a row that says how long it is kept.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use sam::Role;
use serde_json::{Value, json};
use store::retention::kept;

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::{AT_ONCE, World, fact};

/// Everything that members do and that is done to them, once.
async fn lived(world: &World) {
    let mut body =
        known_as("crm", "c-1", &["phone 13800138000!", "email mei@example.com", "card AB1234", "device d-12345678"]);
    body["fields"] = json!({"name": "王小美", "birthday": "1991-05-17", "address.city": "杭州"});
    (body["locale"], body["zone"], body["countries"]) = (json!("zh-CN"), json!("Asia/Shanghai"), json!(["CN"]));
    let given = |purpose: &str| json!({"purpose": purpose, "said": "given", "version": 1});
    let mut email = given("marketing");
    email["channel"] = "email".into();
    body["consents"] = json!([email, given("sensitive")]);
    let mei = crm(world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    let change = json!({"fields": {"gender": "female"}});
    let me = world.member(&mei);
    me.send_as(
        reqwest::Method::PATCH,
        &format!("/v1/members/{mei}"),
        Some(&change),
        me.prepared(reqwest::Method::PATCH, &format!("/v1/members/{mei}")).json(&change),
    )
    .await
    .ok();
    let (ada, agent) = (world.admin("ada"), world.caller(Role::Agent, "agent-7"));
    let of = |rest: &str| format!("/v1/members/{mei}/{rest}");
    me.post_nothing(&of("identifiers/2/verifications")).await;
    ada.put(&of("tags/vip-care"), &json!({"reason": "she asked for it twice"})).await.ok();
    agent
        .post(&of("unmasking"), &json!({"fields": ["phone"], "reason": "callback on the kettle", "ticket": "t-1"}))
        .await
        .ok();
    for (number, order) in ["o-1", "o-2"].iter().enumerate() {
        world.pays(&mei, order, 50_000).await.ok();
        world.earns_100(&mei, &format!("f-{number}")).await.ok();
    }
    world.shop().post("/v1/activities", &fact("login", "l-1", &mei, world.now())).await.ok();
    world.refunds("o-1", "r-1", &mei, 10_000).await.ok();
    world.refunds("o-late", "r-2", &mei, 10_000).await;
    world.redeems(&mei, "drink", "k-1").await.ok();
    let hold = json!({"member": mei, "order_id": "o-9", "order_net_minor": 50_000, "points": 100});
    me.keyed("k-2", "/v1/holds", &hold).await.ok();
    ada.keyed("k-3", "/v1/adjustments", &json!({"member": mei, "points": 50, "reason": "goodwill"})).await;
    // Two say that one number is theirs; one of them is made one with somebody.
    world.presents("shop", "s-1", &["phone 13800138000"]).await;
    let li = world.presents("shop", "s-2", &["card ZZ9999"]).await["member"].as_str().unwrap().to_owned();
    ada.keyed("k-4", &of("merge"), &json!({"absorb": li, "reason": "one person, says she"})).await.ok();
    let import = world.uploads(&json!({}), b"external_id,phone,name\nk1,13900139000,Wu\nk2,12345,He\n").await;
    world.runs(&import).await;
    me.post("/v1/privacy/exports", &json!({"member": mei})).await;
    me.keyed("k-5", &of("closing"), &json!({})).await;
    let wu = world.finds("phone", "13900139000").await;
    ada.put(
        &format!("/v1/privacy/erasures/{wu}.1/hold"),
        &json!({"reason": "a lawsuit about an order", "until": "2027-01-01"}),
    )
    .await;
    world.member(&wu).post("/v1/privacy/erasures", &json!({"member": wu})).await;
    let gone = world.presents("crm", "c-9", &["phone 13700137000!"]).await["member"].as_str().unwrap().to_owned();
    ada.post("/v1/privacy/erasures", &json!({"member": gone, "reason": "asked for by letter"})).await;
    world.platform.rest().await.unwrap();
    world.time_passes(SignedDuration::from_hours(30)).await;
}

// rule: privacy 27
#[tokio::test]
async fn whatever_is_stored_has_a_row_of_the_table_of_retention() {
    let world = World::with(&[AT_ONCE]).await;
    lived(&world).await;
    let (mut seen, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for (table, rows) in tables::by_name(&world.platform).await {
        for row in rows {
            let row: Value = serde_json::from_str(&row).unwrap();
            // By the key of the table, whichever of these it is.
            let key = ["job", "id", "of", "claim", "member", "pk"].iter().find_map(|name| row[*name]["S"].as_str());
            for attribute in row.as_object().unwrap().keys() {
                seen.insert(table);
                if kept(table, key.unwrap_or_default(), attribute).is_none() {
                    missing.insert(format!("{table} {} {attribute}", key.unwrap_or_default()));
                }
            }
        }
    }
    assert_eq!(kept("members", "m-1", "shoe_size"), None, "what nobody has declared has no row");
    assert_eq!(missing, BTreeSet::new(), "an attribute says nowhere how long it is kept");
    let all =
        ["accounts", "claims", "erasures", "facts", "member-jobs", "member-keys", "member-log", "members", "signals"];
    assert!(all.iter().all(|table| seen.contains(table)), "{seen:?}");
}
