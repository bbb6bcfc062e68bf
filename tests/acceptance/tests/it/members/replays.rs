//! A table is restored from before somebody was erased: nobody is served until the register has been replayed.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use domain::members::telling::Rules;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use emulator::{Handler, Role, Surroundings};
use local::functions::registry;
use sam::machine::Clock;
use serde_json::{Value, json};
use store::{Item, Jitter, Patience, Replayed};
use tokio::time::Instant;

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::World;

impl World {
    pub(super) async fn items(&self, table: &str) -> Vec<Item> {
        let name = &tables::names(&self.platform).contexts[table];
        let scan = Client::new(self.platform.aws()).scan().table_name(name).into_paginator().items().send();
        scan.collect::<Result<_, _>>().await.unwrap()
    }

    /// Makes a table what it was.
    pub(super) async fn restores(&self, table: &str, key: &str, then: &[Item]) {
        let (client, name) = (Client::new(self.platform.aws()), &tables::names(&self.platform).contexts[table]);
        for item in self.items(table).await {
            client.delete_item().table_name(name).key(key, item[key].clone()).send().await.unwrap();
        }
        for item in then {
            client.put_item().table_name(name).set_item(Some(item.clone())).send().await.unwrap();
        }
    }

    /// The function in a process of its own.
    pub(super) async fn boots(&self) -> Handler {
        let stack = self.platform.stack();
        let function = stack.functions.iter().find(|function| function.binary == "member").unwrap();
        let surroundings = Surroundings {
            environment: function.environment.clone(),
            aws: Role::of(function).assumed(self.platform.aws()),
            clock: Clock::Virtual(self.clock.clone()),
            timeout: Duration::from_secs(30),
        };
        registry()["member"](surroundings).await.unwrap()
    }

    pub(super) async fn replays(&self) -> Replayed {
        let store = self.store();
        let programmes = store.programmes(&Programmes::default()).await.unwrap();
        let (now, patience) =
            (self.now(), || Patience::until(Instant::now() + Duration::from_secs(10), Jitter::seeded(7)));
        let setting = Setting { programmes: &programmes, now };
        store.replay_erasures(Rules::of(programmes.at(now), now), setting, patience).await.unwrap()
    }
}

/// What a process answers of a member.
async fn reads(member: &Handler, id: &str, part: &str) -> (u64, Value) {
    let (route, path) = (format!("GET /v1/members/{{member_id}}{part}"), format!("/v1/members/{id}{part}"));
    let parameters = BTreeMap::from([("member_id", id)]);
    let payload = emulator::payload::request("ada", &route, (&path, &parameters), &Value::Null, None);
    let answer = member(payload).await.unwrap();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_u64().unwrap(), body["code"].clone())
}

// rule: privacy 25
#[tokio::test]
async fn nobody_is_served_from_a_table_that_knows_who_was_erased() {
    let world = World::new().await;
    let (mut ids, ada) = (Vec::new(), world.admin("ada"));
    for number in 1..=4 {
        let body = known_as("crm", &format!("c-{number}"), &[&format!("phone 1380013800{number}!")]);
        let member = crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
        world.pays(&member, &format!("o-{number}"), 10_000).await.ok();
        ids.push(member);
    }
    let erase = async |member: &str| {
        let body = json!({"member": member, "reason": "asked for by letter"});
        assert_eq!(ada.post("/v1/privacy/erasures", &body).await.body["state"], "complete");
        world.time_passes(jiff::SignedDuration::from_hours(1)).await;
    };
    assert_eq!(world.replays().await, Replayed { rows: 0, erased_again: 0 }, "there is nothing to replay");
    erase(&ids[0]).await;
    let (members, claims) = (world.items("members").await, world.items("claims").await);
    erase(&ids[1]).await;
    erase(&ids[2]).await;
    assert_eq!(reads(&world.boots().await, &ids[3], "").await.0, 200, "no table is behind");

    world.restores("members", "member", &members).await;
    world.restores("claims", "claim", &claims).await;
    let member = world.boots().await;
    for part in ["", "/consents", "/view", "/trail", "/looks"] {
        assert_eq!(reads(&member, &ids[3], part).await, (503, json!("replay_needed")), "{part}");
    }
    assert_eq!(world.replays().await, Replayed { rows: 3, erased_again: 2 });
    let after = tables::everything(&world.platform).await;
    assert_eq!(world.replays().await, Replayed { rows: 3, erased_again: 0 });
    assert_eq!(tables::everything(&world.platform).await, after, "a second time changes nothing");
    for gone in &ids[..3] {
        assert_eq!(reads(&member, gone, "").await, (410, json!("member_erased")));
    }
    assert_eq!(reads(&member, &ids[3], "").await.0, 200);
    // Numbers that came back with the table are kept away again; who was not erased is found.
    let phone = |number: usize| known_as("shop", "s-9", &[&format!("phone 1380013800{number}")]);
    crm(&world).post("/v1/members", &phone(2)).await.refused(410, "erased_identity");
    assert_eq!(world.finds("phone", "13800138004").await, ids[3]);
}

// rule: privacy 25
#[tokio::test]
async fn whatever_was_restored_is_erased_again() {
    let world = World::new().await;
    let body = known_as("crm", "c-1", &["phone 13800138001!", "card AB1234"]);
    let mei = crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    let login = crate::world::fact("login", "l-1", &mei, world.now());
    world.shop().post("/v1/activities", &login).await.ok();
    let all = ["members", "claims", "member-keys", "signals"];
    let mut before = Vec::new();
    for table in all {
        before.push(world.items(table).await);
    }
    let ask = json!({"member": mei, "reason": "asked for by letter"});
    world.admin("ada").post("/v1/privacy/erasures", &ask).await;
    let after = tables::everything(&world.platform).await;
    for (table, then) in all.iter().zip(&before) {
        let key = if *table == "claims" { "claim" } else { "member" };
        if *table == "signals" {
            let client = Client::new(world.platform.aws());
            let name = &tables::names(&world.platform).contexts["signals"];
            client.put_item().table_name(name).set_item(Some(then[0].clone())).send().await.unwrap();
        } else {
            world.restores(table, key, then).await;
        }
        assert_eq!(world.replays().await, Replayed { rows: 1, erased_again: 1 }, "{table}");
        assert_eq!(world.replays().await, Replayed { rows: 1, erased_again: 0 }, "{table}");
    }
    let told = |lines: Vec<String>| lines.into_iter().filter(|line| !line.contains("\"st\"")).collect::<Vec<_>>();
    // But for how often the member's place was written everything is as the erasure left it.
    assert_eq!(told(tables::everything(&world.platform).await), told(after));
}
