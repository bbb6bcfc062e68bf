//! What is personal is nowhere in the open: marked members, and every table searched for the marks.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::World;

/// How a text can stand in an item: as it is, without its prefix, in hex, in base64, escaped, in UTF-16.
pub(super) fn written(text: &str) -> Vec<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let json = serde_json::to_string(text).unwrap();
    // Of base64 the middle, wherever in an item the text begins.
    let base64 = |skip: usize| {
        let padded = [vec![b' '; skip], text.as_bytes().to_vec()].concat();
        let encoded = STANDARD.encode(padded);
        encoded[4..encoded.len().saturating_sub(4).max(4)].to_owned()
    };
    let mut ways = vec![text.to_owned(), hex(text.as_bytes()), hex(&utf16), json.trim_matches('"').to_owned()];
    ways.extend((0..3).map(base64).filter(|way| way.len() > 6));
    ways.extend(text.strip_prefix("+86").map(str::to_owned));
    ways
}

// rule: privacy 11
#[tokio::test]
async fn every_table_holds_personal_data_sealed_or_not_at_all() {
    let world = World::new().await;
    let marks = [
        "+8613812345678",
        "canary.mei@example.com",
        "CARD77001122",
        "金丝雀王",
        "1987-06-05",
        "金丝雀路十七号",
        "EXT-CANARY-31",
    ];
    let [phone, email, card, name, birthday, street, external] = marks;
    let mut body =
        known_as("crm", external, &[&format!("phone {phone}!"), &format!("email {email}"), &format!("card {card}")]);
    body["fields"] = json!({"name": name, "birthday": birthday, "address.lines": street});
    let member = crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned();
    // Somebody else says that the number is theirs, and the member changes, buys and agrees.
    world.presents("shop", "s-2", &[&format!("phone {phone}")]).await;
    world.pays(&member, "1001", 10_000).await.ok();
    let refused = known_as("crm", external, &[&format!("email {email}@")]);
    crm(&world).post("/v1/members", &refused).await.refused(422, "not_an_email");
    world.platform.rest().await.unwrap();
    let all = tables::everything(&world.platform).await;
    assert!(all.len() > 8, "there is something to search: {}", all.len());
    for mark in marks {
        for way in written(mark) {
            let found = all.iter().find(|line| line.contains(&way));
            assert!(found.is_none(), "`{way}` of {mark} stands in {found:?}");
        }
    }
    // And it is there, for who may see it.
    let own = world.member(&member).get(&format!("/v1/members/{member}")).await.ok();
    assert!([name, birthday, street].iter().all(|mark| own["fields"].to_string().contains(mark)), "{own}");
}

// rule: privacy 11
#[tokio::test]
async fn what_is_sealed_does_not_open_elsewhere_and_is_said_to_be_damaged() {
    let world = World::new().await;
    let mut members = Vec::new();
    for number in 1..=2 {
        let mut body = known_as("crm", &format!("c-{number}"), &[]);
        body["fields"] = json!({"name": format!("Mei {number}"), "given_name": "Mei"});
        members.push(crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned());
    }
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).contexts["members"].clone();
    let read = async |member: &str| {
        let key = AttributeValue::S(member.to_owned());
        client.get_item().table_name(&table).key("member", key).send().await.unwrap().item.unwrap()
    };
    let whole = read(&members[0]).await;
    let field = |item: &store::Item, name: &str| item["f"].as_m().unwrap()[name].as_m().unwrap()["y"].clone();
    let other = field(&read(&members[1]).await, "name");
    for value in [other, field(&whole, "given_name")] {
        let mut changed = whole.clone();
        let Some(AttributeValue::M(fields)) = changed.get_mut("f") else { panic!("fields") };
        let Some(AttributeValue::M(name)) = fields.get_mut("name") else { panic!("a name") };
        name.insert("y".to_owned(), value);
        client.put_item().table_name(&table).set_item(Some(changed)).send().await.unwrap();
        let path = format!("/v1/members/{}", members[0]);
        world.member(&members[0]).get(&path).await.refused(500, "sealed_damaged");
    }
    client.put_item().table_name(&table).set_item(Some(whole)).send().await.unwrap();
    world.member(&members[0]).get(&format!("/v1/members/{}", members[0])).await.ok();
}
