//! Orders that were rung up under the wrong card, for everybody who asks.

use sam::Role;
use serde_json::{Value, json};

use crate::world::{AT_ONCE, Answer, Caller, World};

impl Caller {
    async fn moves(&self, order: &str, to: &str, key: &str) -> Answer {
        let body = json!({"to": to, "reason": "rung up under the wrong card"});
        self.keyed(key, &format!("/v1/orders/{order}/moves"), &body).await
    }
}

impl World {
    fn agent(&self) -> Caller {
        self.caller(Role::Agent, "agent-7")
    }
}

// rule: ledger 4.28
#[tokio::test]
async fn an_order_goes_to_the_member_whose_it_is() {
    let world = World::with(&[AT_ONCE]).await;
    let (wang, liu) = (world.somebody("c-1").await, world.somebody("c-2").await);
    world.pays(&wang, "o-1", 20_000).await.ok();
    world.refunds("o-1", "r-1", &wang, 5_000).await.ok();
    let moved = world.agent().moves("o-1", &liu, "k-1").await.ok();
    assert_eq!((&moved["status"], &moved["points"], &moved["to"]), (&json!("moved"), &json!(150), &json!(liu)));
    let (left, came) = (&moved["left"], &moved["came"]);
    assert_eq!((&left["member"], &left["points"], &left["status_points"]), (&json!(wang), &json!(-150), &json!(-150)));
    assert_eq!((&came["member"], &came["points"], &came["status_points"]), (&json!(liu), &json!(150), &json!(150)));
    assert_eq!((world.pockets(&wang).await, world.pockets(&liu).await), ([0, 0, 0, 0], [150, 0, 0, 0]));
    assert_eq!(world.agent().moves("o-1", &liu, "k-1").await.again(), moved);
    // Both sides say where the other is: to those who may know.
    let entry = |caller: Caller, id: Value| async move {
        caller.get(&format!("/v1/entries/{}", id.as_str().unwrap())).await.ok()
    };
    let seen = entry(world.auditor(), came["entry"].clone()).await;
    assert_eq!(seen["entry"]["moved"], json!({"entry": left["entry"], "reason": "rung up under the wrong card"}));
    assert_eq!(seen["entry"]["by"], "agent:agent-7");
    let own = entry(world.member(&liu), came["entry"].clone()).await;
    assert_eq!((&own["entry"]["moved"], &own["entry"]["by"]), (&json!({}), &Value::Null), "not to the member");
    world.proves_itself().await;
}

// rule: ledger 4.30
#[tokio::test]
async fn its_names_stay_with_it() {
    let world = World::with(&[AT_ONCE]).await;
    let (wang, liu) = (world.somebody("c-1").await, world.somebody("c-2").await);
    let paid = world.pays(&wang, "o-1", 20_000).await.ok();
    let back = world.refunds("o-1", "r-1", &wang, 5_000).await.ok();
    world.agent().moves("o-1", &liu, "k-1").await.ok();
    // What was reported before is answered as it was.
    assert_eq!(world.pays(&wang, "o-1", 20_000).await.again()["entry"]["id"], paid["entry"]["id"]);
    assert_eq!(world.refunds("o-1", "r-1", &wang, 5_000).await.again()["refund_id"], back["refund_id"]);
    // Something else under its name is a conflict, of whomever it is said to be.
    world.pays(&wang, "o-1", 21_000).await.refused(409, "conflicting_duplicate");
    world.pays(&liu, "o-1", 20_000).await.refused(409, "conflicting_duplicate");
    world.refunds("o-1", "r-1", &wang, 6_000).await.refused(409, "conflicting_duplicate");
    // The rest comes back where it is now, whoever is named.
    assert_eq!(world.refunds("o-1", "r-2", &wang, 5_000).await.ok()["taken"], 50);
    assert_eq!(world.refunds("o-1", "r-3", &liu, 10_000).await.ok()["taken"], 100);
    world.refunds("o-1", "r-4", "m-9", 1).await.refused(404, "not_found");
    assert_eq!((world.pockets(&wang).await, world.pockets(&liu).await), ([0, 0, 0, 0], [0, 0, 0, 0]));
    // Nothing of it is left to be moved.
    world.agent().moves("o-1", &wang, "k-2").await.refused(409, "nothing_left");
    world.proves_itself().await;
}

