//! What systems send is counted as it comes, and judged every night.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::members::{crm, known_as};
use crate::queue::Queue;
use crate::tables;
use crate::world::{START, World, fact, order};

/// Much is expected of the crm, and something of the shop.
const EXPECTED: [(&str, &str); 2] = [
    (
        "id = \"crm\"\nname",
        "id = \"crm\"\nquality = { complete = [\"phone\", \"locale\"], completeness_min_bp = 7500, min_volume = 4 }\nname",
    ),
    (
        "id = \"shop\"\nname",
        "id = \"shop\"\nquality = { validity_min_bp = 8000, timeliness_min_bp = 5000, lag = \"PT15M\", silent_after = \"P2D\" }\nname",
    ),
];

impl World {
    async fn source(&self, id: &str) -> Value {
        let all = self.auditor().get("/v1/sources").await.ok();
        all["sources"].as_array().unwrap().iter().find(|source| source["source"] == id).unwrap().clone()
    }

    /// How a source kept on a day to what is expected of it: numerator, denominator and score.
    async fn kept(&self, id: &str, date: &str, to: &str) -> (Value, Value, Value) {
        let path = format!("/v1/sources/{id}/quality?from={date}&to={date}");
        let day = self.auditor().get(&path).await.ok()["days"][0].clone();
        let score = &day["scores"][to];
        (score["numerator"].clone(), score["denominator"].clone(), score["score_bp"].clone())
    }

    /// What the newest write of a watch tells: which events.
    async fn told_of(&self, source: &str) -> Vec<String> {
        let key = format!("\"quality#{source}\"");
        let watch = tables::jobs(&self.platform).await.into_iter().find(|item| item.contains(&key));
        let watch: Value = serde_json::from_str(&watch.unwrap_or_else(|| "{}".to_owned())).unwrap();
        let facts = watch["news"]["M"]["f"]["L"].as_array().cloned().unwrap_or_default();
        let told = |fact: &Value| {
            let [kind, data] = [&fact["L"][0]["S"], &fact["L"][1]["M"]["dimension"]["S"]];
            format!("{} {}", kind.as_str().unwrap(), data.as_str().unwrap_or_default())
        };
        facts.iter().map(told).collect()
    }
}

// rule: import 2, 30
#[tokio::test]
async fn the_map_of_sources_is_made_from_what_they_declare_and_send() {
    let world = World::whole(START, &[]).await;
    let shop = world.shop();
    let late = world.now() - SignedDuration::from_mins(30);
    let mut login = fact("login", "l-1", "m-1", world.now());
    login["source"] = json!("app");
    let batch = json!([
        order("o-1", "m-1", 10_000, world.now()),
        order("o-2", "m-1", 10_000, late),
        fact("ugc.featured", "f-1", "m-2", world.now()),
        fact("moon.landing", "f-2", "m-2", world.now()),
        login,
    ]);
    shop.post("/v1/activities/batch", &json!({"activities": batch})).await.ok();
    shop.post("/v1/activities/batch", &json!({"activities": batch})).await.ok(); // a repeat is no other fact
    shop.post("/v1/activities", &fact("moon.landing", "f-3", "m-2", world.now()))
        .await
        .refused(422, "unknown_activity");
    let ingest = Queue::of(&world, "IngestQueue").await;
    ingest.send(&[fact("moon.landing", "f-4", "m-2", world.now()).to_string()]).await;
    ingest.settles(1).await;
    ingest.until_dead(1).await;
    world.platform.rest().await.unwrap();
    let source = world.source("shop").await;
    assert_eq!((&source["owner"], &source["purpose"]), (&json!("e-commerce"), &json!("orders and returns")));
    assert_eq!(source["sends"], json!(["members", "activities", "signals"]));
    assert_eq!(source["facts"], json!({"days_1": 3, "days_7": 3, "days_30": 3}));
    assert_eq!(source["refused"], json!({"unknown_activity": 4}), "twice in a batch, once alone, once from the queue");
    assert_eq!((&source["lag_median_s"], &source["lag_95_s"]), (&json!(1), &json!(1_800)));
    assert!(source["last_fact"]["recorded_at"].is_string());
    assert_eq!(world.source("app").await["facts"]["days_1"], 1);
    assert_eq!(world.source("replay").await["facts"]["days_1"], 0);
    world.days_pass(8).await;
    assert_eq!(world.source("shop").await["facts"], json!({"days_1": 0, "days_7": 0, "days_30": 3}));
    shop.get("/v1/sources").await.refused(403, "forbidden");
    world.auditor().get("/v1/sources/fax/quality").await.refused(404, "not_found");
    for query in ["from=2026-13-01", "from=2026-03-02&to=2026-03-01", "from=2025-01-01"] {
        let path = format!("/v1/sources/shop/quality?{query}");
        world.auditor().get(&path).await.refused(400, "invalid_parameter");
    }
}

