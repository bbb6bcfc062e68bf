//! The sweep of accounts that are due: it writes down what time has done, and no answer depends on it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::proof::audit;
use crate::tables;
use crate::world::{World, at, fact};

impl World {
    /// The sweep runs now, due or not.
    async fn sweeps(&self) {
        self.platform.fire("UpkeepFunctionSettleDueAccounts").await.unwrap();
    }

    /// The clock goes to an instant, and no sweep runs.
    fn sleeps_until(&self, to: &str) {
        self.clock.set(at(to));
    }

    async fn versions<const N: usize>(&self, members: [&str; N]) -> [i64; N] {
        let mut versions = [0; N];
        for (version, member) in versions.iter_mut().zip(members) {
            *version = tables::version(&self.platform, member).await;
        }
        versions
    }

    /// At which instant of the index an account is found, in seconds; `None`: nothing will happen to it.
    async fn armed_for(&self, member: &str) -> Option<i64> {
        let account = tables::account(&self.platform, member).await.unwrap();
        Some(account.get("da")?["N"].as_str().unwrap().parse().unwrap())
    }

    async fn holds(&self, member: &str, points: i64) -> Value {
        let body = json!({"member": member, "order_id": "1", "order_net_minor": 100_000, "points": points});
        self.member(member).keyed("checkout", "/v1/holds", &body).await.ok()
    }
}

#[tokio::test]
async fn what_is_due_is_written_down_and_nobody_else_is_touched() {
    let world = World::new().await;
    world.pays("buyer", "1001", 19_990).await.ok();
    world.earns_100("writer", "review").await.ok();
    world.earns_100("holder", "review").await.ok();
    world.holds("holder", 100).await;
    assert_eq!(world.versions(["buyer", "writer", "holder"]).await, [1, 1, 2]);

    world.advance("2026-03-01T10:14:59+08:00").await; // the sweep of 10:05 runs; the hold ends at 10:15
    assert_eq!(world.versions(["buyer", "writer", "holder"]).await, [1, 1, 2]);
    world.advance("2026-03-01T11:05:00+08:00").await;
    assert_eq!(world.versions(["buyer", "writer", "holder"]).await, [1, 1, 3]);
    let released = world.ledger("holder").await.pop().unwrap();
    let expected = json!([{
        "what": "released", "hold": 2, "until": "2026-03-01T02:15:00Z", "repaid": 0,
        "parts": [["2027-03-31T16:00:00Z", 100]],
    }]);
    assert_eq!(
        (&released["kind"], &released["settled"], &released["points"]),
        (&json!("settle"), &expected, &json!(0))
    );

    world.advance("2026-05-13T23:59:59+08:00").await; // sixty days after they could be spent
    assert_eq!(world.versions(["buyer", "writer", "holder"]).await, [1, 1, 3]);
    world.advance("2026-05-14T00:05:00+08:00").await;
    assert_eq!(world.versions(["buyer", "writer", "holder"]).await, [2, 1, 3]);
    let activated = world.ledger("buyer").await.pop().unwrap();
    assert_eq!(activated["settled"][0]["what"], "activated");
    assert_eq!(activated["settled"][0]["activates_at"], "2026-03-14T16:00:00Z");
    assert_eq!((&activated["points"], &activated["balance_after"]), (&json!(0), &json!(199)));

    world.advance("2027-05-30T23:59:59+08:00").await; // what expired two months before, everybody's clock tells
    assert_eq!(world.versions(["buyer", "writer", "holder"]).await, [2, 1, 3]);
    assert_eq!(world.pockets("writer").await, [0, 0, 0, 0]);
    world.advance("2027-05-31T00:05:00+08:00").await;
    assert_eq!(world.versions(["buyer", "writer", "holder"]).await, [3, 2, 4]);
    let expired = world.ledger("writer").await.pop().unwrap();
    let lot = json!([{"what": "expired", "expires_at": "2027-03-31T16:00:00Z", "points": 100}]);
    assert_eq!((&expired["settled"], &expired["settled_points"]), (&lot, &json!(-100)));
    assert_eq!((&expired["recorded_at"], &expired["balance_after"]), (&json!("2027-05-30T16:05:00Z"), &json!(0)));
    for member in ["buyer", "writer", "holder"] {
        assert_eq!(world.armed_for(member).await, None, "nothing more will happen to {member}");
        audit(&world, member).await;
    }
}

