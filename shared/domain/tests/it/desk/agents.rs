//! Agents, how many tickets they have, and whose own they are.

use domain::desk::{Dedication, Record, Said, Status, candidates};
use domain::kernel::event::Fact;
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::Programme;

use super::stage::{at, document};

fn programme() -> Programme {
    Programme::compile(1, document(None)).unwrap()
}

fn said(queues: &[&str], capacity: u32) -> Said {
    let queues = queues.iter().map(|queue| (*queue).to_owned()).collect();
    Said { queues, locales: vec!["zh-CN".into()], capacity, own: Some(Vec::new()) }
}

fn record(id: &str, queues: &[&str], capacity: u32) -> Record {
    Record::say(None, id, said(queues, capacity), (&programme(), at("2026-11-04T01:00:00Z"))).unwrap().state
}

// rule: desk 16
#[test]
fn an_agent_is_in_queues_that_there_are_and_has_a_capacity() {
    let programme = programme();
    let field = |said: Said| {
        let told = Record::say(None, "ann", said, (&programme, at("2026-11-04T01:00:00Z")));
        told.map(drop).map_err(|no| no.field().unwrap().to_owned())
    };
    assert_eq!(field(said(&["sales"], 10)), Ok(()));
    assert_eq!(field(said(&["sails"], 10)), Err("queues".into()));
    assert_eq!(field(said(&["sales"], 0)), Err("capacity".into()));
    assert_eq!(field(said(&["sales"], 501)), Err("capacity".into()));
    assert_eq!(field(Said { locales: vec!["fr".into()], ..said(&["sales"], 1) }), Err("locales".into()));
    let many = (0..21).map(|n| format!("m-{n}").parse().unwrap()).collect();
    assert_eq!(field(Said { own: Some(many), ..said(&["sales"], 1) }), Err("members".into()));
    // What is said anew leaves what is open.
    let ann = Record { open: 3, ..record("ann", &["sales"], 5) };
    let again = Record::say(Some(&ann), "ann", said(&["voice", "voice"], 9), (&programme, at("2026-11-05T01:00:00Z")));
    let again = again.unwrap().state;
    assert_eq!((again.open, again.said.capacity, again.said.queues), (3, 9, vec!["voice".to_owned()]));
}

// rule: desk 16
#[test]
fn nobody_has_more_tickets_than_may_be() {
    let mut ann = record("ann", &["sales"], 2).turn(Status::Available, at("2026-11-04T01:00:00Z")).state;
    for _ in 0..2 {
        ann = ann.take(at("2026-11-04T02:00:00Z")).unwrap().state;
    }
    assert_eq!(ann.take(at("2026-11-04T02:00:00Z")).unwrap_err().code(), "no_room");
    assert!(candidates(("sales", "zh-CN"), &domain::desk::Acquainted::default(), &[ann.candidate()]).is_empty());
    let freed = ann.free().state;
    assert_eq!((freed.open, freed.free().state.free().state.open), (1, 0));
    assert_eq!(candidates(("sales", "zh-CN"), &domain::desk::Acquainted::default(), &[freed.candidate()]).len(), 1);
}

// rule: desk 16
#[test]
fn whoever_is_gone_for_four_hours_gives_back_what_nobody_has_looked_at() {
    let ann = record("ann", &["sales"], 2).turn(Status::Available, at("2026-11-04T01:00:00Z")).state;
    assert_eq!(ann.gives_back_at(), None);
    let gone = ann.turn(Status::Offline, at("2026-11-04T02:00:00Z")).state;
    assert_eq!(
        gone.turn(Status::Offline, at("2026-11-04T05:00:00Z")).state.gives_back_at(),
        Some(at("2026-11-04T06:00:00Z"))
    );
    assert_eq!(gone.turn(Status::Away, at("2026-11-04T03:00:00Z")).state.gives_back_at(), None);
}

// rule: desk 16
#[test]
fn a_member_of_their_own_has_the_agent_with_the_fewest() {
    let none = Dedication { member: "m-1".parse().unwrap(), manager: None };
    let of = |id: &str, members: u32| (record(id, &["dedicated-manager"], 9), members);
    let agents = [of("zoe", 1), (record("ann", &["sales"], 9), 0), of("bo", 1), of("cy", 2)];
    let given = none.give(&agents).unwrap();
    assert_eq!(given.state.manager.as_deref(), Some("bo"));
    assert_eq!(given.facts[0].kind(), "perennial.svc.managerassigned.v1");
    assert!(given.state.give(&agents).is_none(), "whoever has one keeps it");
    assert_eq!(given.state.end().unwrap().state, none);
    assert!(none.end().is_none() && none.give(&agents[1..2]).is_none());
}
