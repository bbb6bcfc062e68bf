//! What a sweep costs by how many members there are, the same number of them being due.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use dynoxide::ImportOptions;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::{decode_record, encode_record, image_of, item_of};

use crate::harness::{Bench, DAY, Places, fired, succeeded};
use crate::prices::Idle;

/// How many are due.
const DUE: usize = 100;

/// Calls and units of one run of a sweep.
pub(crate) struct Sweep {
    /// Whose.
    pub(crate) function: &'static str,
    /// How many accounts there are.
    pub(crate) accounts: usize,
    /// Calls of DynamoDB.
    pub(crate) calls: u64,
    /// Of them, scans.
    pub(crate) scans: u64,
    /// Units in thousandths, read and written.
    pub(crate) units: (i64, i64),
}

impl Sweep {
    pub(crate) const DUE: usize = DUE;
}

/// Those that have a schedule.
const FUNCTIONS: [&str; 2] = ["upkeep", "reconciliation"];

/// Every sweep at every size.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Vec<Sweep>> {
    let mut sweeps = Vec::new();
    for accounts in [1_000, 10_000, 100_000] {
        for function in FUNCTIONS {
            sweeps.push(one(places, function, accounts).await?);
        }
    }
    Ok(sweeps)
}

async fn one(places: &Places, function: &'static str, accounts: usize) -> anyhow::Result<Sweep> {
    let bench = Bench::new(places, &places.programme()?, Duration::ZERO, DAY * 10).await?;
    let mut earning = bench.start("earn").await?;
    succeeded(&earning.invoke(&bench.next_order("model", &mut 0, SignedDuration::ZERO)?).await?)?;
    let model = bench.account("model")?;
    let now = bench.clock.now().as_second();
    let mut others = Vec::new();
    for number in 1..accounts {
        // Of those that a clock settles: points that activate, within the day or in a month. Nobody reconciles them.
        let later = number > DUE || function == "reconciliation";
        let item = like(&model, &format!("n-{number}"), now + if later { 30 * 86_400 } else { 3_600 })?;
        others.push(serde_json::from_value(item)?);
    }
    bench.tables.database.import_items("AccountsTable", others, ImportOptions::default())?;
    let mut process = bench.start(function).await?;
    if function == "reconciliation" {
        // It is told of those that are written; the days before are closed already.
        process.invoke(&fired()).await?;
        for number in 1..DUE {
            succeeded(
                &earning.invoke(&bench.next_order(&format!("w-{number}"), &mut 0, SignedDuration::ZERO)?).await?,
            )?;
        }
        process.invoke(&json!({ "Records": bench.tables.changes() })).await?;
    }
    bench.clock.advance(DAY * 2)?;
    bench.tables.counts();
    let done = process.invoke(&fired()).await?;
    let counts = bench.tables.counts();
    let worked = done.get("settled").or(done.get("verified")).and_then(Value::as_u64).context("what it did")?;
    ensure!(worked == u64::try_from(DUE)?, "{function} at {accounts}: {done}");
    process.stop().await?;
    earning.stop().await?;
    let scans = counts.calls.get("Scan").copied().unwrap_or_default();
    Ok(Sweep { function, accounts, calls: counts.all(), scans, units: (counts.read, counts.written) })
}

/// An account like another, found in the index at an instant, its pending points activating then.
fn like(model: &Value, member: &str, at: i64) -> anyhow::Result<Value> {
    let mut record = decode_record(&item_of(model)?)?;
    let at = Timestamp::from_second(at)?;
    record.due = Some(at);
    let account = &mut record.account;
    account.member = member.parse().map_err(anyhow::Error::msg)?;
    let pending = std::mem::take(&mut account.pockets.pending);
    account.pockets.pending = pending.into_iter().map(|((_, expires_at), points)| ((at, expires_at), points)).collect();
    account.seal = account.seal_of_state();
    Ok(image_of(&encode_record(&record)))
}

/// What is there and runs though nobody calls.
pub(crate) async fn idle(places: &Places) -> anyhow::Result<Idle> {
    let bench = Bench::new(places, &places.programme()?, Duration::ZERO, SignedDuration::ZERO).await?;
    let begin = bench.clock.now();
    let end = begin + SignedDuration::from_hours(730);
    let (mut runs, mut run_calls, mut run_reads, mut run_writes) = (0, 0, 0, 0);
    for schedule in &bench.stack.schedules {
        let function = bench.stack.functions.iter().find(|function| function.name == schedule.function);
        let binary = &function.context("a schedule's function")?.binary;
        let name = FUNCTIONS.into_iter().find(|name| name == binary).context("a sweep")?;
        let mut process = bench.start(name).await?;
        process.invoke(&fired()).await?;
        bench.clock.advance(DAY)?;
        bench.tables.counts();
        process.invoke(&fired()).await?;
        let counts = bench.tables.counts();
        process.stop().await?;
        let mut at = begin;
        while let Some(next) = schedule.expression.next(at, begin, &schedule.time_zone).filter(|next| *next < end) {
            at = next;
            runs += 1;
            run_calls += counts.all();
            run_reads += u64::try_from(counts.read)?;
            run_writes += u64::try_from(counts.written)?;
        }
    }
    let resources = |kind: &str| bench.stack.resources.get(kind).copied().unwrap_or_default();
    Ok(Idle {
        alarms: resources("AWS::CloudWatch::Alarm"),
        metrics: resources("AWS::Logs::MetricFilter"),
        queues: u64::try_from(bench.stack.event_sources.len())?,
        runs,
        run_calls,
        run_reads,
        run_writes,
    })
}
