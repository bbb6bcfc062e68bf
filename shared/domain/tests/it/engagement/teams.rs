//! Teams: what each does adds up.

use domain::engagement::{Deed, Outcome, Team, TeamRefusal, team_code};
use domain::programme::compiled::Programme;
use domain::programme::engagement::challenge::Challenge;
use jiff::civil::date;

use super::challenges::SHANGHAI;
use super::stage::{at, member, programme, scene};

fn five_dates(least: u8) -> (Programme, Challenge) {
    let goal = "goal = { kind = 'distinct_days', days = 5, within_days = 7, activity = 'run' }";
    let programme = programme(
        SHANGHAI,
        &format!("[[challenge]]\nid = 'c'\n{goal}\nteam = {{ min = {least}, max = 4 }}\nstock = 2"),
    );
    let challenge = programme.engagement().challenge("c").unwrap().clone();
    (programme, challenge)
}

fn team_of(challenge: &Challenge, names: &[&str]) -> Team {
    let window = (date(2026, 10, 1), date(2026, 10, 8));
    let team = Team::new("ABC123".into(), challenge, window, member(names[0]));
    names[1..].iter().fold(team, |team, name| team.joined(challenge, &member(name)).unwrap())
}

/// Facts of members on days of October, each with its outcome and how far the team is then.
#[track_caller]
fn check(
    team: &mut Team,
    facts: &[(&str, i8, Outcome, i64)],
    (programme, challenge): &(Programme, Challenge),
) -> Vec<String> {
    let mut completed = Vec::new();
    for (name, day, outcome, done) in facts {
        let now = format!("2026-10-{day:02}T04:00:00Z");
        let deed = Deed { source: "/app".into(), id: format!("{name}-{day}"), occurred_at: at(&now), value: None };
        let counted = team.count(challenge, &member(name), &deed, scene(programme, &now));
        *team = counted.team;
        assert_eq!((counted.outcome, team.done(&challenge.goal)), (*outcome, *done), "{name} on {day}");
        completed.extend(counted.completed.iter().map(ToString::to_string));
    }
    completed
}

// rule: engagement 2.5
#[test]
fn pairs_of_member_and_date_add_up_and_who_did_something_completes() {
    use Outcome::{AfterCompletion, Completed, Counted, Repeat};
    let scenery = five_dates(2);
    let mut team = team_of(&scenery.1, &["m-3", "m-1", "m-2", "m-4"]);
    let facts = [
        ("m-1", 1, Counted, 1),
        ("m-2", 1, Counted, 2),
        ("m-1", 1, Repeat, 2),
        ("m-1", 2, Counted, 3),
        ("m-3", 2, Counted, 4),
        ("m-2", 2, Completed, 5),
        ("m-4", 3, AfterCompletion, 5),
    ];
    // Pieces are given by member id: with two of them m-3 waits.
    assert_eq!(check(&mut team, &facts, &scenery), ["m-1", "m-2", "m-3"]);
    let late = team.joined(&scenery.1, &member("m-5"));
    assert!(matches!(late, Err(TeamRefusal::AlreadyCompleted { .. })), "nobody joins what is done");
}

// rule: engagement 2.5
#[test]
fn a_goal_is_reached_by_enough_of_them() {
    use Outcome::{Completed, Counted};
    let scenery = five_dates(2);
    let mut team = team_of(&scenery.1, &["m-1", "m-2"]);
    let alone = [1, 2, 3, 4, 5].map(|day| ("m-1", day, Counted, i64::from(day)));
    assert!(check(&mut team, &alone, &scenery).is_empty());
    assert_eq!(check(&mut team, &[("m-2", 6, Completed, 6)], &scenery), ["m-1", "m-2"]);
}

// rule: engagement 2.5
#[test]
fn a_team_has_a_code_and_an_end() {
    let (_, challenge) = five_dates(1);
    let team = team_of(&challenge, &["m-1", "m-2", "m-3", "m-4"]);
    assert_eq!(team.joined(&challenge, &member("m-5")), Err(TeamRefusal::TeamFull { most: 4 }));
    assert_eq!(team.joined(&challenge, &member("m-4")).unwrap(), team, "who is in it is in it");
    let codes = [("m-1", 0), ("m-1", 1), ("m-2", 0)].map(|(name, n)| team_code(b"secret", "c", &member(name), n));
    assert!(codes.iter().all(|code| code.len() == 6));
    assert!(codes[0] != codes[1] && codes[0] != codes[2]);
}
