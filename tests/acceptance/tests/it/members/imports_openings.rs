//! What members bring over from another programme, and tags by hand, as files.

use domain::members::import::{Counts, State};
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use serde_json::{Value, json};

use crate::members::crm;
use crate::members::imports::came;
use crate::world::World;

/// Three members of an old programme, who are members here.
pub(super) async fn moved_in() -> World {
    let world = World::new().await;
    let members = "external_id,name\nc1,王芳\nc2,李雷\nc3,韩梅梅\n";
    assert_eq!(came(&world.takes_in(&json!({}), members.as_bytes()).await), ("done", [3, 0, 0, 0]));
    world
}

impl World {
    pub(super) async fn brings(&self, more: &Value, file: &str) -> Value {
        self.takes_in(more, file.as_bytes()).await
    }

    pub(super) async fn called(&self, name: &str) -> String {
        self.finds("external:crm", name).await
    }

    /// Nothing has ever moved in the account of a member.
    async fn has_nothing(&self, member: &str) {
        self.auditor().get(&format!("/v1/members/{member}/balance")).await.refused(404, "not_found");
    }

    /// What the file of errors says: row, field and code of each line.
    pub(super) async fn faults(&self, import: &Value) -> Vec<String> {
        let path = format!("/v1/imports/{}/errors", import["import"].as_str().unwrap());
        let errors = crm(self).get(&path).await.ok();
        let text = reqwest::get(errors["url"].as_str().unwrap()).await.unwrap().text().await.unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        let row = lines[0].iter().position(|name| *name == "row").unwrap();
        lines[1..].iter().map(|line| format!("{} {} {}", line[row], line[row + 2], line[row + 3])).collect()
    }
}

const LOTS: &str = "客户编号,积分,获得日期,到期日期\nc1,100,2026-01-10,2026-12-31\nc2,70,2025-12-01,2026-03-01\nc1,50,2026/2/10,2027-01-31\n";

// rule: import 23, 24, 25
#[tokio::test]
async fn lots_of_an_old_programme_have_their_own_dates_and_come_once() {
    let world = moved_in().await;
    let lots = json!({"kind": "lots"});
    let looked = world.brings(&json!({"kind": "lots", "dry_run": true}), LOTS).await;
    assert_eq!((came(&looked), &looked["result"]["points"]), (("checked", [3, 0, 0, 0]), &json!(220)));
    let (wang, li) = (world.called("c1").await, world.called("c2").await);
    world.has_nothing(&wang).await; // nothing is written of what is only looked at

    let first = world.brings(&lots, LOTS).await;
    assert_eq!((came(&first), &first["result"]["points"]), (("done", [3, 0, 0, 0]), &json!(220)));
    assert_eq!((world.pockets(&wang).await, world.pockets(&li).await), ([150, 0, 0, 0], [70, 0, 0, 0]));
    assert_eq!(world.pockets_at(&li, "2026-03-01T23:59:59+08:00").await, [70, 0, 0, 0], "the last day is still good");
    assert_eq!(world.pockets_at(&li, "2026-03-02T00:00:00+08:00").await, [0, 0, 0, 0]);
    assert_eq!(world.pockets_at(&wang, "2027-01-01T00:00:00+08:00").await, [50, 0, 0, 0]);
    let line = world.ledger(&wang).await.remove(0);
    let said = ["kind", "name", "part", "rows", "by"].map(|field| line[field].clone());
    assert_eq!(said, [json!("opening"), json!("Customer relations"), json!("lots"), json!(2), json!("partner:crm")]);
    let sha256 = "3a5d5dfd4342dc78564e7bc0a3e19a253fb1b4005ec1ff18886ef99b3ef238aa"; // by `sha256sum`
    assert_eq!(line["file"], sha256, "the bytes of the file, for whoever still has it");

    // The same in another order, and as another file: nothing is new.
    let again = "external_id;points;earned_on;expires_on\nc1;50;2026-02-10;2027-01-31\nc1;100;2026-01-10;2026-12-31\n";
    let again = world.brings(&lots, again).await;
    assert_eq!((came(&again), &again["result"]["points"]), (("done", [0, 2, 0, 0]), &json!(0)));
    // Something else under the same part is refused, whichever row of it differs.
    let other = world.brings(&lots, &LOTS.replace("c1,100", "c1,120")).await;
    assert_eq!(came(&other), ("done", [0, 1, 2, 0]));
    assert_eq!(world.faults(&other).await, ["2 external_id opening_exists", "4 external_id opening_exists"]);
    assert_eq!(world.pockets(&wang).await, [150, 0, 0, 0]);
}

