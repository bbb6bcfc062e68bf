//! A programme cannot be lost, swapped or half-published, and an edit takes nothing away.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::Method;
use serde_json::{Value, json};

use crate::tables;
use crate::world::{BEFORE_ADJUSTMENT, START, World, at, fact, order};

/// The name of the first version, and of later ones.
pub(crate) const FIRST: &str = "rules_version = \"2026-01-01.1\"";
pub(crate) const SECOND: &str = "rules_version = \"2026-03-02.1\"";
const THIRD: &str = "rules_version = \"2026-03-02.2\"";
/// Orders earn twice as much.
const DOUBLE: (&str, &str) =
    ("rate = { points = 1, per_minor = 100 }     #", "rate = { points = 2, per_minor = 100 }     #");

fn mug(stock: &str) -> String {
    format!("[[reward]]\nid = \"mug\"\ncost_points = 100\nkind = \"material\"\nstock = {stock}\n\n{BEFORE_ADJUSTMENT}")
}

impl World {
    /// Why a version of the programme is not published; nothing is written then.
    async fn cannot_publish(&self, changes: &[(&str, &str)], from: Option<&str>) -> String {
        let before = tables::shared(&self.platform).await;
        let error = self.tries_to_publish(changes, from).await.expect_err("it is refused").to_string();
        assert_eq!(tables::shared(&self.platform).await, before, "a refusal leaves every byte");
        error
    }

    /// What is left of a reward, as a member sees it.
    async fn left(&self, reward: &str) -> Value {
        let rewards = self.shop().get("/v1/members/m-1/rewards").await.ok();
        let all = rewards["rewards"].as_array().unwrap();
        all.iter().find(|offer| offer["reward"] == reward).map_or(Value::Null, |offer| offer["left"].clone())
    }

    /// The pieces of a stock, added up over its items.
    async fn pieces(&self, stock: &str) -> i64 {
        let mut sum = 0;
        for shard in 0..16 {
            let item = tables::stock(&self.platform, &format!("c#{stock}#{shard}")).await;
            sum += item.map_or(0, |item| item["n"]["N"].as_str().unwrap().parse::<i64>().unwrap());
        }
        sum
    }
}

// rule: ledger 6.1
#[tokio::test]
async fn a_version_name_names_one_document_for_ever() {
    let world = World::new().await;
    let error = world.cannot_publish(&[DOUBLE], None).await;
    assert!(error.contains("version_taken") && error.contains("2026-01-01.2"), "{error}");
    let same = world.tries_to_publish(&[], None).await.unwrap();
    assert!(same.unchanged && same.version.number == 1, "the newest document again is no news");
    assert_eq!(world.pays("m-1", "1", 10_000).await.ok()["points"], 100);
}

// rule: ledger 6.2
#[tokio::test]
async fn a_version_is_in_force_when_every_function_knows_it() {
    let world = World::new().await;
    let second = [DOUBLE, (FIRST, SECOND)];
    let error = world.cannot_publish(&second, Some("2026-02-20T00:00:00Z")).await;
    assert!(error.contains("older") && error.contains("2026-03-01T02:00:00Z"), "{error}");
    world.advance("2026-03-01T02:05:00Z").await;
    let published = world.tries_to_publish(&second, Some("2026-03-01T02:01:00Z")).await.unwrap();
    assert!(published.moved && published.version.from == at("2026-03-01T02:06:30Z"), "{published:?}");
    world.advance("2026-03-01T02:06:29Z").await;
    assert_eq!(world.pays("m-1", "1", 10_000).await.ok()["points"], 100);
    world.advance("2026-03-01T02:06:30Z").await;
    assert_eq!(world.pays("m-1", "2", 10_000).await.ok()["points"], 200);
    let late = order("3", "m-1", 10_000, at("2026-03-01T02:06:00Z"));
    assert_eq!(world.shop().post("/v1/activities", &late).await.ok()["points"], 100, "by the version of then");
    // Back to the first document: a number more, the same name.
    let back = world.tries_to_publish(&[], None).await.unwrap();
    assert!(!back.unchanged && back.version.number == 3, "{back:?}");
}

