//! What comes again is answered again, and done once: at once, from many callers, or a year later.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::proof::audit;
use crate::tables;
use crate::world::{AT_ONCE, Answer, World, fact, order, refund};

impl World {
    /// A member's further life, long enough that what was before is sealed in pages.
    async fn life_goes_on(&self, member: &str, key: &str) {
        for number in 0..40 {
            self.earns_100(member, &format!("{key}-{number}")).await.ok();
        }
    }

    /// Everything there is.
    async fn everything(&self) -> (Vec<String>, Vec<String>) {
        (tables::ledger(&self.platform).await, tables::shared(&self.platform).await)
    }
}

// rule: ledger 2.1
#[tokio::test]
async fn a_fact_is_credited_once_even_if_it_comes_again_a_year_later() {
    let world = World::new().await;
    let event = order("1001", "m-1", 19_990, world.now());
    let return_of_it = refund("r-1", "m-1", 5_000, world.now());
    let shop = world.shop();
    let earned = shop.post("/v1/activities", &event).await.ok();
    let refunded = shop.post("/v1/orders/1001/refunds", &return_of_it).await.ok();
    let again = async || {
        let before = world.everything().await;
        assert_eq!(shop.post("/v1/activities", &event).await.again(), earned);
        assert_eq!(shop.post("/v1/orders/1001/refunds", &return_of_it).await.again(), refunded);
        assert_eq!(world.admin("ada").post("/v1/activities", &event).await.again(), earned, "whoever reports it");
        let batch = json!({"activities": [event, event]});
        let batch = shop.post("/v1/activities/batch", &batch).await.ok();
        for result in batch["results"].as_array().unwrap() {
            assert_eq!((&result["replayed"], &result["activity"]), (&json!(true), &earned));
        }
        assert_eq!(world.everything().await, before, "nothing is written");
    };
    again().await;
    world.days_pass(40).await;
    world.life_goes_on("m-1", "spring").await;
    again().await;
    world.days_pass(330).await;
    world.life_goes_on("m-1", "next year").await;
    again().await;
    audit(&world, "m-1").await;
}

// rule: ledger 2.3
#[tokio::test]
async fn a_fact_told_differently_is_a_conflict_however_late() {
    let world = World::new().await;
    let event = order("1001", "m-1", 19_990, world.now());
    let return_of_it = refund("r-1", "m-1", 5_000, world.now());
    let shop = world.shop();
    shop.post("/v1/activities", &event).await.ok();
    shop.post("/v1/orders/1001/refunds", &return_of_it).await.ok();
    let changed = |of: &Value, pointer: &str, to: Value| {
        let mut changed = of.clone();
        *changed.pointer_mut(pointer).unwrap() = to;
        changed
    };
    let other_amount = changed(&event, "/data/lines/0/amount_minor", json!(20_000));
    let other_event = changed(&event, "/id", json!("order-1001-again"));
    let other_refund = changed(&return_of_it, "/amount_minor", json!(5_001));
    for season in ["spring", "next year"] {
        let before = world.everything().await;
        let refused = shop.post("/v1/activities", &other_amount).await.refused(409, "conflicting_duplicate");
        assert_eq!(refused["entry"], 1, "it names the entry");
        let refused = shop.post("/v1/activities", &other_event).await.refused(409, "conflicting_duplicate");
        assert_eq!(refused["entry"], 1, "an order earns once, whatever its events are called");
        let refused = shop.post("/v1/orders/1001/refunds", &other_refund).await.refused(409, "conflicting_duplicate");
        assert_eq!(refused["entry"], 2);
        assert_eq!(world.everything().await, before);
        world.days_pass(370).await;
        world.life_goes_on("m-1", season).await;
    }
}

// rule: ledger 2.1
#[tokio::test]
async fn the_same_id_from_another_source_is_another_fact() {
    let world = World::new().await;
    let event = fact("ugc.featured", "1", "m-1", world.now());
    world.shop().post("/v1/activities", &event).await.ok();
    let mut other = event.clone();
    other["source"] = json!("app");
    world.shop().post("/v1/activities", &other).await.ok();
    assert_eq!(world.pockets("m-1").await, [200, 0, 0, 0]);
}

