//! Under what the data of members is sealed, as years pass.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use serde_json::json;

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::World;

// rule: privacy 12
#[tokio::test]
async fn a_members_key_moves_to_the_newest_branch_with_the_next_write() {
    let world = World::new().await;
    let enrol = async |name: &str| {
        let mut body = known_as("crm", name, &[]);
        body["fields"] = json!({"name": "王小明"});
        crm(&world).post("/v1/members", &body).await.body["member"].as_str().unwrap().to_owned()
    };
    let client = Client::new(world.platform.aws());
    let table = tables::names(&world.platform).contexts["member-keys"].clone();
    let key = async |of: &str| {
        let of = AttributeValue::S(of.to_owned());
        client.get_item().table_name(&table).key("member", of).send().await.unwrap().item.unwrap()
    };
    let branch = async |of: &str| key(of).await["n"].as_n().unwrap().clone();
    let (old, idle) = (enrol("c-1").await, enrol("c-2").await);
    let sealed = key(&old).await["w"].clone();
    assert_eq!((branch(&old).await, branch("branches").await), ("1".to_owned(), "1".to_owned()));

    world.clock.advance(SignedDuration::from_hours(365 * 24));
    world.member(&old).sees(&old).await;
    assert_eq!(branch(&old).await, "1", "who reads moves nothing");
    world.member(&old).patch(&old, &json!({"fields": {"gender": "female"}})).await.ok();
    assert_eq!((branch(&old).await, branch("branches").await), ("2".to_owned(), "2".to_owned()));
    assert_ne!(key(&old).await["w"], sealed);
    let fields = &world.member(&old).sees(&old).await["fields"];
    assert_eq!((&fields["name"]["value"], &fields["gender"]["value"]), (&json!("王小明"), &json!("female")));

    assert_eq!((branch(&idle).await, branch(&enrol("c-3").await).await), ("1".to_owned(), "2".to_owned()));
    world.member(&old).patch(&old, &json!({"fields": {"gender": "male"}})).await.ok();
    assert_eq!(branch(&old).await, "2", "once");
}
