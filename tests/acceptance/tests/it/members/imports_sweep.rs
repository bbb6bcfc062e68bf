//! What was taken in by other rules than today's, for somebody to clean.

use serde_json::{Value, json};

use crate::members::crm;
use crate::members::imports::came;
use crate::publication::{FIRST, SECOND};
use crate::world::World;

impl World {
    /// Everything that a sweep finds, and in how many answers.
    async fn looks_over(&self) -> (Vec<Value>, usize, u64) {
        let (mut members, mut answers, mut looked_at, mut body) = (Vec::new(), 0, 0, json!({}));
        loop {
            let answer = self.admin("ada").post("/v1/quality/sweep", &body).await.ok();
            let some = answer["looked_at"].as_u64().unwrap();
            assert!(some <= 100, "{answer}");
            (answers, looked_at) = (answers + 1, looked_at + some);
            members.extend(answer["members"].as_array().unwrap().clone());
            match answer["next"].as_str() {
                Some(next) => body = json!({ "next": next }),
                None => return (members, answers, looked_at),
            }
        }
    }
}

// rule: import 31
#[tokio::test]
async fn identifiers_that_would_not_be_taken_in_today_are_listed_page_by_page() {
    let world = World::new().await;
    let rows = (1..=230).map(|n| format!("k{n},{:08},王{n}\n", 66_000_000 + n));
    let file = format!("external_id,card,name\n{}", rows.collect::<String>());
    assert_eq!(came(&world.takes_in(&json!({}), file.as_bytes()).await), ("done", [230, 0, 0, 0]));
    let (found, answers, looked_at) = world.looks_over().await;
    assert_eq!((found.len(), looked_at), (0, 230));
    assert!(answers >= 3, "at most 100 in one answer");
    // Cards of tomorrow begin with 66000; those of two members do not, nor have as many digits.
    let odd = "external_id,card,phone\nodd,77000001,13800138000\nk1,6600000199,\n";
    assert_eq!(came(&world.takes_in(&json!({}), odd.as_bytes()).await), ("done", [2, 0, 0, 0]));
    let kinds = "match = [\"card\", \"wecom\", \"phone\", \"email\"]";
    let narrower = format!("{kinds}\ncard = {{ pattern = \"66[0-9]{{6}}\" }}");
    world.publishes(&[(kinds, &narrower), (FIRST, SECOND)]).await;
    let (found, _, looked_at) = world.looks_over().await;
    let (odd, first) = (world.finds("external:crm", "odd").await, world.finds("external:crm", "k1").await);
    let of = |member: &str, n: u32| json!({"member": member, "identifiers": [{"n": n, "kind": "card", "source": "crm", "code": "not_a_card"}]});
    let mut expected = vec![of(&odd, 2), of(&first, 3)];
    let mut found = found;
    for list in [&mut expected, &mut found] {
        list.sort_by_key(ToString::to_string);
    }
    assert_eq!((found, looked_at), (expected, 231));
    crm(&world).post("/v1/quality/sweep", &json!({})).await.refused(403, "forbidden");
    for next in ["x", "64", "3.5", "3.x.m-1"] {
        world.admin("ada").post("/v1/quality/sweep", &json!({ "next": next })).await.refused(422, "invalid_field");
    }
}
