//! What members live through, from the first purchase to the last point.

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::proof::audit;
use crate::tables;
use crate::world::{BEFORE_ADJUSTMENT, START, World, at, fact, order, pockets};

/// Where further earning rules go into the default programme.
const BEFORE_TIERS: &str = "[tiers]\nwallet";
/// A version that is not the first.
const NEXT_VERSION: (&str, &str) = ("rules_version = \"2026-01-01.1\"", "rules_version = \"2026-03-21.1\"");
/// A reward for 80 points.
pub(crate) const EIGHTY: (&str, &str) =
    (BEFORE_ADJUSTMENT, "[[reward]]\nid = \"eighty\"\ncost_points = 80\nkind = \"material\"\n\n[adjustment]\nreasons");

impl World {
    /// Somebody in charge gives a member points.
    pub(crate) async fn gives(&self, member: &str, points: i64, key: &str) -> Value {
        let body = json!({"member": member, "points": points, "reason": "goodwill"});
        let asked = self.admin("ada").keyed(key, "/v1/adjustments", &body).await;
        if asked.status == 200 {
            return asked.ok();
        }
        let path = format!("/v1/adjustments/{}/approvals", asked.body["adjustment_id"].as_str().unwrap());
        self.admin("bob").post_nothing(&path).await.ok()
    }

    /// What would happen.
    pub(crate) async fn quote(&self, body: Value) -> Value {
        self.shop().post("/v1/quotes", &body).await.ok()
    }

