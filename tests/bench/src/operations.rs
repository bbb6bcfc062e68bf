//! Calls and units by operation, of everything that an operation sets off.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Bench, DAY, Places, WEEK, earn, fired, order, queued, request, succeeded};
use crate::runtime::Process;
use crate::tables::Counts;

/// How many members shop in each way; a batch is one order of each.
const MEMBERS: usize = 25;
/// How many weeks are lived through before anything is counted, and how many are counted. Points live for a year: by then,
/// every week brings what any week brings.
const WEEKS: (usize, usize) = (56, 52);
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

/// What was measured of one operation, or of what operations set off.
#[derive(Default)]
pub(crate) struct Operation {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many there were.
    pub(crate) count: u64,
    /// What they cost.
    pub(crate) cost: Cost,
    /// Of what is set off, each function's part.
    pub(crate) parts: BTreeMap<&'static str, Counts>,
}

impl Operation {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, ..Self::default() }
    }

    fn add(&mut self, part: &'static str, counts: &Counts) {
        self.cost.counts.add(counts);
        self.parts.entry(part).or_default().add(counts);
    }

    pub(crate) fn invoked(&mut self, part: &'static str, counts: &Counts) {
        self.cost.invocations += 1;
        self.add(part, counts);
    }
}

/// All of them.
pub(crate) struct Operations {
    /// Earning one by one.
    pub(crate) single: Operation,
    /// Earning in batches.
    pub(crate) batched: Operation,
    /// What an earning sets off: the chain of events, evaluation, reconciliation, and what becomes due of it.
    pub(crate) earned: Operation,
    /// Redeeming a voucher.
    pub(crate) redeeming: Operation,
    /// What that sets off.
    pub(crate) redeemed: Operation,
}

impl Operations {
    /// In the order of the tables.
    pub(crate) fn all(&self) -> [&Operation; 5] {
        [&self.single, &self.batched, &self.earned, &self.redeeming, &self.redeemed]
    }
}

/// The functions of the chain, running.
struct Chain {
    router: Process,
    evaluation: Process,
    reconciliation: Process,
    upkeep: Process,
    /// What upkeep and reconciliation ask for on a day that follows one on which nobody did anything.
    idle: [Counts; 2],
}

impl Chain {
    async fn start(bench: &Bench) -> anyhow::Result<Self> {
        let (router, evaluation) = (bench.start("event-router").await?, bench.start("tier-evaluation").await?);
        let (reconciliation, upkeep) = (bench.start("reconciliation").await?, bench.start("upkeep").await?);
        let mut chain = Self { router, evaluation, reconciliation, upkeep, idle: Default::default() };
        for _ in 0..2 {
            bench.clock.advance(DAY)?;
            bench.tables.counts();
            chain.idle = chain.swept(bench).await?;
        }
        Ok(chain)
    }

    async fn swept(&mut self, bench: &Bench) -> anyhow::Result<[Counts; 2]> {
        self.upkeep.invoke(&fired()).await?;
        let upkeep = bench.tables.counts();
        self.reconciliation.invoke(&fired()).await?;
        Ok([upkeep, bench.tables.counts()])
    }

    /// Hands on what was written until nothing more is.
    async fn run(&mut self, bench: &Bench, set_off: &mut Operation) -> anyhow::Result<()> {
        loop {
            let changes = bench.tables.changes();
            if changes.is_empty() {
                return Ok(());
            }
            // A batching window of a minute takes all of them in at once.
            self.reconciliation.invoke(&json!({ "Records": changes })).await?;
            set_off.invoked("notes of the day", &bench.tables.counts());
            for records in changes.chunks(AT_ONCE) {
                self.router.invoke(&json!({ "Records": records })).await?;
                set_off.invoked("routing", &bench.tables.counts());
            }
            for messages in bench.tables.messages("TierQueue").chunks(AT_ONCE) {
                self.evaluation.invoke(&queued(messages)).await?;
                set_off.invoked("scores", &bench.tables.counts());
                // The poller of the queue receives and deletes them in one call each.
                set_off.cost.counts.queues += 2;
            }
        }
    }

    /// What a new day brings, beyond what an idle one does.
    async fn day(&mut self, bench: &Bench, set_off: &mut Operation) -> anyhow::Result<()> {
        let [upkeep, night] = self.swept(bench).await?;
        set_off.add("what is due", &upkeep.without(&self.idle[0]));
        set_off.add("the nightly proof", &night.without(&self.idle[1]));
        self.run(bench, set_off).await
    }

    async fn stop(self) -> anyhow::Result<()> {
        for process in [self.router, self.evaluation, self.reconciliation, self.upkeep] {
            process.stop().await?;
        }
        Ok(())
    }
}

/// Members who shop every week, half of them one by one and half in a batch. Then points become drinks.
pub(crate) async fn all(places: &Places) -> anyhow::Result<Operations> {
    let (warm_up, measured) = WEEKS;
    let bench =
        Bench::new(places, &places.programme()?, Duration::ZERO, WEEK * i32::try_from(warm_up + measured + 10)?)
            .await?;
    let names = |way: &str| -> Vec<String> { (0..MEMBERS).map(|member| format!("{way}-{member}")).collect() };
    let (singly, together) = (names("singly"), names("together"));
    let each = u64::try_from(MEMBERS)?;
    let (mut earning, mut redeeming) = (bench.start("earn").await?, bench.start("redeem").await?);
    let mut chain = Chain::start(&bench).await?;
    let mut operations = Operations {
        single: Operation::new("earn, one by one"),
        batched: Operation::new("earn, 25 in a batch"),
        earned: Operation::new("- what an earning sets off"),
        redeeming: Operation::new("redeem a voucher"),
        redeemed: Operation::new("- what a redemption sets off"),
    };
    for week in 0..warm_up + measured {
        if week == warm_up {
            for operation in [&mut operations.single, &mut operations.batched, &mut operations.earned] {
                *operation = Operation::new(operation.name);
            }
        }
        // Some spend more than others.
        let now = bench.clock.now();
        let orders = |names: &[String]| -> Vec<Value> {
            let amounts = (9_990..).step_by(1_000);
            names.iter().zip(amounts).map(|(member, amount)| order(member, week, amount, now)).collect()
        };
        for order in orders(&singly) {
            ask(&bench, &mut earning, &earn(&order), &mut operations.single.cost).await?;
        }
        let batch = request("POST /v1/activities/batch", &json!({ "activities": orders(&together) }), None);
        ask(&bench, &mut earning, &batch, &mut operations.batched.cost).await?;
        operations.single.count += each;
        operations.batched.count += each;
        operations.earned.count += 2 * each;
        chain.run(&bench, &mut operations.earned).await?;
        for _ in 0..7 {
            bench.clock.advance(DAY)?;
            chain.day(&bench, &mut operations.earned).await?;
        }
    }
    for round in 0..2 {
        for member in &singly {
            let body = json!({"member": member, "reward": "drink"});
            let event = request("POST /v1/redemptions", &body, Some(&format!("key-{round}")));
            ask(&bench, &mut redeeming, &event, &mut operations.redeeming.cost).await?;
        }
        operations.redeeming.count += each;
        operations.redeemed.count += each;
        chain.run(&bench, &mut operations.redeemed).await?;
        bench.clock.advance(DAY)?;
        chain.day(&bench, &mut operations.redeemed).await?;
    }
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
