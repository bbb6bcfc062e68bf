//! Vouchers: their codes, and what is kept of them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use store::{Item, item_of};

use crate::tables;
use crate::world::World;

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
        assert_eq!(used, json!({"member": member, "reward": "drink"}));
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
