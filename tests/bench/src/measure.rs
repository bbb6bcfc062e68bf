//! What is measured, and how.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use jiff::{SignedDuration, Timestamp};
use local::template::Stack;
use serde_json::{Value, json};
use store::Store;

use crate::clock::Clock;
use crate::runtime::Process;
use crate::tables::{Counts, Tables, stack};

/// How long DynamoDB takes for a call: about what it does within a region.
const LATENCY: Duration = Duration::from_millis(3);
/// How often what is timed is repeated; the median counts.
const TURNS: usize = 21;
/// How many earnings are looked at, at each length of history.
const WINDOW: usize = 100;
/// A day and a week.
const DAY: SignedDuration = SignedDuration::from_hours(24);
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Everything that was measured.
pub(crate) struct Results {
    pub(crate) machine: String,
    pub(crate) at: Timestamp,
    pub(crate) steady: Calls,
    pub(crate) batch: Calls,
    pub(crate) redeem: Calls,
    pub(crate) growth: Vec<Growth>,
    pub(crate) rules: Vec<(usize, u64)>,
    pub(crate) first_earn: u64,
    pub(crate) hello_first: u64,
    pub(crate) init: Init,
    pub(crate) resident_kib: u64,
    pub(crate) binary: u64,
    pub(crate) deflated: u64,
}

/// Calls and units for a number of operations.
#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) operations: u64,
    pub(crate) counts: Counts,
}

/// What one more earning costs after so many entries.
pub(crate) struct Growth {
    pub(crate) entries: usize,
    pub(crate) calls: Calls,
    pub(crate) item_bytes: usize,
    pub(crate) instructions: u64,
}

/// Medians, in microseconds.
pub(crate) struct Init {
    /// A hello-world function, from exec to its first `/next`.
    pub(crate) hello: u64,
    /// Ours, from exec to its first connection.
    pub(crate) connects: u64,
    /// Ours, from exec to its first `/next`: the programme is loaded, the connection open.
    pub(crate) ready: u64,
}

/// Tables with a programme, and what a function must be told.
struct Bench {
    tables: Tables,
    stack: Stack,
    environment: BTreeMap<String, String>,
    bootstraps: PathBuf,
    directory: tempfile::TempDir,
    clock: Arc<Clock>,
}

impl Bench {
    /// The clock of the functions is as far behind as `past` says.
    async fn new(
        (root, bootstraps): (&Path, &Path),
        programme: &str,
        latency: Duration,
        past: SignedDuration,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let clock = Arc::new(Clock::new(root, directory.path(), -past)?);
        let stack = stack(root)?;
        let tables = Tables::serve(&stack, directory.path(), latency).await?;
        let plain = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", plain.local_addr()?);
        let served = tokio::spawn(dynoxide::server::serve_on(plain, tables.database.clone()));
        let names = local::functions::tables(&stack).context("a function with tables")?;
        let store = Store::new(aws_sdk_dynamodb::Client::new(&local::aws::config(&url, "")), names);
        store.publish(&toml::from_str(programme)?, Timestamp::MIN, [7; 32]).await?;
        served.abort();
        let function = stack.functions.iter().find(|function| function.binary == "earn").context("earn")?;
        let mut environment = function.environment.clone();
        let told = [
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "bench"),
            ("AWS_SECRET_ACCESS_KEY", "bench"),
            ("AWS_ENDPOINT_URL", tables.url.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_LAMBDA_LOG_LEVEL", "WARN"),
        ];
        environment.extend(told.map(|(name, value)| (name.to_owned(), value.to_owned())));
        environment.insert("SSL_CERT_FILE".to_owned(), tables.certificate.to_string_lossy().into_owned());
        environment.extend(clock.environment());
        Ok(Self { tables, stack, environment, bootstraps: bootstraps.to_owned(), directory, clock })
    }

    async fn start(&self, name: &str) -> anyhow::Result<Process> {
        Process::start(&[], &self.bootstraps.join(name), &self.environment, &self.clock).await
    }

