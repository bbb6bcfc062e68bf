//! Challenges: dates within a window, whatever clocks do; once; no more than there are pieces.

use std::collections::BTreeSet;

use domain::engagement::activity::activities;
use domain::engagement::{
    ChallengeRefusal, Deed, EngagementFact, LATE, Leader, Piece, Run, RunState, Scene, Standing, next_of, rank,
};
use domain::kernel::change::Effect;
use domain::programme::compiled::Programme;
use domain::programme::engagement::challenge::Challenge;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::stage::{at, member, programme, scene};

pub(crate) const SHANGHAI: &str = "Asia/Shanghai";

/// A member in a challenge, and how many pieces there are.
struct World {
    programme: Programme,
    pieces: Option<u32>,
    run: Option<Run>,
    told: Vec<EngagementFact>,
}

impl World {
    fn new(zone: &str, goal: &str, more: &str) -> Self {
        let rule =
            "[activity.'challenge.fallback']\n[[earning_rule]]\nid = 'f'\non = 'challenge.fallback'\npoints = 300";
        let text = format!("[[challenge]]\nid = \"c\"\ngoal = {{ {goal} }}\n{more}\n{rule}");
        let programme = programme(zone, &text);
        let pieces = programme.engagement().challenge("c").unwrap().stock;
        Self { programme, pieces, run: None, told: Vec::new() }
    }

    fn challenge(&self) -> Challenge {
        self.programme.engagement().challenge("c").unwrap().clone()
    }

    fn join(&mut self, now: &str) -> Result<u32, ChallengeRefusal> {
        let scene = Scene { programme: &self.programme, now: at(now) };
        let change = Run::join(&member("m-1"), self.run.as_ref(), &self.challenge(), &Standing::active(), scene)?;
        self.told.extend(change.facts);
        Ok(self.run.insert(change.state).nth)
    }

    /// A fact that is recorded at an instant, and happened at another.
    fn fact(&mut self, recorded: &str, id: &str, occurred: &str, value: Option<i64>) -> &'static str {
        let deed = Deed { source: "/app".into(), id: id.into(), occurred_at: at(occurred), value };
        self.deed(at(recorded), &deed)
    }

    fn deed(&mut self, now: Timestamp, deed: &Deed) -> &'static str {
        let piece = match self.pieces {
            None => Piece::Uncounted,
            Some(0) => Piece::Gone,
            Some(_) => Piece::Left,
        };
        let scene = Scene { programme: &self.programme, now };
        let run = self.run.clone().unwrap();
        let counted = run.count(&self.challenge(), deed, piece, scene);
        assert_eq!(counted.change.is_some(), counted.outcome.counts());
        if let Some(change) = counted.change {
            let takes = change.effects.iter().filter(|effect| matches!(effect, Effect::Take { n: 1, .. })).count();
            self.pieces = self.pieces.map(|left| left - u32::try_from(takes).unwrap());
            self.told.extend(change.facts);
            self.run = Some(change.state);
        }
        counted.outcome.name()
    }

    /// A fact that is recorded when it happens.
    fn live(&mut self, id: &str, now: &str) -> &'static str {
        self.fact(now, id, now, None)
    }

    fn state(&self) -> (&'static str, i64) {
        let run = self.run.as_ref().unwrap();
        (run.state.name(), run.progress.done(&self.challenge().goal))
    }

    fn ends_at(&self) -> Timestamp {
        self.run.as_ref().unwrap().ends_at(self.programme.zone())
    }

    fn to_ledger(&self) -> Vec<String> {
        let (member, at) = (member("m-1"), at("2026-10-30T00:00:00Z"));
        let all = self.told.iter().flat_map(|fact| activities(fact, &member, at, &self.programme));
        all.map(|activity| activity.id).collect()
    }
}

const THIRTY: &str = "kind = 'distinct_days', days = 30, within_days = 30, activity = 'run'";

fn days(days: i64, within: i64) -> String {
    format!("kind = 'distinct_days', days = {days}, within_days = {within}, activity = 'run'")
}

