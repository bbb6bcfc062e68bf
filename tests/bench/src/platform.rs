//! The local platform: what it takes when nobody asks anything of it, and what an earning takes before and after many writes.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use local::Settings;
use sam::Role;
use sam::machine::Clock;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::clock::now;
use crate::harness::{Places, order};

/// How many accounts are written, and by whom.
const WRITES: usize = 100_000;
const MEMBERS: usize = 2_000;
/// The most activities of a batch.
const BATCH: usize = 25;
/// How many earnings a median is of.
const EARNINGS: usize = 51;
/// How long nothing is asked of it.
const IDLE: Duration = Duration::from_secs(10);
/// A clock tick of `/proc`, in milliseconds.
const TICK_MILLIS: u64 = 10;

/// A platform at one point of its life.
pub(crate) struct Aged {
    /// How many writes of accounts it has seen.
    pub(crate) writes: usize,
    /// Thousandths of a core while nothing is asked of it.
    pub(crate) idle_millicores: u64,
    /// Resident memory in bytes.
    pub(crate) resident: u64,
    /// The median of an earning, in microseconds.
    pub(crate) earning_micros: u64,
}

/// Serves a platform whose data is in a directory until the standard input ends, as `cargo run` does; first it says its address
/// and a token.
///
/// # Errors
/// It does not start.
#[expect(clippy::print_stdout, reason = "whoever started it reads it there")]
pub async fn serve(root: &Path, data: &Path) -> anyhow::Result<()> {
    let programme = operator::programme::read(&root.join("programme.toml"))?;
    let settings = Settings {
        template: root.join("template.yaml"),
        programme: Some(programme),
        data_dir: Some(data.to_owned()),
        port: 0,
        clock: Clock::System,
    };
    let platform = settings.start().await?;
    println!("{}\n{}", platform.url(), platform.token(Role::Admin, "bench"));
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    platform.stop().await
}

/// Fresh, and after so many writes.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Vec<Aged>> {
    let directory = tempfile::tempdir()?;
    let mut platform = Running::start(places, directory.path()).await?;
    let fresh = platform.aged(0).await?;
    platform.fill().await?;
    let old = platform.aged(WRITES).await?;
    platform.stop().await?;
    Ok(vec![fresh, old])
}

/// A file that was taken in.
pub(crate) struct Loaded {
    /// Its rows.
    pub(crate) rows: usize,
    /// From its start to its end, in milliseconds.
    pub(crate) millis: u64,
    /// Resident memory at the end, in bytes.
    pub(crate) resident: u64,
}

/// A platform in a process of its own.
pub(crate) struct Running {
    child: Child,
    client: reqwest::Client,
    url: String,
    token: String,
    orders: usize,
}

impl Running {
    pub(crate) async fn start(places: &Places, data: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--serve").arg(data).current_dir(&places.root).kill_on_drop(true);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let mut line = async || lines.next_line().await?.context("the platform did not start");
        let (url, token) = (line().await?, line().await?);
        Ok(Self { child, client: reqwest::Client::new(), url, token, orders: 0 })
    }

    fn order(&mut self) -> Value {
        self.orders += 1;
        order(&format!("m-{}", self.orders % MEMBERS), self.orders, 19_990, now())
    }

    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(body);
        let answer = request.send().await?;
        let (status, body) = (answer.status(), answer.json().await?);
        ensure!(status.is_success(), "{status}: {body}");
        Ok(body)
    }

    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Has a file of new members taken in, and waits for its end.
    pub(crate) async fn load(&mut self, file: &str) -> anyhow::Result<Loaded> {
        let created = self.post("/v1/imports", &json!({"kind": "members", "source": "crm"})).await?;
        let text = |of: &Value| anyhow::Ok(of.as_str().context("a text")?.to_owned());
        let (id, upload) = (text(&created["import"])?, text(&created["upload"]["url"])?);
        self.client.put(upload).body(file.to_owned()).send().await?.error_for_status()?;
        let began = Instant::now();
        self.post(&format!("/v1/imports/{id}/start"), &Value::Null).await?;
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let import = self.get(&format!("/v1/imports/{id}")).await?;
            let rows = file.lines().count() - 1;
            if import["state"] == "done" {
                ensure!(import["result"]["accepted"] == rows, "{import}");
                let millis = u64::try_from(began.elapsed().as_millis())?;
                return Ok(Loaded { rows, millis, resident: self.resident()? });
            }
            ensure!(["checking", "applying"].contains(&import["state"].as_str().unwrap_or_default()), "{import}");
        }
    }

    /// How long views of members take who have shopped: the median and the 95th of a hundred, in microseconds.
    pub(crate) async fn views(&mut self, members: &[Value]) -> anyhow::Result<[u64; 2]> {
        let mut micros = Vec::new();
        for somebody in members {
            let enrolled = self.post("/v1/members", somebody).await?;
            let member = enrolled["member"].as_str().context("a member")?.to_owned();
            for number in 0..3 {
                self.post("/v1/activities", &order(&member, number, 19_990, now())).await?;
            }
            let began = Instant::now();
            self.get(&format!("/v1/members/{member}/view")).await?;
            micros.push(u64::try_from(began.elapsed().as_micros())?);
        }
        micros.sort_unstable();
        let of = |percent: usize| micros.get(micros.len() * percent / 100).copied().unwrap_or_default();
        Ok([of(50), of(95)])
    }

    async fn fill(&mut self) -> anyhow::Result<()> {
        for _ in 0..WRITES / BATCH {
            let activities: Vec<Value> = (0..BATCH).map(|_| self.order()).collect();
            let answer = self.post("/v1/activities/batch", &json!({ "activities": activities })).await?;
            let results = answer["results"].as_array().context("results")?;
            ensure!(results.iter().all(|result| result["status"] == 200), "{answer}");
        }
        Ok(())
    }

    async fn aged(&mut self, writes: usize) -> anyhow::Result<Aged> {
        let mut micros = Vec::new();
        for _ in 0..EARNINGS {
            let (order, began) = (self.order(), Instant::now());
            self.post("/v1/activities", &order).await?;
            micros.push(u64::try_from(began.elapsed().as_micros())?);
        }
        micros.sort_unstable();
        self.rest().await?;
        let before = self.cpu_millis()?;
        tokio::time::sleep(IDLE).await;
        let busy = self.cpu_millis()? - before;
        let idle_millicores = busy * 1_000 / u64::try_from(IDLE.as_millis())?;
        Ok(Aged { writes, idle_millicores, resident: self.resident()?, earning_micros: micros[EARNINGS / 2] })
    }

    /// Waits until what was written has gone its way.
    async fn rest(&self) -> anyhow::Result<()> {
        let mut before = self.cpu_millis()?;
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let after = self.cpu_millis()?;
            if after - before < 200 {
                return Ok(());
            }
            before = after;
        }
    }

    fn proc(&self, file: &str) -> anyhow::Result<String> {
        let id = self.child.id().context("the platform has ended")?;
        Ok(std::fs::read_to_string(format!("/proc/{id}/{file}"))?)
    }

    /// The time that it had a core, in milliseconds: `utime` and `stime` of proc(5).
    fn cpu_millis(&self) -> anyhow::Result<u64> {
        let stat = self.proc("stat")?;
        let fields = stat.rsplit_once(')').context("a command in brackets")?.1.split_whitespace();
        let ticks: Vec<u64> = fields.skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        Ok(ticks.iter().sum::<u64>() * TICK_MILLIS)
    }

    fn resident(&self) -> anyhow::Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? << 10)
    }

    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        ensure!(self.child.wait().await?.success(), "the platform did not end well");
        Ok(())
    }
}
