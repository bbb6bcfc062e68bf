//! Signals: what the programme may declare, what may be said of one, and that they count against dormancy.

use std::collections::BTreeMap;

use domain::kernel::id::OperationId;
use domain::kernel::refusal::Refusal as _;
use domain::ledger::entry::Detail;
use domain::ledger::evaluation::evaluate_seen;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::reading::read;
use domain::programme::setting::Setting;
use domain::signals::signal::{Reported, Signal};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::world::{World, behaviour};

/// A programme with more in it; where it is refused.
#[track_caller]
fn check(more: &str, places: &[&str]) {
    let text = include_str!("../../../../programme.toml");
    let text = text.replace("[tiers]\nwallet", &format!("{more}\n\n[tiers]\nwallet"));
    let found = match read(&text) {
        Err(found) => found,
        Ok(document) => Programme::compile(1, document).err().unwrap_or_default(),
    };
    let found: Vec<&str> = found.iter().map(|finding| finding.at.as_str()).collect();
    assert_eq!(found, places, "{more}");
}

// rule: import 3
#[test]
fn a_signal_earns_nothing_and_is_declared_as_one() {
    let signal = |name: &str, more: &str| format!("[activity.\"{name}\"]\nrecord = \"signal\"\n{more}");
    check(&signal("door.opened", "activity = true\nattributes = { doors = \"texts\" }"), &[]);
    let rule = "[[earning_rule]]\nid = \"delivered\"\non = \"order.delivered\"\npoints = 5";
    check(rule, &["earning_rule.delivered.on"]);
    check(&signal("log.in", ""), &["activity.login"]); // both would be act.login
    check(&signal("Door", ""), &["activity.Door"]);
    check(&signal("门", ""), &["activity.门"]);
    check(&signal("1st", ""), &["activity.1st"]);
    check(&signal("door", "once = \"member\""), &["activity.door.once"]);
    check(&signal("door", "line_attributes = { a = \"text\" }"), &["activity.door.line_attributes"]);
    check("[activity.door]\nactivity = true", &["activity.door.activity"]);
    check("[activity.door]\nattributes = { doors = \"texts\" }", &["activity.door.doors"]);
    check(&signal("door", "attributes = { doors = { type = \"texts\", default = \"\" } }"), &["activity.door.doors"]);
}

const NOW: &str = "2026-03-02T02:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What is reported of a signal that happened some seconds ago.
fn reported(kind: &str, attributes: &Value, seconds_ago: i64) -> Reported {
    let attributes: BTreeMap<String, Value> = serde_json::from_value(attributes.clone()).unwrap();
    Reported {
        member: "m-1".parse().unwrap(),
        kind: kind.to_owned(),
        source: "app".to_owned(),
        operation: OperationId::of_event("app", "1"),
        at: at(NOW) - SignedDuration::from_secs(seconds_ago),
        attributes,
    }
}

fn programmes() -> Programmes {
    let document = read(include_str!("../../../../programme.toml")).unwrap();
    Programmes::only(Programme::compile(1, document).unwrap())
}

fn noted(reported: Reported) -> Result<Signal, (&'static str, Option<String>)> {
    let programmes = programmes();
    let setting = Setting { programmes: &programmes, now: at(NOW) };
    let declared = programmes.at(at(NOW)).activity(&reported.kind).unwrap();
    Signal::of(reported, declared, setting).map_err(|refusal| (refusal.code(), refusal.field().map(str::to_owned)))
}

