//! What is known of all members, as files that come back equal.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::members::imports::came;
use crate::members::{crm, known_as};
use crate::world::World;

impl World {
    /// Asks for an export and waits for its end; its file.
    async fn exports(&self, asked: &Value) -> String {
        let export = self.admin("ada").post("/v1/exports", asked).await;
        assert_eq!((export.status, &export.body["state"]), (202, &json!("running")), "{export:?}");
        self.platform.rest().await.unwrap();
        let path = format!("/v1/exports/{}", export.body["export"].as_str().unwrap());
        let done = self.admin("ada").get(&path).await.ok();
        assert_eq!(done["state"], "done", "{done}");
        let text = reqwest::get(done["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
        assert_eq!(done["rows"].as_u64().unwrap(), u64::try_from(text.matches("\r\n").count()).unwrap() - 1, "{text}");
        text
    }

    async fn enrols_told(&self, name: &str, identifiers: &[&str], fields: &Value) -> String {
        let mut body = known_as("crm", name, identifiers);
        body["fields"] = fields.clone();
        let answer = crm(self).post("/v1/members", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["member"].as_str().unwrap().to_owned()
    }
}

/// Members whom a spreadsheet could get wrong, with points of all kinds.
async fn awkward() -> World {
    let world = World::new().await;
    let name = |name: &str| json!({"name": name, "gender": "N/A", "address.city": "-"});
    world
        .enrols_told("00042", &["phone 13800138000!", "email li@example.com"], &name("=HYPERLINK(\"x\";\"王芳\")"))
        .await;
    world
        .enrols_told(
            "1.38E+10",
            &["card 0066880001"],
            &json!({"birthday": "1992-02-29", "address.lines": "一号\n二楼, \"后门\""}),
        )
        .await;
    world.enrols_told("c-3", &["phone +819012345678!"], &name("'王")).await;
    let lots = "external_id,points,expires_on,activates_on\n00042,100,2026-12-31,\n00042,40,never,2026-05-01\n'1.38E+10,-30,,\nc-3,900,2027-01-31,\n";
    assert_eq!(came(&world.takes_in(&json!({"kind": "lots"}), lots.as_bytes()).await), ("done", [4, 0, 0, 0]));
    world
}

// rule: import 17
#[tokio::test]
async fn what_is_exported_and_imported_elsewhere_is_exported_as_equal_bytes() {
    let world = awkward().await;
    let of = |kind: &str| json!({"kind": kind, "source": "crm"});
    let (members, lots) = (world.exports(&of("members")).await, world.exports(&of("lots")).await);
    assert!(members.contains("00042,'+8613800138000,li@example.com,,,"), "{members}");
    assert!(members.contains("\"'=HYPERLINK(\"\"x\"\";\"\"王芳\"\")\"") && members.contains(",'N/A,"), "{members}");
    let expected = "external_id,points,expires_on,activates_on\r\n00042,100,2026-12-31,\r\n00042,40,never,2026-05-01\r\n\
        '1.38E+10,-30,,\r\nc-3,900,2027-01-31,\r\n";
    assert_eq!(lots.trim_start_matches('\u{feff}'), expected);

    let empty = World::starting("2026-04-01T10:00:00+08:00", &[]).await;
    assert_eq!(came(&empty.takes_in(&json!({}), members.as_bytes()).await), ("done", [3, 0, 0, 0]));
    assert_eq!(came(&empty.takes_in(&json!({"kind": "lots"}), lots.as_bytes()).await), ("done", [4, 0, 0, 0]));
    assert_eq!(empty.exports(&of("members")).await, members);
    assert_eq!(empty.exports(&of("lots")).await, lots);
    // Nothing of it is news where it came from.
    assert_eq!(came(&world.takes_in(&json!({}), members.as_bytes()).await), ("done", [0, 3, 0, 0]));
}

// rule: import 17
#[tokio::test]
async fn entries_consents_and_conflicts_are_lists_of_what_is_known() {
    let world = awkward().await;
    let member = world.finds("external:crm", "c-3").await;
    let consents = "external_id,consent.marketing.email,consent_text,consent_version,consent_at\nc-3,given,marketing,1,2026-02-01T09:00:00Z\n";
    world.takes_in(&json!({}), consents.as_bytes()).await;
    world.presents("shop", "other", &["phone 13800138000"]).await;
    world.time_passes(SignedDuration::from_mins(1)).await;
    assert_eq!(world.earns_100(&member, "one").await.status, 200);

    let entries = world.exports(&json!({"kind": "entries"})).await;
    assert!(!entries.contains("c-3"), "of whom an entry is says the member's own id alone: {entries}");
    let of_member: Vec<&str> = entries.lines().filter(|line| line.starts_with(&member)).collect();
    assert_eq!(of_member.len(), 2, "{entries}");
    assert!(of_member[0].starts_with(&format!("{member},1,opening,")) && of_member[0].ends_with(",900,900"));
    assert!(of_member[1].starts_with(&format!("{member},2,earn,")) && of_member[1].ends_with(",100,1000"));
    let consents = world.exports(&json!({"kind": "consents"})).await;
    assert!(consents.contains(&format!("c-3,{member},marketing,email,given,2026-02-01T09:00:00Z,1\r\n")), "{consents}");
    let conflicts = world.exports(&json!({"kind": "conflicts"})).await;
    assert!(
        conflicts.contains(",phone,") && conflicts.contains(",shop,") && conflicts.lines().count() == 2,
        "{conflicts}"
    );
    assert!(!conflicts.contains("13800138000"), "a hint is masked: {conflicts}");
}

// rule: import 17
#[tokio::test]
async fn an_export_is_for_the_brand_alone_and_gone_after_seven_days() {
    let world = awkward().await;
    crm(&world).post("/v1/exports", &json!({"kind": "members"})).await.refused(403, "forbidden");
    world
        .admin("ada")
        .post("/v1/exports", &json!({"kind": "members", "source": "nobody"}))
        .await
        .refused(422, "invalid_field");
    world.admin("ada").post("/v1/exports", &json!({"kind": "secrets"})).await.refused(422, "invalid_field");
    let asked = world.admin("ada").post("/v1/exports", &json!({"kind": "members"})).await.body;
    let path = format!("/v1/exports/{}", asked["export"].as_str().unwrap());
    world.platform.rest().await.unwrap();
    crm(&world).get(&path).await.refused(404, "not_found");
    assert!(world.admin("ada").get(&path).await.ok()["url"].is_string());
    world.days_pass(7).await;
    let gone = world.admin("ada").get(&path).await.ok();
    assert_eq!((&gone["state"], &gone["url"]), (&json!("done"), &Value::Null), "{gone}");
}
