//! What came over is in the ledger, line by line; and what else is known of who came.

use serde_json::{Value, json};

use crate::members::imports::came;
use crate::members::imports_openings::moved_in;
use crate::members::{crm, imports_undo::back};
use crate::world::World;

/// Each line of a proof: by what, of which, members and points of the file, and of the ledger.
fn lines(import: &Value) -> Vec<String> {
    let side = |line: &Value, of: &str| format!("{} {}", line[of]["members"], line[of]["points"]);
    let said = import["proof"]["lines"].as_array().unwrap().iter();
    said.map(|line| {
        let (by, of) = (line["by"].as_str().unwrap(), line["of"].as_str().unwrap());
        format!("{by} {of}: {} = {}", side(line, "file"), side(line, "ledger"))
    })
    .collect()
}

// rule: import 27f
#[tokio::test]
async fn sums_of_the_file_stand_beside_those_of_the_ledger() {
    let world = moved_in().await;
    let lots = "external_id,points,earned_on,expires_on\nc1,100,2026-01-10,2026-12-31\nc1,50,2026-02-10,2027-01-31\n\
        c2,70,2025-12-01,2026-12-15\nc3,9,,never\nc9,1,,never\n";
    let looked = world.brings(&json!({"kind": "lots", "dry_run": true}), lots).await;
    assert_eq!(looked["proof"], json!(null), "nothing is written yet");
    let done = world.brings(&json!({"kind": "lots"}), lots).await;
    assert_eq!(came(&done), ("done", [4, 0, 1, 0]));
    let expected =
        ["expiry_month 2026-12: 2 170 = 2 170", "expiry_month 2027-01: 1 50 = 1 50", "expiry_month never: 1 9 = 1 9"];
    assert_eq!((lines(&done), &done["proof"]["agrees"]), (expected.map(str::to_owned).to_vec(), &json!(true)));
    let hashes = ["sha256", "file"].map(|name| done["proof"][name].as_str().unwrap().len());
    assert_eq!(hashes, [64, 64], "{done}");
    // The same again is in the ledger already, whatever has become of it since.
    let wang = world.called("c1").await;
    assert_eq!(world.redeems(&wang, "drink", "k-1").await.status, 200);
    let again = world.brings(&json!({"kind": "lots"}), &format!("{lots}\n")).await;
    assert_eq!((lines(&again), came(&again)), (lines(&done), ("done", [0, 4, 1, 0])));
    assert_ne!(again["proof"]["sha256"], done["proof"]["sha256"], "it is of another import and file");
    let statement = world.ledger(&wang).await;
    assert!(
        statement.iter().any(|entry| entry["line"] == "Brought over from Customer relations, 2 lots"),
        "{statement:?}"
    );
    let tiers = "external_id,tier,since,until\nc1,gold,2025-05-01,2026-04-30\nc2,silver,2025-05-01,2026-04-30\n";
    let tiers = world.brings(&json!({"kind": "tiers"}), tiers).await;
    assert_eq!(lines(&tiers), ["tier gold: 1 0 = 1 0", "tier silver: 1 0 = 1 0"]);
    let status = "external_id,month,points\nc1,2026-01,300\nc2,2026-01,20\nc2,2026-02,5\n";
    let status = world.brings(&json!({"kind": "status"}), status).await;
    assert_eq!(lines(&status), ["status_month 2026-01: 2 320 = 2 320", "status_month 2026-02: 1 5 = 1 5"]);
}

// rule: import 27f
#[tokio::test]
async fn where_members_stand_is_proved_too() {
    let world = World::new().await;
    let members =
        "external_id,name,state\nc1,王芳,\nc2,李雷,suspended\nc3,韩梅梅,closed\nc4,卫华,deceased\nc5,Ann,active\n";
    let done = world.takes_in(&json!({}), members.as_bytes()).await;
    let expected = [
        "state active: 1 0 = 1 0",
        "state closed: 1 0 = 1 0",
        "state deceased: 1 0 = 1 0",
        "state suspended: 1 0 = 1 0",
    ];
    assert_eq!(lines(&done), expected, "of whom the file says it");
    // A file lifts nothing, and that shows.
    let lifted = world.takes_in(&json!({}), b"external_id,state\nc2,active\n").await;
    assert_eq!(lines(&lifted), ["state active: 1 0 = 0 0", "state suspended: 0 0 = 1 0"]);
    assert_eq!(lifted["proof"]["agrees"], false);
}

// rule: import 27c
#[tokio::test]
async fn what_was_earned_elsewhere_in_all_is_shown_with_the_tier() {
    let world = moved_in().await;
    let file = "external_id,month,points,lifetime_points\nc1,2026-01,300,12000\nc1,2026-02,20,\nc2,,,7000\nc3,2026-01,10,5\nc3,2026-02,10,6\n";
    let done = world.brings(&json!({"kind": "status"}), file).await;
    assert_eq!(came(&done), ("done", [3, 0, 2, 0]), "{done}");
    assert_eq!(world.faults(&done).await, ["5 external_id sibling_refused", "6 lifetime_points duplicate_in_file"]);
    let shown = async |name: &str| {
        let member = world.called(name).await;
        let tier = world.auditor().get(&format!("/v1/members/{member}/tier")).await;
        tier.body["lifetime_points"].clone()
    };
    assert_eq!([shown("c1").await, shown("c2").await, shown("c3").await], [json!(12_000), json!(7_000), json!(null)]);
    assert_eq!(came(&world.brings(&json!({"kind": "status"}), &format!("{file}\n")).await), ("done", [0, 3, 2, 0]));
    let other = world.brings(&json!({"kind": "status"}), &file.replace("7000", "7001")).await;
    assert_eq!(other["result"]["by_code"]["opening_exists"], 1, "{other}");
    world.undoes(&done, true).await;
    assert_eq!(back(&world.undoes(&done, false).await), ("undone", [0, 0, 3, 0]));
    assert_eq!(shown("c1").await, json!(null));
}

// rule: import 27b
#[tokio::test]
async fn who_was_a_member_elsewhere_for_years_is_not_new_here() {
    let world = World::new().await;
    let members = "external_id,name,joined_on\nc1,王芳,2019-05-01\nc2,李雷,\n";
    world.takes_in(&json!({}), members.as_bytes()).await;
    world.brings(&json!({"kind": "lots"}), "external_id,points,expires_on\nc1,100,never\nc2,100,never\n").await;
    for (name, is_new) in [("c1", false), ("c2", true)] {
        let member = world.called(name).await;
        world.earns_100(&member, name).await.ok();
        let segment = world.auditor().get(&format!("/v1/members/{member}/segment")).await.ok();
        assert_eq!(segment["segment"] == "new", is_new, "{name}: {segment}");
    }
    let seen = crm(&world).get(&format!("/v1/members/{}", world.called("c1").await)).await.ok();
    assert_eq!(seen["joined_on"], "2019-05-01");
}