// rule: ledger 2.1, 2.3
#[tokio::test]
async fn a_fact_counts_once_in_the_brand_whenever_and_for_whomever_it_comes_again() {
    let world = World::new().await;
    let shop = world.shop();
    let paid = order("1001", "m-1", 19_990, world.now());
    let featured = fact("ugc.featured", "feature-7", "m-1", world.now());
    let returned = refund("r-1", "m-1", 5_000, world.now());
    shop.post("/v1/activities", &paid).await.ok();
    shop.post("/v1/activities", &featured).await.ok();
    shop.post("/v1/orders/1001/refunds", &returned).await.ok();
    shop.post("/v1/activities", &order("1002", "m-2", 10_000, world.now())).await.ok();
    let first_at = world.now();
    world.life_goes_on("m-1", "spring").await;
    world.days_pass(4).await;
    let before = world.everything().await;
    let with = |of: &Value, changes: &[(&str, Value)]| {
        let mut other = of.clone();
        changes.iter().for_each(|(name, value)| other[*name] = value.clone());
        other
    };
    let now = json!(world.now());
    let stranger = json!("m-3");
    for again in [
        with(&paid, &[("time", now.clone())]),
        with(&paid, &[("id", json!("pos-88")), ("source", json!("pos"))]),
        with(&paid, &[("id", json!("paid-again")), ("subject", stranger.clone())]),
        with(&paid, &[("subject", stranger.clone())]),
        with(&featured, &[("time", now.clone())]),
        with(&featured, &[("subject", stranger.clone())]),
        with(&featured, &[("type", json!("survey.completed"))]),
    ] {
        let refused = shop.post("/v1/activities", &again).await.refused(409, "conflicting_duplicate");
        assert_eq!(refused["occurred_at"], json!(first_at), "{again}");
        let batch = shop.post("/v1/activities/batch", &json!({"activities": [again]})).await.ok();
        assert_eq!(batch["results"][0]["problem"]["code"], "conflicting_duplicate");
    }
    for (order, again) in [
        ("1001", with(&returned, &[("time", now.clone())])),
        ("1001", with(&returned, &[("source", json!("pos"))])),
        ("1002", with(&returned, &[("member", json!("m-2"))])),
    ] {
        let answer = shop.post(&format!("/v1/orders/{order}/refunds"), &again).await;
        if again["source"] == "pos" {
            answer.again(); // a refund is named by its id, whichever source reports it
        } else {
            answer.refused(409, "conflicting_duplicate");
        }
    }
    assert_eq!(world.everything().await, before, "nothing is posted");
    world.shop().get("/v1/members/m-3/balance").await.refused(404, "not_found");
}

// rule: ledger 2.3
#[tokio::test]
async fn whose_a_fact_is_is_told_to_those_who_may_read_members() {
    let world = World::new().await;
    world.shop().post("/v1/activities", &order("1001", "m-1", 19_990, world.now())).await.ok();
    let other = order("1001", "m-2", 19_990, world.now());
    let refused = world.shop().post("/v1/activities", &other).await.refused(409, "conflicting_duplicate");
    assert_eq!((&refused["name"], refused.get("member")), (&json!("order 1001"), None));
    let refused = world.admin("ada").post("/v1/activities", &other).await.refused(409, "conflicting_duplicate");
    assert_eq!(refused["member"], "m-1");
}

// rule: ledger 2.1
#[tokio::test]
async fn of_one_order_for_two_members_in_a_batch_the_first_wins() {
    let world = World::new().await;
    let (one, other) = (order("1001", "m-1", 19_990, world.now()), order("1001", "m-2", 19_990, world.now()));
    let batch = world.shop().post("/v1/activities/batch", &json!({"activities": [one, one, other]})).await.ok();
    let statuses: Vec<_> =
        (0..3).map(|place| (&batch["results"][place]["status"], &batch["results"][place]["replayed"])).collect();
    assert_eq!(statuses, [(&json!(200), &json!(false)), (&json!(200), &json!(true)), (&json!(409), &json!(false))]);
    world.shop().get("/v1/members/m-2/balance").await.refused(404, "not_found");
}

// rule: ledger 2.3
#[tokio::test]
async fn an_order_that_was_cancelled_whole_says_which_refund_did_it() {
    let world = World::new().await;
    let shop = world.shop();
    let paid = order("1001", "m-1", 10_000, world.now());
    shop.post("/v1/activities", &paid).await.ok();
    let cancelled = shop.post("/v1/orders/1001/refunds", &refund("r-1", "m-1", 10_000, world.now())).await.ok();
    shop.post("/v1/activities", &paid).await.again();
    world.time_passes(SignedDuration::from_mins(2)).await;
    let completed = order("1001", "m-1", 10_000, world.now());
    let refused = shop.post("/v1/activities", &completed).await.refused(409, "conflicting_duplicate");
    assert_eq!(refused["refund"], cancelled["refund_id"]);
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
}

