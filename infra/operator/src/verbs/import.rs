//! `import`: a spreadsheet becomes members, on the local platform or on a deployed one.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use aws_lc_rs::digest;
use clap::builder::PossibleValuesParser;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::{Client, Method};
use sam::Role;
use sam::machine::{Clock, Issuer, Ports, url};
use serde_json::{Value, json};
use sheet::Mapping;

use super::kinds::{self, Sheets};
use crate::say;

/// How often it is asked how far an import is.
const EVERY: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
pub struct Import {
    /// A spreadsheet: XLSX, or CSV in UTF-8, UTF-16 or GB18030.
    file: PathBuf,
    /// What its rows are; `all`: each sheet that is called after a kind is of that, and they follow each other.
    #[arg(long, value_name = "KIND", default_value = "members", value_parser = PossibleValuesParser::new(kinds::names()))]
    kind: String,
    /// The system that says so: a source of the programme that sends members.
    #[arg(long, value_name = "SOURCE")]
    source: String,
    /// How it is read, in TOML: `[columns]`, `ignore`, `date_format` and others; of all kinds, in a table for each. Columns are known by their names in Chinese, English and Japanese.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Find out what would come of it, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write only if so many rows would be accepted.
    #[arg(long, value_name = "ROWS")]
    expect_rows: Option<u32>,
    /// Write only if the rows that would be accepted have so many points, less what is owed.
    #[arg(long, value_name = "POINTS", allow_negative_numbers = true)]
    expect_points: Option<i64>,
    /// Of lots: what somebody owes is taken from their lots that expire first.
    #[arg(long)]
    net: bool,
    /// When members left the other programme, as 2026-06-01T00:00:00+08:00.
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// Of lots: for how many days after that each is good, at least.
    #[arg(long, value_name = "DAYS", requires = "as_of")]
    min_validity_days: Option<u16>,
    /// Of lots: what a point of there is worth here, as 1/10.
    #[arg(long, value_name = "RATIO")]
    factor: Option<String>,
    /// Where rows with faults are written to; beside the file if absent (`members.xlsx` has them in `members.errors.csv`, a workbook of all kinds in
    /// `book.members.errors.csv`, `book.lots.errors.csv`, ...).
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// The address of a platform that runs elsewhere.
    #[arg(long, value_name = "URL", requires = "token")]
    to: Option<String>,
    /// A token for it, of an administrator or a partner.
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
}

/// A platform that is spoken to.
struct Platform {
    client: Client,
    url: String,
    token: String,
}

impl Platform {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await;
        let response = response.with_context(|| format!("{} does not answer", self.url))?;
        let status = response.status();
        let answer: Value = response.json().await.unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let detail = answer["detail"].as_str().or(answer["message"].as_str()).unwrap_or("no reason is given");
        bail!("{path}: {status} {}: {detail}", answer["code"].as_str().unwrap_or_default())
    }
}