    /// The instructions that a function takes for so many events, from exec to the last answer.
    async fn instructions(
        &self,
        name: &str,
        count: usize,
        event: &mut impl FnMut() -> anyhow::Result<Value>,
    ) -> anyhow::Result<u64> {
        let out = self.directory.path().join("callgrind.out");
        let instrument = ["valgrind", "--tool=callgrind", "-q"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!("--callgrind-out-file={}", out.display())]);
        let instrument: Vec<String> = instrument.collect();
        let mut process =
            Process::start(&instrument, &self.bootstraps.join(name), &self.environment, &self.clock).await?;
        process.ready().await?;
        for _ in 0..count {
            succeeded(&process.invoke(&event()?).await?)?;
        }
        process.stop().await?;
        let text = std::fs::read_to_string(&out).context("callgrind has written nothing: is valgrind installed?")?;
        let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
        Ok(line.context("callgrind has no total")?.trim().parse()?)
    }

    /// The instructions of one more event, by the difference that forty make.
    async fn each(&self, name: &str, mut event: impl FnMut() -> anyhow::Result<Value>) -> anyhow::Result<u64> {
        let few = self.instructions(name, 20, &mut event).await?;
        let many = self.instructions(name, 60, &mut event).await?;
        Ok(many.saturating_sub(few) / 40)
    }

    /// An order of now.
    fn order(&self, member: &str, number: usize) -> Value {
        json!({
            "specversion": "1.0", "type": "order.paid", "source": "shop", "id": format!("order-{member}-{number}"), "subject": member,
            "time": self.clock.now(),
            "data": {
                "order_id": format!("{member}-{number}"), "currency": "CNY",
                "lines": [{"sku": "tea", "quantity": 1, "amount_minor": 19_990}],
            },
        })
    }

    /// A member's next order, some time after the last.
    fn next_order(&self, member: &str, number: &mut usize, after: SignedDuration) -> anyhow::Result<Value> {
        self.clock.advance(after)?;
        *number += 1;
        Ok(earn(&self.order(member, *number)))
    }

    /// The account item of a member, in bytes.
    fn item_bytes(&self, member: &str) -> anyhow::Result<usize> {
        let table = self.stack.tables.iter().find(|table| table.name == "AccountsTable").context("accounts")?;
        let get = json!({"TableName": table.name, "Key": {"member": {"S": member}}});
        let found = local::dynamodb::call(&self.tables.database, "GetItem", get)?;
        Ok(store::size_of(&store::item_of(&found["Item"])?))
    }
}

/// A request without parameters in its path.
fn request(route: &str, body: &Value, key: Option<&str>) -> Value {
    let path = route.split(' ').next_back().unwrap_or_default();
    local::request::payload("bench", route, (path, &BTreeMap::new()), body, key)
}

fn earn(order: &Value) -> Value {
    request("POST /v1/activities", order, None)
}

fn succeeded(answer: &Value) -> anyhow::Result<()> {
    ensure!(answer["statusCode"] == 200, "{answer}");
    Ok(())
}

/// Measures everything.
pub(crate) async fn all(root: &Path, bootstraps: &Path, entries: usize) -> anyhow::Result<Results> {
    let programme = std::fs::read_to_string(root.join("programme.toml"))?;
    let places = (root, bootstraps);
    eprintln!("calls and units ...");
    let (steady, batch, redeem, resident_kib) = operations(places, &programme).await?;
    eprintln!("growth to {entries} entries ...");
    let growth = growth(places, &programme, entries).await?;
    eprintln!("rules ...");
    let mut rules = Vec::new();
    for count in [1, 10, 100] {
        let bench = Bench::new(places, &with_rules(&programme, count), Duration::ZERO, WEEK * 100).await?;
        let mut number = 0;
        rules.push((count, bench.each("earn", || bench.next_order("m-1", &mut number, WEEK)).await?));
    }
    eprintln!("cold start ...");
    let bench = Bench::new(places, &programme, Duration::ZERO, SignedDuration::ZERO).await?;
    let mut number = 0;
    let first_earn = bench.instructions("earn", 1, &mut || bench.next_order("m-1", &mut number, DAY)).await?;
    let hello_first = bench.instructions("hello", 1, &mut || Ok(json!({}))).await?;
    let init = init(places, &programme).await?;
    let code = std::fs::read(bootstraps.join("earn"))?;
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut deflated, &code)?;
    Ok(Results {
        machine: machine(),
        at: bench.clock.now(),
        steady,
        batch,
        redeem,
        growth,
        rules,
        first_earn,
        hello_first,
        init,
        resident_kib,
        binary: u64::try_from(code.len())?,
        deflated: u64::try_from(deflated.finish()?.len())?,
    })
}

