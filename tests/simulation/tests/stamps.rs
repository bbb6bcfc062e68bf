//! The aggregate store, under faults, by cards of the tests' own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use simulation::stamps::{Fate, Mistake, Plan, endings, golden, run, too_large};

#[test]
fn no_seed_finds_a_violation() {
    let mut faults: BTreeMap<Fate, u64> = BTreeMap::new();
    for seed in 1..=40 {
        let report = run(Plan::seed(seed)).expect("a world");
        assert!(report.violations.is_empty(), "seed {seed}: {:#?}", report.violations);
        let (done, again, refused) = report.answers;
        assert!(done > 10 && again > 0 && refused > 0 && report.events > 10 && report.done.1 > 0, "{seed}: {report:?}");
        report.faults.iter().for_each(|(fate, count)| *faults.entry(*fate).or_default() += count);
    }
    println!("{faults:?}");
    assert_eq!(faults.len(), 11, "every kind of fault is met: {faults:?}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let report = |seed| run(Plan::seed(seed)).expect("a world");
    assert_eq!(report(7), report(7));
    assert_ne!(report(7), report(8));
}

#[test]
fn every_mistake_is_found() {
    let missed: Vec<Mistake> = Mistake::ALL
        .into_iter()
        .filter(|mistake| {
            let found = (1..=60).find_map(|seed| {
                let report = run(Plan { mistake: Some(*mistake), ..Plan::seed(seed) }).expect("a world");
                Some((seed, report.violations.first()?.chars().take(110).collect::<String>()))
            });
            println!("{mistake:?}: {found:?}");
            found.is_none()
        })
        .collect();
    assert_eq!(missed, []);
}

#[test]
fn every_call_may_end_badly() {
    for ending in endings().expect("a world") {
        println!("{:<28} {} calls, {} endings", ending.about, ending.calls, ending.tried);
        assert!(ending.violations.is_empty(), "{}: {:#?}", ending.about, ending.violations);
        assert!(ending.calls >= 2 && ending.tried == ending.calls * 9, "{ending:?}");
    }
}

#[test]
fn an_item_that_is_too_large_is_a_mistake_and_not_written() {
    let (said, written) = too_large().expect("a world");
    assert!(said.len() == 1 && said[0].contains("larger than it may be"), "{said:?}");
    assert_eq!(written, 0);
}

#[test]
fn items_and_events_are_stored_as_before() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/aggregate");
    let now = golden().expect("a world");
    let path = |name: &String| folder.join(format!("{name}.json"));
    for (name, value) in &now {
        let text = format!("{}\n", serde_json::to_string_pretty(value).expect("JSON"));
        if std::env::var_os("GOLDEN").is_some_and(|what| what == "write") {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(path(name), &text).expect("the file can be written");
        }
        let before = std::fs::read_to_string(path(name)).unwrap_or_default();
        assert_eq!(text, before, "aggregate/{name}: bytes changed; that needs a line in CHANGELOG.md and GOLDEN=write");
    }
    let files = std::fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path());
    assert_eq!(files.collect::<BTreeSet<_>>(), now.keys().map(path).collect(), "every item has a file");
}
