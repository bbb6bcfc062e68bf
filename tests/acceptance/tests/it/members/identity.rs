//! Who is it?

use std::collections::BTreeMap;

use sam::Role;
use serde_json::json;
use tokio::task::JoinSet;

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::World;

// rule: members 2, 5, 7
#[tokio::test]
async fn one_number_in_any_spelling_is_one_member() {
    let world = World::new().await;
    let first = world.presents("crm", "c-1", &["phone 0086 138 0013 8000!"]).await;
    assert_eq!((&first["enrolled"], &first["linked"], &first["version"]), (&json!(true), &json!(["phone"]), &json!(1)));
    let member = first["member"].as_str().unwrap();
    assert!(member.starts_with("m-") && member.len() == 24, "{member}");
    for spelling in ["13800138000", "+86 138-0013-8000", "１３８００１３８０００", "tel:13800138000"] {
        assert_eq!(world.finds("phone", spelling).await, member, "{spelling}");
    }
    // By what another source has verified it is the same member, and that name leads there too.
    let second = world.presents("app", "u-9", &["phone 13800138000!", "email Mei@Example.com"]).await;
    assert_eq!((&second["member"], &second["enrolled"]), (&first["member"], &json!(false)));
    assert_eq!((&second["matched_by"], &second["linked"]), (&json!("phone"), &json!(["email"])));
    assert_eq!(world.finds("external:app", "u-9").await, member);
    assert_eq!(world.finds("email", "mei@example.com").await, member);
    // Said again it is no news but for the verification.
    world.presents("crm", "c-1", &[]).await;
    let before = tables::members(&world.platform).await;
    assert_eq!(world.presents("crm", "c-1", &[]).await["version"], 2);
    assert_eq!(tables::members(&world.platform).await, before, "nothing is written");
}

// rule: members 8, 9
#[tokio::test]
async fn who_presents_what_is_anothers_gets_it_or_not_and_a_person_decides() {
    let world = World::new().await;
    let first = world.presents("shop", "s-1", &["phone 13800138000", "email mei@example.com"]).await;
    let second = world.presents("crm", "c-2", &["phone 13800138000!"]).await;
    assert_eq!((&second["enrolled"], &second["linked"]), (&json!(true), &json!(["phone"])), "it was not verified");
    assert_eq!(second["conflicts"].as_array().unwrap().len(), 1);
    assert_eq!(world.finds("phone", "13800138000").await, second["member"].as_str().unwrap());
    assert_eq!(world.finds("email", "mei@example.com").await, first["member"].as_str().unwrap());
    let third = world.presents("shop", "s-3", &["phone 13800138000"]).await;
    assert_eq!((&third["linked"], third["conflicts"].as_array().unwrap().len()), (&json!([]), 1), "it stays");
    assert_eq!(world.finds("phone", "13800138000").await, second["member"].as_str().unwrap());
    let again = world.presents("shop", "s-3", &["phone 13800138000"]).await;
    assert_eq!((&again["member"], &again["enrolled"]), (&third["member"], &json!(false)));
}

/// 64 callers present one number at the same time: how many members there are, who holds it, and what all were told.
async fn race(world: &World, number: &str, verified: bool) -> (BTreeMap<String, usize>, usize) {
    let mark = if verified { "!" } else { "" };
    let mut callers = JoinSet::new();
    for caller in 0..64 {
        let (crm, identifier) = (crm(world), format!("phone {number}{mark}"));
        let body = known_as("crm", &format!("{number}-{caller}"), &[&identifier]);
        callers.spawn(async move {
            loop {
                let answer = crm.post("/v1/members", &body).await;
                if !["busy", "unavailable"].iter().any(|code| answer.body["code"] == *code) {
                    return answer.body;
                }
            }
        });
    }
    let mut members: BTreeMap<String, usize> = BTreeMap::new();
    let mut linked = 0;
    for answer in callers.join_all().await {
        let member = answer["member"].as_str().unwrap_or_else(|| panic!("{answer}"));
        *members.entry(member.to_owned()).or_default() += 1;
        linked += answer["linked"].as_array().unwrap().len();
    }
    (members, linked)
}

// rule: members 6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_callers_with_one_number_one_makes_the_member() {
    let world = World::new().await;
    let (members, linked) = race(&world, "13800138000", true).await;
    assert_eq!((members.len(), linked), (1, 1), "{members:?}");
    assert_eq!(members.keys().next(), Some(&world.finds("phone", "13800138000").await));
    // Not verified it says nothing of who somebody is: each is a member of its own, and one holds it.
    let (members, linked) = race(&world, "13900139000", false).await;
    assert_eq!((members.len(), linked), (64, 1), "{members:?}");
    assert!(members.contains_key(&world.finds("phone", "13900139000").await));
    let conflicts = tables::jobs(&world.platform).await;
    assert_eq!(conflicts.iter().filter(|line| line.contains("conflict#")).count(), 63, "one for each other");
}

