//! One member, many writers at once.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Bench, LATENCY, Places, earn, queued, request};
use crate::runtime::Process;
use crate::tables::Counts;

/// How many entries there are to make.
const ENTRIES: usize = 320;

/// How activities come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// As requests.
    Requests,
    /// From the queue.
    Queue,
}

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Queue => "queue",
        }
    }
}

/// What so many entries of one member cost.
pub(crate) struct Hot {
    /// How they come.
    pub(crate) way: Way,
    /// How many functions write at once.
    pub(crate) writers: usize,
    /// How many activities one of them has at a time.
    pub(crate) folded: usize,
    /// How often an activity had to be brought again.
    pub(crate) again: u64,
    /// Calls and units.
    pub(crate) counts: Counts,
}

impl Hot {
    pub(crate) const ENTRIES: u64 = ENTRIES as u64;
}

/// Requests one by one and folded by ten; the queue, at the most functions that the template lets it invoke, and at one.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Vec<Hot>> {
    let ways = [(Way::Requests, 32, 1), (Way::Requests, 32, 10), (Way::Queue, 10, 10), (Way::Queue, 1, 10)];
    let mut measured = Vec::new();
    for (way, writers, folded) in ways {
        measured.push(one(places, way, writers, folded).await?);
    }
    Ok(measured)
}

/// What is still to be brought.
type Backlog = Arc<Mutex<VecDeque<Value>>>;

async fn one(places: &Places, way: Way, writers: usize, folded: usize) -> anyhow::Result<Hot> {
    let bench = Bench::new(places, &places.programme()?, LATENCY, SignedDuration::ZERO).await?;
    let mut processes = Vec::new();
    for _ in 0..writers {
        processes.push(bench.start("earn").await?);
    }
    bench.tables.counts();
    let orders = (0..ENTRIES).map(|number| bench.order("m-1", number));
    let backlog = Backlog::new(Mutex::new(orders.collect()));
    let mut all = Vec::new();
    for (writer, process) in processes.into_iter().enumerate() {
        // Everybody a little apart.
        let pause = Duration::from_secs(1) + Duration::from_millis(u64::try_from(writer)? * 20);
        all.push(tokio::spawn(write(Arc::clone(&backlog), process, (way, folded), pause)));
    }
    let mut again = 0;
    for writer in all {
        again += writer.await??;
    }
    let counts = bench.tables.counts();
    // Every event has an entry of its own, and there is no entry besides.
    let (_, written) = bench.store.whole_ledger(&"m-1".parse().map_err(anyhow::Error::msg)?).await?;
    let operations: BTreeSet<_> = written.iter().map(|entry| entry.operation).collect();
    ensure!((written.len(), operations.len()) == (ENTRIES, ENTRIES), "{} entries, {}", written.len(), operations.len());
    Ok(Hot { way, writers, folded, again, counts })
}

/// Brings what is in the backlog until nothing is left; returns how often something had to be brought again.
async fn write(
    backlog: Backlog,
    mut process: Process,
    (way, folded): (Way, usize),
    pause: Duration,
) -> anyhow::Result<u64> {
    let mut again = 0;
    loop {
        let orders: Vec<Value> = {
            let mut backlog = backlog.lock().unwrap_or_else(PoisonError::into_inner);
            let count = folded.min(backlog.len());
            backlog.drain(..count).collect()
        };
        if orders.is_empty() {
            process.stop().await?;
            return Ok(again);
        }
        let left = match way {
            Way::Requests => bring_requested(&mut process, orders).await?,
            Way::Queue => bring_queued(&mut process, orders).await?,
        };
        if !left.is_empty() {
            again += u64::try_from(left.len())?;
            backlog.lock().unwrap_or_else(PoisonError::into_inner).extend(left);
            tokio::time::sleep(pause).await;
        }
    }
}

/// A request; what of it is to be brought again.
async fn bring_requested(process: &mut Process, mut orders: Vec<Value>) -> anyhow::Result<Vec<Value>> {
    let event = match orders.as_slice() {
        [order] => earn(order),
        many => request("POST /v1/activities/batch", &json!({ "activities": many }), None),
    };
    let answer = process.invoke(&event).await?;
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default())?;
    let one = [json!({"status": answer["statusCode"]})];
    let mut results = body["results"].as_array().map_or(one.as_slice(), Vec::as_slice).iter();
    let known = results.as_slice().iter().all(|result| [json!(200), json!(409)].contains(&result["status"]));
    ensure!(known && results.len() == orders.len(), "{answer}");
    orders.retain(|_| results.next().is_some_and(|result| result["status"] == 409));
    Ok(orders)
}

/// A batch of the queue; what of it goes back there.
async fn bring_queued(process: &mut Process, orders: Vec<Value>) -> anyhow::Result<Vec<Value>> {
    let bodies: Vec<String> = orders.iter().map(Value::to_string).collect();
    let answer = process.invoke(&queued(&bodies)).await?;
    let left = answer["batchItemFailures"].as_array().into_iter().flatten();
    let places = left.filter_map(|left| left["itemIdentifier"].as_str()?.trim_start_matches("m-").parse().ok());
    Ok(places.filter_map(|place: usize| orders.get(place).cloned()).collect())
}
