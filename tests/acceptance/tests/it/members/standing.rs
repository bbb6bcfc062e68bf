//! Where a member stands: suspended, active again, closed; and what the ledger lets happen then.

use sam::Role;
use serde_json::{Value, json};

use crate::tables;
use crate::world::{AT_ONCE, Answer, Caller, World};

impl Caller {
    /// Says where a member stands from now on.
    pub(crate) async fn stands(&self, member: &str, what: &str, key: &str, reason: &str) -> Answer {
        self.keyed(key, &format!("/v1/members/{member}/{what}"), &json!({ "reason": reason })).await
    }
}

impl World {
    /// Somebody who is a member, by what a source calls them.
    pub(crate) async fn somebody(&self, external_id: &str) -> String {
        self.presents("crm", external_id, &[]).await["member"].as_str().unwrap().to_owned()
    }
}

// rule: members 25
#[tokio::test]
async fn what_is_reported_of_a_suspended_member_waits_until_the_reactivation() {
    let world = World::with(&[AT_ONCE]).await;
    let mei = world.somebody("c-1").await;
    world.pays(&mei, "o-1", 10_000).await.ok();
    let admin = world.admin("ada");
    let suspended = admin.stands(&mei, "suspension", "k-1", "疑似盗号").await.ok();
    assert_eq!((&suspended["state"], &suspended["entry"]), (&json!("suspended"), &json!(format!("{mei}.2"))));
    let paid = world.pays(&mei, "o-2", 19_990).await.ok();
    assert_eq!((&paid["points"], &paid["because"]), (&json!(0), &json!("member_suspended")));
    assert_eq!(world.pockets(&mei).await, [100, 0, 0, 0]);
    let refused = world.redeems(&mei, "drink", "k-2").await.refused(403, "member_not_active");
    assert_eq!(refused["state"], "suspended");
    let hold = json!({"member": mei, "order_id": "o-3", "order_net_minor": 10_000, "points": 100});
    world.member(&mei).keyed("k-3", "/v1/holds", &hold).await.refused(403, "member_not_active");
    let refunded = world.refunds("o-2", "r-1", &mei, 6_663).await.ok();
    assert_eq!((&refunded["due"], &refunded["withheld"], &refunded["taken"]), (&json!(66), &json!(66), &json!(0)));
    let lifted = admin.stands(&mei, "reactivation", "k-4", "核实无误").await.ok();
    assert_eq!((&lifted["state"], &lifted["posted"], &lifted["points"]), (&json!("active"), &json!(1), &json!(133)));
    assert_eq!(world.pockets(&mei).await, [233, 0, 0, 0]);
    // The same request again is answered as it was; another one finds another state.
    let again = admin.stands(&mei, "reactivation", "k-4", "核实无误").await.again();
    assert_eq!((&again["points"], &again["version"]), (&json!(133), &json!(3)));
    let refused = admin.stands(&mei, "reactivation", "k-5", "核实无误").await.refused(409, "wrong_state");
    assert_eq!((&refused["state"], &refused["allowed"]), (&json!("active"), &json!(["suspended", "closed"])));
    world.redeems(&mei, "drink", "k-6").await.ok();
}

// rule: members 25
#[tokio::test]
async fn the_ledger_says_who_did_it_and_why_to_those_who_may_know() {
    let world = World::new().await;
    let mei = world.somebody("c-1").await;
    world.admin("ada").stands(&mei, "suspension", "k-1", "疑似盗号").await.ok();
    let path = format!("/v1/members/{mei}/entries");
    let newest = |page: &Value| page["entries"][0].clone();
    let told = newest(&world.auditor().get(&path).await.ok());
    assert_eq!((&told["kind"], &told["state"]), (&json!("standing"), &json!("suspended")));
    assert_eq!((&told["by"], &told["reason"]), (&json!("admin:ada"), &json!("疑似盗号")));
    let own = newest(&world.member(&mei).get(&path).await.ok());
    assert_eq!((&own["state"], &own["by"], &own["reason"]), (&json!("suspended"), &Value::Null, &Value::Null));
    assert_eq!(world.member(&mei).get(&format!("/v1/members/{mei}")).await.ok()["state"], "suspended");
}

