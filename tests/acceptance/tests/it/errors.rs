//! Wrong and hostile requests: each gets the right status, a stable code and the place of the mistake; none changes
//! anything, and nothing is ever answered with 5xx.

use jiff::{SignedDuration, Timestamp};
use local::issuer::Role;
use local::template::Stack;
use reqwest::Method;
use serde_json::{Value, json};

use crate::proof::audit;
use crate::tables;
use crate::world::{Answer, START, World, answer, at, fact, order, refund, repository};

/// A world with a member who has points, a redemption, a hold and an order.
async fn lived_in() -> World {
    let world = World::new().await;
    for id in ["one", "two", "three", "four", "five"] {
        world.earns_100("m-1", id).await.ok();
    }
    world.redeems("m-1", "drink", "thirsty").await.ok();
    let checkout = json!({"member": "m-1", "order_id": "7", "order_net_minor": 100_000, "points": 100});
    world.member("m-1").keyed("checkout", "/v1/holds", &checkout).await.ok();
    world.pays("m-1", "1001", 19_990).await.ok();
    world
}

/// Who checks that nothing changes.
struct Unchanged {
    world: World,
    before: (Vec<String>, Vec<String>),
}

impl Unchanged {
    async fn of(world: &World) -> Self {
        Self { world: world.clone(), before: Self::everything(world).await }
    }

    async fn everything(world: &World) -> (Vec<String>, Vec<String>) {
        (tables::ledger(&world.platform).await, tables::whole_catalogue(&world.platform).await)
    }

    async fn check(&self, what: &str) {
        assert!(self.before == Self::everything(&self.world).await, "{what} changed something");
    }
}

/// What is wrong with a request, and what its sender is told.
struct Mistake {
    place: String,
    /// `None`: the field is left out.
    instead: Option<Value>,
    code: &'static str,
    pointer: String,
}

/// A value that should not be there; the answer points to it.
fn wrong(place: &str, instead: Value) -> Mistake {
    Mistake { place: place.to_owned(), instead: Some(instead), code: "invalid_field", pointer: place.to_owned() }
}

/// A field that is missing; the answer points to where it should be.
fn left_out(place: &str) -> Mistake {
    let (parent, _) = place.rsplit_once('/').unwrap();
    Mistake { place: place.to_owned(), instead: None, code: "invalid_field", pointer: parent.to_owned() }
}