// rule: engagement 2.1, 2.4
#[test]
fn thirty_dates_complete_it_once() {
    let mut world = World::new(SHANGHAI, THIRTY, "stock = 500\nbadge = 'run-30'\nfallback_points = 300");
    world.join("2026-09-30T22:00:00Z").unwrap();
    let morning = at("2026-09-30T22:30:00Z");
    let outcomes: Vec<_> = (0..30)
        .map(|day| {
            let now = morning + SignedDuration::from_hours(24 * day);
            world.deed(now, &Deed { source: "/app".into(), id: format!("run-{day}"), occurred_at: now, value: None })
        })
        .collect();
    assert_eq!((&outcomes[..29], outcomes[29]), (&["counted"; 29][..], "completed"));
    assert_eq!(world.live("evening", "2026-10-30T12:00:00Z"), "after_completion");
    assert_eq!((world.state(), world.pieces), (("completed", 30), Some(499)));
    assert_eq!(world.ends_at(), at("2026-10-30T16:00:00Z"));
    let run = world.run.as_ref().unwrap();
    assert_eq!(run.state, RunState::Completed { at: at("2026-10-29T22:30:00Z") });
    assert_eq!(world.to_ledger(), ["challenge|c|1|m-1"]);
    let view = run.view(&world.challenge(), scene(&world.programme, "2026-10-30T13:00:00Z"));
    assert_eq!((view.done, view.goal, view.reachable), (30, 30, true));
}

// rule: engagement 2.1
#[test]
fn two_facts_of_a_date_count_once() {
    let mut world = World::new(SHANGHAI, &days(3, 5), "");
    world.join("2026-09-30T22:00:00Z").unwrap();
    let times = [("a", "2026-09-30T22:30:00Z"), ("b", "2026-10-01T11:00:00Z"), ("c", "2026-10-01T16:00:00Z")];
    assert_eq!(times.map(|(id, now)| world.live(id, now)), ["counted", "date_counted", "counted"]);
    assert_eq!(world.live("d", "2026-10-03T15:59:59Z"), "completed");
    assert_eq!((world.state(), world.ends_at()), (("completed", 3), at("2026-10-05T16:00:00Z")));
}

// rule: engagement 2.1
#[test]
fn a_window_ends_with_its_last_date_whatever_clocks_do() {
    // Clocks go back on 1 November: the window has 73 hours.
    let mut world = World::new("America/New_York", &days(3, 3), "");
    world.join("2026-10-31T10:00:00Z").unwrap();
    assert_eq!(world.ends_at(), at("2026-11-03T05:00:00Z"));
    let times = [("a", "2026-10-31T11:00:00Z"), ("b", "2026-11-01T12:00:00Z"), ("c", "2026-11-03T05:00:00Z")];
    assert_eq!(times.map(|(id, now)| world.live(id, now)), ["counted", "counted", "outside_window"]);
    assert_eq!(world.fact("2026-11-03T05:00:01Z", "d", "2026-11-03T04:59:59Z", None), "completed");
    // The date after has no midnight: it begins at one.
    let mut world = World::new("America/Santiago", &days(2, 2), "");
    world.join("2026-09-04T13:00:00Z").unwrap();
    assert_eq!(world.ends_at(), at("2026-09-06T04:00:00Z"));
    assert_eq!(world.live("a", "2026-09-04T14:00:00Z"), "counted");
    assert_eq!(world.live("b", "2026-09-06T03:59:59Z"), "completed");
    // A leap day is a date.
    let mut world = World::new(SHANGHAI, &days(3, 3), "");
    world.join("2028-02-27T16:00:00Z").unwrap();
    let times = ["2028-02-28T01:00:00Z", "2028-02-29T01:00:00Z", "2028-03-01T01:00:00Z"];
    assert_eq!(times.map(|now| world.live(now, now)), ["counted", "counted", "completed"]);
}

