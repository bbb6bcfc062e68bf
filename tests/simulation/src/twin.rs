//! The simulator's twin in real processes: the local platform is killed (SIGKILL) at random moments under load, started
//! again, asked again for everything that it had not answered, and audited.
//!
//! At the end the entries of all statements and the acknowledged writes must be the same things, one for one: nothing that
//! was promised is missing, nothing was done twice, and nothing that was refused was done.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use local::clock::Clock;
use local::data::Ports;
use local::issuer::{Issuer, Role};
use local::platform::{Platform, Settings, url};
use serde_json::{Value, json};
use tokio::task::JoinSet;

const CALLERS: usize = 16;
/// Members about whom half of all requests are, so that callers meet and ledgers grow long.
const HOT: usize = 8;
/// How many acknowledged requests are sent again after the last kill.
const SAMPLE: u32 = 200;
/// How long a platform may take to start, to answer everything, to empty its queue.
const PATIENCE: Duration = Duration::from_secs(60);
/// A message that lost a race comes back after a minute, or at once after a kill.
const TIME_TO_DRAIN: Duration = Duration::from_secs(5);
/// A request that is still not answered after so many attempts never will be.
const MOST_ATTEMPTS: u32 = 500;
/// What a request of the mixture may be refused for.
const REFUSALS: [&str; 12] = [
    "below_minimum",
    "conflicting_duplicate",
    "debt_limit_exceeded",
    "hold_not_open",
    "in_debt",
    "insufficient_points",
    "limit_reached",
    "nothing_to_reverse",
    "out_of_stock",
    "too_many_holds",
    "too_many_parked_refunds",
    "unknown_activity",
];

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How often the platform was killed under load or while it started.
    pub kills: u32,
    /// Different requests over HTTP.
    pub requests: u64,
    /// Those of them that were answered with a success.
    pub acknowledged: u64,
    /// How often something was sent again, for want of an answer or as a sample.
    pub repeated: u64,
    /// Different messages to the queue.
    pub messages: u64,
    /// Entries in all ledgers at the end.
    pub entries: u64,
    /// How long it took.
    pub seconds: u64,
    /// What is wrong; empty is well.
    pub violations: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, requests, acknowledged, repeated, messages, entries, seconds, violations } = self;
        write!(f, "{kills} kills in {seconds} s: {requests} requests, {acknowledged} of them acknowledged, ")?;
        write!(f, "and {messages} messages; {repeated} were sent again. ")?;
        write!(f, "{entries} entries in the ledgers, {} violations", violations.len())?;
        violations.iter().take(50).try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}

/// Kills a platform so often; it is this program that is started as one.
///
/// # Errors
/// The platform cannot be started, or does not answer when nobody kills it.
pub fn run(kills: u32, seed: u64) -> anyhow::Result<Report> {
    run_program(&std::env::current_exe()?, kills, seed)
}

/// As [`run`], with the path of the simulator's program.
///
/// # Errors
/// The platform cannot be started, or does not answer when nobody kills it.
pub fn run_program(program: &Path, kills: u32, seed: u64) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let started = Instant::now();
        let mut twin = Twin::new(program, seed)?;
        for kill in 1..=kills {
            twin.round(kill).await.with_context(|| format!("round {kill}"))?;
        }
        let (ledger, audited) = twin.finish().await?;
        let mut life = twin.life();
        life.judge(&ledger);
        if audited != ledger.len() {
            let wrong = format!("the statements show {} entries, the tables have {audited}", ledger.len());
            life.report.violations.push(wrong);
        }
        life.report.kills = kills;
        life.report.seconds = started.elapsed().as_secs();
        Ok(std::mem::take(&mut life.report))
    })
}

/// Runs the platform on a free port until it is killed, or until who started it is gone.
///
/// # Errors
/// It cannot be started.
pub fn serve(data: &Path) -> anyhow::Result<()> {
    // The starter holds the other end and says nothing; the end comes when it ends, however that happens.
    std::thread::spawn(|| {
        std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()).ok();
        std::process::exit(0);
    });
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let settings = Settings {
        template: root.join("template.yaml"),
        programme: Some(local::programme::read(&root.join("programme.toml"))?),
        data_dir: Some(data.to_owned()),
        port: 0,
        clock: Clock::System,
        registry: local::functions::registry(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let _platform = Platform::start(settings).await?;
        std::future::pending().await
    })
}

