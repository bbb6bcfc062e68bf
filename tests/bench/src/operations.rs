//! Calls and units by operation, of everything that an operation sets off.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Bench, DAY, Places, WEEK, earn, fired, queued, request, succeeded};
use crate::runtime::Process;
use crate::tables::Counts;

/// How many members there are; a batch is one order of each.
const MEMBERS: usize = 25;
/// How many weeks are lived through before anything is counted, and how many are counted.
const WEEKS: (i32, i32) = (12, 36);
/// How many records a stream hands over at once, and how many messages a queue: what they do with some traffic.
const AT_ONCE: usize = 10;

/// What operations cost.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cost {
    /// Requests to the API.
    pub(crate) requests: u64,
    /// Invocations of functions.
    pub(crate) invocations: u64,
    /// Calls and units.
    pub(crate) counts: Counts,
    /// Bytes of answers to requests.
    pub(crate) answered: u64,
}

impl Cost {
    fn invoked(&mut self, counts: &Counts) {
        self.invocations += 1;
        self.counts.add(counts);
    }
}

/// What was measured of one operation.
#[derive(Default)]
pub(crate) struct Operation {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many there were.
    pub(crate) count: u64,
    /// The request itself.
    pub(crate) request: Cost,
    /// What it sets off: the chain of events, evaluation, reconciliation, and what becomes due of it.
    pub(crate) chain: Cost,
}

/// The functions of the chain, running.
struct Chain {
    router: Process,
    evaluation: Process,
    reconciliation: Process,
    upkeep: Process,
}

impl Chain {
    async fn start(bench: &Bench) -> anyhow::Result<Self> {
        let (router, evaluation) = (bench.start("event-router").await?, bench.start("tier-evaluation").await?);
        let (reconciliation, upkeep) = (bench.start("reconciliation").await?, bench.start("upkeep").await?);
        bench.tables.counts();
        Ok(Self { router, evaluation, reconciliation, upkeep })
    }

    /// Hands on what was written until nothing more is.
    async fn run(&mut self, bench: &Bench, cost: &mut Cost) -> anyhow::Result<()> {
        loop {
            let changes = bench.tables.changes();
            if changes.is_empty() {
                return Ok(());
            }
            // A batching window of a minute takes all of them in at once.
            self.reconciliation.invoke(&json!({ "Records": changes })).await?;
            cost.invoked(&bench.tables.counts());
            for records in changes.chunks(AT_ONCE) {
                self.router.invoke(&json!({ "Records": records })).await?;
                cost.invoked(&bench.tables.counts());
            }
            for messages in bench.tables.messages().chunks(AT_ONCE) {
                self.evaluation.invoke(&queued(messages)).await?;
                cost.invoked(&bench.tables.counts());
                // The poller of the queue receives and deletes them in one call each.
                cost.counts.queues += 2;
            }
        }
    }

    /// What a new day brings. The queries that find who is due are made whoever is there, and count as idle.
    async fn day(&mut self, bench: &Bench, cost: &mut Cost) -> anyhow::Result<()> {
        self.upkeep.invoke(&fired()).await?;
        let mut counts = bench.tables.counts();
        let queries = counts.calls.remove("Query").unwrap_or_default();
        counts.read -= i64::try_from(queries)? * 500;
        cost.counts.add(&counts);
        self.run(bench, cost).await?;
        self.reconciliation.invoke(&fired()).await?;
        cost.counts.add(&bench.tables.counts());
        Ok(())
    }

    async fn stop(self) -> anyhow::Result<()> {
        for process in [self.router, self.evaluation, self.reconciliation, self.upkeep] {
            process.stop().await?;
        }
        Ok(())
    }
}

/// Members who shop every week, for a year; then their points become drinks.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Vec<Operation>> {
    let (warm_up, measured) = WEEKS;
    let bench =
        Bench::new(places, &places.programme()?, Duration::ZERO, WEEK * (2 * (warm_up + measured) + 10)).await?;
    let names: Vec<String> = (0..MEMBERS).map(|member| format!("m-{member}")).collect();
    let (mut earning, mut redeeming) = (bench.start("earn").await?, bench.start("redeem").await?);
    let mut chain = Chain::start(&bench).await?;
    let mut operations = Vec::new();
    let mut number = 0;
    for (name, batched) in [("earn, one by one", false), ("earn, 25 in a batch", true)] {
        let mut operation = Operation { name, ..Operation::default() };
        for week in 0..warm_up + measured {
            if week == warm_up {
                operation = Operation { name, ..Operation::default() };
            }
            number += 1;
            let orders: Vec<Value> = names.iter().map(|member| bench.order(member, number)).collect();
            let events: Vec<Value> = if batched {
                vec![request("POST /v1/activities/batch", &json!({ "activities": orders }), None)]
            } else {
                orders.iter().map(earn).collect()
            };
            for event in events {
                ask(&bench, &mut earning, &event, &mut operation.request).await?;
            }
            operation.count += u64::try_from(MEMBERS)?;
            chain.run(&bench, &mut operation.chain).await?;
            for _ in 0..7 {
                bench.clock.advance(DAY)?;
                chain.day(&bench, &mut operation.chain).await?;
            }
        }
        operations.push(operation);
    }
    let mut operation = Operation { name: "redeem a voucher", ..Operation::default() };
    for round in 0..2 {
        for member in &names {
            let body = json!({"member": member, "reward": "drink"});
            let event = request("POST /v1/redemptions", &body, Some(&format!("key-{round}")));
            ask(&bench, &mut redeeming, &event, &mut operation.request).await?;
            operation.count += 1;
        }
        chain.run(&bench, &mut operation.chain).await?;
        bench.clock.advance(DAY)?;
        chain.day(&bench, &mut operation.chain).await?;
    }
    operations.push(operation);
    earning.stop().await?;
    redeeming.stop().await?;
    chain.stop().await?;
    Ok(operations)
}

async fn ask(bench: &Bench, process: &mut Process, event: &Value, cost: &mut Cost) -> anyhow::Result<()> {
    let answer = process.invoke(event).await?;
    succeeded(&answer)?;
    let body = answer["body"].as_str().unwrap_or_default();
    let refused = body.matches("\"problem\":{").count();
    anyhow::ensure!(refused == 0, "{refused} of a batch: {body}");
    cost.requests += 1;
    cost.answered += u64::try_from(body.len())?;
    cost.invoked(&bench.tables.counts());
    Ok(())
}