impl Mistake {
    fn called(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    fn at(self, pointer: &str) -> Self {
        Self { pointer: pointer.to_owned(), ..self }
    }
}

/// A good body with something else at a place.
fn spoilt(good: &Value, place: &str, instead: Option<&Value>) -> Value {
    let mut body = good.clone();
    let (parent, name) = place.rsplit_once('/').unwrap_or(("", ""));
    match (body.pointer_mut(parent), instead) {
        (_, Some(instead)) if place.is_empty() => return instead.clone(),
        (Some(Value::Object(fields)), Some(instead)) => {
            fields.insert(name.to_owned(), instead.clone());
        }
        (Some(Value::Object(fields)), None) => {
            fields.remove(name).expect("a field to leave out");
        }
        (Some(Value::Array(items)), Some(instead)) => items[name.parse::<usize>().unwrap()] = instead.clone(),
        _ => panic!("there is no {place} in {good}"),
    }
    body
}

/// Makes each mistake once; none changes anything.
async fn each_is_refused(path: &str, good: Value, mistakes: Vec<Mistake>) {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    for Mistake { place, instead, code, pointer } in mistakes {
        let body = spoilt(&good, &place, instead.as_ref());
        let refused = world.admin("ada").keyed("key", path, &body).await;
        let told = format!("{path} with {place}: {instead:?} is answered {} {}", refused.status, refused.body);
        assert_eq!((refused.status, &refused.body["code"]), (422, &json!(code)), "{told}");
        assert_eq!(refused.body["pointer"], pointer, "{told}");
        assert_eq!(refused.content_type, "application/problem+json");
        unchanged.check(&told).await;
    }
}

/// When all of this happens.
fn now() -> Timestamp {
    at(START)
}

fn days_ago(days: i64) -> Value {
    json!(now() - SignedDuration::from_hours(24 * days))
}

fn in_seconds(seconds: i64) -> Value {
    json!(now() + SignedDuration::from_secs(seconds))
}

fn text(length: usize) -> Value {
    json!("x".repeat(length))
}

#[tokio::test]
async fn a_wrong_event_is_refused_at_its_place() {
    let good = order("2000", "m-1", 19_990, now());
    let mistakes = vec![
        wrong("", json!([])),
        wrong("", json!(null)),
        wrong("", json!("order.paid")),
        wrong("", json!(["1.0", "1", "shop", "checkin", "m-1", now()])),
        wrong("/specversion", json!("0.3")),
        wrong("/specversion", json!(1.0)),
        left_out("/specversion"),
        wrong("/id", json!("")),
        wrong("/id", text(129)),
        wrong("/id", json!("a\u{0}b")),
        wrong("/id", json!(7)),
        wrong("/source", json!("line\nbreak")),
        left_out("/source"),
        wrong("/type", json!("")),
        wrong("/type", text(129)),
        wrong("/subject", json!("王芳")),
        wrong("/subject", json!("")),
        wrong("/subject", text(65)),
        wrong("/subject", json!("m-1/../m-2")),
        wrong("/subject", json!({"$ne": null})),
        wrong("/time", json!("yesterday")),
        wrong("/time", json!("2026-03-01T10:00:00")),
        wrong("/time", json!(1_772_330_400)),
        wrong("/time", days_ago(31)).called("too_old"),
        wrong("/time", json!("1970-01-01T00:00:00Z")).called("too_old"),
        wrong("/time", json!("-009999-01-03T00:00:00Z")),
        wrong("/time", in_seconds(301)).called("in_future"),
        wrong("/time", json!("9999-12-30T00:00:00Z")).called("in_future"),
        wrong("/datacontenttype", json!("text/xml")),
        wrong("/colour", json!("red")),
        wrong("/backdatereason", json!("x\ty")),
    ];
    each_is_refused("/v1/activities", good, mistakes).await;
}

#[tokio::test]
async fn a_wrong_order_is_refused_at_its_place() {
    let mut good = order("2000", "m-1", 19_990, now());
    good["data"]["lines"][0] =
        json!({"amount_minor": 19_990, "sku": "tea", "quantity": 2, "attributes": {"category": "x"}});
    good["data"]["attributes"] = json!({"store": "x"});
    let mistakes = vec![
        wrong("/data", json!([])),
        left_out("/data").at("/data"),
        wrong("/data/colour", json!("red")),
        wrong("/data/order_id", json!("")),
        wrong("/data/order_id", text(129)),
        left_out("/data/order_id"),
        wrong("/data/currency", json!("USD")),
        wrong("/data/currency", json!("cny")),
        wrong("/data/lines", json!([])),
        wrong("/data/lines", json!(vec![json!({"amount_minor": 1}); 201])),
        wrong("/data/lines", json!(vec![json!({"amount_minor": 1_000_000_000_000_i64}); 2])),
        wrong("/data/lines", json!("tea")),
        wrong("/data/lines/0", json!([100])),
        wrong("/data/lines/0/amount_minor", json!(-1)),
        wrong("/data/lines/0/amount_minor", json!(1.5)),
        wrong("/data/lines/0/amount_minor", json!("19990")),
        wrong("/data/lines/0/amount_minor", json!(1_000_000_000_001_i64)),
        wrong("/data/lines/0/amount_minor", json!(u64::MAX)),
        wrong("/data/lines/0/amount_minor", json!(1e300)),
        wrong("/data/lines/0/quantity", json!(0)),
        wrong("/data/lines/0/quantity", json!(1_000_001)),
        wrong("/data/lines/0/sku", text(129)),
        wrong("/data/lines/0/colour", json!("red")),
        wrong("/data/lines/0/attributes/colour", json!("red")),
        wrong("/data/lines/0/attributes/sku", json!("tea")),
        wrong("/data/lines/0/attributes/category", json!(7)),
        wrong("/data/attributes/colour", json!("red")),
        wrong("/data/attributes/store", json!(7)),
        wrong("/data/attributes/store", text(257)),
        wrong("/data/attributes/store", json!(["x"])),
        wrong("/data/attributes/store", json!(null)),
        wrong("/data/discount_minor", json!(-1)),
        wrong("/data/points_paid_minor", json!(i64::MIN)),
        wrong("/data/gift_card_minor", json!(i64::MAX)),
        wrong("/data/shipping_minor", json!(-5)),
        wrong("/data/tax_minor", json!(null)),
    ];
    each_is_refused("/v1/activities", good, mistakes).await;
}

#[tokio::test]
async fn a_wrong_behaviour_is_refused_at_its_place() {
    let mut good = fact("task.completed", "t-1", "m-1", now());
    good["data"] = json!({"attributes": {"task": "x"}});
    let mistakes = vec![
        wrong("/type", json!("moon.landing")).called("unknown_activity"),
        wrong("/data/order_id", json!("1")),
        wrong("/data/attributes/task", json!(true)),
        wrong("/data/attributes/colour", json!("red")),
    ];
    each_is_refused("/v1/activities", good.clone(), mistakes).await;
    let world = World::new().await;
    good["type"] = json!("moon.landing");
    let refused = world.shop().post("/v1/activities", &good).await.refused(422, "unknown_activity");
    assert!(refused["known"].as_array().unwrap().contains(&json!("checkin")), "it says what is known");
}

#[tokio::test]
async fn a_wrong_refund_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/id", json!("")),
        wrong("/source", json!("\u{7f}")),
        wrong("/member", json!("m 1")),
        wrong("/amount_minor", json!(0)),
        wrong("/amount_minor", json!(-100)),
        wrong("/amount_minor", json!(1_000_000_000_001_i64)),
        wrong("/time", json!(null)),
        wrong("/time", days_ago(31)).called("too_old"),
        wrong("/time", in_seconds(301)).called("in_future"),
        wrong("/order_id", json!("1001")),
    ];
    each_is_refused("/v1/orders/1001/refunds", refund("r-1", "m-1", 100, now()), mistakes).await;
}