// rule: ledger 6.1
#[tokio::test]
async fn a_document_changed_in_the_store_decides_nothing() {
    let world = World::new().await;
    world.pays("m-1", "1", 10_000).await.ok();
    world.tries_to_publish(&[DOUBLE, (FIRST, SECOND)], None).await.unwrap();
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).catalogue;
    let hash = world.store().editions().await.unwrap()[1].version.hash;
    let id = AttributeValue::S(format!("doc#{hash}"));
    let stored = client.get_item().table_name(&table).key("id", id.clone()).send().await.unwrap().item.unwrap();
    let document = stored["document"].as_s().unwrap();
    assert!(document.contains("\"points\":2"), "{document}");
    let forged = AttributeValue::S(document.replace("\"points\":2", "\"points\":7"));
    let write = async |text: AttributeValue| {
        let update = client.update_item().table_name(&table).key("id", id.clone());
        let update = update.update_expression("SET #d = :d").expression_attribute_names("#d", "document");
        update.expression_attribute_values(":d", text).send().await.unwrap();
    };
    write(forged).await;
    world.clock.set(at("2026-03-01T02:05:00Z"));
    let pay = async || {
        let admin = world.admin("ada");
        let request = admin.prepared(Method::POST, "/v1/activities").json(&order("2", "m-1", 10_000, world.now()));
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, body) = pay().await;
    assert_eq!((status, &body["code"]), (503, &json!("programme_damaged")), "{body}");
    write(stored["document"].clone()).await;
    let (status, body) = pay().await;
    assert_eq!((status, &body["points"]), (200, &json!(200)), "mended, it goes on: {body}");
}

// rule: ledger 6.3
#[tokio::test]
async fn a_document_moves_a_stock_by_the_difference_once() {
    let world = World::new().await;
    let (five, eight) = (mug("5"), mug("8"));
    world.tries_to_publish(&[(BEFORE_ADJUSTMENT, &five), (FIRST, SECOND)], Some("2026-06-01T00:00:00Z")).await.unwrap();
    assert_eq!((world.pieces("mug").await, world.left("mug").await), (5, Value::Null), "laid in, and not offered yet");
    let third = [(BEFORE_ADJUSTMENT, &*eight), (FIRST, THIRD)];
    world.tries_to_publish(&third, Some("2026-06-02T00:00:00Z")).await.unwrap();
    world.tries_to_publish(&third, Some("2026-06-02T00:00:00Z")).await.unwrap();
    assert_eq!(world.pieces("mug").await, 8);
    world.advance("2026-06-03T00:00:00Z").await;
    assert_eq!(world.left("mug").await, 8);
}

// rule: ledger 6.3
#[tokio::test]
async fn a_lower_stock_takes_out_what_is_left_and_never_what_was_issued() {
    let world = World::new().await;
    world.publishes(&[("stock = 10000\n", "stock = 500\n"), (FIRST, SECOND)]).await;
    assert_eq!((world.left("drink").await, world.pieces("drink").await), (json!(500), 500));
    world.earns_100("m-1", "a").await.ok();
    world.redeems("m-1", "drink", "one").await.ok();
    let none = [("stock = 10000\n", "stock = 0\n"), (FIRST, THIRD)];
    let error = world.cannot_publish(&none, None).await;
    assert!(error.contains("stock_below_issued") && error.contains("issued: 1"), "{error}");
    world.publishes(&[("stock = 10000\n", "stock = 1\n"), (FIRST, THIRD)]).await;
    assert_eq!(world.left("drink").await, 0);
    world.earns_100("m-2", "b").await.ok();
    world.redeems("m-2", "drink", "two").await.refused(409, "out_of_stock");
}