// rule: engagement 2.3
#[test]
fn a_fact_may_be_48_hours_late() {
    let mut world = World::new(SHANGHAI, &days(3, 3), "");
    world.join("2026-09-30T22:00:00Z").unwrap();
    world.live("a", "2026-09-30T23:00:00Z");
    world.live("b", "2026-10-01T23:00:00Z");
    assert_eq!(world.fact("2026-10-05T12:00:00Z", "c", "2026-10-03T11:00:00Z", None), "too_late");
    assert_eq!(world.state(), ("running", 2));
    assert_eq!(world.fact("2026-10-05T11:00:00.001Z", "c", "2026-10-03T11:00:00Z", None), "too_late");
    assert_eq!(world.fact("2026-10-05T11:00:00Z", "c", "2026-10-03T11:00:00Z", None), "completed");
    assert_eq!(world.run.unwrap().state, RunState::Completed { at: at("2026-10-05T11:00:00Z") });
}

// rule: engagement 2.3
#[test]
fn a_run_is_closed_when_nothing_can_count_any_more() {
    let mut world = World::new(SHANGHAI, &days(3, 3), "");
    world.join("2026-09-30T22:00:00Z").unwrap();
    let run = world.run.clone().unwrap();
    assert_eq!(run.close(scene(&world.programme, "2026-10-05T15:59:59Z")), None);
    let closed = run.close(scene(&world.programme, "2026-10-05T16:00:00Z")).unwrap();
    assert_eq!(closed.state.state, RunState::Missed);
    assert_eq!(closed.state.close(scene(&world.programme, "2026-10-06T16:00:00Z")), None);
    assert_eq!(closed.facts, [EngagementFact::ChallengeMissed { challenge: "c".into(), window: 1 }]);
}

// rule: engagement 2.1, 2.3
#[test]
fn facts_and_values_are_counted_as_the_goal_says() {
    let mut world = World::new(SHANGHAI, "kind = 'count', n = 3, within_days = 10, activity = 'review.completed'", "");
    world.join("2026-09-30T22:00:00Z").unwrap();
    let times = ["2026-09-30T23:00:00Z", "2026-09-30T23:30:00Z"];
    assert_eq!(times.map(|now| world.live(now, now)), ["counted", "counted"]);
    assert_eq!(world.fact("2026-10-01T00:00:00Z", times[0], "2026-09-30T23:00:00Z", None), "repeat");
    assert_eq!(world.live("c", "2026-10-01T00:00:00Z"), "completed");
    assert_eq!(world.live("d", "2026-10-01T01:00:00Z"), "after_completion");
    assert_eq!(world.live("c", "2026-10-01T00:00:00Z"), "repeat", "a repeat is one first of all");

    let sum = "kind = 'sum', attribute = 'metres', total = 42195, within_days = 31, activity = 'run'";
    let mut world = World::new(SHANGHAI, sum, "[activity.run]\nattributes = { metres = 'integer' }");
    world.join("2026-09-30T22:00:00Z").unwrap();
    let now = "2026-09-30T23:00:00Z";
    let mut add = |id: &str, value: Option<i64>| world.fact(now, id, now, value);
    assert_eq!([add("a", Some(21_097)), add("b", Some(21_097))], ["counted"; 2]);
    assert_eq!([add("c", Some(-5)), add("d", Some(0)), add("e", None)], ["no_value"; 3]);
    assert_eq!(add("f", Some(1)), "completed");
    assert_eq!(world.state(), ("completed", 42_195));
}

// rule: engagement 2.3
#[test]
fn five_hundred_facts_are_counted() {
    let sum = "kind = 'sum', attribute = 'metres', total = 1000, within_days = 5, activity = 'run'";
    let mut world = World::new(SHANGHAI, sum, "[activity.run]\nattributes = { metres = 'integer' }");
    world.join("2026-09-30T22:00:00Z").unwrap();
    let now = "2026-09-30T23:00:00Z";
    let outcomes: Vec<_> = (0..501).map(|n| world.fact(now, &format!("f{n}"), now, Some(1))).collect();
    assert_eq!((outcomes[499], outcomes[500]), ("counted", "full"));
}

