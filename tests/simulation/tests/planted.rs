//! The simulator finds every mistake that can be planted: `cargo test -p simulation --features bugs --test planted`.

use std::time::Instant;

use simulation::bugs::BUGS;
use simulation::{Plan, run};

/// After so many seeds a bug counts as not found.
const MOST_SEEDS: u64 = 150;

#[test]
fn every_planted_bug_is_found() {
    let mut missed = Vec::new();
    for bug in BUGS {
        let started = Instant::now();
        let found = (1..=MOST_SEEDS).find_map(|seed| {
            let outcome = run(Plan { bug: Some(bug.name), ..Plan::seed(seed) }).unwrap();
            outcome.violations.first().map(|violation| (seed, violation.clone()))
        });
        let millis = started.elapsed().as_millis();
        match found {
            Some((seed, violation)) => {
                let violation: String = violation.chars().take(140).collect();
                println!("{:<34} seed {seed:>3}, {millis:>6} ms: {violation}", bug.name);
            }
            None => {
                println!("{:<34} not found in {MOST_SEEDS} seeds, {millis} ms", bug.name);
                missed.push(bug.name);
            }
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