/// A platform in a process of its own, which ends with this.
struct Process(Child);

impl Process {
    fn start(program: &Path, data: &Path) -> anyhow::Result<Self> {
        let ports = data.join("ports.json");
        if ports.exists() {
            std::fs::remove_file(ports)?; // of the one that was killed
        }
        let mut command = Command::new(program);
        command.arg("platform").arg(data).stdin(Stdio::piped()).stdout(Stdio::null());
        Ok(Self(command.spawn().with_context(|| format!("{} cannot be started", program.display()))?))
    }

    /// Waits until it serves, and returns how it is reached.
    async fn ready(&mut self, data: &Path) -> anyhow::Result<Access> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.0.try_wait()? {
                bail!("the platform does not start: {status}");
            }
            if let Ok(ports) = Ports::of(data) {
                let api = url(ports.api);
                let issuer = Issuer::open(Some(&data.join("issuer.key")), &api, Clock::System)?;
                let (token, sqs) = (issuer.token(Role::Admin, "me"), url(ports.sqs));
                // A proxy of the shell's has no business here; a platform that hangs is noticed.
                let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(15)).build()?;
                return Ok(Access { client, api, sqs, token });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the platform does not start within {} s", PATIENCE.as_secs())
    }
}

impl Drop for Process {
    /// SIGKILL.
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// How a platform is reached.
#[derive(Clone)]
struct Access {
    client: reqwest::Client,
    api: String,
    sqs: String,
    token: String,
}

impl Access {
    /// Sends a request; nothing if no answer was heard to its end.
    async fn send(&self, request: &Request) -> Option<Answer> {
        let post = match &request.way {
            Way::Api { path, key } => {
                let post = self.client.post(format!("{}{path}", self.api)).bearer_auth(&self.token);
                let post = post.header("content-type", "application/json").body(request.body.clone());
                if let Some(key) = key { post.header("idempotency-key", key) } else { post }
            }
            Way::Queue => {
                let queue = format!("{}/{}/IngestQueue", self.sqs, local::aws::ACCOUNT);
                let post = self.client.post(&self.sqs).header("content-type", "application/x-amz-json-1.0");
                let message = json!({ "QueueUrl": queue, "MessageBody": request.body });
                post.header("x-amz-target", "AmazonSQS.SendMessage").body(message.to_string())
            }
        };
        let response = post.send().await.ok()?;
        let status = response.status().as_u16();
        Some(Answer { status, body: response.json().await.ok()? })
    }

    /// A member's statement, all its pages, newest first.
    async fn statement(&self, member: &str) -> anyhow::Result<Vec<Value>> {
        let (mut entries, mut after) = (Vec::new(), String::new());
        loop {
            let get = self.client.get(format!("{}/v1/members/{member}/entries?limit=100{after}", self.api));
            let response = get.bearer_auth(&self.token).send().await?;
            if response.status() == 404 {
                return Ok(entries);
            }
            let mut page: Value = response.error_for_status()?.json().await?;
            if let Value::Array(more) = page["entries"].take() {
                entries.extend(more);
            }
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(entries),
            }
        }
    }
}

/// What is sent, the very same each time.
struct Request {
    way: Way,
    body: String,
}

enum Way {
    Api { path: String, key: Option<String> },
    Queue,
}

impl Request {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    fn is(&self, wanted: &str) -> bool {
        matches!(&self.way, Way::Api { path, .. } if path == wanted)
    }

    /// The same if and only if it is to be done once.
    fn identity(&self) -> String {
        match &self.way {
            Way::Api { path, key } if !self.is(ACTIVITIES) => format!("{path} {key:?} {}", self.body),
            _ => self.body.clone(), // a fact is the same wherever it is told
        }
    }
}

const ACTIVITIES: &str = "/v1/activities";
const BATCH: &str = "/v1/activities/batch";
const HOLDS: &str = "/v1/holds";

#[derive(Clone, PartialEq)]
struct Answer {
    status: u16,
    body: Value,
}