// rule: engagement 2.2
#[test]
fn one_joins_until_the_end_and_again_where_it_may_be_done_again() {
    let fixed = "from = '2026-10-01'\nuntil = '2026-10-31'";
    let goal = "kind = 'distinct_days', days = 20, activity = 'run'";
    let mut world = World::new(SHANGHAI, goal, fixed);
    world.join("2026-10-09T22:00:00Z").unwrap();
    for (id, now) in [("a", "2026-10-09T22:30:00Z"), ("b", "2026-10-10T22:30:00Z"), ("c", "2026-10-11T22:30:00Z")] {
        assert_eq!(world.live(id, now), "counted");
    }
    let view = |world: &World, now| {
        let view = world.run.as_ref().unwrap().view(&world.challenge(), scene(&world.programme, now));
        (view.done, view.reachable)
    };
    // 3 dates are done, and 18 left but today; 17 from the 14th on, today included.
    assert_eq!(view(&world, "2026-10-12T04:00:00Z"), (3, true));
    assert_eq!(view(&world, "2026-10-13T17:00:00Z"), (3, true));
    assert_eq!(view(&world, "2026-10-14T17:00:00Z"), (3, false));
    assert_eq!(world.join("2026-10-12T04:00:00Z"), Ok(1), "joining twice is joining once");
    assert_eq!(world.run.as_ref().unwrap().progress.dates.len(), 3);
    let ended_at = at("2026-10-30T16:00:00Z");
    world.run = None;
    assert_eq!(world.join("2026-10-30T16:00:00Z"), Err(ChallengeRefusal::ChallengeEnded { ended_at }));
    assert_eq!(world.join("2026-10-30T15:59:59Z"), Ok(1));

    let mut rolling = World::new(SHANGHAI, &days(1, 2), "");
    assert_eq!(rolling.join("2026-10-09T22:00:00Z"), Ok(1));
    assert_eq!(rolling.join("2026-10-11T15:59:59Z"), Ok(1));
    assert_eq!(rolling.join("2026-10-11T16:00:00Z"), Ok(2), "one that ended is begun anew");
    rolling.live("a", "2026-10-11T17:00:00Z");
    let completed_at = at("2026-10-11T17:00:00Z");
    let again = rolling.join("2026-10-20T16:00:00Z");
    assert_eq!(again, Err(ChallengeRefusal::AlreadyCompleted { completed_at }));
    let mut repeated = World::new(SHANGHAI, &days(1, 2), "repeat = true");
    repeated.join("2026-10-09T22:00:00Z").unwrap();
    repeated.live("a", "2026-10-09T23:00:00Z");
    assert_eq!(repeated.join("2026-10-10T22:00:00Z"), Ok(2));
    repeated.live("b", "2026-10-10T23:00:00Z");
    assert_eq!(repeated.to_ledger(), ["challenge|c|1|m-1", "challenge|c|2|m-1"]);
}

// rule: engagement 2.1, 2.2
#[test]
fn a_rolling_window_begins_on_the_date_of_joining() {
    let mut world = World::new(SHANGHAI, &days(2, 5), "");
    world.join("2026-10-09T22:00:00Z").unwrap();
    assert_eq!(world.fact("2026-10-10T04:00:00Z", "b", "2026-10-09T13:00:00Z", None), "outside_window");
    assert_eq!(world.live("c", "2026-10-10T22:30:00Z"), "counted");
    assert_eq!(world.ends_at(), at("2026-10-14T16:00:00Z"));
    // Where the first fact joins, its date is the first.
    let auto = World::new(SHANGHAI, &days(2, 5), "join = 'auto'");
    let challenge = auto.challenge();
    assert!(challenge.auto);
    let deed = Deed { source: "/app".into(), id: "a".into(), occurred_at: at("2026-10-09T13:00:00Z"), value: None };
    let scene = scene(&auto.programme, "2026-10-10T04:00:00Z");
    let run = Run::join_by(&deed, &member("m-1"), &challenge, &Standing::active(), scene).unwrap().state;
    assert_eq!(run.first.to_string(), "2026-10-09");
    assert_eq!(run.count(&challenge, &deed, Piece::Uncounted, scene).outcome.name(), "counted");
}