#[tokio::test]
async fn a_wrong_batch_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/activities", json!([])),
        wrong("/activities", json!(vec![json!({}); 26])),
        wrong("/activities", json!({})),
        left_out("/activities"),
        wrong("/more", json!(1)),
    ];
    each_is_refused("/v1/activities/batch", json!({"activities": []}), mistakes).await;
}

#[tokio::test]
async fn a_wrong_correction_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/member", json!("")),
        wrong("/points", json!(0)),
        wrong("/points", json!(1_000_000_000_001_i64)),
        wrong("/points", json!(-1_000_000_000_001_i64)),
        wrong("/points", json!(i64::MIN)),
        wrong("/points", json!("10")),
        wrong("/reason", json!("because")),
        wrong("/by", json!("somebody else")),
    ];
    each_is_refused("/v1/adjustments", json!({"member": "m-1", "points": 10, "reason": "goodwill"}), mistakes).await;
}

#[tokio::test]
async fn a_wrong_quote_is_refused_at_its_place() {
    let activity = vec![
        wrong("", json!({})),
        wrong("", json!({"moon": {}})).at("/moon"),
        wrong("/activity", json!(["1.0", "1", "shop", "checkin", "m-1", now()])),
        wrong("/activity/id", json!("")),
        wrong("/activity/time", days_ago(31)).called("too_old"),
        wrong("/activity/data/currency", json!("USD")),
        wrong("/activity/colour", json!("red")),
    ];
    each_is_refused("/v1/quotes", json!({"activity": order("2000", "m-1", 100, now())}), activity).await;
    let returned = vec![
        wrong("/refund", json!(["1001", {}])),
        wrong("/refund/colour", json!("red")),
        wrong("/refund/request/amount_minor", json!(0)),
        wrong("/refund/request/time", days_ago(31)).called("too_old"),
    ];
    let good = json!({"refund": {"order_id": "1001", "request": refund("r-1", "m-1", 100, now())}});
    each_is_refused("/v1/quotes", good, returned).await;
    let checkout = vec![wrong("/pay_with_points/points", json!(0)), wrong("/pay_with_points/member", json!("?"))];
    let good = json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100});
    each_is_refused("/v1/quotes", json!({"pay_with_points": good}), checkout).await;
}

