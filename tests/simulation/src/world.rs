//! The world: environments of the functions, what waits, what runs, what was answered. What happens next is decided
//! elsewhere: at random in [`life`](crate::life), call by call in [`crash_points`](crate::crash_points).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::programme::publication::Request;
use fastrand::Rng;
use jiff::Timestamp;
use lambda::{App, BootError, Clock, Private, Trigger};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{Jitter, Keys, Store, Tables};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::booting;
use crate::contexts::audit::{Audit, During, Look};
use crate::contexts::handler::Loaded;
use crate::contexts::known::Known;
use crate::contexts::wish::{Way, Wish};
use crate::contexts::{self, handler};
use crate::database::Database;
use crate::drawn;
use crate::judge::Wanted;
use crate::master::Named;
use crate::mistakes;
use crate::network::{Call, INJECTED, INVOCATION, Network};
use crate::objects::Objects;
use crate::pace::Pace;
use crate::plan::{Outcome, Plan, Tier};
use crate::providers::Providers;
use crate::queue::{Message, Queues};
use crate::stack::{EPOCH, MOST_SKEW, binary, settings, stack};
use crate::stream::{Stream, Stretch};
use crate::tables::{Embedded, Memory, Reply};

/// How long an invocation may take, less the margin in which no write is begun.
const DEADLINE: Duration = Duration::from_millis(9_700);

/// Tables whose news are read where care takes part.
const OF_CARE: [&str; 6] = ["MembersTable", "CareTable", "MessagesTable", "SurveysTable", "TicketsTable", "DeskTable"];

/// An environment of a function: it keeps what it has loaded, and has a clock of its own.
pub(crate) struct Environment {
    loaded: Arc<Loaded>,
    /// How far its clock is off, in milliseconds.
    skew: i64,
}

/// What an invocation is about.
pub(crate) enum About {
    /// A request or a schedule.
    Wish(usize),
    /// Messages of a queue.
    Batch(String, Vec<Message>),
    /// Records of the stream, for one of its readers.
    Stream(usize, Stretch),
}

/// An invocation under way.
pub(crate) struct Running {
    pub(crate) about: About,
    pub(crate) task: JoinHandle<Result<Value, String>>,
    pub(crate) environment: usize,
    /// At which step it began.
    pub(crate) since: u64,
    /// A call of it met a fault, or another writer.
    pub(crate) disturbed: bool,
    /// What it has read.
    looks: Vec<Look>,
}

impl Running {
    /// As far as it has come.
    pub(crate) fn during(&self) -> During<'_> {
        let queue = match &self.about {
            About::Batch(queue, _) => Some(queue.as_str()),
            About::Wish(_) | About::Stream(..) => None,
        };
        During { since: self.since, queue, looks: &self.looks }
    }
}

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) rng: Rng,
    pub(crate) network: Network,
    pub(crate) database: Database,
    pub(crate) queues: Queues,
    pub(crate) objects: Objects,
    pub(crate) providers: Providers,
    /// The stream, by reader as in the template.
    pub(crate) streams: Vec<Stream>,
    /// Who makes sure of each context.
    pub(crate) audits: Vec<Box<dyn Audit>>,
    pub(crate) known: Known,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) messages: BTreeMap<String, usize>,
    pub(crate) running: BTreeMap<u64, Running>,
    /// Calls that will be carried out after their callers have stopped waiting.
    pub(crate) late: VecDeque<(String, Value)>,
    pub(crate) pace: Pace,
    /// Nothing new is begun until days have passed.
    pub(crate) lull: bool,
    /// An item that is throttled, and until when.
    pub(crate) hot: Option<(String, i64)>,
    pub(crate) outcome: Outcome,
    environments: Vec<Environment>,
    clock: Arc<AtomicI64>,
    started: Instant,
    invocations: u64,
    log: Sha256,
}

/// Panics that are faults say nothing on the terminal.
fn hush() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if info.payload().downcast_ref::<&str>() != Some(&INJECTED) {
                usual(info);
            }
        }));
    });
}

