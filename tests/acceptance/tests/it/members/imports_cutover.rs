//! A whole programme moves in: on a day, revalued, good for a while at least, and once more if it was wrong.

use serde_json::json;

use crate::members::crm;
use crate::members::imports::came;
use crate::members::imports_openings::moved_in;

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
