//! What every operation asks of DynamoDB, by the call and the unit. A change that makes one dearer has to say so here.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it unwraps")]

mod beside;
mod care;
mod desk;
mod imports;
mod members;
mod roles;
mod voice;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bench::tables::{Counts, Tables, stack};
use bench::{fired, is_read_whole, order, queued};
use domain::programme::publication::Request;
use emulator::{Handler, Role, Surroundings};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use local::functions::{operations, registry};
use operator::tables;
use sam::machine::{Clock, VirtualClock};
use sam::template::Stack;
use serde_json::{Value, json};
use store::Store;

/// The functions on tables that count, and what was counted.
struct Ledger {
    functions: BTreeMap<&'static str, Handler>,
    /// What they may do, and have done.
    roles: BTreeMap<&'static str, Arc<Role>>,
    tables: Tables,
    clock: VirtualClock,
    aws: aws_config::SdkConfig,
    stack: Stack,
    counted: String,
    /// Routes that have a line.
    routes: BTreeSet<String>,
    /// Who asks.
    by: &'static str,
}

impl Ledger {
    async fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let stack = stack(&root).unwrap();
        let served = Tables::serve(&stack, Duration::ZERO).await.unwrap();
        let aws = sam::machine::config([&served.url; 5]);
        let store = Store::new(aws_sdk_dynamodb::Client::new(&aws), tables(&stack).unwrap());
        let programme = std::fs::read_to_string(root.join("programme.toml")).unwrap();
        let document = toml::from_str(&programme).unwrap();
        let first = Request { document: &document, from: Some(Timestamp::MIN), by: "guard", now: Timestamp::MIN };
        store.keep_voucher_secret([7; 32]).await.unwrap();
        store.publish(first).await.unwrap().unwrap();
        let clock = VirtualClock::new("2026-03-02T04:05:06Z".parse().unwrap());
        let (mut functions, mut roles) = (BTreeMap::new(), BTreeMap::new());
        for (name, boot) in registry() {
            let function = stack.functions.iter().find(|function| function.binary == name).unwrap();
            let role = Role::of(function);
            let surroundings = Surroundings {
                environment: function.environment.clone(),
                aws: role.assumed(&aws),
                clock: Clock::Virtual(clock.clone()),
                timeout: Duration::from_secs(30),
            };
            functions.insert(name, boot(surroundings).await.unwrap());
            roles.insert(name, role);
        }
        served.counts();
        let (counted, routes) = (String::new(), BTreeSet::new());
        Self { functions, roles, tables: served, clock, aws, stack, counted, routes, by: "guard" }
    }

    /// Invokes a function; counts under a name, if there is one.
    async fn invoke(&mut self, function: &str, payload: Value, what: Option<&str>) -> Value {
        let answer = self.functions[function](payload).await.unwrap_or_else(|error| panic!("{function}: {error}"));
        let counts = self.tables.counts();
        if let Some(what) = what {
            let Counts { calls, queues, read, written, differing, .. } = counts;
            assert_eq!(differing, [], "{what}: the size rules say otherwise");
            let mut calls: Vec<String> = calls.iter().map(|(name, count)| format!("{count} {name}")).collect();
            calls.extend((queues > 0).then(|| format!("{queues} to a queue")));
            let tenths = |units: i64| format!("{}.{}", units / 1_000, units % 1_000 / 100);
            let (read, written, calls) = (tenths(read), tenths(written), calls.join(", "));
            let line = format!("{what:<46} {read:>4} read {written:>4} written: {calls}");
            writeln!(self.counted, "{line}").unwrap();
        }
        answer
    }

    /// A request that must succeed; the body of the answer.
    async fn ask(
        &mut self,
        (function, route): (&str, &str),
        parameters: &[(&str, &str)],
        body: Value,
        what: Option<&str>,
    ) -> Value {
        let mut path = route.split(' ').next_back().unwrap().to_owned();
        for (name, value) in parameters {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        let parameters: BTreeMap<&str, &str> = parameters.iter().copied().collect();
        // One key a request: a repeat is asked for by name.
        let key = format!("key of {}", what.unwrap_or(route).trim_end_matches(", again"));
        if what.is_some() {
            self.routes.insert(route.to_owned());
        }
        let payload = emulator::payload::request(self.by, route, (&path, &parameters), &body, Some(&key));
        let answer = self.invoke(function, payload, what).await;
        let text = answer["body"].as_str().unwrap_or_default();
        assert!(answer["statusCode"].as_u64().is_some_and(|status| status < 300), "{what:?}: {answer}");
        serde_json::from_str(text).unwrap_or_default()
    }

    fn order(&self, member: &str, number: usize) -> Value {
        order(member, number, 19_990, self.clock.now())
    }

    async fn earn(&mut self, member: &str, number: usize, what: Option<&str>) -> Value {
        let order = self.order(member, number);
        self.ask(("earn", "POST /v1/activities"), &[], order, what).await
    }

    fn pass(&self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
    }
}