/// Runs something in virtual time, on one thread.
pub(crate) fn block_on<T>(seed: u64, future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    hush();
    fastrand::seed(seed); // the SDK's own jitter and tokens
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(future)
}

impl World {
    pub(crate) async fn new(plan: Plan) -> anyhow::Result<Self> {
        let epoch: Timestamp = EPOCH.parse()?;
        let tables: Box<dyn crate::tables::Tables> = match plan.tier {
            Tier::Embedded => Box::new(Embedded::new(stack())?),
            Tier::Memory => Box::new(Memory::new(stack())),
        };
        let mut world = Self {
            rng: Rng::with_seed(plan.seed),
            network: Network::default(),
            database: Database::new(stack(), tables),
            queues: Queues::new(stack()),
            objects: Objects::default(),
            providers: Providers::default(),
            streams: stack().streams.iter().map(|_| Stream::default()).collect(),
            audits: Vec::new(),
            known: Known::new(1),
            wanted: Vec::new(),
            messages: BTreeMap::new(),
            running: BTreeMap::new(),
            late: VecDeque::new(),
            pace: Pace::NONE,
            lull: false,
            hot: None,
            outcome: Outcome::default(),
            environments: Vec::new(),
            clock: Arc::new(AtomicI64::new(epoch.as_millisecond())),
            started: Instant::now(),
            invocations: 0,
            log: Sha256::new(),
            plan,
        };
        let tables = operator::tables(stack()).ok_or_else(|| anyhow::anyhow!("no tables"))?;
        let store = Store::new(aws_sdk_dynamodb::Client::new(&world.network.config()), tables.clone());
        let published = tokio::spawn(async move {
            store.keep_voucher_secret([7; 32]).await?; // so that a seed's codes are always the same
            store.publish(first()).await
        });
        world.serve(|| published.is_finished()).await;
        published.await??.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
        for place in 0..3_u32 {
            world.boot(tables.clone(), place).await?;
        }
        world.database.changes();
        (world.audits, world.outcome.violations) = contexts::audit(&|table| world.database.dump(table));
        Ok(world)
    }

    /// Starts an environment of the functions, its clock up to five minutes from the others; up to five seconds where messages are
    /// sent, for what one has in hand another leaves alone for a minute.
    async fn boot(&mut self, tables: Tables, place: u32) -> anyhow::Result<()> {
        let most = if self.plan.care { MOST_SKEW / 60 } else { MOST_SKEW };
        let skew = if place == 0 { 0 } else { self.rng.i64(-most..=most) };
        let (clock, started) = (Arc::clone(&self.clock), self.started);
        let now = move || {
            let elapsed = i64::try_from(started.elapsed().as_millis()).unwrap_or_default();
            Timestamp::from_millisecond(clock.load(Ordering::Relaxed) + elapsed + skew).unwrap_or_default()
        };
        let (config, jitter) = (self.network.config(), Jitter::seeded(self.plan.seed.wrapping_add(u64::from(place))));
        let settings = settings(tables);
        let of_ledger = [event_router::Queue::Tier, event_router::Queue::Members];
        let queues = if self.plan.care { &event_router::Queue::ALL[..] } else { &of_ledger[..] };
        let router = event_router::Router::to(queues, &config, settings.clone())?;
        let reconciler = reconciliation::Reconciler::new(&config, settings.clone(), Clock::new(now.clone()));
        let (of_importer, aws) = (settings.clone(), config.clone());
        let of_care = self.plan.care.then(|| {
            let clocks = [Clock::new(now.clone()), Clock::new(now.clone()), Clock::new(now.clone())];
            (settings.clone(), config.clone(), clocks, jitter.clone())
        });
        let booting = tokio::spawn(async move {
            let app = App::new(&config, settings.clone(), Clock::new(now.clone()), jitter.clone()).await?;
            let keys = Keys::new(Arc::new(Named), drawn::draw());
            let other = App::new(&config, settings.clone(), Clock::new(now), jitter).await?;
            let drawn = fastrand::get_seed(); // what its clients draw for themselves changes nothing for the others
            let member = Private::with(other, keys).reaching(&config, settings);
            fastrand::seed(drawn);
            let care = match of_care {
                None => None,
                Some(told) => Some(booting::of_care(told).await?),
            };
            Ok::<_, BootError>((app, member, care))
        });
        self.serve(|| booting.is_finished()).await;
        let (app, member, care) = booting.await??;
        let member = Arc::new(member);
        let drawn = fastrand::get_seed(); // what its clients draw for themselves changes nothing for the others
        let importer = import::Importer::with(Arc::clone(&member), &aws, of_importer)?;
        fastrand::seed(drawn);
        let loaded = Loaded { app, member, importer, router, reconciler, care };
        self.environments.push(Environment { loaded: Arc::new(loaded), skew });
        Ok(())
    }

