//! What stands before every function: tokens however they are written, names that stand twice, parameters that are not there, ids
//! in another spelling; and whatever is refused has a code.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Unchanged, lived_in};
use crate::world::{World, answer};

const ADMIN: &str = "admin ledger:read activities:write";

#[tokio::test]
async fn whatever_is_refused_before_a_function_has_a_code() {
    let world = lived_in().await;
    let admin = world.admin("ada");
    let balance = "/v1/members/m-1/balance";
    admin.get("/v1/nothing").await.refused(404, "not_found");
    admin.get("/").await.refused(404, "not_found");
    admin.get(&format!("{balance}/")).await.refused(404, "not_found");
    for method in [Method::DELETE, Method::PUT, Method::PATCH, Method::OPTIONS] {
        answer(admin.prepared(method, balance)).await.refused(404, "not_found");
    }
    answer(world.request(Method::GET, "/v1/nothing")).await.refused(404, "not_found");
    let large = admin.prepared(Method::POST, "/v1/activities").body(vec![b'x'; 10 * 1024 * 1024 + 1]);
    answer(large).await.refused(413, "too_large");
    answer(world.request(Method::GET, balance)).await.refused(401, "unauthorized");
    world.shop().keyed("k", "/v1/adjustments", &json!({})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_401_says_why() {
    let world = lived_in().await;
    let other = World::new().await;
    let (url, foreign) = (world.platform.url().to_owned(), other.platform.url().to_owned());
    let told = async |token: String, words: &str| {
        let request = world.request(Method::GET, "/v1/members/m-1/balance").bearer_auth(token);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401, "{words}");
        let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
        let body: Value = response.json().await.unwrap();
        let detail = body["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{detail}");
        assert_eq!(challenge, format!("Bearer error=\"invalid_token\" error_description=\"{detail}\""));
    };
    told("x".to_owned(), "no signed JWT").await;
    told(other.platform.token(sam::Role::Admin, "ada"), &foreign).await;
    told(other.platform.token(sam::Role::Admin, "ada"), &url).await;
    // The function's own.
    told(world.platform.token_with("ada", "ledger:read"), "no role").await;
    told(world.platform.token_with("ada", &format!("member {ADMIN}")), "several roles").await;
    told(world.platform.token_with(&"x".repeat(129), ADMIN), "`sub`").await;
    let now = world.now();
    let claims = json!({"scope": ADMIN, "nbf": now.as_second() + 60, "exp": now.as_second() + 120});
    told(world.platform.token_of("ada", &claims), "not valid yet").await;
    told(world.platform.token_of("ada", &json!({"scope": ADMIN, "exp": now.as_second()})), "has expired").await;
    told(world.platform.token_of("ada", &json!({"scope": ADMIN, "aud": "another"})), "another API").await;
}

#[tokio::test]
async fn scopes_are_words_or_a_list_under_either_name() {
    let world = lived_in().await;
    let list: Vec<&str> = ADMIN.split(' ').collect();
    let status = async |claims: Value| {
        let token = world.platform.token_of("ada", &claims);
        answer(world.request(Method::GET, "/v1/members/m-1/balance").bearer_auth(token)).await.status
    };
    for claims in [json!({"scope": ADMIN}), json!({"scope": list}), json!({"scp": ADMIN}), json!({"scp": list})] {
        assert_eq!(status(claims.clone()).await, 200, "{claims}");
    }
    let two: Vec<&str> = list.iter().copied().chain(["member"]).collect();
    for claims in [json!({"scope": two}), json!({"scp": two}), json!({"scope": list, "scp": "member"})] {
        assert_eq!(status(claims.clone()).await, 401, "{claims}");
    }
    assert_eq!(status(json!({"scope": ["admin"]})).await, 403);
}

#[tokio::test]
async fn a_name_that_stands_twice_is_refused_at_its_place() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let time = world.now();
    let event = |more: &str, data: &str| {
        format!(
            r#"{{"specversion":"1.0","type":"order.paid","source":"shop","id":"p1","subject":"m-1","time":"{time}",{more}"data":{data}}}"#
        )
    };
    let data = r#"{"order_id":"1","currency":"CNY","lines":[{"amount_minor":10000}]}"#;
    let hold = r#"{"member":"m-1","order_id":"1","order_net_minor":100000,"points":100,"points":200}"#;
    for (path, body, pointer) in [
        ("/v1/activities", event(r#""subject":"m-2","#, data), "/subject"),
        ("/v1/activities", event(r#""subject":"m-1","#, data), "/subject"),
        ("/v1/activities", event(r#""data":{},"#, data), "/data"),
        (
            "/v1/activities",
            event("", &data.replace("\"currency\"", "\"order_id\":\"2\",\"currency\"")),
            "/data/order_id",
        ),
        (
            "/v1/activities",
            event("", &data.replace("10000", "10000,\"amount_minor\":90000")),
            "/data/lines/0/amount_minor",
        ),
        (
            "/v1/activities/batch",
            format!(r#"{{"activities":[{},{}]}}"#, event("", data), event(r#""id":"p2","#, data)),
            "/activities/1/id",
        ),
        ("/v1/holds", hold.to_owned(), "/points"),
    ] {
        let request = world.admin("ada").prepared(Method::POST, path).header("idempotency-key", "k").body(body);
        let refused = world.admin("ada").send(path, request).await.refused(400, "invalid_json");
        assert_eq!(refused["pointer"], pointer);
    }
    unchanged.check("a name that stands twice").await;
}

#[tokio::test]
async fn a_parameter_that_a_route_does_not_have_is_refused() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let admin = world.admin("ada");
    let refused = admin.get("/v1/members/m-1/entries?limt=1").await.refused(400, "invalid_parameter");
    assert_eq!(refused["known"], json!(["limit", "after"]));
    assert_eq!(refused["detail"], "there is no parameter `limt`; did you mean `limit`?");
    for path in [
        "/v1/members/m-1/balance?at=2026-03-01T00:00:00Z",
        "/v1/members/m-1/balance?As_of=2026-03-01T00:00:00Z",
        "/v1/members/m-1/lots?limit=1",
        "/v1/members/m-1/entries?limit=1&limit=2",
        "/v1/members/m-1/entries?limit=1&%6Cimit=1",
        "/v1/members/m-1/rewards?x",
        "/v1/entries/m-1.1?explain=true",
        "/openapi.json?version=2",
    ] {
        admin.get(path).await.refused(400, "invalid_parameter");
    }
    let body = json!({"member": "m-1", "reward": "drink"});
    admin.keyed("k", "/v1/redemptions?dry_run=true", &body).await.refused(400, "invalid_parameter");
    unchanged.check("an unknown parameter").await;
    // Who may not do it at all learns nothing about how it is asked.
    world.member("m-2").get("/v1/members/m-1/lots?limit=1").await.refused(403, "forbidden");
}

// rule: ledger 2.2
#[tokio::test]
async fn an_id_has_one_spelling() {
    let world = lived_in().await;
    let admin = world.admin("ada");
    let taken = world.redeems("m-1", "drink", "thirsty").await.again();
    let redemption = taken["redemption_id"].as_str().unwrap().to_owned();
    let (member, sequence) = redemption.split_once('.').unwrap();
    let back = json!({"initiated_by": "merchant"});
    let path = |id: &str| format!("/v1/redemptions/{id}/reversals");
    admin.keyed("v", &path(&redemption), &back).await.ok();
    let unchanged = Unchanged::of(&world).await;
    for id in [
        format!("{member}.0{sequence}"),
        format!("{member}.+{sequence}"),
        format!("{member}.%2B{sequence}"),
        format!("{member}.{sequence}%20"),
        format!("{member}..{sequence}"),
    ] {
        admin.keyed("v", &path(&id), &back).await.refused(404, "not_found");
        admin.get(&format!("/v1/entries/{id}")).await.refused(404, "not_found");
    }
    // What is only encoded is the same path, and so the same request.
    let encoded = redemption.replace('-', "%2D").replace('.', "%2E");
    admin.keyed("v", &path(&encoded), &back).await.again();
    unchanged.check("another spelling").await;
}

// rule: ledger 2.2
#[tokio::test]
async fn a_voucher_is_one_however_its_code_is_typed() {
    let world = lived_in().await;
    let taken = world.redeems("m-1", "drink", "thirsty").await.again();
    let code = taken["voucher"]["code"].as_str().unwrap().to_owned();
    let uses = |code: &str| format!("/v1/vouchers/{code}/uses");
    world.shop().keyed("till", &uses(&code), &json!({})).await.ok();
    for typed in [code.to_lowercase(), code.replace('-', ""), code.replace('0', "o").replace('1', "l")] {
        world.shop().keyed("till", &uses(&typed), &json!({})).await.again();
        world.shop().keyed("another", &uses(&typed), &json!({})).await.refused(409, "voucher_used");
    }
}

#[tokio::test]
async fn the_document_is_cached() {
    let world = World::new().await;
    let get = |tag: Option<&str>| {
        let request = world.request(Method::GET, "/openapi.json");
        tag.into_iter().fold(request, |request, tag| request.header("if-none-match", tag)).send()
    };
    let first = get(None).await.unwrap();
    assert_eq!(
        (first.status().as_u16(), &first.headers()["cache-control"]),
        (200, &"public, max-age=300".parse().unwrap())
    );
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(first.json::<Value>().await.unwrap()["openapi"] == "3.1.0");
    for had in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = get(Some(&had)).await.unwrap();
        assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (304, tag.as_str()), "{had}");
        assert!(again.bytes().await.unwrap().is_empty());
    }
    assert_eq!(get(Some("\"other\"")).await.unwrap().status(), 200);
}

#[test]
fn the_document_says_how_long_a_key_is_remembered() {
    let document = sam::openapi::document(&local::functions::operations(), &std::collections::BTreeMap::new());
    let paths = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let parameters = paths.flat_map(|operation| operation["parameters"].as_array().unwrap());
    let mut keys = parameters.filter(|parameter| parameter["name"] == "Idempotency-Key").peekable();
    assert!(keys.peek().is_some());
    assert!(keys.all(|key| key["description"].as_str().unwrap().contains("three days")));
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let mut event = crate::world::order("2000", "m-1", 100, world.now());
    event["time"] = json!("2026-03-01 10:00");
    event["subject"] = json!(7);
    event["colour"] = json!("red");
    let shape = world.shop().post("/v1/activities", &event).await.refused(422, "invalid_field");
    let told = |problem: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = problem["errors"].as_array().unwrap();
        errors.iter().map(|error| (text(&error["pointer"]), text(&error["detail"]))).collect()
    };
    let owned = |told: &[(&str, &str)]| -> Vec<(String, String)> {
        told.iter().map(|(pointer, detail)| ((*pointer).to_owned(), (*detail).to_owned())).collect()
    };
    let instant = "must be an instant with offset, such as 2026-11-25T21:31:00+08:00";
    let expected = [("/colour", "there is no field `colour`"), ("/subject", "must be a text"), ("/time", instant)];
    assert_eq!(told(&shape), owned(&expected));
    assert_eq!((&shape["pointer"], &shape["detail"]), (&json!("/colour"), &json!("there is no field `colour`")));
    assert!(shape["errors"][0]["known"].as_array().unwrap().contains(&json!("subject")));

    let mut event = crate::world::order("2000", "m-1", 100, world.now());
    event["data"]["order_idd"] = json!("2000");
    let one = world.shop().post("/v1/activities", &event).await.refused(422, "invalid_field");
    assert_eq!(one["pointer"], "/data/order_idd");
    assert!(one["known"].as_array().unwrap().contains(&json!("order_id")), "of one fault alone, too: {one}");

    let mut event = crate::world::order("2000", "m-1", 100, world.now());
    event["specversion"] = json!("0.3");
    event["subject"] = json!("m 1");
    event["data"]["order_id"] = json!("");
    event["data"]["tax_minor"] = json!(-1);
    event["data"]["lines"] = json!([{"amount_minor": 1, "quantity": 0}, {"amount_minor": -1, "sku": "x".repeat(129)}]);
    let values = world.shop().post("/v1/activities", &event).await.refused(422, "invalid_field");
    let places: Vec<String> = told(&values).into_iter().map(|(pointer, _)| pointer).collect();
    let expected = [
        "/specversion",
        "/subject",
        "/data/order_id",
        "/data/tax_minor",
        "/data/lines/0/quantity",
        "/data/lines/1/amount_minor",
        "/data/lines/1/sku",
    ];
    assert_eq!(places, expected);

    let batch = json!({"activities": [event]});
    let items = world.shop().post("/v1/activities/batch", &batch).await.ok();
    let places: Vec<String> = told(&items["results"][0]["problem"]).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(places, expected.map(|place| format!("/activities/0{place}")));

    let shape = json!({"member": "m-1", "order_net_minor": "1000.00", "points": 1.5});
    let shape = world.admin("ada").keyed("k", "/v1/holds", &shape).await.refused(422, "invalid_field");
    let minor = "must be a whole number in minor units (199 is 1.99)";
    let expected = [("/order_net_minor", minor), ("/points", "must be a whole number"), ("", "`order_id` is missing")];
    assert_eq!(told(&shape), owned(&expected));
    unchanged.check("what is wrong in many ways").await;
}

#[tokio::test]
async fn a_member_to_whom_nothing_has_happened_sees_zeros() {
    let world = World::new().await;
    let member = world.member("m-9");
    assert_eq!(crate::world::pockets(&member.get("/v1/members/m-9/balance").await.ok()), [0; 4]);
    assert_eq!(member.get("/v1/members/m-9/entries").await.ok()["entries"], json!([]));
    assert_eq!(member.get("/v1/members/m-9/tier").await.ok()["tier"], "member");
    for path in ["lots", "rewards"] {
        member.get(&format!("/v1/members/m-9/{path}")).await.ok();
    }
    world.admin("ada").get("/v1/members/m-9/balance").await.refused(404, "not_found");
    world.member("m-8").get("/v1/members/m-9/balance").await.refused(403, "forbidden");
}
