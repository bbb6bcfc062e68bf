//! Fixed seeds, and every seed that ever failed.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use simulation::{Plan, run};

/// Seeds that once found something, and what.
const ONCE_FAILED: [(u64, &str); 1] = [(5, "a conflict on a page was answered 500 instead of tried again")];

#[test]
fn no_seed_finds_a_violation() {
    let seeds = (1..=16).chain(ONCE_FAILED.map(|(seed, _)| seed));
    for seed in seeds {
        let outcome = run(Plan::seed(seed)).unwrap();
        assert!(outcome.violations.is_empty(), "seed {seed}: {:#?}", outcome.violations);
        assert!(outcome.steps > 100, "seed {seed} did something");
    }
}

#[test]
fn the_same_seed_gives_the_same_log() {
    let log = |seed| run(Plan::seed(seed)).unwrap().log;
    assert_eq!(log(7), log(7));
    assert_ne!(log(7), log(8));
}
