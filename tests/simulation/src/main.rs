//! `cargo run -p simulation -- --seed N --trace`, or `--seconds N` for as many seeds as fit; `crash-points`; `twin`; `years`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use indicatif::ProgressBar;
use simulation::contexts::ledger::{Place, sweeps, years};
use simulation::crash_points::{crash_points, untold};
use simulation::{Outcome, Plan, Tier, bugs, run, twin};

/// Simulates the chain with faults.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    /// The seed to run, or to begin with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run seed after seed for so long, on every core.
    #[arg(long)]
    seconds: Option<u64>,
    /// How many wishes a run has.
    #[arg(long, default_value_t = 60)]
    wishes: u64,
    /// How often, in a thousand calls, a fault happens.
    #[arg(long, default_value_t = 150)]
    faults_per_mille: u32,
    /// Print one line per step.
    #[arg(long)]
    trace: bool,
    /// Live on the embedded DynamoDB instead of tables in memory.
    #[arg(long)]
    embedded: bool,
    /// Plant a mistake; its feature must be compiled in.
    #[arg(long)]
    bug: Option<String>,
}

#[derive(Subcommand)]
enum What {
    /// Ends every call of every story badly, in every way.
    CrashPoints,
    /// Kills the running platform at random moments under load.
    Twin {
        /// How often.
        #[arg(long, default_value_t = 50)]
        kills: u32,
        /// What happens follows from it, as far as real processes follow anything.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Counts the calls of a sweep among 1,000 and among 100,000 accounts of which as many are due.
    Sweeps {
        /// How many are due.
        #[arg(long, default_value_t = 200)]
        due: usize,
    },
    /// Lets members live for two years, in New York and in London, the clock striking every day.
    Years {
        /// How many, over both places.
        #[arg(long, default_value_t = 10_000)]
        members: usize,
        /// What happens follows from it.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// The platform that the twin kills.
    #[command(hide = true)]
    Platform {
        /// Where it keeps its data.
        data: PathBuf,
    },
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let outcome = match arguments.what.take() {
        None => simulate(&arguments),
        Some(What::CrashPoints) => cover(),
        Some(What::Twin { kills, seed }) => twin::run(kills, seed).map(|report| {
            eprintln!("{report}");
            report.violations.is_empty()
        }),
        Some(What::Sweeps { due }) => count(due),
        Some(What::Years { members, seed }) => two_years(members, seed),
        Some(What::Platform { data }) => twin::serve(&data).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn count(due: usize) -> anyhow::Result<bool> {
    let (few, many) = (sweeps::calls(1_000, due)?, sweeps::calls(100_000, due)?);
    eprintln!("{few} calls among 1,000 accounts, {many} among 100,000; {due} are due");
    Ok(few == many)
}

/// Half of the members live in each place, each half on a core of its own.
fn two_years(members: usize, seed: u64) -> anyhow::Result<bool> {
    let live = |place, seed: u64| move || years::live(place, members / 2, seed);
    let lived = std::thread::scope(|scope| {
        let places = [(Place::NewYork, seed), (Place::London, seed.wrapping_add(1))];
        let places = places.map(|(place, seed)| (place, scope.spawn(live(place, seed))));
        places.map(|(place, life)| (place, life.join()))
    });
    let mut well = true;
    for (place, report) in lived {
        let report = report.map_err(|_panic| anyhow::anyhow!("a life panicked"))??;
        eprintln!(
            "{place:?}: {} members, {} entries, {} notices, {} violations",
            report.members,
            report.entries,
            report.notices,
            report.violations.len()
        );
        eprintln!("  tiers: {:?}\n  segments: {:?}", report.tiers, report.segments);
        for violation in report.violations.iter().take(10) {
            eprintln!("  {violation}");
        }
        well &= report.violations.is_empty();
    }
    Ok(well)
}

fn cover() -> anyhow::Result<bool> {
    let (mut covered, mut total) = (0, 0);
    for story in crash_points(Tier::Embedded, "")? {
        eprintln!("{:<8} {:<58} {:>4} / {}", story.function, story.about, story.covered, story.total());
        for violation in &story.violations {
            eprintln!("  {violation}");
        }
        covered += story.covered;
        total += story.total();
    }
    let untold = untold();
    eprintln!("{covered} / {total} crash points; without a story: {untold:?}");
    Ok(covered == total && untold.is_empty())
}

/// What several threads have found.
#[derive(Default)]
struct Sum {
    runs: u64,
    outcome: Outcome,
}

impl Sum {
    fn add(&mut self, outcome: Outcome) {
        self.runs += 1;
        self.outcome.steps += outcome.steps;
        self.outcome.entries += outcome.entries;
        for (kind, count) in outcome.faults {
            *self.outcome.faults.entry(kind).or_default() += count;
        }
        self.outcome.violations.extend(outcome.violations);
        (self.outcome.log, self.outcome.ledger) = (outcome.log, outcome.ledger);
    }

    /// In one line.
    fn told(&self, started: Instant) -> String {
        let rate = |count: u64| u128::from(count) * 1000 / started.elapsed().as_millis().max(1);
        let Self { runs, outcome } = self;
        let faults: u64 = outcome.faults.values().sum();
        format!(
            "{runs} runs ({} a second), {} steps ({} a second), {} entries, {faults} faults, {} violations",
            rate(*runs),
            outcome.steps,
            rate(outcome.steps),
            outcome.entries,
            outcome.violations.len()
        )
    }
}

fn simulate(arguments: &Arguments) -> anyhow::Result<bool> {
    let tier = if arguments.embedded { Tier::Embedded } else { Tier::Memory };
    let bug = match &arguments.bug {
        None => None,
        Some(name) => {
            let bug = bugs::named(name).ok_or_else(|| anyhow::anyhow!("there is no bug {name}"))?;
            anyhow::ensure!(bug.compiled, "{name} is not compiled in; try --features {name}");
            Some(bug.name)
        }
    };
    let plan = |seed| Plan {
        tier,
        wishes: arguments.wishes,
        faults_per_mille: arguments.faults_per_mille,
        bug,
        trace: arguments.trace,
        ..Plan::seed(seed)
    };
    let started = Instant::now();
    let limit = Duration::from_secs(arguments.seconds.unwrap_or_default());
    let threads =
        if arguments.seconds.is_some() { std::thread::available_parallelism().map_or(1, Into::into) } else { 1 };
    let bar = if arguments.seconds.is_some() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.enable_steady_tick(Duration::from_millis(500));
    let (next, sum) = (AtomicU64::new(arguments.seed), Mutex::new(Sum::default()));
    let live = || -> anyhow::Result<()> {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let outcome = run(plan(seed))?;
            for violation in &outcome.violations {
                bar.suspend(|| eprintln!("seed {seed}: {violation}"));
            }
            let mut sum = sum.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            sum.add(outcome);
            bar.set_message(sum.told(started));
            drop(sum);
            if started.elapsed() >= limit {
                return Ok(());
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(live)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_panic| anyhow::anyhow!("a run panicked"))?)
    })?;
    bar.finish_and_clear();
    let sum = sum.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    eprintln!("{}", sum.told(started));
    for (kind, count) in &sum.outcome.faults {
        eprintln!("{count:>12} {kind}");
    }
    if sum.runs == 1 {
        eprintln!("log {}\nledger {}", sum.outcome.log, sum.outcome.ledger);
    }
    Ok(sum.outcome.violations.is_empty())
}