// rule: ledger 4.28
#[tokio::test]
async fn it_goes_to_and_from_whoever_stands_for_a_member() {
    let world = World::with(&[AT_ONCE]).await;
    let [wang, old, liu] = ["c-1", "c-2", "c-3"].map(|id| world.somebody(id));
    let (wang, old, liu) = (wang.await, old.await, liu.await);
    world.pays(&old, "o-1", 20_000).await.ok();
    let absorb = json!({"absorb": old, "reason": "one person"});
    world.admin("ada").keyed("k-1", &format!("/v1/members/{wang}/merge"), &absorb).await.ok();
    let moved = world.agent().moves("o-1", &liu, "k-2").await.ok();
    assert_eq!(moved["left"]["member"], wang, "the survivor has what the absorbed earned");
    assert_eq!((world.pockets(&wang).await, world.pockets(&liu).await), ([0, 0, 0, 0], [200, 0, 0, 0]));
    let moved = world.agent().moves("o-1", &old, "k-3").await.ok();
    assert_eq!(moved["came"]["member"], wang);
    assert_eq!((world.pockets(&wang).await, world.pockets(&liu).await), ([200, 0, 0, 0], [0, 0, 0, 0]));
    assert_eq!(world.refunds("o-1", "r-1", &old, 20_000).await.ok()["taken"], 200);
    world.proves_itself().await;
}

// rule: ledger 4.29
#[tokio::test]
async fn what_is_much_waits_for_a_second_person() {
    let world = World::with(&[AT_ONCE]).await;
    let (wang, liu) = (world.somebody("c-1").await, world.somebody("c-2").await);
    world.pays(&wang, "o-1", 150_000).await.ok();
    let (agent, ada) = (world.agent(), world.admin("ada"));
    let asked = agent.moves("o-1", &liu, "k-1").await;
    assert_eq!(asked.status, 202);
    assert_eq!((&asked.body["status"], &asked.body["points"]), (&json!("pending_approval"), &json!(1_500)));
    assert_eq!(agent.moves("o-1", &liu, "k-1").await.status, 202, "asked again it waits as before");
    agent.moves("o-1", &liu, "k-2").await.refused(403, "same_approver");
    assert_eq!(world.pockets(&wang).await, [1_500, 0, 0, 0]);
    let moved = ada.moves("o-1", &liu, "k-3").await.ok();
    assert_eq!((&moved["status"], &moved["came"]["points"]), (&json!("moved"), &json!(1_500)));
    assert_eq!((world.pockets(&wang).await, world.pockets(&liu).await), ([0, 0, 0, 0], [1_500, 0, 0, 0]));
    // Who asked is forgotten with the time for it.
    world.pays(&wang, "o-2", 150_000).await.ok();
    assert_eq!(agent.moves("o-2", &liu, "k-4").await.status, 202);
    world.days_pass(31).await;
    assert_eq!(ada.moves("o-2", &liu, "k-5").await.status, 202, "a month later it begins anew");
    world.proves_itself().await;
}

// rule: ledger 4.29
#[tokio::test]
async fn what_stands_against_a_move_is_told_and_changes_nothing() {
    let world = World::with(&[AT_ONCE]).await;
    let (wang, liu) = (world.somebody("c-1").await, world.somebody("c-2").await);
    world.pays(&wang, "o-1", 20_000).await.ok();
    let agent = world.agent();
    agent.moves("o-9", &liu, "k-1").await.refused(404, "not_found");
    agent.moves("o-1", &wang, "k-1").await.refused(422, "same_member");
    agent.moves("o-1", "not an id", "k-1").await.refused(422, "invalid_field");
    let unknown = agent.keyed("k-1", "/v1/orders/o-1/moves", &json!({"to": liu, "reason": ""})).await;
    assert_eq!(unknown.refused(422, "invalid_field")["pointer"], "/reason");
    world.caller(Role::Agent, &liu).moves("o-1", &liu, "k-1").await.refused(403, "self_benefit");
    world.shop().moves("o-1", &liu, "k-1").await.refused(403, "forbidden");
    world.member(&liu).moves("o-1", &liu, "k-1").await.refused(403, "forbidden");
    let hold = json!({"member": wang, "points": 100, "order_id": "o-2", "order_net_minor": 10_000});
    world.shop().keyed("h-1", "/v1/holds", &hold).await.ok();
    world.pays(&wang, "o-2", 10_000).await.ok();
    agent.moves("o-2", &liu, "k-1").await.refused(409, "paid_with_points");
    world.days_pass(366).await;
    agent.moves("o-1", &liu, "k-1").await.refused(409, "refund_window_closed");
    assert_eq!(world.ledger(&liu).await.len(), 0);
}

// rule: ledger 4.29
#[tokio::test]
async fn a_key_is_of_one_move() {
    let world = World::with(&[AT_ONCE]).await;
    let (wang, liu) = (world.somebody("c-1").await, world.somebody("c-2").await);
    world.pays(&wang, "o-1", 10_000).await.ok();
    let agent = world.agent();
    for turn in 0..8 {
        let to = if turn % 2 == 0 { &liu } else { &wang };
        agent.moves("o-1", to, &format!("k-{turn}")).await.ok();
    }
    agent.moves("o-1", &wang, "k-0").await.refused(422, "idempotency_key_reused");
    assert_eq!(agent.moves("o-1", &liu, "k-8").await.refused(409, "too_many_moves")["most"], 8);
    assert_eq!((world.pockets(&wang).await, world.pockets(&liu).await), ([100, 0, 0, 0], [0, 0, 0, 0]));
    world.proves_itself().await;
}