impl Answer {
    /// Nothing was decided: it is to be asked again.
    fn is_open(&self) -> bool {
        let again = |problem: &Value| ["busy", "unavailable"].iter().any(|code| problem["code"] == *code);
        let parts = self.body["results"].as_array().into_iter().flatten();
        let of_the_gateway = self.status >= 500 && self.body["code"].is_null();
        of_the_gateway || again(&self.body) || parts.map(|part| &part["problem"]).any(again)
    }

    fn is_acknowledged(&self) -> bool {
        self.status < 300
    }

    /// What must be said again when it is asked again.
    fn lasting(&self) -> Self {
        let mut lasting = self.clone();
        for part in lasting.body["results"].as_array_mut().into_iter().flatten() {
            part["replayed"] = Value::Null;
        }
        lasting
    }

    /// Refusals that no request of the mixture deserves.
    fn odd_refusals(&self) -> Vec<String> {
        let whole = std::iter::once((i64::from(self.status), &self.body));
        let parts = self.body["results"].as_array().into_iter().flatten();
        let all = whole.chain(parts.map(|part| (part["status"].as_i64().unwrap_or_default(), &part["problem"])));
        let known = |problem: &Value| problem["code"].as_str().is_some_and(|code| REFUSALS.contains(&code));
        let odd = all.filter(|(status, problem)| *status >= 300 && !known(problem));
        odd.map(|(status, problem)| format!("{status} {problem}")).collect()
    }
}

/// A request and what became of it.
struct Sent {
    request: Arc<Request>,
    attempts: u32,
    answer: Option<Answer>,
}

/// Everything that was asked and answered, and what to ask next.
struct Life {
    rng: Rng,
    /// When the first fact happened; each happens a millisecond later.
    since: Timestamp,
    sent: Vec<Sent>,
    /// Without an answer.
    open: VecDeque<usize>,
    acknowledged: Vec<usize>,
    members: BTreeSet<String>,
    /// Who got points that can be spent.
    rich: Vec<String>,
    orders: Vec<Value>,
    holds: Vec<String>,
    spent: Vec<String>,
    /// Nothing new is wanted; so many are still sent again.
    closing: Option<u32>,
    report: Report,
}

