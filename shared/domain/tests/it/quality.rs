//! Quality of what sources send: shares, thresholds, and when somebody is told.

use domain::kernel::event::Fact as _;
use domain::programme::source::{Quality, Source};
use domain::quality::score::{Dimension, Share, Shares};
use domain::quality::traffic::{Reported, Traffic};
use domain::quality::watch::{Day, Watch, judge};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

fn quality() -> Quality {
    let quality = json!({
        "complete": ["phone", "locale"], "completeness_min_bp": 9000, "validity_min_bp": 9800, "timeliness_min_bp": 9500,
        "lag": "PT15M", "min_volume": 20, "silent_after": "P2D",
    });
    serde_json::from_value(quality).unwrap()
}

fn source() -> Source {
    serde_json::from_value(json!({"id": "crm", "match": ["crm"], "sends": ["members"]})).unwrap()
}

fn share([numerator, denominator]: [u64; 2]) -> Share {
    Share { numerator, denominator }
}

fn shares(completeness: [u64; 2], validity: [u64; 2], timeliness: [u64; 2]) -> Shares {
    Shares { completeness: share(completeness), validity: share(validity), timeliness: share(timeliness) }
}

/// A day, its scores, and of which dimensions something is told.
type Judged<'a> = (Shares, [Option<i64>; 3], &'a [&'a str]);

/// Days one after the other.
#[track_caller]
fn check(days: &[Judged<'_>]) {
    let (mut watch, quality) = (Watch::default(), quality());
    for (number, (shares, scores, told)) in days.iter().enumerate() {
        let date = format!("2026-05-{:02}", number + 1).parse().unwrap();
        let now: Timestamp = format!("2026-05-{:02}T19:30:00Z", number + 1).parse().unwrap();
        assert_eq!(Dimension::ALL.map(|of| shares.of(of).score_bp(quality.min_volume)), *scores, "{date}");
        let day = Day { date, shares: *shares, heard_at: Some(now - SignedDuration::from_hours(10)) };
        let change = judge(&watch, &source(), &quality, &day, now);
        let dimension =
            |fact: &domain::quality::facts::QualityFact| fact.data()["dimension"].as_str().unwrap().to_owned();
        assert_eq!(change.facts.iter().map(dimension).collect::<Vec<_>>(), *told, "{date}");
        watch = change.state;
    }
}

const GOOD: [u64; 2] = [99, 100];

// rule: import 28, 29
#[test]
fn exactly_at_the_threshold_is_good_and_one_less_is_not() {
    check(&[
        (shares([90, 100], [98, 100], [95, 100]), [Some(9_000), Some(9_800), Some(9_500)], &[]),
        (
            shares([899, 1_000], [9_799, 10_000], [949, 1_000]),
            [Some(8_990), Some(9_799), Some(9_490)],
            &["completeness", "validity", "timeliness"],
        ),
    ]);
    // A share is rounded down, never up to what is expected.
    check(&[(shares([26_999, 30_000], GOOD, GOOD), [Some(8_999), Some(9_900), Some(9_900)], &["completeness"])]);
}

// rule: import 28, 29
#[test]
fn too_few_to_judge_is_no_judgement_and_no_recovery() {
    let low = shares([10, 100], GOOD, GOOD);
    let scores = [Some(1_000), Some(9_900), Some(9_900)];
    check(&[
        (low, scores, &["completeness"]),
        (shares([19, 19], [0, 0], [5, 19]), [None, None, None], &[]),
        (low, scores, &[]),
        (shares([20, 20], GOOD, GOOD), [Some(10_000), Some(9_900), Some(9_900)], &[]),
        (low, scores, &["completeness"]),
    ]);
}

// rule: import 28
#[test]
fn a_source_that_says_nothing_is_told_of_once_until_it_speaks() {
    let quality = quality();
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    let heard = at("2026-05-01T10:00:00Z");
    let mut watch = Watch::default();
    let mut judged = |date: &str, heard_at: Option<Timestamp>, now: &str| {
        let day = Day { date: date.parse().unwrap(), shares: Shares::default(), heard_at };
        let change = judge(&watch, &source(), &quality, &day, at(now));
        watch = change.state;
        change.facts.iter().map(|fact| fact.data()["since"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(judged("2026-04-30", None, "2026-04-30T19:30:00Z"), [], "who never said anything is not silent");
    assert_eq!(judged("2026-05-01", Some(heard), "2026-05-01T19:30:00Z"), []);
    assert_eq!(judged("2026-05-02", None, "2026-05-03T10:00:00Z"), [], "two days to the second");
    assert_eq!(judged("2026-05-03", None, "2026-05-03T10:00:00.001Z"), [Some("2026-05-01T10:00:00Z".to_owned())]);
    assert_eq!(judged("2026-05-04", None, "2026-05-05T19:30:00Z"), []);
    assert_eq!(judged("2026-05-06", Some(at("2026-05-06T10:00:00Z")), "2026-05-06T19:30:00Z"), []);
    assert_eq!(judged("2026-05-08", None, "2026-05-08T19:30:00Z").len(), 1);
}

// rule: import 2, 28
#[test]
fn traffic_is_counted_and_what_took_too_long_is_late() {
    let recorded_at: Timestamp = "2026-05-01T10:00:00Z".parse().unwrap();
    let took = |milliseconds: i64| Reported {
        occurred_at: recorded_at - SignedDuration::from_millis(milliseconds),
        recorded_at,
    };
    let mut traffic = Traffic::default();
    assert_eq!((traffic.lag_of(50), traffic.shares(0).timeliness.score_bp(0)), (None, None));
    let quick: Vec<Reported> = (0..94).map(|_| took(800)).collect();
    traffic.count(&quick, Some(900));
    traffic.count(&[took(900_000), took(900_001), took(-300_000), took(40 * 86_400_000)], Some(900));
    assert_eq!(
        (traffic.facts, traffic.in_time),
        (98, 96),
        "fifteen minutes to the millisecond; a clock ahead is in time"
    );
    assert_eq!(
        [50, 95, 97, 98, 100].map(|percent| traffic.lag_of(percent)),
        [Some(1), Some(1), Some(900), Some(1_800), None]
    );
    let validity = traffic.shares(2).validity;
    assert_eq!(validity, share([98, 100]));
    traffic.write(share([1, 2]));
    let both = traffic.clone().with(&traffic);
    assert_eq!((both.facts, both.filled, both.last.unwrap().recorded_at), (196, share([2, 4]), recorded_at));
}
