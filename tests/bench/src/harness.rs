//! Tables with a programme, and what a function must be told to use them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use domain::programme::publication::Request;
use jiff::{SignedDuration, Timestamp};
use sam::template::Stack;
use serde_json::{Value, json};
use store::Store;

use crate::clock::Clock;
use crate::runtime::Process;
use crate::tables::{BehindTls, Tables, stack};

/// How long DynamoDB takes for a call: about what it does within a region.
pub(crate) const LATENCY: Duration = Duration::from_millis(3);
/// A day.
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Seven days.
pub(crate) const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where things are.
#[derive(Debug, Clone)]
pub struct Places {
    /// The repository.
    pub root: PathBuf,
    /// The release bootstraps.
    pub bootstraps: PathBuf,
    /// The peers that are built from other features, or with another environment.
    pub peers: PathBuf,
    /// The Python that has the packages of the peer in Python.
    pub python: PathBuf,
}

impl Places {
    pub(crate) fn programme(&self) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.root.join("programme.toml"))?)
    }
}

/// What is started as a function.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Its name; that of a function of ours, if it needs that one's environment.
    pub(crate) name: &'static str,
    /// The command.
    pub(crate) command: Vec<PathBuf>,
    /// Variables that it is not told.
    pub(crate) untold: &'static [&'static str],
}

/// Tables with a programme, and what a function must be told to use them.
pub(crate) struct Bench {
    pub(crate) tables: Tables,
    pub(crate) store: Store,
    pub(crate) stack: Stack,
    pub(crate) clock: Arc<Clock>,
    told: BTreeMap<String, String>,
    places: Places,
    directory: tempfile::TempDir,
}

