//! What members wish, from proposed to thanked for.

use serde_json::{Value, json};

use super::asking;
use crate::world::World;

impl World {
    /// Somebody answers a question after a purchase.
    async fn wishes(&self, name: &str, words: &str) -> String {
        let member = self.reachable(name, &[]).await;
        self.asks_after_purchase(&format!("{:032x}", name.bytes().map(u32::from).sum::<u32>()), &member).await;
        let token = self.link().await;
        assert_eq!(self.answers(&token, &json!({"score": 4, "why": words})).await.status, 201);
        member
    }

    async fn suggestion(&self, id: &str) -> Value {
        self.platform.rest().await.unwrap();
        let all = self.admin("ada").get("/v1/suggestions").await.ok();
        all["suggestions"].as_array().unwrap().iter().find(|one| one["suggestion"] == id).unwrap().clone()
    }
}

// rule: voice 25
#[tokio::test]
async fn who_wished_something_is_told_and_thanked_once_when_it_is_there() {
    let world = asking(&[]).await;
    let ada = world.admin("ada");
    let wang = world.wishes("wang", "很好，希望有小包装").await;
    let li = world.wishes("li", "小包装就好了").await; // nobody says that they wish it
    let body = json!({"theme": "small-size", "title": {"zh-CN": "小包装", "en": "Smaller packs"}});
    let proposed = ada.keyed("s-1", "/v1/suggestions", &body).await;
    assert_eq!((proposed.status, &proposed.body["state"]), (201, &json!("proposed")));
    assert_eq!(ada.keyed("s-1", "/v1/suggestions", &body).await.again()["state"], "proposed");
    let id = proposed.body["suggestion"].as_str().unwrap().to_owned();
    let at = |what: &str| format!("/v1/suggestions/{id}/{what}");
    ada.keyed("s-2", &at("shipping"), &json!({})).await.refused(409, "wrong_state");
    let zhao = world.reachable("zhao", &[]).await;
    ada.keyed("s-3", &at("acceptance"), &json!({"members": [zhao]})).await.ok();
    world.time_passes(jiff::SignedDuration::from_mins(6)).await;
    assert_eq!(world.suggestion(&id).await["contributors"], 2, "one by words, one by hand");
    // Who wishes it until it is done is found as well.
    let qian = world.wishes("qian", "建议做成小份").await;
    ada.keyed("s-4", &at("shipping"), &json!({})).await.ok();
    world.time_passes(jiff::SignedDuration::from_mins(6)).await;
    let shipped = world.suggestion(&id).await;
    assert_eq!(
        (&shipped["state"], &shipped["contributors"], &shipped["under_way"]),
        (&json!("shipped"), &json!(3), &json!(false))
    );
    for (member, points) in [(&wang, 110), (&zhao, 100), (&qian, 110), (&li, 10)] {
        assert_eq!(world.pockets(member).await[0], points, "{member}");
    }
    // Nobody is told again, and who comes later gets nothing.
    let sun = world.wishes("sun", "希望有小包装").await;
    ada.keyed("s-5", &at("shipping"), &json!({})).await.refused(409, "wrong_state");
    ada.keyed("s-6", &at("decline"), &json!({"reason": {"en": "no"}})).await.refused(409, "wrong_state");
    world.days_pass(1).await;
    assert_eq!((world.pockets(&sun).await[0], world.pockets(&wang).await[0]), (10, 110));
}

// rule: voice 25
#[tokio::test]
async fn a_suggestion_is_declined_with_a_reason() {
    let world = asking(&[]).await;
    let ada = world.admin("ada");
    let body = json!({"theme": "small-size", "title": {"en": "Smaller packs"}});
    let id = ada.keyed("s-1", "/v1/suggestions", &body).await.body["suggestion"].as_str().unwrap().to_owned();
    let path = format!("/v1/suggestions/{id}/decline");
    ada.keyed("s-2", &path, &json!({"reason": {}})).await.refused(422, "invalid_field");
    let declined = ada.keyed("s-3", &path, &json!({"reason": {"en": "It would not keep fresh"}})).await.ok();
    assert_eq!(
        (&declined["state"], &declined["reason"]["en"]),
        (&json!("declined"), &json!("It would not keep fresh"))
    );
    ada.keyed("s-4", &format!("/v1/suggestions/{id}/acceptance"), &json!({})).await.refused(409, "wrong_state");
    for (key, body, pointer) in [
        ("b-1", json!({"theme": "none", "title": {"en": "x"}}), "/theme"),
        ("b-2", json!({"theme": "small-size", "title": {}}), "/title"),
        ("b-3", json!({"theme": "small-size", "title": {"en": "x"}, "members": ["m-404"]}), "/members/0"),
    ] {
        assert_eq!(ada.keyed(key, "/v1/suggestions", &body).await.refused(422, "invalid_field")["pointer"], pointer);
    }
    let none = "/v1/suggestions/5d41402abc4b2a76b9719d911017c592/acceptance";
    ada.keyed("b-4", none, &json!({})).await.refused(404, "not_found");
    world.caller(sam::Role::Agent, "ann").get("/v1/suggestions").await.refused(403, "forbidden");
}
