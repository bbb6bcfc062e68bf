//! Facts that are taken back: by HTTP and through the queue `ingest`, one fact by either way.

use jiff::Timestamp;
use lambda::Role;
use serde_json::{Value, json};

use crate::proof::audit;
use crate::queue::Queue;
use crate::tables;
use crate::world::{AT_ONCE, START, World, fact};

const PATH: &str = "/v1/activities/reversals";

/// What takes a fact of the shop back.
fn reversal(id: &str, of: &str, member: &str, time: Timestamp) -> Value {
    json!({"id": id, "source": "shop", "member": member, "of": {"source": "shop", "id": of}, "time": time, "reason": "removed"})
}

/// The same as a message.
fn message(id: &str, of: &str, member: &str, time: Timestamp) -> Value {
    let mut message = fact("activity.reversed", id, member, time);
    message["data"] = json!({"source": "shop", "id": of, "reason": "removed"});
    message
}

impl World {
    async fn does(&self, activity: &str, id: &str) -> Value {
        self.shop().post("/v1/activities", &fact(activity, id, "m-1", self.now())).await.ok()
    }
}

// rule: ledger 4.25
#[tokio::test]
async fn a_review_that_is_removed_gives_back_what_it_earned_and_its_turn() {
    let world = World::new().await;
    assert_eq!(world.does("ugc.approved", "u1").await["points"], 20);
    let back = world.admin("ada").post(PATH, &reversal("rm-1", "u1", "m-1", world.now())).await.ok();
    let expected = json!({
        "reversal_id": "m-1.2", "activity": "ugc.approved", "parked": false, "due": 20, "taken": 20, "debt_incurred": 0, "expired": 0,
        "shortfall": 0, "status_points": 0,
        "balance": {"active": 0, "pending": 0, "held": 0, "debt": 0, "total": 0},
    });
    assert_eq!(back, expected);
    for number in 2..=6 {
        assert_eq!(world.does("ugc.approved", &format!("u{number}")).await["points"], 20, "the turn has come back");
    }
    assert_eq!(world.does("ugc.approved", "u7").await["points"], 0, "and no other");
    let entries = audit(&world, "m-1").await;
    let entry = &entries[1];
    let shown = ["kind", "earning", "activity", "reason", "by"].map(|name| entry[name].clone());
    assert_eq!(
        shown,
        [json!("activity_reversal"), json!(1), json!("ugc.approved"), json!("removed"), json!("admin:ada")]
    );
}

// rule: ledger 4.25
#[tokio::test]
async fn points_that_were_spent_are_owed() {
    let world = World::with(&[AT_ONCE]).await;
    world.does("ugc.featured", "f").await;
    world.redeems("m-1", "drink", "a").await.ok();
    let back = world.shop().post(PATH, &reversal("rm", "f", "m-1", world.now())).await.ok();
    assert_eq!(
        (&back["taken"], &back["debt_incurred"], &back["balance"]["debt"]),
        (&json!(100), &json!(100), &json!(100))
    );
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 100]);
    audit(&world, "m-1").await;
}

// rule: ledger 4.25, 4.26, 2.4
#[tokio::test]
async fn a_reversal_is_one_fact_by_whatever_way_it_comes() {
    let world = World::new().await;
    let ingest = Queue::of(&world, "IngestQueue").await;
    world.does("ugc.featured", "f").await;
    let sent = message("rm", "f", "m-1", world.now());
    for _ in 0..2 {
        ingest.send(&[sent.to_string(), sent.to_string()]).await;
        ingest.settles(0).await;
    }
    assert_eq!((world.pockets("m-1").await, world.ledger("m-1").await.len()), ([0, 0, 0, 0], 2));
    let asked = reversal("rm", "f", "m-1", at_of(&sent));
    let again = world.shop().post(PATH, &asked).await.again();
    assert_eq!((&again["reversal_id"], &again["taken"]), (&json!("m-1.2"), &json!(100)));

    // Under its name nothing else is reported, and no activity either.
    let mut otherwise = asked.clone();
    otherwise["reason"] = json!("spam");
    world.shop().post(PATH, &otherwise).await.refused(409, "conflicting_duplicate");
    let featured = fact("ugc.featured", "rm", "m-1", world.now());
    world.shop().post("/v1/activities", &featured).await.refused(409, "conflicting_duplicate");
    let elsewhere = world.shop().post("/v1/activities", &message("x", "f", "m-1", world.now())).await;
    assert_eq!(elsewhere.refused(422, "invalid_field")["pointer"], "/type");
    // In one batch the fact and what takes it back.
    let both = [fact("ugc.featured", "g", "m-1", world.now()), message("rm-g", "g", "m-1", world.now())];
    ingest.send(&both.map(|message| message.to_string())).await;
    ingest.settles(0).await;
    assert_eq!((world.pockets("m-1").await, ingest.dead().await), ([0, 0, 0, 0], 0));
    audit(&world, "m-1").await;
}

