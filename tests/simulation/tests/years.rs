//! Two years of generated members, in two zones whose clocks change, a leap day among the days.

use simulation::contexts::ledger::{Place, years};

#[test]
fn tiers_and_scores_of_two_years_are_those_that_the_auditor_works_out() {
    for (place, seed) in [(Place::NewYork, 1), (Place::London, 2)] {
        let report = years::live(place, 60, seed).expect("the programme is right");
        assert!(report.violations.is_empty(), "{place:?}: {:?}", &report.violations[..report.violations.len().min(5)]);
        assert!(report.tiers.len() >= 6 && report.segments.len() >= 6 && report.notices > 100, "{report:?}");
    }
}
