//! A platform, a clock, and those who talk to it. Every answer is held against the API's description on the way.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use domain::programme::publication::Published;
use domain::programme::reading;
use emulator::Platform;
use jiff::{SignedDuration, Timestamp};
use local::Settings;
use reqwest::{Client, Method, RequestBuilder};
use sam::Role;
use sam::machine::{Clock, VirtualClock};
use serde_json::{Value, json};
use store::Store;

use crate::contract;

/// When stories begin, unless they say otherwise: a Sunday morning in Shanghai.
pub(crate) const START: &str = "2026-03-01T10:00:00+08:00";

/// Points of orders are spendable at once.
pub(crate) const AT_ONCE: (&str, &str) = ("pending_days = 14", "pending_days = 0 ");

/// Where further rules and rewards go into the default programme.
pub(crate) const BEFORE_ADJUSTMENT: &str = "[adjustment]\nreasons";

/// A running platform with a clock that moves when told to. Clones share it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) platform: Arc<Platform>,
    pub(crate) clock: VirtualClock,
    client: Client,
    /// By role and subject, with when they were issued.
    tokens: Arc<Mutex<HashMap<String, (Timestamp, String)>>>,
}

/// Somebody with a token.
#[derive(Clone)]
pub(crate) struct Caller {
    world: World,
    role: Role,
    subject: String,
}

/// What somebody was told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// The header `Idempotency-Replayed`.
    pub(crate) repeated: bool,
    pub(crate) body: Value,
}

/// `2026-03-01T10:00:00+08:00`, or with `Z`.
#[track_caller]
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The text of the default programme with parts of it replaced.
#[track_caller]
pub(crate) fn programme(changes: &[(&str, &str)]) -> String {
    let mut text = include_str!("../../../../programme.toml").to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the default programme has no `{from}`");
        text = text.replace(from, to);
    }
    text
}

/// A fact of some type about a member.
pub(crate) fn fact(kind: &str, id: &str, member: &str, time: Timestamp) -> Value {
    json!({"specversion": "1.0", "type": kind, "source": "shop", "id": id, "subject": member, "time": time})
}

/// A paid order of one line.
pub(crate) fn order(id: &str, member: &str, amount_minor: i64, time: Timestamp) -> Value {
    let mut fact = fact("order.paid", &format!("order-{id}"), member, time);
    fact["data"] = json!({"order_id": id, "currency": "CNY", "lines": [{"amount_minor": amount_minor}]});
    fact
}

/// A return of part of an order.
pub(crate) fn refund(id: &str, member: &str, amount_minor: i64, time: Timestamp) -> Value {
    json!({"id": id, "source": "shop", "member": member, "time": time, "amount_minor": amount_minor})
}

impl World {
    /// With the default programme.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With parts of the default programme replaced.
    pub(crate) async fn with(changes: &[(&str, &str)]) -> Self {
        Self::starting(START, changes).await
    }

    /// Beginning at another time.
    ///
    /// Nobody reads the stream: what the ledger says is then only what was asked for.
    pub(crate) async fn starting(start: &str, changes: &[(&str, &str)]) -> Self {
        Self::edited(start, changes, |template| template).await
    }

    /// The same, where a table is not found by the name that the environment of the functions says.
    pub(crate) async fn without_table(start: &str, variable: &str) -> Self {
        let named = format!(" {variable}: !Ref ");
        Self::edited(start, &[], |template| {
            assert!(template.contains(&named), "the template has {variable}");
            template.replace(&named, &format!(" {variable}: No"))
        })
        .await
    }

    async fn edited(start: &str, changes: &[(&str, &str)], edit: impl FnOnce(String) -> String) -> Self {
        let template = edit(std::fs::read_to_string(repository("template.yaml")).unwrap());
        let mark = "            StartingPosition: TRIM_HORIZON";
        assert!(template.contains(mark), "the template has a stream");
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("template.yaml");
        std::fs::create_dir_all(directory.path().join("infra/sam")).unwrap(); // what it includes
        std::fs::copy(repository("infra/sam/api.yaml"), directory.path().join("infra/sam/api.yaml")).unwrap();
        std::fs::write(&file, template.replace(mark, &format!("            Enabled: false\n{mark}"))).unwrap();
        Self::on(&file, start, changes).await
    }

    /// With everything that the template names: events are routed, tiers and segments evaluated.
    pub(crate) async fn whole(start: &str, changes: &[(&str, &str)]) -> Self {
        Self::on(&repository("template.yaml"), start, changes).await
    }

