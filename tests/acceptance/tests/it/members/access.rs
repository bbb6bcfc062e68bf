//! A member is given everything that is known of it, alone and of itself alone; and it goes with the member.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use jiff::SignedDuration;
use sam::Role;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::{AT_ONCE, Answer, Caller, World, fact, order};

const WHY: &str = "asked for by letter of 1 March";

impl Caller {
    async fn asks(&self, member: &str) -> Answer {
        self.post("/v1/privacy/exports", &json!({"member": member, "reason": WHY})).await
    }

    async fn export(&self, id: &str) -> Answer {
        self.get(&format!("/v1/privacy/exports/{id}")).await
    }
}

impl World {
    /// Somebody of whom something of everything is known, called so in a language.
    async fn known(&self, external_id: &str, name: &str, phone: &str, locale: &str) -> String {
        let mut body = known_as("crm", external_id, &[&format!("phone {phone}!")]);
        body["fields"] = json!({"name": name, "birthday": "1990-05-17"});
        body["locale"] = locale.into();
        body["consents"] = json!([{"purpose": "marketing", "channel": "email", "said": "given", "version": 1}]);
        let member = crm(self).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
        self.pays(&member, &format!("o-{external_id}"), 50_000).await.ok();
        self.shop().post("/v1/activities", &fact("login", external_id, &member, self.now())).await.ok();
        member
    }