impl Life {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            since: Clock::System.now() - SignedDuration::from_mins(20),
            sent: Vec::new(),
            open: VecDeque::new(),
            acknowledged: Vec::new(),
            members: BTreeSet::new(),
            rich: Vec::new(),
            orders: Vec::new(),
            holds: Vec::new(),
            spent: Vec::new(),
            closing: None,
            report: Report::default(),
        }
    }

    /// What to send next: what has no answer, now and then what has one, else something new.
    fn next(&mut self) -> Option<(usize, Arc<Request>)> {
        let sample = match &mut self.closing {
            None => self.rng.u32(0..10) == 0,
            Some(left) if self.open.is_empty() => {
                *left = left.checked_sub(1)?;
                true
            }
            Some(_) => false,
        };
        let known = self.open.pop_front().or_else(|| self.rng.choice(&self.acknowledged).copied().filter(|_| sample));
        let place = match known {
            Some(place) => place,
            None if self.closing.is_some() => return None,
            None => {
                let request = Arc::new(self.wish());
                self.sent.push(Sent { request, attempts: 0, answer: None });
                self.sent.len() - 1
            }
        };
        let sent = &mut self.sent[place];
        self.report.repeated += u64::from(sent.attempts > 0);
        sent.attempts += 1;
        Some((place, Arc::clone(&sent.request)))
    }

    /// Hears an answer, or that there is none.
    fn hear(&mut self, place: usize, answer: Option<Answer>) {
        let sent = &mut self.sent[place];
        let answer = answer.filter(|answer| !answer.is_open());
        match (answer, &sent.answer) {
            (None, Some(_)) => {}
            (None, None) if sent.attempts >= MOST_ATTEMPTS => {}
            (None, None) => self.open.push_back(place),
            (Some(answer), None) => {
                let request = Arc::clone(&sent.request);
                let odd = answer.odd_refusals();
                self.report
                    .violations
                    .extend(odd.iter().map(|odd| format!("{} is answered {odd}", request.identity())));
                if answer.is_acknowledged() {
                    self.acknowledged.push(place);
                    self.learn(&request, &answer.body);
                }
                self.sent[place].answer = Some(answer);
            }
            (Some(_), Some(_)) if matches!(sent.request.way, Way::Queue) => {} // each sending has an id of its own
            (Some(answer), Some(first)) => {
                if answer.lasting() != first.lasting() {
                    let (what, first) = (sent.request.identity(), &first.body);
                    let wrong = format!("{what} is answered in two ways: {first} and {}", answer.body);
                    self.report.violations.push(wrong);
                }
            }
        }
    }

    /// Remembers what later requests can be about.
    fn learn(&mut self, request: &Request, answer: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.spent.extend(text(&answer["redemption_id"]));
        self.holds.extend(text(&answer["hold_id"]).filter(|_| request.is(HOLDS)));
        if answer["balance"]["active"].as_i64().is_some_and(|active| active >= 100) {
            let id = text(&answer["adjustment_id"]).or_else(|| text(&answer["entry"]["id"]));
            self.rich.extend(id.and_then(|id| Some(id.rsplit_once('.')?.0.to_owned())));
        }
    }

    fn member(&mut self) -> String {
        let hot = self.rng.bool();
        let member = if hot { self.rng.usize(0..HOT) } else { HOT + self.rng.usize(0..20 + self.sent.len() / 10) };
        let member = format!("m-{member}");
        self.members.insert(member.clone());
        member
    }

    /// Somebody who can pay, mostly.
    fn payer(&mut self) -> String {
        if self.rich.is_empty() || self.rng.u32(0..4) == 0 {
            return self.member();
        }
        let place = self.rng.usize(0..self.rich.len());
        self.rich.swap_remove(place)
    }

    fn time(&self, part: usize) -> Timestamp {
        let ordinal = i64::try_from(self.sent.len() * 8 + part).unwrap_or_default();
        self.since + SignedDuration::from_millis(ordinal)
    }

    /// An order that nobody has reported yet.
    fn order(&mut self, part: usize) -> Value {
        let (id, member) = (format!("o-{}-{part}", self.sent.len()), self.member());
        let lines = json!([{"sku": "tea", "amount_minor": self.rng.i64(1..60_000)}]);
        let data = json!({"order_id": id, "currency": "CNY", "lines": lines});
        let order = json!({
            "specversion": "1.0", "type": "order.paid", "source": "shop", "id": id, "subject": member,
            "time": self.time(part), "data": data,
        });
        self.orders.push(order.clone());
        order
    }

    fn api(path: &str, body: &Value) -> Request {
        Request { way: Way::Api { path: path.to_owned(), key: None }, body: body.to_string() }
    }

    fn keyed(&self, path: &str, body: &Value) -> Request {
        let key = Some(format!("key-{}", self.sent.len()));
        Request { way: Way::Api { path: path.to_owned(), key }, body: body.to_string() }
    }

    /// Something new.
    fn wish(&mut self) -> Request {
        let wish = match self.rng.u32(0..100) {
            0..22 => Self::api(ACTIVITIES, &self.order(0)),
            22..28 => self.order_again(),
            28..38 => self.refund(),
            38..50 => self.behaviour(),
            50..56 => self.batch(),
            56..64 => self.adjustment(),
            64..73 => {
                let body = json!({"member": self.payer(), "reward": "drink"});
                self.keyed("/v1/redemptions", &body)
            }
            73..79 => self.hold(),
            79..85 => self.end_hold(),
            85..89 => self.reversal(),
            _ => Request { way: Way::Queue, body: self.order(0).to_string() },
        };
        let kind = if matches!(wish.way, Way::Queue) { &mut self.report.messages } else { &mut self.report.requests };
        *kind += 1;
        wish
    }

    /// An order again: the very same, or told differently. One that is on its way as a message is not told differently: the
    /// false one may come first, and the message is then rightly refused.
    fn order_again(&mut self) -> Request {
        let Some(mut order) = self.rng.choice(&self.orders).cloned() else {
            return Self::api(ACTIVITIES, &self.order(0));
        };
        let message = |sent: &Sent| matches!(sent.request.way, Way::Queue) && sent.request.json()["id"] == order["id"];
        if self.rng.u32(0..3) == 0 && !self.sent.iter().any(message) {
            order["data"]["lines"][0]["amount_minor"] = json!(60_000);
        }
        Self::api(ACTIVITIES, &order)
    }

    fn refund(&mut self) -> Request {
        let Some(order) = self.rng.choice(&self.orders).cloned() else { return Self::api(ACTIVITIES, &self.order(0)) };
        let most = order["data"]["lines"][0]["amount_minor"].as_i64().unwrap_or(1);
        let body = json!({
            "source": "shop", "id": format!("r-{}", self.sent.len()), "member": order["subject"], "time": self.time(0),
            "amount_minor": self.rng.i64(1..=most),
        });
        let order = order["id"].as_str().unwrap_or_default();
        Self::api(&format!("/v1/orders/{order}/refunds"), &body)
    }

    fn behaviour(&mut self) -> Request {
        let activities =
            ["checkin", "ugc.featured", "ugc.featured", "ugc.approved", "survey.completed", "task.completed"];
        let activity = activities[self.rng.usize(0..activities.len())];
        let mut event = json!({
            "specversion": "1.0", "type": activity, "source": "app", "id": format!("b-{}", self.sent.len()),
            "subject": self.member(), "time": self.time(0),
        });
        if activity == "task.completed" {
            event["data"] = json!({"attributes": {"task": "watch_tutorial"}});
        }
        Self::api(ACTIVITIES, &event)
    }

    /// Orders of one member or several, and sometimes what the programme does not know.
    fn batch(&mut self) -> Request {
        let mut events: Vec<Value> = (0..self.rng.usize(1..6)).map(|part| self.order(part)).collect();
        if self.rng.bool() {
            let member = events[0]["subject"].clone();
            events.iter_mut().for_each(|event| event["subject"] = member.clone());
            let known = self.orders.len() - events.len();
            self.orders.truncate(known);
            self.orders.extend(events.iter().cloned());
        }
        if self.rng.u32(0..4) == 0 {
            let mut unknown = events[0].clone();
            unknown["type"] = json!("moon.landed");
            unknown["id"] = json!(format!("u-{}", self.sent.len()));
            unknown["data"] = Value::Null;
            events.push(unknown);
        }
        Self::api(BATCH, &json!({ "activities": events }))
    }

    /// A correction; one above the limit waits for a second person.
    fn adjustment(&mut self) -> Request {
        let points = if self.rng.u32(0..4) == 0 { -self.rng.i64(1..300) } else { self.rng.i64(1..1_200) };
        let body = json!({"member": self.member(), "points": points, "reason": "goodwill"});
        self.keyed("/v1/adjustments", &body)
    }

    fn hold(&mut self) -> Request {
        let body = json!({
            "member": self.payer(), "order_id": format!("c-{}", self.sent.len()), "order_net_minor": 50_000,
            "points": self.rng.i64(1..4) * 100,
        });
        self.keyed(HOLDS, &body)
    }

    /// Captures or releases a hold, sometimes one that has ended.
    fn end_hold(&mut self) -> Request {
        let Some(place) = self.rng.choice(0..self.holds.len()) else { return self.hold() };
        let hold = if self.rng.u32(0..4) == 0 { self.holds[place].clone() } else { self.holds.swap_remove(place) };
        let end = if self.rng.u32(0..3) == 0 { "release" } else { "capture" };
        Self::api(&format!("{HOLDS}/{hold}/{end}"), &json!({}))
    }

    fn reversal(&mut self) -> Request {
        let Some(id) = self.rng.choice(&self.spent).cloned() else { return self.hold() };
        let by = if self.rng.bool() { "member" } else { "merchant" };
        self.keyed(&format!("/v1/redemptions/{id}/reversals"), &json!({ "initiated_by": by }))
    }

    /// Orders that were sent as messages and are not in the ledger.
    fn undelivered(&self, ledger: &Ledger) -> usize {
        let messages = self.sent.iter().filter(|sent| matches!(sent.request.way, Way::Queue));
        messages.filter(|sent| ledger.of_message(&sent.request).is_none()).count()
    }

    /// Holds every answer against the ledger: an entry for each that was acknowledged, and no other entry.
    fn judge(&mut self, ledger: &Ledger) {
        let mut wrong = ledger.gaps.clone();
        let mut claims: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for Sent { request, answer, .. } in &self.sent {
            let Some(answer) = answer else {
                wrong.push(format!("{} is never answered", request.identity()));
                continue;
            };
            for (identity, part) in acknowledged(request, answer) {
                match ledger.entry_of(request, part) {
                    Some((id, entry)) => {
                        let told = &part["balance"]["total"];
                        let as_told = part["entry"].is_null() || part["entry"] == *entry;
                        if !as_told || (!told.is_null() && *told != entry["balance_after"]) {
                            wrong.push(format!("{identity} was told {part}, the ledger says {entry}"));
                        }
                        claims.entry(id).or_default().insert(identity);
                    }
                    None => wrong.push(format!("{identity} was acknowledged and is not in the ledger: {part}")),
                }
            }
        }
        for (id, entry) in &ledger.entries {
            match claims.get(id.as_str()) {
                None if entry["kind"] != "settle" && entry["kind"] != "evaluate" => {
                    wrong.push(format!("nobody was told of {entry}"))
                }
                Some(by) if by.len() > 1 => wrong.push(format!("{id} is the answer to {by:?}")),
                _ => {}
            }
        }
        let requests = self.acknowledged.iter().filter(|place| !matches!(self.sent[**place].request.way, Way::Queue));
        self.report.acknowledged = u64::try_from(requests.count()).unwrap_or_default();
        self.report.entries = u64::try_from(ledger.len()).unwrap_or_default();
        self.report.violations.extend(wrong);
    }
}

