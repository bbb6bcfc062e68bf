//! What the world asks for: orders, returns, redemptions, holds, corrections, by HTTP and by queue, early, late and twice.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Something a caller wants, and wants answered: it is sent again, the same, until it is.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    /// `earn`, `redeem`, `account`, `upkeep`.
    pub(crate) function: &'static str,
    /// The account it is about.
    pub(crate) member: String,
    /// In a word, for the trace.
    pub(crate) what: String,
    /// The event that the function is invoked with.
    pub(crate) payload: Value,
    /// Its answer must always be the same.
    pub(crate) repeatable: bool,
    /// It is known by an Idempotency-Key, which is recognised for three days.
    pub(crate) keyed: bool,
}

/// Makes wishes.
pub(crate) struct Workload {
    members: u32,
    count: u64,
    orders: Vec<(String, String, i64)>,
    spent: Vec<(String, String)>,
    holds: Vec<String>,
}

impl Workload {
    pub(crate) fn new(members: u32) -> Self {
        Self { members, count: 0, orders: Vec::new(), spent: Vec::new(), holds: Vec::new() }
    }

    /// The next wish, at the time of the world.
    pub(crate) fn next(&mut self, rng: &mut Rng, now: Timestamp) -> Wish {
        self.count += 1;
        let member = format!("m-{}", rng.u32(0..self.members));
        match rng.u32(0..100) {
            0..30 => self.order(rng, &member, now),
            30..42 => self.refund(rng, now),
            42..52 => self.behaviour(rng, &member, now),
            52..70 => self.redeem(rng, &member),
            70..78 => self.hold(rng, &member),
            78..86 => self.end_hold(rng, &member),
            86..91 => self.reverse(rng, &member),
            91..95 => self.adjust(rng, &member),
            95..98 => read(&member),
            _ => sweep(),
        }
    }

    /// Hears an answer: later wishes refer to it.
    pub(crate) fn hear(&mut self, wish: &Wish, answer: &Value) {
        let text = |name: &str| answer[name].as_str().map(str::to_owned);
        if let Some(id) = text("redemption_id") {
            self.spent.push((wish.member.clone(), id));
        }
        if let Some(id) = text("hold_id").filter(|_| wish.what.starts_with("hold")) {
            self.holds.push(id);
        }
    }

    fn order(&mut self, rng: &mut Rng, member: &str, now: Timestamp) -> Wish {
        let order = format!("o-{}", self.count);
        let amount = rng.i64(1..40_000);
        let late = if rng.u32(0..5) == 0 { rng.i64(0..20 * 24 * 3600) } else { rng.i64(0..5) };
        let time = now - SignedDuration::from_secs(late);
        self.orders.push((member.to_owned(), order.clone(), amount));
        let event = json!({
            "specversion": "1.0", "type": "order.paid", "source": "shop", "id": order, "subject": member, "time": time,
            "data": {"order_id": order, "currency": "CNY", "lines": [{"sku": "tea", "amount_minor": amount}]},
        });
        if rng.u32(0..4) == 0 {
            return queued(member, &format!("queue {order}"), &event, self.count);
        }
        http(("earn", "POST", "/v1/activities"), (member, &format!("earn {order}")), event, None)
    }

    fn behaviour(&mut self, rng: &mut Rng, member: &str, now: Timestamp) -> Wish {
        let activity = ["checkin", "ugc.featured", "ugc.approved", "survey.completed"][rng.usize(0..4)];
        let time = now - SignedDuration::from_secs(rng.i64(0..60));
        let event = json!({
            "specversion": "1.0", "type": activity, "source": "app", "id": format!("b-{}", self.count), "subject": member,
            "time": time,
        });
        http(("earn", "POST", "/v1/activities"), (member, activity), event, None)
    }

    fn refund(&mut self, rng: &mut Rng, now: Timestamp) -> Wish {
        // Now and then for an order that has not come yet: it will not, so the refund stays parked.
        let place = rng.usize(0..self.orders.len() + 1);
        let unknown = (format!("m-{}", rng.u32(0..self.members)), format!("x-{}", self.count), 5_000);
        let (member, order, amount) = self.orders.get(place).cloned().unwrap_or(unknown);
        let part = if rng.bool() { amount } else { rng.i64(1..=amount) };
        let body = json!({"source": "shop", "id": format!("r-{}", self.count), "member": member, "time": now, "amount_minor": part});
        let path = format!("/v1/orders/{order}/refunds");
        http(("earn", "POST", &path), (&member, &format!("refund {order} {part}")), body, None)
    }

    fn redeem(&mut self, rng: &mut Rng, member: &str) -> Wish {
        let reward = ["drink", "drink", "toy", "sticker"][rng.usize(0..4)];
        let key = format!("k-{}", self.count);
        let body = json!({"member": member, "reward": reward});
        if rng.u32(0..6) == 0 {
            let body = json!({"member": member, "reward": "farm-aid"});
            return http(("redeem", "POST", "/v1/donations"), (member, "donate"), body, Some(key));
        }
        http(("redeem", "POST", "/v1/redemptions"), (member, &format!("redeem {reward}")), body, Some(key))
    }