#[tokio::test]
async fn a_repeated_redemption_shows_the_same_voucher() {
    let world = World::new().await;
    world.earns_100("m-1", "review").await.ok();
    let redeemed = world.redeems("m-1", "drink", "thirsty").await.ok();
    assert_eq!(world.redeems("m-1", "drink", "thirsty").await.again(), redeemed);
    world.life_goes_on("m-1", "later").await;
    world.time_passes(SignedDuration::from_hours(71)).await;
    world.life_goes_on("m-1", "much later").await;
    let before = world.everything().await;
    assert_eq!(world.redeems("m-1", "drink", "thirsty").await.again(), redeemed);
    let body = json!({"reward": "drink", "member": "m-1"});
    let quoted = world.member("m-1").keyed("\"thirsty\"", "/v1/redemptions", &body).await;
    assert_eq!(quoted.again(), redeemed, "a key may be quoted");
    assert_eq!(world.everything().await, before);
}

// rule: ledger 2.2
#[tokio::test]
async fn a_key_that_is_forgotten_redeems_anew() {
    let world = World::new().await;
    for id in ["one", "two"] {
        world.earns_100("m-1", id).await.ok();
    }
    let first = world.redeems("m-1", "drink", "thirsty").await.ok();
    for number in 0..8 {
        world.life_goes_on("m-1", &format!("later-{number}")).await;
    }
    world.time_passes(SignedDuration::from_hours(73)).await;
    world.life_goes_on("m-1", "much later").await;
    let second = world.redeems("m-1", "drink", "thirsty").await.ok();
    assert_ne!(first["voucher"]["code"], second["voucher"]["code"], "a drink and a voucher of its own");
}

// rule: ledger 2.2
#[tokio::test]
async fn a_key_is_for_one_request() {
    let world = World::new().await;
    for id in ["one", "two", "three"] {
        world.earns_100("m-1", id).await.ok();
        world.earns_100("m-2", id).await.ok();
    }
    world.redeems("m-1", "drink", "key").await.ok();
    let before = world.everything().await;
    let donation = json!({"member": "m-1", "reward": "farm-aid"});
    let toy = json!({"member": "m-1", "reward": "toy"});
    let reused = world.member("m-1").keyed("key", "/v1/redemptions", &toy).await.refused(422, "idempotency_key_reused");
    assert_eq!(reused["entry"], 4);
    assert_eq!(world.everything().await, before);
    // Another member, another path and another caller have keys of their own.
    world.redeems("m-2", "drink", "key").await.ok();
    world.member("m-1").keyed("key", "/v1/donations", &donation).await.ok();
    world.shop().keyed("key", "/v1/donations", &donation).await.ok();
    assert_eq!(world.pockets("m-1").await, [0, 0, 0, 0]);
    assert_eq!(world.pockets("m-2").await, [200, 0, 0, 0]);
}

// rule: ledger 2.2
#[tokio::test]
async fn every_write_without_a_name_of_its_own_needs_a_key() {
    let world = World::new().await;
    world.earns_100("m-1", "review").await.ok();
    let redeemed = world.redeems("m-1", "drink", "thirsty").await.ok();
    let voucher = format!("/v1/vouchers/{}/uses", redeemed["voucher"]["code"].as_str().unwrap());
    let before = world.everything().await;
    let long = "k".repeat(256);
    for (path, body) in [
        ("/v1/redemptions", json!({"member": "m-1", "reward": "drink"})),
        ("/v1/donations", json!({"member": "m-1", "reward": "farm-aid"})),
        ("/v1/holds", json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100})),
        ("/v1/adjustments", json!({"member": "m-1", "points": 5, "reason": "goodwill"})),
        ("/v1/redemptions/m-1.2/reversals", json!({"initiated_by": "member"})),
        (voucher.as_str(), json!({})),
    ] {
        let admin = world.admin("ada");
        admin.post(path, &body).await.refused(400, "missing_idempotency_key");
        admin.keyed(" ", path, &body).await.refused(400, "missing_idempotency_key");
        admin.keyed(&long, path, &body).await.refused(400, "invalid_idempotency_key");
        admin.keyed("schlüssel", path, &body).await.refused(400, "invalid_idempotency_key");
    }
    assert_eq!(world.everything().await, before);
    world.admin("ada").keyed(&long[..255], &voucher, &json!({})).await.ok();
}

