//! Badges and stages.

use domain::engagement::{Achievements, Deed, EngagementFact};

use super::challenges::SHANGHAI;
use super::stage::{at, member, programme, scene};

fn nobody() -> Achievements {
    Achievements::new(member("m-1"))
}

// rule: engagement 5.1
#[test]
fn a_badge_is_awarded_once_and_taken_back_for_a_reason() {
    let now = at("2026-11-01T00:00:00Z");
    let awarded = nobody().award("run-30", "challenge.completed", now);
    assert_eq!(awarded.facts.len(), 1);
    let again = awarded.state.award("run-30", "challenge.completed", now);
    assert_eq!((again.facts, &again.state), (vec![], &awarded.state));
    assert!(nobody().revoke("run-30", "fraud").is_err());
    let revoked = awarded.state.revoke("run-30", "fraud").unwrap();
    let told = EngagementFact::BadgeRevoked { badge: "run-30".into(), reason: "fraud".into() };
    assert_eq!(revoked.facts, [told]);
    assert!(revoked.state.revoke("run-30", "fraud").unwrap().facts.is_empty());
    assert!(revoked.state.award("run-30", "challenge.completed", now).facts.is_empty(), "it does not come back");
}

// rule: engagement 5.2
#[test]
fn a_badge_may_take_several_facts() {
    let programme =
        programme(SHANGHAI, "[[badge]]\nid = 'run-30'\n[[badge]]\nid = 'critic'\non = 'review.completed'\ncount = 2");
    let deed =
        |id: &str| Deed { source: "/shop".into(), id: id.into(), occurred_at: at("2026-11-01T00:00:00Z"), value: None };
    let scene = scene(&programme, "2026-11-01T00:00:00Z");
    let mut state = nobody();
    let mut hear = |kind: &str, id: &str| {
        let change = state.heard(kind, &deed(id), scene);
        state = change.state;
        change.facts.len()
    };
    let heard = [("survey.completed", "z"), ("review.completed", "a"), ("review.completed", "a")];
    assert_eq!(heard.map(|(kind, id)| hear(kind, id)), [0, 0, 0], "another kind, the first, its repeat");
    assert_eq!([hear("review.completed", "b"), hear("review.completed", "c")], [1, 0]);
    assert_eq!(state.badges["critic"].cause, "review.completed");
}

// rule: engagement 5.3
#[test]
fn stages_follow_the_tags_of_the_ladder() {
    let steps = [
        ("buyer", true, "2026-01-01T00:00:00Z"),
        ("buyer", true, "2026-01-02T00:00:00Z"),
        ("fan", true, "2026-02-01T00:00:00Z"),
        ("buyer", false, "2026-02-01T00:00:00Z"),
        ("fan", false, "2026-03-01T00:00:00Z"),
        ("advocate", true, "2026-04-01T00:00:00Z"),
    ];
    let state = steps.iter().fold(nobody(), |state, (tag, given, now)| state.staged(tag, *given, at(now)).state);
    let stages: Vec<_> = state
        .stages
        .iter()
        .map(|stage| (stage.tag.as_str(), stage.since.to_string(), stage.until.map(|until| until.to_string())))
        .collect();
    let instant = |month: u8| format!("2026-{month:02}-01T00:00:00Z");
    let expected = [
        ("buyer", instant(1), Some(instant(2))),
        ("fan", instant(2), Some(instant(3))),
        ("advocate", instant(4), None),
    ];
    assert_eq!(stages, expected);
    let many =
        (0..30).fold(nobody(), |state, n| state.staged(&format!("t{n}"), true, at("2026-01-01T00:00:00Z")).state);
    assert_eq!(many.stages.len(), Achievements::MOST_STAGES);
}

// rule: engagement 5.4
#[test]
fn badges_of_two_who_are_one_are_united() {
    let one = nobody().award("a", "x", at("2026-02-01T00:00:00Z")).state;
    let other = nobody().award("a", "x", at("2026-01-01T00:00:00Z")).state.award("b", "y", at("2026-01-01T00:00:00Z"));
    let united = one.united(&other.state);
    assert_eq!(united.badges.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(united.badges["a"].at, at("2026-01-01T00:00:00Z"), "the earlier award stays");
}