fn at_of(message: &Value) -> Timestamp {
    message["time"].as_str().unwrap().parse().unwrap()
}

// rule: ledger 4.26
#[tokio::test]
async fn a_fact_is_taken_back_once_and_only_where_it_is() {
    let world = World::new().await;
    world.does("ugc.featured", "f").await;
    world.pays("m-1", "1001", 10_000).await.ok();
    world.shop().post(PATH, &reversal("rm", "f", "m-1", world.now())).await.ok();
    let before = tables::ledger(&world.platform).await;
    let twice = world.shop().post(PATH, &reversal("rm-2", "f", "m-1", world.now())).await;
    let twice = twice.refused(409, "nothing_to_reverse");
    assert_eq!((&twice["remaining"], &twice["by"]), (&json!(0), &json!("m-1.3")));
    let order = world.shop().post(PATH, &reversal("rm-3", "order-1001", "m-1", world.now())).await;
    assert_eq!(order.refused(422, "invalid_field")["pointer"], "/of");
    for (of, member) in [("f", "m-2"), ("rm", "m-1")] {
        world.shop().post(PATH, &reversal("rm-4", of, member, world.now())).await.refused(404, "not_found");
    }
    for (role, subject) in [(Role::Member, "m-1"), (Role::Agent, "agent-7"), (Role::Auditor, "eve")] {
        let asked = reversal("rm-5", "f", "m-1", world.now());
        world.caller(role, subject).post(PATH, &asked).await.refused(403, "forbidden");
    }
    assert_eq!(tables::ledger(&world.platform).await, before, "nothing is written");
}

// rule: ledger 4.26
#[tokio::test]
async fn a_fact_of_sealed_history_is_found_within_a_year_and_not_later() {
    let world = World::new().await;
    world.does("ugc.featured", "old").await;
    world.does("ugc.featured", "older").await;
    for number in 0..30 {
        world.pays("m-1", &format!("o-{number}"), 1_000).await.ok();
    }
    assert!(tables::pages(&world.platform, "m-1").await > 1);
    world.days_pass(364).await;
    let back = world.shop().post(PATH, &reversal("rm-1", "old", "m-1", world.now())).await.ok();
    assert_eq!(back["due"], 100);
    world.days_pass(1).await;
    let late = world.shop().post(PATH, &reversal("rm-2", "older", "m-1", world.now())).await;
    late.refused(409, "reversal_window_closed");
    audit(&world, "m-1").await;
}

// rule: ledger 4.25
#[tokio::test]
async fn tier_and_segment_follow_a_fact_that_is_taken_back() {
    let world = World::whole(START, &[("rank = 1\nthreshold = 1000", "rank = 1\nthreshold = 100")]).await;
    for id in ["a", "b"] {
        world.does("review.completed", id).await;
    }
    for number in 0..6 {
        world.does("ugc.featured", &format!("f-{number}")).await;
    }
    world.platform.rest().await.unwrap();
    let standing = async || {
        let of = async |what: &str| world.auditor().get(&format!("/v1/members/m-1/{what}")).await.ok();
        (of("tier").await["tier"].clone(), of("segment").await["segment"].clone())
    };
    assert_eq!(standing().await, (json!("silver"), json!("high_influence")));
    for id in ["a", "f-0", "f-1"] {
        world.shop().post(PATH, &reversal(&format!("rm-{id}"), id, "m-1", world.now())).await.ok();
    }
    world.platform.rest().await.unwrap();
    assert_eq!(standing().await, (json!("member"), json!("new")), "21 of influence and 50 status points are left");
    audit(&world, "m-1").await;
}

