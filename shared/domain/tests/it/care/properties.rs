//! Whatever the order in which things are heard: the same messages.

use std::collections::BTreeSet;

use domain::care::CareFact;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use serde_json::json;

use super::stage::{Stage, anybody};
use super::stories::usual;

/// What is heard before the first step is due: due dates, exits, entries of two keys, at distinct instants.
#[derive(Debug, Clone)]
struct Heard {
    name: &'static str,
    key: u8,
    due: u8,
    minute: i64,
}

fn heard() -> impl Strategy<Value = Vec<Heard>> {
    let names = prop_oneof![Just("set"), Just("set"), Just("paid"), Just("begun"), Just("ended")];
    let one = (names, 0..2_u8);
    prop::collection::vec(one, 1..8).prop_map(|all| {
        // Each date is another: one that is moved away and back is not reminded of twice.
        let timed = all.into_iter().zip(1_i64..).zip(11..);
        timed.map(|(((name, key), minute), due)| Heard { name, key, due, minute }).collect()
    })
}

fn start() -> Timestamp {
    "2026-05-01T03:00:00Z".parse().unwrap()
}

/// The messages that come of it, heard in this order.
fn messages(heard: &[Heard]) -> BTreeSet<String> {
    let moved = json!({
        "id": "moved", "enter": "set", "key": ["bill"], "anchor": "due", "moved": "supersede", "exit_on": ["paid"],
        "purpose": "service", "steps": [{"id": "s", "at": "-P1D", "do": "email"}, {"id": "t", "at": "P1D", "do": "sms"}],
    });
    let plain = json!({
        "id": "plain", "enter": "begun", "key": ["bill"], "exit_on": ["ended"], "moved": "resume", "purpose": "service",
        "steps": [{"id": "s", "at": "P1D", "do": "email"}, {"id": "t", "at": "P2D", "do": "ticket"}],
    });
    let mut stage = Stage::new("Asia/Shanghai", &usual(), &[moved, plain], start());
    stage.join("m", anybody());
    stage.until(start() + 2.hours());
    for heard in heard {
        let data = json!({"bill": heard.key.to_string(), "due": format!("2026-05-{}", heard.due)});
        stage.tell("m", heard.name, start() + heard.minute.minutes(), data);
    }
    stage.until("2026-06-20T00:00:00Z".parse().unwrap());
    let sent = |fact: &CareFact| match fact {
        CareFact::MessageIntended { message, planned, .. } => Some(format!("{message} {planned}")),
        CareFact::StepDue { origin, planned, .. } => Some(format!("{origin} {planned}")),
        _ => None,
    };
    let all: Vec<String> = stage.facts.iter().filter_map(sent).collect();
    let distinct: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), distinct.len(), "none twice");
    distinct
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    // rule: care 3, 5
    #[test]
    fn facts_in_any_order_and_number_send_the_same(heard in heard(), order in any::<prop::sample::Index>(), again in any::<prop::sample::Index>()) {
        let expected = messages(&heard);
        let mut other = heard.clone();
        other.rotate_left(order.index(heard.len()));
        prop_assert_eq!(&messages(&other), &expected, "another order");
        other.reverse();
        prop_assert_eq!(&messages(&other), &expected, "the other way round");
        let twice = heard[again.index(heard.len())].clone();
        other.push(twice.clone());
        other.insert(0, twice);
        prop_assert_eq!(&messages(&other), &expected, "and one of them again");
    }
}
