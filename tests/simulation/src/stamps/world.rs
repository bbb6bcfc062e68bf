//! The world of the cards: who asks, what runs, what waits.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use anyhow::Context as _;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::change::Key;
use domain::kernel::event::Event;
use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::stamp::Stamp;
use domain::programme::setting::Setting;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::aggregate::{Done, Operation};
use store::{Item, Jitter, Patience, Store, StoreError, Tables, image_of};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::audit::{Auditor, GIFTS, Identity};
use super::card::{Ask, CARDS, Card, Refused, SHARDS};
use super::faults::{Fate, Mistake};
use super::plan::{Plan, Report};
use super::stack::{programmes, stack};
use crate::contexts::audit::Audit;
use crate::database::Database;
use crate::injected::{conflict, error};
use crate::network::{Answer, Call, INVOCATION, Network};
use crate::stack::{EPOCH, MOST_SKEW};
use crate::tables::{Embedded, Reply};

const MEMBERS: [&str; 3] = ["m-1", "m-2", "m-3"];
const NUMBERS: [&str; 2] = ["4711", "4712"];
/// After so many steps a world that has not come to rest never will.
const MOST_STEPS: u64 = 200_000;

/// What an invocation comes to: an ask's answer; none of a sweep.
type Outcome = Result<Option<Result<Done<Card>, Refused>>, StoreError>;

/// Something that somebody wants.
struct Wanted {
    member: &'static str,
    ask: Ask,
    operation: OperationId,
    content: ContentHash,
    answer: Option<Result<Done<Card>, Refused>>,
}

impl Wanted {
    /// Operation and content as they are stored.
    fn identity(&self) -> Identity {
        let bytes = |bytes: &[u8]| {
            let item = Item::from([("b".to_owned(), AttributeValue::B(Blob::new(bytes)))]);
            image_of(&item)["b"]["B"].as_str().unwrap_or_default().to_owned()
        };
        (bytes(&self.operation.0), bytes(&self.content.0))
    }

    fn stamp(&self, occurred_at: Timestamp) -> Stamp {
        Stamp { operation: self.operation, content: self.content, occurred_at }
    }
}

struct Running {
    /// None: a sweep.
    wanted: Option<usize>,
    since: u64,
    now: Timestamp,
    task: JoinHandle<Outcome>,
}

pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) report: Report,
    rng: Rng,
    network: Network,
    database: Database,
    auditor: Auditor,
    store: Store,
    wanted: Vec<Wanted>,
    running: BTreeMap<u64, Running>,
    invocations: u64,
    late: VecDeque<(String, Value)>,
    /// Records of the stream that are not told yet.
    stream: VecDeque<Value>,
    told: BTreeMap<String, Event>,
    skipped: SignedDuration,
    started: Instant,
    /// The fate of a call of the next invocation, by its place: so one ending is tried after the other.
    pub(super) script: Option<(usize, Fate)>,
    pub(super) calls: usize,
}

impl World {
    pub(super) async fn new(plan: Plan) -> anyhow::Result<Self> {
        let (network, stack) = (Network::default(), stack());
        let contexts = ["cards", "card-log", "card-numbers", "gifts"].map(|name| (name, name.to_owned()));
        let none = String::new;
        let tables = Tables {
            accounts: none(),
            pages: none(),
            catalogue: none(),
            stock: none(),
            vouchers: none(),
            facts: none(),
            checkpoints: none(),
            contexts: contexts.into(),
        };
        let mut world = Self {
            plan,
            report: Report::default(),
            rng: Rng::with_seed(plan.seed),
            database: Database::new(&stack, Box::new(Embedded::new(&stack)?)),
            auditor: Auditor::default(),
            store: Store::new(aws_sdk_dynamodb::Client::new(&network.config()), tables),
            network,
            wanted: Vec::new(),
            running: BTreeMap::new(),
            invocations: 0,
            late: VecDeque::new(),
            stream: VecDeque::new(),
            told: BTreeMap::new(),
            skipped: SignedDuration::ZERO,
            started: Instant::now(),
            script: None,
            calls: 0,
        };
        let shards = i64::from(SHARDS);
        let put = |shard: i64| {
            let n = GIFTS / shards + i64::from(shard < GIFTS % shards);
            json!({"TableName": "gifts", "Item": {"id": {"S": format!("gift#{shard}")}, "n": {"N": n.to_string()}}})
        };
        for put in (0..shards).map(put) {
            world.database.carry_out(0, "PutItem", &put);
        }
        let changes = world.database.changes();
        world.auditor.see(0, &changes, None); // not yet all of them: what adds up is looked at from the first ask on
        Ok(world)
    }