    /// How many drinks are left.
    async fn drinks_left(&self, member: &str) -> i64 {
        let rewards = self.member(member).get(&format!("/v1/members/{member}/rewards")).await.ok();
        rewards["rewards"][0]["left"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn a_member_earns_waits_redeems_and_uses_the_voucher() {
    let world = World::new().await;
    assert_eq!(pockets(&world.member("m-1").get("/v1/members/m-1/balance").await.ok()), [0; 4]);
    world.shop().get("/v1/members/m-1/balance").await.refused(404, "not_found");
    let earned = world.pays("m-1", "1001", 19_990).await.ok();
    assert_eq!((&earned["points"], &earned["status_points"]), (&json!(199), &json!(199)));
    assert_eq!(earned["activates_at"], "2026-03-14T16:00:00Z", "the start of 15 March in Shanghai");
    assert_eq!(earned["expires_at"], "2027-03-31T16:00:00Z", "the end of March a year later");
    assert_eq!(world.pockets("m-1").await, [0, 199, 0, 0]);

    let refused = world.redeems("m-1", "drink", "too-early").await.refused(409, "insufficient_points");
    let next = json!({"points": 199, "at": "2026-03-14T16:00:00Z"});
    assert_eq!((&refused["required"], &refused["missing"]), (&json!(100), &json!(100)));
    assert_eq!((&refused["active"], &refused["next_activation"]), (&json!(0), &next));

    world.advance("2026-03-14T15:59:59Z").await;
    assert_eq!(world.pockets("m-1").await, [0, 199, 0, 0]);
    world.advance("2026-03-14T16:00:00Z").await;
    assert_eq!(world.pockets("m-1").await, [199, 0, 0, 0]);

    let redeemed = world.redeems("m-1", "drink", "thirsty").await.ok();
    assert_eq!(pockets(&redeemed["balance"]), [99, 0, 0, 0]);
    assert_eq!(redeemed["voucher"]["expires_at"], "2026-04-13T16:00:00Z", "whole days, 30 of them");
    assert_eq!(world.drinks_left("m-1").await, 9_999);
    let rewards = world.member("m-1").get("/v1/members/m-1/rewards").await.ok();
    let reasons: Vec<&Value> =
        rewards["rewards"][0]["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]).collect();
    assert_eq!(reasons, ["insufficient_points", "limit_reached"], "every reason, not only the first");

    let till = format!("/v1/vouchers/{}/uses", redeemed["voucher"]["code"].as_str().unwrap());
    let used = world.shop().keyed("till-1", &till, &json!({})).await.ok();
    assert_eq!(used, json!({"use_id": "m-1.3", "member": "m-1", "reward": "drink"}));
    assert_eq!(world.shop().keyed("till-1", &till, &json!({})).await.again(), used);
    world.shop().keyed("till-2", &till, &json!({})).await.refused(409, "voucher_used");
    let entry = world.ledger("m-1").await.remove(2);
    let said = (&entry["kind"], &entry["redemption"], &entry["reward"], &entry["recorded_at"]);
    assert_eq!(said, (&json!("voucher_use"), &json!(2), &json!("drink"), &json!(world.now())), "{entry}");
    audit(&world, "m-1").await;
}

// rule: ledger 4.11
#[tokio::test]
async fn a_used_voucher_keeps_its_points_and_an_unused_one_gives_them_back() {
    let world = World::new().await;
    for id in ["one", "two", "three"] {
        world.earns_100("m-1", id).await.ok();
    }
    let back = json!({"initiated_by": "member"});
    let used = world.redeems("m-1", "drink", "a").await.ok();
    let till = |redeemed: &Value| format!("/v1/vouchers/{}/uses", redeemed["voucher"]["code"].as_str().unwrap());
    let reversals =
        |redeemed: &Value| format!("/v1/redemptions/{}/reversals", redeemed["redemption_id"].as_str().unwrap());
    world.shop().keyed("till-1", &till(&used), &json!({})).await.ok();
    world.shop().keyed("back-1", &reversals(&used), &back).await.refused(409, "voucher_used");
    assert_eq!(world.pockets("m-1").await, [200, 0, 0, 0]);

    world.days_pass(1).await;
    let unused = world.redeems("m-1", "drink", "b").await.ok();
    assert_eq!(world.drinks_left("m-1").await, 9_998);
    let reversed = world.shop().keyed("back-2", &reversals(&unused), &back).await.ok();
    assert_eq!((&reversed["restored"], &reversed["lost"]), (&json!(100), &json!(0)));
    assert_eq!(pockets(&reversed["balance"]), [200, 0, 0, 0]);
    assert_eq!(world.drinks_left("m-1").await, 9_999);
    let void = world.shop().keyed("till-2", &till(&unused), &json!({})).await.refused(409, "voucher_not_valid");
    assert_eq!(void["state"], "void");
    world.shop().keyed("back-3", &reversals(&unused), &back).await.refused(409, "nothing_to_reverse");

    // The member's turn of that day came back too, and a voucher that nobody uses ends.
    let last = world.redeems("m-1", "drink", "c").await.ok();
    world.days_pass(31).await;
    let ended = world.shop().keyed("till-3", &till(&last), &json!({})).await.refused(409, "voucher_not_valid");
    assert_eq!(ended["state"], "expired");
    world.days_pass(60).await;
    world.shop().keyed("back-4", &reversals(&last), &back).await.refused(409, "reversal_window_closed");
    audit(&world, "m-1").await;
}

// rule: ledger 3.4
#[tokio::test]
async fn an_explanation_names_the_rules_that_lost_and_why() {
    const CAMPAIGNS: &str = r#"
[[earning_rule]]
id = "weekend"
on = "order.paid"
when = "weekday >= 6"
multiplier = "2"
group = "campaign"

[[earning_rule]]
id = "nanjing-road"
on = "order.paid"
when = "store == '南京路'"
multiplier = "3"
group = "campaign"

[[earning_rule]]
id = "big-basket"
on = "order.paid"
when = "net_minor >= 100000"
points = 50

[[earning_rule]]
id = "last-year"
on = "order.paid"
until = "2025-12-31"
points = 5

[tiers]
wallet"#;
    let world = World::with(&[(BEFORE_TIERS, CAMPAIGNS)]).await;
    let mut sunday = order("1001", "m-1", 19_990, world.now());
    sunday["data"]["attributes"] = json!({"store": "南京路", "channel": "till"});
    let earned = world.shop().post("/v1/activities", &sunday).await.ok();
    assert_eq!(earned["points"], 599, "floor(199.90 x 3)");
    let explanation = &earned["explanation"];
    let outcomes: Vec<(&str, &str, i64)> = explanation["rules"].as_array().unwrap().iter().map(outcome).collect();
    let expected = [
        ("base-spend", "applied", 199),
        ("big-basket", "condition_failed", 0),
        ("last-year", "outside_dates", 0),
        ("nanjing-road", "applied", 400),
        ("weekend", "beaten", 0),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(explanation["rules"][1]["condition"], "net_minor >= 100000");
    assert_eq!(explanation["rules"][4]["by"], "nanjing-road");
    assert_eq!(explanation["attributes"], json!({"store": "南京路"}), "what rules read, and nothing else");
    assert_eq!(earned["entry"]["inputs"]["attributes"], json!({"store": "南京路"}));

    // The explanation is worked out again from the entry, whenever somebody asks.
    world.days_pass(100).await;
    let entry = world.auditor().get("/v1/entries/m-1.1").await.ok();
    assert_eq!(entry["explanation"], *explanation);
    assert_eq!(entry["entry"], earned["entry"]);
    audit(&world, "m-1").await;
}

fn outcome(rule: &Value) -> (&str, &str, i64) {
    (rule["rule"].as_str().unwrap(), rule["outcome"].as_str().unwrap(), rule["points"].as_i64().unwrap())
}

#[tokio::test]
async fn a_limit_cuts_off_points_and_says_so() {
    let world = World::new().await;
    for review in 1..=6 {
        let event = fact("ugc.approved", &format!("review-{review}"), "m-1", world.now());
        let earned = world.shop().post("/v1/activities", &event).await.ok();
        assert_eq!(earned["points"], if review <= 5 { 20 } else { 0 }, "five reviews a month");
        let limited = earned["explanation"]["rules"][0].get("limited_by");
        assert_eq!(limited, (review == 6).then_some(&json!(["limit"])));
    }
    world.advance("2026-04-01T00:00:00+08:00").await;
    let event = fact("ugc.approved", "april", "m-1", world.now());
    assert_eq!(world.shop().post("/v1/activities", &event).await.ok()["points"], 20);
    assert_eq!(world.pockets("m-1").await, [120, 0, 0, 0]);
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn a_late_fact_counts_towards_the_limit_of_its_own_day_though_that_is_sealed() {
    let world = World::with(&[("max_earn_per_day = 50000", "max_earn_per_day = 150")]).await;
    let day = at("2026-03-01T00:00:00+08:00"); // the limit of this local day counts from here on
    world.pays("m-1", "1", 10_000).await.ok();
    for number in 0..30 {
        world.days_pass(1).await;
        world.pays("m-1", &format!("later-{number}"), 1_000).await.ok();
        world.redeems("m-1", "drink", &format!("k-{number}")).await;
    }
    assert!(tables::pages(&world.platform, "m-1").await >= 2, "the day is in a page, and not in the newest");
    let points = async |id: &str, at: Timestamp| {
        world.shop().post("/v1/activities", &order(id, "m-1", 10_000, at)).await.ok()["points"].clone()
    };
    let end = day + SignedDuration::from_hours(24);
    assert_eq!(
        points("2", end - SignedDuration::from_secs(1)).await,
        50,
        "of 150 a hundred were earned in the morning"
    );
    assert_eq!(points("3", day + SignedDuration::from_hours(11)).await, 0);
    assert_eq!(points("4", end).await, 100, "the next day earned 10");
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn a_tutorial_doubles_the_next_order_and_only_that() {
    let world = World::new().await;
    let mut tutorial = fact("task.completed", "tutorial", "m-1", world.now());
    tutorial["data"] = json!({"attributes": {"task": "watch_tutorial"}});
    let granted = world.shop().post("/v1/activities", &tutorial).await.ok();
    assert_eq!(outcome(&granted["explanation"]["rules"][0]), ("tutorial-double", "granted", 0));
    assert_eq!(world.pays("m-1", "1", 80_050).await.ok()["points"], 1_300, "800, and 500 more at the most");
    assert_eq!(world.pays("m-1", "2", 10_000).await.ok()["points"], 100);
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn a_statement_is_paged_to_its_beginning() {
    let world = World::new().await;
    for number in 1..=45 {
        world.earns_100("m-1", &format!("review-{number}")).await.ok();
        world.earns_100("m-2", &format!("other-{number}")).await.ok();
    }
    let mut path = "/v1/members/m-1/entries?limit=7".to_owned();
    let mut sequences = Vec::new();
    loop {
        let page = world.member("m-1").get(&path).await.ok();
        let entries = page["entries"].as_array().unwrap();
        sequences.extend(entries.iter().map(|entry| entry["sequence"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(entries.len(), 7);
        path = format!("/v1/members/m-1/entries?limit=7&after={next}");
        world.earns_100("m-1", &format!("meanwhile-{next}")).await.ok(); // what is new does not shift the pages
    }
    assert_eq!(sequences, (1..=45).rev().collect::<Vec<_>>());
    let first = world.member("m-1").get("/v1/members/m-1/entries").await.ok();
    assert_eq!(first["entries"].as_array().unwrap().len(), 20, "unless one asks for more");
    let nobody = world.member("m-3").get("/v1/members/m-3/entries").await.ok();
    assert_eq!(nobody, json!({"entries": []}));
}

#[tokio::test]
async fn a_balance_is_known_for_any_instant() {
    let world = World::new().await;
    world.pays("m-1", "1001", 19_990).await.ok();
    world.advance("2026-03-20T12:00:00+08:00").await;
    world.redeems("m-1", "drink", "a").await.ok();
    world.advance("2026-03-25T12:00:00+08:00").await;
    world.earns_100("m-1", "review").await.ok();
    for number in 0..40 {
        world.pays("m-1", &format!("small-{number}"), 100).await.ok(); // so that the older entries are sealed in pages
    }
    let sealed = tables::account(&world.platform, "m-1").await.unwrap()["s"]["N"].as_str().unwrap().parse::<u64>();
    assert!(sealed.unwrap() > 10, "the older entries are sealed");
    for (as_of, expected) in [
        ("2026-03-01T09:59:59+08:00", [0, 0, 0, 0]),
        (START, [0, 199, 0, 0]),
        ("2026-03-14T23:59:59+08:00", [0, 199, 0, 0]),
        ("2026-03-15T00:00:00+08:00", [199, 0, 0, 0]),
        ("2026-03-20T11:59:59+08:00", [199, 0, 0, 0]),
        ("2026-03-20T12:00:00+08:00", [99, 0, 0, 0]),
        ("2026-03-25T11:59:59+08:00", [99, 0, 0, 0]),
        ("2026-03-25T12:00:00+08:00", [199, 40, 0, 0]),
        // From here on it is what will be if nothing but time happens.
        ("2026-04-08T00:00:00+08:00", [239, 0, 0, 0]),
        ("2027-03-31T23:59:59+08:00", [239, 0, 0, 0]),
        ("2027-04-01T00:00:00+08:00", [0, 0, 0, 0]),
    ] {
        assert_eq!(world.pockets_at("m-1", as_of).await, expected, "{as_of}");
    }
    let then = world.auditor().get("/v1/members/m-1/balance?as_of=2026-03-10T00:00:00Z").await.ok();
    assert_eq!(then["next_activation"], json!({"points": 199, "at": "2026-03-14T16:00:00Z"}));
    let lots = world.member("m-1").get("/v1/members/m-1/lots").await.ok();
    assert_eq!(lots["active"], json!([{"points": 199, "expires_at": "2027-03-31T16:00:00Z"}]));
    let pending = json!([{"points": 40, "activates_at": "2026-04-07T16:00:00Z", "expires_at": "2027-03-31T16:00:00Z"}]);
    assert_eq!((&lots["pending"], &lots["held"]), (&pending, &json!([])));
}

#[tokio::test]
async fn a_batch_is_answered_one_by_one_and_written_once_per_member() {
    const PATH: &str = "/v1/activities/batch";
    let world = World::new().await;
    let mut activities: Vec<Value> =
        (0..20).map(|number| order(&number.to_string(), &format!("m-{}", number % 2), 10_000, world.now())).collect();
    let mut dollars = order("usd", "m-0", 10_000, world.now());
    dollars["data"]["currency"] = json!("USD");
    activities.insert(3, json!({"type": "order.paid"}));
    activities.insert(7, fact("moon.landing", "1", "m-0", world.now()));
    activities.insert(11, dollars);
    activities.insert(15, activities[0].clone());
    activities.insert(24, json!("not even an event"));
    let batch = || world.shop().prepared(Method::POST, PATH).json(&json!({"activities": activities}));
    let reply = world.shop().send(PATH, batch()).await.ok();
    let results = reply["results"].as_array().unwrap();
    assert_eq!(results.len(), 25);
    let bad = [
        (3, "invalid_field", "/activities/3"),
        (7, "unknown_activity", "/activities/7/type"),
        (11, "invalid_field", "/activities/11/data/currency"),
        (24, "invalid_field", "/activities/24"),
    ];
    for (place, result) in results.iter().enumerate() {
        match bad.iter().find(|(bad, ..)| *bad == place) {
            Some((_, code, pointer)) => {
                assert_eq!((&result["status"], &result["problem"]["code"]), (&json!(422), &json!(code)), "{place}");
                assert_eq!(result["problem"]["pointer"], *pointer);
            }
            None => {
                assert_eq!((&result["status"], &result["activity"]["points"]), (&json!(200), &json!(100)), "{place}");
                assert_eq!(result["replayed"], place == 15);
            }
        }
    }
    assert_eq!(results[15]["activity"], results[0]["activity"]);
    for member in ["m-0", "m-1"] {
        assert_eq!(world.pockets(member).await, [0, 1_000, 0, 0]);
        assert_eq!(tables::version(&world.platform, member).await, 1, "ten entries of {member} are one write");
        let entries = audit(&world, member).await;
        assert_eq!(entries.len(), 10);
    }
    let again = world.shop().send(PATH, batch()).await.ok();
    assert!(
        again["results"].as_array().unwrap().iter().all(|result| result["status"] == 422 || result["replayed"] == true)
    );
    assert_eq!(tables::version(&world.platform, "m-0").await, 1);
}

#[tokio::test]
async fn a_new_version_of_the_programme_decides_what_happens_from_then_on() {
    let world = World::new().await;
    let spring = world.pays("m-1", "1001", 10_000).await.ok();
    world.days_pass(20).await;
    let generous = [("points = 1, per_minor = 100 }     #", "points = 2, per_minor = 100 }     #"), NEXT_VERSION];
    world.publishes(&generous).await;
    let april = world.pays("m-1", "1002", 10_000).await.ok();
    assert_eq!((&april["points"], &april["entry"]["programme_version"]), (&json!(200), &json!("2026-03-21.1")));
    // What happened before is decided by the version of then, however late it is heard of, and stays so.
    let late = order("1003", "m-1", 10_000, world.now() - SignedDuration::from_hours(24));
    let late = world.shop().post("/v1/activities", &late).await.ok();
    assert_eq!((&late["points"], &late["entry"]["programme_version"]), (&json!(100), &json!("2026-01-01.1")));
    assert_eq!(world.auditor().get("/v1/entries/m-1.1").await.ok()["explanation"], spring["explanation"]);
    assert_eq!(world.refunds("1001", "r-1", "m-1", 5_000).await.ok()["taken"], 50);
    assert_eq!(world.refunds("1002", "r-2", "m-1", 5_000).await.ok()["taken"], 100);
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn names_in_any_script_are_kept_as_they_are() {
    let world = World::new().await;
    let mut event = order("订单 1001/茶", "m-1", 19_990, world.now());
    event["id"] = json!("发票-🧧-1001");
    event["source"] = json!("shop/上海/南京路");
    event["data"]["lines"] = json!([
        {"amount_minor": 9_990, "sku": "龙井茶 — 特级", "quantity": 2, "attributes": {"category": "茶叶"}},
        {"amount_minor": 10_000, "sku": "Ünïcødé \"quoted\" \\ ☕"},
    ]);
    event["data"]["attributes"] = json!({"store": "王芳的店", "channel": ""});
    let earned = world.shop().post("/v1/activities", &event).await.ok();
    assert_eq!(earned["entry"]["order"], "订单 1001/茶");
    assert_eq!(world.shop().post("/v1/activities", &event).await.again(), earned);
    let order_id =
        percent_encoding::utf8_percent_encode("订单 1001/茶", percent_encoding::NON_ALPHANUMERIC).to_string();
    let refunded = world.refunds(&order_id, "退款-1", "m-1", 19_990).await.ok();
    assert_eq!((&refunded["order_id"], &refunded["taken"]), (&json!("订单 1001/茶"), &json!(199)));
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn points_of_a_leap_day_and_its_eve_live_to_the_end_of_february() {
    for (start, expires_at) in [
        ("2027-02-28T12:00:00+08:00", "2028-02-29T16:00:00Z"),
        ("2028-02-29T12:00:00+08:00", "2029-02-28T16:00:00Z"),
        ("2026-01-31T15:59:59Z", "2027-01-31T16:00:00Z"),
        ("2026-01-31T16:00:00Z", "2027-02-28T16:00:00Z"),
    ] {
        let world = World::starting(start, &[]).await;
        assert_eq!(world.earns_100("m-1", "review").await.ok()["expires_at"], expires_at);
        world.clock.set(at(expires_at) - SignedDuration::from_millis(1));
        assert_eq!(world.pockets("m-1").await, [100, 0, 0, 0]);
        world.clock.set(at(expires_at));
        assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
    }
}

// rule: ledger 1.1, 1.3
#[tokio::test]
async fn days_begin_when_they_begin_where_the_programme_is() {
    let zone = |name: &str| format!("timezone = \"{name}\"");
    let world = |start, name: &str| {
        let zone = zone(name);
        async move { World::starting(start, &[("timezone = \"Asia/Shanghai\"", &zone)]).await }
    };
    for (name, start, expires_at) in [
        ("America/New_York", "2025-11-01T03:59:59Z", "2026-11-01T04:00:00Z"),
        ("America/New_York", "2025-11-01T04:00:00Z", "2026-12-01T05:00:00Z"),
        ("Europe/London", "2025-03-30T00:30:00Z", "2026-03-31T23:00:00Z"),
        ("America/Santiago", "2025-09-01T12:00:00Z", "2026-10-01T03:00:00Z"),
    ] {
        let world = world(start, name).await;
        assert_eq!(world.earns_100("m-1", "review").await.ok()["expires_at"], expires_at, "{name} {start}");
    }
    // In Santiago 6 September 2026 has no midnight: it begins at 01:00.
    let santiago = world("2026-08-23T12:00:00-04:00", "America/Santiago").await;
    assert_eq!(santiago.pays("m-1", "1001", 10_000).await.ok()["activates_at"], "2026-09-06T04:00:00Z");

    // 23:30 and 23:30 on the next day are 23 hours apart, and still two days in a row.
    let new_york = world("2026-03-08T04:30:00Z", "America/New_York").await;
    let checkin = |id: &str| fact("checkin", id, "m-1", new_york.now());
    new_york.shop().post("/v1/activities", &checkin("saturday")).await.ok();
    new_york.clock.set(at("2026-03-09T03:30:00Z"));
    let sunday = new_york.shop().post("/v1/activities", &checkin("sunday")).await.ok();
    assert_eq!(sunday["explanation"]["rules"][0]["streak"]["days"], 2);
    let twice = new_york.shop().post("/v1/activities", &checkin("sunday again")).await.ok();
    assert_eq!(outcome(&twice["explanation"]["rules"][0]), ("checkin", "already_counted", 0));
    assert_eq!(new_york.pockets("m-1").await, [2, 0, 0, 0]);
}

#[tokio::test]
async fn a_long_life_can_be_proved_entry_by_entry() {
    let world = World::with(&[EIGHTY]).await;
    let back = json!({"initiated_by": "merchant"});
    for month in 0..16 {
        world.pays("m-1", &format!("order-{month}"), 12_345 + month * 777).await.ok();
        world.refunds(&format!("order-{month}"), &format!("refund-{month}"), "m-1", 2_000 + month * 100).await.ok();
        world.earns_100("m-1", &format!("review-{month}")).await.ok();
        let redeemed = world.redeems("m-1", "eighty", &format!("eighty-{month}")).await.ok();
        if month % 3 == 0 {
            world.days_pass(3).await;
            let path = format!("/v1/redemptions/{}/reversals", redeemed["redemption_id"].as_str().unwrap());
            world.shop().keyed(&format!("back-{month}"), &path, &back).await.ok();
        }
        let checkout = json!({"member": "m-1", "order_id": "x", "order_net_minor": 90_000, "points": 100});
        let held = world.member("m-1").keyed(&format!("hold-{month}"), "/v1/holds", &checkout).await;
        if held.status == 200 && month % 2 == 0 {
            let path = format!("/v1/holds/{}/capture", held.body["hold_id"].as_str().unwrap());
            world.shop().post_nothing(&path).await.ok();
        }
        world.days_pass(30).await;
    }
    let entries = audit(&world, "m-1").await;
    assert!(entries.len() > 70, "{} entries", entries.len());
    let kinds = |kind: &str| entries.iter().filter(|entry| entry["kind"] == kind).count();
    for kind in ["earn", "refund", "redeem", "reverse", "hold", "capture", "settle"] {
        assert!(kinds(kind) > 0, "{kind}");
    }
}
