//! What is left of who was erased where nobody looks: files that came in, conflicts, merges, records of consent, and what was on its way.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::{World, fact};

impl World {
    async fn erases(&self, member: &str) -> Value {
        let ask = json!({"member": member, "reason": "asked for by letter"});
        self.admin("ada").post("/v1/privacy/erasures", &ask).await.body
    }

    /// The jobs whose keys begin so.
    async fn jobs(&self, begin: &str) -> Vec<Value> {
        let all = tables::context(&self.platform, "member-jobs").await;
        let all = all.iter().map(|row| serde_json::from_str::<Value>(row).unwrap());
        all.filter(|job| job["job"]["S"].as_str().unwrap().starts_with(begin)).collect()
    }
}

// rule: privacy 21
#[tokio::test]
async fn files_of_imports_that_wrote_the_member_are_gone() {
    let world = World::new().await;
    let file = "external_id,phone,name\nk1,13800138000,Mei\nk2,12345,Li\n";
    let import = world.uploads(&json!({}), file.as_bytes()).await;
    let done = world.runs(&import).await;
    assert_eq!(done["result"]["accepted"], 1, "{done}");
    let other = world.uploads(&json!({}), b"external_id,phone,name\nk3,12345,Wu\nk4,13900139000,He\n").await;
    world.runs(&other).await;
    let errors = async |import: &str| crm(&world).get(&format!("/v1/imports/{import}/errors")).await.status;
    assert_eq!((errors(&import).await, errors(&other).await), (200, 200));
    let mei = world.finds("phone", "13800138000").await;
    let erased = world.erases(&mei).await;
    let step = erased["receipt"]["steps"].as_array().unwrap().iter().find(|step| step["step"] == "files").unwrap();
    assert_eq!((&erased["state"], &step["count"]), (&json!("complete"), &json!(1)));
    assert_eq!((errors(&import).await, errors(&other).await), (404, 200), "a file without her stays");
    assert_eq!(crm(&world).get(&format!("/v1/imports/{import}")).await.ok()["state"], "done", "that it was is known");
}

// rule: privacy 21
#[tokio::test]
async fn conflicts_and_merges_keep_no_hint_and_no_hash() {
    let world = World::new().await;
    let mother = world.presents("shop", "s-1", &["phone 13800138000", "email mei@example.com"]).await;
    let child = world.presents("shop", "s-2", &["phone 13800138000"]).await;
    // One is decided, one is not.
    let conflict = child["conflicts"][0].as_str().unwrap();
    let decide = json!({"do": "keep", "reason": "the mother of the child called us"});
    world.admin("ada").post(&format!("/v1/conflicts/{conflict}/resolution"), &decide).await.ok();
    world.presents("shop", "s-3", &["email mei@example.com"]).await;
    let open = world.presents("shop", "s-4", &["email mei@example.com"]).await["member"].as_str().unwrap().to_owned();
    let mother = mother["member"].as_str().unwrap();
    // Two who said that something is theirs are made one.
    let merge = json!({"absorb": open, "reason": "one person, says she"});
    world.admin("ada").keyed("k-1", &format!("/v1/members/{mother}/merge"), &merge).await.ok();
    let says = |job: &Value| ["c", "d", "x"].iter().any(|name| !job[name].is_null());
    let said = |jobs: Vec<Value>| jobs.iter().filter(|job| says(job)).count();
    assert!(said(world.jobs("conflict#").await) >= 2 && said(world.jobs("merge#").await) == 1);
    assert_eq!(world.erases(mother).await["state"], "complete");
    for job in world.jobs("conflict#").await.iter().chain(&world.jobs("merge#").await) {
        assert!(!says(job) || job["job"]["S"].as_str().unwrap().starts_with("merge#") && job["x"].is_null(), "{job}");
        assert!(!job.to_string().contains("****"), "a hint is left: {job}");
    }
    assert_eq!(world.admin("ada").get("/v1/conflicts").await.ok()["conflicts"], json!([]));
}

