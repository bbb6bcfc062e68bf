//! `cargo run -p simulation -- --seed N --trace`, or `--seconds N` for as many seeds as fit.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use indicatif::ProgressBar;
use simulation::{Outcome, Plan, run};

/// Simulates the chain with faults.
#[derive(Parser)]
struct Arguments {
    /// The seed to run, or to begin with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Run seed after seed for so long.
    #[arg(long)]
    seconds: Option<u64>,
    /// How many wishes a run has.
    #[arg(long, default_value_t = 60)]
    wishes: u64,
    /// Print one line per step.
    #[arg(long)]
    trace: bool,
}

fn main() -> ExitCode {
    let Arguments { seed, seconds, wishes, trace } = Arguments::parse();
    let started = Instant::now();
    let limit = Duration::from_secs(seconds.unwrap_or_default());
    let bar = if seconds.is_some() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    let mut sum = Outcome::default();
    let (mut runs, mut seed) = (0_u64, seed);
    loop {
        let outcome = match run(Plan { wishes, trace, ..Plan::seed(seed) }) {
            Ok(outcome) => outcome,
            Err(error) => {
                eprintln!("error: {error:#}");
                return ExitCode::FAILURE;
            }
        };
        runs += 1;
        sum.steps += outcome.steps;
        for (kind, count) in outcome.faults {
            *sum.faults.entry(kind).or_default() += count;
        }
        for violation in outcome.violations {
            bar.suspend(|| eprintln!("seed {seed}: {violation}"));
            sum.violations.push(violation);
        }
        let rate = u128::from(sum.steps) * 1000 / started.elapsed().as_millis().max(1);
        bar.set_message(format!(
            "{runs} runs, {} steps, {rate} a second, {} violations",
            sum.steps,
            sum.violations.len()
        ));
        bar.tick();
        if started.elapsed() >= limit {
            bar.finish_and_clear();
            eprintln!("{runs} runs, {} steps ({rate} a second), log {}", sum.steps, outcome.log);
            eprintln!("faults: {:?}", sum.faults);
            eprintln!("{} violations", sum.violations.len());
            return if sum.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        seed += 1;
    }
}
