//! Signals: what members do that earns nothing, from the front door to the trail and to what is made of it.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::queue::Queue;
use crate::tables;
use crate::world::{START, World, fact, order};

/// A signal with attributes.
fn signal(kind: &str, id: &str, member: &str, world: &World, attributes: &Value) -> Value {
    let mut signal = fact(kind, id, member, world.now());
    signal["data"] = json!({"attributes": attributes});
    signal
}

impl World {
    async fn trail(&self, member: &str, after: &str) -> Value {
        self.auditor().get(&format!("/v1/members/{member}/trail{after}")).await.ok()
    }
}

// rule: import 3
#[tokio::test]
async fn a_signal_is_noted_once_and_earns_nothing() {
    let world = World::new().await;
    let shop = world.shop();
    let delivered = signal("order.delivered", "d-1", "m-1", &world, &json!({"order": "o-1"}));
    let noted = shop.post("/v1/activities", &delivered).await.ok();
    assert_eq!((&noted["type"], &noted["source"]), (&json!("order.delivered"), &json!("shop")));
    assert_eq!(noted["attributes"], json!({"order": "o-1", "carrier": ""}), "what was not said stands there");
    world.time_passes(SignedDuration::from_hours(1)).await;
    assert_eq!(shop.post("/v1/activities", &delivered).await.again(), noted, "as it was answered first");
    assert_eq!(tables::ledger(&world.platform).await, Vec::<String>::new(), "no account is opened for it");
    let kept = tables::signals(&world.platform).await;
    assert_eq!(kept.len(), 1);
    assert!(kept[0].contains(r#""ttl":{"N":"1780106400"}"#), "ninety days later: {}", kept[0]);
    // With another time it is another row of the trail, and the same to everybody else.
    let mut again = delivered.clone();
    again["time"] = json!(world.now());
    shop.post("/v1/activities", &again).await.ok();
    assert_eq!(tables::signals(&world.platform).await.len(), 2);
    // Facts and signals of a batch and of a queue, in their order.
    let batch = json!([
        order("o-1", "m-1", 10_000, world.now()),
        signal("login", "l-1", "m-1", &world, &json!({})),
        signal("login", "l-2", "m-1", &world, &json!({"mood": "good"})),
        fact("ugc.featured", "f-1", "m-1", world.now()),
    ]);
    let answer = shop.post("/v1/activities/batch", &json!({"activities": batch})).await.ok();
    let results: Vec<(&Value, bool, bool)> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["status"], one["signal"].is_object(), one["activity"].is_object()))
        .collect();
    let [ok, refused] = [json!(200), json!(422)];
    assert_eq!(results, [(&ok, false, true), (&ok, true, false), (&refused, false, false), (&ok, false, true)]);
    assert_eq!(answer["results"][2]["problem"]["pointer"], "/activities/2/data/attributes/mood");
    let ingest = Queue::of(&world, "IngestQueue").await;
    let messages = [signal("login", "l-3", "m-1", &world, &json!({})), fact("ugc.featured", "f-2", "m-1", world.now())];
    ingest.send(&messages.map(|message| message.to_string())).await;
    ingest.settles(0).await;
    assert_eq!(tables::signals(&world.platform).await.len(), 4);
    assert_eq!(world.pockets("m-1").await[0], 200);
}

// rule: import 3
#[tokio::test]
async fn a_signal_that_is_reported_again_after_a_month_is_answered_as_at_first() {
    let world = World::new().await;
    let shop = world.shop();
    let login = signal("login", "l-1", "m-1", &world, &json!({}));
    let noted = shop.post("/v1/activities", &login).await.ok();
    world.days_pass(31).await;
    assert_eq!(shop.post("/v1/activities", &login).await.again(), noted);
    let mut other = login.clone();
    other["id"] = json!("l-2");
    shop.post("/v1/activities", &other).await.refused(422, "too_old");
    let answer = shop.post("/v1/activities/batch", &json!({"activities": [login, other]})).await.ok();
    let results = &answer["results"];
    assert_eq!((&results[0]["status"], &results[0]["replayed"]), (&json!(200), &json!(true)));
    let problem = &results[1]["problem"];
    assert_eq!((&problem["code"], &problem["pointer"]), (&json!("too_old"), &json!("/activities/1/time")));
    assert_eq!(tables::signals(&world.platform).await.len(), 1);
    let ingest = Queue::of(&world, "IngestQueue").await;
    ingest.send(&[login, other].map(|message| message.to_string())).await;
    ingest.settles(1).await;
}