// rule: engagement 2.2
#[test]
fn who_may_not_take_part_does_not_join() {
    let world = World::new(SHANGHAI, &days(2, 5), "min_tier = 'gold'");
    let join = |standing: &Standing| {
        let scene = scene(&world.programme, "2026-10-10T04:00:00Z");
        Run::join(&member("m-1"), None, &world.challenge(), standing, scene).is_ok()
    };
    assert!(join(&super::stage::of_tier("black")));
    assert!(!join(&super::stage::of_tier("silver")));
    let suspended = domain::kernel::membership::MemberState::Suspended;
    assert!(!join(&Standing { state: suspended, ..super::stage::of_tier("gold") }));
}

/// Members who reach the goal, each at an instant.
fn reach(world: &mut World, members: &[(&str, &str)]) -> Vec<Run> {
    let mut runs = Vec::new();
    for (name, now) in members {
        let scene = Scene { programme: &world.programme, now: at("2026-10-01T00:00:00Z") };
        let joined = Run::join(&member(name), None, &world.challenge(), &Standing::active(), scene).unwrap();
        world.run = Some(joined.state);
        assert_eq!(world.live("x", now), "completed");
        runs.push(world.run.clone().unwrap());
    }
    runs
}

// rule: engagement 2.4
#[test]
fn who_comes_too_late_waits_and_is_served_in_order() {
    let mut world = World::new(SHANGHAI, &days(1, 5), "stock = 1\nfallback_points = 300\nreward = 'toy'\nbadge = 'b'");
    let times = [("m-9", "2026-10-01T01:00:00Z"), ("m-3", "2026-10-01T03:00:00Z"), ("m-2", "2026-10-01T03:00:00Z")];
    let mut runs = reach(&mut world, &times);
    runs.extend(reach(&mut world, &[("m-4", "2026-10-01T02:00:00Z")]));
    let states: Vec<_> = runs.iter().map(|run| run.state.name()).collect();
    assert_eq!(states, ["completed", "waitlisted", "waitlisted", "waitlisted"]);
    assert_eq!(world.pieces, Some(0));
    let fallbacks = world.told.iter().filter(|fact| matches!(fact, EngagementFact::ChallengeFallback { .. }));
    assert_eq!(fallbacks.count(), 3, "each is given something else, once");
    let badges = world.told.iter().filter(|fact| match fact {
        EngagementFact::ChallengeCompleted { badge, reward, waitlisted, .. } => {
            assert_eq!(reward.is_none(), *waitlisted);
            badge.is_some()
        }
        _ => false,
    });
    assert_eq!(badges.count(), 4, "the badge is for all");
    let next: Vec<_> = next_of(&runs, 2).into_iter().map(|run| run.member.to_string()).collect();
    assert_eq!(next, ["m-4", "m-2"]);
    let served = next_of(&runs, 1)[0].serve(&world.challenge()).unwrap();
    assert_eq!(served.state.state, RunState::Completed { at: at("2026-10-01T02:00:00Z") });
    assert!(served.state.serve(&world.challenge()).is_none(), "once");
    // What is sent is asked for by the event; what is a code, by the ledger.
    assert_eq!(activities(&served.facts[0], &member("m-4"), at("2026-11-01T00:00:00Z"), &world.programme), []);
    let coupon = EngagementFact::ChallengeServed {
        challenge: "c".into(),
        window: 1,
        reward: Some("coupon-no-threshold-5".into()),
    };
    let granted = &activities(&coupon, &member("m-4"), at("2026-11-01T00:00:00Z"), &world.programme)[0];
    assert_eq!((granted.kind, granted.id.as_str()), ("reward.granted", "challenge|c|1|m-4|reward"));
}

// rule: engagement 2.6
#[test]
fn more_is_first_and_of_equals_who_had_it_first() {
    let leader = |name: &str, done, hour| Leader {
        member: member(name),
        done,
        since: at("2026-10-01T00:00:00Z") + SignedDuration::from_hours(hour),
    };
    let mut leaders = [leader("d", 2, 1), leader("c", 3, 9), leader("b", 3, 5), leader("a", 3, 9)];
    rank(&mut leaders);
    assert_eq!(leaders.map(|leader| leader.member.to_string()), ["b", "a", "c", "d"]);
}