    pub(super) fn now(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.started.elapsed()).unwrap_or_default() + self.skipped;
        let epoch: Timestamp = EPOCH.parse().unwrap_or_default();
        Timestamp::from_millisecond((epoch + elapsed).as_millisecond()).unwrap_or_default()
    }

    fn millis(&self) -> i64 {
        self.now().as_millisecond()
    }

    pub(super) fn skip(&mut self, hours: i64) {
        self.skipped += SignedDuration::from_hours(hours);
    }

    /// Somebody wants something, under a key.
    pub(super) fn want(&mut self, member: &'static str, ask: Ask, key: &str) -> usize {
        let operation = OperationId::of_key(member, "POST", "/stamps", key);
        let wanted =
            Wanted { member, ask: ask.clone(), operation, content: ContentHash::of(&json!(ask)), answer: None };
        self.auditor.asks.insert(wanted.identity(), ask);
        self.wanted.push(wanted);
        self.wanted.len() - 1
    }

    fn want_anything(&mut self) {
        let member = MEMBERS[self.rng.usize(0..MEMBERS.len())];
        let ask = match self.rng.u32(0..12) {
            0..=4 => Ask::Collect,
            5..=7 => Ask::Swap,
            8 => Ask::GiveBack,
            9 | 10 => Ask::Link(NUMBERS[self.rng.usize(0..NUMBERS.len())].to_owned()),
            _ => Ask::Unlink,
        };
        // Sometimes a key is used for two things.
        let number = self.wanted.len().saturating_sub(usize::from(self.rng.u32(0..10) == 0));
        self.want(member, ask, &format!("k-{number}"));
    }

    /// Begins an invocation: an ask, or a sweep.
    pub(super) fn begin(&mut self, wanted: Option<usize>) {
        let skew = SignedDuration::from_millis(self.rng.i64(-MOST_SKEW..=MOST_SKEW));
        self.begin_at(wanted, self.now() + skew);
    }

    /// Begins it by a clock that says so.
    pub(super) fn begin_at(&mut self, wanted: Option<usize>, now: Timestamp) {
        let (store, id) = (self.store.clone(), self.invocations);
        self.invocations += 1;
        let jitter = Jitter::seeded(self.plan.seed.wrapping_add(id));
        let mut patience = Patience::until(Instant::now() + Duration::from_millis(9_700), jitter);
        let asked = wanted.map(|place| &self.wanted[place]);
        let asked = asked.map(|wanted| (Key::of(wanted.member), wanted.ask.clone(), wanted.stamp(now)));
        let work = async move {
            let setting = Setting { programmes: programmes(), now };
            if let Some((key, ask, stamp)) = asked {
                let operation = Operation { key: &key, stamp };
                let decide = |card: &Card, setting: Setting<'_>| card.decide(&ask, setting);
                return store.run(operation, setting, &mut patience, decide).await.map(Some);
            }
            for member in MEMBERS {
                for key in store.due::<Card>(store::due_shard(member), now).await? {
                    let settled =
                        store.settle(&key, setting, &mut patience, |card: &Card, setting| Ok(card.pass(setting)));
                    if settled.await?.is_err() {
                        return Err(StoreError::bug("time is refused nothing"));
                    }
                }
            }
            Ok(None)
        };
        let task = tokio::spawn(INVOCATION.scope(id, work));
        self.running.insert(id, Running { wanted, since: self.report.steps, now, task });
    }

    /// Lives until everything that is wanted is answered, then comes to rest without faults.
    pub(super) async fn live(&mut self) {
        for _ in 0..self.plan.asks {
            self.want_anything();
        }
        while self.wanted.iter().any(|wanted| wanted.answer.is_none()) && self.is_well() {
            self.step().await;
        }
        self.come_to_rest().await;
    }

    fn is_well(&mut self) -> bool {
        self.report.steps += 1;
        if self.report.steps > MOST_STEPS {
            self.report.violations.push("the world does not come to rest".to_owned());
        }
        self.report.violations.is_empty()
    }

    /// What is under way ends, thirty days pass, and everything is as it must be.
    pub(super) async fn come_to_rest(&mut self) {
        self.plan.faults_per_mille = 0;
        self.finish().await;
        self.skip(31 * 24);
        self.begin(None);
        self.finish().await;
        while !self.stream.is_empty() {
            self.tell(1);
        }
        let told: BTreeMap<_, _> =
            self.told.values().map(|event| (event.id.clone(), (event.kind.clone(), event.data.clone()))).collect();
        if self.report.violations.is_empty() && told != self.auditor.expected {
            self.report.violations.push(format!("told {told:?}, should be {:?}", self.auditor.expected));
        }
        if self.report.violations.is_empty() {
            self.report.violations = self.auditor.at_rest(self.millis());
        }
        (self.report.done, self.report.events) = (self.auditor.done, told.len());
    }

    /// Carries out what is under way, without new invocations.
    pub(super) async fn finish(&mut self) {
        while (!self.running.is_empty() || !self.late.is_empty()) && self.is_well() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            if self.network.len() > 0 {
                let call = self.network.take(0);
                self.decide(call);
            } else if self.running.is_empty() {
                self.carry_out_late();
            }
            self.reap().await;
        }
    }

    async fn step(&mut self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        match self.rng.u32(0..100) {
            0..=14 if self.running.len() < 4 => self.begin_anything(),
            15..=17 if self.running.len() < 4 => self.begin(None),
            18..=22 => self.carry_out_late(),
            23..=30 => {
                let repeated = self.rng.usize(0..3);
                self.tell(repeated);
            }
            31 if self.running.is_empty() => {
                let hours = self.rng.i64(1..20 * 24);
                self.skip(hours);
            }
            _ if self.network.len() > 0 => {
                let place = self.rng.usize(0..self.network.len());
                let call = self.network.take(place);
                self.decide(call);
            }
            _ => {}
        }
        self.reap().await;
    }

    /// An ask that is open; or one that was answered, once more.
    fn begin_anything(&mut self) {
        let open: Vec<usize> = (0..self.wanted.len()).filter(|place| self.wanted[*place].answer.is_none()).collect();
        let first = open.len().min(6); // those of long ago come first
        let place = if first == 0 || self.rng.u32(0..8) == 0 {
            self.rng.usize(0..self.wanted.len())
        } else {
            open[self.rng.usize(0..first)]
        };
        self.begin(Some(place));
    }

    fn carry_out_late(&mut self) {
        if let Some((operation, body)) = self.late.pop_front() {
            self.carry_out(&operation, &body);
        }
    }

    fn carry_out(&mut self, operation: &str, body: &Value) -> Reply {
        let reply = self.database.carry_out(self.millis(), operation, body);
        let changes = self.database.changes();
        for change in changes.iter().filter(|change| change.table == "cards") {
            let mut images = json!({ "NewImage": change.after });
            if !change.before.is_null() {
                images["OldImage"] = change.before.clone();
            }
            self.stream.push_back(json!({ "dynamodb": images }));
        }
        let wrong = self.auditor.see(self.report.steps, &changes, None);
        self.report.violations.extend(wrong);
        reply
    }

    /// Tells what the stream brings next; a batch that is repeated comes again.
    fn tell(&mut self, times: usize) {
        let size = self.rng.usize(1..4).min(self.stream.len());
        let batch: Vec<Value> = self.stream.iter().take(size).cloned().collect();
        for record in (0..times).flat_map(|_| &batch) {
            for event in store::told(&CARDS, record).expect("a card's record is readable") {
                let known = self.told.insert(event.id.clone(), event.clone());
                if known.is_some_and(|known| known != event) {
                    self.report.violations.push(format!("one id, two events: {event:?}"));
                }
            }
        }
        if times > 0 {
            self.stream.drain(..size);
        }
    }

    /// Decides the fate of a call.
    fn decide(&mut self, mut call: Call) {
        if let Some(mistake) = self.plan.mistake {
            self.make(mistake, &mut call.body);
        }
        let scripted = self.script.filter(|(place, _)| *place == self.calls).map(|(_, fate)| fate);
        self.calls += 1;
        let by_chance = self.rng.u32(0..1000) < self.plan.faults_per_mille;
        let fate = match scripted {
            Some(fate) => fate,
            None if by_chance => Fate::any(&mut self.rng, &call.operation),
            None => Fate::CarriedOut,
        };
        if fate != Fate::CarriedOut {
            *self.report.faults.entry(fate).or_default() += 1;
        }
        let weak = call.body["ConsistentRead"] != json!(true);
        let (operation, body) = (call.operation.clone(), call.body.clone());
        let answer = match fate {
            Fate::CrashBefore => return self.crash(call.invocation),
            Fate::CrashAfter => {
                self.carry_out(&operation, &body);
                return self.crash(call.invocation);
            }
            Fate::AnswerLost => {
                self.carry_out(&operation, &body);
                return call.answer(Answer::Timeout);
            }
            Fate::Late if operation.ends_with("PutItem") || operation == "TransactWriteItems" => {
                self.late.push_back((operation, body));
                return call.answer(Answer::Timeout);
            }
            Fate::Lost | Fate::Late => return call.answer(Answer::Timeout),
            Fate::Conflict => conflict(&body, &mut self.rng),
            Fate::Throttled => error(400, "ProvisionedThroughputExceededException"),
            Fate::ServerError => error(500, "InternalServerError"),
            Fate::Stale if operation == "GetItem" && weak => {
                let stale = self.database.stale(&body, self.rng.usize(0..4));
                stale.unwrap_or_else(|| self.carry_out(&operation, &body))
            }
            Fate::Stale if operation == "Query" => {
                let then = self.millis() - self.rng.i64(0..60_000);
                self.database.lagging(&body, then).unwrap_or_else(|| self.carry_out(&operation, &body))
            }
            Fate::ShortPage => {
                let mut body = body;
                body["Limit"] = json!(1);
                self.carry_out(&operation, &body)
            }
            Fate::Unprocessed => self.unprocessed(&body),
            Fate::CarriedOut | Fate::Stale => self.carry_out(&operation, &body),
        };
        call.answer(answer.into());
    }

    fn make(&mut self, mistake: Mistake, body: &mut Value) {
        let put = if body["TransactItems"].is_null() { &*body } else { &body["TransactItems"][0]["Put"] };
        let get = json!({"TableName": "cards", "Key": {"member": put["Item"]["member"]}, "ConsistentRead": true});
        let is_card = put["TableName"] == json!("cards") && !put["Item"].is_null();
        let (_, found) = if is_card { self.database.carry_out(0, "GetItem", &get) } else { (200, String::new()) };
        let before = serde_json::from_str::<Value>(&found).map(|mut found| found["Item"].take()).unwrap_or_default();
        mistake.make(body, &before);
    }

    /// Holds back some keys of a batch.
    fn unprocessed(&mut self, body: &Value) -> Reply {
        let mut body = body.clone();
        let Some(keys) = body["RequestItems"]["gifts"]["Keys"].as_array_mut() else {
            return error(500, "InternalServerError");
        };
        let held = keys.split_off(self.rng.usize(1..=keys.len()));
        let (status, text) = self.carry_out("BatchGetItem", &body);
        let mut reply: Value = serde_json::from_str(&text).unwrap_or_default();
        if !held.is_empty() {
            reply["UnprocessedKeys"] = json!({ "gifts": { "Keys": held } });
        }
        (status, reply.to_string())
    }

    fn crash(&mut self, invocation: u64) {
        if let Some(running) = self.running.remove(&invocation) {
            running.task.abort();
        }
        self.network.forget(invocation);
    }

    /// Hears those that have come to an end.
    async fn reap(&mut self) {
        let ended: Vec<u64> =
            self.running.iter().filter(|(_, running)| running.task.is_finished()).map(|(id, _)| *id).collect();
        for id in ended {
            let Some(Running { wanted, since, now, task }) = self.running.remove(&id) else { continue };
            let answer = match task.await {
                Ok(Ok(answer)) => answer,
                Ok(Err(StoreError::Busy | StoreError::Unavailable(_))) => continue,
                Ok(Err(error)) => {
                    self.report.violations.push(format!("{error:?}"));
                    continue;
                }
                Err(panic) => {
                    self.report.violations.push(panic.to_string());
                    continue;
                }
            };
            if let Some((place, answer)) = wanted.zip(answer) {
                self.hear(place, answer, (since, now.as_millisecond()));
            }
        }
    }

    fn hear(&mut self, place: usize, answer: Result<Done<Card>, Refused>, during: (u64, i64)) {
        let wanted = &mut self.wanted[place];
        let identity = wanted.identity();
        let wrong = match &answer {
            Ok(done) => {
                let said = done.said.as_ref().map(domain::kernel::change::Said::as_str);
                self.auditor.answered(&identity, said, done.version).err()
            }
            Err(refused) => {
                let right = self.auditor.refused((wanted.member, &identity), refused, during);
                (!right).then(|| format!("refused for what was never so: {refused:?}"))
            }
        };
        let what = format!("{} {:?}", wanted.member, wanted.ask);
        self.report.violations.extend(wrong.map(|wrong| format!("{what}: {wrong}")));
        match &answer {
            Ok(done) if done.replayed => self.report.answers.1 += 1,
            Ok(_) => self.report.answers.0 += 1,
            Err(_) => self.report.answers.2 += 1,
        }
        wanted.answer.get_or_insert(answer);
    }

    /// The newest item of a card as the stream brings it, and what is told of it.
    pub(super) fn newest(&self) -> anyhow::Result<Value> {
        let record = self.stream.back().context("nothing was written")?;
        let events = store::told(&CARDS, record)?;
        Ok(json!({ "item": record["dynamodb"]["NewImage"], "events": events }))
    }

    /// All items of a table.
    pub(super) fn dump(&self, table: &str) -> Value {
        json!(self.database.dump(table))
    }

    /// Is something wanted answered by what was done?
    pub(super) fn is_done(&self, place: usize) -> Option<bool> {
        self.wanted[place].answer.as_ref().map(Result::is_ok)
    }
}
