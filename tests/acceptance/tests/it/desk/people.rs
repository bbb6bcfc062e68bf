//! Agents: who is asked first, who has room, who is gone; and members with an agent of their own.

use serde_json::{Value, json};

use super::{MONDAY, id};
use crate::world::World;

async fn owner(world: &World, member: &str, topic: &str, key: &str) -> Value {
    let ticket = world.concern(member, topic, key).await;
    world.ticket(&ticket).await["owner"].clone()
}

// rule: desk 16
#[tokio::test]
async fn whoever_has_the_smallest_share_of_room_gets_the_next_and_nobody_too_many() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["customer-service"], 1).await;
    world.staffed("bob", &["customer-service"], 2).await;
    let members = [world.customer("wang"), world.customer("li"), world.customer("zhao"), world.customer("qian")];
    let mut owners = Vec::new();
    for (n, member) in members.into_iter().enumerate() {
        owners.push(owner(&world, &member.await, "order", &format!("k-{n}")).await);
    }
    assert_eq!(owners, [json!("ann"), json!("bob"), json!("bob"), Value::Null], "then nobody has room");
    let full = world.clerk("ann").get("/v1/tickets?unassigned=customer-service").await.ok();
    let waits = full["tickets"][0].clone();
    world.handles(&world.clerk("bob"), &waits, "assignment", json!({"agent": "ann"})).await.refused(409, "no_room");
    world
        .handles(&world.clerk("bob"), &waits, "assignment", json!({"agent": "zoe"}))
        .await
        .refused(422, "unknown_agent");
    // Whoever frees a place is offered what waits.
    let own = world.clerk("ann").get("/v1/tickets?owner=me").await.ok()["tickets"][0].clone();
    world.handles(&world.clerk("ann"), &own, "resolution", json!({"code": "fixed", "text": "Done"})).await.ok();
    assert_eq!(world.ticket(&waits).await["owner"], "ann");
    let open = |records: Vec<domain::desk::Record>| -> Vec<u32> { records.iter().map(|record| record.open).collect() };
    assert_eq!(open(world.store().agents(None).await.unwrap()), [1, 2]);
}

// rule: desk 16
#[tokio::test]
async fn a_member_comes_back_to_whoever_helped_lately() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("zoe", &["customer-service"], 9).await;
    let member = world.customer("wang").await;
    let first = world.concern(&member, "order", "k-1").await;
    let zoe = world.clerk("zoe");
    world.handles(&zoe, &first, "resolution", json!({"code": "fixed", "text": "Done"})).await.ok();
    world.staffed("ann", &["customer-service"], 90).await;
    assert_eq!(owner(&world, &member, "order", "k-2").await, "zoe");
    assert_eq!(owner(&world, &world.customer("li").await, "order", "k-3").await, "ann", "others by room");
    world.advance("2026-03-09T11:00:01+08:00").await;
    assert_eq!(owner(&world, &member, "order", "k-4").await, "ann", "a week later by room too");
}

// rule: desk 16
#[tokio::test]
async fn whoever_is_gone_for_four_hours_gives_back_what_nobody_has_looked_at() {
    let world = World::starting(MONDAY, &[]).await;
    world.staffed("ann", &["customer-service"], 9).await;
    let member = world.customer("wang").await;
    let [seen, unseen] = [world.concern(&member, "order", "k-1"), world.concern(&member, "order", "k-2")];
    let (seen, unseen) = (seen.await, unseen.await);
    world.handles(&world.clerk("ann"), &seen, "notes", json!({"text": "I know them"})).await.ok();
    world.clerk("ann").put("/v1/desk/agents/me/status", &json!({"status": "offline"})).await.ok();
    world.ticks_at("2026-03-02T14:59:59+08:00").await;
    assert_eq!(world.ticket(&unseen).await["owner"], "ann");
    world.staffed("bob", &["customer-service"], 9).await;
    world.ticks_at("2026-03-02T15:00:00+08:00").await;
    assert_eq!(world.ticket(&unseen).await["owner"], "bob", "and it is offered at once");
    assert_eq!(world.ticket(&seen).await["owner"], "ann");
    world.clerk("nobody").put("/v1/desk/agents/me/status", &json!({"status": "away"})).await.refused(404, "not_found");
    let wrong = world.clerk("ann").put("/v1/desk/agents/me/status", &json!({"status": "asleep"})).await;
    assert_eq!(wrong.refused(422, "invalid_field")["pointer"], "/status");
    let said = json!({"queues": ["nowhere"], "locales": [], "capacity": 1});
    let wrong = world.admin("ada").put("/v1/desk/agents/ann", &said).await.refused(422, "invalid_field");
    assert_eq!(wrong["pointer"], "/queues");
}

// rule: desk 16
#[tokio::test]
async fn a_member_of_their_own_has_the_agent_with_the_fewest_until_that_ends() {
    let world = World::starting(MONDAY, &[]).await;
    for agent in ["ann", "bob"] {
        world.staffed(agent, &["dedicated-manager"], 9).await;
    }
    world.staffed("tim", &["technical-support"], 9).await;
    let members = [world.customer("wang").await, world.customer("li").await, world.customer("zhao").await];
    let manager = async |member: &String| {
        world.member(member).get(&format!("/v1/members/{member}/manager")).await.ok()["manager"].clone()
    };
    let granted = json!({"benefit": "dedicated-manager", "tier": "black"});
    for (n, member) in members.iter().enumerate() {
        world.desk_hears("perennial.tier.benefitgranted.v1", &format!("b-{n}"), member, &granted).await;
        world.desk_hears("perennial.tier.benefitgranted.v1", &format!("b-{n}"), member, &granted).await;
    }
    let all = [manager(&members[0]).await, manager(&members[1]).await, manager(&members[2]).await];
    assert_eq!(all, [json!("ann"), json!("bob"), json!("ann")]);
    // Their own agent has what they ask, whatever it is about.
    let ticket = world.concern(&members[1], "install", "k-1").await;
    let ticket = world.ticket(&ticket).await;
    assert_eq!((&ticket["queue"], &ticket["owner"]), (&json!("technical-support"), &json!("bob")));
    world
        .desk_hears("perennial.tier.benefitgranted.v1", "o-1", &members[1], &json!({"benefit": "other", "tier": "x"}))
        .await;
    world.desk_hears("perennial.tier.benefitwithdrawn.v1", "w-1", &members[1], &granted).await;
    assert_eq!(manager(&members[1]).await, Value::Null);
    assert_eq!(owner(&world, &members[1], "install", "k-2").await, "tim");
    world.desk_hears("perennial.mem.memberclosed.v1", "c-1", &members[0], &json!({})).await;
    assert_eq!(manager(&members[0]).await, Value::Null);
    let _ = id(&ticket);
}
