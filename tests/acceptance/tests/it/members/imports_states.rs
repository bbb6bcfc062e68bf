//! Members as they stood where they come from: tags, since when, suspended, gone.

use serde_json::{Value, json};

use crate::members::crm;
use crate::members::imports::came;
use crate::members::imports_undo::back;
use crate::world::World;

const FILE: &str = "external_id,phone,name,state,joined_on,tags\n\
    k1,13800138000,王芳,active,2019-02-28,vip-care\n\
    k2,13900139000,李雷,suspended,,\n\
    k3,13700137000,韩梅梅,closed,2020-01-01,\n\
    k4,13600136000,魏华,deceased,,\n";

impl World {
    async fn shown(&self, name: &str) -> Value {
        let member = self.finds("external:crm", name).await;
        crm(self).get(&format!("/v1/members/{member}")).await.ok()
    }
}

// rule: import 18, 27b
#[tokio::test]
async fn members_stand_where_they_stood_and_have_been_so_for_as_long() {
    let world = World::new().await;
    let looked = world.takes(json!({"dry_run": false}), "external_id,name\nk2,李雷\n").await;
    assert_eq!(came(&looked), ("done", [1, 0, 0, 0]));
    let first = world.takes(json!({}), FILE).await;
    assert_eq!(came(&first), ("done", [4, 0, 0, 0]));
    let wang = world.shown("k1").await;
    let said = ["state", "joined_on"].map(|name| wang[name].clone());
    assert_eq!((said, &wang["tags"]), ([json!("active"), json!("2019-02-28")], &json!({"vip-care": "2026-08-28"})));
    let (li, han, wei) = (world.shown("k2").await, world.shown("k3").await, world.shown("k4").await);
    assert_eq!((&li["state"], &han["state"], &wei["state"]), (&json!("suspended"), &json!("closed"), &json!("closed")));
    assert_eq!((&han["deceased"], &wei["deceased"]), (&Value::Null, &json!(true)));
    // The account knows it, and who has said so.
    let member = li["member"].as_str().unwrap();
    let line = world.ledger(member).await.remove(0);
    let told = ["kind", "state", "reason", "by"].map(|name| line[name].clone());
    assert_eq!(told, [json!("standing"), json!("suspended"), json!("brought over"), json!("partner:crm")]);
    assert_eq!(world.earns_100(member, "one").await.status, 200);
    assert_eq!(world.pockets(member).await, [0, 0, 0, 0], "what is earned waits");
    // Nobody is written to who has died: no code goes out, and others are told why.
    let path = format!("/v1/members/{}/identifiers/2/verifications", wei["member"].as_str().unwrap());
    crm(&world).post(&path, &json!({})).await.refused(422, "not_verifiable");

    // The same again is no news; and no file lifts what it finds.
    let again = FILE.replace("k2,13900139000,李雷,suspended", "k2,13900139000,李雷,active");
    let again = world.takes(json!({}), &again).await;
    assert_eq!(came(&again), ("done", [0, 4, 0, 1]), "{again}");
    assert_eq!(world.faults(&again).await, ["3 state state_stays"]);
    assert_eq!(world.shown("k2").await["state"], "suspended");
    let died = world.takes(json!({}), "external_id,state\nk3,deceased\n").await;
    assert_eq!((came(&died), &world.shown("k3").await["deceased"]), (("done", [1, 0, 0, 0]), &json!(true)));
}

// rule: import 27, 27b
#[tokio::test]
async fn where_a_member_stands_is_not_taken_back_but_who_was_enrolled_so_is_erased() {
    let world = World::new().await;
    world.takes(json!({}), "external_id,name\nk2,李雷\nk3,韩梅梅\n").await;
    let wrong = world.takes(json!({}), FILE).await;
    let looked = world.undoes(&wrong, true).await;
    let undone = world.undoes(&wrong, false).await;
    assert_eq!((back(&looked), back(&undone)), (("looked", [0, 2, 0, 2]), ("undone", [0, 2, 0, 2])));
    assert_eq!(world.stays(&undone).await, ["3 state state_stays", "4 state state_stays"]);
    assert_eq!(
        (&world.shown("k2").await["state"], &world.shown("k3").await["state"]),
        (&json!("suspended"), &json!("closed"))
    );
    assert_eq!(world.shown("k3").await["joined_on"], Value::Null, "the rest is as it was");
    let nobody = json!({"identifier": {"kind": "phone", "value": "13600136000"}});
    assert_eq!(crm(&world).post("/v1/members/lookups", &nobody).await.status, 404);
}
