//! NPS, CSAT and CES, to the hundredth.

use domain::voice::score::{Ces, Csat, Nps, ratio};

#[track_caller]
fn nps(scores: &[u8], parts: [u64; 3], expected: &str) {
    let nps = Nps::of(scores);
    assert_eq!((nps.n, [nps.promoters, nps.passives, nps.detractors]), (scores.len() as u64, parts));
    assert_eq!(nps.nps.as_deref(), Some(expected), "{scores:?}");
}

fn with(one: u8, others: u8, n: usize) -> Vec<u8> {
    [one].into_iter().chain(std::iter::repeat_n(others, n)).collect()
}

// rule: voice 20
#[test]
fn nps_is_promoters_less_detractors() {
    nps(&[10, 9, 9, 8, 7, 6, 0, 10, 5, 9], [5, 2, 3], "20.00");
    nps(&[9, 10, 10], [3, 0, 0], "100.00");
    nps(&[0, 6], [0, 0, 2], "-100.00");
    nps(&[7, 8, 8], [0, 3, 0], "0.00");
    nps(&with(9, 8, 31), [1, 31, 0], "3.13");
    nps(&with(0, 8, 31), [0, 31, 1], "-3.13");
    nps(&[1, 2, 7], [0, 1, 2], "-66.67");
    nps(&[9, 9, 7], [2, 1, 0], "66.67");
    // Nothing is no minus.
    nps(&[9, 0], [1, 0, 1], "0.00");
    assert_eq!(Nps::of(&[]).nps, None);
}

// rule: voice 20
#[test]
fn csat_is_a_share_and_a_mean() {
    for (scores, satisfied, csat, mean) in [
        (vec![5, 4, 3, 2, 1], 2, "40.00", "3.00"),
        (vec![4, 3, 1], 1, "33.33", "2.67"),
        (with(5, 4, 7), 8, "100.00", "4.13"),
        (vec![1], 0, "0.00", "1.00"),
    ] {
        let found = Csat::of(&scores);
        assert_eq!(
            (found.satisfied, found.csat.as_deref(), found.mean.as_deref()),
            (satisfied, Some(csat), Some(mean))
        );
    }
    assert_eq!((Csat::of(&[]).csat, Csat::of(&[]).mean), (None, None));
}

// rule: voice 20
#[test]
fn ces_is_a_mean_and_a_share() {
    let found = Ces::of(&[7, 5, 4, 1]);
    assert_eq!(
        (found.n, found.easy, found.ces.as_deref(), found.easy_share.as_deref()),
        (4, 2, Some("4.25"), Some("50.00"))
    );
    let none = Ces::of(&[]);
    assert_eq!((none.n, none.easy, none.ces, none.easy_share), (0, 0, None, None));
}

// rule: voice 20
#[test]
fn halves_go_away_from_nought() {
    for (part, whole, expected) in
        [(1, 8, "0.13"), (-1, 8, "-0.13"), (1, 200, "0.01"), (-1, 200, "-0.01"), (1, 201, "0.00"), (-1, 201, "0.00")]
    {
        assert_eq!(ratio(part, whole).as_deref(), Some(expected), "{part} of {whole}");
    }
    assert_eq!(ratio(1, 0), None);
}