/// What an answer acknowledges: by what it is recognised, and what was said of it.
fn acknowledged<'a>(request: &Request, answer: &'a Answer) -> Vec<(String, &'a Value)> {
    if !answer.is_acknowledged() {
        return Vec::new();
    }
    if !request.is(BATCH) {
        return vec![(request.identity(), &answer.body)];
    }
    let (asked, results) = (request.json(), answer.body["results"].as_array());
    let events = asked["activities"].as_array().into_iter().flatten();
    let parts = events.zip(results.into_iter().flatten()).filter(|(_, part)| part["status"] == 200);
    parts.map(|(event, part)| (event.to_string(), &part["activity"])).collect()
}

/// The entries of all statements, by their ids.
#[derive(Default)]
struct Ledger {
    entries: BTreeMap<String, Value>,
    /// The entry of an order, by member and order.
    orders: BTreeMap<(String, String), String>,
    /// The entry of a release, by the hold.
    releases: BTreeMap<String, String>,
    /// Statements that are not whole.
    gaps: Vec<String>,
}

impl Ledger {
    async fn read(access: &Access, members: BTreeSet<String>) -> anyhow::Result<Self> {
        let mut ledger = Self::default();
        for member in members {
            let entries = access.statement(&member).await?;
            let newest = entries.first().map_or(&json!(0), |entry| &entry["sequence"]).clone();
            if newest != entries.len() {
                ledger.gaps.push(format!("the statement of {member} has {} entries of {newest}", entries.len()));
            }
            for entry in entries {
                let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
                let id = text("id");
                match text("kind").as_str() {
                    "earn" => drop(ledger.orders.insert((member.clone(), text("order")), id.clone())),
                    "release" => drop(ledger.releases.insert(format!("{member}.{}", entry["hold"]), id.clone())),
                    _ => {}
                }
                ledger.entries.insert(id, entry);
            }
        }
        Ok(ledger)
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn of_message(&self, request: &Request) -> Option<&String> {
        let event = request.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.orders.get(&(text(&event["subject"]), text(&event["id"])))
    }

    /// The entry that an acknowledgement is about.
    fn entry_of(&self, request: &Request, told: &Value) -> Option<(&str, &Value)> {
        let named = ["redemption_id", "reversal_id", "refund_id", "adjustment_id", "hold_id"];
        let id = match &request.way {
            Way::Queue => self.of_message(request)?,
            // It names the hold, not the entry of its end.
            Way::Api { path, .. } if path.ends_with("/release") => self.releases.get(told["hold_id"].as_str()?)?,
            Way::Api { .. } => {
                let mut ids = std::iter::once(&told["entry"]["id"]).chain(named.iter().map(|name| &told[*name]));
                ids.find_map(Value::as_str)?
            }
        };
        self.entries.get_key_value(id).map(|(id, entry)| (id.as_str(), entry))
    }
}

/// The one who starts and kills.
struct Twin {
    program: PathBuf,
    folder: tempfile::TempDir,
    rng: Rng,
    life: Arc<Mutex<Life>>,
    /// The platform was ready once, so its tables are there.
    has_served: bool,
}

impl Twin {
    fn new(program: &Path, seed: u64) -> anyhow::Result<Self> {
        let mut rng = Rng::with_seed(seed);
        let life = Arc::new(Mutex::new(Life::new(rng.u64(..))));
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("data"))?;
        std::fs::create_dir(folder.path().join("copy"))?;
        Ok(Self { program: program.to_owned(), folder, rng, life, has_served: false })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        lock(&self.life)
    }