/// Calls and units of single and batched earnings and of redemptions; and the memory that earnings take.
async fn operations(places: (&Path, &Path), programme: &str) -> anyhow::Result<(Calls, Calls, Calls, u64)> {
    // Members who shop every week, for a year.
    let (members, first, measured, batches) = (25, 12, 36, 12);
    let bench = Bench::new(places, programme, LATENCY, WEEK * (first + measured + batches)).await?;
    let names: Vec<String> = (0..members).map(|member| format!("m-{member}")).collect();
    let mut process = bench.start("earn").await?;
    process.ready().await?;
    for week in 0..first + measured {
        if week == first {
            bench.tables.counts();
        }
        for member in &names {
            succeeded(&process.invoke(&earn(&bench.order(member, usize::try_from(week)?))).await?)?;
        }
        bench.clock.advance(WEEK)?;
    }
    let of = |rounds: i32| Ok::<_, anyhow::Error>(u64::try_from(rounds)? * u64::try_from(members)?);
    let steady = Calls { operations: of(measured)?, counts: bench.tables.counts() };
    for week in first + measured..first + measured + batches {
        let number = usize::try_from(week)?;
        let orders: Vec<Value> = names.iter().map(|member| bench.order(member, number)).collect();
        let body = json!({ "activities": orders });
        succeeded(&process.invoke(&request("POST /v1/activities/batch", &body, None)).await?)?;
        bench.clock.advance(WEEK)?;
    }
    let batch = Calls { operations: of(batches)?, counts: bench.tables.counts() };
    let resident = process.resident()?;
    process.stop().await?;
    let mut process = bench.start("redeem").await?;
    process.ready().await?;
    bench.tables.counts();
    for member in &names {
        let body = json!({"member": member, "reward": "drink"});
        succeeded(&process.invoke(&request("POST /v1/redemptions", &body, Some("key"))).await?)?;
    }
    let redeem = Calls { operations: of(1)?, counts: bench.tables.counts() };
    process.stop().await?;
    Ok((steady, batch, redeem, resident))
}

/// What one more earning costs a member with more and more entries, one a day.
async fn growth(places: (&Path, &Path), programme: &str, most: usize) -> anyhow::Result<Vec<Growth>> {
    let past = DAY * i32::try_from(most + 1_000)?;
    let bench = Bench::new(places, programme, Duration::ZERO, past).await?;
    let mut growth = Vec::new();
    let mut number = 0;
    for entries in [10, 100, 1_000, 10_000].into_iter().filter(|entries| *entries <= most) {
        let mut process = bench.start("earn").await?;
        process.ready().await?;
        while number < entries {
            succeeded(&process.invoke(&bench.next_order("m-1", &mut number, DAY)?).await?)?;
        }
        bench.tables.counts();
        for _ in 0..WINDOW {
            succeeded(&process.invoke(&bench.next_order("m-1", &mut number, DAY)?).await?)?;
        }
        let calls = Calls { operations: u64::try_from(WINDOW)?, counts: bench.tables.counts() };
        process.stop().await?;
        let item_bytes = bench.item_bytes("m-1")?;
        let instructions = bench.each("earn", || bench.next_order("m-1", &mut number, DAY)).await?;
        growth.push(Growth { entries, calls, item_bytes, instructions });
    }
    Ok(growth)
}

/// From exec to the first connection and to the first `/next`, taking turns with a function that does nothing.
async fn init(places: (&Path, &Path), programme: &str) -> anyhow::Result<Init> {
    let bench = Bench::new(places, programme, LATENCY, SignedDuration::ZERO).await?;
    let (mut hello, mut connects, mut ready) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let mut process = bench.start("hello").await?;
        hello.push(process.ready().await?);
        process.stop().await?;
        bench.tables.connected();
        let mut process = bench.start("earn").await?;
        ready.push(process.ready().await?);
        let connected = bench.tables.connected().context("it has not connected")?;
        connects.push(connected.duration_since(process.began()));
        process.stop().await?;
    }
    Ok(Init { hello: median(hello), connects: median(connects), ready: median(ready) })
}

fn median(mut times: Vec<Duration>) -> u64 {
    times.sort_unstable();
    times.get(times.len() / 2).and_then(|time| u64::try_from(time.as_micros()).ok()).unwrap_or_default()
}

/// The programme with so many more rules on orders, none of which applies.
fn with_rules(programme: &str, count: usize) -> String {
    let mut text = programme.to_owned();
    let mut rules = String::new();
    for number in 1..count {
        let rule = format!(
            "[[earning_rule]]\nid = \"more-{number}\"\non = \"order.paid\"\npoints = 1\nwhen = \"net_minor>={}\"\n\n",
            1_000_000 + number
        );
        // Writing to a string does not fail.
        rules.write_str(&rule).unwrap_or_default();
    }
    let before = "[[earning_rule]]\nid = \"checkin\"";
    text = text.replacen(before, &format!("{rules}{before}"), 1);
    text
}

/// The processor, and the versions of what is measured with.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, Into::<usize>::into);
    let version = |program: &str| {
        let output = std::process::Command::new(program).arg("--version").output().map(|output| output.stdout);
        String::from_utf8_lossy(&output.unwrap_or_default()).lines().next().unwrap_or_default().to_owned()
    };
    format!(
        "{}, {cores} cores; {}; {}",
        model.trim_start_matches(['\t', ':', ' ']),
        version("rustc"),
        version("valgrind")
    )
}