// rule: engagement 5.4
#[test]
fn what_two_did_who_are_one_is_united() {
    let mut world = World::new(SHANGHAI, &days(3, 5), "");
    world.join("2026-10-01T00:00:00Z").unwrap();
    let begun = world.run.clone();
    world.live("a", "2026-10-01T01:00:00Z");
    world.live("b", "2026-10-02T01:00:00Z");
    let one = std::mem::replace(&mut world.run, begun).unwrap();
    world.live("c", "2026-10-02T02:00:00Z");
    let other = world.run.clone().unwrap();
    assert_eq!(one.united(&other).progress.dates.len(), 2);
    world.run = Some(one.united(&other));
    assert_eq!(world.live("d", "2026-10-03T02:00:00Z"), "completed");
}

proptest! {
    /// Facts come shuffled, twice, and up to 47 hours late: the same completion, and as many dates as there are.
    // rule: engagement 2.3, 2.4
    #[test]
    fn whatever_the_order_the_dates_are_the_same(
        mut facts in prop::collection::vec((0..8_i64, 0..24_i64, 0..48_i64), 1..30),
        seed in any::<prop::sample::Index>(),
    ) {
        let mut world = World::new("America/New_York", &days(5, 6), "");
        world.join("2026-10-29T12:00:00Z").unwrap();
        let start = at("2026-10-29T04:00:00Z");
        facts.push(facts[seed.index(facts.len())]);
        let mut arrivals: Vec<_> = facts
            .iter()
            .map(|(day, hour, late)| {
                let occurred_at = start + SignedDuration::from_hours(24 * day + hour);
                let now = occurred_at + SignedDuration::from_hours(*late);
                (now.max(at("2026-10-29T12:00:00Z")), occurred_at)
            })
            .collect();
        arrivals.sort_unstable();
        let challenge = world.challenge();
        let zone = world.programme.zone().clone();
        let run = world.run.clone().unwrap();
        let mut dates = BTreeSet::new();
        let mut completed_at = None;
        for (now, occurred_at) in arrivals {
            let deed = Deed { source: "/app".into(), id: occurred_at.to_string(), occurred_at, value: None };
            let outcome = world.deed(now, &deed);
            let date = zone.date(occurred_at);
            let counts = (run.first..run.end).contains(&date) && now.duration_since(occurred_at) <= LATE;
            if completed_at.is_none() && counts {
                prop_assert_eq!(outcome == "counted" || outcome == "completed", dates.insert(date));
                completed_at = (dates.len() == 5).then_some(now);
            } else {
                prop_assert!(!["counted", "completed"].contains(&outcome), "{}", outcome);
            }
        }
        let run = world.run.as_ref().unwrap();
        prop_assert_eq!(run.progress.done(&challenge.goal), i64::try_from(dates.len()).unwrap());
        prop_assert_eq!(run.state.completed_at(), completed_at);
    }

    /// However many reach it: as many pieces as there are, and everybody else waits.
    // rule: engagement 2.4
    #[test]
    fn no_piece_is_given_that_is_not_there(stock in 0..5_u32, members in 1..12_usize, restock in 0..6_usize) {
        let mut world = World::new(SHANGHAI, &days(1, 5), &format!("stock = {stock}"));
        let names: Vec<String> = (0..members).map(|n| format!("m-{n:02}")).collect();
        let times: Vec<_> = names.iter().map(|name| (name.as_str(), "2026-10-01T01:00:00Z")).collect();
        let mut runs = reach(&mut world, &times);
        let served = runs.iter().filter(|run| run.state.name() == "completed").count();
        prop_assert_eq!(served, members.min(usize::try_from(stock).unwrap()));
        let next: Vec<_> = next_of(&runs, restock).into_iter().map(|run| run.member.clone()).collect();
        prop_assert_eq!(next.len(), restock.min(members - served));
        for run in runs.iter_mut().filter(|run| next.contains(&run.member)) {
            *run = run.serve(&world.challenge()).unwrap().state;
        }
        prop_assert_eq!(next_of(&runs, 100).len(), members - served - next.len());
    }
}
