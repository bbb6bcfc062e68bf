//! Two members are one person, and two again, for everybody who asks.

use operator::export;
use sam::Role;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::{AT_ONCE, Answer, Caller, World};

impl Caller {
    async fn merges(&self, survivor: &str, absorb: &str, key: &str) -> Answer {
        let body = json!({"absorb": absorb, "reason": "one person, as the member says"});
        self.keyed(key, &format!("/v1/members/{survivor}/merge"), &body).await
    }

    async fn unmerges(&self, survivor: &str, absorbed: &str, key: &str) -> Answer {
        let body = json!({"absorbed": absorbed, "reason": "two people after all"});
        self.keyed(key, &format!("/v1/members/{survivor}/unmerge"), &body).await
    }
}

impl World {
    /// Both accounts and everything else in the ledger prove themselves.
    pub(crate) async fn proves_itself(&self) {
        let directory = tempfile::tempdir().unwrap();
        export::write(&self.store(), directory.path()).await.unwrap();
        assert_eq!(export::verify(directory.path(), None).unwrap().differences, [""; 0]);
    }
}

/// Two members with an order each.
async fn two(world: &World) -> (String, String) {
    let (mei, other) = (world.somebody("c-1").await, world.somebody("c-2").await);
    world.pays(&mei, "o-1", 10_000).await.ok();
    world.pays(&other, "o-2", 20_000).await.ok();
    (mei, other)
}

// rule: members 18, 20
#[tokio::test]
async fn whatever_names_the_absorbed_serves_the_survivor() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, other) = two(&world).await;
    world.presents("crm", "c-2", &["phone 13900139000!"]).await;
    let ada = world.admin("ada");
    let merged = ada.merges(&mei, &other, "k-1").await.ok();
    assert_eq!((&merged["member"], &merged["merged_from"]), (&json!(mei), &json!(other)));
    assert_eq!(world.pockets(&mei).await, [300, 0, 0, 0]);
    assert_eq!(world.finds("phone", "13900139000").await, mei);
    let balance = world.auditor().get(&format!("/v1/members/{other}/balance")).await.ok();
    assert_eq!(
        (&balance["member"], &balance["merged_from"], &balance["active"]),
        (&json!(mei), &json!(other), &json!(300))
    );
    // What is reported and spent for the absorbed is the survivor's, once.
    let paid = world.pays(&other, "o-3", 5_000).await.ok();
    assert_eq!(paid["entry"]["id"], format!("{mei}.3"));
    assert_eq!(world.pays(&other, "o-3", 5_000).await.again()["entry"]["id"], paid["entry"]["id"]);
    let had = world.pays(&other, "o-2", 20_000).await.again();
    assert_eq!(had["entry"]["id"], format!("{other}.1"), "what had been recorded before is answered as it was");
    let drink = world.redeems(&other, "drink", "k-2").await.ok();
    assert_eq!((&drink["member"], &drink["merged_from"]), (&json!(mei), &json!(other)));
    assert_eq!(world.pockets(&mei).await, [250, 0, 0, 0]);
    // The same request again is answered as it was.
    assert_eq!(ada.merges(&mei, &other, "k-1").await.again()["merge"], merged["merge"]);
    world.proves_itself().await;
}

// rule: members 20
#[tokio::test]
async fn an_order_of_the_absorbed_is_refunded_at_the_survivor() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, other) = two(&world).await;
    world.admin("ada").merges(&mei, &other, "k-1").await.ok();
    let part = world.refunds("o-2", "r-1", &other, 5_000).await.ok();
    assert_eq!((&part["taken"], world.pockets(&mei).await), (&json!(50), [250, 0, 0, 0]));
    let rest = world.refunds("o-2", "r-2", &mei, 15_000).await.ok();
    assert_eq!((&rest["taken"], world.pockets(&mei).await), (&json!(150), [100, 0, 0, 0]));
    world.refunds("o-2", "r-1", &other, 5_000).await.again();
    let more = world.refunds("o-2", "r-3", &mei, 5_000).await.ok();
    assert_eq!(more["taken"], 0, "nothing is left of it");
    world.proves_itself().await;
}

