//! Fixed seeds, every seed that ever failed, and the two kinds of tables side by side.

use simulation::{Plan, Tier, run};

/// Runs that once found something, or once were wrong about it: seed, wishes, what it was.
const ONCE_FAILED: &str = include_str!("once_failed.txt");

#[test]
fn no_seed_finds_a_violation() {
    for seed in 1..=60 {
        let outcome = run(Plan::seed(seed)).unwrap();
        assert!(outcome.violations.is_empty(), "seed {seed}: {:#?}", outcome.violations);
        assert!(outcome.steps > 100 && outcome.entries > 0, "seed {seed} did something");
    }
}

#[test]
fn no_seed_that_once_failed_fails_again() {
    for line in ONCE_FAILED.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split_whitespace().map(|field| field.parse::<u64>());
        let (Some(Ok(seed)), Some(Ok(wishes))) = (fields.next(), fields.next()) else { panic!("{line:?}") };
        let outcome = run(Plan { wishes, ..Plan::seed(seed) }).unwrap();
        assert!(outcome.violations.is_empty(), "{line}: {:#?}", outcome.violations);
    }
}

#[test]
fn the_same_seed_gives_the_same_log() {
    let log = |seed| run(Plan::seed(seed)).unwrap().log;
    assert_eq!(log(7), log(7));
    assert_ne!(log(7), log(8));
}

#[test]
fn the_same_seeds_end_in_the_same_ledger_on_any_tables() {
    for seed in 101..=112 {
        let [memory, embedded] =
            [Tier::Memory, Tier::Embedded].map(|tier| run(Plan { tier, ..Plan::seed(seed) }).unwrap());
        assert!(embedded.violations.is_empty(), "seed {seed}: {:#?}", embedded.violations);
        assert_eq!(memory, embedded, "seed {seed}");
    }
}