// rule: privacy 21, 23
#[tokio::test]
async fn a_signal_that_was_on_its_way_goes_too() {
    let world = World::new().await;
    let mei = world.presents("crm", "c-1", &["phone 13800138000!"]).await["member"].as_str().unwrap().to_owned();
    world.shop().post("/v1/activities", &fact("login", "l-1", &mei, world.now())).await.ok();
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).contexts["signals"].clone();
    let row = client.scan().table_name(&table).send().await.unwrap().items.unwrap().remove(0);
    let erased = world.erases(&mei).await;
    assert_eq!(erased["state"], "complete");
    // It was let in before she went, and is written after her signals were deleted.
    client.put_item().table_name(&table).set_item(Some(row)).send().await.unwrap();
    assert_eq!(tables::signals(&world.platform).await.len(), 1);
    world.time_passes(SignedDuration::from_hours(1)).await;
    assert_eq!(tables::signals(&world.platform).await, Vec::<String>::new());
    let again = world.auditor().get(&format!("/v1/privacy/erasures/{mei}.1")).await.ok();
    assert_eq!(again, erased, "the receipt says what was there");
    world.shop().post("/v1/activities", &fact("login", "l-2", &mei, world.now())).await.refused(410, "member_erased");
}

// rule: privacy 27
#[tokio::test]
async fn records_of_consent_are_kept_for_so_many_days_and_removed_on_the_sunday_after() {
    // Ten days instead of three years. The first of March 2026 is a Sunday.
    let world = World::with(&[("consent_keep_days = 1095", "consent_keep_days = 10")]).await;
    let mut body = known_as("crm", "c-1", &["phone 13800138000!"]);
    body["consents"] = json!([{"purpose": "marketing", "channel": "email", "said": "given", "version": 1}]);
    let mei = crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    let recorded = async || {
        let log = tables::context(&world.platform, "member-log").await;
        (log.len(), log.iter().filter(|row| row.contains(&mei) && row.contains("\"consents\"")).count())
    };
    world.erases(&mei).await;
    let (rows, records) = recorded().await;
    assert_eq!(records, 1, "records outlive the member");
    world.days_pass(13).await; // Saturday: ten days are over since Wednesday
    assert_eq!(recorded().await, (rows, 1), "on Sundays alone");
    world.advance("2026-03-14T20:00:00Z").await; // Sunday, 04:00 in Shanghai
    assert_eq!(recorded().await, (rows, 1));
    world.advance("2026-03-14T21:00:00Z").await;
    assert_eq!(recorded().await, (rows, 0), "what else the rows say stays");
    world.days_pass(8).await;
    assert_eq!(world.auditor().get(&format!("/v1/privacy/erasures/{mei}.1")).await.ok()["state"], "complete");
}

// rule: privacy 25
#[tokio::test]
async fn a_hundred_who_were_erased_since_a_backup_are_erased_again() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..105 {
        let known = known_as("crm", &format!("c-{number}"), &[&format!("phone 1380013{number:04}!")]);
        ids.push(crm(&world).post("/v1/members", &known).await.body["member"].as_str().unwrap().to_owned());
    }
    let backup = [world.items("members").await, world.items("claims").await, world.items("member-keys").await];
    for id in &ids[..100] {
        assert_eq!(world.erases(id).await["state"], "complete");
    }
    for (table, then) in ["members", "claims", "member-keys"].iter().zip(&backup) {
        world.restores(table, if *table == "claims" { "claim" } else { "member" }, then).await;
    }
    let opens = then_opens(&world).await;
    assert_eq!(opens, 105, "the backup knows all of them");
    let replayed = world.replays().await;
    assert_eq!((replayed.rows, replayed.erased_again), (100, 100));
    let after = tables::everything(&world.platform).await;
    let again = world.replays().await;
    assert_eq!((again.rows, again.erased_again), (100, 0));
    assert_eq!(tables::everything(&world.platform).await, after, "a second time changes nothing");
    assert_eq!(then_opens(&world).await, 5, "of who was erased nothing opens");
    for id in &ids[100..] {
        world.member(id).get(&format!("/v1/members/{id}")).await.ok();
    }
}

/// How many members have a key.
async fn then_opens(world: &World) -> usize {
    let keys = world.items("member-keys").await;
    keys.iter()
        .filter(|key| {
            key.contains_key("w") && matches!(key.get("member"), Some(AttributeValue::S(id)) if id.starts_with("m-"))
        })
        .count()
}