// rule: members 20
#[tokio::test]
async fn what_waited_for_something_of_the_absorbed_meets_it_at_the_survivor() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, other) = two(&world).await;
    assert_eq!(world.refunds("o-3", "r-1", &other, 4_000).await.ok()["parked"], true);
    assert_eq!(world.refunds("o-4", "r-2", "m-9", 4_000).await.ok()["parked"], true);
    world.admin("ada").merges(&mei, &other, "k-1").await.ok();
    assert_eq!(world.pays(&other, "o-3", 10_000).await.ok()["points"], 60, "what had come back does not earn");
    assert_eq!(world.pays(&mei, "o-4", 10_000).await.ok()["points"], 100, "what was said of somebody else lapses");
    // A refund that names the absorbed finds what was reported for the survivor.
    assert_eq!(world.refunds("o-4", "r-3", &other, 10_000).await.ok()["taken"], 100);
    world.proves_itself().await;
}

// rule: members 17
#[tokio::test]
async fn what_stands_against_a_merge_is_told_and_nothing_is_written() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, other) = two(&world).await;
    let hold = json!({"member": other, "order_id": "o-9", "order_net_minor": 40_000, "points": 100});
    world.member(&other).keyed("k-0", "/v1/holds", &hold).await.ok();
    let before = tables::everything(&world.platform).await;
    let ada = world.admin("ada");
    ada.merges(&mei, &mei, "k-1").await.refused(422, "same_member");
    ada.merges(&mei, "m-nobody", "k-2").await.refused(404, "unknown_member");
    let refused = ada.merges(&mei, &other, "k-3").await.refused(409, "open_holds");
    assert_eq!(refused["until"], "2026-03-01T02:15:00Z");
    for role in [Role::Member, Role::Partner, Role::Auditor] {
        world.caller(role, &mei).merges(&mei, &other, "k-4").await.refused(403, "forbidden");
    }
    world.caller(Role::Agent, &other).merges(&mei, &other, "k-5").await.refused(403, "self_benefit");
    assert_eq!(tables::everything(&world.platform).await, before);
    ada.stands(&mei, "closing", "k-6", "as asked").await.ok();
    let refused = ada.merges(&mei, &other, "k-7").await.refused(409, "not_mergeable");
    assert_eq!((&refused["member"], &refused["state"]), (&json!(mei), &json!("closed")));
}

// rule: members 17
#[tokio::test]
async fn a_merge_of_many_points_waits_for_a_second_person() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, other) = two(&world).await;
    world.pays(&other, "o-8", 80_100).await.ok();
    let ada = world.caller(Role::Agent, "ada");
    let asked = ada.merges(&mei, &other, "k-1").await;
    assert_eq!((asked.status, &asked.body["status"]), (202, &json!("pending_approval")));
    assert_eq!(ada.merges(&mei, &other, "k-1").await.status, 202, "the same request is answered as it was");
    ada.merges(&mei, &other, "k-2").await.refused(403, "same_approver");
    assert_eq!(world.pockets(&mei).await, [100, 0, 0, 0]);
    assert_eq!(world.admin("bob").merges(&mei, &other, "k-3").await.ok()["status"], "merged");
    assert_eq!(world.pockets(&mei).await, [1_101, 0, 0, 0]);
}

