//! All that decides is proved: whatever is changed behind the product's back, in a table or in an export of them, is noticed before
//! anything is decided by it.

use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use operator::export::{verify, write};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use store::{Item, item_of};

use crate::tables;
use crate::world::{START, World, fact, order, refund};

/// Days of a member in whose account much is kept: pages, points to come, a debt, a hold, a floor, counters, streaks, scores, a refund
/// that waits; and of another who shops.
async fn lived() -> World {
    let world = World::whole(START, &[]).await;
    for day in 0..2 {
        for number in 0..4 {
            world.pays("m-1", &format!("m-1-{day}-{number}"), 20_000).await.ok();
        }
        world.pays("m-2", &format!("m-2-{day}"), 20_000).await.ok();
        for kind in ["checkin", "ugc.approved", "review.completed"] {
            let done = fact(kind, &format!("{kind}-{day}"), "m-1", world.now());
            world.shop().post("/v1/activities", &done).await.ok();
        }
        world.platform.rest().await.unwrap();
        world.days_pass(1).await;
    }
    world.days_pass(15).await;
    let floor = json!({"tier": "silver", "until": "2026-12-31T16:00:00Z", "reason": "goodwill"});
    world.admin("ada").keyed("floor", "/v1/members/m-1/tier-floors", &floor).await.ok();
    let mut watched = fact("task.completed", "watched", "m-1", world.now());
    watched["data"] = json!({"attributes": {"task": "watch_tutorial"}});
    for done in [
        watched,
        fact("ugc.approved", "late-content", "m-1", world.now()),
        fact("checkin", "late-checkin", "m-1", world.now()),
    ] {
        world.shop().post("/v1/activities", &done).await.ok();
    }
    world.refunds("not-yet", "r-early", "m-1", 1_000).await;
    let hold = json!({"member": "m-1", "order_id": "checkout", "order_net_minor": 10_000, "points": 100});
    world.member("m-1").keyed("hold", "/v1/holds", &hold).await.ok();
    world.platform.rest().await.unwrap();
    world
}