// rule: members 6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn of_64_callers_a_thousand_times_one_makes_the_member() {
    let world = World::new().await;
    for round in 0..1_000 {
        let (members, linked) = race(&world, &format!("138{round:08}"), true).await;
        assert_eq!((members.len(), linked), (1, 1), "round {round}: {members:?}");
        let (members, linked) = race(&world, &format!("139{round:08}"), false).await;
        assert_eq!((members.len(), linked), (64, 1), "round {round}: {members:?}");
    }
    let conflicts = tables::jobs(&world.platform).await;
    assert_eq!(conflicts.iter().filter(|line| line.contains("conflict#")).count(), 63 * 1_000, "one for each other");
}

#[tokio::test]
async fn what_is_no_identifier_is_refused_with_its_place_and_nothing_is_done() {
    let world = World::new().await;
    for (identifier, code) in [
        ("phone 1-800-FLOWERS", "phone_has_letters"),
        ("phone 13800138000/13900139000", "several_numbers"),
        ("phone 12", "not_a_phone"),
        ("phone 400 100 1000", "not_a_personal_number"),
        ("email mei@@example.com", "not_an_email"),
        ("card 12", "not_a_card"),
        ("wecom xx12345", "not_a_wecom_id"),
    ] {
        let body = known_as("crm", "c-1", &["email mei@example.com", identifier]);
        let refused = crm(&world).post("/v1/members", &body).await.refused(422, code);
        assert_eq!(refused["pointer"], "/identifiers/1/value", "{identifier}");
    }
    for (body, pointer) in [
        (
            json!({"source": "crm", "external_id": "c", "identifiers": [{"kind": "fax", "value": "1"}]}),
            "/identifiers/0/kind",
        ),
        (json!({"source": "crm"}), "/external_id"),
        (json!({"external_id": "c"}), "/source"),
        (json!({"source": "crm", "external_id": "c", "nickname": "Mei"}), "/nickname"),
        (
            json!({"source": "crm", "external_id": "c", "identifiers": vec![json!({"kind": "phone", "value": "1"}); 21]}),
            "/identifiers",
        ),
    ] {
        assert_eq!(crm(&world).post("/v1/members", &body).await.refused(422, "invalid_field")["pointer"], pointer);
    }
    let unknown = crm(&world).post("/v1/members", &known_as("fax", "1", &[])).await.refused(422, "undeclared_source");
    assert_eq!((&unknown["pointer"], &unknown["known"][0]), (&json!("/source"), &json!("shop")));
    crm(&world).post("/v1/members", &known_as("desk", "1", &[])).await.refused(422, "not_sent_by_source");
    let nobody = json!({"identifier": {"kind": "phone", "value": "13800138000"}});
    crm(&world).post("/v1/members/lookups", &nobody).await.refused(404, "unknown_member");
    assert_eq!(tables::members(&world.platform).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_member_enrols_under_its_own_id_and_looks_nobody_up() {
    let world = World::new().await;
    let mut body = json!({"fields": {"name": "王小美"}, "consents": [{"purpose": "marketing", "channel": "sms", "said": "given", "version": 1}]});
    let missing = world.member("m-mei").post("/v1/members", &body).await.refused(422, "notice_missing");
    assert_eq!((&missing["pointer"], &missing["in_force"]), (&json!("/notice"), &json!(1)));
    body["notice"] = json!(1);
    let enrolled = world.member("m-mei").post("/v1/members", &body).await;
    assert_eq!((enrolled.status, &enrolled.body["member"]), (201, &json!("m-mei")));
    let again = world.member("m-mei").post("/v1/members", &body).await;
    assert_eq!((again.status, &again.body["member"], &again.body["version"]), (200, &json!("m-mei"), &json!(1)));
    let refused = world.member("138-0013-8000").post("/v1/members", &body).await;
    refused.refused(422, "looks_like_a_phone");
    let asked = json!({"identifier": {"kind": "phone", "value": "13800138000"}});
    for (role, subject) in [(Role::Member, "m-mei"), (Role::Auditor, "eve")] {
        world.caller(role, subject).post("/v1/members/lookups", &asked).await.refused(403, "forbidden");
    }
    world.auditor().post("/v1/members", &known_as("crm", "1", &[])).await.refused(403, "forbidden");
}
