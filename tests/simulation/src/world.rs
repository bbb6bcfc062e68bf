//! The scheduler: chooses what happens next, and what goes wrong.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use domain::entry::Detail;
use domain::programme::document::Document;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use lambda::{App, Clock, Settings, Trigger};
use local::template::Stack;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{Jitter, Store, Tables};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::audit::{Audited, audit};
use crate::dynamo::Dynamo;
use crate::network::{Answer, Call, INVOCATION, Network};
use crate::workload::{Wish, Workload};

/// What to simulate.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// How many wishes the world has.
    pub wishes: u64,
    /// How many members it has.
    pub members: u32,
    /// How often, in a thousand calls, a fault happens.
    pub faults_per_mille: u32,
    /// Print one line per step.
    pub trace: bool,
}

impl Plan {
    /// A seed with everything else as usual.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Self { seed, wishes: 60, members: 4, faults_per_mille: 150, trace: false }
    }
}

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Steps taken.
    pub steps: u64,
    /// Faults injected, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// What is wrong; empty is well.
    pub violations: Vec<String>,
    /// The hash of the log: the same seed gives the same.
    pub log: String,
}

/// An invocation under way.
struct Running {
    wish: usize,
    task: JoinHandle<Result<Value, String>>,
}

/// A wish and its answer.
struct Wanted {
    wish: Wish,
    answer: Option<Value>,
    running: u32,
    since: Timestamp,
    receives: u32,
    given_up: bool,
}

impl Wanted {
    /// Somebody still waits for an answer.
    fn is_open(&self) -> bool {
        self.answer.is_none() && !self.given_up
    }
}

struct World {
    plan: Plan,
    rng: Rng,
    network: Network,
    dynamo: Dynamo,
    apps: Vec<Arc<App>>,
    clock: Arc<AtomicI64>,
    started: Instant,
    workload: Workload,
    wanted: Vec<Wanted>,
    running: BTreeMap<u64, Running>,
    late: VecDeque<(String, Value)>,
    invocations: u64,
    outcome: Outcome,
    log: Sha256,
}

/// How long a keyed wish is sent again: less than the three days for which its key is recognised, by the clocks' skew.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(60);
/// After so many failed receives a message goes to the dead-letter queue.
const MOST_RECEIVES: u32 = 5;
/// The start of the world's time.
const EPOCH: &str = "2026-01-10T08:00:00Z";
/// How many invocations may be under way.
const AT_ONCE: usize = 6;
/// After so many steps without an end something hangs.
const MOST_STEPS: u64 = 200_000;

/// Runs a plan from beginning to end.
///
/// # Errors
/// The world cannot be set up; what goes wrong inside it is a violation instead.
pub fn run(plan: Plan) -> anyhow::Result<Outcome> {
    fastrand::seed(plan.seed); // the SDK's own jitter
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async {
        let mut world = World::new(plan).await?;
        world.live().await;
        Ok(world.outcome)
    })
}

/// The default programme with a scarce reward, and points that can be spent at once.
fn programme() -> anyhow::Result<Document> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut document = local::programme::read(&root.join("programme.toml"))?;
    let mut sticker =
        document.reward.iter().find(|reward| reward.id == "toy").cloned().expect("the programme has a toy");
    sticker.id = "sticker".to_owned();
    sticker.cost_points = domain::quantity::Points(50);
    sticker.tier_price.clear();
    sticker.stock = Some(3);
    document.reward.push(sticker);
    Ok(document)
}

