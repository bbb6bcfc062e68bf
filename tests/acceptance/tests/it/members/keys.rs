//! Under what the data of members is sealed, as years pass.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use emulator::Handler;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::World;

// rule: privacy 12
#[tokio::test]
async fn a_members_key_moves_to_the_newest_branch_with_the_next_write() {
    let world = World::new().await;
    let enrol = async |name: &str| {
        let mut body = known_as("crm", name, &[]);
        body["fields"] = json!({"name": "王小明"});
        crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned()
    };
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).contexts["member-keys"].clone();
    let key = async |of: &str| {
        let of = AttributeValue::S(of.to_owned());
        client.get_item().table_name(&table).key("member", of).send().await.unwrap().item.unwrap()
    };
    let branch = async |of: &str| key(of).await["n"].as_n().unwrap().clone();
    let (old, idle) = (enrol("c-1").await, enrol("c-2").await);
    let sealed = key(&old).await["w"].clone();
    assert_eq!((branch(&old).await, branch("branches").await), ("1".to_owned(), "1".to_owned()));

    world.clock.advance(SignedDuration::from_hours(365 * 24));
    world.member(&old).sees(&old).await;
    assert_eq!(branch(&old).await, "1", "who reads moves nothing");
    world.member(&old).patch(&old, &json!({"fields": {"gender": "female"}})).await.ok();
    assert_eq!((branch(&old).await, branch("branches").await), ("2".to_owned(), "2".to_owned()));
    assert_ne!(key(&old).await["w"], sealed);
    let fields = &world.member(&old).sees(&old).await["fields"];
    assert_eq!((&fields["name"]["value"], &fields["gender"]["value"]), (&json!("王小明"), &json!("female")));

    assert_eq!((branch(&idle).await, branch(&enrol("c-3").await).await), ("1".to_owned(), "2".to_owned()));
    world.member(&old).patch(&old, &json!({"fields": {"gender": "male"}})).await.ok();
    assert_eq!(branch(&old).await, "2", "once");
}

/// What a process answers to a `POST`.
async fn asks(process: &Handler, path: &str, body: &Value) -> (u64, Value) {
    let payload = emulator::payload::request("ada", &format!("POST {path}"), (path, &BTreeMap::new()), body, None);
    let answer = process(payload).await.unwrap();
    (answer["statusCode"].as_u64().unwrap(), serde_json::from_str(answer["body"].as_str().unwrap()).unwrap())
}

async fn enrols(process: &Handler, external_id: &str, known: &[&str]) -> (u64, Value) {
    asks(process, "/v1/members", &known_as("crm", external_id, known)).await
}

async fn finds(process: &Handler, phone: &str) -> Value {
    let body = json!({"identifier": {"kind": "phone", "value": phone}});
    asks(process, "/v1/members/lookups", &body).await.1["member"].clone()
}

// rule: privacy 13
#[tokio::test]
async fn identifiers_are_found_under_two_keys_and_written_under_the_new_one() {
    let world = World::new().await;
    let mei = world.presents("crm", "c-1", &["phone 13800138000!"]).await["member"].clone();
    let gone = world.presents("crm", "c-9", &["phone 13700137000!"]).await["member"].clone();
    let ask = json!({"member": gone, "reason": "asked for by letter"});
    assert_eq!(world.admin("ada").post("/v1/privacy/erasures", &ask).await.body["state"], "complete");
    let first = world.boots().await; // it knows one key, and runs on
    assert_eq!(finds(&first, "13800138000").await, mei);
    let (now, day) = (world.now(), SignedDuration::from_hours(24));
    assert_eq!(world.store().rotate_index(now, now + day).await.unwrap(), Some(2));
    assert_eq!(world.store().rotate_index(now, now + day).await.unwrap(), None, "one after the other");
    // Until the day is over everybody writes under the key that all know.
    let both = world.boots().await;
    let li = enrols(&both, "c-2", &["phone 13900139000!"]).await.1["member"].clone();
    assert_eq!((finds(&first, "13900139000").await, finds(&both, "13800138000").await), (li.clone(), mei.clone()));
    world.time_passes(day).await;
    let after = world.boots().await;
    let wu = enrols(&after, "c-3", &["phone 13600136000!"]).await.1["member"].clone();
    assert_eq!(finds(&first, "13600136000").await, Value::Null, "it lies under the new key");
    // Whoever knows both finds everybody, takes nobody twice, and lets nobody back.
    for process in [&both, &after] {
        for (phone, member) in [("13800138000", &mei), ("13900139000", &li), ("13600136000", &wu)] {
            assert_eq!(&finds(process, phone).await, member);
        }
        assert_eq!(enrols(process, "c-1", &["phone 13800138000!"]).await.1["member"], mei);
        assert_eq!(enrols(process, "c-8", &["phone 13700137000!"]).await.1["code"], "erased_identity");
    }
    let matched = enrols(&after, "c-4", &["phone 13900139000!"]).await;
    assert_eq!((matched.0, &matched.1["member"]), (200, &li), "by what lies under the old key");
    let (one, other) =
        tokio::join!(enrols(&both, "c-5", &["phone 13500135000!"]), enrols(&after, "c-6", &["phone 13500135000!"]));
    assert_eq!(one.1["member"], other.1["member"], "of two who race one member comes");
    assert_eq!(world.store().rotate_index(world.now(), world.now() + day).await.unwrap(), Some(3));
    assert_eq!(finds(&world.boots().await, "13800138000").await, mei, "what lies under the first is found for good");
}