    fn hold(&mut self, rng: &mut Rng, member: &str) -> Wish {
        let body = json!({
            "member": member, "order_id": format!("c-{}", self.count), "order_net_minor": 50_000,
            "points": rng.i64(1..6) * 100,
        });
        http(("redeem", "POST", "/v1/holds"), (member, "hold"), body, Some(format!("k-{}", self.count)))
    }

    fn end_hold(&mut self, rng: &mut Rng, member: &str) -> Wish {
        let Some(hold) = self.holds.get(rng.usize(0..self.holds.len().max(1))).cloned() else {
            return self.hold(rng, member);
        };
        let step = if rng.u32(0..3) == 0 { "release" } else { "capture" };
        let member = hold.split('.').next().unwrap_or_default().to_owned();
        let path = format!("/v1/holds/{hold}/{step}");
        http(("redeem", "POST", &path), (&member, &format!("{step} {hold}")), json!({}), None)
    }

    fn reverse(&mut self, rng: &mut Rng, member: &str) -> Wish {
        let Some((member, id)) = self.spent.get(rng.usize(0..self.spent.len().max(1))).cloned() else {
            return read(member);
        };
        let by = if rng.bool() { "member" } else { "merchant" };
        let path = format!("/v1/redemptions/{id}/reversals");
        let key = format!("k-{}", self.count);
        http(("redeem", "POST", &path), (&member, &format!("reverse {id}")), json!({ "initiated_by": by }), Some(key))
    }

    fn adjust(&mut self, rng: &mut Rng, member: &str) -> Wish {
        let points = rng.i64(-300..900);
        let body = json!({"member": member, "points": if points == 0 { 1 } else { points }, "reason": "goodwill"});
        http(
            ("earn", "POST", "/v1/adjustments"),
            (member, &format!("adjust {points}")),
            body,
            Some(format!("k-{}", self.count)),
        )
    }
}

fn read(member: &str) -> Wish {
    let path = format!("/v1/members/{member}/balance");
    let mut wish = http(("account", "GET", &path), (member, "balance"), Value::Null, None);
    wish.repeatable = false;
    wish
}

fn sweep() -> Wish {
    let payload = json!({"version": "0", "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"});
    Wish {
        function: "upkeep",
        member: String::new(),
        what: "sweep".to_owned(),
        payload,
        repeatable: false,
        keyed: false,
    }
}

fn queued(member: &str, what: &str, event: &Value, id: u64) -> Wish {
    let record = json!({
        "messageId": format!("q-{id}"), "receiptHandle": "h", "body": event.to_string(), "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:ingest", "awsRegion": "us-east-1",
        "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "md5OfBody": "",
    });
    let payload = json!({ "Records": [record] });
    Wish { function: "earn", member: member.to_owned(), what: what.to_owned(), payload, repeatable: true, keyed: false }
}

fn http(
    (function, method, path): (&'static str, &str, &str),
    (member, what): (&str, &str),
    body: Value,
    key: Option<String>,
) -> Wish {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (route, parameters) = match parts.as_slice() {
        ["v1", "orders", order, "refunds"] => {
            ("/v1/orders/{order_id}/refunds".to_owned(), json!({ "order_id": order }))
        }
        ["v1", "holds", hold, step] => (format!("/v1/holds/{{hold_id}}/{step}"), json!({ "hold_id": hold })),
        ["v1", "redemptions", id, "reversals"] => {
            ("/v1/redemptions/{redemption_id}/reversals".to_owned(), json!({ "redemption_id": id }))
        }
        ["v1", "members", member, part] => {
            (format!("/v1/members/{{member_id}}/{part}"), json!({ "member_id": member }))
        }
        _ => (path.to_owned(), json!({})),
    };
    let scopes = lambda::Role::Admin.scopes().join(" ");
    let keyed = key.is_some();
    let mut headers = json!({"content-type": "application/json"});
    if let Some(key) = key {
        headers["idempotency-key"] = json!(key);
    }
    let payload = json!({
        "version": "2.0", "routeKey": format!("{method} {route}"), "rawPath": path, "rawQueryString": "",
        "headers": headers, "pathParameters": parameters,
        "requestContext": {
            "accountId": "000000000000", "apiId": "local", "domainName": "localhost", "domainPrefix": "localhost",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "world"},
            "requestId": "r", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
            "authorizer": {"jwt": {"claims": {"sub": "world", "scope": scopes}, "scopes": null}},
        },
        "body": if body.is_null() { Value::Null } else { json!(body.to_string()) },
        "isBase64Encoded": false,
    });
    Wish { function, member: member.to_owned(), what: what.to_owned(), payload, repeatable: true, keyed }
}