// rule: import 1, 3
#[tokio::test]
async fn what_is_wrong_with_a_signal_is_said() {
    let world = World::new().await;
    let shop = world.shop();
    let login = signal("login", "l-1", "m-1", &world, &json!({}));
    let with = |field: &str, value: Value| {
        let mut event = login.clone();
        event[field] = value;
        event
    };
    for (event, code, pointer) in [
        (with("source", json!("replay")), "not_sent_by_source", "/source"),
        (with("source", json!("fax")), "undeclared_source", "/source"),
        (with("subject", json!("m 1")), "invalid_field", "/subject"),
        (with("specversion", json!("0.3")), "invalid_field", "/specversion"),
        (with("time", json!("2026-01-29T02:00:00Z")), "too_old", "/time"),
        (with("time", json!("2026-03-01T11:00:00+08:00")), "in_future", "/time"),
        (with("data", json!({"attributes": [1]})), "invalid_field", "/data/attributes"),
        (with("data", json!({"note": "she called"})), "invalid_field", "/data/note"),
        (with("data", json!({"attributes": {"device": "by phone"}})), "invalid_field", "/data/attributes/device"),
        (with("type", json!("log.out")), "unknown_activity", "/type"),
    ] {
        let refused = shop.post("/v1/activities", &event).await.refused(422, code);
        assert_eq!(refused["pointer"], pointer, "{event}");
    }
    let backdated = with("backdatereason", json!("migration"));
    let refused = world.admin("ada").post("/v1/activities", &backdated).await.refused(422, "invalid_field");
    assert_eq!(refused["pointer"], "/backdatereason");
    let quoted = shop.post("/v1/quotes", &json!({"activity": login})).await.refused(422, "unknown_activity");
    assert!(!quoted["known"].as_array().unwrap().contains(&json!("login")), "it earns nothing");
    world.member("m-1").post("/v1/activities", &login).await.refused(403, "forbidden");
    assert_eq!(tables::signals(&world.platform).await, Vec::<String>::new());
}

// rule: members 10
#[tokio::test]
async fn a_programme_that_enrols_by_hand_notes_no_signal_of_nobody() {
    let world = World::with(&[("enrol = \"open\" ", "enrol = \"explicit\" ")]).await;
    let login = signal("login", "l-1", "m-1", &world, &json!({}));
    let refused = world.shop().post("/v1/activities", &login).await.refused(422, "unknown_member");
    assert_eq!(refused["pointer"], "/subject");
    assert_eq!(tables::signals(&world.platform).await, Vec::<String>::new());
}