#[tokio::test]
async fn a_wrong_redemption_is_refused_at_its_place() {
    let redemption = vec![
        wrong("", json!(["m-1", "drink"])),
        wrong("/member", json!(null)),
        wrong("/member", json!("m-1\n")),
        wrong("/reward", json!("")),
        wrong("/reward", text(129)),
        wrong("/quantity", json!(2)),
        wrong("/cost_points", json!(1)),
    ];
    each_is_refused("/v1/redemptions", json!({"member": "m-1", "reward": "drink"}), redemption).await;
    let donation = vec![
        wrong("/quantity", json!(0)),
        wrong("/quantity", json!(-3)),
        wrong("/quantity", json!(1001)),
        wrong("/project", json!("mine")),
    ];
    each_is_refused("/v1/donations", json!({"member": "m-1", "reward": "farm-aid"}), donation).await;
    let reversal = vec![
        wrong("/initiated_by", json!("nobody")),
        left_out("/initiated_by"),
        wrong("/points", json!(0)),
        wrong("/points", json!(50)).called("only_whole"),
    ];
    each_is_refused("/v1/redemptions/m-1.6/reversals", json!({"initiated_by": "member"}), reversal).await;
}

#[tokio::test]
async fn a_wrong_hold_is_refused_at_its_place() {
    let mistakes = vec![
        wrong("/order_id", json!("")),
        wrong("/order_net_minor", json!(0)),
        wrong("/order_net_minor", json!(i64::MAX)),
        wrong("/order_net_minor", json!(199)).called("below_minimum").at("/points"),
        wrong("/points", json!(-100)),
        wrong("/points", json!(99)).called("below_minimum"),
        wrong("/minutes", json!(60)),
    ];
    let good = json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100});
    each_is_refused("/v1/holds", good, mistakes).await;
}

#[tokio::test]
async fn an_unknown_reward_is_not_found() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let refused = world.redeems("m-1", "moon", "key").await.refused(404, "unknown_reward");
    assert_eq!(refused["pointer"], "/reward");
    unchanged.check("an unknown reward").await;
}

