//! One platform: every part of it started, wired together, and stopped.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use aws_config::SdkConfig;
use jiff::Timestamp;
use sam::Role;
use sam::machine::{self, Clock, DataDir, Issuer, Ports, url};
use sam::template::Stack;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    dynamodb,
    event_sources::{queue, schedule::Schedules, stream},
    gateway::{Gateway, Routes},
    kms::{self, MasterKey},
    outbox::{self, Outbox},
    queues::{self, Queues},
    runtime::{Boot, BoxFuture, Runtime},
    s3::{self, Buckets},
    server::{Server, listen},
};

/// How long the chain may take to come to rest: a guard against waiting for ever, not a promise.
const PATIENCE: Duration = Duration::from_mins(2);

/// Fills the tables of a stack, which an AWS client with this configuration reaches.
pub type Seed = Box<dyn FnOnce(&SdkConfig, &Stack) -> BoxFuture<'static, anyhow::Result<()>> + Send>;

/// What a platform is made of.
pub struct Settings {
    /// The template that is deployed.
    pub template: PathBuf,
    /// What is done once there are tables, before the functions start.
    pub seed: Option<Seed>,
    /// Where data is kept; `None` keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// The port of the HTTP API; 0 is any free one.
    pub port: u16,
    /// The time.
    pub clock: Clock,
    /// The functions, by the names of their binaries.
    pub registry: BTreeMap<&'static str, Boot>,
}

/// A running platform. Dropping it without [`Platform::stop`] ends it as a kill would: what was acknowledged is
/// kept, what was under way is not finished.
pub struct Platform {
    urls: Urls,
    stack: Stack,
    aws: SdkConfig,
    clock: Clock,
    issuer: Arc<Issuer>,
    queues: Arc<Queues>,
    runtime: Arc<Runtime>,
    schedules: Arc<Schedules>,
    /// How far the streams have been read.
    readers: Vec<stream::Watch>,
    servers: [Server; 6],
    background: Background,
    /// Kept until everything above is gone.
    _data: Option<DataDir>,
}

struct Urls {
    api: String,
    dynamodb: String,
    sqs: String,
}

/// What runs by itself: pollers and schedules.
struct Background {
    tasks: JoinSet<()>,
    stop: CancellationToken,
    _kill: DropGuard,
}

impl Platform {
    /// Starts everything the template names.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let Settings { template, seed, data_dir, port, clock, registry } = settings;
        let (listeners, ports) = bind(port).await?;
        let urls = Urls { api: url(ports.api), dynamodb: url(ports.dynamodb), sqs: url(ports.sqs) };
        let stack = Stack::read(&template, &urls.sqs)?;
        for scope in stack.routes.iter().filter_map(|route| route.scope.as_deref()) {
            ensure!(machine::knows(scope), "the local issuer grants the scope {scope} to no role");
        }
        let data = data_dir.as_deref().map(DataDir::open).transpose()?;
        let file = |name: &str| data.as_ref().map(|data| data.file(name));

        let issuer = Arc::new(Issuer::open(file("issuer.key").as_deref(), &urls.api, clock.clone())?);
        let [api, dynamodb, sqs, kms, s3, providers] = listeners;
        let database = file(machine::DATABASE);
        let (dynamodb, streams) = dynamodb::start(dynamodb, database.as_deref(), &stack.tables, &stack.streams)?;
        let journal = file("queues.journal");
        let queues = Queues::open(&stack.queues, ports.sqs, journal.as_deref(), clock.clone()).await?;
        let sqs = Server::serve(sqs, queues::router(Arc::clone(&queues)));
        let master = MasterKey::open(file(machine::KEYS).as_deref())?;
        let [kms_url, s3_url, providers_url] = [address(&kms)?, address(&s3)?, address(&providers)?];
        let kms = Server::serve(kms, kms::router(Arc::new(master)));
        let buckets = Buckets::new(stack.buckets.clone(), data_dir.clone());
        let s3 = Server::serve(s3, s3::router(Arc::new(buckets)));
        let outbox = Arc::new(Outbox::new(clock.clone()));
        let providers = Server::serve(providers, outbox::router(Arc::clone(&outbox)));
        let aws = machine::config([&urls.dynamodb, &urls.sqs, &kms_url, &s3_url, &providers_url]);