// rule: ledger 2.2
#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let world = World::new().await;
    world.redeems("m-1", "drink", "key").await.refused(409, "insufficient_points");
    world.earns_100("m-1", "review").await.ok();
    world.redeems("m-1", "drink", "key").await.ok();
}

// rule: ledger 2.2
#[tokio::test]
async fn every_write_may_be_repeated() {
    let world = World::with(&[AT_ONCE]).await;
    let admin = world.admin("ada");
    for number in 0..10 {
        world.earns_100("m-1", &format!("f-{number}")).await.ok();
    }
    let keyed = async |path: &str, body: Value| -> Answer {
        let first = admin.keyed("key", path, &body).await;
        let second = admin.keyed("key", path, &body).await;
        assert!(!first.repeated && second.repeated, "{path}: {first:?}, {second:?}");
        assert_eq!((first.status, &first.body), (second.status, &second.body));
        first
    };
    let unkeyed = async |path: String| {
        let first = admin.post_nothing(&path).await.ok();
        assert_eq!(admin.post_nothing(&path).await.again(), first);
    };
    let checkout = json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100});
    let held = keyed("/v1/holds", checkout.clone()).await.ok();
    unkeyed(format!("/v1/holds/{}/capture", held["hold_id"].as_str().unwrap())).await;
    let again = admin.keyed("key", "/v1/holds", &checkout).await.again();
    assert_eq!(again, held, "the answer of then, whatever became of it");
    let next = json!({"member": "m-1", "order_id": "2", "order_net_minor": 100_000, "points": 100});
    let held = admin.keyed("other", "/v1/holds", &next).await.ok();
    unkeyed(format!("/v1/holds/{}/release", held["hold_id"].as_str().unwrap())).await;
    keyed("/v1/donations", json!({"member": "m-1", "reward": "farm-aid", "quantity": 2})).await.ok();
    let redeemed = keyed("/v1/redemptions", json!({"member": "m-1", "reward": "drink"})).await.ok();
    let path = format!("/v1/redemptions/{}/reversals", redeemed["redemption_id"].as_str().unwrap());
    keyed(&path, json!({"initiated_by": "member"})).await.ok();
    keyed("/v1/adjustments", json!({"member": "m-1", "points": -5, "reason": "fraud"})).await.ok();
    let large = json!({"member": "m-1", "points": 5000, "reason": "goodwill"});
    let asked = admin.keyed("large", "/v1/adjustments", &large).await.body;
    let path = format!("/v1/adjustments/{}/approvals", asked["adjustment_id"].as_str().unwrap());
    let approved = world.admin("grace").post_nothing(&path).await.ok();
    assert_eq!(world.admin("grace").post_nothing(&path).await.again(), approved);
    let redeemed = admin.keyed("again", "/v1/redemptions", &json!({"member": "m-1", "reward": "drink"})).await.ok();
    let till = format!("/v1/vouchers/{}/uses", redeemed["voucher"]["code"].as_str().unwrap());
    let used = keyed(&till, json!({})).await.ok();
    world.days_pass(31).await;
    assert_eq!(admin.keyed("key", &till, &json!({})).await.again(), used, "also when the voucher would have ended");
    assert_eq!(world.pockets("m-1").await, [1000 - 100 - 200 - 5 + 5000 - 100, 0, 0, 0]);
    audit(&world, "m-1").await;
}

// rule: ledger 2.2
#[tokio::test]
async fn a_request_sent_twice_at_the_same_time_is_done_once() {
    let world = World::new().await;
    for round in 0..10 {
        let member = format!("m-{round}");
        world.earns_100(&member, "review").await.ok();
        let mut callers = JoinSet::new();
        for _ in 0..8 {
            let (world, member) = (world.clone(), member.clone());
            callers.spawn(async move {
                loop {
                    let answer = world.redeems(&member, "drink", "key").await;
                    if answer.body["code"] != "busy" {
                        return answer;
                    }
                }
            });
        }
        let answers = callers.join_all().await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
        assert_eq!(world.pockets(&member).await, [0, 0, 0, 0]);
    }
}

