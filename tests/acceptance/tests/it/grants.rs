//! The queue `grants`: what other contexts give members, once, and what they are told when it cannot be had.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::proof::audit;
use crate::queue::Queue;
use crate::world::{World, at, fact};

/// Three toys, and drinks whose limit counts what is granted.
const SCARCE: [(&str, &str); 2] = [
    ("stock = 200", "stock = 3  "),
    ("per_member = 1, period = \"calendar_day\" }", "per_member = 1, period = \"calendar_day\", grants = true }"),
];

/// A fact of another context.
fn asked(world: &World, kind: &str, id: &str, member: &str, data: &Value) -> Value {
    let mut asked = fact(kind, id, member, world.now());
    asked["source"] = json!("/perennial/desk");
    asked["data"] = data.clone();
    asked
}

fn reward(world: &World, id: &str, member: &str, reward: &str) -> Value {
    asked(world, "reward.granted", id, member, &json!({"reward": reward, "cause": format!("ticket-{id}")}))
}

/// What is left of a reward.
async fn left(world: &World, reward: &str) -> i64 {
    let rewards = world.catalogue().await;
    rewards.iter().find(|one| one["reward"] == reward).unwrap()["left"].as_i64().unwrap()
}

impl World {
    async fn catalogue(&self) -> Vec<Value> {
        self.shop().get("/v1/members/m-1/rewards").await.ok()["rewards"].as_array().unwrap().clone()
    }

    async fn vouchers(&self, member: &str) -> Vec<Value> {
        let path = format!("/v1/members/{member}/vouchers");
        self.member(member).get(&path).await.ok()["vouchers"].as_array().unwrap().clone()
    }

    /// What became of a member, entry by entry: kinds, with what was given or why not.
    async fn given(&self, member: &str) -> Vec<String> {
        let told = self.ledger(member).await.into_iter().map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            format!("{} {}{} {} {}", text("kind"), text("reward"), text("benefit"), text("code"), text("cause"))
        });
        told.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }
}

// rule: ledger 4.22, 2.1, 2.4
#[tokio::test]
async fn a_reward_is_given_once_however_often_it_is_asked_for() {
    let world = World::new().await;
    let grants = Queue::of(&world, "GrantsQueue").await;
    let drink = reward(&world, "7", "m-1", "drink").to_string();
    let before = left(&world, "drink").await;
    for _ in 0..2 {
        grants.send(&[drink.clone(), drink.clone()]).await;
        grants.settles(0).await;
    }
    assert_eq!(grants.dead().await, 0);
    assert_eq!(world.given("m-1").await, ["redeem drink ticket-7"]);
    assert_eq!((left(&world, "drink").await, world.pockets("m-1").await), (before - 1, [0, 0, 0, 0]));

    // Its voucher is one like any other.
    let vouchers = world.vouchers("m-1").await;
    assert_eq!((vouchers.len(), &vouchers[0]["state"]), (1, &json!("issued")));
    let till = format!("/v1/vouchers/{}/uses", vouchers[0]["code"].as_str().unwrap());
    world.shop().keyed("till", &till, &json!({})).await.ok();
    let back = format!("/v1/redemptions/{}/reversals", vouchers[0]["redemption_id"].as_str().unwrap());
    let by = json!({"initiated_by": "merchant"});
    world.shop().keyed("back", &back, &by).await.refused(409, "voucher_used");

    grants.send(&[reward(&world, "8", "m-1", "drink").to_string()]).await;
    grants.settles(0).await;
    let voucher = world.vouchers("m-1").await[0].clone();
    let back = format!("/v1/redemptions/{}/reversals", voucher["redemption_id"].as_str().unwrap());
    assert_eq!(world.shop().keyed("back", &back, &by).await.ok()["points"], 0);
    assert_eq!(world.vouchers("m-1").await[0]["state"], "void");
    assert_eq!(left(&world, "drink").await, before - 1, "the piece has come back");
    world.shop().keyed("again", &back, &by).await.refused(409, "nothing_to_reverse");
    audit(&world, "m-1").await;
}

// rule: ledger 4.16, 4.22
#[tokio::test]
async fn a_voucher_that_was_given_for_longer_is_shown_while_it_can_be_used() {
    let world = World::new().await;
    let grants = Queue::of(&world, "GrantsQueue").await;
    let long = json!({"reward": "drink", "cause": "birthday", "valid_days": 365});
    let short = json!({"reward": "drink", "cause": "sorry", "valid_days": 1});
    let sent = [("long", long), ("short", short)].map(|(id, data)| asked(&world, "reward.granted", id, "m-1", &data));
    grants.send(&sent.map(|message| message.to_string())).await;
    grants.settles(0).await;
    world.days_pass(32).await;
    let shown = world.vouchers("m-1").await;
    let until: Vec<&Value> = shown.iter().map(|voucher| &voucher["expires_at"]).collect();
    assert_eq!(until, ["2027-03-01T16:00:00Z"], "the other can no longer be used, and is no news");
    let rest = at("2027-03-01T16:00:00Z").duration_since(world.now()) - SignedDuration::from_secs(1);
    world.time_passes(rest).await;
    let till = format!("/v1/vouchers/{}/uses", world.vouchers("m-1").await[0]["code"].as_str().unwrap());
    world.shop().keyed("till", &till, &json!({})).await.ok();
    assert_eq!(world.vouchers("m-1").await[0]["state"], "used");
}

