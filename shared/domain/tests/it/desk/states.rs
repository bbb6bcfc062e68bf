//! What can be done with a ticket, and what time does to it.

use domain::desk::{DeskFact, LinkKind, Messaged, State, Ticket, Verdict, assign, merge, message, move_to, reopen};
use domain::kernel::change::Effect;
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::{Programme, Programmes};

use super::stage::{Desk, at, document, programmes};

fn desk(policy: &str) -> Desk {
    let mut desk = Desk::new(programmes(document(None)));
    desk.open(at("2026-11-04T02:00:00Z"), policy, false);
    desk
}

fn after(policy: &str, steps: &[(&str, &str, &str)]) -> Desk {
    let mut desk = desk(policy);
    for (when, what, with) in steps {
        desk.step(at(when), what, with);
    }
    desk
}

#[track_caller]
fn refused(desk: &Desk, codes: &[&str]) {
    assert_eq!(desk.refused.iter().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), codes);
}

// rule: desk 2
#[test]
fn time_resolves_opens_again_and_closes() {
    // The member does not answer: at the start of the seventh date after, in Shanghai.
    let mut waits =
        after("p2", &[("2026-11-04T03:00:00Z", "reply", ""), ("2026-11-04T04:00:00Z", "state", "pending_customer")]);
    let zone = waits.programmes.at(at("2026-11-04T04:00:00Z")).zone().clone();
    let until = waits.ticket().wait_until(&waits.programmes.at(at("2026-11-04T04:00:00Z")).document().desk, &zone);
    assert_eq!(until, Some(at("2026-11-10T16:00:00Z")));
    waits.step(at("2026-11-10T15:59:59.999Z"), "tick", "");
    assert_eq!(waits.ticket().state(), State::PendingCustomer);
    // However late somebody looks: both turns at their own instants.
    waits.step(at("2026-12-01T00:00:00Z"), "tick", "");
    assert_eq!(waits.ticket().state(), State::Closed);
    let states: Vec<_> = waits.ticket().history.states.iter().map(|(state, at)| (*state, at.to_string())).collect();
    assert_eq!(
        states[3..],
        [(State::Resolved, "2026-11-10T16:00:00Z".into()), (State::Closed, "2026-11-17T16:00:00Z".into())]
    );
    assert_eq!(
        waits.names().iter().filter(|name| name.starts_with("ticket")).copied().collect::<Vec<_>>()[2..],
        ["ticketpaused", "ticketresolved", "ticketclosed"]
    );
    let mut third =
        after("p1", &[("2026-11-04T02:01:00Z", "reply", ""), ("2026-11-04T02:02:00Z", "state", "pending_third_party")]);
    third.step(at("2026-11-10T16:00:00Z"), "tick", "");
    assert_eq!(third.ticket().state(), State::Open);
}

// rule: desk 2
#[test]
fn what_does_not_follow_from_a_state_is_refused() {
    let mut over = after(
        "vip",
        &[
            ("2026-11-04T02:10:00Z", "resolve", ""),
            ("2026-11-04T02:11:00Z", "resolve", ""),
            ("2026-11-04T02:11:00Z", "state", "open"),
        ],
    );
    refused(&over, &["wrong_state", "wrong_state"]);
    over.step(at("2026-11-12T00:00:00Z"), "reopen", "");
    refused(&over, &["wrong_state", "wrong_state", "wrong_state"]);
    over.step(at("2026-11-12T00:00:00Z"), "reply", "");
    over.step(at("2026-11-12T00:00:00Z"), "priority", "p1");
    assert_eq!(over.refused.len(), 5, "it is closed");
    let spam = after(
        "vip",
        &[
            ("2026-11-04T02:10:00Z", "resolve", "spam"),
            ("2026-11-04T02:11:00Z", "note", ""),
            ("2026-11-04T02:11:00Z", "message", "hello"),
        ],
    );
    assert_eq!(spam.ticket().state(), State::Spam);
    refused(&spam, &["wrong_state", "wrong_state"]);
    let new = after(
        "vip",
        &[("2026-11-04T02:10:00Z", "state", "pending_third_party"), ("2026-11-04T02:10:00Z", "state", "resolved")],
    );
    refused(&new, &["wrong_state", "wrong_state"]);
    assert_eq!(after("vip", &[("2026-11-04T02:10:00Z", "priority", "p9")]).refused[0].1, "unknown_policy");
}

