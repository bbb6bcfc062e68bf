//! An import is undone: what was said, spent or changed since stays, and is listed.

use domain::members::import::Import;
use domain::members::undoing::{BackCounts, UndoState};
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::members::crm;
use crate::members::imports::came;
use crate::members::imports_told::facts;
use crate::world::World;

impl World {
    pub(super) async fn undoes(&self, import: &Value, dry_run: bool) -> Value {
        let id = import["import"].as_str().unwrap();
        crm(self).post(&format!("/v1/imports/{id}/undo"), &json!({ "dry_run": dry_run })).await.ok();
        self.platform.rest().await.unwrap();
        crm(self).get(&format!("/v1/imports/{id}")).await.ok()["undo"].clone()
    }

    /// What stays: row, field and code of each line.
    pub(super) async fn stays(&self, undo: &Value) -> Vec<String> {
        let text = reqwest::get(undo["list"]["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines[0][1..], ["member", "field", "code", "message"], "{text}");
        lines[1..].iter().map(|line| format!("{} {} {}", line[0], line[2], line[3])).collect()
    }

    /// Takes a file in, a minute after whatever was before.
    pub(super) async fn takes(&self, more: Value, file: &str) -> Value {
        self.time_passes(SignedDuration::from_mins(1)).await;
        let import = self.takes_in(&more, file.as_bytes()).await;
        assert_eq!(import["state"], "done", "{import}");
        import
    }

    async fn says_of(&self, member: &str, fields: &Value) {
        crm(self).patch(member, &json!({"source": "crm", "fields": fields})).await.ok();
    }

    pub(super) async fn fields_of(&self, member: &str) -> Value {
        crm(self).get(&format!("/v1/members/{member}")).await.ok()["fields"].clone()
    }

    async fn job(&self, import: &Value) -> (Import, u64) {
        self.store().import(import["import"].as_str().unwrap()).await.unwrap().unwrap()
    }
}

/// State, then rows restored, erased, withdrawn and left.
pub(super) fn back(undo: &Value) -> (&str, [u64; 4]) {
    let counts = ["restored", "erased", "withdrawn", "left"].map(|name| undo[name].as_u64().unwrap());
    assert_eq!(undo["rows"].as_u64().unwrap(), counts.iter().sum::<u64>(), "{undo}");
    (undo["state"].as_str().unwrap(), counts)
}

const WRONG: &str = "external_id,phone,name,gender,locale\nk1,13800138000,王方,,\nk2,13900139000,李雷,male,en\nk3,13700137000,韩梅梅,,\nk4,,魏华,female,\nk4,,魏华,female,\n";

/// Two who are there, of whom a file says something wrong; and two whom it enrols, of whom one does something.
async fn gone_wrong() -> (World, Value, [String; 4]) {
    let world = World::new().await;
    world.takes(json!({}), "external_id,phone,name,gender\nk1,13800138000,王芳,female\nk4,,卫华,\n").await;
    let wrong = world.takes(json!({}), WRONG).await;
    assert_eq!(came(&wrong), ("done", [4, 1, 0, 0]));
    let mut people = Vec::new();
    for name in ["k1", "k2", "k3", "k4"] {
        people.push(world.finds("external:crm", name).await);
    }
    let people: [String; 4] = people.try_into().unwrap();
    world.time_passes(SignedDuration::from_hours(1)).await;
    assert_eq!(world.earns_100(&people[2], "one").await.status, 200);
    world.says_of(&people[3], &json!({"gender": "other"})).await;
    (world, wrong, people)
}

const STAYS: [&str; 2] = ["4 external_id in_use", "5 gender changed_since"];

// rule: import 27
#[tokio::test]
async fn what_a_file_has_said_is_taken_back_and_what_was_done_since_stays() {
    let (world, wrong, [wang, li, han, wei]) = gone_wrong().await;
    let path = format!("/v1/imports/{}/undo", wrong["import"].as_str().unwrap());
    crm(&world).post(&path, &json!({"dry_run": false})).await.refused(409, "dry_run_first");
    let looked = world.undoes(&wrong, true).await;
    assert_eq!(
        (back(&looked), world.stays(&looked).await),
        (("looked", [1, 1, 0, 2]), STAYS.map(str::to_owned).to_vec())
    );
    assert_eq!(looked["by_code"], json!({"changed_since": 1, "in_use": 1}));
    assert_eq!(world.fields_of(&wang).await["name"]["value"], "王方", "nothing is done yet");

    let undone = world.undoes(&wrong, false).await;
    assert_eq!(
        (back(&undone), world.stays(&undone).await),
        (("undone", [1, 1, 0, 2]), STAYS.map(str::to_owned).to_vec())
    );
    let fields = world.fields_of(&wang).await;
    assert_eq!((&fields["name"]["value"], &fields["gender"]["value"]), (&json!("王芳"), &json!("female")));
    let fields = world.fields_of(&wei).await;
    assert_eq!((&fields["name"]["value"], &fields["gender"]["value"]), (&json!("卫华"), &json!("other")));
    assert_eq!(world.fields_of(&han).await["name"]["value"], "韩梅梅", "who has done something is kept as it is");
    crm(&world).get(&format!("/v1/members/{li}")).await.refused(410, "member_erased");
    let told = facts(&world, wrong["import"].as_str().unwrap()).await;
    let data = json!({
        "import": wrong["import"], "kind": "members", "source": "crm",
        "restored": 1, "erased": 1, "withdrawn": 0, "left": 2,
    });
    assert_eq!(told, [("perennial.gov.importundone.v1".to_owned(), data)]);

    // Said again it is what it was; and whoever was here by mistake may come again, with what is right.
    assert_eq!(world.undoes(&wrong, false).await["asked_at"], undone["asked_at"]);
    assert_eq!(came(&world.takes(json!({}), WRONG).await), ("done", [3, 2, 0, 0]));
    let again = world.finds("phone", "13900139000").await;
    assert_ne!(again, li);
    world.time_passes(SignedDuration::from_hours(2)).await;
    assert_eq!(world.finds("external:crm", "k2").await, again, "what is left of the erasure is done meanwhile");
}

// rule: import 27
#[tokio::test]
async fn an_undoing_that_a_kill_meets_comes_to_the_same() {
    let (world, wrong, _) = gone_wrong().await;
    world.undoes(&wrong, true).await;
    let undone = world.undoes(&wrong, false).await;
    let (mut job, version) = world.job(&wrong).await;
    let undo = job.undo.as_mut().unwrap();
    (undo.state, undo.done, undo.counts, undo.listed) = (UndoState::Undoing, 0, BackCounts::default(), Vec::new());
    let programmes = world.store().programmes(&Programmes::default()).await.unwrap();
    let setting = Setting { programmes: &programmes, now: world.now() };
    assert!(world.store().keep_import(&job, version, setting).await.unwrap());
    let again = world.undoes(&wrong, false).await;
    assert_eq!((back(&again), world.stays(&again).await), (back(&undone), STAYS.map(str::to_owned).to_vec()));
}

// rule: import 27
#[tokio::test]
async fn what_was_brought_over_is_withdrawn_while_nothing_of_it_is_spent() {
    let world = World::new().await;
    world.takes(json!({}), "external_id,name\nc1,王芳\nc2,李雷\nc3,韩梅梅\n").await;
    let lots = "external_id,points,expires_on\nc1,100,2026-12-31\nc2,900,2026-12-31\nc1,50,2027-01-31\nc3,-40,\n";
    let brought = world.takes(json!({"kind": "lots"}), lots).await;
    let mut people = Vec::new();
    for name in ["c1", "c2", "c3"] {
        people.push(world.finds("external:crm", name).await);
    }
    world.redeems(&people[1], "drink", "one").await.ok();
    let looked = world.undoes(&brought, true).await;
    assert_eq!(
        (back(&looked), world.stays(&looked).await),
        (("looked", [0, 0, 3, 1]), vec!["3 external_id opening_spent".to_owned()])
    );
    assert_eq!(world.pockets(&people[0]).await, [150, 0, 0, 0]);
    let undone = world.undoes(&brought, false).await;
    assert_eq!(back(&undone), ("undone", [0, 0, 3, 1]));
    assert_eq!(world.pockets(&people[0]).await, [0, 0, 0, 0]);
    assert_eq!(world.pockets(&people[2]).await, [0, 0, 0, 0], "the debt is gone, too");
    assert!(world.pockets(&people[1]).await[0] > 0, "of what is spent nothing is taken back");
    let again = world.takes(json!({"kind": "lots"}), &lots.replace("c1,100", "c1,110")).await;
    assert_eq!(came(&again), ("done", [3, 1, 0, 0]));
    assert_eq!(world.pockets(&people[0]).await, [160, 0, 0, 0]);

    let tiers =
        world.takes(json!({"kind": "tiers"}), "external_id,tier,since,until\nc1,gold,2026-01-01,2027-01-31\n").await;
    let tier = || async { world.auditor().get(&format!("/v1/members/{}/tier", people[0])).await.ok()["tier"].clone() };
    assert_eq!(tier().await, "gold");
    world.undoes(&tiers, true).await;
    assert_eq!(back(&world.undoes(&tiers, false).await), ("undone", [0, 0, 1, 0]));
    assert_ne!(tier().await, "gold");
}

// rule: import 27
#[tokio::test]
async fn identifiers_consents_and_tags_go_back_and_a_withdrawal_stays() {
    let world = World::new().await;
    let before = "external_id,phone,name,consent.marketing.email,consent_text,consent_version,consent_at\n\
        k1,13800138000,王芳,,,,\nk2,13900139000,李雷,given,marketing,1,2026-02-01T09:00:00Z\n";
    world.takes(json!({}), before).await;
    let [wang, li] = [world.finds("external:crm", "k1").await, world.finds("external:crm", "k2").await];
    let wrong = "external_id,phone,card,consent.marketing.email,consent_text,consent_version,consent_at\n\
        k1,,6688001,given,marketing,1,2026-02-20T09:00:00Z\nk2,,,withdrawn,,,\nk9,13800138000,,,,,\n";
    let wrong = world.takes(json!({}), wrong).await;
    assert_eq!(came(&wrong), ("done", [3, 0, 0, 0]));
    assert_eq!(world.finds("card", "6688001").await, wang);
    assert_eq!(world.finds("external:crm", "k9").await, wang, "two rows are of one member");
    let consent = |member: String| {
        let world = world.clone();
        async move {
            let shown = crm(&world).get(&format!("/v1/members/{member}/consents")).await.ok();
            let of = shown["consents"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["purpose"] == "marketing" && one["channel"] == "email")
                .cloned();
            of.unwrap_or_default()["said"].clone()
        }
    };
    assert_eq!((consent(wang.clone()).await, consent(li.clone()).await), (json!("given"), json!("withdrawn")));
    world.undoes(&wrong, true).await;
    assert_eq!(back(&world.undoes(&wrong, false).await), ("undone", [3, 0, 0, 0]));
    assert_eq!((consent(wang.clone()).await, consent(li.clone()).await), (json!("withdrawn"), json!("withdrawn")));
    for (kind, value) in [("card", "6688001"), ("external:crm", "k9")] {
        let body = json!({"identifier": {"kind": kind, "value": value}});
        crm(&world).post("/v1/members/lookups", &body).await.refused(404, "unknown_member");
    }
    assert_eq!(world.finds("phone", "13800138000").await, wang);

    let tags = |until: &str| format!("external_id,tag,until\nk1,vip-care,{until}\n");
    world.takes(json!({"kind": "tags"}), &tags("2026-04-30")).await;
    let longer = world.takes(json!({"kind": "tags"}), &tags("2026-05-31")).await;
    let until = || async { crm(&world).get(&format!("/v1/members/{wang}")).await.ok()["tags"].to_string() };
    assert!(until().await.contains("2026-05-31"), "{}", until().await);
    world.undoes(&longer, true).await;
    assert_eq!(back(&world.undoes(&longer, false).await), ("undone", [1, 0, 0, 0]));
    assert!(until().await.contains("2026-04-30"), "{}", until().await);
}

// rule: import 27
#[tokio::test]
async fn an_import_is_undone_by_whose_it_is_once_it_has_ended_and_within_thirty_days() {
    let world = World::new().await;
    let file = "external_id,name\nk1,王芳\n";
    let looked = world.takes_in(&json!({"dry_run": true}), file.as_bytes()).await;
    let undo = |import: &Value| format!("/v1/imports/{}/undo", import["import"].as_str().unwrap());
    let dry_run = json!({"dry_run": true});
    crm(&world).post(&undo(&looked), &dry_run).await.refused(409, "wrong_state");
    let done = world.takes(json!({}), file).await;
    crm(&world).post(&undo(&done), &json!({})).await.refused(422, "invalid_field");
    world.shop().post(&undo(&done), &dry_run).await.refused(404, "not_found");
    world.days_pass(30).await;
    assert_eq!(back(&world.undoes(&done, true).await), ("looked", [0, 1, 0, 0]), "the last instant is good");
    world.time_passes(SignedDuration::from_secs(1)).await;
    crm(&world).post(&undo(&done), &json!({"dry_run": false})).await.refused(422, "too_old");
}
