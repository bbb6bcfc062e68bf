//! Tickets, agents and dedications as they are stored.

use std::collections::BTreeMap;

use domain::desk::{
    About, Clock, Dedication, Grant, GrantState, History, Kind, Link, LinkKind, Record, Said, State, Status, Ticket,
    Verdict,
};
use domain::programme::desk::emergency::ItemKind;
use domain::programme::desk::rules::Pause;
use serde_json::json;
use store::{
    decode_agent, decode_dedication, decode_ticket, encode_agent, encode_dedication, encode_ticket, image_of, size_of,
};

use crate::check;
use crate::entries::{at, s};
use crate::member;

fn clock(kind: Kind) -> Clock {
    Clock {
        kind,
        instance: 1,
        started_at: at("2028-02-29T02:00:00.007Z"),
        counts_from: at("2028-02-29T02:00:00.007Z"),
        target_ms: 14_400_000,
        version: 3,
        calendar: s("cn-office"),
        fixed: None,
        ended_at: None,
        verdict: None,
        missed: None,
        warned: false,
    }
}

fn usual() -> Ticket {
    Ticket {
        id: s("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44"),
        version: 3,
        queue: s("technical-support"),
        owner: Some(s("ann")),
        policy: s("p2"),
        about: About {
            topic: s("install"),
            channel: s("app"),
            locale: s("zh-CN"),
            source: s("member"),
            ..About::default()
        },
        member: Some(member()),
        correlation: s("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44"),
        opened_at: at("2028-02-29T02:00:00.007Z"),
        history: History::new(at("2028-02-29T02:00:00.007Z"), &[Pause::PendingCustomer]),
        clocks: vec![clock(Kind::FirstResponse), clock(Kind::Resolution)],
        next_responses: 0,
        answered: false,
        replies: 0,
        unanswered: None,
        resolutions: 0,
        reopenings: 0,
        level: 0,
        offered_at: None,
        grants: Vec::new(),
        links: Vec::new(),
        rows: 1,
    }
}

fn grant() -> Grant {
    Grant {
        id: s("5d41402abc4b2a76b9719d911017c592"),
        item: s("coupon-5"),
        kind: ItemKind::Coupon,
        reward: Some(s("coupon-no-threshold-5")),
        cost_minor: 500,
        by: s("ann"),
        at: at("2028-02-29T03:00:00Z"),
        state: GrantState::Proposed,
        lapses: Some(at("2028-03-01T03:00:00Z")),
        approver: None,
    }
}

/// With one of everything.
fn full() -> Ticket {
    let states = [
        State::New,
        State::Open,
        State::PendingCustomer,
        State::PendingThirdParty,
        State::Resolved,
        State::Closed,
        State::Merged,
        State::Spam,
    ];
    let missed = Some(at("2028-02-29T06:00:00Z"));
    let breached = Clock { verdict: Some(Verdict::Breached), missed, warned: true, ..clock(Kind::FirstResponse) };
    let met = Clock { ended_at: missed, verdict: Some(Verdict::Met), instance: 7, ..clock(Kind::NextResponse) };
    let dropped = Clock {
        counts_from: at("2028-02-29T03:00:00Z"),
        verdict: Some(Verdict::Dropped),
        fixed: missed,
        ..met.clone()
    };
    let link = |kind| Link { kind, ticket: s("5d41402abc4b2a76b9719d911017c592") };
    Ticket {
        owner: None,
        about: About {
            origin: Some(s("5d41402abc4b2a76b9719d911017c592")),
            order: Some(s("2028-77")),
            live: true,
            ..usual().about
        },
        history: History {
            states: states.into_iter().map(|state| (state, at("2028-02-29T02:00:00.007Z"))).collect(),
            pause_on: vec![Pause::PendingCustomer, Pause::PendingThirdParty],
        },
        clocks: vec![breached, met, dropped],
        next_responses: 7,
        answered: true,
        replies: 2,
        unanswered: missed,
        resolutions: 3,
        reopenings: 2,
        level: 1,
        offered_at: missed,
        grants: vec![grant(), Grant { state: GrantState::Granted, approver: Some(s("zoe")), lapses: None, ..grant() }],
        links: vec![link(LinkKind::Follows), link(LinkKind::Absorbed), link(LinkKind::MergedInto)],
        rows: 12_345,
        ..usual()
    }
}

fn most() -> Ticket {
    let state = (State::PendingThirdParty, at("2028-02-29T02:00:00.007Z"));
    let everything = full();
    Ticket {
        history: History { states: vec![state; History::MOST], ..everything.history },
        clocks: vec![everything.clocks[2].clone(); Ticket::MOST_CLOCKS],
        grants: vec![grant(); 10],
        links: vec![everything.links[2].clone(); Ticket::MOST_LINKS],
        ..full()
    }
}

// rule: desk 2, 20
#[test]
fn tickets_and_agents_are_stored_as_before() {
    let mut now = BTreeMap::new();
    for (name, ticket, largest) in
        [("ticket", usual(), 900), ("ticket-full", full(), 4_096), ("ticket-most", most(), 24 * 1_024)]
    {
        let item = encode_ticket(&ticket);
        assert_eq!(decode_ticket(&ticket.id, &item).expect("a ticket"), ticket, "{name}");
        assert!(size_of(&item) <= largest, "{name}: {}", size_of(&item));
        now.insert(name.to_owned(), json!({"item": image_of(&item)}));
    }
    let said = Said { queues: vec![s("sales")], locales: vec![s("zh-CN")], capacity: 20, own: None };
    let since = at("2028-02-29T02:00:00Z");
    let agent =
        Record { id: s("ann"), said, status: Status::Away, since, open: 0, last_assigned: None, gave_back: false };
    let own = Said { own: Some(vec![member()]), ..agent.said.clone() };
    let whole = Record {
        said: own,
        status: Status::Offline,
        open: 3,
        last_assigned: Some(since),
        gave_back: true,
        ..agent.clone()
    };
    for (name, agent) in [("agent", agent), ("agent-full", whole)] {
        let item = encode_agent(&agent);
        assert_eq!(decode_agent(&agent.id, &item).expect("an agent"), agent, "{name}");
        now.insert(name.to_owned(), json!({"item": image_of(&item)}));
    }
    for (name, manager) in [("dedication", Some(s("ann"))), ("dedication-ended", None)] {
        let dedication = Dedication { member: member(), manager };
        let item = encode_dedication(&dedication);
        assert_eq!(decode_dedication(&member(), &item).expect("a dedication"), dedication, "{name}");
        now.insert(name.to_owned(), json!({"item": image_of(&item)}));
    }
    check("desk", &now);
}