// rule: desk 2
#[test]
fn a_ticket_has_three_hundred_states_and_no_more() {
    let mut busy = after("vip", &[("2026-11-04T02:01:00Z", "reply", "")]);
    let mut now = at("2026-11-04T02:02:00Z");
    for n in 0..400 {
        now = now.checked_add(jiff::SignedDuration::from_secs(1)).unwrap();
        busy.step(now, "state", if n % 2 == 0 { "pending_third_party" } else { "open" });
    }
    assert!(busy.refused.len() > 90 && busy.refused.iter().all(|(_, code)| code == "too_many_changes"));
    assert!(busy.ticket().history.states.len() <= 300);
    // What time does to it still finds a place.
    busy.step(at("2027-01-01T00:00:00Z"), "tick", "");
    assert!(busy.ticket().history.states.len() <= 300);
}

// rule: desk 3
#[test]
fn a_message_on_what_is_closed_begins_another_ticket() {
    let mut over = after("vip", &[("2026-11-04T02:10:00Z", "resolve", "")]);
    over.step(at("2026-11-20T00:00:00Z"), "tick", "");
    let now = at("2026-11-20T00:00:00Z");
    assert!(matches!(message(over.ticket(), "again", over.scene(now)), Ok(Messaged::Follows)));
    let opening = domain::desk::Opening {
        id: "t-2".to_owned(),
        member: over.ticket().member.clone(),
        about: over.ticket().about.clone(),
        routed: domain::desk::Routed { route: None, queue: over.ticket().queue.clone(), policy: "vip".to_owned() },
        tier: "member".to_owned(),
        correlation: over.ticket().correlation.clone(),
        follows: Some("t-1".to_owned()),
        owner: Some("ann".to_owned()),
        by: "member".to_owned(),
    };
    let another = domain::desk::open(opening, over.scene(now)).state;
    assert_eq!((another.links[0].kind, another.owner.as_deref()), (LinkKind::Follows, Some("ann")));
    // Thanks say nothing, in any writing.
    for thanks in ["谢谢", "好的,谢谢!", "  THANKS :)", "Thank you!!"] {
        let kept =
            after("vip", &[("2026-11-04T02:10:00Z", "resolve", ""), ("2026-11-04T02:11:00Z", "message", thanks)]);
        assert_eq!(kept.ticket().state(), State::Resolved, "{thanks}");
        assert_eq!(kept.ticket().rows, 4, "it stands in the log");
    }
    for more in ["thanks, but no", "谢谢,那发票呢?", "!!!"] {
        let open = after("vip", &[("2026-11-04T02:10:00Z", "resolve", ""), ("2026-11-04T02:11:00Z", "message", more)]);
        assert_eq!((open.ticket().state(), open.ticket().reopenings), (State::Open, 1), "{more}");
    }
}

// rule: desk 4
#[test]
fn a_pause_hides_nobody_who_waits() {
    let steps = [
        ("2026-11-04T02:01:00Z", "state", "pending_customer"),
        ("2026-11-04T02:02:00Z", "reply", ""),
        ("2026-11-04T02:03:00Z", "message", "and now?"),
        ("2026-11-04T02:04:00Z", "state", "pending_customer"),
        ("2026-11-04T02:05:00Z", "reply", ""),
        ("2026-11-04T02:06:00Z", "state", "pending_customer"),
    ];
    let paused = after("vip", &steps);
    refused(&paused, &["no_reply_yet", "unanswered_message"]);
    assert_eq!(paused.ticket().state(), State::PendingCustomer);
}

// rule: desk 5
#[test]
fn a_resolution_needs_an_answer_or_a_reason() {
    let mut desk = desk("vip");
    let scene = desk.scene(at("2026-11-04T02:10:00Z"));
    let silent = |silent| domain::desk::Resolving { code: "no_fault", replies: false, silent, by: "ann" };
    let without =
        |reason| domain::desk::resolve(desk.ticket(), silent(reason), scene).map(drop).map_err(|no| no.code());
    assert_eq!(
        (without(None), without(Some("  ")), without(Some("a test call"))),
        (Err("reply_needed"), Err("reply_needed"), Ok(()))
    );
    for number in 1..=3 {
        desk.step(at("2026-11-04T02:10:00Z"), "resolve", "");
        assert_eq!(desk.ticket().resolutions, number);
        desk.step(at("2026-11-04T02:10:00Z"), "reopen", "");
    }
}

