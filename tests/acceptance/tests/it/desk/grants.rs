//! What is given on the spot: within budgets, once, by those who may.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{MONDAY, id};
use crate::world::{Answer, BEFORE_ADJUSTMENT, Caller, World};

/// Points, by a rule that names them, and a coupon.
const MORE: (&str, &str) = (
    BEFORE_ADJUSTMENT,
    "[activity.\"emergency.granted\"]\nattributes = { item = \"text\", cost_minor = \"integer\" }\n\n[[earning_rule]]\nid = \"on-the-spot\"\n\
     on = \"emergency.granted\"\nwhen = \"item == 'points-50'\"\npoints = 50\n\n[[emergency_item]]\nid = \"points-50\"\nkind = \"points\"\n\
     unit_cost_minor = 50\n\n[adjustment]\nreasons",
);

/// No limit for a member, so that others show.
const OFTEN: (&str, &str) = ("per_member_30d = 1", "per_member_30d = 0");

/// A member with an open ticket that an agent owns.
async fn open(world: &World, agent: &str, name: &str, order: bool) -> Value {
    let member = world.customer(name).await;
    let mut body = super::concern(&member, "order");
    if order {
        body["order"] = json!("o-1");
    }
    let answer = world.member(&member).keyed("k-1", "/v1/tickets", &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let ticket = world.ticket(&answer.body).await;
    if ticket["owner"] != agent {
        world.handles(&world.clerk(agent), &ticket, "assignment", json!({"agent": "me"})).await.ok();
    }
    world.handles(&world.clerk(agent), &ticket, "messages", json!({"text": "We put it right"})).await.ok();
    ticket
}

async fn gives(by: &Caller, ticket: &Value, item: &str, key: &str) -> Answer {
    let body = json!({"item": item, "reason": "the parcel was late"});
    by.keyed(key, &format!("/v1/tickets/{}/grants", id(ticket)), &body).await
}

// rule: desk 19
#[tokio::test]
async fn the_first_of_what_stands_against_a_grant_is_the_answer() {
    let world = World::starting(MONDAY, &[]).await;
    let ann = world.clerk("ann");
    let said = json!({"queues": ["customer-service"], "locales": [], "capacity": 5});
    world.admin("ada").put("/v1/desk/agents/ann", &said).await.ok();
    let ticket = open(&world, "ann", "wang", false).await;
    let member = ticket["member"].clone();
    gives(&world.clerk("bob"), &ticket, "gift-small", "g-0").await.refused(403, "forbidden");
    gives(&ann, &ticket, "gift-huge", "g-0").await.refused(422, "unknown_item");
    gives(&ann, &ticket, "gift-small", "g-1").await.refused(403, "undeclared_members");
    let mut own = said.clone();
    own["members"] = json!([member]);
    world.admin("ada").put("/v1/desk/agents/ann", &own).await.ok();
    gives(&ann, &ticket, "gift-small", "g-2").await.refused(403, "self_benefit");
    let log = world.admin("ada").get(&format!("/v1/tickets/{}/log", id(&ticket))).await.ok();
    let denied = log["rows"].as_array().unwrap().iter().filter(|row| row["kind"] == "grant denied").count();
    assert_eq!(denied, 1, "it is logged");
    own["members"] = json!([]);
    world.admin("ada").put("/v1/desk/agents/ann", &own).await.ok();
    gives(&ann, &ticket, "expedite", "g-3").await.refused(422, "no_order");
    let given = gives(&ann, &ticket, "gift-small", "g-4").await.ok();
    let again = gives(&ann, &ticket, "gift-small", "g-4").await.again();
    assert_eq!((given["grants"].as_array().unwrap().len(), &again["grants"]), (1, &given["grants"]));
    let budget = gives(&ann, &ticket, "gift-small", "g-5").await.refused(409, "member_budget");
    assert_eq!(budget["resets_at"], "2026-03-31T16:00:00Z", "thirty local dates later: {budget}");
    let left = ann.get("/v1/desk/budgets").await.ok();
    let used = [&left["agent_today"]["used"], &left["month_minor"]["used"]];
    assert_eq!(used, [&json!(1), &json!(1_000)]);
    let small = left["items"].as_array().unwrap().iter().find(|item| item["item"] == "gift-small").unwrap();
    assert_eq!(small["left"], 499);
    world.handles(&ann, &ticket, "resolution", json!({"code": "goodwill"})).await.ok();
    gives(&ann, &ticket, "gift-small", "g-6").await.refused(409, "wrong_state");
    // The lead of the queue may as well.
    let lead = world.lead("lead-service");
    gives(&lead, &ticket, "gift-small", "g-7").await.refused(403, "undeclared_members");
}

// rule: desk 20
#[tokio::test]
async fn a_case_an_agent_and_a_stock_have_limits() {
    let world =
        World::starting(MONDAY, &[OFTEN, ("unit_cost_minor = 1000\nstock = 500", "unit_cost_minor = 1000\nstock = 2")])
            .await;
    world.staffed("ann", &["customer-service"], 50).await;
    let ann = world.clerk("ann");
    let one = open(&world, "ann", "wang", true).await;
    gives(&ann, &one, "gift-small", "g-1").await.ok();
    gives(&ann, &one, "gift-small", "g-2").await.ok();
    gives(&ann, &one, "gift-small", "g-3").await.refused(409, "out_of_stock");
    // 2,000 and 3,000 are 5,000, exactly what a case may cost; a second person must agree.
    let proposed = gives(&ann, &one, "gift-medium", "g-4").await.ok();
    assert_eq!(proposed["grants"][2]["state"], "proposed");
    let refused = gives(&ann, &one, "coupon-5", "g-5").await.refused(409, "case_budget");
    let told = ["limit", "used", "asked"].map(|name| refused[name].clone());
    assert_eq!(json!(told), json!([5_000, 5_000, 500]));
    let other = open(&world, "ann", "li", true).await;
    gives(&ann, &other, "expedite", "g-6").await.refused(409, "agent_budget");
    // On the next local date the agent gives again.
    world.advance("2026-03-03T00:00:00+08:00").await;
    gives(&ann, &other, "expedite", "g-7").await.ok();
}

// rule: desk 21
#[tokio::test]
async fn a_second_person_agrees_to_what_makes_a_case_dear() {
    let world = World::starting(MONDAY, &[OFTEN]).await;
    world.staffed("ann", &["customer-service"], 50).await;
    let ann = world.clerk("ann");
    let lead = world.lead("lead-service");
    let ticket = open(&world, "ann", "wang", true).await;
    let answer = |grant: &Value, what: &str| format!("grants/{}/{what}", grant["grant"].as_str().unwrap());
    let because = json!({"reason": "as agreed on the phone"});
    gives(&ann, &ticket, "coupon-5", "g-0").await.ok();
    let first = gives(&ann, &ticket, "gift-medium", "g-1").await.ok()["grants"][1].clone();
    assert_eq!(first["state"], "proposed");
    world.handles(&ann, &ticket, &answer(&first, "approval"), because.clone()).await.refused(403, "forbidden");
    let ann_leads = world.lead("ann");
    world
        .handles(&ann_leads, &ticket, &answer(&first, "approval"), because.clone())
        .await
        .refused(403, "same_approver");
    let agreed = world.handles(&lead, &ticket, &answer(&first, "approval"), because.clone()).await.ok();
    assert_eq!(
        (&agreed["grants"][1]["state"], &agreed["grants"][1]["approver"]),
        (&json!("granted"), &json!("lead-service"))
    );
    world.handles(&lead, &ticket, &answer(&first, "approval"), because.clone()).await.refused(409, "wrong_state");
    world.handles(&lead, &ticket, "grants/none/approval", because.clone()).await.refused(404, "unknown_grant");
    let taken = world.handles(&lead, &ticket, &answer(&first, "cancellation"), because.clone()).await.ok();
    assert_eq!(taken["grants"][1]["state"], "cancelled");
    let budgets = ann.get("/v1/desk/budgets").await.ok();
    assert_eq!((&budgets["month_minor"]["used"], &budgets["agent_today"]["used"]), (&json!(500), &json!(2)));
    // What nobody agrees to in a day gives back what was kept for it.
    gives(&ann, &ticket, "gift-medium", "g-2").await.ok();
    assert_eq!(ann.get("/v1/desk/budgets").await.ok()["month_minor"]["used"], 3_500);
    world.ticks_at("2026-03-03T11:00:00+08:00").await;
    let lapsed = world.ticket(&ticket).await;
    assert_eq!(lapsed["grants"][2]["state"], "lapsed");
    assert_eq!(ann.get("/v1/desk/budgets").await.ok()["month_minor"]["used"], 500);
    let late = world.handles(&lead, &ticket, &answer(&lapsed["grants"][2], "approval"), because).await;
    late.refused(409, "wrong_state");
}

// rule: desk 20, 22
#[tokio::test]
async fn points_and_vouchers_are_the_members_once() {
    let world = World::whole(MONDAY, &[OFTEN, MORE]).await;
    world.staffed("ann", &["customer-service"], 50).await;
    let ann = world.clerk("ann");
    let ticket = open(&world, "ann", "wang", true).await;
    let member = ticket["member"].as_str().unwrap();
    for key in ["g-1", "g-1"] {
        gives(&ann, &ticket, "points-50", key).await;
        gives(&ann, &ticket, "coupon-5", &format!("{key}c")).await;
    }
    world.platform.rest().await.unwrap();
    assert_eq!(world.pockets(member).await, [50, 0, 0, 0], "they can be spent at once");
    let vouchers = world.member(member).get(&format!("/v1/members/{member}/vouchers")).await.ok();
    assert_eq!(vouchers["vouchers"].as_array().unwrap().len(), 1, "{vouchers}");
    let ledger = world.ledger(member).await;
    let given = world.ticket(&ticket).await["grants"].clone();
    let cause = ledger.iter().find(|entry| entry["reward"] == "coupon-no-threshold-5").unwrap()["cause"].clone();
    assert_eq!(cause, given[1]["grant"]);
    let cancel = format!("grants/{}/cancellation", given[0]["grant"].as_str().unwrap());
    let refused = world.handles(&world.lead("lead-service"), &ticket, &cancel, json!({"reason": "a mistake"})).await;
    refused.refused(409, "wrong_state");
}

// rule: desk 20
#[tokio::test]
async fn sixty_four_agents_race_for_one_budget_and_exactly_what_is_in_it_is_given() {
    const AGENTS: usize = 64;
    const ROOM: usize = 10;
    let month = ("monthly_budget_minor = 5000000", "monthly_budget_minor = 10000");
    let world = World::starting(MONDAY, &[month, ("approval_above_minor = 3000\n", "")]).await;
    let mut cases = Vec::new();
    for n in 0..AGENTS {
        let agent = format!("agent-{n}");
        world.staffed(&agent, &["sales"], 5).await;
        cases.push((agent.clone(), open(&world, &agent, &format!("c-{n}"), false).await));
    }
    let mut race = JoinSet::new();
    for (agent, ticket) in cases.clone() {
        let by = world.clerk(&agent);
        race.spawn(async move {
            loop {
                let answer = gives(&by, &ticket, "gift-small", "g").await;
                if answer.body["code"] != "busy" {
                    return answer;
                }
            }
        });
    }
    let answers = race.join_all().await;
    let given = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(given, ROOM, "exactly what is in the budget");
    for lost in answers.into_iter().filter(|answer| answer.status != 200) {
        let refused = lost.refused(409, "month_budget");
        assert_eq!((&refused["limit"], &refused["used"]), (&json!(10_000), &json!(10_000)));
    }
    let used = world.clerk("agent-0").get("/v1/desk/budgets").await.ok();
    assert_eq!(used["month_minor"]["used"], 10_000, "the month is the sum");
    let mut sum = 0;
    for (_, ticket) in &cases {
        sum += world.ticket(ticket).await["grants"].as_array().unwrap().len();
    }
    assert_eq!(sum, ROOM);
}

// rule: desk 20
#[tokio::test]
async fn one_case_is_given_by_many_at_once_no_more_than_it_may_cost() {
    let world = World::starting(
        MONDAY,
        &[OFTEN, ("approval_above_minor = 3000\n", ""), ("per_agent_day = 3", "per_agent_day = 1000")],
    )
    .await;
    world.staffed("ann", &["customer-service"], 5).await;
    let ticket = open(&world, "ann", "wang", false).await;
    let mut race = JoinSet::new();
    for n in 0..16 {
        let (by, ticket) = (world.clerk("ann"), ticket.clone());
        race.spawn(async move {
            loop {
                let answer = gives(&by, &ticket, "gift-small", &format!("g-{n}")).await;
                if answer.body["code"] != "busy" {
                    return answer;
                }
            }
        });
    }
    let given = race.join_all().await.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(given, 5, "five gifts of 1,000 are what a case may cost");
    let budgets = world.clerk("ann").get("/v1/desk/budgets").await.ok();
    assert_eq!((&budgets["month_minor"]["used"], &budgets["agent_today"]["used"]), (&json!(5_000), &json!(5)));
}