// rule: ledger 6.3
#[tokio::test]
async fn pieces_are_laid_in_by_hand_once_and_with_a_reason() {
    let world = World::new().await;
    let admin = world.admin("ada");
    let path = "/v1/rewards/toy/stock";
    let more = admin.keyed("k", path, &json!({"add": 7, "reason": "delivery"})).await.ok();
    assert_eq!(more, json!({"reward": "toy", "added": 7, "given": 207, "left": 207}));
    assert_eq!(admin.keyed("k", path, &json!({"add": 7, "reason": "delivery"})).await.again(), more);
    admin.keyed("k", path, &json!({"add": 8, "reason": "delivery"})).await.refused(422, "idempotency_key_reused");
    admin.keyed("l", path, &json!({"add": -208, "reason": "broken"})).await.refused(409, "stock_below_issued");
    admin.keyed("l", path, &json!({"add": 0, "reason": "broken"})).await.refused(422, "invalid_field");
    admin.keyed("l", path, &json!({"add": 1, "reason": ""})).await.refused(422, "invalid_field");
    for other in ["moon", "farm-aid", "toy%230"] {
        let answer = admin.keyed("m", &format!("/v1/rewards/{other}/stock"), &json!({"add": 1, "reason": "x"})).await;
        answer.refused(404, "not_found");
    }
    assert_eq!(world.left("toy").await, 207);
    // What the document says is where it began: the same number changes nothing.
    world.publishes(&[DOUBLE, (FIRST, SECOND)]).await;
    assert_eq!(world.left("toy").await, 207);
}

// rule: ledger 6.4
#[tokio::test]
async fn a_quote_knows_the_stock_and_the_least_and_says_when() {
    let world = World::with(&[("kind = \"material\"\nstock = 200\n", "kind = \"material\"\nstock = 1\n")]).await;
    for (member, key) in [("m-1", "a"), ("m-1", "b"), ("m-2", "c"), ("m-2", "d")] {
        world.gives(member, 1_000, key).await;
    }
    let toy = json!({"redemption": {"member": "m-2", "reward": "toy"}});
    assert_eq!(world.quote(toy.clone()).await["as_of"], world.now().to_string());
    world.redeems("m-1", "toy", "k").await.ok();
    world.shop().post("/v1/quotes", &toy).await.refused(409, "out_of_stock");
    world.redeems("m-2", "toy", "k").await.refused(409, "out_of_stock");

    let world = World::with(&[("min_points = 100", "min_points = 500")]).await;
    world.gives("m-1", 300, "a").await;
    let hold = json!({"member": "m-1", "order_id": "9", "order_net_minor": 100_000, "points": 300});
    let quote = world.quote(json!({"pay_with_points": hold})).await;
    assert_eq!(
        (&quote["pay_with_points"]["points"], &quote["pay_with_points"]["min_points"]),
        (&json!(0), &json!(500))
    );
    world.member("m-1").keyed("h", "/v1/holds", &hold).await.refused(422, "below_minimum");
}

// rule: ledger 6.5
#[tokio::test]
async fn an_order_is_multiplied_by_the_tier_that_earlier_facts_made() {
    let world = World::new().await;
    let (first, second) = (at("2026-03-01T02:00:00Z"), at("2026-03-01T02:00:01Z"));
    world.advance("2026-03-01T02:00:02Z").await;
    let two = json!({"activities": [order("1", "m-1", 500_000, first), order("2", "m-1", 10_000, second)]});
    let told = world.shop().post("/v1/activities/batch", &two).await.ok();
    assert_eq!(told["results"][1]["activity"]["points"], 150, "{told}");
    let before = order("0", "m-1", 10_000, at("2026-03-01T01:00:00Z"));
    assert_eq!(world.shop().post("/v1/activities", &before).await.ok()["points"], 100);
}

// rule: ledger 6.6
#[tokio::test]
async fn a_raised_threshold_takes_no_tier_away() {
    let world = World::whole(START, &[]).await;
    assert_eq!(world.pays("m-1", "1", 600_000).await.ok()["status_points"], 6_000);
    world.platform.rest().await.unwrap();
    let raised = [("rank = 2\nthreshold = 5000", "rank = 2\nthreshold = 10000"), (FIRST, SECOND)];
    world.publishes(&raised).await;
    world.refunds("1", "r-1", "m-1", 100).await.ok();
    world.platform.rest().await.unwrap();
    let tier = world.auditor().get("/v1/members/m-1/tier").await.ok();
    assert_eq!((&tier["tier"], &tier["period"]["points_needed"]), (&json!("gold"), &json!(10_000)), "{tier}");
    assert_eq!(tier["period"]["end"], "2027-03-31T16:00:00Z");
    // Below the threshold by which it was reached, it is revoked.
    world.refunds("1", "r-2", "m-1", 150_000).await.ok();
    world.platform.rest().await.unwrap();
    assert_eq!(world.auditor().get("/v1/members/m-1/tier").await.ok()["tier"], "silver");
}