// rule: ledger 4.27
#[tokio::test]
async fn a_reversal_that_comes_first_waits_for_its_fact_and_enrols_nobody() {
    let world = World::new().await;
    let ingest = Queue::of(&world, "IngestQueue").await;
    let asked = reversal("rm", "u1", "m-1", world.now());
    let parked = world.shop().post(PATH, &asked).await.ok();
    assert_eq!((&parked["parked"], &parked["taken"], &parked["reversal_id"]), (&json!(true), &json!(0), &Value::Null));
    assert_eq!(world.shop().post(PATH, &asked).await.again(), parked);
    ingest.send(&[message("rm", "u1", "m-1", at_of(&asked)).to_string()]).await;
    ingest.settles(0).await;
    assert_eq!((ingest.dead().await, world.ledger("m-1").await.len()), (0, 0));
    // Its name is taken, and so is its fact.
    let mut otherwise = asked.clone();
    otherwise["reason"] = json!("spam");
    world.shop().post(PATH, &otherwise).await.refused(409, "conflicting_duplicate");
    let elsewhere = reversal("rm", "u2", "m-1", at_of(&asked));
    world.shop().post(PATH, &elsewhere).await.refused(409, "conflicting_duplicate");
    let featured = fact("ugc.featured", "rm", "m-1", world.now());
    world.shop().post("/v1/activities", &featured).await.refused(409, "conflicting_duplicate");
    world.shop().post(PATH, &reversal("rm-2", "u1", "m-1", world.now())).await.refused(409, "nothing_to_reverse");
    assert_eq!(world.auditor().get("/v1/refunds/parked").await.ok()["refunds"], json!([]), "it is no refund");

    // Forty days later the fact comes: what it earns is taken back in the same write.
    world.days_pass(40).await;
    let earned = world.does("ugc.approved", "u1").await;
    assert_eq!((&earned["points"], world.pockets("m-1").await), (&json!(20), [0, 0, 0, 0]));
    let entries = audit(&world, "m-1").await;
    let kinds: Vec<&Value> = entries.iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["earn", "activity_reversal"]);
    assert_eq!((&entries[1]["reason"], &entries[1]["by"]), (&json!("removed"), &json!("partner:shop")));
    let told = fact("ugc.approved", "u1", "m-1", world.now());
    assert_eq!(world.shop().post("/v1/activities", &told).await.again(), earned, "the fact again");
    assert_eq!(world.shop().post(PATH, &asked).await.again(), parked, "what was answered once");
    for number in 2..=6 {
        assert_eq!(world.does("ugc.approved", &format!("u{number}")).await["points"], 20, "no turn was used");
    }
}

// rule: ledger 4.27
#[tokio::test]
async fn a_reversal_takes_nothing_from_another_member_and_waits_for_a_year_at_most() {
    let world = World::new().await;
    for (id, of) in [("rm-1", "u1"), ("rm-2", "u2")] {
        let parked = world.shop().post(PATH, &reversal(id, of, "m-2", world.now())).await.ok();
        assert_eq!(parked["parked"], true);
    }
    assert_eq!(world.does("ugc.approved", "u1").await["points"], 20);
    assert_eq!((world.pockets("m-1").await, world.ledger("m-2").await.len()), ([20, 0, 0, 0], 0));
    world.days_pass(366).await;
    let late = fact("ugc.approved", "u2", "m-2", world.now());
    assert_eq!(world.shop().post("/v1/activities", &late).await.ok()["points"], 20);
    assert_eq!(world.ledger("m-2").await.len(), 1, "it has lapsed");
    let strict =
        World::with(&[("refund_window_days = 365", "unknown_refund = \"refuse\"\nrefund_window_days = 365")]).await;
    strict.shop().post(PATH, &reversal("rm", "u1", "m-1", strict.now())).await.refused(404, "not_found");
}