// rule: desk 6, 17
#[test]
fn the_third_reopening_and_the_second_breach_go_to_the_lead() {
    let mut again = desk("vip");
    for _ in 0..3 {
        again.step(at("2026-11-04T02:10:00Z"), "resolve", "");
        again.step(at("2026-11-04T02:11:00Z"), "message", "no");
        again.step(at("2026-11-04T02:12:00Z"), "reply", "");
    }
    assert_eq!((again.ticket().level, again.ticket().owner.as_deref()), (1, Some("lead-service")));
    let mut late = desk("p1");
    late.step(at("2026-11-04T02:16:00Z"), "tick", "");
    assert_eq!((late.ticket().level, late.ticket().owner.as_deref()), (1, None), "at first the lead is told");
    late.step(at("2026-11-04T06:01:00Z"), "tick", "");
    assert_eq!((late.ticket().level, late.ticket().owner.as_deref()), (2, Some("lead-service")));
    let told = late.facts.iter().filter(|fact| matches!(fact, DeskFact::TicketEscalated { .. })).count();
    late.step(at("2026-11-04T09:00:00Z"), "tick", "");
    assert_eq!(told, 2, "and no third time");
}

// rule: desk 18
#[test]
fn who_is_not_satisfied_is_heard() {
    let steps = [("2026-11-04T02:10:00Z", "resolve", ""), ("2026-11-05T02:00:00Z", "reopen", "csat")];
    let heard = after("vip", &steps);
    let ticket = heard.ticket();
    assert_eq!((ticket.state(), ticket.level, ticket.owner.as_deref()), (State::Open, 1, Some("lead-service")));
    assert_eq!(ticket.unanswered, Some(at("2026-11-05T02:00:00Z")));
    // Opened again before: noted, and handed up.
    let mut open = after("vip", &[("2026-11-04T02:10:00Z", "resolve", ""), ("2026-11-04T03:00:00Z", "message", "no")]);
    open.step(at("2026-11-05T02:00:00Z"), "reopen", "csat");
    assert_eq!((open.ticket().reopenings, open.ticket().level), (1, 1 + 1), "a breach before, and this");
    // An answer to an earlier resolution opens nothing.
    let mut later = after(
        "vip",
        &[
            ("2026-11-04T02:10:00Z", "resolve", ""),
            ("2026-11-04T02:20:00Z", "reopen", ""),
            ("2026-11-04T02:30:00Z", "resolve", ""),
        ],
    );
    let scene = later.scene(at("2026-11-04T03:00:00Z"));
    // Who thinks better of it opens nothing and hands nothing up.
    let better = domain::desk::reconsidered(later.ticket(), scene).unwrap();
    assert_eq!((better.state.state(), better.state.level, better.facts.len()), (State::Resolved, 0, 0));
    let scene = later.scene(at("2026-11-04T03:00:00Z"));
    let done = domain::desk::dissatisfied(later.ticket(), 1, scene).unwrap();
    let domain::desk::Dissatisfied::Heard(change) = done else { panic!("it is not closed") };
    assert_eq!((change.state.state(), change.state.level), (State::Resolved, 1));
    later.step(at("2026-12-01T00:00:00Z"), "tick", "");
    let scene = later.scene(at("2026-12-01T00:00:00Z"));
    assert_eq!(domain::desk::dissatisfied(later.ticket(), 2, scene), Ok(domain::desk::Dissatisfied::Follows));
}

fn other(opened: &str, id: &str, member: &str) -> Ticket {
    let mut desk = Desk::new(programmes(document(None)));
    desk.open(at(opened), "vip", false);
    Ticket { id: id.to_owned(), member: Some(member.parse().unwrap()), ..desk.ticket().clone() }
}

// rule: desk 7
#[test]
fn a_ticket_becomes_part_of_an_older_one_of_its_member() {
    let mut whole = desk("vip");
    whole.step(at("2026-11-04T02:10:00Z"), "reply", "");
    let part = other("2026-11-04T02:20:00Z", "t-2", "m-1");
    let scene = whole.scene(at("2026-11-04T02:30:00Z"));
    let (part, whole) = merge(&part, whole.ticket(), "ann", scene).unwrap();
    assert_eq!(part.state.state(), State::Merged);
    assert!(part.state.clocks.iter().all(|clock| clock.verdict == Some(Verdict::Dropped) && !clock.is_running()));
    assert_eq!(part.state.links[0].kind, LinkKind::MergedInto);
    // Nobody has answered what was asked there: that counts from its own instant on.
    assert_eq!(whole.state.unanswered, Some(at("2026-11-04T02:20:00Z")));
    let next = whole.state.clocks.last().unwrap();
    assert_eq!((next.kind.name(), next.started_at), ("next_response", at("2026-11-04T02:20:00Z")));
    let whole = whole.state;
    let no = |part: &Ticket, whole: &Ticket| merge(part, whole, "ann", scene).map(drop).map_err(|no| no.code());
    assert_eq!(no(&other("2026-11-04T02:20:00Z", "t-3", "m-9"), &whole), Err("different_member"));
    assert_eq!(no(&other("2026-11-04T01:59:59Z", "t-3", "m-1"), &whole), Err("merge_into_older"));
    assert_eq!(no(&whole, &whole), Err("merge_into_older"));
    assert_eq!(no(&part.state, &whole), Err("wrong_state"));
}

