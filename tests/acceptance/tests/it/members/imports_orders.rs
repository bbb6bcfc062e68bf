//! What members had bought before they moved here.

use serde_json::{Value, json};

use crate::members::imports::came;
use crate::proof::audit;
use crate::world::World;

// rule: import 27d
#[tokio::test]
async fn past_behaviours_are_recorded_and_earn_nothing() {
    let world = World::new().await;
    assert_eq!(
        came(&world.takes_in(&of_tills("members"), b"external_id,name\nc1,Ann\n").await),
        ("done", [1, 0, 0, 0])
    );
    let file = "external_id,activity,id,occurred_at\nc1,ugc.featured,u-1,2025-12-24 20:15\nc1,ugc.featured,u-1,2025-12-24\n\
        c1,ugc.unheard,u-2,2025-12-24\nc1,order.paid,u-3,2025-12-24\nc1,ugc.featured,u-4,2026-03-01\nc1,ugc.featured,,\n";
    let done = world.takes_in(&of_tills("activities"), file.as_bytes()).await;
    assert_eq!(came(&done), ("done", [1, 0, 5, 0]));
    let faults = [
        "3 id duplicate_in_file",
        "4 id unknown_activity",
        "5 activity invalid_value",
        "6 occurred_at after_cutover",
        "7 id missing_value",
        "7 occurred_at missing_value",
    ];
    assert_eq!(world.faults(&done).await, faults);
    let ann = world.finds("external:pos", "c1").await;
    assert_eq!(world.pockets(&ann).await, [0, 0, 0, 0]);
    let scored = world.auditor().get(&format!("/v1/members/{ann}/segment")).await.ok();
    assert!(scored["measures"]["influence"].as_i64().unwrap() > 0, "{scored}");
    let again = world.takes_in(&of_tills("activities"), &file.as_bytes()[..file.find("u-2").unwrap() - 16]).await;
    assert_eq!(again["result"]["unchanged"], 1, "{again}");
    audit(&world, &ann).await;
}

/// What the tills know of members.
fn of_tills(kind: &str) -> Value {
    json!({"kind": kind, "source": "pos", "as_of": "2026-03-01T00:00:00+08:00"})
}

const ORDERS: &str = "external_id,order_id,paid_at,amount,earned_points,expires_on\n\
    c1,A-1,2026-02-20 10:30,99.99,100,2026-12-31\n\
    c1,A-2,2025-05-01,250,,\n\
    c2,A-3,2025-11-11T23:00:00+08:00,10.00,10,\n\
    c2,A-1,2026-02-20,1,,\n\
    c2,A-4,2026-03-01,1,,\n\
    c2,A-5,2026-02-01,-1,-1,never\n\
    c9,A-6,2026-02-01,1,,\n\
    c2,A-7,2026-02-01,1,,2026-12-31\n";

// rule: import 27d
#[tokio::test]
async fn past_orders_are_recorded_earn_nothing_and_take_back_what_they_had_earned() {
    let world = World::new().await;
    let members = "external_id,name\nc1,王芳\nc2,李雷\n";
    assert_eq!(came(&world.takes_in(&of_tills("members"), members.as_bytes()).await), ("done", [2, 0, 0, 0]));
    let lots = "external_id,points,expires_on\nc1,300,2026-12-31\n";
    assert_eq!(came(&world.takes_in(&of_tills("lots"), lots.as_bytes()).await), ("done", [1, 0, 0, 0]));
    let done = world.takes_in(&of_tills("orders"), ORDERS.as_bytes()).await;
    assert_eq!(came(&done), ("done", [3, 0, 5, 0]));
    let faults = [
        "5 order_id duplicate_in_file",
        "6 paid_at after_cutover",
        "7 amount out_of_range",
        "7 earned_points out_of_range",
        "8 external_id unknown_member",
        "9 earned_points missing_value",
    ];
    assert_eq!(world.faults(&done).await, faults);
    let (wang, li) = (world.finds("external:pos", "c1").await, world.finds("external:pos", "c2").await);
    assert_eq!((world.pockets(&wang).await, world.pockets(&li).await), ([300, 0, 0, 0], [0, 0, 0, 0]));
    // Scores count them; the same again, in another file, changes nothing, and something else is another order.
    let scored = world.auditor().get(&format!("/v1/members/{wang}/segment")).await.ok();
    assert_eq!(scored["measures"]["orders"], 2, "{scored}");
    let again = ORDERS.replace("\nc2,A-3", "\n\nc2,A-3").replace("250", "251");
    let again = world.takes_in(&of_tills("orders"), again.as_bytes()).await;
    assert_eq!(came(&again), ("done", [0, 2, 6, 0]));
    assert_eq!(world.faults(&again).await[0], "3 order_id conflicting_duplicate");
    world.pays(&wang, "A-1", 9_999).await.refused(409, "conflicting_duplicate");

    // A return takes its share of what was brought over, the last one the rest.
    let mut taken = Vec::new();
    for id in ["r-1", "r-2", "r-3"] {
        taken.push(world.refunds("A-1", id, &wang, 3_333).await.ok()["taken"].clone());
    }
    assert_eq!((taken, world.pockets(&wang).await), (vec![json!(33), json!(33), json!(34)], [200, 0, 0, 0]));
    assert_eq!(world.refunds("A-2", "r-4", &wang, 25_000).await.ok()["taken"], 0);
    audit(&world, &wang).await;
}

