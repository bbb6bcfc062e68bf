//! Tasks: begun, long enough ago, offered or open.

use domain::engagement::activity::activities;
use domain::engagement::{AchievementRefusal, Achievements, Offering, Standing};
use domain::programme::compiled::Programme;

use super::challenges::SHANGHAI;
use super::stage::{at, member, programme, scene};

fn with_task(more: &str) -> Programme {
    programme(SHANGHAI, &format!("[[task]]\nid = 'watch_tutorial'\n{more}"))
}

fn offered(state: &Achievements, id: &str, day: &str) -> Achievements {
    let offering = Offering { task: "watch_tutorial".into(), id: id.into(), at: at(day), valid_days: Offering::DAYS };
    state.offered(&offering).state
}

/// Begins at an instant and completes at another: the cause that is told, or why not.
fn watch(programme: &Programme, state: &mut Achievements, times: [&str; 2]) -> Result<String, AchievementRefusal> {
    let task = programme.engagement().task("watch_tutorial").unwrap();
    *state = state.started(task, &Standing::active(), scene(programme, times[0])).unwrap().state;
    let change = state.completed(task, &Standing::active(), scene(programme, times[1]))?;
    *state = change.state;
    let told = activities(&change.facts[0], &member("m-1"), at(times[1]), programme);
    Ok(told[0].id.clone())
}

// rule: engagement 3.1
#[test]
fn a_task_takes_its_time() {
    let programme = with_task("min_seconds = 60");
    let mut state = offered(&Achievements::new(member("m-1")), "o-1", "2026-11-01T00:00:00Z");
    let task = programme.engagement().task("watch_tutorial").unwrap();
    let unbegun = state.completed(task, &Standing::active(), scene(&programme, "2026-11-02T00:00:00Z"));
    assert_eq!(unbegun, Err(AchievementRefusal::TaskNotStarted));
    let mut check = |end: &str| watch(&programme, &mut state, ["2026-11-02T00:00:00Z", end]);
    let watched = |remaining_seconds| Err(AchievementRefusal::TaskNotWatched { remaining_seconds });
    assert_eq!(check("2026-11-02T00:00:20Z"), watched(40));
    assert_eq!(check("2026-11-02T00:00:59.5Z"), watched(1));
    assert_eq!(check("2026-11-03T00:00:00.001Z"), Err(AchievementRefusal::TaskNotStarted));
    assert_eq!(check("2026-11-03T00:00:00Z").as_deref(), Ok("task|watch_tutorial|m-1|o-1"));
    let suspended = Standing { state: domain::kernel::membership::MemberState::Suspended, ..Standing::active() };
    assert!(state.started(task, &suspended, scene(&programme, "2026-11-02T00:00:00Z")).is_err());
}

// rule: engagement 3.2
#[test]
fn an_offer_is_taken_once_and_within_its_days() {
    let programme = with_task("min_seconds = 60");
    let mut state = offered(&Achievements::new(member("m-1")), "o-1", "2026-11-01T00:00:00Z");
    state = offered(&state, "o-1", "2026-11-05T00:00:00Z");
    let times = ["2026-11-14T00:00:00Z", "2026-11-15T00:00:00Z"];
    let mut late = state.clone();
    assert_eq!(watch(&programme, &mut late, times), Err(AchievementRefusal::NoOffer), "14 days are over");
    let times = ["2026-11-14T00:00:00Z", "2026-11-14T23:59:59Z"];
    assert!(watch(&programme, &mut state, times).is_ok());
    assert_eq!(watch(&programme, &mut state, times), Err(AchievementRefusal::TaskDone));
    state = offered(&state, "o-2", "2026-11-14T00:00:00Z");
    assert_eq!(watch(&programme, &mut state, times).as_deref(), Ok("task|watch_tutorial|m-1|o-2"));
}

// rule: engagement 3.2
#[test]
fn one_that_is_open_is_done_as_often_as_it_may_be() {
    let programme = with_task("open = true\nper_member = 2");
    let mut state = Achievements::new(member("m-1"));
    let times = ["2026-11-14T00:00:00Z", "2026-11-14T00:01:00Z"];
    let mut done = || watch(&programme, &mut state, times);
    let ids = [done(), done()].map(Result::unwrap);
    assert_eq!(ids, ["task|watch_tutorial|m-1|1", "task|watch_tutorial|m-1|2"]);
    assert_eq!(done(), Err(AchievementRefusal::TaskDone));
    let closed = with_task("min_seconds = 60");
    assert_eq!(watch(&closed, &mut Achievements::new(member("m-1")), times), Err(AchievementRefusal::NoOffer));
}