/// The exported tables, by name: an item a line.
type Lines = Vec<(&'static str, Vec<Value>)>;

async fn exported(world: &World) -> (tempfile::TempDir, Lines) {
    let directory = tempfile::tempdir().unwrap();
    write(&world.store(), directory.path()).await.unwrap();
    let read = |table: &'static str| {
        let text = std::fs::read_to_string(directory.path().join(format!("{table}.json"))).unwrap();
        (table, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    };
    let lines = ["accounts", "pages", "checkpoints"].map(read).into();
    (directory, lines)
}

/// Is a change of one table's lines noticed?
fn noticed(directory: &Path, table: &str, lines: &[Value], kept: Hash) -> bool {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(directory.join(format!("{table}.json")), text).unwrap();
    verify(directory, Some(kept)).is_ok_and(|report| !report.differences.is_empty())
}

/// The same value, a little different.
fn flipped(value: &Value) -> Value {
    let (kind, inner) = value.as_object().and_then(|only| only.iter().next()).expect("an attribute");
    match (kind.as_str(), inner) {
        ("N", Value::String(number)) => json!({"N": format!("{number}1").trim_start_matches('0')}),
        ("S", Value::String(text)) => json!({"S": format!("{text}x")}),
        ("B", Value::String(bytes)) => {
            let other = if bytes.starts_with('A') { "B" } else { "A" };
            json!({"B": format!("{other}{}", &bytes[1..])})
        }
        ("BOOL", Value::Bool(so)) => json!({"BOOL": !so}),
        ("L", Value::Array(items)) => json!({"L": &items[..items.len().saturating_sub(1)]}),
        ("M", Value::Object(fields)) => {
            json!({"M": fields.clone().into_iter().skip(1).collect::<serde_json::Map<_, _>>()})
        }
        _ => panic!("no attribute of ours: {value}"),
    }
}

/// Every way to change an attribute somewhere: itself, and whatever is in it.
fn flips(value: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = [flipped(value)].into_iter().filter(|other| other != value).collect();
    // Many accounts are one binary: every third byte of it.
    if let Some(bytes) = value["B"].as_str().filter(|bytes| bytes.len() > 64) {
        let places = (4..bytes.len() - 4).step_by(4);
        all.extend(places.map(|place| {
            let other = if bytes[place..].starts_with('A') { "B" } else { "A" };
            json!({"B": format!("{}{other}{}", &bytes[..place], &bytes[place + 1..])})
        }));
    }
    for (place, inner) in value["L"].as_array().into_iter().flatten().enumerate() {
        all.extend(flips(inner).into_iter().map(|other| {
            let mut whole = value.clone();
            whole["L"][place] = other;
            whole
        }));
    }
    for (name, inner) in value["M"].as_object().into_iter().flatten() {
        all.extend(flips(inner).into_iter().map(|other| {
            let mut whole = value.clone();
            whole["M"][name] = other;
            whole
        }));
    }
    all
}

// rule: ledger 7.3
#[tokio::test]
async fn whatever_is_changed_in_an_export_is_noticed() {
    let world = lived().await;
    let (directory, tables) = exported(&world).await;
    let directory = directory.path();
    let report = verify(directory, None).unwrap();
    assert_eq!(report.differences, Vec::<String>::new());
    let (_, kept) = report.newest.unwrap();
    let kept_in_account = ["l", "o", "y", "n", "f", "m", "c", "k", "b", "s", "e"];
    let account = |line: &Value| kept_in_account.iter().all(|name| !line["Item"][*name].is_null());
    assert!(tables[0].1.iter().any(account), "an account in which much is kept: {:?}", tables[0].1);
    let mut count = 0;
    for (table, lines) in &tables {
        let path = directory.join(format!("{table}.json"));
        let whole = std::fs::read_to_string(&path).unwrap();
        for place in 0..lines.len() {
            let mut changes = Vec::new();
            let item = lines[place]["Item"].as_object().unwrap();
            for name in item.keys() {
                let mut with = |value: Option<Value>| {
                    let mut item = item.clone();
                    match value {
                        Some(value) => _ = item.insert(name.clone(), value),
                        None => _ = item.remove(name),
                    }
                    let mut lines = lines.clone();
                    lines[place] = json!({"Item": item});
                    changes.push((format!("{name} of"), lines));
                };
                with(None);
                // The first of each table and kind to the last digit, the others attribute by attribute.
                let all = flips(&item[name]);
                let is_first = lines[..place].iter().all(|line| line["Item"]["of"] != lines[place]["Item"]["of"]);
                let most = if is_first { all.len() } else { 1 };
                all.into_iter().take(most).for_each(|value| with(Some(value)));
            }
            let (mut without, mut twice, mut keyless) = (lines.clone(), lines.clone(), lines.clone());
            without.remove(place);
            twice.push(lines[place].clone());
            keyless[place] = json!({"Item": {"v": {"N": "1"}}});
            changes.extend([("twice".to_owned(), twice), ("no key of".to_owned(), keyless)]);
            // What was noted today is proved when the day is closed.
            let today = world.now().to_string();
            if !lines[place]["Item"]["at"]["S"].as_str().is_some_and(|at| at.starts_with(&today[..10])) {
                changes.push(("without".to_owned(), without));
            }
            for (what, changed) in changes {
                count += 1;
                assert!(noticed(directory, table, &changed, kept), "{what} {}", lines[place]);
            }
        }
        std::fs::write(&path, whole).unwrap();
    }
    assert_eq!(verify(directory, None).unwrap().differences, Vec::<String>::new(), "put back");
    assert!(count >= 1_000, "{count} changes");
}

impl World {
    fn client(&self) -> Client {
        Client::new(self.platform.aws())
    }

    async fn stored(&self, member: &str) -> Item {
        item_of(&tables::account(&self.platform, member).await.unwrap()).unwrap()
    }

    async fn puts(&self, item: Item) {
        let table = tables::names(&self.platform).accounts;
        self.client().put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
    }

    fn asks(&self, method: Method, path: &str) -> RequestBuilder {
        self.admin("ada").prepared(method, path).header("idempotency-key", "damaged")
    }

    /// Whatever decides by the member's account, or shows it, does neither.
    async fn is_damaged(&self, what: &str) {
        let views = ["balance", "entries", "lots", "tier", "segment", "rewards"];
        let views = views.map(|view| self.asks(Method::GET, &format!("/v1/members/m-1/{view}")));
        let checkout = json!({"member": "m-1", "order_id": "9", "order_net_minor": 100_000, "points": 100});
        let (drink, aid) =
            (json!({"member": "m-1", "reward": "drink"}), json!({"member": "m-1", "reward": "farm-aid"}));
        let back = refund("r-1", "m-1", 20_000, self.now());
        let posts = [
            ("/v1/activities", order("another", "m-1", 10_000, self.now())),
            ("/v1/orders/m-1-0-0/refunds", back.clone()),
            ("/v1/redemptions", drink.clone()),
            ("/v1/donations", aid),
            ("/v1/holds", checkout.clone()),
            ("/v1/adjustments", json!({"member": "m-1", "points": 5, "reason": "goodwill"})),
            ("/v1/quotes", json!({"redemption": drink})),
            ("/v1/quotes", json!({"pay_with_points": checkout})),
            ("/v1/quotes", json!({"refund": {"order_id": "m-1-0-0", "request": back}})),
        ];
        let posts = posts.map(|(path, body)| self.asks(Method::POST, path).json(&body));
        for request in views.into_iter().chain(posts) {
            let (status, body) = told(request).await;
            assert_eq!((status, &body["code"]), (500, &json!("account_damaged")), "{what}: {body}");
            assert!(!body.to_string().contains("m-1"), "{what}: {body}");
        }
        let both = json!({"activities": [order("another", "m-1", 10_000, self.now()), fact("checkin", what, "m-2", self.now())]});
        let (status, body) = told(self.asks(Method::POST, "/v1/activities/batch").json(&both)).await;
        let codes = [&body["results"][0]["problem"]["code"], &body["results"][1]["status"]];
        assert_eq!((status, codes), (200, [&json!("account_damaged"), &json!(200)]), "{what}: {body}");
    }
}

async fn told(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

// rule: ledger 7.2
#[tokio::test]
async fn a_changed_account_decides_and_answers_nothing() {
    let world = lived().await;
    let item = world.stored("m-1").await;
    let admin = world.admin("ada");
    for name in item.keys().filter(|name| *name != "member") {
        let mut changed = item.clone();
        let value = store::image_of(&[(name.clone(), item[name].clone())].into());
        let value = item_of(&json!({ name: flipped(&value[name]) })).unwrap();
        changed.extend(value);
        world.puts(changed).await;
        world.is_damaged(name).await;
    }
    let limited = AttributeValue::M([].into());
    world.puts(item.clone().into_iter().chain([("c".to_owned(), limited)]).collect()).await;
    world.is_damaged("no counters").await;
    let more = AttributeValue::N("1".to_owned());
    world.puts(item.clone().into_iter().chain([("zz".to_owned(), more)]).collect()).await;
    world.is_damaged("an attribute more").await;
    world.pays("m-2", "m-2-more", 10_000).await.ok();

    world.puts(item).await;
    admin.get("/v1/members/m-1/balance").await.ok();
    world.pays("m-1", "another", 10_000).await.ok();
}

// rule: ledger 7.2
#[tokio::test]
async fn a_changed_page_of_history_decides_nothing() {
    let world = lived().await;
    let table = tables::names(&world.platform).pages;
    let query = world.client().query().table_name(&table).key_condition_expression("#m = :m");
    let query = query.expression_attribute_names("#m", "member");
    let found = query.expression_attribute_values(":m", AttributeValue::S("m-1".to_owned())).send().await.unwrap();
    let page = found.items.unwrap().remove(0);
    let mut changed = page.clone();
    changed.insert("b".to_owned(), AttributeValue::N("1".to_owned()));
    let put =
        async |item: Item| world.client().put_item().table_name(&table).set_item(Some(item)).send().await.unwrap();
    put(changed).await;
    let back = refund("r-1", "m-1", 20_000, world.now());
    let (status, body) = told(world.asks(Method::POST, "/v1/orders/m-1-0-0/refunds").json(&back)).await;
    assert_eq!((status, &body["code"]), (500, &json!("account_damaged")), "{body}");
    put(page).await;
    world.refunds("m-1-0-0", "r-1", "m-1", 20_000).await.ok();
}

// rule: ledger 7.2
#[tokio::test]
async fn changed_lines_of_an_order_decide_nothing() {
    let world = World::new().await;
    let mut paid = order("1", "m-1", 0, world.now());
    paid["data"]["lines"] = json!([{"sku": "tea", "quantity": 3, "amount_minor": 10_000}, {"amount_minor": 5_000}]);
    world.shop().post("/v1/activities", &paid).await.ok();
    let table = tables::names(&world.platform).facts;
    let scan = world.client().scan().table_name(&table).send().await.unwrap();
    let row = scan.items.unwrap().into_iter().find(|item| item.contains_key("l")).unwrap();
    let mut changed = row.clone();
    let Some(AttributeValue::L(values)) = changed.get_mut("l") else { panic!("a list") };
    values[7] = AttributeValue::N("9000".to_owned());
    let put =
        async |item: Item| world.client().put_item().table_name(&table).set_item(Some(item)).send().await.unwrap();
    put(changed).await;
    let mut back = refund("r-1", "m-1", 1, world.now());
    back.as_object_mut().unwrap().remove("amount_minor");
    back["lines"] = json!([{"sku": "tea", "quantity": 3}]);
    let request = || world.asks(Method::POST, "/v1/orders/1/refunds").json(&back);
    let (status, _) = told(request()).await;
    assert_eq!((status, world.pockets("m-1").await), (500, [0, 150, 0, 0]));
    put(row).await;
    assert_eq!(told(request()).await.1["due"], 100);
}
