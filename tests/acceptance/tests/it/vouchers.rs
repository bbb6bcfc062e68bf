//! Vouchers: their codes, and what is kept of them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda::Role;
use serde_json::json;
use store::{Item, item_of};

use crate::tables;
use crate::world::{Caller, World, at};

#[tokio::test]
async fn the_secret_of_codes_is_made_once_when_the_first_is_needed() {
    let world = World::new().await;
    assert_eq!(tables::vouchers(&world.platform).await, Vec::<String>::new());
    for member in ["m-1", "m-2"] {
        world.earns_100(member, "gift").await.ok();
    }
    let (one, two) = tokio::join!(world.redeems("m-1", "drink", "a"), world.redeems("m-2", "drink", "b"));
    for (member, redeemed) in [("m-1", one.ok()), ("m-2", two.ok())] {
        let till = format!("/v1/vouchers/{}/uses", redeemed["voucher"]["code"].as_str().unwrap());
        let used = world.shop().keyed(member, &till, &json!({})).await.ok();
        assert_eq!(used, json!({"use_id": format!("{member}.3"), "member": member, "reward": "drink"}));
    }
    assert_eq!(tables::vouchers(&world.platform).await.len(), 3, "two vouchers and a secret");
}

// rule: ledger 7.5
#[tokio::test]
async fn an_edited_voucher_is_neither_used_nor_voided() {
    let world = World::new().await;
    world.earns_100("m-1", "gift").await.ok();
    let redeemed = world.redeems("m-1", "drink", "a").await.ok();
    let till = format!("/v1/vouchers/{}/uses", redeemed["voucher"]["code"].as_str().unwrap());
    let reversals = format!("/v1/redemptions/{}/reversals", redeemed["redemption_id"].as_str().unwrap());
    let back = json!({"initiated_by": "member"});
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).vouchers;
    let put = async |item: Item| client.put_item().table_name(&table).set_item(Some(item)).send().await.unwrap();
    let stored = tables::vouchers(&world.platform).await;
    let stored = stored.iter().find(|line| line.contains("v#")).unwrap();
    let issued = item_of(&serde_json::from_str(stored).unwrap()).unwrap();
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let later = AttributeValue::N("1900000000".to_owned());
    for (name, value) in [
        ("member", text("m-2")),
        ("reward", text("toy")),
        ("state", text("used")),
        ("state", text("sold")),
        ("expires_at", later.clone()),
        ("ttl", later.clone()),
        ("redemption", later),
        ("of", text("all")), // nothing that the ledger knows; so what is written over it is right
    ] {
        put(issued.clone().into_iter().chain([(name.to_owned(), value)]).collect()).await;
        let before = tables::ledger(&world.platform).await;
        let body = world.shop().keyed(name, &till, &json!({})).await.refused(500, "voucher_damaged");
        assert!(!body.to_string().contains("m-1"), "{name}: {body}");
        if name != "of" {
            world.shop().keyed(name, &reversals, &back).await.refused(500, "voucher_damaged");
        }
        assert_eq!(tables::ledger(&world.platform).await, before, "{name}: no points came back");
    }
}

// rule: ledger 7.5
#[tokio::test]
async fn a_used_voucher_is_not_made_new_in_the_table() {
    let world = World::new().await;
    world.earns_100("m-1", "gift").await.ok();
    let redeemed = world.redeems("m-1", "drink", "a").await.ok();
    let till = format!("/v1/vouchers/{}/uses", redeemed["voucher"]["code"].as_str().unwrap());
    world.shop().keyed("till", &till, &json!({})).await.ok();
    let id = tables::vouchers(&world.platform).await.iter().find(|line| line.contains("v#")).unwrap().clone();
    let id = item_of(&serde_json::from_str(&id).unwrap()).unwrap()["id"].clone();
    let update = Client::new(world.platform.aws()).update_item().table_name(tables::names(&world.platform).vouchers);
    let update = update.key("id", id).update_expression("SET #s = :s").expression_attribute_names("#s", "state");
    update.expression_attribute_values(":s", AttributeValue::S("issued".to_owned())).send().await.unwrap();
    world.shop().keyed("again", &till, &json!({})).await.refused(500, "voucher_damaged");
}

// rule: ledger 4.16
#[tokio::test]
async fn a_member_sees_each_voucher_as_a_till_would_find_it() {
    let world = World::new().await;
    let seen = async |caller: Caller| caller.get("/v1/members/m-1/vouchers").await.ok()["vouchers"].clone();
    assert_eq!(seen(world.member("m-1")).await, json!([]));
    for id in ["one", "two", "three"] {
        world.earns_100("m-1", id).await.ok();
    }
    let mut redeemed = Vec::new();
    for key in ["a", "b", "c"] {
        redeemed.push(world.redeems("m-1", "drink", key).await.ok());
        world.days_pass(1).await;
    }
    let till = format!("/v1/vouchers/{}/uses", redeemed[0]["voucher"]["code"].as_str().unwrap());
    world.shop().keyed("till", &till, &json!({})).await.ok();
    let reversals = format!("/v1/redemptions/{}/reversals", redeemed[1]["redemption_id"].as_str().unwrap());
    world.shop().keyed("back", &reversals, &json!({"initiated_by": "member"})).await.ok();
    let expected = |states: [&str; 3], codes: bool| {
        let shown = redeemed.iter().zip(states).rev().map(|(redeemed, state)| {
            let mut shown = json!({
                "redemption_id": redeemed["redemption_id"], "reward": "drink", "state": state,
                "expires_at": redeemed["voucher"]["expires_at"],
            });
            if codes {
                shown["code"] = redeemed["voucher"]["code"].clone();
            }
            shown
        });
        json!(shown.collect::<Vec<_>>())
    };
    let now = ["used", "void", "issued"];
    assert_eq!(seen(world.member("m-1")).await, expected(now, true));
    for other in [world.caller(Role::Agent, "agent-7"), world.admin("ada"), world.shop()] {
        assert_eq!(seen(other).await, expected(now, false), "codes are the member's own");
    }
    world.member("m-2").get("/v1/members/m-1/vouchers").await.refused(403, "forbidden");
    world.auditor().get("/v1/members/m-1/vouchers").await.refused(403, "forbidden");
    // 30 days from the redemption it cannot be used any more; a day later it is no longer shown.
    world.time_passes(at(redeemed[2]["voucher"]["expires_at"].as_str().unwrap()).duration_since(world.now())).await;
    let shown = seen(world.member("m-1")).await;
    assert_eq!(shown[0]["state"], "expired");
    world.days_pass(2).await;
    assert_eq!(seen(world.member("m-1")).await, json!([]));
}

// rule: ledger 4.16
#[tokio::test]
async fn vouchers_of_sealed_history_are_shown_too() {
    let world = World::new().await;
    world.earns_100("m-1", "gift").await.ok();
    let redeemed = world.redeems("m-1", "drink", "a").await.ok();
    for number in 0..20 {
        world.pays("m-1", &format!("o-{number}"), 1_000).await.ok();
    }
    assert!(tables::pages(&world.platform, "m-1").await > 0);
    let seen = world.member("m-1").get("/v1/members/m-1/vouchers").await.ok();
    assert_eq!(seen["vouchers"][0]["code"], redeemed["voucher"]["code"]);
}
