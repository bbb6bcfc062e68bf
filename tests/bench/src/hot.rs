//! One member, many writers at once.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::ensure;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::harness::{Bench, LATENCY, Places, earn, request};
use crate::tables::Counts;

/// How many functions write at once.
const WRITERS: usize = 32;
/// How many entries each of them makes.
const EACH: usize = 10;

/// What so many entries of one member cost.
pub(crate) struct Hot {
    /// How many activities went into one request.
    pub(crate) folded: usize,
    /// Entries.
    pub(crate) entries: u64,
    /// Answers that asked to try again.
    pub(crate) again: u64,
    /// Calls and units.
    pub(crate) counts: Counts,
}

/// One by one, and folded by ten.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Vec<Hot>> {
    Ok(vec![one(places, 1).await?, one(places, 10).await?])
}

async fn one(places: &Places, folded: usize) -> anyhow::Result<Hot> {
    let bench = Bench::new(places, &places.programme()?, LATENCY, SignedDuration::ZERO).await?;
    let mut processes = Vec::new();
    for _ in 0..WRITERS {
        processes.push(bench.start("earn").await?);
    }
    bench.tables.counts();
    let mut writers = Vec::new();
    for (writer, mut process) in processes.into_iter().enumerate() {
        let orders: Vec<Value> = (0..EACH).map(|number| bench.order("m-1", writer * EACH + number)).collect();
        writers.push(tokio::spawn(async move {
            let (mut again, mut done) = (0, Vec::new());
            for orders in orders.chunks(folded) {
                let event = match orders {
                    [order] => earn(order),
                    many => request("POST /v1/activities/batch", &json!({ "activities": many }), None),
                };
                loop {
                    let answer = process.invoke(&event).await?;
                    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default())?;
                    let results = body["results"].as_array().cloned();
                    let results =
                        results.unwrap_or_else(|| vec![json!({"status": answer["statusCode"], "activity": body})]);
                    if results.iter().all(|result| result["status"] == 200) {
                        done.extend(
                            results
                                .iter()
                                .filter_map(|result| result["activity"]["entry"]["id"].as_str().map(str::to_owned)),
                        );
                        break;
                    }
                    ensure!(
                        results.iter().all(|result| [json!(200), json!(409)].contains(&result["status"])),
                        "{answer}"
                    );
                    again += 1;
                    // As the answer's Retry-After asks for, everybody a little apart.
                    let apart = Duration::from_millis(u64::try_from(writer)? * 20);
                    tokio::time::sleep(Duration::from_secs(1) + apart).await;
                }
            }
            process.stop().await?;
            anyhow::Ok((again, done))
        }));
    }
    let (mut again, mut ids) = (0, BTreeSet::new());
    for writer in writers {
        let (more, done) = writer.await??;
        again += more;
        ids.extend(done);
    }
    let counts = bench.tables.counts();
    let entries = u64::try_from(WRITERS * EACH)?;
    // Every event has an entry of its own, and there is no entry besides.
    let written = bench.account("m-1")?["q"]["N"].as_str().and_then(|count| count.parse().ok()).unwrap_or(0_u64);
    ensure!(u64::try_from(ids.len())? == entries && written == entries, "{} ids, {written} entries", ids.len());
    Ok(Hot { folded, entries, again, counts })
}