impl World {
    async fn new(plan: Plan) -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let stack = Stack::read(&root.join("template.yaml"), "http://sqs")?;
        let network = Network::default();
        let epoch: Timestamp = EPOCH.parse()?;
        let clock = Arc::new(AtomicI64::new(epoch.as_millisecond()));
        let mut world = Self {
            rng: Rng::with_seed(plan.seed),
            workload: Workload::new(plan.members),
            dynamo: Dynamo::new(&stack)?,
            network,
            apps: Vec::new(),
            clock,
            started: Instant::now(),
            wanted: Vec::new(),
            running: BTreeMap::new(),
            late: VecDeque::new(),
            invocations: 0,
            outcome: Outcome::default(),
            log: Sha256::new(),
            plan,
        };
        let tables = local::functions::tables(&stack).ok_or_else(|| anyhow::anyhow!("no tables"))?;
        let store = Store::new(aws_sdk_dynamodb::Client::new(&world.config()), tables.clone());
        let document = programme()?;
        let published = tokio::spawn(async move { store.publish(&document, Timestamp::MIN, [7; 32]).await });
        world.serve(|| published.is_finished()).await;
        published.await??;
        for place in 0..3_u32 {
            world.boot(tables.clone(), place).await?;
        }
        Ok(world)
    }

    fn config(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(2));
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("k", "s", None, None, "world")))
            .http_client(self.network.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts.build())
            .endpoint_url("http://dynamodb")
            .build()
    }

    /// Starts an environment of the functions, its clock up to five minutes off.
    async fn boot(&mut self, tables: Tables, place: u32) -> anyhow::Result<()> {
        let skew = i64::from(place) * self.rng.i64(-150_000..150_000);
        let (clock, started) = (Arc::clone(&self.clock), self.started);
        let now = move || {
            let elapsed = i64::try_from(started.elapsed().as_millis()).unwrap_or_default();
            Timestamp::from_millisecond(clock.load(Ordering::Relaxed) + elapsed + skew).unwrap_or_default()
        };
        let (config, jitter) = (self.config(), Jitter::seeded(self.plan.seed + u64::from(place)));
        let booting =
            tokio::spawn(async move { App::new(&config, Settings { tables }, Clock::new(now), jitter).await });
        self.serve(|| booting.is_finished()).await;
        self.apps.push(Arc::new(booting.await??));
        Ok(())
    }

    /// Carries out calls without faults until something is done.
    async fn serve(&mut self, done: impl Fn() -> bool) {
        while !done() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            while self.network.len() > 0 {
                let call = self.network.take(0);
                let (status, body) = self.dynamo.carry_out(&call.operation, &call.body);
                call.answer(Answer::Response(status, body));
            }
        }
    }

    fn now(&self) -> Timestamp {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or_default();
        Timestamp::from_millisecond(self.clock.load(Ordering::Relaxed) + elapsed).unwrap_or_default()
    }

    async fn live(&mut self) {
        let mut faulty = true;
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await; // everybody runs until they wait for the network, or for time
            self.collect().await;
            self.outcome.steps += 1;
            let now = self.now();
            for wanted in &mut self.wanted {
                wanted.given_up |= wanted.wish.keyed && now.duration_since(wanted.since) > KEY_LIFE;
            }
            let open = self.wanted.iter().filter(|wanted| wanted.is_open()).count();
            let made = u64::try_from(self.wanted.len()).unwrap_or_default();
            if made >= self.plan.wishes {
                faulty = faulty && self.rng.u32(0..200) > 0; // by and by the weather clears
                if open == 0 && self.running.is_empty() && self.late.is_empty() && self.network.len() == 0 {
                    break;
                }
            }
            if self.outcome.steps > MOST_STEPS {
                self.outcome.violations.push(format!("{open} wishes are never answered"));
                break;
            }
            self.step(faulty, made, open).await;
        }
        self.judge();
        let hash = std::mem::take(&mut self.log).finalize();
        self.outcome.log = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    }

    async fn step(&mut self, faulty: bool, made: u64, open: usize) {
        let waiting = self.network.len();
        match self.rng.u32(0..100) {
            0..70 if waiting > 0 => {
                let call = self.network.take(self.rng.usize(0..waiting));
                self.decide(call, faulty);
            }
            70..88 if self.running.len() < AT_ONCE && made < self.plan.wishes => {
                let now = self.now();
                let wish = self.workload.next(&mut self.rng, now);
                self.wanted.push(Wanted { wish, answer: None, running: 0, since: now, receives: 0, given_up: false });
                self.invoke(self.wanted.len() - 1);
            }
            88..94 if self.running.len() < AT_ONCE => self.again(open),
            94..96 if made < self.plan.wishes => self.time_passes().await,
            96..98 => {
                if let Some((operation, body)) = self.late.pop_front() {
                    let (status, _) = self.dynamo.carry_out(&operation, &body);
                    self.say(&format!("late {} -> {status}", named(&operation, &body)));
                }
            }
            98..99 if faulty => self.crash(),
            _ => {}
        }
    }

    /// Seconds pass for everybody, those who wait for an answer included: a frozen environment wakes after its deadline.
    /// Days pass only while nothing is under way.
    async fn time_passes(&mut self) {
        let quiet = self.running.is_empty() && self.late.is_empty() && self.network.len() == 0;
        if quiet && self.rng.u32(0..3) == 0 {
            let days = self.rng.i64(0..40 * 86_400_000);
            self.clock.fetch_add(days, Ordering::Relaxed);
            self.say(&format!("time passes: {days} ms"));
        } else {
            let jump = self.rng.u64(0..90_000);
            tokio::time::advance(Duration::from_millis(jump)).await;
            self.say(&format!("time passes: {jump} ms"));
        }
    }

    /// Sends an unanswered wish again, or now and then an answered one.
    fn again(&mut self, open: usize) {
        let idle = |wanted: &Wanted| wanted.is_open() && wanted.running == 0;
        let candidates: Vec<usize> = (0..self.wanted.len())
            .filter(|place| {
                let wanted = &self.wanted[*place];
                idle(wanted) || (wanted.wish.repeatable && !wanted.given_up)
            })
            .collect();
        let waiting: Vec<usize> = candidates.iter().copied().filter(|place| idle(&self.wanted[*place])).collect();
        let pool = if waiting.is_empty() || self.rng.u32(0..3) == 0 { candidates } else { waiting };
        if !pool.is_empty() && (open > 0 || u64::try_from(self.wanted.len()).unwrap_or_default() < self.plan.wishes) {
            let place = pool[self.rng.usize(0..pool.len())];
            self.invoke(place);
        }
    }

    fn invoke(&mut self, place: usize) {
        self.invocations += 1;
        let invocation = self.invocations;
        let app = Arc::clone(&self.apps[self.rng.usize(0..self.apps.len())]);
        let wanted = &mut self.wanted[place];
        wanted.running += 1;
        let (function, payload) = (wanted.wish.function, wanted.wish.payload.clone());
        let line = format!("#{invocation} {} {} {}", wanted.wish.function, wanted.wish.member, wanted.wish.what);
        let task = tokio::spawn(INVOCATION.scope(invocation, async move {
            let trigger = Trigger::parse(payload, Instant::now() + Duration::from_secs(10))?;
            match function {
                "earn" => earn::handle(&app, trigger).await,
                "redeem" => redeem::handle(&app, trigger).await,
                "account" => account::handle(&app, trigger).await,
                _ => upkeep::handle(&app, trigger).await,
            }
        }));
        self.running.insert(invocation, Running { wish: place, task });
        self.say(&line);
    }

    /// A handler dies where it waits: its calls are gone, or have been carried out and nobody heard.
    fn crash(&mut self) {
        let callers = self.network.callers();
        if callers.is_empty() {
            return;
        }
        let invocation = callers[self.rng.usize(0..callers.len())];
        let after = self.rng.bool();
        for call in self.network.forget(invocation) {
            if after {
                self.dynamo.carry_out(&call.operation, &call.body);
            }
        }
        if let Some(running) = self.running.remove(&invocation) {
            running.task.abort();
            self.wanted[running.wish].running -= 1;
        }
        self.fault("crash");
        self.say(&format!("#{invocation} crashes{}", if after { " after its call was carried out" } else { "" }));
    }

    /// The fate of a call.
    fn decide(&mut self, call: Call, faulty: bool) {
        let what = format!("#{} {}", call.invocation, named(&call.operation, &call.body));
        if !faulty || self.rng.u32(0..1000) >= self.plan.faults_per_mille {
            let (status, body) = self.dynamo.carry_out(&call.operation, &call.body);
            self.say(&format!("{what} -> {status}"));
            call.answer(Answer::Response(status, body));
            return;
        }
        let write = matches!(call.operation.as_str(), "PutItem" | "UpdateItem" | "TransactWriteItems");
        let kind = match self.rng.u32(0..6) {
            0 if write => "answer lost",
            1 if write => "applied late",
            2 if write => "conflict",
            3 => "throttled",
            4 => "not carried out",
            5 if call.operation == "GetItem" && call.body["ConsistentRead"] != json!(true) => "stale",
            5 if call.operation == "Query" => "short page",
            5 if call.operation == "BatchGetItem" => "unprocessed",
            _ => "server error",
        };
        let answer = self.faulty_answer(kind, &call);
        self.fault(kind);
        self.say(&format!("{what} -> {kind}"));
        call.answer(answer);
    }

    fn faulty_answer(&mut self, kind: &str, call: &Call) -> Answer {
        let error = |status, code: &str| {
            let body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "injected"});
            Answer::Response(status, body.to_string())
        };
        let Self { dynamo, rng, late, .. } = self;
        let old = if kind == "stale" { dynamo.stale(&call.body, rng.usize(0..3)) } else { None };
        let mut carry_out = |body: &Value| {
            let (status, body) = dynamo.carry_out(&call.operation, body);
            Answer::Response(status, body)
        };
        match kind {
            "answer lost" => {
                carry_out(&call.body);
                Answer::Timeout
            }
            "applied late" => {
                late.push_back((call.operation.clone(), call.body.clone()));
                Answer::Timeout
            }
            "conflict" if call.operation == "TransactWriteItems" => {
                let parts = call.body["TransactItems"].as_array().map_or(0, Vec::len);
                let reasons: Vec<Value> = (0..parts)
                    .map(|part| json!({"Code": if part == 0 { "TransactionConflict" } else { "None" }}))
                    .collect();
                let body = json!({
                    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                    "Message": "Transaction cancelled", "CancellationReasons": reasons,
                });
                Answer::Response(400, body.to_string())
            }
            "conflict" => error(400, "TransactionConflictException"),
            "throttled" => error(400, "ProvisionedThroughputExceededException"),
            "not carried out" => Answer::Timeout,
            "stale" => match old {
                Some((status, body)) => Answer::Response(status, body),
                None => carry_out(&call.body),
            },
            "short page" => {
                let mut body = call.body.clone();
                body["Limit"] = json!(1);
                carry_out(&body)
            }
            "unprocessed" => unprocessed(call, carry_out),
            _ => error(500, "InternalServerError"),
        }
    }

    fn fault(&mut self, kind: &'static str) {
        *self.outcome.faults.entry(kind).or_default() += 1;
    }

    /// Hears the answers of invocations that have ended.
    async fn collect(&mut self) {
        let ended: Vec<u64> =
            self.running.iter().filter(|(_, running)| running.task.is_finished()).map(|(id, _)| *id).collect();
        for id in ended {
            let Some(Running { wish, task }) = self.running.remove(&id) else { continue };
            let outcome = task.await;
            self.wanted[wish].running -= 1;
            match outcome {
                Ok(Ok(answer)) => self.hear(id, wish, answer),
                Ok(Err(error)) => self.say(&format!("#{id} fails: {error}")),
                Err(error) if error.is_panic() => {
                    let what = &self.wanted[wish].wish.what;
                    self.outcome.violations.push(format!("#{id} {what}: the handler panics"));
                    self.wanted[wish].answer = Some(Value::Null);
                }
                Err(_) => {}
            }
        }
    }

    fn hear(&mut self, id: u64, place: usize, answer: Value) {
        let status = answer["statusCode"].as_i64();
        let failed = answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
        self.say(&format!("#{id} answers {}", status.map_or_else(|| answer.to_string(), |status| status.to_string())));
        let body: Value = answer["body"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        if failed {
            let wanted = &mut self.wanted[place];
            wanted.receives += 1;
            wanted.given_up |= wanted.receives >= MOST_RECEIVES; // it is in the dead-letter queue
        }
        if failed || status == Some(503) || body["code"] == json!("busy") {
            return; // asked again later
        }
        if status.is_some_and(|status| status >= 500) {
            self.outcome.violations.push(format!("#{id} {}: {body}", self.wanted[place].wish.what));
        }
        let wanted = &mut self.wanted[place];
        let succeeded = status.is_none_or(|status| status < 300);
        match &wanted.answer {
            Some(first) if wanted.wish.repeatable && *first != Value::Null => {
                let first_succeeded =
                    first["statusCode"].is_null() || first["statusCode"].as_i64().is_some_and(|s| s < 300);
                if first_succeeded && status.is_some() && first["body"] != answer["body"] {
                    let (was, is) = (&first["body"], &answer["body"]);
                    let what = format!("{} is answered in two ways: {was} and {is}", wanted.wish.what);
                    self.outcome.violations.push(what);
                }
            }
            Some(_) => {}
            None => {
                wanted.answer = Some(answer);
                if succeeded {
                    let wish = wanted.wish.clone();
                    self.workload.hear(&wish, &body);
                }
            }
        }
    }

    /// Audits everything at the end.
    fn judge(&mut self) {
        let (ledgers, wrong) = audit(&self.dynamo);
        self.outcome.violations.extend(wrong);
        self.check_answers(&ledgers);
        self.check_stock(&ledgers);
    }

    /// What was acknowledged is in the ledger; what was refused is not.
    fn check_answers(&mut self, ledgers: &BTreeMap<String, Audited>) {
        for wanted in &self.wanted {
            let Some(order) = wanted.wish.what.strip_prefix("earn ").or(wanted.wish.what.strip_prefix("queue ")) else {
                continue;
            };
            let Some(answer) = &wanted.answer else { continue };
            let acknowledged = answer["statusCode"].is_null() || answer["statusCode"] == json!(200);
            let entries = ledgers.get(&wanted.wish.member).map_or(&[][..], |ledger| &ledger.entries);
            let found = entries
                .iter()
                .any(|entry| matches!(&entry.detail, Detail::Earn { order: Some(id), .. } if id == order));
            if acknowledged != found {
                let what = format!(
                    "{order} was {} and is {}in the ledger",
                    if acknowledged { "acknowledged" } else { "refused" },
                    if found { "" } else { "not " }
                );
                self.outcome.violations.push(what);
            }
        }
    }

    /// What is left of a stock, and what members have of it, is what there was.
    fn check_stock(&mut self, ledgers: &BTreeMap<String, Audited>) {
        let catalogue = self.dynamo.dump("CatalogueTable");
        for (reward, stock) in [("drink", 10_000_i64), ("toy", 200), ("sticker", 3)] {
            let prefix = format!("stock#{reward}#");
            let shards =
                catalogue.iter().filter(|item| item["id"]["S"].as_str().is_some_and(|id| id.starts_with(&prefix)));
            let left: Vec<i64> = shards.filter_map(|item| item["n"]["N"].as_str()?.parse().ok()).collect();
            let mut taken = 0;
            for ledger in ledgers.values() {
                for entry in &ledger.entries {
                    match &entry.detail {
                        Detail::Redeem { reward: of, quantity, .. } if of == reward => taken += i64::from(*quantity),
                        Detail::Reverse { redemption, .. } => {
                            let place = usize::try_from(*redemption).unwrap_or_default().saturating_sub(1);
                            let of = ledger.entries.get(place).map(|entry| &entry.detail);
                            if matches!(of, Some(Detail::Redeem { reward: of, .. }) if of == reward) {
                                taken -= 1;
                            }
                        }
                        _ => {}
                    }
                }
            }
            if left.iter().any(|left| *left < 0) || left.iter().sum::<i64>() + taken != stock {
                let what = format!("of {stock} {reward}, {left:?} are left and {taken} taken");
                self.outcome.violations.push(what);
            }
        }
    }

    fn say(&mut self, line: &str) {
        let elapsed = self.now().as_millisecond();
        let line = format!("{:>7} {elapsed} {line}", self.outcome.steps);
        self.log.update(line.as_bytes());
        if self.plan.trace {
            eprintln!("{line}");
        }
    }
}