impl Import {
    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let name = self.file.display();
        let bytes = std::fs::read(&self.file).with_context(|| format!("{name} cannot be read"))?;
        ensure!(bytes.len() <= sheet::MOST_BYTES, "{name} has more than 50 MB: divide it");
        let platform = self.platform(data)?;
        if self.kind != kinds::ALL {
            return self.one(&platform, &self.kind, self.read_mapping()?, bytes).await;
        }
        ensure!(self.expect_rows.is_none(), "`--expect-rows` is of one kind: say `--kind`");
        let Sheets { named, left } = kinds::of(&bytes)?;
        if !left.is_empty() {
            say!("Left out, for they are named after no kind: {}", left.join(", "))?;
        }
        for (kind, sheet) in named {
            say!("{sheet} ({kind}):")?;
            let mapping = kinds::mapping(self.mapping.as_deref(), kind, sheet)?;
            self.one(&platform, kind, mapping, bytes.clone()).await?;
        }
        Ok(())
    }

    fn read_mapping(&self) -> anyhow::Result<Mapping> {
        match &self.mapping {
            Some(file) => {
                let text =
                    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
                Mapping::from_toml(&text).map_err(|wrong| anyhow::anyhow!("{}: {wrong}", file.display()))
            }
            None => Ok(Mapping::default()),
        }
    }

    /// A file of one kind, or one sheet of it.
    async fn one(&self, platform: &Platform, kind: &str, mapping: Mapping, bytes: Vec<u8>) -> anyhow::Result<()> {
        let name = self.file.display();
        // Of all kinds, what is said of lots is said of theirs.
        let of_lots = self.kind != kinds::ALL || kind == "lots";
        let points = self.expect_points.filter(|_| of_lots);
        let body = json!({
            "kind": kind, "source": self.source, "mapping": mapping, "dry_run": self.dry_run, "as_of": self.as_of,
            "net": self.net && of_lots, "min_validity_days": self.min_validity_days.filter(|_| of_lots),
            "factor": self.factor.as_ref().filter(|_| of_lots),
            "expect": { "rows": self.expect_rows, "points": points }, "sha256": sha256(&bytes),
        });
        let created = platform.ask(Method::POST, "/v1/imports", Some(&body)).await?;
        let id = created["import"].as_str().context("the platform names no import")?.to_owned();
        if let Some(address) = created["upload"]["url"].as_str() {
            let put = platform.client.put(address).body(bytes).send().await.context("the file cannot be uploaded")?;
            ensure!(put.status().is_success(), "the file cannot be uploaded: {}", put.status());
        }
        let ended = ["done", "checked", "refused", "cancelled"];
        let import = if created["state"].as_str().is_some_and(|state| ended.contains(&state)) {
            say!("{name} is what was imported last from {}: nothing is to be done.", self.source)?;
            created
        } else {
            platform.ask(Method::POST, &format!("/v1/imports/{id}/start"), None).await?;
            watched(platform, &id, &ended).await?
        };
        self.told(platform, kind, &id, &import).await
    }

    /// The local platform, or the one that is named.
    fn platform(&self, data: &Path) -> anyhow::Result<Platform> {
        let client = Client::new();
        if let Some((url, token)) = self.to.clone().zip(self.token.clone()) {
            return Ok(Platform { client, url: url.trim_end_matches('/').to_owned(), token });
        }
        let url = url(Ports::of(data)?.api);
        let issuer = Issuer::open(Some(&data.join("issuer.key")), &url, Clock::System)?;
        Ok(Platform { client, token: issuer.token(Role::Admin, "import"), url })
    }

    /// Says what came of it, and writes the file of errors.
    async fn told(&self, platform: &Platform, kind: &str, id: &str, import: &Value) -> anyhow::Result<()> {
        let result = &import["result"];
        let of = |name: &str| result[name].as_u64().unwrap_or_default();
        let would = if self.dry_run { "would be " } else { "" };
        say!(
            "{} rows: {} {would}accepted, {} unchanged, {} refused",
            of("rows"),
            of("accepted"),
            of("unchanged"),
            of("refused")
        )?;
        for (code, count) in result["by_code"].as_object().into_iter().flatten() {
            say!("  {count} {code}")?;
        }
        if of("refused") + of("warnings") > 0 {
            let errors = platform.ask(Method::GET, &format!("/v1/imports/{id}/errors"), None).await?;
            let address = errors["url"].as_str().context("the file of errors has no address")?;
            let found = platform.client.get(address).send().await?.error_for_status()?.bytes().await?;
            let file = self.errors.clone().unwrap_or_else(|| self.file.clone());
            let file = match (self.kind == kinds::ALL, &self.errors) {
                (true, _) => file.with_extension(format!("{kind}.errors.csv")),
                (false, None) => file.with_extension("errors.csv"),
                (false, Some(_)) => file,
            };
            std::fs::write(&file, found).with_context(|| format!("{} cannot be written", file.display()))?;
            say!("What is wrong with which row stands in {}; repaired, it can be imported as it is.", file.display())?;
        }
        let refused = &import["refused"];
        match import["state"].as_str().unwrap_or_default() {
            "refused" => {
                let columns: Vec<&str> =
                    refused["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let columns = if columns.is_empty() { String::new() } else { format!(": {}", columns.join(", ")) };
                let code = refused["code"].as_str().unwrap_or_default();
                bail!("the file is not taken in, {code}: {}{columns}", refused["detail"].as_str().unwrap_or_default())
            }
            "cancelled" => bail!("the import was cancelled; what was written stays"),
            _ => Ok(()),
        }
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Asks how far it is until it has ended.
async fn watched(platform: &Platform, id: &str, ended: &[&str]) -> anyhow::Result<Value> {
    let terminal = std::io::stderr().is_terminal();
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {eta} left {msg}");
    let bar = if terminal { ProgressBar::new(0) } else { ProgressBar::hidden() };
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut said = Instant::now();
    loop {
        let import = platform.ask(Method::GET, &format!("/v1/imports/{id}"), None).await?;
        let state = import["state"].as_str().unwrap_or_default().to_owned();
        let (rows, done) = (&import["progress"]["rows"], &import["result"]["rows"]);
        let (rows, done) = (rows.as_u64().unwrap_or_default(), done.as_u64().unwrap_or_default());
        bar.set_length(rows);
        bar.set_position(done);
        bar.set_message(state.clone());
        if ended.contains(&state.as_str()) {
            bar.finish_and_clear();
            return Ok(import);
        }
        if !terminal && said.elapsed() >= Duration::from_secs(60) {
            eprintln!("{done} of {rows} rows ({state})");
            said = Instant::now();
        }
        tokio::time::sleep(EVERY).await;
    }
}
