//! Where a ticket goes, and to whom.

use domain::desk::{Acquainted, Agent, Concern, candidates, route, ticket_of};
use domain::programme::compiled::Programme;

use super::stage::{at, document};

fn concern(source: &str, topic: &str, tier: &str) -> Concern {
    Concern { source: source.into(), topic: topic.into(), tier: tier.into(), ..Concern::default() }
}

#[track_caller]
fn goes(programme: &Programme, concern: &Concern, number: usize, queue: &str, policy: &str) {
    let routed = route(concern, programme).unwrap();
    assert_eq!(
        (routed.route, routed.queue.as_str(), routed.policy.as_str()),
        (Some(number), queue, policy),
        "{concern:?}"
    );
}

// rule: desk 1
#[test]
fn the_first_route_that_holds_says_where_a_ticket_goes() {
    let mut document = document(None);
    document.route.insert(
        4,
        serde_json::from_value(serde_json::json!({
            "when": "topic == 'billing' && order_net_minor >= 100000", "to": "customer-service", "policy": "p1",
        }))
        .unwrap(),
    );
    let programme = Programme::compile(1, document).unwrap();
    let survey = |score: i64, themes: &[&str]| Concern {
        score: Some(score),
        themes: themes.iter().map(|theme| (*theme).to_owned()).collect(),
        ..concern("survey", "other", "member")
    };
    goes(&programme, &survey(3, &["installation"]), 2, "technical-support", "p2");
    goes(&programme, &survey(1, &["late", "installation"]), 2, "technical-support", "p2");
    goes(&programme, &survey(2, &[]), 3, "voice", "p1");
    goes(&programme, &survey(3, &["late"]), 5, "customer-service", "p3");
    goes(&programme, &concern("member", "presale", "gold"), 1, "sales", "p2");
    goes(&programme, &concern("alert", "other", "gold"), 0, "dedicated-manager", "vip");
    goes(&programme, &concern("member", "billing", "black"), 0, "dedicated-manager", "vip");
    let billing = |amount| Concern { order_net_minor: amount, ..concern("member", "billing", "member") };
    goes(&programme, &billing(99_999), 5, "customer-service", "p3");
    goes(&programme, &billing(100_000), 4, "customer-service", "p1");
    // Without a score there is no low one.
    goes(&programme, &Concern { score: None, ..survey(0, &[]) }, 5, "customer-service", "p3");
    // What a step names goes before what the route says.
    let named = Concern { queue: Some("care-desk".into()), ..concern("journey", "install", "member") };
    goes(&programme, &named, 2, "care-desk", "p2");
    let named = Concern { policy: Some("vip".into()), ..concern("journey", "install", "member") };
    goes(&programme, &named, 2, "technical-support", "vip");
}

// rule: desk 1
#[test]
fn the_same_origin_is_one_ticket() {
    assert_eq!(ticket_of("enrolment/step").len(), 32);
    assert_eq!(ticket_of("enrolment/step"), ticket_of("enrolment/step"));
    assert_ne!(ticket_of("enrolment/step"), ticket_of("enrolment/other"));
}

fn agent(id: &str, open: u32, capacity: u32) -> Agent {
    Agent {
        id: id.to_owned(),
        queues: vec!["customer-service".to_owned()],
        locales: vec!["zh-CN".to_owned()],
        open,
        capacity,
        available: true,
        last_assigned: Some(at("2026-11-04T01:00:00Z")),
    }
}

#[track_caller]
fn owns(agents: &[Agent], acquainted: &Acquainted, locale: &str, expected: Option<(&str, &str)>) {
    let found = candidates(("customer-service", locale), acquainted, agents);
    assert_eq!(found.first().map(|(agent, because)| (agent.id.as_str(), *because)), expected);
}

// rule: desk 16
#[test]
fn the_agent_with_the_most_room_who_speaks_the_language_is_next() {
    let nobody = Acquainted::default();
    let quiet =
        |id: &str, open, capacity, last: &str| Agent { last_assigned: Some(at(last)), ..agent(id, open, capacity) };
    owns(&[agent("a1", 4, 10), agent("a2", 3, 10)], &nobody, "zh-CN", Some(("a2", "load")));
    // A share of the capacity, not a number.
    owns(&[agent("a1", 3, 4), agent("a2", 7, 10)], &nobody, "zh-CN", Some(("a2", "load")));
    let equal = [quiet("a1", 2, 4, "2026-11-04T01:00:00Z"), quiet("a2", 5, 10, "2026-11-04T00:59:59Z")];
    owns(&equal, &nobody, "zh-CN", Some(("a2", "load")));
    owns(&[agent("b", 0, 10), agent("a", 0, 10)], &nobody, "zh-CN", Some(("a", "load")));
    let new = Agent { last_assigned: None, ..agent("z", 0, 10) };
    owns(&[agent("a", 0, 10), new], &nobody, "zh-CN", Some(("z", "load")));
    // Nobody speaks it: any.
    owns(&[agent("a1", 4, 10), agent("a2", 3, 10)], &nobody, "ja", Some(("a2", "load")));
    let speaks = Agent { locales: vec!["ja".into()], ..agent("a3", 9, 10) };
    owns(&[agent("a1", 0, 10), speaks], &nobody, "ja", Some(("a3", "load")));
    let away = Agent { available: false, ..agent("a1", 0, 10) };
    let elsewhere = Agent { queues: vec!["sales".into()], ..agent("a3", 0, 10) };
    owns(&[away, agent("a2", 10, 10), elsewhere], &nobody, "zh-CN", None);
}

// rule: desk 16
#[test]
fn whoever_knows_the_member_comes_first_if_there_is_room() {
    let own = Agent { queues: vec!["dedicated-manager".into()], ..agent("vip1", 5, 10) };
    let dedicated = Acquainted { dedicated: Some("vip1".into()), recent: Some("a2".into()) };
    let agents = [agent("a1", 0, 10), agent("a2", 8, 10), own.clone()];
    owns(&agents, &dedicated, "zh-CN", Some(("vip1", "dedicated")));
    let recent = Acquainted { recent: Some("a2".into()), ..Acquainted::default() };
    owns(&agents, &recent, "zh-CN", Some(("a2", "recent")));
    let away = Agent { available: false, ..own };
    owns(&[agent("a1", 0, 10), away.clone()], &dedicated, "zh-CN", Some(("a1", "load")));
    let full = Acquainted { recent: Some("a3".into()), ..Acquainted::default() };
    owns(&[agent("a1", 0, 10), agent("a3", 10, 10)], &full, "zh-CN", Some(("a1", "load")));
    // One who is neither in the queue nor an agent of members' own.
    let sales = Agent { queues: vec!["sales".into()], available: true, ..away };
    owns(&[agent("a1", 0, 10), sales], &dedicated, "zh-CN", Some(("a1", "load")));
    // Whoever loses the race makes way for the next, five at most, nobody twice.
    let many: Vec<Agent> = (0..9).map(|n| agent(&format!("a{n}"), n, 10)).collect();
    let found = candidates(("customer-service", "zh-CN"), &recent, &many);
    assert_eq!(found.iter().map(|(agent, _)| agent.id.as_str()).collect::<Vec<_>>(), ["a2", "a0", "a1", "a3", "a4"]);
}
