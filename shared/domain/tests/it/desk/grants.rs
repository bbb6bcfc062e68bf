//! What an agent gives on the spot, and what keeps it within budgets.

use std::collections::BTreeMap;

use domain::desk::{
    Asked, DeskFact, DeskRefusal, GrantState, Granter, Moves, Used, approve, grant, lapsing, take_back, tick,
};
use domain::kernel::id::MemberId;
use domain::kernel::refusal::Refusal;
use domain::programme::desk::emergency::{EmergencyItem, EmergencyPack};
use serde_json::json;

use super::stage::{Desk, at, document, programmes};

/// A ticket of m1 with an order, and budgets.
struct Case {
    desk: Desk,
    pack: EmergencyPack,
    used: Used,
    agents: BTreeMap<&'static str, Vec<MemberId>>,
}

fn item(id: &str) -> EmergencyItem {
    let (kind, cost, stock) = match id {
        "points-200" => ("points", 200, None),
        "coupon-20" => ("coupon", 2_000, None),
        "gift-small" => ("gift", 1_000, Some(100)),
        "gift-medium" => ("gift", 3_000, Some(1)),
        "gift-large" => ("gift", 3_001, Some(5)),
        "expedite" => ("expedite", 1_500, None),
        other => panic!("there is no {other}"),
    };
    let mut item = json!({"id": id, "kind": kind, "unit_cost_minor": cost});
    if let Some(stock) = stock {
        item["stock"] = json!(stock);
    }
    serde_json::from_value(item).unwrap()
}

impl Case {
    fn new() -> Self {
        let mut desk = Desk::new(programmes(document(None)));
        desk.open(at("2026-11-04T01:00:00Z"), "vip", false);
        desk.step(at("2026-11-04T01:01:00Z"), "reply", "");
        let ticket = desk.ticket.as_mut().unwrap();
        ticket.about.order = Some("o1".into());
        let pack = json!({
            "per_case_minor": 5_000, "per_agent_day": 3, "per_member_30d": 1,
            "monthly_budget_minor": 5_000_000, "approval_above_minor": 3_000,
        });
        let used = Used { agent_today: 0, member_last: None, month_minor: 0, stock: Some(9) };
        let own = |id: &str| vec![id.parse().unwrap()];
        let agents = [("ann", own("m-ann")), ("bo", Vec::new()), ("lea", Vec::new()), ("mia", own("m-1"))];
        Self { desk, pack: serde_json::from_value(pack).unwrap(), used, agents: agents.into() }
    }