impl Bench {
    /// The clock of the functions is as far behind as `past` says.
    pub(crate) async fn new(
        places: &Places,
        programme: &str,
        latency: Duration,
        past: SignedDuration,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let clock = Arc::new(Clock::new(&places.root, directory.path(), -past)?);
        let stack = stack(&places.root)?;
        let tables = Tables::serve(&stack, latency).await?;
        let names = operator::tables(&stack).context("a function with tables")?;
        let store =
            Store::new(aws_sdk_dynamodb::Client::new(&sam::machine::config([&tables.url, "", "", "", ""])), names);
        let document = toml::from_str(programme)?;
        let first = Request { document: &document, from: Some(Timestamp::MIN), by: "bench", now: Timestamp::MIN };
        store.keep_voucher_secret([7; 32]).await?;
        store.publish(first).await?.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
        tables.counts();
        let BehindTls { url, certificates, roots } = tables.behind_tls(directory.path()).await?;
        let path = |path: PathBuf| path.to_string_lossy().into_owned();
        let (certificates, roots) = (path(certificates), path(roots));
        let told = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "bench"),
            ("AWS_SECRET_ACCESS_KEY", "bench"),
            ("AWS_ENDPOINT_URL", url.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_LOG_LEVEL", "WARN"),
            ("TRUSTED_ROOTS", roots.as_str()),
            ("SSL_CERT_FILE", certificates.as_str()),
            ("AWS_CA_BUNDLE", certificates.as_str()),
            ("HOME", "/nonexistent"),
        ];
        let mut told: BTreeMap<_, _> =
            told.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        told.extend(clock.environment());
        Ok(Self { tables, store, stack, clock, told, places: places.clone(), directory })
    }

    /// A function's environment; a peer's is that of `earn`.
    fn environment(&self, name: &str) -> anyhow::Result<BTreeMap<String, String>> {
        let of = |name: &str| self.stack.functions.iter().find(|function| function.binary == name);
        let mut environment = of(name).or_else(|| of("earn")).context("earn")?.environment.clone();
        environment.extend(self.told.clone());
        Ok(environment)
    }

    /// A function of ours.
    pub(crate) fn ours(&self, name: &'static str) -> Program {
        Program { name, command: vec![self.places.bootstraps.join(name)], untold: &[] }
    }

    /// Starts a function of ours.
    pub(crate) async fn start(&self, name: &'static str) -> anyhow::Result<Process> {
        let mut process = self.exec(&[], &self.ours(name)).await?;
        process.ready().await?;
        Ok(process)
    }

    /// Starts a program, under an instrument if there is one.
    pub(crate) async fn exec(&self, instrument: &[String], program: &Program) -> anyhow::Result<Process> {
        let mut environment = self.environment(program.name)?;
        environment.retain(|name, _| !program.untold.contains(&name.as_str()));
        Process::start(instrument, &program.command, &environment, &self.clock).await
    }

    /// The instructions that a program takes for so many events, from exec to the last answer.
    pub(crate) async fn instructions(
        &self,
        program: &Program,
        count: usize,
        event: &mut impl FnMut() -> anyhow::Result<Value>,
    ) -> anyhow::Result<u64> {
        let out = self.directory.path().join("callgrind.out");
        let mut instrument = ["valgrind", "--tool=callgrind", "-q"].map(str::to_owned).to_vec();
        instrument.push(format!("--callgrind-out-file={}", out.display()));
        let mut process = self.exec(&instrument, program).await?;
        process.ready().await?;
        for _ in 0..count {
            succeeded(&process.invoke(&event()?).await?)?;
        }
        process.stop().await?;
        let text = std::fs::read_to_string(&out).context("callgrind has written nothing: is valgrind installed?")?;
        let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
        Ok(line.context("callgrind has no total")?.trim().parse()?)
    }

    /// The instructions of one more event of a function of ours, by the difference that forty make.
    pub(crate) async fn each(
        &self,
        name: &'static str,
        event: &mut impl FnMut() -> anyhow::Result<Value>,
    ) -> anyhow::Result<u64> {
        let program = self.ours(name);
        let few = self.instructions(&program, 20, event).await?;
        let many = self.instructions(&program, 60, event).await?;
        Ok(many.saturating_sub(few) / 40)
    }

    /// An order of now.
    pub(crate) fn order(&self, member: &str, number: usize) -> Value {
        order(member, number, 19_990, self.clock.now())
    }

    /// A member's next order, some time after the last.
    pub(crate) fn next_order(&self, member: &str, number: &mut usize, after: SignedDuration) -> anyhow::Result<Value> {
        self.clock.advance(after)?;
        *number += 1;
        Ok(earn(&self.order(member, *number)))
    }

    /// An item of the table of accounts.
    pub(crate) fn account(&self, member: &str) -> anyhow::Result<Value> {
        let get = json!({"TableName": "AccountsTable", "Key": {"member": {"S": member}}, "ConsistentRead": true});
        Ok(emulator::dynamodb::call(&self.tables.database, "GetItem", get)?["Item"].clone())
    }

    /// Its size in bytes.
    pub(crate) fn item_bytes(&self, member: &str) -> anyhow::Result<usize> {
        Ok(store::size_of(&store::item_of(&self.account(member)?)?))
    }
}

/// A request without parameters in its path.
pub(crate) fn request(route: &str, body: &Value, key: Option<&str>) -> Value {
    let path = route.split(' ').next_back().unwrap_or_default();
    emulator::payload::request("bench", route, (path, &BTreeMap::new()), body, key)
}

/// A paid order of so much in minor units.
#[must_use]
pub fn order(member: &str, number: usize, amount_minor: i64, time: Timestamp) -> Value {
    json!({
        "specversion": "1.0", "type": "order.paid", "source": "shop", "id": format!("order-{member}-{number}"), "subject": member,
        "time": time,
        "data": {
            "order_id": format!("{member}-{number}"), "currency": "CNY",
            "lines": [{"sku": "茶", "quantity": 1, "amount_minor": amount_minor}],
        },
    })
}

/// The report of an activity.
pub(crate) fn earn(order: &Value) -> Value {
    request("POST /v1/activities", order, None)
}

/// A schedule's event.
#[must_use]
pub fn fired() -> Value {
    json!({"source": "aws.scheduler"})
}

/// An event of a queue.
#[must_use]
pub fn queued(bodies: &[String]) -> Value {
    let ids = (0..).map(|place| format!("m-{place}"));
    let records: Vec<Value> =
        bodies.iter().zip(ids).map(|(body, id)| emulator::payload::message("q", (&id, 1), body)).collect();
    json!({ "Records": records })
}

pub(crate) fn succeeded(answer: &Value) -> anyhow::Result<()> {
    ensure!(answer["statusCode"] == 200, "{answer}");
    Ok(())
}
