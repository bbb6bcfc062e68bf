//! The simulator finds every mistake that can be planted: `cargo test -p simulation --features bugs --test planted`. `PLANTED=bug-a,bug-b`
//! looks for some alone.
#![cfg_attr(feature = "bugs", expect(clippy::unwrap_used, reason = "a test fails where it unwraps"))]

use std::time::Instant;

use simulation::bugs::{self, Bug, Seen};
use simulation::contexts::ledger::{Place, years};
use simulation::crash_points::told;
use simulation::{Plan, lives, on_every_core, run};

/// After so many seeds a bug counts as not found.
const MOST_SEEDS: u64 = 250;
/// After so many seeds members live for years, which is where rules of periods and scores show.
const SEEDS_BEFORE_YEARS: u64 = 12;
/// So many lives of a few people are looked at for what was seen in one.
const MOST_LIVES: u64 = 60;
/// How many members live, and how often.
const YEARS: (usize, u64) = (30, 4);

#[test]
fn every_planted_bug_is_found() {
    // Those that are hardest to find come first, so that no core is idle at the end.
    let only = std::env::var_os("PLANTED").unwrap_or_default().to_string_lossy().into_owned();
    let wanted = |bug: &&Bug| only.is_empty() || only.split(',').any(|name| name == bug.name);
    let mut bugs: Vec<&Bug> = bugs::all().filter(wanted).collect();
    bugs.sort_by_key(|bug| match bug.seen {
        Seen::Years(_) => 0,
        Seen::Story(_) | Seen::Life(_) => u64::MAX,
        Seen::Seed(seed) => u64::MAX - seed,
    });
    let found = on_every_core(&bugs, |bug| {
        let started = Instant::now();
        let found = find(bug);
        let millis = started.elapsed().as_millis();
        match &found {
            Some((seen, violation)) => {
                let violation: String = violation.chars().take(140).collect();
                let moved = if *seen == bug.seen { "" } else { " (write it down)" };
                println!("{:<34} {seen:?}{moved}, {millis:>6} ms: {violation}", bug.name);
            }
            None => println!("{:<34} not found in {MOST_SEEDS} seeds, {millis} ms", bug.name),
        }
        found.is_some()
    });
    let missed: Vec<&str> = bugs.iter().zip(found).filter(|(_, found)| !found).map(|(bug, _)| bug.name).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
}

/// Where it is seen, and what is then wrong: first where it was seen before, then everywhere.
fn find(bug: &Bug) -> Option<(Seen, String)> {
    let seeds = |from, to| (from..=to).map(Seen::Seed);
    let years = (1..=if bug.krate == "domain" { YEARS.1 } else { 0 }).map(Seen::Years);
    let everywhere = seeds(1, SEEDS_BEFORE_YEARS).chain(years).chain(seeds(SEEDS_BEFORE_YEARS + 1, MOST_SEEDS));
    let lives = (1..=if matches!(bug.seen, Seen::Life(_)) { MOST_LIVES } else { 0 }).map(Seen::Life);
    std::iter::once(bug.seen).chain(lives).chain(everywhere).find_map(|seen| Some((seen, look(bug, seen)?)))
}

fn look(bug: &Bug, seen: Seen) -> Option<String> {
    let violations = match seen {
        Seen::Seed(seed) => run(Plan { bug: Some(bug.name), ..Plan::seed(seed) }).unwrap().violations,
        Seen::Story(about) => told(about, bug.name).unwrap(),
        Seen::Life(seed) => lives::live(seed, Some(bug.name)).unwrap().violations,
        Seen::Years(seed) => {
            domain::kernel::planted::plant(Some(bug.name));
            let report = years::live(Place::London, YEARS.0, seed);
            domain::kernel::planted::plant(None);
            report.unwrap().violations
        }
    };
    violations.into_iter().next()
}