        if let Some(seed) = seed {
            seed(&aws, &stack).await?;
        }
        let runtime = Arc::new(Runtime::start(&stack.functions, &registry, &aws, &clock).await?);
        let schedules = Schedules::new(stack.schedules.clone(), Arc::clone(&runtime), clock.clone());
        let schedules = Arc::new(schedules);
        let routes = Routes::new(stack.routes.clone(), stack.default_route.clone());
        let gateway = Gateway::new(routes, Arc::clone(&runtime), Arc::clone(&issuer), clock.clone()).showing(outbox);
        let gateway = Server::serve(api, gateway.router());
        let mut background =
            Background { tasks: JoinSet::new(), stop: CancellationToken::new(), _kill: runtime.kill_switch() };
        for source in stack.event_sources.iter().cloned() {
            background.spawn(|stop| queue::poll(source, Arc::clone(&queues), Arc::clone(&runtime), stop));
        }
        let mut readers = Vec::new();
        for source in stack.streams.iter().cloned() {
            let checkpoint = file(&format!("stream-{}-{}.checkpoint", source.table, source.function));
            let (streams, queues, runtime) = (Arc::clone(&streams), Arc::clone(&queues), Arc::clone(&runtime));
            let reader = stream::Reader::new(source, streams, queues, runtime, checkpoint);
            readers.push(reader.watch());
            background.spawn(|stop| reader.run(stop));
        }
        // A virtual clock moves when it is told to, and the schedules with it.
        if matches!(clock, Clock::System) {
            background.spawn(|stop| Arc::clone(&schedules).run(stop));
        }
        if let Some(data) = &data {
            data.publish(ports)?;
        }
        let servers = [gateway, sqs, dynamodb, kms, s3, providers];
        Ok(Self {
            urls,
            stack,
            aws,
            clock,
            issuer,
            queues,
            runtime,
            schedules,
            readers,
            servers,
            background,
            _data: data,
        })
    }

    /// Where the HTTP API is.
    pub fn url(&self) -> &str {
        &self.urls.api
    }

    /// Where the embedded DynamoDB is.
    pub fn dynamodb_url(&self) -> &str {
        &self.urls.dynamodb
    }

    /// Where the embedded SQS is.
    pub fn sqs_url(&self) -> &str {
        &self.urls.sqs
    }

    /// The configuration of an AWS SDK client that reaches this platform.
    pub fn aws(&self) -> &SdkConfig {
        &self.aws
    }

    /// What the template says.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// A token for `subject` in `role`.
    pub fn token(&self, role: Role, subject: &str) -> String {
        self.issuer.token(role, subject)
    }

    /// A token for `subject` in `role` that is valid between two instants, for as long as a virtual clock moves between them.
    pub fn token_between(&self, role: Role, subject: &str, from: Timestamp, until: Timestamp) -> String {
        self.issuer.token_between(role, subject, from, until)
    }

    /// A token for `subject` with any scopes, for tests of what they open.
    pub fn token_with(&self, subject: &str, scopes: &str) -> String {
        self.issuer.token_with(subject, scopes)
    }

    /// A token for `subject` with any claims, for tests of how identity providers write them.
    pub fn token_of(&self, subject: &str, claims: &serde_json::Value) -> String {
        self.issuer.token_of(subject, claims)
    }

    /// Moves the virtual clock to `to`, lets visibility timeouts end that end by then, and fires the schedules that
    /// became due, each at most once, for the last time it was due. Returns when their functions have.
    pub async fn advance(&self, to: Timestamp) -> anyhow::Result<()> {
        let Clock::Virtual(clock) = &self.clock else { bail!("only a virtual clock can be advanced") };
        let now = clock.now();
        ensure!(to >= now, "the clock shows {now}, and does not go back to {to}");
        clock.set(to);
        self.queues.pass_visibility_timeouts().await;
        self.schedules.catch_up().await
    }

    /// Waits until the chain has come to rest: every stream is read to its end, every message that can be received is
    /// consumed, and no function is at work. What failed comes back when its visibility timeout ends, and is not waited for.
    ///
    /// # Errors
    /// It has not after two minutes.
    pub async fn rest(&self) -> anyhow::Result<()> {
        let rest = async {
            let mut known = None;
            loop {
                let mut handled = 0;
                for reader in &self.readers {
                    handled += reader.handled().await;
                }
                if known == Some(handled) {
                    return Ok::<_, anyhow::Error>(());
                }
                known = Some(handled);
                // Between a message that is received and the function that is invoked with it there is a moment.
                let mut calm = 0;
                while calm < 2 {
                    let mut empty = !self.runtime.is_busy();
                    for source in &self.stack.event_sources {
                        empty &= self.queues.is_empty(&source.queue).await?;
                    }
                    calm = if empty { calm + 1 } else { 0 };
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
        };
        tokio::time::timeout(PATIENCE, rest).await.context("the chain does not come to rest")?
    }

    /// Fires a schedule now, due or not, and returns when its function has.
    pub async fn fire(&self, schedule: &str) -> anyhow::Result<()> {
        self.schedules.fire(schedule).await
    }

    /// Stops: no new requests, those in hand are answered, batches and schedules under way are finished, and the
    /// data is closed.
    pub async fn stop(self) -> anyhow::Result<()> {
        let [gateway, sqs, dynamodb, kms, s3, providers] = self.servers;
        gateway.stop().await;
        self.background.finish().await;
        self.runtime.finish().await;
        let closed = self.queues.close().await;
        sqs.stop().await;
        dynamodb.stop().await;
        kms.stop().await;
        s3.stop().await;
        providers.stop().await;
        closed
    }
}

impl Background {
    fn spawn<F: Future<Output = ()> + Send + 'static>(&mut self, task: impl FnOnce(CancellationToken) -> F) {
        self.tasks.spawn(task(self.stop.clone()));
    }

    async fn finish(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

fn address(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(url(listener.local_addr()?.port()))
}

/// Ports for the API, the database, the queues, the keys and the objects. The API's first: it is the one that may be taken.
async fn bind(api: u16) -> anyhow::Result<([TcpListener; 6], Ports)> {
    let (api, api_port) = listen(api).await?;
    let (dynamodb, dynamodb_port) = listen(0).await?;
    let (sqs, sqs_port) = listen(0).await?;
    let (kms, kms_port) = listen(0).await?;
    let (s3, _port) = listen(0).await?;
    let (providers, _port) = listen(0).await?;
    let ports = Ports { api: api_port, dynamodb: dynamodb_port, sqs: sqs_port, kms: kms_port };
    Ok(([api, dynamodb, sqs, kms, s3, providers], ports))
}

#[cfg(test)]
mod tests;