#[tokio::test]
async fn what_is_no_json_or_too_large_is_refused() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let admin = world.admin("ada");
    let large = |length: usize| {
        let mut event = order("2000", "m-1", 100, world.now());
        event["colour"] = json!("");
        event["colour"] = json!("x".repeat(length - event.to_string().len()));
        event.to_string().into_bytes()
    };
    let stack = Stack::read(&repository("template.yaml"), "").unwrap();
    let bodiless = ["capture", "release", "approvals"];
    let posts = stack.routes.iter().filter(|route| route.method == "POST");
    for route in posts.filter(|route| !bodiless.iter().any(|last| route.path.ends_with(last))) {
        let path = route.path.replace("{order_id}", "1001").replace("{redemption_id}", "m-1.6");
        let path = path
            .replace("{code}", "AAAA-AAAA-AAAA-AAAA")
            .replace("{member_id}", "m-1")
            .replace("{benefit}", "birthday-gift");
        for (body, status, code) in [
            (b"".to_vec(), 400, "invalid_json"),
            (b"{".to_vec(), 400, "invalid_json"),
            (b"{} {}".to_vec(), 400, "invalid_json"),
            (b"points=100".to_vec(), 400, "invalid_json"),
            (b"{\"points\": 1e999}".to_vec(), 400, "invalid_json"),
            (b"{\"points\": NaN}".to_vec(), 400, "invalid_json"),
            (vec![0xff, 0xfe, 0x00], 400, "invalid_json"),
            (b"\"\\ud800\"".to_vec(), 400, "invalid_json"),
            ("[".repeat(60_000).into_bytes(), 400, "invalid_json"),
            (format!("{}1{}", "[".repeat(100), "]".repeat(100)).into_bytes(), 422, "invalid_field"),
            (large(64 * 1024), 422, "invalid_field"),
            (large(64 * 1024 + 1), 413, "too_large"),
            (vec![b' '; 65 * 1024], 413, "too_large"),
            (vec![b'x'; 1024 * 1024], 413, "too_large"),
        ] {
            let length = body.len();
            let request = admin.prepared(Method::POST, &path).header("idempotency-key", "key").body(body);
            let refused = admin.send(&path, request).await;
            assert_eq!((refused.status, &refused.body["code"]), (status, &json!(code)), "{length} bytes to {path}");
            assert_eq!(refused.content_type, "application/problem+json");
        }
    }
    unchanged.check("what is no JSON").await;
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let admin = world.admin("ada");
    let long = "x".repeat(65);
    for member in
        ["%E7%8E%8B%E8%8A%B3", "a%20b", "a.b", "m-1%00", "m-1%2F..%2Fm-2", "%FF", "..%2f", long.as_str(), "{}"]
    {
        for what in ["balance", "entries", "lots", "rewards"] {
            admin.get(&format!("/v1/members/{member}/{what}")).await.refused(404, "not_found");
        }
    }
    for what in ["balance", "lots"] {
        admin.get(&format!("/v1/members/nobody/{what}")).await.refused(404, "not_found");
    }
    let huge = format!("m-1.{}", u64::MAX);
    let overflow = format!("m-1.{}0", u64::MAX);
    for entry in ["m-1", "m-1.0", "m-1.-1", "m-1.x", "m-1.999", "nobody.1", ".1", "m-1.1.1", "1", &huge, &overflow] {
        admin.get(&format!("/v1/entries/{entry}")).await.refused(404, "not_found");
        let back = json!({"initiated_by": "member"});
        admin.keyed("key", &format!("/v1/redemptions/{entry}/reversals"), &back).await.refused(404, "not_found");
        admin.post_nothing(&format!("/v1/holds/{entry}/capture")).await.refused(404, "not_found");
        admin.post_nothing(&format!("/v1/holds/{entry}/release")).await.refused(404, "not_found");
        admin.post_nothing(&format!("/v1/adjustments/{entry}/approvals")).await.refused(404, "not_found");
    }
    // What exists, but is something else.
    admin.post_nothing("/v1/holds/m-1.1/capture").await.refused(404, "not_found");
    admin.post_nothing("/v1/adjustments/m-1.1/approvals").await.refused(404, "not_found");
    let back = json!({"initiated_by": "member"});
    admin.keyed("key", "/v1/redemptions/m-1.1/reversals", &back).await.refused(404, "not_found");
    for code in ["AAAA-AAAA-AAAA-AAAA", "short", "%E5%88%B8", "AAAAAAAAAAAAAAAAA", "----"] {
        admin.keyed("key", &format!("/v1/vouchers/{code}/uses"), &json!({})).await.refused(404, "not_found");
    }
    let order_id = "x".repeat(129);
    let path = format!("/v1/orders/{order_id}/refunds");
    admin.post(&path, &refund("r-1", "m-1", 100, world.now())).await.refused(404, "not_found");
    unchanged.check("what does not exist").await;
}