// rule: members 25, 26
#[tokio::test]
async fn a_member_closes_alone_and_comes_back_within_thirty_days_or_not_at_all() {
    let world = World::with(&[AT_ONCE]).await;
    let (mei, admin) = (world.somebody("c-1").await, world.admin("ada"));
    world.pays(&mei, "o-1", 10_000).await.ok();
    let path = format!("/v1/members/{mei}/closing");
    let agent = world.caller(Role::Agent, "agent-7");
    assert_eq!(agent.keyed("k-1", &path, &json!({})).await.refused(422, "invalid_field")["pointer"], "/reason");
    world.member(&mei).keyed("k-2", &path, &json!({})).await.ok();
    world.pays(&mei, "o-2", 10_000).await.refused(409, "member_closed");
    world.member(&mei).stands(&mei, "reactivation", "k-3", "please").await.refused(403, "forbidden");
    world.days_pass(30).await;
    admin.stands(&mei, "reactivation", "k-4", "called us").await.ok();
    assert_eq!(world.pockets(&mei).await, [100, 0, 0, 0], "everything is as it was");
    world.member(&mei).keyed("k-5", &path, &json!({})).await.ok();
    world.days_pass(31).await;
    admin.stands(&mei, "reactivation", "k-6", "called us").await.refused(410, "member_erased");
}

// rule: members 25
#[tokio::test]
async fn nobody_else_suspends_and_nothing_is_written_of_what_is_refused() {
    let world = World::new().await;
    let mei = world.somebody("c-1").await;
    let before = tables::everything(&world.platform).await;
    for role in [Role::Member, Role::Partner, Role::Agent, Role::Auditor] {
        let caller = world.caller(role, &mei);
        caller.stands(&mei, "suspension", "k-1", "because").await.refused(403, "forbidden");
    }
    let admin = world.admin("ada");
    admin.stands("m-nobody", "suspension", "k-1", "because").await.refused(404, "unknown_member");
    admin.stands(&mei, "suspension", "k-2", " ").await.refused(422, "invalid_field");
    admin.stands(&mei, "suspension", "k-3", &"长".repeat(201)).await.refused(422, "invalid_field");
    admin.stands(&mei, "suspension", "k-4", "two\nlines").await.refused(422, "invalid_field");
    assert_eq!(tables::everything(&world.platform).await, before);
    admin.stands(&mei, "suspension", "k-5", &"长".repeat(200)).await.ok();
}

// rule: members 26
#[tokio::test]
async fn an_account_that_is_emptied_frees_its_orders_and_is_gone() {
    let world = World::with(&[AT_ONCE]).await;
    let mei = world.somebody("c-1").await;
    world.pays(&mei, "o-1", 50_000).await.ok();
    let hold = |member: &str| json!({"member": member, "order_id": "o-2", "order_net_minor": 50_000, "points": 200});
    world.member(&mei).keyed("k-1", "/v1/holds", &hold(&mei)).await.ok();
    world.closes_account(&mei).await;
    assert_eq!(world.pockets(&mei).await, [0, 0, 0, 0]);
    let closed = world.ledger(&mei).await.pop().unwrap();
    let said = ["kind", "because", "released", "expired"].map(|name| closed[name].clone());
    assert_eq!(said, [json!("closed"), json!("erased"), json!(200), json!(500)]);
    world.pays(&mei, "o-3", 10_000).await.refused(410, "member_erased");
    let refunded = world.refunds("o-1", "r-1", &mei, 50_000).await.ok();
    assert_eq!((&refunded["due"], &refunded["taken"]), (&json!(500), &json!(0)), "the shop goes on");
    // The order that points were held for is free for another.
    let li = world.somebody("c-2").await;
    world.pays(&li, "o-4", 50_000).await.ok();
    world.member(&li).keyed("k-2", "/v1/holds", &hold(&li)).await.ok();
    world.closes_account(&mei).await;
    assert_eq!(world.ledger(&mei).await.len(), 4, "it happens once");
}

impl World {
    async fn closes_account(&self, member: &str) {
        let store = self.store();
        let programmes = store.programmes(&domain::programme::compiled::Programmes::default()).await.unwrap();
        let setting = domain::programme::setting::Setting { programmes: &programmes, now: self.now() };
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        let mut patience = store::Patience::until(deadline, store::Jitter::seeded(7));
        store.close_account(&member.parse().unwrap(), "erased", setting, &mut patience).await.unwrap();
    }
}