// rule: members 19
#[tokio::test]
async fn the_survivors_word_counts_and_what_it_lacks_comes_from_the_other() {
    let world = World::new().await;
    let says = |id: &str, fields: Value, consents: Value| {
        let mut body = known_as("crm", id, &[]);
        body["fields"] = fields;
        body["consents"] = consents;
        body
    };
    let email = |said: &str| json!([{"purpose": "marketing", "channel": "email", "said": said, "version": 1}]);
    let member =
        async |body: Value| crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    let mei = member(says("c-1", json!({"name": "王小美"}), email("given"))).await;
    let other = member(says("c-2", json!({"name": "小美", "gender": "female"}), email("withdrawn"))).await;
    let admin = world.admin("ada");
    let body = json!({"absorb": other, "reason": "one person"});
    let merged = admin.keyed("k-1", &format!("/v1/members/{mei}/merge"), &body).await.ok();
    assert_eq!(merged["fields"], json!(["gender"]));
    let seen = world.member(&mei).get(&format!("/v1/members/{mei}")).await.ok();
    assert_eq!(
        (&seen["fields"]["name"]["value"], &seen["fields"]["gender"]["value"]),
        (&json!("王小美"), &json!("female"))
    );
    let consents = world.member(&mei).get(&format!("/v1/members/{mei}/consents")).await.ok();
    assert!(consents.to_string().contains("withdrawn"), "{consents}");
    admin.unmerges(&mei, &other, "k-2").await.ok();
    let seen = world.member(&mei).get(&format!("/v1/members/{mei}")).await.ok();
    assert_eq!(seen["fields"].get("gender"), None, "what was copied goes with it");
    let seen = world.member(&other).get(&format!("/v1/members/{other}")).await.ok();
    assert_eq!((&seen["member"], &seen["state"]), (&json!(other), &json!("active")));
}

// rule: members 19, 20
#[tokio::test]
async fn suspended_if_either_is_and_the_account_says_so_too() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, other) = two(&world).await;
    let admin = world.admin("ada");
    admin.stands(&other, "suspension", "k-1", "a dispute").await.ok();
    assert_eq!(admin.merges(&mei, &other, "k-2").await.ok()["state"], "suspended");
    world.redeems(&mei, "drink", "k-3").await.refused(403, "member_not_active");
    admin.stands(&mei, "reactivation", "k-4", "settled").await.ok();
    world.redeems(&mei, "drink", "k-5").await.ok();
    world.proves_itself().await;
}

// rule: members 22, 23
#[tokio::test]
async fn a_merge_is_undone_in_time_and_the_newest_first() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, other) = two(&world).await;
    let third = world.somebody("c-3").await;
    let admin = world.admin("ada");
    admin.merges(&mei, &other, "k-1").await.ok();
    admin.merges(&mei, &other, "k-2").await.refused(409, "not_mergeable");
    admin.merges(&third, &mei, "k-3").await.ok();
    assert_eq!(world.pockets(&other).await, [300, 0, 0, 0], "through both of them");
    assert_eq!(world.redeems(&other, "drink", "k-4").await.ok()["member"], third.as_str());
    let refused = admin.unmerges(&mei, &other, "k-5").await.refused(409, "later_merge");
    assert_eq!(refused["member"], third.as_str());
    assert_eq!(admin.unmerges(&third, &mei, "k-6").await.ok()["not_returned"], 100, "the drink");
    assert_eq!(admin.unmerges(&mei, &other, "k-7").await.ok()["unmerged"], other.as_str());
    admin.unmerges(&mei, &other, "k-8").await.refused(404, "not_found");
    // The same requests again are answered as they were, and nothing is done.
    let before = tables::everything(&world.platform).await;
    assert_eq!(admin.unmerges(&mei, &other, "k-7").await.again()["unmerged"], other.as_str());
    assert_eq!(admin.unmerges(&third, &mei, "k-6").await.again()["not_returned"], 100);
    assert_eq!(admin.merges(&mei, &other, "k-1").await.again()["status"], "merged");
    assert_eq!(tables::everything(&world.platform).await, before);
    world.pays(&other, "o-7", 1_000).await.ok();
    world.proves_itself().await;
    admin.merges(&mei, &other, "k-9").await.ok();
    world.days_pass(90).await;
    let late = world.somebody("c-4").await;
    admin.merges(&mei, &late, "k-10").await.ok();
    world.days_pass(91).await;
    admin.unmerges(&mei, &late, "k-11").await.refused(409, "too_late");
}