#[tokio::test]
async fn a_wrong_parameter_is_refused() {
    let world = lived_in().await;
    let admin = world.admin("ada");
    for query in [
        "balance?as_of=yesterday",
        "balance?as_of=",
        "balance?as_of=2026-13-01T00:00:00Z",
        "balance?as_of=2026-03-01",
        "balance?as_of=99999-01-01T00:00:00Z",
        "entries?limit=0",
        "entries?limit=101",
        "entries?limit=-1",
        "entries?limit=ten",
        "entries?limit=18446744073709551616",
        "entries?after=",
        "entries?after=7",
        "entries?after=m-2.3",
        "entries?after=m-1.0",
    ] {
        admin.get(&format!("/v1/members/m-1/{query}")).await.refused(400, "invalid_parameter");
    }
    for query in ["balance?as_of=0001-01-01T00:00:00Z", "balance?as_of=9999-12-30T22:00:00Z", "entries?after=m-1.999"] {
        admin.get(&format!("/v1/members/m-1/{query}")).await.ok();
    }
}

/// What each role may use, as the product was asked for.
const MAY: [(Role, &str); 5] = [
    (Role::Member, "redemptions:write holds:write donations:write rewards:read ledger:read quotes:read benefits:use"),
    (
        Role::Partner,
        "activities:write refunds:write quotes:read holds:write holds:capture vouchers:use rewards:read ledger:read \
         redemptions:write reversals:write donations:write benefits:use",
    ),
    (
        Role::Agent,
        "quotes:read redemptions:write reversals:write holds:write donations:write vouchers:use rewards:read ledger:read \
         benefits:use",
    ),
    (
        Role::Admin,
        "activities:write refunds:write adjustments:write adjustments:approve quotes:read redemptions:write \
         reversals:write holds:write holds:capture donations:write vouchers:use rewards:read ledger:read \
         tiers:write benefits:use",
    ),
    (Role::Auditor, "ledger:read"),
];

#[tokio::test]
async fn a_role_may_use_its_routes_and_no_other() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    for (role, scopes) in MAY {
        let caller = world.caller(role, "m-1");
        for route in &world.platform.stack().routes {
            let Some(scope) = &route.scope else { continue };
            let method = route.method.parse::<Method>().unwrap();
            let path = route.path.replace("{member_id}", "m-1").replace(['{', '}'], "");
            let told = answer(caller.prepared(method, &path)).await;
            let may = scopes.split(' ').any(|held| held == scope);
            assert_eq!(told.status == 403, !may, "{} at {} {path}: {told:?}", role.name(), route.method);
        }
    }
    unchanged.check("a role").await;
}

#[tokio::test]
async fn a_member_touches_no_account_but_its_own() {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    let stranger = world.member("m-2");
    for path in ["balance", "entries", "lots", "rewards"] {
        stranger.get(&format!("/v1/members/m-1/{path}")).await.refused(403, "forbidden");
    }
    stranger.get("/v1/entries/m-1.1").await.refused(403, "forbidden");
    stranger.get("/v1/entries/m-1.999").await.refused(403, "forbidden");
    let checkout = json!({"member": "m-1", "order_id": "1", "order_net_minor": 100_000, "points": 100});
    for (path, body) in [
        ("/v1/redemptions", json!({"member": "m-1", "reward": "drink"})),
        ("/v1/donations", json!({"member": "m-1", "reward": "farm-aid"})),
        ("/v1/holds", checkout.clone()),
        ("/v1/quotes", json!({"pay_with_points": checkout})),
        ("/v1/quotes", json!({"redemption": {"member": "m-1", "reward": "drink"}})),
        ("/v1/quotes", json!({"activity": order("1", "m-1", 100, world.now())})),
        ("/v1/quotes", json!({"refund": {"order_id": "1", "request": refund("r", "m-1", 100, world.now())}})),
    ] {
        stranger.keyed("key", path, &body).await.refused(403, "forbidden");
    }
    stranger.post_nothing("/v1/holds/m-1.7/release").await.refused(403, "forbidden");
    // Only somebody in charge says why a fact is late.
    let mut late = order("late", "m-1", 100, world.now() - SignedDuration::from_hours(24 * 40));
    late["backdatereason"] = json!("the till was offline");
    world.shop().post("/v1/activities", &late).await.refused(403, "forbidden");
    unchanged.check("a stranger").await;
    world.admin("ada").post("/v1/activities", &late).await.ok();
}