// rule: ledger 6.6
#[tokio::test]
async fn a_renamed_tier_names_the_one_whose_place_it_takes() {
    let world = World::whole(START, &[]).await;
    world.pays("m-1", "1", 2_500_000).await.ok();
    world.platform.rest().await.unwrap();
    let (black, multiplier, price) = ("id = \"black\"  ", ", black = \"2\" }", "black = 1600");
    let renamed = [(black, "id = \"diamond\"  "), (multiplier, ", diamond = \"2\" }"), (price, "diamond = 1600")];
    let mut changes = renamed.to_vec();
    changes.push((FIRST, SECOND));
    let error = world.cannot_publish(&changes, None).await;
    assert!(error.contains("tier_without_successor") && error.contains("black"), "{error}");
    assert_eq!(world.auditor().get("/v1/members/m-1/tier").await.ok()["tier"], "black");
    changes[0] = (black, "was = \"black\"\nid = \"diamond\"  ");
    world.publishes(&changes).await;
    assert_eq!(world.pays("m-1", "2", 10_000).await.ok()["points"], 200);
    let tier = world.auditor().get("/v1/members/m-1/tier").await.ok();
    assert_eq!((&tier["tier"], &tier["period"]["points_needed"]), (&json!("diamond"), &json!(20_000)), "{tier}");
}

// rule: ledger 6.6
#[tokio::test]
async fn what_entries_rest_on_stays_once_there_are_any() {
    let changes = [("currency = \"CNY\"", "currency = \"EUR\""), (FIRST, SECOND)];
    let world = World::new().await;
    world.publishes(&changes).await;
    let world = World::new().await;
    world.shop().post("/v1/activities", &fact("ugc.featured", "a", "m-1", world.now())).await.ok();
    for (change, field) in [
        (changes[0], "programme.currency"),
        (("timezone = \"Asia/Shanghai\"", "timezone = \"Europe/Berlin\""), "programme.timezone"),
        (("points = 100, value_minor = 100", "points = 100, value_minor = 50"), "redemption.pay_with_points"),
        (("unit_value_minor = 1", "unit_value_minor = 2"), "wallet.points.unit_value_minor"),
    ] {
        let error = world.cannot_publish(&[change, (FIRST, SECOND)], None).await;
        assert!(error.contains("fixed_once_used") && error.contains(field), "{error}");
    }
    let revalued = "points = 100, value_minor = 50";
    let how = ("hold_minutes = 15", "revalue = \"keep_points\"\nhold_minutes = 15");
    world.publishes(&[("points = 100, value_minor = 100", revalued), how, (FIRST, SECOND)]).await;
}

// rule: ledger 6.7
#[tokio::test]
async fn a_floor_is_above_the_lowest_tier() {
    let world = World::new().await;
    world.earns_100("m-1", "a").await.ok();
    for tier in ["member", "copper"] {
        let floor = json!({"tier": tier, "until": "2026-12-31T16:00:00Z", "reason": "goodwill"});
        let answer = world.admin("ada").keyed("k", "/v1/members/m-1/tier-floors", &floor).await;
        let refused = answer.refused(422, "invalid_field");
        assert!(refused["detail"].as_str().unwrap().contains("silver, gold, black"), "{refused}");
    }
}

// rule: ledger 6.3
#[tokio::test]
async fn a_stock_of_none_stops_a_reward_until_the_document_before_is_back() {
    let world = World::new().await;
    world.earns_100("m-1", "a").await.ok();
    world.publishes(&[("stock = 10000\n", "stock = 0\n"), (FIRST, SECOND)]).await;
    assert_eq!((world.left("drink").await, world.pieces("drink").await), (json!(0), 0));
    world.redeems("m-1", "drink", "one").await.refused(409, "out_of_stock");
    let quote = json!({"redemption": {"member": "m-1", "reward": "drink"}});
    world.shop().post("/v1/quotes", &quote).await.refused(409, "out_of_stock");
    world.publishes(&[]).await;
    assert_eq!(world.left("drink").await, 10_000);
    world.redeems("m-1", "drink", "one").await.ok();
    world.publishes(&[("stock = 10000\n", "stock = 10500\n"), (FIRST, THIRD)]).await;
    assert_eq!(world.left("drink").await, 10_499);
}

