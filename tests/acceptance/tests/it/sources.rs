//! Sources: what comes in under which name, and whose accounts are opened by it.

use domain::kernel::canonical::Hash;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::queue::Queue;
use crate::tables;
use crate::world::{START, World, fact, order, refund};

/// A programme that enrols nobody by a fact.
const EXPLICIT: (&str, &str) = ("enrol = \"open\" ", "enrol = \"explicit\" ");

/// A fact under another source.
fn under(source: &str, mut fact: Value) -> Value {
    fact["source"] = json!(source);
    fact
}

// rule: import 1
#[tokio::test]
async fn what_comes_under_a_source_that_nobody_declared_is_refused() {
    let world = World::new().await;
    let now = world.now();
    let shop = world.shop();
    for (source, code) in [("fax", "undeclared_source"), ("Shop", "undeclared_source"), ("crm", "not_sent_by_source")] {
        let featured = under(source, fact("ugc.featured", "1", "m-1", now));
        let refused = shop.post("/v1/activities", &featured).await.refused(422, code);
        assert_eq!(refused["pointer"], "/source");
        let known = refused["known"].as_array().unwrap();
        assert!(known.contains(&json!("shop/*")) && !known.contains(&json!("crm/*")), "{known:?}");
        let quoted = shop.post("/v1/quotes", &json!({"activity": featured})).await.refused(422, code);
        assert_eq!(quoted["pointer"], "/activity/source");
        let back = under(source, refund("r-1", "m-1", 100, now));
        shop.post("/v1/orders/o-1/refunds", &back).await.refused(422, code);
        let reversed =
            json!({"id": "x", "source": source, "member": "m-1", "of": {"source": "shop", "id": "1"}, "time": now});
        shop.post("/v1/activities/reversals", &reversed).await.refused(422, code);
    }
    assert_eq!(tables::ledger(&world.platform).await, Vec::<String>::new(), "nothing is changed");
    // The others of a batch are done, a till of the shop's among them.
    let batch = [("shop/上海", "1"), ("fax", "2"), ("pos/7", "3")];
    let batch: Vec<Value> =
        batch.iter().map(|(source, id)| under(source, fact("ugc.featured", id, "m-1", now))).collect();
    let answer = shop.post("/v1/activities/batch", &json!({"activities": batch})).await.ok();
    let statuses: Vec<&Value> = answer["results"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(statuses, [200, 422, 200]);
    assert_eq!(answer["results"][1]["problem"]["pointer"], "/activities/1/source");
    assert_eq!(world.pockets("m-1").await, [200, 0, 0, 0]);
    // A shape that is wrong is told first.
    let shapeless = json!({"specversion": "1.0", "type": "ugc.featured", "source": "fax", "id": "4"});
    shop.post("/v1/activities", &shapeless).await.refused(422, "invalid_field");
}

// rule: import 1
#[tokio::test]
async fn a_message_of_an_undeclared_source_ends_in_the_dead_letter_queue() {
    let world = World::new().await;
    let ingest = Queue::of(&world, "IngestQueue").await;
    let now = world.now();
    let reversed = json!({
        "specversion": "1.0", "type": "activity.reversed", "source": "fax", "id": "x", "subject": "m-1", "time": now,
        "data": {"source": "shop", "id": "1"},
    });
    let platform = under("/perennial/engagement", fact("ugc.approved", "3", "m-1", now));
    let messages =
        [fact("ugc.featured", "1", "m-1", now), under("fax", fact("ugc.featured", "2", "m-1", now)), reversed];
    let messages = messages.iter().chain([&platform]).map(Value::to_string);
    ingest.send(&messages.collect::<Vec<_>>()).await;
    ingest.settles(2).await;
    ingest.until_dead(2).await;
    assert_eq!(world.pockets("m-1").await, [120, 0, 0, 0], "the others are done at once");
}

/// Everything that is stored for members and accounts, one line an item.
async fn stored(world: &World) -> Vec<String> {
    let mut all = tables::ledger(&world.platform).await;
    all.extend(tables::members(&world.platform).await);
    all.extend(tables::facts(&world.platform).await);
    all
}

// rule: members 10
#[tokio::test]
async fn a_programme_that_enrols_by_hand_opens_no_account_for_nobody() {
    let world = World::with(&[EXPLICIT]).await;
    let now = world.now();
    let (shop, admin) = (world.shop(), world.admin("ada"));
    let refused = shop.post("/v1/activities", &order("o-1", "m-1", 10_000, now)).await.refused(422, "unknown_member");
    assert_eq!(refused["pointer"], "/subject");
    let featured = fact("ugc.featured", "f-1", "m-1", now);
    shop.post("/v1/activities", &featured).await.refused(422, "unknown_member");
    shop.post("/v1/quotes", &json!({"activity": featured})).await.refused(422, "unknown_member");
    let adjust = json!({"member": "m-1", "points": 50, "reason": "goodwill"});
    let refused = admin.keyed("a", "/v1/adjustments", &adjust).await.refused(422, "unknown_member");
    assert_eq!(refused["pointer"], "/member");
    let floor = json!({"tier": "gold", "until": "2026-12-31T16:00:00Z", "reason": "goodwill"});
    admin.keyed("f", "/v1/members/m-1/tier-floors", &floor).await.refused(422, "unknown_member");
    let ingest = Queue::of(&world, "IngestQueue").await;
    ingest.send(&[featured.to_string()]).await;
    ingest.settles(1).await;
    ingest.until_dead(1).await;
    assert_eq!(stored(&world).await, Vec::<String>::new(), "nothing is created");

    // Who is enrolled earns, for what was before as well.
    let enrolled = crm(&world).post("/v1/members", &known_as("crm", "c-1", &[])).await;
    let mei = enrolled.body["member"].as_str().unwrap();
    world.time_passes(jiff::SignedDuration::from_hours(1)).await;
    shop.post("/v1/activities", &fact("ugc.featured", "f-1", mei, now)).await.ok();
    assert_eq!(world.pockets(mei).await, [100, 0, 0, 0]);
    assert_eq!(tables::members(&world.platform).await.len(), 1);
    // Who has done nothing yet can be given something; nobody who is none.
    let enrolled = crm(&world).post("/v1/members", &known_as("crm", "c-2", &[])).await;
    let li = enrolled.body["member"].as_str().unwrap();
    let given = |id: &str, member: &str| {
        let mut asked = fact("reward.granted", id, member, world.now());
        asked["source"] = json!("/perennial/desk");
        asked["data"] = json!({"reward": "drink", "cause": format!("ticket-{id}")});
        asked.to_string()
    };
    let grants = Queue::of(&world, "GrantsQueue").await;
    grants.send(&[given("1", li), given("2", "m-404")]).await;
    grants.settles(1).await;
    let entries = world.ledger(li).await;
    assert_eq!(entries.iter().map(|entry| entry["reward"].as_str()).collect::<Vec<_>>(), [Some("drink")]);
    assert!(tables::ledger(&world.platform).await.iter().all(|line| !line.contains("m-404")), "nothing is opened");
}

// rule: members 10
#[tokio::test]
async fn an_open_programme_enrols_whoever_does_something() {
    let world = World::whole(START, &[]).await;
    for id in ["1", "2", "3"] {
        world.earns_100("m-1", id).await.ok();
    }
    world.platform.rest().await.unwrap();
    let seen = world.auditor().get("/v1/members/m-1").await.ok();
    assert_eq!((&seen["state"], &seen["identifiers"], &seen["version"]), (&json!("active"), &json!([]), &json!(1)));
    let enrolled = tables::members(&world.platform).await;
    assert_eq!(enrolled.len(), 1);
    // A message that comes again, or late, changes nothing; what is no event of ours is no message.
    let queue = Queue::of(&world, "MembersQueue").await;
    let opened = |member: &str, kind: &str| {
        json!({
            "specversion": "1.0", "id": Hash::GENESIS.to_string()[..32], "source": "/perennial/accounts", "type": kind, "data": {},
            "time": world.now(), "member": member, "sequence": 1, "recordedtime": world.now(),
            "causationid": format!("{member}.1"), "correlationid": Hash::GENESIS.to_string()[..32], "programmeversion": 1,
        })
        .to_string()
    };
    let known = "perennial.led.accountopened.v1";
    queue.send(&[opened("m-1", known), opened("m-1", "perennial.led.moonrise.v1"), "no JSON".to_owned()]).await;
    queue.settles(2).await;
    assert_eq!(tables::members(&world.platform).await, enrolled);
    // Who is enrolled already stays as it is.
    let mei = crm(&world).post("/v1/members", &known_as("crm", "c-1", &["phone 13800138000!"])).await.body;
    world.earns_100(mei["member"].as_str().unwrap(), "4").await.ok();
    world.platform.rest().await.unwrap();
    let seen = world.auditor().get(&format!("/v1/members/{}", mei["member"].as_str().unwrap())).await.ok();
    assert_eq!(seen["version"], 1);
}