/// Fourteen days after the order points can be spent; the ledger notes it with the next entry or, by default, within sixty more.
#[tokio::test]
async fn an_activation_waits_for_the_next_entry_and_no_balance_waits_for_it() {
    let world = World::new().await;
    for member in ["returns", "stays-away"] {
        world.pays(member, member, 19_990).await.ok();
    }
    world.advance("2026-03-15T12:00:00+08:00").await;
    assert_eq!(world.versions(["returns", "stays-away"]).await, [1, 1]);
    let balance = world.auditor().get("/v1/members/stays-away/balance").await.ok();
    assert_eq!((&balance["active"], &balance["pending"]), (&json!(199), &json!(0)));

    world.advance("2026-03-20T12:00:00+08:00").await;
    world.pays("returns", "next", 19_990).await.ok();
    let entry = world.ledger("returns").await.pop().unwrap();
    assert_eq!((&entry["kind"], &entry["settled"][0]["what"]), (&json!("earn"), &json!("activated")));
    world.advance("2026-05-13T12:00:00+08:00").await;
    assert_eq!(world.ledger("returns").await.len(), 2, "it was noted with the order");
    assert_eq!(world.ledger("stays-away").await.len(), 1);
    world.advance("2026-05-14T00:05:00+08:00").await;
    assert_eq!(world.ledger("stays-away").await.len(), 2);
}

#[tokio::test]
async fn an_activation_is_noted_at_once_if_the_programme_says_so() {
    let world = World::with(&[("record_activation_within_days = 60", "record_activation_within_days = 0")]).await;
    world.pays("buyer", "1001", 19_990).await.ok();
    world.advance("2026-03-15T00:05:00+08:00").await;
    let activated = world.ledger("buyer").await.pop().unwrap();
    assert_eq!(activated["settled"][0]["what"], "activated");
}

#[tokio::test]
async fn a_second_sweep_changes_nothing() {
    let world = World::new().await;
    for (number, member) in ["a", "b", "c"].into_iter().enumerate() {
        world.pays(member, &number.to_string(), 10_000).await.ok();
        world.earns_100(member, "review").await.ok();
    }
    for instant in ["2026-03-29T00:00:00+08:00", "2027-05-31T00:00:00+08:00"] {
        world.sleeps_until(instant);
        world.sweeps().await;
        let before = tables::ledger(&world.platform).await;
        world.sweeps().await;
        world.time_passes(SignedDuration::from_secs(7_200)).await; // and the schedule itself fires
        assert_eq!(tables::ledger(&world.platform).await, before, "{instant}");
    }
}

// rule: ledger 4.8
#[tokio::test]
async fn a_balance_is_the_same_before_and_after_a_sweep() {
    let world = World::new().await;
    let members = ["debtor", "buyer", "holder"];
    world.pays("debtor", "1001", 10_000).await.ok();
    world.days_pass(15).await;
    world.redeems("debtor", "drink", "a").await.ok();
    world.refunds("1001", "r-1", "debtor", 10_000).await.ok();
    for member in members {
        world.pays(member, &format!("next of {member}"), 15_000).await.ok(); // it will repay the debt when it activates
    }
    world.earns_100("holder", "review").await.ok();
    world.holds("holder", 100).await;
    let seen = async || {
        let mut seen = Vec::new();
        for member in members {
            seen.push(world.auditor().get(&format!("/v1/members/{member}/balance")).await.ok());
            seen.push(world.auditor().get(&format!("/v1/members/{member}/lots")).await.ok());
        }
        seen
    };
    for instant in [
        "2026-03-16T10:14:59+08:00",
        "2026-03-16T10:15:00+08:00",
        "2026-03-29T23:59:59+08:00",
        "2026-03-30T00:00:00+08:00",
        "2027-03-31T23:59:59+08:00",
        "2027-04-01T00:00:00+08:00",
    ] {
        world.sleeps_until(instant);
        let before = seen().await;
        world.sweeps().await;
        assert_eq!(seen().await, before, "{instant}");
    }
    assert_eq!(world.pockets("debtor").await, [0, 0, 0, 0]);
    for member in members {
        audit(&world, member).await;
    }
}

