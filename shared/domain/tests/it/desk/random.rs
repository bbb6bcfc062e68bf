//! Random histories, held against a counter that goes minute by minute.

use domain::desk::{Kind, State};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::stage::{Desk, at, document, programmes};

const ZONES: [&str; 4] = ["Europe/Berlin", "Asia/Shanghai", "America/New_York", "America/Santiago"];

fn minutes_later(start: Timestamp, minutes: i64) -> Timestamp {
    start.checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    // rule: desk 9, 10, 12
    #[test]
    fn a_clock_counts_what_a_counter_counts(
        zone in 0..ZONES.len(),
        start in 0_i64..60_000,
        steps in prop::collection::vec((1_i64..900, 0_u8..5), 1..9),
    ) {
        let day = json!(["09:00-12:15", "13:30-18:00"]);
        let windows = json!({"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sun": ["00:00-04:00"]});
        let calendar = json!({"id": "c", "tz": ZONES[zone], "windows": windows, "off": ["2026-11-04"]});
        let mut desk = Desk::new(programmes(document(Some(&calendar))));
        let mut now = minutes_later(at("2026-10-01T00:00:00Z"), start);
        let opened = now;
        desk.open(now, "p2", false);
        desk.step(now, "reply", "");
        for (minutes, what) in steps {
            now = minutes_later(now, minutes);
            match what {
                0 => desk.step(now, "message", "?"),
                1 => desk.step(now, "reply", ""),
                2 => desk.step(now, "state", "pending_customer"),
                3 => desk.step(now, "state", "open"),
                _ => desk.step(now, "resolve", ""),
            }
        }
        now = minutes_later(now, 37);
        let ticket = desk.ticket();
        let working = domain::desk::Working::named(desk.programmes.at(now), "cn-office");
        let mut counted = 0_i64;
        let mut minute = opened;
        while minute < now {
            let (state, _) = *ticket.history.states.iter().rev().find(|(_, since)| *since <= minute).unwrap();
            let counts = matches!(state, State::New | State::Open | State::PendingThirdParty);
            counted += if counts { working.spent(minute, minutes_later(minute, 1)) } else { 0 };
            minute = minutes_later(minute, 1);
        }
        let clock = ticket.clocks.iter().find(|clock| clock.kind == Kind::Resolution).unwrap();
        let read = clock.read(&ticket.history, &desk.programmes, now);
        prop_assert_eq!(read.spent_ms, counted);
        // It is breached as soon as it has counted more than it may, and never before.
        let over = counted > clock.target_ms;
        let told = clock.verdict == Some(domain::desk::Verdict::Breached) || read.due.is_some_and(|due| now > due);
        prop_assert!(over == told || (ticket.state() == State::Resolved && !over), "{} of {}", counted, clock.target_ms);
        if let Some(due) = read.due.filter(|_| clock.verdict.is_none()) {
            let more = working.spent(now, due);
            prop_assert_eq!(counted + more, clock.target_ms.max(counted));
        }
    }
}