    async fn on(template: &Path, start: &str, changes: &[(&str, &str)]) -> Self {
        let clock = VirtualClock::new(at(start));
        let settings = Settings {
            template: template.to_owned(),
            programme: Some(toml::from_str(&programme(changes)).unwrap()),
            data_dir: None,
            port: 0,
            clock: Clock::Virtual(clock.clone()),
        };
        let platform = Arc::new(settings.start().await.unwrap());
        Self { platform, clock, client: Client::new(), tokens: Arc::default() }
    }

    /// The tables.
    pub(crate) fn store(&self) -> Store {
        let dynamodb = aws_sdk_dynamodb::Client::new(self.platform.aws());
        Store::new(dynamodb, operator::tables(self.platform.stack()).unwrap())
    }

    /// A new version of the programme, in force as soon as may be: two minutes later it is, and the functions know it.
    pub(crate) async fn publishes(&self, changes: &[(&str, &str)]) {
        self.tries_to_publish(changes, None).await.unwrap();
        self.time_passes(SignedDuration::from_mins(2)).await;
    }

    /// Publishes a version of the programme, or says why not.
    pub(crate) async fn tries_to_publish(
        &self,
        changes: &[(&str, &str)],
        from: Option<&str>,
    ) -> anyhow::Result<Published> {
        let document = reading::read(&programme(changes)).map_err(|found| anyhow::anyhow!("{found:?}"))?;
        operator::programme::publish(&self.store(), &document, from.map(at), ("ada", self.now())).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Days pass, and the schedules with them.
    pub(crate) async fn days_pass(&self, days: i64) {
        self.time_passes(SignedDuration::from_hours(days * 24)).await;
    }

    /// Time passes, and the schedules with it.
    pub(crate) async fn time_passes(&self, by: SignedDuration) {
        self.platform.advance(self.now() + by).await.unwrap();
    }

    /// The clock goes to an instant, and the schedules with it.
    #[track_caller]
    pub(crate) fn advance(&self, to: &str) -> impl Future<Output = ()> {
        let to = at(to);
        async move { self.platform.advance(to).await.unwrap() }
    }

    pub(crate) fn caller(&self, role: Role, subject: &str) -> Caller {
        Caller { world: self.clone(), role, subject: subject.to_owned() }
    }

    /// The shop's systems.
    pub(crate) fn shop(&self) -> Caller {
        self.caller(Role::Partner, "shop")
    }

    /// The member with this id.
    pub(crate) fn member(&self, id: &str) -> Caller {
        self.caller(Role::Member, id)
    }

    /// Somebody in charge.
    pub(crate) fn admin(&self, name: &str) -> Caller {
        self.caller(Role::Admin, name)
    }

    /// Somebody who may look.
    pub(crate) fn auditor(&self) -> Caller {
        self.caller(Role::Auditor, "auditor")
    }

    fn token(&self, role: Role, subject: &str) -> String {
        let now = self.now();
        let mut tokens = self.tokens.lock().unwrap();
        let (issued_at, token) = tokens.entry(format!("{} {subject}", role.name())).or_default();
        if token.is_empty() || now.duration_since(*issued_at).abs() > SignedDuration::from_hours(1) {
            *token = self.platform.token(role, subject);
            *issued_at = now;
        }
        token.clone()
    }

    /// A request without a token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.platform.url()))
    }

    /// A member pays for an order of some amount, now.
    pub(crate) async fn pays(&self, member: &str, order_id: &str, amount_minor: i64) -> Answer {
        self.shop().post("/v1/activities", &order(order_id, member, amount_minor, self.now())).await
    }

    /// A member does something that the programme rewards with 100 points, spendable at once.
    pub(crate) async fn earns_100(&self, member: &str, id: &str) -> Answer {
        self.shop().post("/v1/activities", &fact("ugc.featured", &format!("{id}-{member}"), member, self.now())).await
    }

    /// A member takes a reward.
    pub(crate) async fn redeems(&self, member: &str, reward: &str, key: &str) -> Answer {
        self.member(member).keyed(key, "/v1/redemptions", &json!({"member": member, "reward": reward})).await
    }

    /// The shop takes part of an order back, now.
    pub(crate) async fn refunds(&self, order_id: &str, id: &str, member: &str, amount_minor: i64) -> Answer {
        let refund = refund(id, member, amount_minor, self.now());
        self.shop().post(&format!("/v1/orders/{order_id}/refunds"), &refund).await
    }