/// An import of a partner is undone by who administers.
async fn undone(world: &World, import: &Value) -> Value {
    let id = import["import"].as_str().unwrap();
    for dry_run in [true, false] {
        let path = format!("/v1/imports/{id}/undo");
        world.admin("ada").post(&path, &json!({ "dry_run": dry_run })).await.ok();
        world.platform.rest().await.unwrap();
    }
    world.admin("ada").get(&format!("/v1/imports/{id}")).await.ok()["undo"].clone()
}

// rule: import 27, 27d
#[tokio::test]
async fn past_orders_and_behaviours_are_undone_where_nothing_goes_by_them() {
    let world = World::new().await;
    world.takes_in(&of_tills("members"), "external_id,name\nc1,王芳\nc2,李雷\n".as_bytes()).await;
    let first = world
        .takes_in(&of_tills("orders"), "external_id,order_id,paid_at,amount\nc1,A-0,2026-01-05,10\n".as_bytes())
        .await;
    assert_eq!(came(&first), ("done", [1, 0, 0, 0]));
    world.time_passes(jiff::SignedDuration::from_mins(1)).await;
    let orders = "external_id,order_id,paid_at,amount,earned_points\nc1,A-0,2026-01-05,10,\nc1,A-1,2026-02-20,99.99,\n\
        c2,A-2,2026-02-01,50,\nc2,A-2,2026-02-01,51,\nc2,A-3,2026-02-02,70,\n";
    let done = world.takes_in(&of_tills("orders"), orders.as_bytes()).await;
    assert_eq!(came(&done), ("done", [3, 1, 1, 0]));
    let (wang, li) = (world.finds("external:pos", "c1").await, world.finds("external:pos", "c2").await);
    world.refunds("A-3", "r-1", &li, 1_000).await.ok();
    let undo = undone(&world, &done).await;
    assert_eq!(crate::members::imports_undo::back(&undo), ("undone", [0, 0, 2, 1]), "{undo}");
    assert_eq!(world.stays(&undo).await, ["6 order_id past_in_use"]);
    let orders_of = async |member: &str| {
        world.auditor().get(&format!("/v1/members/{member}/segment")).await.ok()["measures"]["orders"].clone()
    };
    assert_eq!((orders_of(&wang).await, orders_of(&li).await), (json!(1), json!(1)), "A-0 is another import's");
    // A repaired file brings it back, and so may the shop.
    let repaired = orders.replace("99.99", "89.99").replace("c2,A-2,2026-02-01,51,\n", "");
    let again = world.takes_in(&of_tills("orders"), repaired.as_bytes()).await;
    assert_eq!(came(&again), ("done", [2, 2, 0, 0]), "{again}");
    assert_eq!(orders_of(&wang).await, 2);

    let acts = "external_id,activity,id,occurred_at\nc1,ugc.featured,u-1,2025-12-24\n";
    let done = world.takes_in(&of_tills("activities"), acts.as_bytes()).await;
    let influence = async || {
        world.auditor().get(&format!("/v1/members/{wang}/segment")).await.ok()["measures"]["influence"]
            .as_i64()
            .unwrap()
    };
    assert!(influence().await > 0);
    assert_eq!(crate::members::imports_undo::back(&undone(&world, &done).await), ("undone", [0, 0, 1, 0]));
    assert_eq!(influence().await, 0);
    assert_eq!(came(&world.takes_in(&of_tills("activities"), acts.as_bytes()).await), ("done", [1, 0, 0, 0]));
    for member in [&wang, &li] {
        audit(&world, member).await;
    }
}