// rule: desk 16
#[test]
fn another_department_begins_without_owner() {
    let mut desk = desk("vip");
    let owned = assign(desk.ticket(), Some("ann"), "load", desk.scene(at("2026-11-04T02:01:00Z"))).unwrap();
    assert_eq!(
        (owned.state.owner.as_deref(), owned.state.state()),
        (Some("ann"), State::New),
        "assigned is not looked at"
    );
    desk.ticket = Some(owned.state);
    let moved = move_to(desk.ticket(), "sales", "ann", desk.scene(at("2026-11-04T02:02:00Z"))).unwrap();
    assert_eq!((moved.state.queue.as_str(), moved.state.owner), ("sales", None));
    assert_eq!(moved.facts.len(), 2);
}

// rule: desk 22
#[test]
fn an_offer_that_nobody_answers_is_settled() {
    let offered = [("2026-11-04T03:00:00Z", "reply", "offer")];
    let mut settled = after("vip", &offered);
    settled.step(at("2026-11-06T15:59:59.999Z"), "tick", "");
    assert_eq!(settled.ticket().state(), State::Open);
    settled.step(at("2026-11-06T16:00:00Z"), "tick", "");
    assert_eq!(settled.ticket().state(), State::Resolved);
    let mut answered = after("vip", &[offered[0], ("2026-11-05T03:00:00Z", "message", "not at all")]);
    answered.step(at("2026-11-09T16:00:00Z"), "tick", "");
    assert_eq!(answered.ticket().state(), State::Open);
}

// rule: desk 3
#[test]
fn each_command_is_a_row_of_the_log_without_words() {
    let desk = desk("vip");
    let scene = desk.scene(at("2026-11-04T02:01:00Z"));
    let Ok(Messaged::Logged(change)) = message(desk.ticket(), "secret", scene) else { panic!("it is open") };
    let [Effect::Row(row)] = change.effects.as_slice() else { panic!("one row") };
    assert_eq!((row.table, row.key.hash.as_str(), row.key.range.as_deref()), ("ticket-log", "t-1", Some("00000002")));
    assert!(!format!("{row:?} {:?}", change.facts).contains("secret"));
    assert!(reopen(desk.ticket(), "ann", scene).is_err());
}

// rule: desk 13
#[test]
fn the_version_of_the_opening_or_of_the_last_change_of_policy_holds() {
    let (first, mut second) = (document(None), document(None));
    let p2 = second.sla_policy.iter_mut().find(|policy| policy.id == "p2").unwrap();
    p2.first_response = Some("PT1H".to_owned().try_into().unwrap());
    let versions = [(jiff::Timestamp::MIN, 1, first), (at("2026-11-04T03:00:00Z"), 2, second)];
    let versions = versions.map(|(from, number, document)| {
        let programme = Programme::published(number, domain::kernel::canonical::Hash::GENESIS, document).unwrap();
        (from, std::sync::Arc::new(programme))
    });
    let mut desk = Desk::new(Programmes::new(versions.into()));
    desk.open(at("2026-11-04T02:00:00Z"), "p2", false);
    desk.step(at("2026-11-04T03:10:00Z"), "tick", "");
    assert_eq!(desk.ticket().clock_due(&desk.programmes), Some(at("2026-11-04T06:00:00Z")));
    // By the second it would be overdue: no clock breaches by the change alone.
    desk.step(at("2026-11-04T03:30:00Z"), "priority", "p2");
    let due = desk.ticket().clock_due(&desk.programmes);
    assert_eq!((desk.ticket().version, due), (2, Some(at("2026-11-04T04:30:00Z"))));
    desk.step(at("2026-11-04T03:31:00Z"), "priority", "p1");
    assert_eq!(desk.ticket().clock_due(&desk.programmes), Some(at("2026-11-04T03:46:00Z")));
    assert!(desk.told().is_empty());
}