    /// The archive of a member's export, when it is there, by the names of its files.
    async fn archive(&self, member: &str, id: &str) -> (Value, BTreeMap<String, String>) {
        self.platform.rest().await.unwrap();
        let export = self.member(member).export(id).await.ok();
        assert_eq!(export["state"], "ready", "{export}");
        let bytes = fetched(&export).await.expect("the link leads there");
        assert_eq!(sha256(&bytes), export["receipt"]["sha256"]);
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        let mut files = BTreeMap::new();
        for name in names {
            let mut text = String::new();
            zip.by_name(&name).unwrap().read_to_string(&mut text).unwrap();
            files.insert(name, text);
        }
        (export, files)
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the link of an export leads to, if it is there.
async fn fetched(export: &Value) -> Option<Vec<u8>> {
    let response = reqwest::get(export["link"]["url"].as_str().expect("a link")).await.unwrap();
    if response.status() == 404 {
        return None;
    }
    assert!(response.status().is_success(), "{response:?}");
    Some(response.bytes().await.unwrap().to_vec())
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

// rule: privacy 30
#[tokio::test]
async fn a_member_is_given_everything_and_nothing_of_anybody_else() {
    let world = World::with(&[AT_ONCE]).await;
    let mei = world.known("c-1", "王小明", "13800138000", "zh-CN").await;
    let li = world.known("c-2", "李大花", "13900139000", "en").await;
    // Others say that her number is theirs; somebody who serves her looks, and gives her points.
    world.presents("shop", "s-9", &["phone 13800138000"]).await;
    let look = json!({"fields": ["phone"], "reason": WHY});
    world.caller(Role::Agent, "agent-zhang").post(&format!("/v1/members/{mei}/unmasking"), &look).await.ok();
    let gift = json!({"member": mei, "points": 50, "reason": "goodwill"});
    world.admin("ada-lovelace").keyed("k-1", "/v1/adjustments", &gift).await;
    world.refunds("o-c-1", "r-1", &mei, 10_000).await.ok();
    world.time_passes(SignedDuration::from_mins(1)).await;
    let asked = world.member(&mei).post("/v1/privacy/exports", &json!({"member": mei})).await;
    let id = format!("{mei}.1");
    assert_eq!((asked.status, &asked.body["export"], &asked.body["state"]), (202, &json!(id), &json!("preparing")));
    // What is recorded afterwards is not in it.
    world.time_passes(SignedDuration::from_secs(1)).await;
    world.pays(&mei, "o-later", 10_000).await.ok();
    let (export, files) = world.archive(&mei, &id).await;
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    assert_eq!((&manifest["as_of"], &manifest["member"]), (&asked.body["as_of"], &json!(mei)));
    for listed in manifest["files"].as_array().unwrap() {
        let text = &files[listed["name"].as_str().unwrap()];
        assert_eq!((&listed["sha256"], &listed["bytes"]), (&json!(sha256(text.as_bytes())), &json!(text.len())));
    }
    assert_eq!(manifest["files"], export["receipt"]["files"]);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = [
        "README.txt",
        "consents.json",
        "identifiers.json",
        "ledger.jsonl",
        "looks.json",
        "manifest.json",
        "orders.jsonl",
        "profile.json",
        "signals.jsonl",
        "surveys.jsonl",
        "tags_segments_scores.json",
        "tickets.jsonl",
    ];
    assert_eq!(names, expected);
    assert!(files["README.txt"].contains("您的个人数据副本"), "in her language");
    let read = |name: &str| -> Value { serde_json::from_str(&files[name]).unwrap() };
    assert_eq!(read("profile.json")["fields"]["name"]["value"], "王小明");
    let identifiers = read("identifiers.json");
    let phone = identifiers.as_array().unwrap().iter().find(|held| held["kind"] == "phone").unwrap();
    assert_eq!(
        (&phone["value"], &phone["source"], &phone["age_days"]),
        (&json!("+8613800138000"), &json!("crm"), &json!(0))
    );
    let consents = read("consents.json");
    let given = consents["now"].as_array().unwrap().iter().find(|consent| consent["channel"] == "email").unwrap();
    assert_eq!((&given["said"], consents["records"].as_array().unwrap().len()), (&json!("given"), 1));
    assert_eq!(consents["records"][0]["by"], "partner");
    let scores = read("tags_segments_scores.json");
    assert!(scores["segment"]["scores"].is_object() && scores["scored_by"]["segments"].is_array(), "{scores}");
    assert_eq!(read("looks.json")[0]["by"], "agent", "as what, not who");
    let ledger = lines(&files["ledger.jsonl"]);
    assert_eq!(ledger.iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(ledger[1]["by"], "admin");
    let orders: Vec<_> = lines(&files["orders.jsonl"]).iter().map(|line| line["what"].clone()).collect();
    assert_eq!(orders, ["return", "order"]);
    assert_eq!(lines(&files["orders.jsonl"])[1]["lines"][0]["net_minor"], 50_000);
    assert_eq!(lines(&files["signals.jsonl"])[0]["type"], "login");
    let all = files.values().cloned().collect::<String>();
    for foreign in [&li, "李大花", "13900139000", "agent-zhang", "ada-lovelace", "s-9", WHY] {
        assert!(!all.contains(foreign), "`{foreign}` is nothing of hers");
    }
}

// rule: privacy 30
#[tokio::test]
async fn asked_again_within_a_day_it_is_the_same_and_the_member_alone_is_led_to_it() {
    let world = World::new().await;
    let (mei, li) =
        (world.known("c-1", "Mei", "13800138000", "en").await, world.known("c-2", "Li", "13900139000", "ja").await);
    let (me, agent) = (world.member(&mei), world.caller(Role::Agent, "agent-7"));
    let nameless = agent.post("/v1/privacy/exports", &json!({"member": mei})).await.refused(422, "invalid_field");
    assert_eq!(nameless["pointer"], "/reason");
    let first = agent.asks(&mei).await;
    assert_eq!(first.status, 202);
    world.platform.rest().await.unwrap();
    let id = first.body["export"].as_str().unwrap().to_owned();
    assert_eq!(me.asks(&mei).await.body["export"], json!(id));
    for other in [&agent, &world.admin("ada")] {
        let seen = other.export(&id).await.ok();
        assert_eq!((&seen["state"], &seen["link"]), (&json!("ready"), &Value::Null), "it is the member's");
        assert_eq!(seen["receipt"]["files"].as_array().unwrap().len(), 11);
    }
    world.member(&li).export(&id).await.refused(403, "forbidden");
    world.member(&li).asks(&mei).await.refused(403, "forbidden");
    crm(&world).export(&id).await.refused(403, "forbidden");
    let own = me.export(&id).await.ok();
    assert_eq!(own["link"]["until"], json!(world.now() + SignedDuration::from_hours(24)));
    me.export(&format!("{mei}.2")).await.refused(404, "not_found");
    world.time_passes(SignedDuration::from_hours(24)).await;
    let second = me.asks(&mei).await.body;
    assert_eq!(second["export"], format!("{mei}.2"));
    let (_, files) = world.archive(&mei, &format!("{mei}.2")).await;
    assert!(files["README.txt"].contains("A copy of your data"));
    world.time_passes(SignedDuration::from_hours(7 * 24)).await;
    let gone = me.export(&format!("{mei}.2")).await.ok();
    assert_eq!((&gone["state"], &gone["link"]), (&json!("expired"), &Value::Null));
    me.asks("m-nobody").await.refused(403, "forbidden");
    world.admin("ada").asks("m-nobody").await.refused(404, "unknown_member");
}

// rule: privacy 30
#[tokio::test]
async fn a_long_life_comes_in_parts_and_of_everybody_the_member_stands_for() {
    let world = World::with(&[AT_ONCE]).await;
    let mei = world.known("c-1", "Mei", "13800138000", "ja").await;
    let old = world.known("c-2", "Mei", "13900139000", "ja").await;
    for batch in 0..24 {
        let one = |number: i64| order(&format!("b-{batch}-{number}"), &mei, 100, world.now());
        let answer = world
            .shop()
            .post("/v1/activities/batch", &json!({"activities": (0..25).map(one).collect::<Vec<_>>()}))
            .await;
        assert!(answer.status < 300, "{answer:?}");
    }
    let merge = json!({"absorb": old, "reason": "one person, says she"});
    world.admin("ada").keyed("k-1", &format!("/v1/members/{mei}/merge"), &merge).await.ok();
    let id = world.member(&mei).asks(&mei).await.body["export"].as_str().unwrap().to_owned();
    let (export, files) = world.archive(&mei, &id).await;
    assert!(files["README.txt"].contains("お客様の情報の写し"));
    let orders: Vec<String> =
        lines(&files["orders.jsonl"]).iter().map(|line| line["order"].as_str().unwrap().to_owned()).collect();
    let distinct: std::collections::BTreeSet<&String> = orders.iter().collect();
    assert_eq!((orders.len(), distinct.len()), (602, 602), "each once: 600, and one of either");
    assert!(orders.contains(&"o-c-2".to_owned()), "what was reported of whom she stands for");
    let rows =
        export["receipt"]["files"].as_array().unwrap().iter().find(|file| file["name"] == "ledger.jsonl").unwrap();
    assert_eq!(rows["rows"], lines(&files["ledger.jsonl"]).len());
    assert_eq!(lines(&files["signals.jsonl"]).len(), 2);
}

// rule: privacy 21, 30
#[tokio::test]
async fn it_goes_with_the_member() {
    let world = World::new().await;
    let mei = world.known("c-1", "Mei", "13800138000", "en").await;
    let mut links = Vec::new();
    for n in 1..=2 {
        let id = world.member(&mei).asks(&mei).await.body["export"].as_str().unwrap().to_owned();
        assert_eq!(id, format!("{mei}.{n}"));
        links.push(world.archive(&mei, &id).await.0);
        world.time_passes(SignedDuration::from_hours(25)).await;
    }
    assert!(fetched(&links[0]).await.is_some() && fetched(&links[1]).await.is_some());
    let erased = world.admin("ada").post("/v1/privacy/erasures", &json!({"member": mei, "reason": WHY})).await.body;
    assert_eq!(erased["state"], "complete", "{erased}");
    let step = erased["receipt"]["steps"].as_array().unwrap().iter().find(|step| step["step"] == "files").unwrap();
    assert_eq!(step["count"], 2);
    assert!(fetched(&links[0]).await.is_none() && fetched(&links[1]).await.is_none());
    world.admin("ada").export(&format!("{mei}.2")).await.refused(410, "member_erased");
    world.admin("ada").asks(&mei).await.refused(410, "member_erased");
    let jobs = tables::context(&world.platform, "member-jobs").await;
    let job = jobs.iter().find(|job| job.contains("access#")).unwrap();
    assert!(job.contains("\"ttl\"") && !job.contains("sha256"), "{job}");
}

// rule: privacy 30
#[tokio::test]
#[ignore = "80 seconds, all but two of them to make the entries: `cargo test -p acceptance --test it ten_thousand -- --ignored --nocapture`"]
async fn ten_thousand_entries_are_given_whole_and_in_their_order() {
    let world = World::with(&[AT_ONCE]).await;
    let mei = world.known("c-1", "王小明", "13800138000", "zh-CN").await;
    let facts: Vec<Value> = (2..=10_000).map(|n| fact("ugc.featured", &format!("f-{n}"), &mei, world.now())).collect();
    for some in facts.chunks(25) {
        let answer = world.shop().post("/v1/activities/batch", &json!({"activities": some})).await.ok();
        assert!(answer["results"].as_array().unwrap().iter().all(|result| result["status"] == 200), "{answer}");
    }
    world.time_passes(SignedDuration::from_mins(1)).await;
    world.platform.rest().await.unwrap();
    let started = std::time::Instant::now();
    world.member(&mei).post("/v1/privacy/exports", &json!({"member": mei})).await;
    let (export, files) = world.archive(&mei, &format!("{mei}.1")).await;
    eprintln!("10,000 entries, {} bytes: {:?}", export["receipt"]["bytes"], started.elapsed());
    let ledger = lines(&files["ledger.jsonl"]);
    let sequences: Vec<u64> = ledger.iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect();
    let newest = sequences[0]; // an evaluation may have come after
    assert!(newest >= 10_000 && sequences.into_iter().eq((1..=newest).rev()), "each once, the newest first");
    let listed = export["receipt"]["files"].as_array().unwrap().iter().find(|file| file["name"] == "ledger.jsonl");
    assert_eq!(listed.unwrap()["rows"], newest);
    assert_eq!((lines(&files["orders.jsonl"]).len(), lines(&files["signals.jsonl"]).len()), (1, 1));
}

// rule: privacy 30
#[tokio::test]
async fn who_is_taken_apart_again_has_no_file_of_the_other() {
    let world = World::new().await;
    let mei = world.known("c-1", "王芳", "13800138000", "zh-CN").await;
    let li = world.known("c-2", "李雷", "13900139000", "zh-CN").await;
    let ada = world.admin("ada");
    let merge = json!({"absorb": li, "reason": "she says so"});
    ada.keyed("k-1", &format!("/v1/members/{mei}/merge"), &merge).await.ok();
    let asked = ada.asks(&li).await.body;
    assert_eq!(asked["export"], format!("{mei}.1"), "it is of who stands for both");
    let (given, files) = world.archive(&mei, &format!("{mei}.1")).await;
    assert!(files.values().any(|text| text.contains("13800138000")));
    let unmerge = json!({"absorbed": li, "reason": "they are two"});
    ada.keyed("k-2", &format!("/v1/members/{mei}/unmerge"), &unmerge).await.ok();
    world.member(&li).export(&format!("{li}.1")).await.refused(404, "not_found");
    // What was gathered of both is given to nobody any more; who asks is given what is her own.
    assert_eq!(fetched(&given).await, None, "the address that was given leads nowhere");
    let now = world.member(&mei).export(&format!("{mei}.1")).await.ok();
    assert_eq!((&now["state"], &now["link"]), (&json!("withdrawn"), &json!(null)), "{now}");
    assert_eq!(ada.asks(&mei).await.body["export"], format!("{mei}.2"));
    let (_, files) = world.archive(&mei, &format!("{mei}.2")).await;
    assert!(!files.values().any(|text| text.contains("o-c-2")));
    assert!(files["orders.jsonl"].contains("o-c-1"));
    // One that was asked for before the newest is to be had for its seven days.
    world.days_pass(2).await;
    assert_eq!(ada.asks(&mei).await.body["export"], format!("{mei}.3"));
    world.archive(&mei, &format!("{mei}.3")).await;
    world.archive(&mei, &format!("{mei}.2")).await;
    world.days_pass(5).await;
    assert_eq!(world.member(&mei).export(&format!("{mei}.2")).await.ok()["state"], "expired");
}