// rule: import 23, 24
#[tokio::test]
async fn one_bad_row_refuses_all_rows_of_its_member_and_each_is_told() {
    let world = moved_in().await;
    let lots = json!({"kind": "lots"});
    let file = "external_id,points,earned_on,expires_on,activates_on\n\
        c1,100,2026-01-10,2026-12-31,\nc1,0,,2026-12-31,\nc1,x,,2026-12-31,\n\
        c2,10,,,\nc2,10,2026-03-02,2026-12-31,\nc2,10,2026-02-02,2026-02-01,\nc2,10,,2026-02-28,\nc2,10,,2026-12-31,2026-12-31\n\
        c9,10,,2026-12-31,\n,10,,2026-12-31,\nc3,30,2026-02-01,,\n";
    let bad = world.brings(&lots, file).await;
    assert_eq!(came(&bad), ("done", [1, 0, 10, 0]));
    let expected = [
        "2 external_id sibling_refused",
        "3 points not_positive",
        "4 points not_an_integer",
        "5 expires_on missing_value",
        "6 earned_on in_future",
        "7 expires_on expired",
        "8 expires_on expired",
        "9 activates_on dates_disordered",
        "10 external_id unknown_member",
        "11 external_id missing_value",
    ];
    assert_eq!(world.faults(&bad).await, expected);
    let (wang, han) = (world.called("c1").await, world.called("c3").await);
    world.has_nothing(&wang).await; // half an opening is none
    assert_eq!(world.pockets(&han).await, [30, 0, 0, 0], "without a last day it is the wallet's rule");
    let repaired = "external_id,points,expires_on\nc1,100,2026-12-31\nc1,20,2026-12-31\n";
    assert_eq!(came(&world.brings(&lots, repaired).await), ("done", [2, 0, 0, 0]));
    assert_eq!(world.pockets(&wang).await, [120, 0, 0, 0]);
}

// rule: import 8, 27a
#[tokio::test]
async fn what_is_owed_comes_alone_or_net_and_totals_are_as_expected() {
    let world = moved_in().await;
    let file = "external_id,points,expires_on\nc1,-40,\nc2,100,2026-12-31\nc2,-30,never\nc3,60,never\n";
    let alone = world.brings(&json!({"kind": "lots"}), file).await;
    assert_eq!((came(&alone), &alone["result"]["points"]), (("done", [2, 0, 2, 0]), &json!(20)));
    assert_eq!(world.faults(&alone).await, ["3 external_id sibling_refused", "4 points not_positive"]);
    let [wang, li, han] = [world.called("c1").await, world.called("c2").await, world.called("c3").await];
    assert_eq!(world.pockets(&wang).await, [0, 0, 0, 40]);
    assert_eq!(world.pockets_at(&han, "2035-03-01T00:00:00+08:00").await, [60, 0, 0, 0], "never is a date");
    let net = json!({"kind": "lots", "net": true, "expect": {"points": 71}});
    let refused = world.brings(&net, file).await;
    let why = ["code", "expected", "found"].map(|name| refused["refused"][name].clone());
    assert_eq!(why, [json!("total_differs"), json!(71), json!(70)]);
    world.has_nothing(&li).await;
    let net = json!({"kind": "lots", "net": true, "expect": {"points": 70, "rows": 2}});
    assert_eq!(came(&world.brings(&net, file).await), ("done", [2, 2, 0, 0]));
    assert_eq!(world.pockets(&li).await, [70, 0, 0, 0]);
}