    /// Points that are active, pending, held and owed.
    pub(crate) async fn pockets(&self, member: &str) -> [i64; 4] {
        pockets(&self.auditor().get(&format!("/v1/members/{member}/balance")).await.ok())
    }

    /// The same at another instant.
    #[track_caller]
    pub(crate) fn pockets_at(&self, member: &str, as_of: &str) -> impl Future<Output = [i64; 4]> {
        let path = format!("/v1/members/{member}/balance?as_of={}", at(as_of));
        async move { pockets(&self.auditor().get(&path).await.ok()) }
    }

    /// All entries of a member, oldest first.
    pub(crate) async fn ledger(&self, member: &str) -> Vec<Value> {
        let (mut entries, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.auditor().get(&format!("/v1/members/{member}/entries?limit=100{after}")).await.ok();
            entries.extend(page["entries"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        entries.reverse();
        entries
    }
}

/// Points that are active, pending, held and owed, of a balance.
#[track_caller]
pub(crate) fn pockets(balance: &Value) -> [i64; 4] {
    let of = |name: &str| balance[name].as_i64().expect("a balance");
    let pockets = ["active", "pending", "held", "debt"].map(of);
    let [active, pending, held, debt] = pockets;
    assert_eq!(of("total"), active + pending + held - debt, "{balance}");
    pockets
}

impl Caller {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.answer(Method::GET, path, None, self.prepared(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.answer(Method::POST, path, Some(body), self.prepared(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.answer(Method::PUT, path, Some(body), self.prepared(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.answer(Method::DELETE, path, None, self.prepared(Method::DELETE, path)).await
    }

    /// Without a body: the path says it all.
    pub(crate) async fn post_nothing(&self, path: &str) -> Answer {
        self.answer(Method::POST, path, None, self.prepared(Method::POST, path)).await
    }

    /// With an `Idempotency-Key`.
    pub(crate) async fn keyed(&self, key: &str, path: &str, body: &Value) -> Answer {
        let request = self.prepared(Method::POST, path).header("idempotency-key", key).json(body);
        self.answer(Method::POST, path, Some(body), request).await
    }

    /// By whatever method, with whatever it has been given.
    pub(crate) async fn send_as(
        &self,
        method: Method,
        path: &str,
        said: Option<&Value>,
        request: RequestBuilder,
    ) -> Answer {
        self.answer(method, path, said, request).await
    }

    /// With whatever it has been given.
    pub(crate) async fn send(&self, path: &str, request: RequestBuilder) -> Answer {
        self.answer(Method::POST, path, None, request).await
    }

    /// A request with the caller's token.
    pub(crate) fn prepared(&self, method: Method, path: &str) -> RequestBuilder {
        self.world.request(method, path).bearer_auth(self.world.token(self.role, &self.subject))
    }

    async fn answer(&self, method: Method, path: &str, said: Option<&Value>, request: RequestBuilder) -> Answer {
        let answer = answer(request).await;
        contract::check(&method, path, said, &answer);
        answer
    }
}

/// Sends a request. Nothing is ever answered with 5xx but what was changed behind the product's back, and what takes too long where the
/// machine has too much to do.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, content_type) = (response.status().as_u16(), header("content-type").unwrap_or_default());
    let repeated = header("idempotency-replayed").is_some_and(|value| value == "true");
    let url = response.url().clone();
    let text = response.text().await.unwrap();
    let late = status == 503 && text.contains("\"unavailable\"");
    assert!(status < 500 || late || text.contains("_damaged\""), "{url}: {status}: {text}");
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{status}: {text}: {error}"));
    // Parsing keeps one of two fields with the same name.
    assert!(text.contains('\n') || body.to_string().len() == text.len(), "a field is named twice: {text}");
    Answer { status, content_type, repeated, body }
}

impl Answer {
    /// It was done, and not before.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert!(self.status == 200 && !self.repeated, "{self:?}");
        self.body
    }

    /// It had been done before.
    #[track_caller]
    pub(crate) fn again(self) -> Value {
        assert!(self.status == 200 && self.repeated, "{self:?}");
        self.body
    }

    /// It was refused, for this reason.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        assert!(self.status == status && self.body["code"] == code && !self.repeated, "{self:?}");
        assert_eq!(self.content_type, "application/problem+json");
        assert_eq!(self.body["status"], status);
        self.body
    }
}