// rule: ledger 6.6
#[tokio::test]
async fn what_was_earned_and_taken_stays_as_it_was_decided() {
    let world = World::new().await;
    let shop = world.shop();
    let featured = fact("ugc.featured", "a", "m-1", world.now());
    let earned = shop.post("/v1/activities", &featured).await.ok();
    world.pays("m-1", "1", 10_000).await.ok();
    let redeemed = world.redeems("m-1", "drink", "one").await.ok();
    // Without the activity, its rule and the reward; with other waiting, and another price of money.
    let rule = "[[earning_rule]]\nid = \"ugc-featured\"\non = \"ugc.featured\"\npoints = 100\n";
    let changes = [
        (rule, ""),
        ("[activity.\"ugc.featured\"]\n", ""),
        ("\"ugc.featured\" = 5, ", ""),
        ("id = \"drink\"", "id = \"soda\""),
        ("pending_days = 14 ", "pending_days = 0 "),
        ("revoke_window_days = 14", "revoke_window_days = 0"),
        DOUBLE,
        (FIRST, SECOND),
    ];
    world.publishes(&changes).await;
    assert_eq!(shop.post("/v1/activities", &featured).await.again(), earned);
    let new = fact("ugc.featured", "b", "m-1", world.now());
    shop.post("/v1/activities", &new).await.refused(422, "unknown_activity");
    world.pays("m-1", "2", 10_000).await.ok();
    assert_eq!(world.pockets("m-1").await, [200, 100, 0, 0], "the first order still waits");
    assert_eq!(world.refunds("1", "r-1", "m-1", 5_000).await.ok()["due"], 50);
    let back = format!("/v1/redemptions/{}/reversals", redeemed["redemption_id"].as_str().unwrap());
    world.admin("ada").keyed("back", &back, &json!({"initiated_by": "merchant"})).await.ok();
    assert_eq!(world.pockets("m-1").await, [300, 50, 0, 0]);
}

// rule: ledger 6.1
#[tokio::test]
async fn a_version_left_out_of_the_list_or_the_list_gone_is_noticed() {
    let world = World::new().await;
    world.tries_to_publish(&[DOUBLE, (FIRST, SECOND)], None).await.unwrap();
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).catalogue;
    let key = AttributeValue::S("programme".to_owned());
    let stored = client.get_item().table_name(&table).key("id", key).send().await.unwrap().item.unwrap();
    let versions = stored["versions"].as_l().unwrap();
    let with = |versions: &[AttributeValue]| {
        let mut item = stored.clone();
        item.insert("versions".to_owned(), AttributeValue::L(versions.to_vec()));
        client.put_item().table_name(&table).set_item(Some(item)).send()
    };
    with(&versions[..1]).await.unwrap();
    world.clock.set(at("2026-03-01T02:05:00Z"));
    let pay = world.admin("ada").prepared(Method::POST, "/v1/activities");
    let response = pay.json(&order("1", "m-1", 10_000, world.now())).send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "programme_damaged");
    assert!(world.store().editions().await.is_err(), "whoever publishes sees it, too");
    with(versions).await.unwrap();
    assert_eq!(world.pays("m-1", "0", 10_000).await.ok()["points"], 200);

    // The whole list gone: nothing is decided, and nobody begins to count anew.
    let key = AttributeValue::S("programme".to_owned());
    client.delete_item().table_name(&table).key("id", key).send().await.unwrap();
    world.clock.set(at("2026-03-01T02:10:00Z"));
    let pay = world.admin("ada").prepared(Method::POST, "/v1/activities");
    let response = pay.json(&order("1", "m-1", 10_000, world.now())).send().await.unwrap();
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "programme_damaged");
    assert!(world.tries_to_publish(&[], None).await.is_err());
    with(versions).await.unwrap();
    assert_eq!(world.pays("m-1", "1", 10_000).await.ok()["points"], 200);
}