    /// Carries out calls without faults until something is done.
    async fn serve(&mut self, done: impl Fn() -> bool) {
        while !done() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            while self.network.len() > 0 {
                let call = self.network.take(0);
                let reply = self.database.carry_out(self.millis(), &call.operation, &call.body);
                call.answer(reply.into());
            }
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.millis()).unwrap_or_default()
    }

    /// The world's time, in milliseconds.
    pub(crate) fn millis(&self) -> i64 {
        self.millis_at(Instant::now())
    }

    fn millis_at(&self, at: Instant) -> i64 {
        let elapsed = i64::try_from(at.duration_since(self.started).as_millis()).unwrap_or_default();
        self.clock.load(Ordering::Relaxed) + elapsed
    }

    /// Moves every clock on, without anybody noticing that time has passed: nothing may be under way.
    pub(crate) fn skip(&self, millis: i64) {
        self.clock.fetch_add(millis, Ordering::Relaxed);
    }

    /// Carries out a call and lets everybody see what it has changed.
    pub(crate) fn carry_out(&mut self, operation: &str, body: &Value) -> Reply {
        self.apply(operation, body, None)
    }

    /// As [`World::carry_out`], in an invocation, or nobody knows in which.
    fn apply(&mut self, operation: &str, body: &Value, invocation: Option<u64>) -> Reply {
        if operation.starts_with("SendMessage") {
            return self.take_in(operation, body);
        }
        if ["SendEmail", "SendTextMessage"].contains(&operation) {
            let (reply, wrong) = self.providers.take(operation, body, &mut self.known.care_known);
            self.violations(wrong);
            return reply;
        }
        if operation.ends_with("Object") {
            return self.reach(operation, body);
        }
        if mistakes::is_skipped(operation, body) {
            return (200, "{}".to_owned());
        }
        let reply = self.database.carry_out(self.millis(), operation, body);
        let reply = mistakes::hear(operation, body, reply);
        let changes = self.database.changes();
        for change in &changes {
            let told = self.plan.care || !OF_CARE.contains(&change.table.as_str());
            let of_table = self.streams.iter_mut().zip(&stack().streams);
            let of_table = of_table.filter(|(_, read)| told && read.table == change.table);
            of_table.for_each(|(stream, _)| stream.record(change));
        }
        let during = invocation.and_then(|invocation| self.running.get(&invocation)).map(Running::during);
        let step = self.outcome.steps;
        let wrong = self.audits.iter_mut().flat_map(|audit| audit.see(step, &changes, during.as_ref())).collect();
        self.violations(wrong);
        reply
    }

    /// Reaches for an object.
    fn reach(&mut self, operation: &str, body: &Value) -> Reply {
        if operation == "PutObject" {
            let [path, said] = ["Path", "Text"].map(|name| body[name].as_str().unwrap_or_default());
            let wrong = self.audits.iter_mut().flat_map(|audit| audit.put(path, said)).collect();
            self.violations(wrong);
        }
        self.objects.carry_out(operation, body)
    }

    fn take_in(&mut self, operation: &str, body: &Value) -> Reply {
        let reply = self.queues.call(self.millis(), operation, body);
        let queue = body["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        if reply.0 == 200 {
            let entries = body["Entries"].as_array().into_iter().flatten();
            let bodies = entries.filter_map(|entry| serde_json::from_str(entry["MessageBody"].as_str()?).ok());
            let bodies: Vec<Value> = bodies.collect();
            self.audits.iter_mut().for_each(|audit| audit.sent(queue, &bodies));
        }
        reply
    }

    /// Carries out a call of an invocation: what it writes must have been decided when it first looked.
    pub(crate) fn carry_out_for(&mut self, call: &Call) -> Reply {
        self.carry_out_with(call, &call.body)
    }

    /// As [`World::carry_out_for`], with another body.
    pub(crate) fn carry_out_with(&mut self, call: &Call, body: &Value) -> Reply {
        self.note(call);
        let reply = self.apply(&call.operation, body, Some(call.invocation));
        if let Some(running) = self.running.get_mut(&call.invocation) {
            running.disturbed |= reply.0 != 200;
        }
        reply
    }

    /// Notes what an invocation reads, and when.
    fn note(&mut self, call: &Call) {
        if call.operation != "GetItem" {
            return;
        }
        let at = self.millis_at(call.at);
        let Some(running) = self.running.get_mut(&call.invocation) else { return };
        let table = call.body["TableName"].as_str().unwrap_or_default().to_owned();
        let at = at + self.environments[running.environment].skew;
        let is_strong = call.body["ConsistentRead"] == json!(true);
        running.looks.push(Look { table, key: call.body["Key"].clone(), at, is_strong });
    }

    /// A new wish.
    pub(crate) fn want(&mut self, wish: Wish) -> usize {
        let since = self.now();
        self.audits.iter_mut().for_each(|audit| audit.ask(&wish));
        self.wanted.push(Wanted { wish, answer: None, answered: 0, running: 0, since, given_up: false, sent: false });
        self.wanted.len() - 1
    }

    /// Sends a wish on its way: an invocation, or a message.
    pub(crate) fn begin(&mut self, place: usize) -> Option<u64> {
        let wish = &self.wanted[place].wish;
        match wish.way.clone() {
            Way::Invoke(function) => {
                let line = format!("{function} {} {}", wish.member, wish.what);
                let payload = wish.payload.clone();
                self.wanted[place].running += 1;
                Some(self.invoke(function, payload, About::Wish(place), &line))
            }
            Way::Send(queue) => {
                let text = wish.payload.as_str().map_or_else(|| wish.payload.to_string(), str::to_owned);
                let what = wish.what.clone();
                let delay = if self.rng.u32(0..4) == 0 { self.rng.u32(0..60) } else { 0 };
                let send =
                    json!({"QueueUrl": format!("http://sqs/{queue}"), "MessageBody": text, "DelaySeconds": delay});
                let (status, reply) = self.carry_out("SendMessage", &send);
                let reply: Value = serde_json::from_str(&reply).unwrap_or_default();
                let id = reply["MessageId"].as_str().unwrap_or_default().to_owned();
                self.say(&format!("{what} -> {status} {id}"));
                self.messages.insert(id, place);
                self.wanted[place].sent = true;
                self.wanted[place].given_up |= self.wanted[place].wish.poison;
                None
            }
        }
    }

    /// Invokes a function in any of its environments.
    pub(crate) fn invoke(&mut self, function: &'static str, payload: Value, about: About, line: &str) -> u64 {
        self.invocations += 1;
        let invocation = self.invocations;
        let environment = self.rng.usize(0..self.environments.len());
        let loaded = Arc::clone(&self.environments[environment].loaded);
        let handle = handler(function).handle;
        let task = tokio::spawn(INVOCATION.scope(invocation, async move {
            let messages = mistakes::messages(&payload);
            let trigger = Trigger::parse(payload, Instant::now() + DEADLINE).map_err(|broken| broken.to_string())?;
            let answer = handle(loaded, trigger).await.map_err(|broken| broken.to_string())?;
            Ok(mistakes::answer(messages, answer))
        }));
        let since = self.outcome.steps;
        let running = Running { about, task, environment, since, disturbed: false, looks: Vec::new() };
        self.running.insert(invocation, running);
        self.say(&format!("#{invocation} {line}"));
        invocation
    }

    /// Delivers a batch of a queue to its function.
    pub(crate) fn deliver(&mut self, name: &str, duplicates: bool) -> Option<u64> {
        let now = self.millis();
        let Self { queues, rng, .. } = self;
        let queue = queues.named(name)?;
        let batch = queue.receive(rng, now, duplicates);
        if batch.is_empty() {
            return None;
        }
        let payload = queue.event(&batch);
        let function = binary(&queue.source.function)?;
        let ids: Vec<&str> = batch.iter().map(|message| message.id.as_str()).collect();
        let line = format!("{function} <- {name} {}", ids.join(" "));
        Some(self.invoke(function, payload, About::Batch(name.to_owned(), batch), &line))
    }

    /// Invokes any reader of the stream for which there is something with a batch of one item's records.
    pub(crate) fn read_stream(&mut self, repeats: bool) -> Option<u64> {
        let Self { streams, rng, .. } = self;
        let ready: Vec<usize> = (0..streams.len()).filter(|reader| streams[*reader].is_ready()).collect();
        let reader = *rng.choice(&ready)?;
        let (stretch, event) = streams[reader].read(rng, repeats)?;
        let function = binary(&stack().streams[reader].function)?;
        let line = format!("{function} <- {stretch}");
        Some(self.invoke(function, event, About::Stream(reader, stretch), &line))
    }

    /// Is there a batch that can be read?
    pub(crate) fn stream_is_ready(&self) -> bool {
        self.streams.iter().any(Stream::is_ready)
    }

    /// Are there records that a reader has not handled?
    pub(crate) fn stream_waits(&self) -> bool {
        self.streams.iter().any(Stream::waits)
    }

    /// An invocation that ends without an answer.
    pub(crate) fn lose(&mut self, invocation: u64) {
        if let Some(running) = self.running.remove(&invocation) {
            running.task.abort();
            match running.about {
                About::Wish(place) => self.wanted[place].running -= 1,
                About::Stream(reader, stretch) => drop(self.streams[reader].hear(&stretch, None)),
                About::Batch(..) => {}
            }
        }
    }

    pub(crate) fn fault(&mut self, kind: &'static str) {
        *self.outcome.faults.entry(kind).or_default() += 1;
    }

    pub(crate) fn violations(&mut self, wrong: Vec<String>) {
        for what in wrong {
            self.say(&format!("VIOLATION {what}"));
            self.outcome.violations.push(what);
        }
    }

    /// One line of the log.
    pub(crate) fn say(&mut self, line: &str) {
        let line = format!("{:>6} {} {line}", self.outcome.steps, self.now().strftime("%m-%d %H:%M:%S.%3f"));
        self.log.update(line.as_bytes());
        self.log.update(b"\n");
        if self.plan.trace {
            eprintln!("{line}");
        }
    }

    /// Ends the log.
    pub(crate) fn finish(&mut self) {
        let hash = std::mem::take(&mut self.log).finalize();
        self.outcome.log = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut ledger = Sha256::new();
        for table in contexts::tables() {
            for item in self.database.dump(table) {
                ledger.update(item.to_string());
            }
        }
        self.outcome.ledger = ledger.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    }
}

/// The publication of the programme, in force from the beginning.
fn first() -> Request<'static> {
    Request { document: contexts::programme(), from: Some(Timestamp::MIN), by: "world", now: Timestamp::MIN }
}