/// Holds back half of the keys of a batch.
fn unprocessed(call: &Call, mut carry_out: impl FnMut(&Value) -> Answer) -> Answer {
    let mut body = call.body.clone();
    let mut held = json!({});
    for (table, request) in body["RequestItems"].as_object_mut().into_iter().flatten() {
        let Some(keys) = request["Keys"].as_array_mut() else { continue };
        let rest = keys.split_off(keys.len().div_ceil(2));
        if !rest.is_empty() {
            held[table.as_str()] = json!({ "Keys": rest });
        }
    }
    match carry_out(&body) {
        Answer::Response(200, text) => {
            let mut reply: Value = serde_json::from_str(&text).unwrap_or_default();
            reply["UnprocessedKeys"] = held;
            Answer::Response(200, reply.to_string())
        }
        other => other,
    }
}

/// A call in a few words.
fn named(operation: &str, body: &Value) -> String {
    let text = |value: &Value| {
        value
            .as_object()
            .and_then(|fields| fields.values().next())
            .map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let key = if body["Key"].is_null() { &body["Item"] } else { &body["Key"] };
    let name = ["member", "id"].iter().map(|name| text(&key[*name])).find(|name| !name.is_empty()).unwrap_or_default();
    let version = text(&body["Item"]["v"]);
    let version = if version.is_empty() { version } else { format!(" v{version}") };
    format!("{operation} {} {name}{version}", body["TableName"].as_str().unwrap_or_default())
}