// rule: import 30
#[tokio::test]
async fn a_batch_that_is_told_again_counts_once() {
    let world = World::whole(START, &[]).await;
    let queue = Queue::of(&world, "MembersQueue").await;
    let at = world.now().as_millisecond();
    let message = |id: &str| {
        json!({"type": "perennial.gov.factsreported.v1", "id": id, "reported": {"shop": [[at - 900, at], [at, at]]}})
            .to_string()
    };
    queue.send(&[message("1"), message("2"), message("1")]).await;
    queue.settles(0).await;
    queue.send(&[message("2")]).await;
    queue.settles(0).await;
    assert_eq!(world.source("shop").await["facts"]["days_1"], 4);
    queue
        .send(
            &[json!({"type": "perennial.gov.factsreported.v1", "id": "3", "reported": {"shop": [["x"]]}}).to_string()],
        )
        .await;
    queue.settles(1).await;
}

// rule: import 28, 29
#[tokio::test]
async fn every_night_judges_the_day_before_and_tells_once() {
    let world = World::whole("2026-03-02T10:00:00+08:00", &EXPECTED).await;
    let shop = world.shop();
    // Three of four fields are expected; two members of the crm have three together.
    let mut mei = known_as("crm", "c-1", &["phone 13800138000!"]);
    mei["locale"] = json!("zh-CN");
    crm(&world).post("/v1/members", &mei).await;
    crm(&world).post("/v1/members", &known_as("crm", "c-2", &["phone 13800138001!"])).await;
    shop.post("/v1/activities", &fact("ugc.featured", "f-1", "m-1", world.now())).await.ok();
    shop.post("/v1/activities", &fact("moon.landing", "f-2", "m-1", world.now()))
        .await
        .refused(422, "unknown_activity");
    world.platform.rest().await.unwrap();
    world.advance("2026-03-03T03:29:00+08:00").await;
    assert_eq!(world.told_of("shop").await, Vec::<String>::new());
    world.advance("2026-03-03T04:01:00+08:00").await;
    assert_eq!(world.kept("crm", "2026-03-02", "completeness").await, (json!(3), json!(4), json!(7_500)));
    assert_eq!(world.kept("shop", "2026-03-02", "validity").await, (json!(1), json!(2), json!(5_000)));
    assert_eq!(world.kept("shop", "2026-03-02", "timeliness").await, (json!(1), json!(1), json!(10_000)));
    assert_eq!(world.kept("crm", "2026-03-02", "validity").await, (json!(0), json!(0), Value::Null));
    assert_eq!(world.told_of("crm").await, Vec::<String>::new(), "exactly what is expected is good");
    assert_eq!(world.told_of("shop").await, ["perennial.gov.qualityscoredropped.v1 validity"]);

    // The same again is not told again; nor does a night that runs twice judge twice.
    shop.post("/v1/activities", &fact("moon.landing", "f-3", "m-1", world.now()))
        .await
        .refused(422, "unknown_activity");
    world.platform.rest().await.unwrap();
    world.advance("2026-03-04T04:01:00+08:00").await;
    world.platform.fire("MemberFunctionMemberTick").await.unwrap();
    assert_eq!(world.kept("shop", "2026-03-03", "validity").await, (json!(0), json!(1), json!(0)));
    assert_eq!(world.told_of("shop").await, Vec::<String>::new());
    // Silence of more than two days is told once.
    world.advance("2026-03-05T04:01:00+08:00").await;
    assert_eq!(world.told_of("shop").await, ["perennial.gov.sourcesilent.v1 "]);
    world.advance("2026-03-06T10:00:00+08:00").await;
    assert_eq!(world.told_of("shop").await, Vec::<String>::new());
    shop.post("/v1/activities", &fact("ugc.featured", "f-4", "m-1", world.now())).await.ok();
    world.platform.rest().await.unwrap();
    world.advance("2026-03-07T04:01:00+08:00").await;
    shop.post("/v1/activities", &fact("moon.landing", "f-5", "m-1", world.now()))
        .await
        .refused(422, "unknown_activity");
    world.platform.rest().await.unwrap();
    world.advance("2026-03-08T04:01:00+08:00").await;
    assert_eq!(
        world.told_of("shop").await,
        ["perennial.gov.qualityscoredropped.v1 validity"],
        "after a day that was good"
    );
}