#[tokio::test]
async fn without_a_valid_token_there_is_no_way_in() {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    let world = lived_in().await;
    let other = World::new().await;
    let unchanged = Unchanged::of(&world).await;
    let path = "/v1/members/m-1/balance";
    let get = |header: Option<String>| {
        let request = world.request(Method::GET, path);
        let request = header.into_iter().fold(request, |request, header| request.header("authorization", header));
        async move { answer(request).await.status }
    };
    let admin = world.platform.token(Role::Admin, "ada");
    assert_eq!(get(Some(format!("Bearer {admin}"))).await, 200);
    let [head, claims, signature]: [&str; 3] = admin.split('.').collect::<Vec<_>>().try_into().unwrap();
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(head).unwrap();
    let unsigned = String::from_utf8(decoded).unwrap().replace("RS256", "none");
    let unsigned = BASE64_URL_SAFE_NO_PAD.encode(unsigned);
    let member = world.platform.token(Role::Member, "m-2");
    let [_, own, _]: [&str; 3] = member.split('.').collect::<Vec<_>>().try_into().unwrap();
    for header in [
        None,
        Some("Bearer".to_owned()),
        Some("Bearer x.y.z".to_owned()),
        Some(format!("Basic {admin}")),
        Some(format!("Bearer {unsigned}.{claims}.")),
        Some(format!("Bearer {unsigned}.{claims}.{signature}")),
        Some(format!("Bearer {head}.{own}.{signature}")),
        Some(format!("Bearer {head}.{claims}.{}", signature.chars().rev().collect::<String>())),
        Some(format!("Bearer {}", other.platform.token(Role::Admin, "ada"))),
    ] {
        assert_eq!(get(header.clone()).await, 401, "{header:?}");
    }
    let post = world.request(Method::POST, "/v1/activities").json(&order("1", "m-1", 100, world.now()));
    assert_eq!(answer(post).await.status, 401);
    assert_eq!(answer(world.request(Method::DELETE, path).bearer_auth(&admin)).await.status, 404);
    assert_eq!(answer(world.request(Method::GET, "/openapi.json")).await.status, 200, "the document is public");
    unchanged.check("somebody without a token").await;
    world.clock.advance(SignedDuration::from_hours(13));
    assert_eq!(get(Some(format!("Bearer {admin}"))).await, 401, "a token ends");
}

