//! What was held for a booking in another programme is held here, under the same number.

use serde_json::json;

use crate::members::imports::came;
use crate::members::imports_openings::moved_in;
use crate::proof::audit;
use crate::world::order;

const LOTS: &str = "external_id,points,expires_on,held_for,held_until\nc1,300,2026-12-31,,\nc1,200,2026-12-31,B-1,2026-03-20\n\
    c1,100,2027-01-31,B-2,2026-03-05\nc2,50,2026-12-31,B-3,2026-03-20\n";

// rule: import 27a
#[tokio::test]
async fn a_hold_of_there_claims_its_order_and_is_captured_released_or_ended_by_time() {
    let world = moved_in().await;
    let asked = json!({"kind": "lots"});
    let done = world.brings(&asked, LOTS).await;
    assert_eq!(came(&done), ("done", [4, 0, 0, 0]), "{done}");
    let late = "external_id,points,expires_on,held_for,held_until\nc3,60,2026-12-31,B-1,2026-03-20\n";
    let late = world.brings(&asked, late).await;
    assert_eq!(world.faults(&late).await, ["2 external_id order_already_has_hold"]);
    let (wang, li, han) = (world.called("c1").await, world.called("c2").await, world.called("c3").await);
    assert_eq!(world.pockets(&wang).await, [300, 0, 300, 0]);
    assert_eq!(world.pockets(&li).await, [0, 0, 50, 0]);
    world.auditor().get(&format!("/v1/members/{han}/balance")).await.refused(404, "not_found");
    // Nobody else pays for that booking; who asks is told which hold it has.
    let hold = json!({"member": han, "order_id": "B-1", "order_net_minor": 50_000, "points": 100});
    let refused = world.shop().keyed("h", "/v1/holds", &hold).await.refused(409, "order_already_has_hold");
    assert_eq!(refused["hold"], format!("{wang}.2"));
    // The same file again changes nothing, whatever has become of the holds since.
    let captured = world.shop().post_nothing("/v1/orders/B-1/hold/capture").await.ok();
    assert_eq!((&captured["points"], &captured["value_minor"]), (&json!(200), &json!(200)), "{captured}");
    assert_eq!(world.shop().post_nothing("/v1/orders/B-1/hold/capture").await.again()["points"], 200);
    assert_eq!(came(&world.brings(&asked, &format!("{LOTS}\n")).await), ("done", [0, 4, 0, 0]));
    assert_eq!(world.pockets(&wang).await, [300, 0, 100, 0]);
    let mut paid = order("B-1", &wang, 5_000, world.now());
    paid["data"]["points_paid_minor"] = json!(200);
    let paid = world.shop().post("/v1/activities", &paid).await.ok();
    assert_eq!((&paid["points_paid_mismatch"], &paid["cap_exceeded"]), (&json!(null), &json!(null)), "{paid}");
    // B-2 ends by itself after its last day, B-3 is released.
    assert_eq!(world.pockets_at(&wang, "2026-03-05T23:59:59+08:00").await[2], 100);
    assert_eq!(world.pockets_at(&wang, "2026-03-06T00:00:00+08:00").await[2], 0);
    world.member(&li).post_nothing("/v1/orders/B-3/hold/release").await.ok();
    world.member(&li).post_nothing("/v1/orders/B-3/hold/release").await.again();
    world.shop().post_nothing("/v1/orders/B-3/hold/capture").await.refused(409, "hold_not_open");
    world.member(&li).post_nothing("/v1/orders/B-2/hold/release").await.refused(404, "not_found");
    assert_eq!(world.pockets(&li).await, [50, 0, 0, 0]);
    for member in [&wang, &li] {
        audit(&world, member).await;
    }
}

// rule: import 27a
#[tokio::test]
async fn what_is_held_goes_with_what_is_taken_back_unless_it_was_spent() {
    let world = moved_in().await;
    let done = world.brings(&json!({"kind": "lots"}), LOTS).await;
    let (wang, li) = (world.called("c1").await, world.called("c2").await);
    world.shop().post_nothing("/v1/orders/B-3/hold/capture").await.ok();
    world.undoes(&done, true).await;
    let undone = world.undoes(&done, false).await;
    assert_eq!(undone["by_code"], json!({"opening_spent": 1}), "{undone}");
    assert_eq!((world.pockets(&wang).await, world.pockets(&li).await), ([0, 0, 0, 0], [0, 0, 0, 0]));
    // The booking is free again.
    let hold = json!({"member": li, "order_id": "B-1", "order_net_minor": 50_000, "points": 100});
    world.shop().keyed("h", "/v1/holds", &hold).await.refused(409, "insufficient_points");
    audit(&world, &wang).await;
}

// rule: import 27a, 27e
#[tokio::test]
async fn a_second_file_takes_the_place_of_the_first_with_its_holds() {
    let world = moved_in().await;
    let asked = json!({"kind": "lots", "as_of": "2026-02-20T00:00:00+08:00"});
    world.brings(&asked, LOTS).await;
    let again = world.brings(&asked, &LOTS.replace("c1,200", "c1,150")).await;
    assert_eq!(came(&again), ("done", [3, 1, 0, 0]), "{again}");
    let wang = world.called("c1").await;
    assert_eq!(world.pockets(&wang).await, [300, 0, 250, 0]);
    audit(&world, &wang).await;
}
