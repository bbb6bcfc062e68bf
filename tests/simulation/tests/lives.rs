//! Lives of a few people: members who are merged, suspended, and bring over what they had elsewhere. `LIVES=41..200` lives others.

use simulation::{lives, on_every_core};

#[test]
fn no_life_finds_a_violation() {
    let named = std::env::var_os("LIVES").unwrap_or_default().to_string_lossy().into_owned();
    let bounds = named.split_once("..").map(|(from, to)| (from.parse().ok(), to.parse().ok()));
    let (from, to) = if let Some((Some(from), Some(to))) = bounds { (from, to) } else { (1, 41) };
    let seeds: Vec<u64> = (from..to).collect();
    let mut wrong = Vec::new();
    for (seed, outcome) in seeds.iter().zip(on_every_core(&seeds, |seed| lives::live(*seed, None))) {
        let outcome = outcome.expect("a world");
        wrong.extend(
            (outcome.entries == 0 && outcome.violations.is_empty()).then(|| format!("life {seed}: left nothing")),
        );
        wrong.extend(outcome.violations.iter().map(|what| format!("life {seed}: {what}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