/// Good requests, from which the bad ones grow.
fn seeds(world: &World, number: usize) -> [(&'static str, Value); 12] {
    let (now, id) = (world.now(), number.to_string());
    let mut shopping = order(&id, "m-1", 5_000, now);
    shopping["data"]["attributes"] = json!({"store": "x", "channel": "web"});
    shopping["data"]["discount_minor"] = json!(100);
    let mut late = fact("ugc.featured", &id, "m-1", now);
    late["backdatereason"] = json!("the line was down");
    let checkout = json!({"member": "m-1", "order_id": id, "order_net_minor": 100_000, "points": 100});
    [
        ("/v1/activities", shopping.clone()),
        ("/v1/activities", late),
        ("/v1/activities/batch", json!({"activities": [shopping, fact("checkin", &id, "m-1", now)]})),
        ("/v1/orders/1001/refunds", refund(&id, "m-1", 100, now)),
        ("/v1/adjustments", json!({"member": "m-1", "points": 10, "reason": "goodwill"})),
        ("/v1/quotes", json!({"activity": order("3000", "m-1", 100, now)})),
        ("/v1/quotes", json!({"pay_with_points": checkout})),
        ("/v1/redemptions", json!({"member": "m-1", "reward": "drink"})),
        ("/v1/redemptions/m-1.6/reversals", json!({"initiated_by": "merchant", "points": 100})),
        ("/v1/donations", json!({"member": "m-1", "reward": "farm-aid", "quantity": 1})),
        ("/v1/holds", checkout),
        ("/v1/vouchers/AAAA-AAAA-AAAA-AAAA/uses", json!({})),
    ]
}

/// Something that was not expected.
fn junk(random: &mut fastrand::Rng) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(0.5),
        json!(1e300),
        json!(1_000_000_000_000_i64),
        json!(1_000_000_000_001_i64),
        json!(""),
        json!(" "),
        json!("m-1"),
        json!("m-2"),
        json!("a\u{0}b"),
        json!("\u{202e}王芳🧧"),
        json!("'; DROP TABLE accounts; --"),
        json!("x".repeat(128)),
        json!("x".repeat(5_000)),
        json!("2026-03-01T02:00:00Z"),
        json!("2026-02-10T02:00:00+14:00"),
        json!("9999-12-30T22:00:00Z"),
        json!("-009999-01-03T00:00:00Z"),
        json!("toy"),
        json!("order.paid"),
        json!("task.completed"),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!({"": {"": null}}),
        json!({"attributes": {"task": "watch_tutorial"}}),
        json!(vec![json!({"amount_minor": 7}); 200]),
    ];
    all[random.usize(..all.len())].clone()
}

/// Changes something, somewhere.
fn mutate(value: &mut Value, random: &mut fastrand::Rng) {
    let inside = match value {
        Value::Object(fields) if !fields.is_empty() => {
            let name = fields.keys().nth(random.usize(..fields.len())).unwrap().clone();
            match random.u8(..8) {
                0 => fields.remove(&name),
                1 => fields.insert(format!("{name}x"), junk(random)),
                _ => None,
            };
            fields.get_mut(&name)
        }
        Value::Array(items) if !items.is_empty() => {
            let place = random.usize(..items.len());
            match random.u8(..8) {
                0 => items.extend(vec![items[place].clone(); random.usize(..30)]),
                1 => items[place] = junk(random),
                _ => {}
            }
            items.get_mut(place)
        }
        _ => None,
    };
    match inside {
        Some(inside) if random.u8(..6) > 0 => mutate(inside, random),
        _ => *value = junk(random),
    }
}

#[tokio::test]
async fn no_request_makes_the_platform_fail() {
    const REQUESTS: usize = 600;
    let world = lived_in().await;
    let admin = world.admin("ada");
    let mut random = fastrand::Rng::with_seed(20_260_301);
    let mut seen = std::collections::BTreeMap::<u16, usize>::new();
    for number in 0..REQUESTS {
        let [(path, mut body)] = random.choose_multiple(seeds(&world, number), 1).try_into().unwrap();
        for _ in 0..random.usize(..3) {
            mutate(&mut body, &mut random);
        }
        let request = admin.prepared(Method::POST, path).header("idempotency-key", number.to_string()).json(&body);
        let told: Answer = admin.send(path, request).await;
        *seen.entry(told.status).or_default() += 1;
        if number % 50 == 49 {
            world.time_passes(SignedDuration::from_hours(24 * random.i64(1..20))).await;
        }
    }
    assert!(seen[&422] > REQUESTS / 3 && seen[&200] > REQUESTS / 20, "{seen:?}");
    audit(&world, "m-1").await;
}
