//! When steps are planned, until when they are of use, and what holds them.

use domain::care::{Anchor, Clocks, Held, held, planned};
use domain::kernel::time::Zone;
use domain::programme::care::Care;
use domain::programme::journey::step::Step;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    what: String,
    zone: String,
    #[serde(default = "usual")]
    care: Care,
    anchor: Anchor,
    step: Step,
    planned: Timestamp,
    latest_at: Timestamp,
    sent: Option<Timestamp>,
    held_by: Option<String>,
    skipped: Option<String>,
}

fn usual() -> Care {
    let quiet =
        serde_json::json!({"quiet": {"from": "22:00", "to": "08:00", "channels": ["email", "sms", "push", "wecom"]}});
    serde_json::from_value(quiet).unwrap()
}

// rule: care 8, 9, 10, 11, 12
#[test]
fn steps_are_planned_held_and_given_up_by_the_members_clocks() {
    let times: Vec<Time> = serde_json::from_str(include_str!("times.json")).unwrap();
    assert!(times.len() > 20);
    for time in times {
        let zone = Zone::named(&time.zone).unwrap();
        let clocks = Clocks { zone: zone.clone(), send_time: time.care.default_send_time.time() };
        let plan = planned(&time.step, time.anchor, &clocks);
        assert_eq!((plan.at, plan.latest_at), (time.planned, time.latest_at), "{}", time.what);
        let (sent, by) = match held(&time.step, &time.step.does(), time.care.quiet(), plan.at, &zone) {
            Held::Free => (plan.at, None),
            Held::Until(until, by) => (until, Some(by)),
        };
        if sent < plan.latest_at {
            assert_eq!((Some(sent), by), (time.sent, time.held_by.as_deref()), "{}", time.what);
        } else {
            assert_eq!(by, time.skipped.as_deref(), "{}", time.what);
        }
    }
}

// rule: care 12
#[test]
fn an_hour_that_is_shown_twice_is_not_quiet_twice() {
    let zone = Zone::named("America/New_York").unwrap();
    let care: Care =
        serde_json::from_value(serde_json::json!({"quiet": {"from": "23:00", "to": "01:30", "channels": ["push"]}}))
            .unwrap();
    let step: Step = serde_json::from_value(serde_json::json!({"id": "s", "at": "PT0S", "do": "push"})).unwrap();
    let held = |at: &str| held(&step, &step.does(), care.quiet(), at.parse().unwrap(), &zone);
    // 01:10 in summer time is quiet, until 01:30 of it; 01:10 in winter time, an hour later, is not.
    assert_eq!(held("2026-11-01T05:10:00Z"), Held::Until("2026-11-01T05:30:00Z".parse().unwrap(), "quiet_hours"));
    assert_eq!(held("2026-11-01T06:10:00Z"), Held::Free);
}