// rule: ledger 4.24
#[tokio::test]
async fn what_cannot_be_given_is_no_error_and_is_told_once() {
    let world = World::with(&SCARCE).await;
    let grants = Queue::of(&world, "GrantsQueue").await;
    let mut messages: Vec<String> =
        (0..5).map(|number| reward(&world, &number.to_string(), "m-1", "toy").to_string()).collect();
    messages.push(reward(&world, "moon", "m-1", "moon").to_string());
    messages.extend(["a", "b"].map(|id| reward(&world, id, "m-1", "drink").to_string()));
    let badge = json!({"benefit": "engraved-badge", "cause": "request-1"});
    messages.push(asked(&world, "benefit.used", "badge", "m-1", &badge).to_string());
    for _ in 0..2 {
        grants.send(&messages).await;
        grants.settles(0).await;
    }
    let mut given: Vec<String> = world.given("m-1").await;
    given.sort_unstable();
    let of = |prefix: &str| given.iter().filter(|line| line.starts_with(prefix)).count();
    assert_eq!((of("redeem toy"), of("grant_refused toy out_of_stock")), (3, 2), "{given:#?}");
    assert_eq!((of("redeem drink"), of("grant_refused drink limit_reached")), (1, 1), "{given:#?}");
    assert_eq!(of("grant_refused moon unknown_reward ticket-moon"), 1, "{given:#?}");
    assert_eq!(of("grant_refused engraved-badge tier_too_low request-1"), 1, "{given:#?}");
    assert_eq!((given.len(), left(&world, "toy").await, grants.dead().await), (9, 0, 0));
    world.earns_100("m-1", "thirsty").await.ok();
    world.redeems("m-1", "drink", "own").await.refused(409, "limit_reached");
    audit(&world, "m-1").await;
}

// rule: ledger 4.23
#[tokio::test]
async fn a_benefit_is_used_for_another_context_and_its_use_taken_back() {
    let world = World::new().await;
    let grants = Queue::of(&world, "GrantsQueue").await;
    let floor = json!({"tier": "gold", "until": at("2026-12-31T16:00:00Z"), "reason": "goodwill"});
    world.admin("ada").keyed("floor", "/v1/members/m-1/tier-floors", &floor).await.ok();
    let gift = json!({"benefit": "birthday-gift", "cause": "request-1"});
    grants.send(&[asked(&world, "benefit.used", "one", "m-1", &gift).to_string()]).await;
    grants.settles(0).await;
    grants.send(&[asked(&world, "benefit.used", "two", "m-1", &gift).to_string()]).await;
    grants.settles(0).await;
    let given = world.given("m-1").await;
    assert_eq!(given[1..], ["benefit birthday-gift request-1", "grant_refused birthday-gift limit_reached request-1"]);
    let back = "/v1/members/m-1/benefits/birthday-gift/uses/m-1.2/reversals";
    world.shop().keyed("back", back, &json!({})).await.ok();
    let again = world.shop().keyed("again", back, &json!({})).await.refused(409, "nothing_to_reverse");
    assert_eq!(again["by"], "m-1.4");
    audit(&world, "m-1").await;
}

// rule: ledger 4.24, 2.3
#[tokio::test]
async fn a_message_that_asks_for_nothing_that_can_be_given_ends_in_the_dead_letter_queue_alone() {
    let world = World::new().await;
    let grants = Queue::of(&world, "GrantsQueue").await;
    let good = reward(&world, "good", "m-1", "drink");
    grants.send(&[good.to_string()]).await;
    grants.settles(0).await;
    let spoilt = |place: &str, instead: Value| {
        let mut message = reward(&world, &place.replace('/', "-"), "m-1", "drink");
        let (parent, name) = place.rsplit_once('/').unwrap();
        message.pointer_mut(parent).unwrap()[name] = instead;
        message.to_string()
    };
    let mut otherwise = good.clone();
    otherwise["data"]["reward"] = json!("toy");
    let messages = [
        "no JSON at all".to_owned(),
        spoilt("/type", json!("ugc.featured")),
        spoilt("/subject", json!("王芳")),
        spoilt("/data/cause", Value::Null),
        spoilt("/data/valid_days", json!(731)),
        spoilt("/data/valid_days", json!(0)),
        spoilt("/data/colour", json!("red")),
        spoilt("/colour", json!("red")),
        otherwise.to_string(),
        reward(&world, "better", "m-1", "drink").to_string(),
    ];
    grants.send(&messages).await;
    grants.settles(messages.len() - 1).await;
    assert_eq!(world.given("m-1").await, ["redeem drink ticket-good", "redeem drink ticket-better"]);
    grants.until_dead(messages.len() - 1).await;
    assert_eq!(world.ledger("m-1").await.len(), 2, "what was done is not done again");
}