    fn by(&self, id: &'static str) -> Granter<'_> {
        Granter { id, own: self.agents.get(id).map(Vec::as_slice) }
    }

    fn grant(&mut self, when: &str, id: &str, what: &str, by: &'static str) -> Result<Moves, DeskRefusal> {
        let item = item(what);
        let asked = Asked { id, item: &item, by: self.by(by), active: true };
        let (change, moves) = grant(self.desk.ticket(), asked, (&self.pack, self.used), self.desk.scene(at(when)))?;
        self.used.agent_today += moves.agent_count;
        self.used.month_minor += moves.cost_minor;
        self.used.member_last = Some(moves.date);
        self.desk.ticket = Some(change.state);
        self.desk.facts.extend(change.facts);
        Ok(moves)
    }

    fn code(&mut self, what: &str, by: &'static str) -> &'static str {
        let before = self.desk.ticket().clone();
        let code = self.grant("2026-11-04T02:00:00Z", "g", what, by).map_or_else(|no| no.code(), |_| "granted");
        assert!(code == "granted" || self.desk.ticket() == &before);
        code
    }
}

// rule: desk 19
#[test]
fn the_first_of_what_stands_against_it_is_the_answer() {
    assert_eq!(Case::new().code("points-200", "zed"), "undeclared_members");
    assert_eq!(Case::new().code("points-200", "mia"), "self_benefit");
    assert_eq!(Case::new().code("points-200", "ann"), "granted");
    let mut case = Case::new();
    case.desk.ticket.as_mut().unwrap().about.order = None;
    assert_eq!((case.code("expedite", "ann"), case.code("coupon-20", "ann")), ("no_order", "granted"));
    let mut new = Case::new();
    new.desk.open(at("2026-11-04T01:00:00Z"), "vip", false);
    assert_eq!(new.code("points-200", "ann"), "wrong_state");
    let mut case = Case::new();
    let scene = case.desk.scene(at("2026-11-04T02:00:00Z"));
    let item = item("points-200");
    let asked = Asked { id: "g", item: &item, by: case.by("ann"), active: false };
    assert_eq!(
        grant(case.desk.ticket(), asked, (&case.pack, case.used), scene).unwrap_err().code(),
        "member_not_active"
    );
    // Several budgets are used up.
    case.used = Used {
        agent_today: 3,
        member_last: Some("2026-11-01".parse().unwrap()),
        month_minor: 5_000_000,
        stock: Some(0),
    };
    for (what, code) in [
        ("agent_today", "agent_budget"),
        ("member_last", "member_budget"),
        ("month", "month_budget"),
        ("stock", "out_of_stock"),
    ] {
        assert_eq!(case.code("gift-small", "ann"), code);
        match what {
            "agent_today" => case.used.agent_today = 2,
            "member_last" => case.used.member_last = None,
            "month" => case.used.month_minor = 4_999_000,
            _ => case.used.stock = Some(1),
        }
    }
    assert_eq!(case.code("gift-small", "ann"), "granted");
}

// rule: desk 20
#[test]
fn exactly_at_a_limit_is_allowed() {
    let mut case = Case::new();
    case.pack.per_member_30d = 0;
    case.pack.approval_above_minor = None;
    assert!(case.grant("2026-11-04T02:00:00Z", "g1", "gift-medium", "ann").is_ok());
    let refusal = case.grant("2026-11-04T02:01:00Z", "g2", "gift-large", "ann").unwrap_err();
    assert_eq!(refusal, DeskRefusal::CaseBudget { limit: 5_000, used: 3_000, asked: 3_001 });
    assert!(case.grant("2026-11-04T02:02:00Z", "g3", "coupon-20", "ann").is_ok());
    assert_eq!(case.desk.ticket().case_total_minor(), 5_000);
}

// rule: desk 20
#[test]
fn a_member_gets_something_every_thirty_local_dates() {
    for (when, expected) in [("2026-12-03T15:59:59Z", Err("member_budget")), ("2026-12-03T16:00:00Z", Ok(()))] {
        let mut case = Case::new();
        case.used.member_last = Some("2026-11-04".parse().unwrap());
        let found = case.grant(when, "g2", "points-200", "bo");
        if let Err(DeskRefusal::MemberBudget { limit, used, asked, resets_at }) = &found {
            assert_eq!((*limit, *used, *asked, *resets_at), (1, 1, 1, at("2026-12-03T16:00:00Z")));
        }
        assert_eq!(found.map(drop).map_err(|no| no.code()), expected, "{when}");
    }
}

// rule: desk 20
#[test]
fn a_refusal_says_when_a_budget_begins_anew() {
    let mut case = Case::new();
    case.used.agent_today = 3;
    let Err(DeskRefusal::AgentBudget { resets_at, .. }) = case.grant("2026-11-04T02:00:00Z", "g", "points-200", "ann")
    else {
        panic!()
    };
    assert_eq!(resets_at, at("2026-11-04T16:00:00Z"));
    case.used = Used { agent_today: 0, month_minor: 4_999_900, ..case.used };
    let Err(DeskRefusal::MonthBudget { resets_at, used, asked, .. }) =
        case.grant("2026-11-30T15:59:59Z", "g", "points-200", "ann")
    else {
        panic!()
    };
    assert_eq!((resets_at, used, asked), (at("2026-11-30T16:00:00Z"), 4_999_900, 200));
}

// rule: desk 21
#[test]
fn what_makes_a_case_dear_a_second_person_approves() {
    let mut case = Case::new();
    case.pack.per_member_30d = 0;
    assert!(case.grant("2026-11-04T02:00:00Z", "g1", "gift-medium", "ann").is_ok());
    assert_eq!(case.desk.ticket().grants[0].state, GrantState::Granted, "exactly 3,000 needs nobody");
    // Splitting it avoids nothing: the case's total counts.
    assert!(case.grant("2026-11-04T02:01:00Z", "g2", "points-200", "ann").is_ok());
    assert_eq!(
        (case.desk.ticket().grants[1].state, case.desk.ticket().case_total_minor()),
        (GrantState::Proposed, 3_200)
    );
    let code = |id: &str, when: &str, by: &'static str| {
        approve(case.desk.ticket(), id, case.by(by), case.desk.scene(at(when))).map(drop).map_err(|no| no.code())
    };
    assert_eq!(code("g1", "2026-11-04T03:00:00Z", "lea"), Err("wrong_state"));
    assert_eq!(code("g9", "2026-11-04T03:00:00Z", "lea"), Err("unknown_grant"));
    assert_eq!(code("g2", "2026-11-05T02:01:00Z", "ann"), Err("lapsed"), "24 hours after the proposal");
    assert_eq!(code("g2", "2026-11-05T02:00:59.999Z", "ann"), Err("same_approver"));
    assert_eq!(code("g2", "2026-11-04T03:00:00Z", "mia"), Err("self_benefit"));
    assert_eq!(code("g2", "2026-11-05T02:00:59.999Z", "lea"), Ok(()));
    let change =
        approve(case.desk.ticket(), "g2", case.by("lea"), case.desk.scene(at("2026-11-04T03:00:00Z"))).unwrap();
    assert_eq!(change.state.grants[1].approver.as_deref(), Some("lea"));
    assert!(matches!(&change.facts[0], DeskFact::EmergencyGranted { approver: Some(lea), .. } if lea == "lea"));
}

// rule: desk 21
#[test]
fn what_is_not_given_comes_back_but_for_the_agents_count() {
    let mut case = Case::new();
    let moved = case.grant("2026-11-04T02:00:00Z", "g1", "gift-large", "ann").unwrap();
    assert_eq!((moved.cost_minor, moved.pieces, moved.agent_count), (3_001, 1, 1));
    assert!(lapsing(case.desk.ticket(), case.desk.scene(at("2026-11-05T01:59:59.999Z"))).is_empty());
    let scene = case.desk.scene(at("2026-11-05T02:05:00Z"));
    let [(item, moves)] = lapsing(case.desk.ticket(), scene).try_into().unwrap();
    assert_eq!((item.as_str(), moves.cost_minor, moves.pieces, moves.agent_count), ("gift-large", -3_001, -1, 0));
    assert_eq!(moves.month.to_string(), "2026-11", "to the month that it was taken from");
    let ticked = tick(case.desk.ticket(), scene).unwrap();
    assert_eq!((ticked.state.grants[0].state, ticked.state.case_total_minor()), (GrantState::Lapsed, 0));
    assert!(tick(&ticked.state, scene).is_none(), "once");
    let (rejected, moves) =
        take_back(case.desk.ticket(), "g1", GrantState::Rejected, "lea", case.desk.scene(at("2026-11-04T03:00:00Z")))
            .unwrap();
    assert_eq!((rejected.state.case_total_minor(), moves.cost_minor), (0, -3_001));
    let again = take_back(&rejected.state, "g1", GrantState::Rejected, "lea", scene);
    assert_eq!(again.unwrap_err().code(), "wrong_state");
}