#[tokio::test]
async fn a_sweep_that_comes_months_late_writes_the_same_history() {
    const MEMBERS: usize = 100; // more than there are shards
    let world = World::new().await;
    for start in (0..MEMBERS).step_by(25) {
        let events: Vec<Value> = (start..start + 25)
            .flat_map(|number| {
                let mut paid = crate::world::order(&number.to_string(), &format!("m-{number}"), 10_000, world.now());
                paid["source"] = json!("pos");
                [paid, fact("ugc.featured", &number.to_string(), &format!("m-{number}"), world.now())]
            })
            .collect();
        for batch in events.chunks(25) {
            world.shop().post("/v1/activities/batch", &json!({"activities": batch})).await.ok();
        }
    }
    world.sleeps_until("2027-06-20T00:00:00+08:00");
    assert_eq!(world.pockets("m-7").await, [0, 0, 0, 0], "the answer is right without a sweep");
    world.sweeps().await;
    for number in 0..MEMBERS {
        let member = format!("m-{number}");
        let entries = world.ledger(&member).await;
        let [.., last] = entries.as_slice() else { panic!("{member} has entries") };
        let done: Vec<&Value> = last["settled"].as_array().unwrap().iter().map(|settled| &settled["what"]).collect();
        assert_eq!(done, ["activated", "expired"], "{member}: in the order in which it happened");
        assert_eq!(last["settled_points"], -200);
        assert_eq!(world.armed_for(&member).await, None);
    }
    audit(&world, "m-7").await;
    let before = tables::ledger(&world.platform).await;
    world.sweeps().await;
    assert_eq!(tables::ledger(&world.platform).await, before);
}

#[tokio::test]
async fn an_account_whose_points_are_gone_is_looked_at_once_more_and_then_left_alone() {
    let world = World::new().await;
    world.earns_100("m-1", "review").await.ok();
    let armed = world.armed_for("m-1").await;
    assert_eq!(armed, Some(at("2027-05-30T16:00:00Z").as_second()), "sixty days after they expire");
    world.redeems("m-1", "drink", "a").await.ok();
    assert_eq!(world.armed_for("m-1").await, armed, "an operation does not pay for the index");
    world.sleeps_until("2027-05-31T00:00:00+08:00");
    world.sweeps().await;
    assert_eq!(world.armed_for("m-1").await, None);
    assert_eq!(world.ledger("m-1").await.len(), 2, "nothing happened, and no entry says otherwise");
    let version = tables::version(&world.platform, "m-1").await;
    world.sweeps().await;
    assert_eq!(tables::version(&world.platform, "m-1").await, version);
}

#[tokio::test]
async fn an_account_that_cannot_be_read_keeps_nobody_else_waiting() {
    let world = World::new().await;
    let members: Vec<String> = (0..12).map(|number| format!("m-{number}")).collect();
    for member in &members {
        world.pays(member, member, 10_000).await.ok();
    }
    let update = Client::new(world.platform.aws()).update_item().table_name(tables::names(&world.platform).accounts);
    let update = update.key("member", AttributeValue::S("m-7".to_owned())).update_expression("SET h = :damaged");
    update.expression_attribute_values(":damaged", AttributeValue::S("?".to_owned())).send().await.unwrap();

    world.sleeps_until("2026-05-14T00:00:00+08:00");
    let outcome = world.platform.fire("UpkeepFunctionSettleDueAccounts").await;
    assert!(outcome.is_err(), "somebody must look: the run is reported as failed");
    for member in members.iter().filter(|member| *member != "m-7") {
        assert_eq!(tables::version(&world.platform, member).await, 2, "{member} is settled");
    }
}
