//! A whole programme moves in: on a day, revalued, good for a while at least, and once more if it was wrong.

use serde_json::json;

use crate::members::crm;
use crate::members::imports::came;
use crate::members::imports_openings::moved_in;
use crate::proof::audit;
use crate::world::{at, order};

const LOTS: &str = "external_id,points,expires_on\nc1,1005,2026-03-31\nc1,500,2026-12-31\nc2,9,2026-12-31\nc3,-45,\n";

// rule: import 27a, 27e
#[tokio::test]
async fn points_are_revalued_and_good_for_longer_and_a_second_file_takes_the_place_of_the_first() {
    let world = moved_in().await;
    let asked = |factor: &str| {
        json!({
            "kind": "lots", "as_of": "2026-03-01T00:00:00+08:00", "min_validity_days": 90, "factor": factor,
            "expect": {"points": if factor == "1/10" { 148 } else { 763 }},
        })
    };
    let first = world.brings(&asked("1/10"), LOTS).await;
    assert_eq!(came(&first), ("done", [4, 0, 0, 0]), "{first}");
    assert_eq!((&first["result"]["points"], &first["result"]["lengthened"]), (&json!(148), &json!(1)));
    let (wang, li, han) = (world.called("c1").await, world.called("c2").await, world.called("c3").await);
    assert_eq!(world.pockets(&wang).await, [151, 0, 0, 0]);
    assert_eq!((world.pockets(&li).await, world.pockets(&han).await), ([1, 0, 0, 0], [0, 0, 0, 4]));
    // 90 days after 1 March is 30 May.
    assert_eq!(world.pockets_at(&wang, "2026-05-30T23:59:59+08:00").await, [151, 0, 0, 0]);
    assert_eq!(world.pockets_at(&wang, "2026-05-31T00:00:00+08:00").await, [50, 0, 0, 0]);
    // The same file worth something else is another import, and takes the place of the first while nobody has done anything.
    assert_eq!(world.earns_100(&li, "one").await.status, 200);
    let second = world.brings(&asked("1/2"), LOTS).await;
    assert_eq!(
        second["refused"]["code"], "total_differs",
        "who has done something here keeps what came first: {second}"
    );
    let mut asked = asked("1/2");
    asked.as_object_mut().unwrap().remove("expect");
    let second = world.brings(&asked, LOTS).await;
    assert_eq!(
        (came(&second), world.faults(&second).await),
        (("done", [3, 0, 1, 0]), vec!["4 external_id opening_exists".to_owned()])
    );
    assert_eq!((world.pockets(&wang).await, world.pockets(&han).await), ([753, 0, 0, 0], [0, 0, 0, 22]));
    // As it was said first: without a cutover nothing takes the place of anything.
    asked["factor"] = json!("1/10");
    for name in ["as_of", "min_validity_days"] {
        asked.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(came(&world.brings(&asked, LOTS).await), ("done", [0, 1, 3, 0]));
}

// rule: import 27a
#[tokio::test]
async fn a_cutover_is_said_so_that_it_can_be_kept() {
    let world = moved_in().await;
    for (more, field) in [
        (json!({"factor": "0"}), "/factor"),
        (json!({"factor": "0.1"}), "/factor"),
        (json!({"as_of": "2026-03-02T00:00:00+08:00"}), "/as_of"),
        (json!({"min_validity_days": 90}), "/min_validity_days"),
    ] {
        let mut body = json!({"kind": "lots", "source": "crm"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = crm(&world).post("/v1/imports", &body).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], field, "{refused}");
    }
}

// rule: import 27c
#[tokio::test]
async fn status_points_of_the_running_period_come_as_one_number() {
    let world = moved_in().await;
    let file = "external_id,points,month,period_from\nc1,4800,,2025-08-20\nc2,1200,2026-01,2025-08-20\nc3,10,,\n";
    let done = world.brings(&json!({"kind": "status"}), file).await;
    assert_eq!((came(&done), &done["result"]["points"]), (("done", [1, 0, 2, 0]), &json!(4_800)));
    assert_eq!(world.faults(&done).await, ["3 period_from two_dates", "4 month missing_value"]);
    let wang = world.called("c1").await;
    let tier = world.auditor().get(&format!("/v1/members/{wang}/tier")).await.ok();
    assert_eq!(tier["tier"], "silver", "{tier}");
}

// rule: import 27e
#[tokio::test]
async fn what_happened_before_the_cutover_came_along_and_is_not_told_again() {
    let world = moved_in().await;
    let asked = json!({"kind": "lots", "as_of": "2026-02-20T00:00:00+08:00"});
    let done = world.brings(&asked, "external_id,points,expires_on\nc1,100,2026-12-31\n").await;
    assert_eq!(came(&done), ("done", [1, 0, 0, 0]));
    let (wang, li) = (world.called("c1").await, world.called("c2").await);
    let (before, since) = (at("2026-02-19T23:59:59+08:00"), at("2026-02-20T00:00:00+08:00"));
    let refused = world.shop().post("/v1/activities", &order("o-1", &wang, 5_000, before)).await;
    let refused = refused.refused(422, "before_cutover");
    assert_eq!(
        (&refused["pointer"], &refused["as_of"]),
        (&json!("/time"), &json!("2026-02-19T16:00:00Z")),
        "{refused}"
    );
    let quoted = world.shop().post("/v1/quotes", &json!({"activity": order("o-1", &wang, 5_000, before)})).await;
    quoted.refused(422, "before_cutover");
    world.admin("ada").post("/v1/activities", &order("o-1", &wang, 5_000, before)).await.refused(422, "before_cutover");
    assert_eq!(world.pockets(&wang).await, [100, 0, 0, 0]);
    world.shop().post("/v1/activities", &order("o-2", &wang, 5_000, since)).await.ok();
    world.shop().post("/v1/activities", &order("o-3", &li, 5_000, before)).await.ok();

    // Whoever stands for the member was elsewhere as long.
    let absorb = json!({"absorb": wang, "reason": "one person after all"});
    world.admin("ada").keyed("merge", &format!("/v1/members/{li}/merge"), &absorb).await.ok();
    world.shop().post("/v1/activities", &order("o-4", &li, 5_000, before)).await.refused(422, "before_cutover");
    world.shop().post("/v1/activities", &order("o-3", &li, 5_000, before)).await.again();
    let apart = json!({"absorbed": wang, "reason": "two people after all"});
    world.admin("ada").keyed("unmerge", &format!("/v1/members/{li}/unmerge"), &apart).await.ok();
    world.shop().post("/v1/activities", &order("o-5", &li, 5_000, before)).await.ok();
    world.shop().post("/v1/activities", &order("o-6", &wang, 5_000, before)).await.refused(422, "before_cutover");
    audit(&world, &wang).await;
    audit(&world, &li).await;
}

// rule: import 27e
#[tokio::test]
async fn with_what_is_taken_back_goes_the_cutover() {
    let world = moved_in().await;
    let asked = json!({"kind": "lots", "as_of": "2026-02-20T00:00:00+08:00"});
    let done = world.brings(&asked, "external_id,points,expires_on\nc1,100,2026-12-31\n").await;
    let wang = world.called("c1").await;
    let before = at("2026-02-19T12:00:00+08:00");
    world.shop().post("/v1/activities", &order("o-1", &wang, 5_000, before)).await.refused(422, "before_cutover");
    for dry_run in [true, false] {
        world.undoes(&done, dry_run).await;
    }
    world.shop().post("/v1/activities", &order("o-1", &wang, 5_000, before)).await.ok();
    audit(&world, &wang).await;
}