// rule: import 4
#[tokio::test]
async fn the_trail_tells_signals_and_facts_the_newest_first() {
    let world = World::new().await;
    let shop = world.shop();
    world.auditor().get("/v1/members/m-1/trail").await.refused(404, "unknown_member");
    // 240 things, of which every third is a signal, and two happen at each instant.
    for ten in 0..24 {
        let events: Vec<Value> = (0..10)
            .map(|one| {
                let (number, id) = (ten * 10 + one, format!("e-{}", ten * 10 + one));
                let mut event = match number % 3 {
                    0 => signal("login", &id, "m-1", &world, &json!({})),
                    _ => fact("survey.completed", &id, "m-1", world.now()),
                };
                event["time"] = json!(world.now() + SignedDuration::from_secs(number / 2 - 130));
                event
            })
            .collect();
        shop.post("/v1/activities/batch", &json!({"activities": events})).await.ok();
    }
    let (mut items, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = world.trail("m-1", &after).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        after = format!("?after={next}");
    }
    assert!((3..=4).contains(&pages), "{pages}");
    let times: Vec<&str> = items.iter().map(|item| item["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    let count = |what: &str| items.iter().filter(|item| item["what"] == what).count();
    assert_eq!((count("signal"), count("fact")), (80, 160));
    assert_eq!(items[0]["type"], "survey.completed");
    let login = items.iter().find(|item| item["what"] == "signal").unwrap();
    assert_eq!((&login["type"], &login["source"]), (&json!("login"), &json!("shop")));
    for after in ["x", "1", "1.2", "0.1772330400000#0123456789abcdef", "1.1772330400000_0123456789abcdeg"] {
        let path = format!("/v1/members/m-1/trail?after={}", after.replace('#', "%23"));
        world.auditor().get(&path).await.refused(400, "invalid_parameter");
    }
    world.member("m-1").get("/v1/members/m-1/trail").await.ok();
    world.member("m-2").get("/v1/members/m-1/trail").await.refused(403, "forbidden");
}

// rule: import 4
#[tokio::test]
async fn the_trail_of_who_absorbed_others_tells_what_they_did_in_one_order() {
    let world = World::new().await;
    let shop = world.shop();
    let ids = [world.somebody("c-1").await, world.somebody("c-2").await, world.somebody("c-3").await];
    // 240 things, of which five of eight are signals: now of one, now of another, and two happen at each instant.
    for ten in 0..24 {
        let events: Vec<Value> = (0..10)
            .map(|one| {
                let number = ten * 10 + one;
                let (id, member) = (format!("e-{number}"), &ids[number % 3]);
                let mut event = match number % 8 {
                    0..5 => signal("login", &id, member, &world, &json!({})),
                    _ => fact("survey.completed", &id, member, world.now()),
                };
                let ago = SignedDuration::from_secs(i64::try_from(240 - number).unwrap() / 2);
                event["time"] = json!(world.now() - ago);
                event
            })
            .collect();
        shop.post("/v1/activities/batch", &json!({"activities": events})).await.ok();
    }
    let alone = world.trail(&ids[1], "").await["items"].as_array().unwrap().len();
    assert_eq!(alone, 80);
    let ada = world.admin("ada");
    let absorb = |other: &str| json!({"absorb": other, "reason": "one person"});
    ada.keyed("k-1", &format!("/v1/members/{}/merge", ids[1]), &absorb(&ids[2])).await.ok();
    ada.keyed("k-2", &format!("/v1/members/{}/merge", ids[0]), &absorb(&ids[1])).await.ok();
    // The app still knows whom it knew; what was told of one is told again of another.
    let login = |member: &str| signal("login", "late", member, &world, &json!({}));
    shop.post("/v1/activities", &login(&ids[2])).await.ok();
    shop.post("/v1/activities", &login(&ids[0])).await.ok();
    let (mut items, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = world.trail(&ids[0], &after).await;
        assert_eq!((&page["member"], page["merged_from"].is_null()), (&json!(ids[0]), true));
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        after = format!("?after={next}");
    }
    assert_eq!((pages, items.len()), (3, 241), "each once, and none twice");
    let times: Vec<&str> = items.iter().map(|item| item["time"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    let entries: std::collections::BTreeSet<&str> = items.iter().filter_map(|item| item["entry"].as_str()).collect();
    assert_eq!(entries.len(), 90);
    assert!(ids.iter().all(|id| entries.iter().any(|entry| entry.starts_with(id.as_str()))));
    let asked = world.trail(&ids[2], "").await;
    assert_eq!((&asked["member"], &asked["merged_from"]), (&json!(ids[0]), &json!(ids[2])));
    assert_eq!(asked["items"].as_array().unwrap()[..], items[..100]);
    let view = world.auditor().get(&format!("/v1/members/{}/view?parts=trail", ids[0])).await.ok();
    let trail = &view["parts"]["trail"];
    assert_eq!(trail["data"].as_array().unwrap()[..], items[..10]);
    let more = world.auditor().get(trail["next"].as_str().unwrap()).await.ok();
    assert_eq!(more["items"].as_array().unwrap()[..], items[10..110]);
}

// rule: import 4
#[tokio::test]
async fn who_logs_in_is_not_dormant_and_who_gets_a_parcel_may_be() {
    let world = World::whole(START, &[]).await;
    let shop = world.shop();
    for member in ["m-1", "m-2", "m-3"] {
        world.earns_100(member, "f").await.ok();
    }
    world.platform.rest().await.unwrap();
    let segment = async |member: &str| {
        world.auditor().get(&format!("/v1/members/{member}/segment")).await.ok()["segment"].as_str().unwrap().to_owned()
    };
    // m-1 logs in on the 60th day, m-2 gets a parcel, m-3 does nothing.
    world.days_pass(60).await;
    shop.post("/v1/activities", &signal("login", "l-1", "m-1", &world, &json!({}))).await.ok();
    shop.post("/v1/activities", &signal("order.delivered", "d-1", "m-2", &world, &json!({"order": "o-1"}))).await.ok();
    world.platform.rest().await.unwrap();
    for _ in 0..31 {
        world.days_pass(1).await; // and upkeep with every day
    }
    world.platform.rest().await.unwrap();
    let entered = async |member: &str| {
        let entries = world.ledger(member).await.into_iter().filter(|entry| entry["kind"] == "evaluate");
        entries.filter_map(|entry| entry["score"]["segment"].as_str().map(str::to_owned)).next_back()
    };
    for (member, expected) in [("m-1", "regular"), ("m-2", "dormant"), ("m-3", "dormant")] {
        assert_eq!(segment(member).await, expected, "{member}");
        assert_eq!(entered(member).await.as_deref(), Some(expected), "{member}: as the ledger says");
    }
    // m-3 comes back: the segment turns with the signal, and a second one writes nothing.
    shop.post("/v1/activities", &signal("login", "l-3", "m-3", &world, &json!({}))).await.ok();
    world.platform.rest().await.unwrap();
    assert_eq!(entered("m-3").await.as_deref(), Some("regular"));
    let written = tables::version(&world.platform, "m-3").await;
    shop.post("/v1/activities", &signal("app.activity", "a-3", "m-3", &world, &json!({}))).await.ok();
    world.platform.rest().await.unwrap();
    assert_eq!(tables::version(&world.platform, "m-3").await, written);
}

// rule: import 4
#[tokio::test]
async fn what_an_absorbed_member_does_counts_for_who_stands_for_it() {
    let world = World::whole(START, &[]).await;
    let (mei, other) = (world.somebody("c-1").await, world.somebody("c-2").await);
    for member in [&mei, &other] {
        world.earns_100(member, &format!("f-{member}")).await.ok();
    }
    let absorb = json!({"absorb": other, "reason": "one person"});
    world.admin("ada").keyed("k-1", &format!("/v1/members/{mei}/merge"), &absorb).await.ok();
    world.platform.rest().await.unwrap();
    let segment = async || {
        world.auditor().get(&format!("/v1/members/{mei}/segment")).await.ok()["segment"].as_str().unwrap().to_owned()
    };
    world.days_pass(91).await;
    world.platform.rest().await.unwrap();
    assert_eq!(segment().await, "dormant");
    world.shop().post("/v1/activities", &signal("login", "l-1", &other, &world, &json!({}))).await.ok();
    world.platform.rest().await.unwrap();
    assert_eq!(segment().await, "regular", "the app still knows the one who was absorbed");
    let entries = world.ledger(&mei).await;
    let entered = entries.iter().rfind(|entry| entry["kind"] == "evaluate").unwrap();
    assert_eq!(entered["score"]["segment"], "regular", "and it is written down");
}
