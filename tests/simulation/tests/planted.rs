//! The simulator finds every mistake that can be planted: `cargo test -p simulation --features bugs --test planted`.
#![cfg_attr(feature = "bugs", expect(clippy::unwrap_used, reason = "a test fails where it unwraps"))]

use std::time::Instant;

use simulation::bugs::{BUGS, Bug};
use simulation::{Place, Plan, on_every_core, run, years};

/// After so many seeds a bug counts as not found.
const MOST_SEEDS: u64 = 250;
/// After so many seeds members live for years, which is where rules of periods and scores show.
const SEEDS_BEFORE_YEARS: u64 = 12;
/// How many members live, and how often.
const YEARS: (usize, u64) = (30, 4);

#[test]
fn every_planted_bug_is_found() {
    let found = on_every_core(BUGS, |bug| {
        let started = Instant::now();
        let found = find(bug);
        let millis = started.elapsed().as_millis();
        match &found {
            Some((how, violation)) => {
                let violation: String = violation.chars().take(140).collect();
                println!("{:<34} {how}, {millis:>6} ms: {violation}", bug.name);
            }
            None => println!("{:<34} not found in {MOST_SEEDS} seeds, {millis} ms", bug.name),
        }
        found.is_some()
    });
    let missed: Vec<&str> = BUGS.iter().zip(found).filter(|(_, found)| !found).map(|(bug, _)| bug.name).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// By which seed, and what is then wrong.
fn find(bug: &Bug) -> Option<(String, String)> {
    let by_seed = |seed| {
        let outcome = run(Plan { bug: Some(bug.name), ..Plan::seed(seed) }).unwrap();
        outcome.violations.first().map(|violation| (format!("seed  {seed:>3}"), violation.clone()))
    };
    let by_years = |seed| {
        domain::kernel::planted::plant(Some(bug.name));
        let report = years::live(Place::London, YEARS.0, seed).unwrap();
        domain::kernel::planted::plant(None);
        report.violations.first().map(|violation| (format!("years {seed:>3}"), violation.clone()))
    };
    let (soon, later) = (1..=SEEDS_BEFORE_YEARS, SEEDS_BEFORE_YEARS + 1..=MOST_SEEDS);
    let years = 1..=if bug.krate == "domain" { YEARS.1 } else { 0 };
    { soon }.find_map(by_seed).or_else(|| { years }.find_map(by_years)).or_else(|| { later }.find_map(by_seed))
}