// rule: ledger 1.1, 2.1
#[tokio::test]
async fn an_instant_is_the_same_however_it_is_written() {
    let world = World::new().await;
    let (shop, admin) = (world.shop(), world.admin("ada"));
    let at = |time: &str| {
        let mut event = order("1001", "m-1", 19_990, world.now());
        event["time"] = json!(time);
        event
    };
    let earned = shop.post("/v1/activities", &at("2026-02-28T15:59:59.999Z")).await.ok();
    assert_eq!(earned["expires_at"], "2027-02-28T16:00:00Z", "a fact of February, to its last millisecond");
    world.life_goes_on("m-1", "spring").await;
    world.days_pass(360).await;
    for spelling in ["2026-02-28T23:59:59.999+08:00", "2026-02-28T15:59:59.9990Z", "2026-02-28T15:59:59.9999999Z"] {
        assert_eq!(shop.post("/v1/activities", &at(spelling)).await.again(), earned, "{spelling}");
        let mut late = at(spelling);
        late["backdatereason"] = json!("the till was offline");
        assert_eq!(
            admin.post("/v1/activities", &late).await.again(),
            earned,
            "with a reason, the same fact: {spelling}"
        );
    }
    shop.post("/v1/activities", &at("2026-02-28T15:59:59.998Z")).await.refused(409, "conflicting_duplicate");
}

// rule: ledger 2.2
#[tokio::test]
async fn a_key_is_free_when_three_days_are_over() {
    let world = World::new().await;
    for id in ["one", "two", "three"] {
        world.earns_100("m-1", id).await.ok();
    }
    let gift = json!({"member": "m-1", "reward": "farm-aid"});
    let correction = json!({"member": "m-1", "points": 5, "reason": "goodwill"});
    let gives = async || world.member("m-1").keyed("key", "/v1/donations", &gift).await;
    let corrects = async || world.admin("ada").keyed("key", "/v1/adjustments", &correction).await;
    let (given, corrected) = (gives().await.ok(), corrects().await.ok());
    world.life_goes_on("m-1", "later").await;
    world.time_passes(SignedDuration::from_hours(72) - SignedDuration::from_secs(1)).await;
    assert_eq!((gives().await.again(), corrects().await.again()), (given.clone(), corrected));
    assert_eq!(world.pockets("m-1").await, [300 + 4_000 - 100 + 5, 0, 0, 0]);
    world.time_passes(SignedDuration::from_hours(1)).await;
    assert_ne!(gives().await.ok()["receipt_id"], given["receipt_id"], "a second gift, not the ghost of the first");
    corrects().await.ok();
    assert_eq!(world.pockets("m-1").await, [300 + 4_000 - 200 + 10, 0, 0, 0]);
    audit(&world, "m-1").await;
}

// rule: ledger 2.1
#[tokio::test]
async fn shops_that_number_alike_do_not_get_into_each_others_way() {
    let by_source = ("refund_window_days = 365", "order_ids = \"source\"\nrefund_window_days = 365");
    let world = World::with(&[by_source]).await;
    let shop = world.shop();
    let paid = |source: &str, member: &str| {
        let mut event = order("1001", member, 10_000, world.now());
        event["source"] = json!(source);
        event
    };
    let first = paid("shop", "m-1");
    assert_eq!(shop.post("/v1/activities", &first).await.ok()["points"], 100);
    assert_eq!(shop.post("/v1/activities", &paid("pos", "m-1")).await.ok()["points"], 100);
    let other = shop.post("/v1/activities", &paid("shop", "m-2")).await.refused(409, "conflicting_duplicate");
    assert_eq!(other["name"], "order shop/1001");
    let back = |source: &str, amount: i64| {
        let mut body = refund("r-1", "m-1", amount, world.now());
        body["source"] = json!(source);
        body
    };
    for (source, amount) in [("shop", 1_000), ("pos", 2_000)] {
        let taken = shop.post("/v1/orders/1001/refunds", &back(source, amount)).await.ok();
        assert_eq!((&taken["order_id"], &taken["taken"]), (&json!(format!("{source}/1001")), &json!(amount / 100)));
    }
    shop.post("/v1/orders/1001/refunds", &back("shop", 999)).await.refused(409, "conflicting_duplicate");
    let held = json!({"member": "m-1", "order_id": "shop/1001", "order_net_minor": 10_000, "points": 100});
    shop.keyed("h", "/v1/holds", &held).await.refused(409, "order_already_paid");
    assert_eq!(world.pockets("m-1").await, [0, 170, 0, 0]);
    let fixed = world.tries_to_publish(&[("2026-01-01.1", "2026-01-01.2")], None).await.unwrap_err();
    assert!(fixed.to_string().contains("order_ids"), "{fixed}");
}