// rule: import 26
#[tokio::test]
async fn tiers_and_status_points_come_each_as_a_part_of_its_own() {
    let world = moved_in().await;
    let tiers = "客户编号,等级,since,until\nc1,Gold,2026-01-01,2027-01-31\nc2,platinum,2026-01-01,2027-01-31\nc3,silver,2026-03-02,2027-01-31\n";
    let done = world.brings(&json!({"kind": "tiers"}), tiers).await;
    assert_eq!(came(&done), ("done", [1, 0, 2, 0]));
    assert_eq!(world.faults(&done).await, ["3 tier unknown_tier", "4 since in_future"]);
    let more = "external_id,tier,since,until\nc1,gold,2026-01-01,2027-01-31\nc2,silver,2025-01-01,2026-02-28\nc3,silver,2025-01-01,2026-03-01\n";
    let done = world.brings(&json!({"kind": "tiers"}), more).await;
    assert_eq!((came(&done), world.faults(&done).await), (("done", [1, 1, 1, 0]), vec!["3 until expired".to_owned()]));
    let wang = world.called("c1").await;
    let tier = world.auditor().get(&format!("/v1/members/{wang}/tier")).await.ok();
    assert_eq!(tier["tier"], "gold", "{tier}");
    let status =
        "external_id,month,points\nc1,2026-03,300\nc1,2025-03,200\nc1,2026-03,1\nc2,2025-02,10\nc3,2026-04,10\n";
    let done = world.brings(&json!({"kind": "status"}), status).await;
    assert_eq!(came(&done), ("done", [3, 0, 2, 0]));
    assert_eq!(world.faults(&done).await, ["5 month out_of_window", "6 month out_of_window"]);
    let again =
        world.brings(&json!({"kind": "status"}), "external_id,month,points\nc1,2025-03,200\nc1,2026-03,301\n").await;
    assert_eq!(came(&again), ("done", [0, 2, 0, 0]));
    let openings = world.ledger(&wang).await.into_iter().filter(|entry| entry["kind"] == "opening");
    let parts: Vec<Value> = openings.map(|entry| entry["part"].clone()).collect();
    assert_eq!(parts, [json!("tiers"), json!("status")], "a part each");
}

// rule: import 5
#[tokio::test]
async fn tags_by_hand_are_given_by_a_file() {
    let world = moved_in().await;
    let file = "external_id,tag,until\nc1,vip-care,2026-05-31\nc1,vip-care,2026-04-30\nc2,high-value,\nc2,nonsense,\nc3,vip-care,2026-02-28\nc9,vip-care,\n";
    let looked = world.brings(&json!({"kind": "tags", "dry_run": true}), file).await;
    assert_eq!(came(&looked).0, "checked");
    let done = world.brings(&json!({"kind": "tags"}), file).await;
    assert_eq!(came(&done), ("done", [1, 1, 4, 0]), "a tag is only lengthened: {done}");
    let expected = ["4 tag computed_tag", "5 tag unknown_tag", "6 until expired", "7 external_id unknown_member"];
    assert_eq!(world.faults(&done).await, expected);
    assert_eq!(
        came(&world.brings(&json!({"kind": "tags", "mapping": {"region": "CN"}}), file).await),
        ("done", [0, 2, 4, 0])
    );
    let other = crm(&world).post("/v1/imports", &json!({"kind": "tags", "source": "shop"})).await;
    other.refused(422, "not_sent_by_source");
}

// rule: import 5, 24
#[tokio::test]
async fn openings_that_were_brought_when_a_kill_came_are_counted_once() {
    let world = moved_in().await;
    let import = world.uploads(&json!({"kind": "lots"}), LOTS.as_bytes()).await;
    let before = world.runs(&import).await;
    let store = world.store();
    let (mut job, version) = store.import(&import).await.unwrap().unwrap();
    (job.state, job.done, job.begun, job.counts) = (State::Applying, 0, true, Counts::default());
    let programmes = store.programmes(&Programmes::default()).await.unwrap();
    let setting = Setting { programmes: &programmes, now: world.now() };
    assert!(store.keep_import(&job, version, setting).await.unwrap());
    let after = world.runs(&import).await;
    assert_eq!((&after["state"], &after["result"]), (&before["state"], &before["result"]));
    assert_eq!(world.pockets(&world.called("c1").await).await, [150, 0, 0, 0]);
}