    async fn start(&mut self) -> anyhow::Result<(Process, Access)> {
        let mut process = Process::start(&self.program, &self.data())?;
        let access = process.ready(&self.data()).await?;
        self.has_served = true;
        Ok((process, access))
    }

    /// Starts the platform, kills it while it starts or while it is busy, and audits what it left.
    async fn round(&mut self, kill: u32) -> anyhow::Result<()> {
        if self.rng.u32(0..4) == 0 {
            let process = Process::start(&self.program, &self.data())?;
            tokio::time::sleep(Duration::from_millis(self.rng.u64(0..500))).await;
            drop(process);
        } else {
            let (process, access) = self.start().await?;
            let over = Arc::new(AtomicBool::new(false));
            let mut callers = self.callers(&access, &over);
            tokio::time::sleep(Duration::from_millis(self.rng.u64(200..1_500))).await;
            drop(process); // the kill
            over.store(true, Ordering::Relaxed);
            while let Some(ended) = callers.join_next().await {
                ended?;
            }
        }
        if self.has_served {
            let (_, wrong) = self.audit()?;
            self.life().report.violations.extend(wrong.into_iter().map(|what| format!("after kill {kill}: {what}")));
        }
        Ok(())
    }

    /// Callers who send what there is to send until nothing is left, or it is over.
    fn callers(&self, access: &Access, over: &Arc<AtomicBool>) -> JoinSet<()> {
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (access, life, over) = (access.clone(), Arc::clone(&self.life), Arc::clone(over));
            callers.spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let Some((place, request)) = lock(&life).next() else { return };
                    let answer = access.send(&request).await;
                    let heard = answer.is_some();
                    lock(&life).hear(place, answer);
                    if !heard {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                }
            });
        }
        callers
    }

    /// Audits a copy of the tables: to open a database after a kill mends it, and that is the platform's to do.
    fn audit(&self) -> anyhow::Result<(usize, Vec<String>)> {
        let copy = self.folder.path().join("copy");
        // What was written last is in the second file; the third is made anew.
        for name in ["dynamodb.sqlite", "dynamodb.sqlite-wal", "dynamodb.sqlite-shm"] {
            let (from, to) = (self.data().join(name), copy.join(name));
            if to.exists() {
                std::fs::remove_file(&to)?;
            }
            if from.exists() && !name.ends_with("-shm") {
                std::fs::copy(from, to)?;
            }
        }
        crate::audit_file(&copy.join("dynamodb.sqlite"))
    }

    /// Nobody kills any more: everything is answered, a sample is asked again, the queue runs empty. Returns what the
    /// statements say, and how many entries the tables have.
    async fn finish(&mut self) -> anyhow::Result<(Ledger, usize)> {
        let (mut process, mut access) = self.start().await?;
        self.life().closing = Some(SAMPLE);
        let started = Instant::now();
        loop {
            self.callers(&access, &Arc::default()).join_all().await;
            if self.life().open.is_empty() || started.elapsed() > PATIENCE {
                break;
            }
        }
        let members = self.life().members.clone();
        let (started, mut restarted) = (Instant::now(), Instant::now());
        let ledger = loop {
            let ledger = Ledger::read(&access, members.clone()).await?;
            if self.life().undelivered(&ledger) == 0 || started.elapsed() > PATIENCE {
                break ledger;
            }
            if restarted.elapsed() > TIME_TO_DRAIN {
                drop(process);
                (process, access) = self.start().await?;
                restarted = Instant::now();
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        drop(process);
        let (audited, wrong) = self.audit()?;
        self.life().report.violations.extend(wrong.into_iter().map(|what| format!("at the end: {what}")));
        Ok((ledger, audited))
    }
}

fn lock(life: &Mutex<Life>) -> MutexGuard<'_, Life> {
    life.lock().unwrap_or_else(PoisonError::into_inner)
}