// rule: import 4
#[test]
fn attributes_are_declared_and_texts_are_codes() {
    let code = "x".repeat(64);
    for (kind, attributes) in [
        ("login", json!({})),
        ("order.delivered", json!({"order": "2026-订单-1", "carrier": ""})),
        ("cart.abandoned", json!({"cart": code, "skus": []})),
        ("cart.abandoned", json!({"cart": "c-1", "skus": vec!["4006381333931"; 20]})),
    ] {
        noted(reported(kind, &attributes, 0)).unwrap();
    }
    for (kind, attributes, place) in [
        ("login", json!({"mood": "good"}), "mood"),
        ("order.delivered", json!({}), "order"),
        ("order.delivered", json!({"order": 7}), "order"),
        ("order.delivered", json!({"order": "left at the door"}), "order"),
        ("order.delivered", json!({"order": "o-1", "carrier": "mei@example.com"}), "carrier"),
        ("order.delivered", json!({"order": "o\u{7}"}), "order"),
        ("order.delivered", json!({"order": "x".repeat(65)}), "order"),
        ("cart.abandoned", json!({"cart": "c-1", "skus": "tea"}), "skus"),
        ("cart.abandoned", json!({"cart": "c-1", "skus": vec!["tea"; 21]}), "skus"),
        ("cart.abandoned", json!({"cart": "c-1", "skus": ["tea", "green tea"]}), "skus"),
        ("cart.abandoned", json!({"cart": "c-1", "skus": ["tea", null]}), "skus"),
    ] {
        let refused = noted(reported(kind, &attributes, 0)).unwrap_err();
        assert_eq!(refused, ("invalid_field", Some(format!("data/attributes/{place}"))), "{attributes}");
    }
    // Together they are one unit of the table.
    let refused = noted(reported("cart.abandoned", &json!({"cart": code, "skus": vec![code; 20]}), 0)).unwrap_err();
    assert_eq!(refused, ("invalid_field", Some("data/attributes".to_owned())));
}

// rule: import 3
#[test]
fn a_signal_is_as_late_as_a_fact_may_be_and_is_kept_for_ninety_days() {
    let day = 86_400;
    let signal = noted(reported("login", &json!({}), 30 * day)).unwrap();
    assert_eq!(signal.kept_until(), at("2026-05-01T02:00:00Z"));
    assert!(signal.counts);
    assert!(!noted(reported("order.delivered", &json!({"order": "1"}), 0)).unwrap().counts);
    let programmes = programmes();
    let in_time = |seconds| {
        let signal = noted(reported("login", &json!({}), seconds)).unwrap();
        signal.in_time(Setting { programmes: &programmes, now: at(NOW) }).map_err(|refusal| refusal.code())
    };
    assert_eq!([30 * day, -300].map(in_time), [Ok(()), Ok(())]);
    assert_eq!([30 * day + 1, -301].map(in_time), [Err("too_old"), Err("in_future")]);
}

// rule: import 3
#[test]
fn its_event_is_the_same_whatever_time_it_is_told_again_with() {
    let data = json!({"bill": "b-1", "due_date": "2026-03-05"});
    let [first, second] = [10, 20].map(|ago| noted(reported("bill.due_date_set", &data, ago)).unwrap().event());
    assert_eq!((first.kind.as_str(), &first.data), ("perennial.act.billduedateset.v1", &data));
    assert_eq!((&first.id, &first.causationid), (&second.id, &second.causationid));
    assert_ne!(first.time, second.time);
}

// rule: import 4
#[test]
fn what_a_member_is_seen_doing_counts_against_dormancy() {
    let mut world = World::new(&[]);
    world.report(behaviour("ugc.featured", &[]));
    world.evaluate();
    let began = world.now;
    let segment = |world: &World, seen: Option<Timestamp>| {
        let evaluated = evaluate_seen(&world.account, Some(&world.history), seen, world.setting());
        let entered = evaluated.entry.is_some_and(|entry| matches!(entry.detail, Detail::Evaluate { .. }));
        let score = evaluated.account.score.unwrap();
        (score.segment, score.turns.without_activity, entered)
    };
    world.now = began + SignedDuration::from_hours(24 * 91);
    let seen = Some(began + SignedDuration::from_hours(24 * 60));
    let (dormant, ..) = segment(&world, None);
    let (awake, turns, _) = segment(&world, seen);
    assert_eq!((dormant.as_str(), awake.as_str()), ("dormant", "regular"));
    assert!(turns.unwrap() > world.now, "it is looked at again when that time is over");
    // What was seen before the last fact says nothing new.
    assert_eq!(segment(&world, Some(began - SignedDuration::from_hours(24))), segment(&world, None));
}
