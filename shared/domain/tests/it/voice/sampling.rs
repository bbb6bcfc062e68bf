//! Whose turn it is.

use domain::kernel::time::Zone;
use domain::voice::sampling::{Quarter, RINGS, day, ring, rings, sample_key, turn};
use jiff::ToSpan;
use jiff::civil::date;

use super::stage::{at, member};

// rule: voice 9
#[test]
fn a_members_turn_is_known_before() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    for (id, quarter, expected_ring, expected_day, expected_date, when, key) in [
        ("m-1001", "2027-Q1", 401, 35, date(2027, 2, 5), "2027-02-05T01:00:00Z", 4_755),
        ("m-2002", "2026-Q4", 560, 50, date(2026, 11, 20), "2026-11-20T01:00:00Z", 2_516),
        ("loyal-77", "2027-Q2", 144, 12, date(2027, 4, 13), "2027-04-13T01:00:00Z", 292),
    ] {
        let (member, quarter): (_, Quarter) = (member(id), quarter.parse().unwrap());
        assert_eq!((ring(&member), day(ring(&member), quarter)), (expected_ring, expected_day), "{id}");
        assert_eq!(turn(&member, quarter, &zone), (expected_date, at(when)), "{id}");
        assert_eq!(sample_key(&member, quarter), key, "{id}");
        assert!(rings(expected_date).contains(&expected_ring));
    }
}

// rule: voice 9
#[test]
fn everybody_has_one_turn_a_quarter_and_turns_lie_90_days_apart() {
    for first in [date(2027, 1, 1), date(2028, 1, 1), date(2026, 4, 1), date(2026, 10, 1)] {
        let quarter = Quarter::of(first);
        let mut seen = Vec::new();
        let mut today = first;
        while Quarter::of(today) == quarter {
            seen.extend(rings(today));
            today = today.saturating_add(1.day());
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..RINGS).collect::<Vec<_>>(), "{quarter}");
        let next = Quarter::of(today);
        for ring in 0..RINGS {
            let apart = i32::from(quarter.days()) - i32::from(day(ring, quarter)) + i32::from(day(ring, next));
            assert!(apart >= 90, "{quarter} {ring}: {apart}");
        }
    }
    assert_eq!("2026-Q4".parse::<Quarter>().unwrap().to_string(), "2026-Q4");
    for wrong in ["2026-Q5", "2026-Q0", "26-Q1", "2026Q1", "2026-Q", ""] {
        assert!(wrong.parse::<Quarter>().is_err(), "{wrong}");
    }
}