/// Somebody shops every week.
async fn weeks(ledger: &mut Ledger, numbers: std::ops::Range<usize>) {
    for number in numbers {
        ledger.pass(7);
        ledger.earn("m-1", number, None).await;
    }
}

#[tokio::test]
async fn what_every_operation_asks_of_dynamodb() {
    let mut ledger = Ledger::new().await;
    facts(&mut ledger).await;
    weeks(&mut ledger, 10..40).await;
    ledger.pass(15);
    ledger.invoke("upkeep", fired(), Some("upkeep: those who are due")).await;
    ledger.invoke("upkeep", fired(), Some("upkeep: nobody is due")).await;
    spend(&mut ledger).await;
    ledger.earn("m-3", 39, None).await;
    let ten: Vec<String> = (40..50).map(|number| ledger.order("m-3", number).to_string()).collect();
    ledger.invoke("earn", queued(&ten), Some("earn: ten messages of one member")).await;
    by_hand(&mut ledger).await;
    views(&mut ledger).await;
    let of_members = enrolled(&mut ledger).await;
    beside::all(&mut ledger).await;
    every_route_has_a_line(&ledger);
    members_ask(&of_members);
    roles::unused(&ledger);
    insta::assert_snapshot!(ledger.counted, @r"
    earn: the first of a member                     0.5 read  3.0 written: 1 GetItem, 1 PutItem, 1 UpdateItem
    earn: a week later, the programme looked up     1.5 read  2.0 written: 2 GetItem, 1 PutItem, 1 UpdateItem
    earn: a repeat                                  0.5 read  0.0 written: 1 GetItem
    event-router: an earning                        0.0 read  0.0 written: 2 to a queue
    tier-evaluation: an earning                     3.0 read  3.0 written: 2 GetItem, 1 PutItem, 1 Query
    tier-evaluation: nothing new                    1.0 read  0.0 written: 1 GetItem
    reconciliation: a batch of writes               0.0 read  4.0 written: 1 TransactWriteItems
    earn: a batch, two members                      1.0 read  6.0 written: 2 GetItem, 2 PutItem, 2 UpdateItem
    earn: a batch, one member                       0.5 read  3.0 written: 1 GetItem, 1 PutItem, 2 UpdateItem
    refund: of part of an order                     1.5 read  2.0 written: 2 GetItem, 1 PutItem, 1 UpdateItem
    refund: before its order                        1.0 read  5.0 written: 1 GetItem, 1 TransactWriteItems
    view: refunds that wait                         1.5 read  0.0 written: 1 GetItem, 1 Query
    earn: an order whose refund waits               0.5 read  7.0 written: 1 GetItem, 1 TransactWriteItems, 1 UpdateItem
    take a fact back                                1.5 read  2.0 written: 2 GetItem, 1 PutItem, 1 UpdateItem
    quote: an activity                              3.0 read  0.0 written: 3 GetItem
    upkeep: those who are due                      37.5 read 13.0 written: 5 GetItem, 5 PutItem, 67 Query
    upkeep: nobody is due                          32.5 read  0.0 written: 65 Query
    redeem: a voucher                               2.5 read  6.0 written: 3 GetItem, 1 TransactWriteItems
    redeem: a voucher, again                        0.5 read  0.0 written: 1 GetItem
    voucher: used                                   1.5 read  4.0 written: 2 GetItem, 1 TransactWriteItems
    redeem: a voucher is given                      0.5 read  7.0 written: 1 GetItem, 1 TransactWriteItems, 1 UpdateItem
    redeem: a voucher is given, again               0.5 read  0.0 written: 1 GetItem
    donate                                          0.5 read  2.0 written: 1 GetItem, 2 PutItem
    redeem: a thing                                 1.0 read  4.0 written: 1 GetItem, 1 Query, 1 TransactWriteItems
    reverse a redemption                            1.0 read  4.0 written: 1 GetItem, 1 Query, 1 TransactWriteItems
    hold, to capture                                2.0 read  6.0 written: 2 GetItem, 1 Query, 1 TransactWriteItems
    capture                                         1.0 read  4.0 written: 1 GetItem, 1 Query, 1 TransactWriteItems
    hold, to release                                2.0 read  5.0 written: 2 GetItem, 1 PutItem, 1 Query, 1 TransactWriteItems
    release                                         1.0 read  4.0 written: 1 GetItem, 1 Query, 1 TransactWriteItems
    earn: ten messages of one member                0.5 read 13.0 written: 1 GetItem, 2 PutItem, 10 UpdateItem
    adjust                                          2.0 read  4.0 written: 2 GetItem, 1 Query, 1 TransactWriteItems
    adjust: a second person must approve            2.0 read  4.0 written: 2 GetItem, 1 Query, 1 TransactWriteItems
    adjust: approved                                1.0 read  1.0 written: 1 GetItem, 1 PutItem, 1 Query
    set a tier's floor                              2.0 read  2.0 written: 2 GetItem, 2 PutItem, 1 Query
    order: moved to another member                  4.0 read  9.0 written: 4 GetItem, 1 TransactWriteItems
    use a benefit                                   1.0 read  1.0 written: 1 GetItem, 1 PutItem, 1 Query
    take the use of a benefit back                  1.0 read  1.0 written: 1 GetItem, 1 PutItem, 1 Query
    view: balance                                   2.0 read  0.0 written: 2 GetItem
    view: entries                                   2.0 read  0.0 written: 1 GetItem, 1 Query
    view: lots                                      1.0 read  0.0 written: 1 GetItem
    view: tier                                      1.0 read  0.0 written: 1 GetItem
    view: segment                                   3.0 read  0.0 written: 1 GetItem, 2 Query
    view: the oldest entry                          1.5 read  0.0 written: 1 GetItem, 1 Query
    view: rewards                                  11.0 read  0.0 written: 2 BatchGetItem, 1 GetItem
    view: vouchers                                  3.0 read  0.0 written: 1 BatchGetItem, 1 GetItem, 1 Query
    stock: pieces laid in                           6.0 read 10.0 written: 1 BatchGetItem, 2 GetItem, 1 TransactWriteItems
    note a signal                                   1.0 read  1.0 written: 1 GetItem, 1 PutItem
    note a signal, again                            1.0 read  1.0 written: 1 GetItem, 1 PutItem
    view: trail                                     3.5 read  0.0 written: 2 GetItem, 2 Query
    ");
}

// rule: ledger 7.6
#[tokio::test]
async fn a_night_asks_for_the_same_however_much_came_before() {
    let mut ledger = Ledger::new().await;
    night(&mut ledger, &Written { accounts: 4, entries: 10, are_read_whole: false }).await;
    night(&mut ledger, &Written { accounts: 4, entries: 1_000, are_read_whole: false }).await;
    night(&mut ledger, &Written { accounts: 1, entries: 10, are_read_whole: true }).await;
    night(&mut ledger, &Written { accounts: 1, entries: 1_000, are_read_whole: true }).await;
    insta::assert_snapshot!(ledger.counted, @r"
    night: 4 of 10 entries written                  5.0 read  2.0 written: 4 GetItem, 2 PutItem, 3 Query
    night: 4 of 1000 entries written                5.0 read  2.0 written: 4 GetItem, 2 PutItem, 3 Query
    night: 1 of 10 entries read whole               4.0 read  2.0 written: 1 GetItem, 2 PutItem, 4 Query
    night: 1 of 1000 entries read whole            18.5 read  2.0 written: 1 GetItem, 2 PutItem, 6 Query
    ");
}

/// Accounts that are written on a day.
struct Written {
    accounts: usize,
    /// How many each has by then.
    entries: usize,
    /// Are they those that are read whole?
    are_read_whole: bool,
}

/// The night after a day.
async fn night(ledger: &mut Ledger, written: &Written) {
    /// So many a day.
    const ORDERS: usize = 25;
    let Written { accounts, entries, are_read_whole } = written;
    let days = entries.div_ceil(ORDERS);
    let day = ledger.clock.now() + SignedDuration::from_hours(24 * i64::try_from(days).unwrap());
    let day = TimeZone::UTC.to_datetime(day).date();
    let kind = if *are_read_whole { "whole" } else { "day" };
    let names = (0..).map(|number| format!("{kind}-{entries}-{number}"));
    let members: Vec<String> =
        names.filter(|member| is_read_whole(member, day) == *are_read_whole).take(*accounts).collect();
    let numbers: Vec<usize> = (0..*entries).collect();
    for numbers in numbers.chunks(ORDERS) {
        for member in &members {
            let orders: Vec<Value> = numbers.iter().map(|number| ledger.order(member, *number)).collect();
            let orders = json!({ "activities": orders });
            ledger.ask(("earn", "POST /v1/activities/batch"), &[], orders, None).await;
        }
        ledger.pass(1);
    }
    // All that is of days that are closed.
    ledger.tables.changes();
    ledger.invoke("reconciliation", fired(), None).await;
    for member in &members {
        ledger.earn(member, *entries, None).await;
    }
    let changes = ledger.tables.changes();
    ledger.invoke("reconciliation", json!({ "Records": changes }), None).await;
    ledger.pass(1);
    let how = if *are_read_whole { "read whole" } else { "written" };
    let what = format!("night: {accounts} of {entries} entries {how}");
    let closed = ledger.invoke("reconciliation", fired(), Some(&what)).await;
    assert_eq!(closed, json!({"closed": [day], "verified": accounts, "differences": 0}));
}

/// What shops report: orders, alone and together, a refund; and what follows of the first.
async fn facts(ledger: &mut Ledger) {
    ledger.earn("m-1", 0, Some("earn: the first of a member")).await;
    ledger.tables.changes();
    let again = ledger.order("m-1", 0);
    ledger.pass(7);
    ledger.earn("m-1", 1, Some("earn: a week later, the programme looked up")).await;
    ledger.ask(("earn", "POST /v1/activities"), &[], again, Some("earn: a repeat")).await;
    chain(ledger).await;
    let two = json!({"activities": [ledger.order("m-2", 0), ledger.order("m-3", 0)]});
    ledger.ask(("earn", "POST /v1/activities/batch"), &[], two, Some("earn: a batch, two members")).await;
    let two = json!({"activities": [ledger.order("m-1", 2), ledger.order("m-1", 3)]});
    ledger.ask(("earn", "POST /v1/activities/batch"), &[], two, Some("earn: a batch, one member")).await;
    let part =
        json!({"member": "m-1", "id": "r-1", "source": "shop", "amount_minor": 5_000, "time": ledger.clock.now()});
    ledger
        .ask(
            ("earn", "POST /v1/orders/{order_id}/refunds"),
            &[("order_id", "m-1-2")],
            part,
            Some("refund: of part of an order"),
        )
        .await;
    early(ledger).await;
    let (now, of) = (ledger.clock.now(), json!({"source": "app", "id": "f"}));
    let featured = json!({
        "specversion": "1.0", "type": "ugc.featured", "source": "app", "id": "f", "subject": "m-4", "time": now,
    });
    ledger.ask(("earn", "POST /v1/activities"), &[], featured, None).await;
    let gone = json!({"id": "f-gone", "source": "app", "member": "m-4", "of": of, "time": now});
    ledger.ask(("earn", "POST /v1/activities/reversals"), &[], gone, Some("take a fact back")).await;
    let activity = json!({"activity": ledger.order("m-1", 9)});
    ledger.ask(("earn", "POST /v1/quotes"), &[], activity, Some("quote: an activity")).await;
}

/// A refund that comes before its order, what is listed of it, and the order.
async fn early(ledger: &mut Ledger) {
    let back =
        json!({"member": "m-6", "id": "r-6", "source": "shop", "amount_minor": 5_000, "time": ledger.clock.now()});
    let route = "POST /v1/orders/{order_id}/refunds";
    ledger.ask(("earn", route), &[("order_id", "m-6-1")], back, Some("refund: before its order")).await;
    ledger.ask(("earn", "GET /v1/refunds/parked"), &[], Value::Null, Some("view: refunds that wait")).await;
    ledger.earn("m-6", 1, Some("earn: an order whose refund waits")).await;
}

/// Rewards and holds.
async fn spend(ledger: &mut Ledger) {
    let drink = json!({"member": "m-1", "reward": "drink"});
    let route = "POST /v1/redemptions";
    let redeemed = ledger.ask(("redeem", route), &[], drink.clone(), Some("redeem: a voucher")).await;
    ledger.ask(("redeem", route), &[], drink, Some("redeem: a voucher, again")).await;
    let code = redeemed["voucher"]["code"].as_str().expect("a code").to_owned();
    ledger.ask(("redeem", "POST /v1/vouchers/{code}/uses"), &[("code", &code)], json!({}), Some("voucher: used")).await;
    let given = json!({
        "specversion": "1.0", "type": "reward.granted", "source": "/perennial/desk", "id": "g", "subject": "m-4",
        "time": ledger.clock.now(), "data": {"reward": "drink", "cause": "g"},
    });
    let given = queued(&[given.to_string()]);
    ledger.invoke("redeem", given.clone(), Some("redeem: a voucher is given")).await;
    ledger.invoke("redeem", given, Some("redeem: a voucher is given, again")).await;
    let aid = json!({"member": "m-1", "reward": "farm-aid", "quantity": 1});
    ledger.ask(("redeem", "POST /v1/donations"), &[], aid, Some("donate")).await;
    let by = json!({"initiated_by": "merchant"});
    let reverse = "POST /v1/redemptions/{redemption_id}/reversals";
    let toy = json!({"member": "m-1", "reward": "toy"});
    let toy = ledger.ask(("redeem", route), &[], toy, Some("redeem: a thing")).await;
    let id = toy["redemption_id"].as_str().expect("an id").to_owned();
    ledger.ask(("redeem", reverse), &[("redemption_id", &id)], by, Some("reverse a redemption")).await;
    for (order, step) in [("h-1", "capture"), ("h-2", "release")] {
        let hold = json!({"member": "m-1", "order_id": order, "order_net_minor": 50_000, "points": 200});
        let held = ledger.ask(("redeem", "POST /v1/holds"), &[], hold, Some(&format!("hold, to {step}"))).await;
        let id = held["hold_id"].as_str().expect("an id").to_owned();
        ledger
            .ask(("redeem", &format!("POST /v1/holds/{{hold_id}}/{step}")), &[("hold_id", &id)], json!({}), Some(step))
            .await;
    }
}

/// What is looked at.
async fn views(ledger: &mut Ledger) {
    let of = [("member_id", "m-1")];
    for view in ["balance", "entries", "lots", "tier", "segment"] {
        let route = format!("GET /v1/members/{{member_id}}/{view}");
        ledger.ask(("account", &route), &of, Value::Null, Some(&format!("view: {view}"))).await;
    }
    let oldest = [("entry_id", "m-1.1")];
    ledger.ask(("account", "GET /v1/entries/{entry_id}"), &oldest, Value::Null, Some("view: the oldest entry")).await;
    ledger.ask(("redeem", "GET /v1/members/{member_id}/rewards"), &of, Value::Null, Some("view: rewards")).await;
    let vouchers = "GET /v1/members/{member_id}/vouchers";
    ledger.ask(("redeem", vouchers), &of, Value::Null, Some("view: vouchers")).await;
    let more = json!({"add": 3, "reason": "delivery"});
    let route = "POST /v1/rewards/{reward}/stock";
    ledger.ask(("redeem", route), &[("reward", "toy")], more, Some("stock: pieces laid in")).await;
}

/// What earns nothing.
async fn signals(ledger: &mut Ledger) {
    let login = json!({
        "specversion": "1.0", "type": "login", "source": "app", "id": "l", "subject": "m-1", "time": ledger.clock.now(),
    });
    let route = ("earn", "POST /v1/activities");
    ledger.ask(route, &[], login.clone(), Some("note a signal")).await;
    ledger.ask(route, &[], login, Some("note a signal, again")).await;
    let of = [("member_id", "m-1")];
    ledger.ask(("member", "GET /v1/members/{member_id}/trail"), &of, Value::Null, Some("view: trail")).await;
}

/// Who somebody is, what is known of them, what they agree to.
async fn enrolled(ledger: &mut Ledger) -> String {
    let before = ledger.counted.len();
    let opened = json!({
        "specversion": "1.0", "id": "0".repeat(32), "source": "/perennial/accounts", "type": "perennial.led.accountopened.v1",
        "data": {}, "time": ledger.clock.now(), "member": "m-1", "sequence": 1, "recordedtime": ledger.clock.now(),
        "causationid": "m-1.1", "correlationid": "0".repeat(32), "programmeversion": 1,
    });
    let opened = queued(&[opened.to_string()]);
    ledger.invoke("member", opened.clone(), Some("the ledger opened an account: the first of all")).await;
    ledger.invoke("member", opened, Some("the ledger opened an account, again")).await;
    let enrol = ("member", "POST /v1/members");
    let mei = |id: &str, phone: &str| {
        json!({
            "source": "crm", "external_id": id, "fields": {"name": "王小美", "birthday": "1991-05-17"},
            "identifiers": [{"kind": "phone", "value": phone, "verified": true}, {"kind": "email", "value": format!("{id}@example.com")}],
        })
    };
    ledger.ask(enrol, &[], mei("c-0", "13800138000"), Some("enrol: the first of all, with the keys")).await;
    let enrolled = ledger.ask(enrol, &[], mei("c-1", "13800138001"), Some("enrol: with two identifiers")).await;
    let member = enrolled["member"].as_str().expect("an id").to_owned();
    let nothing_new = json!({"source": "crm", "external_id": "c-1", "fields": {"name": "王小美"}});
    ledger.ask(enrol, &[], nothing_new.clone(), None).await;
    ledger.ask(enrol, &[], nothing_new, Some("enrol: nothing new")).await;
    let found = json!({"identifier": {"kind": "phone", "value": "13800138001"}});
    ledger.ask(("member", "POST /v1/members/lookups"), &[], found, Some("look a member up")).await;
    let of = [("member_id", member.as_str())];
    ledger.ask(("member", "GET /v1/members/{member_id}"), &of, Value::Null, Some("view: a member")).await;
    let city = json!({"source": "crm", "fields": {"address.city": "杭州"}});
    ledger.ask(("member", "PATCH /v1/members/{member_id}"), &of, city, Some("change a member")).await;
    let consents = "POST /v1/members/{member_id}/consents";
    let given = json!({"source": "crm", "consents": [{"purpose": "marketing", "channel": "email", "said": "given", "version": 1}]});
    ledger.ask(("member", consents), &of, given, Some("record a consent")).await;
    let consents = "GET /v1/members/{member_id}/consents";
    ledger.ask(("member", consents), &of, Value::Null, Some("view: consents")).await;
    ledger.ask(("member", "GET /v1/members/{member_id}/view"), &of, Value::Null, Some("view: everything")).await;
    ledger.ask(("member", "GET /v1/sources"), &[], Value::Null, Some("view: sources")).await;
    let quality = "GET /v1/sources/{source}/quality";
    ledger.ask(("member", quality), &[("source", "shop")], Value::Null, Some("view: quality of a source")).await;
    let at = ledger.clock.now().as_millisecond();
    let message =
        json!({"type": "perennial.gov.factsreported.v1", "id": "1", "reported": {"shop": [[at, at]]}}).to_string();
    ledger.invoke("member", queued(&[message]), Some("facts of a source are counted")).await;
    ledger.counted.split_off(before)
}

#[track_caller]
fn members_ask(counted: &str) {
    insta::assert_snapshot!(counted, @r"
    the ledger opened an account: the first of all  4.0 read  9.0 written: 4 GetItem, 2 PutItem, 1 TransactWriteItems
    the ledger opened an account, again             1.0 read  0.0 written: 1 GetItem
    enrol: the first of all, with the keys          4.0 read 14.0 written: 1 BatchGetItem, 1 GetItem, 1 PutItem, 1 TransactWriteItems
    enrol: with two identifiers                     3.0 read 13.0 written: 1 BatchGetItem, 1 TransactWriteItems
    enrol: nothing new                              3.0 read  0.0 written: 3 BatchGetItem
    look a member up                                3.0 read  0.0 written: 3 BatchGetItem
    view: a member                                  2.0 read  0.0 written: 2 BatchGetItem
    change a member                                 2.0 read  4.0 written: 2 BatchGetItem, 1 TransactWriteItems
    record a consent                                2.0 read  4.0 written: 2 BatchGetItem, 1 TransactWriteItems
    view: consents                                  2.0 read  0.0 written: 2 BatchGetItem
    view: everything                               17.5 read  0.0 written: 4 BatchGetItem, 4 GetItem, 3 Query
    view: sources                                  124.0 read  0.0 written: 8 BatchGetItem, 8 Query
    view: quality of a source                       4.0 read  0.0 written: 1 BatchGetItem, 1 Query
    facts of a source are counted                   0.5 read  1.0 written: 1 GetItem, 1 PutItem
    ");
}

#[track_caller]
fn every_route_has_a_line(ledger: &Ledger) {
    // The document is read by those who write programs, not by members: it asks nothing of the tables.
    let routes = operations().into_iter().filter(|operation| operation.access.scope().is_some());
    let routes: BTreeSet<String> = routes.map(|route| format!("{} {}", route.method.name(), route.path)).collect();
    assert_eq!(ledger.routes, routes);
}

/// What operators do, and a benefit.
async fn by_hand(ledger: &mut Ledger) {
    let small = json!({"member": "m-1", "points": 50, "reason": "goodwill"});
    let route = "POST /v1/adjustments";
    ledger.ask(("earn", route), &[], small, Some("adjust")).await;
    let large = json!({"member": "m-1", "points": 5_000, "reason": "migration"});
    let asked = ledger.ask(("earn", route), &[], large, Some("adjust: a second person must approve")).await;
    let id = asked["adjustment_id"].as_str().expect("an id").to_owned();
    ledger.by = "another";
    let approve = "POST /v1/adjustments/{adjustment_id}/approvals";
    ledger.ask(("earn", approve), &[("adjustment_id", &id)], Value::Null, Some("adjust: approved")).await;
    ledger.by = "guard";
    let floor = json!({"tier": "gold", "until": ledger.clock.now() + SignedDuration::from_hours(24 * 90), "reason": "goodwill"});
    let of = [("member_id", "m-1")];
    let floors = "POST /v1/members/{member_id}/tier-floors";
    ledger.ask(("tier-evaluation", floors), &of, floor, Some("set a tier's floor")).await;
    ledger.earn("m-8", 1, None).await;
    let other = json!({"to": "m-9", "reason": "rung up under the wrong card"});
    let moves = "POST /v1/orders/{order_id}/moves";
    ledger.by = "mover"; // who has moved nothing by hand yet
    ledger.ask(("earn", moves), &[("order_id", "m-8-1")], other, Some("order: moved to another member")).await;
    ledger.by = "guard";
    let uses = "POST /v1/members/{member_id}/benefits/{benefit}/uses";
    let of = [("member_id", "m-1"), ("benefit", "birthday-gift")];
    let used = ledger.ask(("redeem", uses), &of, json!({}), Some("use a benefit")).await;
    let of = [of[0], of[1], ("use_id", used["use_id"].as_str().expect("an id"))];
    let back = "POST /v1/members/{member_id}/benefits/{benefit}/uses/{use_id}/reversals";
    ledger.ask(("redeem", back), &of, json!({}), Some("take the use of a benefit back")).await;
}

/// What becomes of a write.
async fn chain(ledger: &mut Ledger) {
    let changes = ledger.tables.changes();
    ledger.invoke("event-router", json!({ "Records": changes }), Some("event-router: an earning")).await;
    let messages = ledger.tables.messages("TierQueue");
    ledger.invoke("tier-evaluation", queued(&messages), Some("tier-evaluation: an earning")).await;
    ledger.invoke("tier-evaluation", queued(&messages), Some("tier-evaluation: nothing new")).await;
    ledger.invoke("reconciliation", json!({ "Records": changes }), Some("reconciliation: a batch of writes")).await;
}
