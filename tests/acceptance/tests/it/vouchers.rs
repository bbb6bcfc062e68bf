//! Vouchers: their codes, and what is kept of them.

use serde_json::json;

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
