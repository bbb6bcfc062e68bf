//! The functions as a chain: the stream feeds the router, the router the queue, the queue the evaluation; schedules do what a
//! new day brings.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::proof::audit;
use crate::world::{START, World, at, fact, order};

impl World {
    async fn tier(&self, member: &str) -> Value {
        self.auditor().get(&format!("/v1/members/{member}/tier")).await.ok()
    }

    async fn segment(&self, member: &str) -> Value {
        self.auditor().get(&format!("/v1/members/{member}/segment")).await.ok()
    }

    /// What happened to a member's tier, oldest first: `upgraded silver`.
    async fn tiers_of(&self, member: &str) -> Vec<String> {
        let ledger = self.ledger(member).await;
        let changes = ledger.iter().flat_map(|entry| {
            let by_time = entry["settled"].as_array().into_iter().flatten().filter(|settled| settled["what"] == "tier");
            let tiers = ["tiers", "then"].into_iter().flat_map(|name| entry[name].as_array().into_iter().flatten());
            by_time.chain(tiers).chain(entry.get("change"))
        });
        changes.map(|change| format!("{} {}", change["change"], change["tier"]).replace('"', "")).collect()
    }
}

#[tokio::test]
async fn a_tier_is_seen_within_two_seconds_of_the_order_that_reaches_it() {
    let world = World::whole(START, &[]).await;
    world.pays("m-1", "1", 99_900).await.ok();
    world.platform.rest().await.unwrap();
    let before = world.tier("m-1").await;
    assert_eq!((&before["tier"], &before["next"]["points_to_next"]), (&json!("member"), &json!(1)));
    assert_eq!(before.get("period"), None);

    // The quickest of three: what else this machine does at the moment is not the chain's time.
    let mut quickest = Duration::MAX;
    for (member, order) in [("m-1", "2"), ("m-2", "20"), ("m-3", "30")] {
        let paid = Instant::now();
        world.pays(member, order, 500_000).await.ok();
        while world.tier(member).await["tier"] != "gold" {
            assert!(paid.elapsed() < Duration::from_mins(1), "{}", world.tier(member).await);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        quickest = quickest.min(paid.elapsed());
    }
    assert!(quickest < Duration::from_secs(2), "{quickest:?}");
    let tier = world.tier("m-1").await;
    assert_eq!(tier["status_points"], 5_999);
    assert_eq!(tier["period"]["end"], "2027-03-31T16:00:00Z", "the end of March, a year on");
    assert_eq!(tier["period"]["grace_end"], "2027-04-30T16:00:00Z");
    let [points, needed, missing] = ["points", "points_needed", "points_to_keep"].map(|name| &tier["period"][name]);
    assert_eq!((points, needed, missing), (&json!(0), &json!(5_000), &json!(5_000)));
    assert_eq!(tier["period"]["projected_tier"], "silver", "if nothing more is earned, one step down");
    assert_eq!(tier["next"]["tier"], "black");
    assert_eq!(tier["next"]["points_to_next"], 20_000 - 5_999);
    assert_eq!(
        tier["next"]["alternative"],
        json!({"segment": "high_influence", "min_tier": "gold", "own_segment": "low_freq_high_net"})
    );
    let badge = tier["benefits"].as_array().unwrap().iter().find(|benefit| benefit["benefit"] == "engraved-badge");
    assert_eq!(badge.unwrap()["left"], 1);
    assert_eq!(world.tiers_of("m-1").await, ["upgraded gold"]);

    // From now on orders earn by it; what was earned before is not priced anew.
    world.pays("m-1", "3", 10_000).await.ok();
    assert_eq!(world.ledger("m-1").await.pop().unwrap()["points"], 150);
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn a_tier_rises_is_revoked_and_falls_with_nobody_in_the_loop() {
    let world = World::whole(START, &[]).await;
    world.pays("m-1", "1", 100_000).await.ok();
    world.platform.rest().await.unwrap();
    world.advance("2026-03-10T12:00:00+08:00").await;
    world.pays("m-1", "2", 400_000).await.ok();
    world.platform.rest().await.unwrap();
    world.advance("2026-03-20T12:00:00+08:00").await;
    world.refunds("2", "r-1", "m-1", 400_000).await.ok();
    world.platform.rest().await.unwrap();
    assert_eq!(world.tiers_of("m-1").await, ["upgraded silver", "upgraded gold", "revoked silver"]);

    for month in ["2027-02-28", "2027-03-31", "2027-04-01", "2027-04-30", "2027-05-01"] {
        world.advance(&format!("{month}T12:00:00+08:00")).await;
    }
    let fell = &world.tiers_of("m-1").await[3..];
    assert_eq!(fell, ["grace_started silver", "downgraded member"]);
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn a_segment_follows_what_a_member_does_and_what_time_does() {
    let world = World::whole(START, &[]).await;
    world.pays("m-1", "0", 40_000).await.ok();
    world.platform.rest().await.unwrap();
    assert_eq!(world.segment("m-1").await["segment"], "new");
    // Written at once, so that the scores are worked out once.
    let orders: Vec<Value> = (1..8).map(|number| order(&number.to_string(), "m-1", 40_000, world.now())).collect();
    let batch = world.shop().post("/v1/activities/batch", &json!({"activities": orders})).await.ok();
    assert!(batch["results"].as_array().unwrap().iter().all(|result| result["status"] == 200), "{batch}");
    world.platform.rest().await.unwrap();
    let segment = world.segment("m-1").await;
    assert_eq!(segment["segment"], "high_value_active");
    assert_eq!(segment["scores"], json!({"r": 5, "f": 4, "m": 4, "l": 4, "s": 1}));
    assert_eq!(segment["composite_bp"], 2_500 * 13 + 1_000 * 4 + 1_500);
    assert_eq!(segment["tags"], json!(["active", "buyer", "high-value"]));
    let measures = json!({
        "days_since_order": 0, "orders": 8, "spent_minor": 320_000, "active_quarters": 1,
        "lifetime_value_minor": 160_000, "influence": 0, "days_since_activity": 0, "tenure_days": 0,
    });
    assert_eq!(segment["measures"], measures);
    assert_eq!(segment.get("recorded"), None, "the ledger says the same");

    world.advance("2026-07-01T12:00:00+08:00").await;
    let ledger = world.ledger("m-1").await;
    let segments = ledger
        .iter()
        .filter_map(|entry| Some((entry["score"].get("left")?.clone(), entry["score"]["segment"].clone())));
    assert_eq!(
        segments.collect::<Vec<_>>(),
        [(json!("new"), json!("high_value_active")), (json!("high_value_active"), json!("potential_reviving"))]
    );
    assert_eq!(world.segment("m-1").await["segment"], "potential_reviving");
    audit(&world, "m-1").await;
}

#[tokio::test]
async fn influence_makes_a_gold_member_black_and_a_floor_holds_who_would_fall() {
    let world = World::whole(START, &[]).await;
    world.pays("m-1", "1", 500_000).await.ok();
    for number in 0..6 {
        world.shop().post("/v1/activities", &fact("ugc.featured", &number.to_string(), "m-1", world.now())).await.ok();
    }
    world.platform.rest().await.unwrap();
    let tier = world.tier("m-1").await;
    assert_eq!((&tier["tier"], tier.get("next")), (&json!("black"), None));

    let floor = json!({"tier": "silver", "until": "2026-12-31T16:00:00Z", "reason": "goodwill"});
    let set = world.admin("ada").keyed("k", "/v1/members/m-2/tier-floors", &floor).await.ok();
    assert_eq!((&set["lifted_to"], &set["floor"]["tier"]), (&json!("silver"), &json!("silver")));
    world.admin("ada").keyed("k", "/v1/members/m-2/tier-floors", &floor).await.again();
    world
        .admin("ada")
        .keyed(
            "j",
            "/v1/members/m-2/tier-floors",
            &json!({"tier": "tin", "until": "2026-12-31T16:00:00Z", "reason": "goodwill"}),
        )
        .await
        .refused(422, "invalid_field");
    let agent = world.caller(sam::Role::Agent, "bob");
    assert_eq!(agent.keyed("l", "/v1/members/m-2/tier-floors", &floor).await.status, 403);
    assert_eq!(world.tier("m-2").await["floor"], json!({"tier": "silver", "until": "2026-12-31T16:00:00Z"}));
    world.advance("2027-01-01T00:10:00+08:00").await;
    assert_eq!(world.tier("m-2").await["tier"], "member");
    assert_eq!(world.tiers_of("m-2").await, ["floor_set silver", "floor_ended member"]);
    audit(&world, "m-2").await;
}

#[tokio::test]
async fn a_benefit_is_used_as_often_as_its_period_allows_and_goes_with_the_tier() {
    let world = World::whole(START, &[("stock = 60", "stock = 1 ")]).await;
    for member in ["m-1", "m-2"] {
        world.pays(member, member, 2_000_000).await.ok();
    }
    world.platform.rest().await.unwrap();
    let uses = |member: &str, benefit: &str| format!("/v1/members/{member}/benefits/{benefit}/uses");
    let partner = world.shop();
    let gift = uses("m-1", "birthday-gift");
    let used = partner.keyed("a", &gift, &json!({})).await.ok();
    assert_eq!(
        (&used["benefit"], &used["tier"], &used["unit_cost_minor"]),
        (&json!("birthday-gift"), &json!("black"), &json!(3_500))
    );
    assert_eq!(partner.keyed("a", &gift, &json!({})).await.again(), used);
    let refused = partner.keyed("b", &gift, &json!({})).await.refused(409, "limit_reached");
    assert_eq!(refused["reasons"][0]["resets_on"], "2027-01-01");
    let left = |tier: &Value, benefit: &str| {
        let all = tier["benefits"].as_array().unwrap();
        all.iter().find(|entitled| entitled["benefit"] == benefit).unwrap()["left"].clone()
    };
    assert_eq!(
        (left(&world.tier("m-1").await, "birthday-gift"), left(&world.tier("m-1").await, "closed-salon")),
        (json!(0), json!(2))
    );

    // The salon has one seat: the second finds it taken, and keeps the right to another one.
    partner.keyed("c", &uses("m-1", "closed-salon"), &json!({})).await.ok();
    partner.keyed("d", &uses("m-2", "closed-salon"), &json!({})).await.refused(409, "out_of_stock");
    assert_eq!(left(&world.tier("m-2").await, "closed-salon"), 2);

    partner.keyed("e", &uses("m-1", "moon"), &json!({})).await.refused(404, "not_found");
    partner.keyed("f", &uses("m-3", "early-access"), &json!({})).await.refused(409, "tier_too_low");
    world.member("m-2").keyed("g", &uses("m-1", "early-access"), &json!({})).await.refused(403, "forbidden");
    world.member("m-2").keyed("h", &uses("m-2", "early-access"), &json!({})).await.ok();
    world.advance("2027-01-02T12:00:00+08:00").await;
    partner.keyed("i", &gift, &json!({})).await.ok();
    audit(&world, "m-1").await;
}

// rule: ledger 4.18
#[tokio::test]
async fn the_use_of_a_benefit_is_taken_back_once_with_its_turn_and_its_piece() {
    let world = World::whole(START, &[("stock = 60", "stock = 1 ")]).await;
    for member in ["m-1", "m-2"] {
        world.pays(member, member, 2_000_000).await.ok();
    }
    world.platform.rest().await.unwrap();
    let partner = world.shop();
    let path = |member: &str| format!("/v1/members/{member}/benefits/closed-salon/uses");
    let left = async |member: &str| {
        let tier = world.tier(member).await;
        let all = tier["benefits"].as_array().unwrap();
        all.iter().find(|entitled| entitled["benefit"] == "closed-salon").unwrap()["left"].clone()
    };
    let used = partner.keyed("a", &path("m-1"), &json!({})).await.ok();
    assert_eq!(left("m-1").await, 1);
    let reversals = format!("{}/{}/reversals", path("m-1"), used["use_id"].as_str().unwrap());
    world.member("m-1").keyed("mine", &reversals, &json!({})).await.refused(403, "forbidden");
    let reversed = partner.keyed("b", &reversals, &json!({})).await.ok();
    assert_eq!(reversed["benefit"], "closed-salon");
    assert_eq!(partner.keyed("b", &reversals, &json!({})).await.again(), reversed);
    partner.keyed("c", &reversals, &json!({})).await.refused(409, "nothing_to_reverse");
    assert_eq!(left("m-1").await, 2, "the turn is there again");

    // The seat is free again, and taken by the other: there is no third.
    let other = partner.keyed("d", &path("m-2"), &json!({})).await.ok();
    partner.keyed("e", &path("m-1"), &json!({})).await.refused(409, "out_of_stock");
    let of_other = format!("{}/{}/reversals", path("m-1"), other["use_id"].as_str().unwrap());
    partner.keyed("f", &of_other, &json!({})).await.refused(404, "not_found");
    let of_another = reversals.replace("closed-salon", "one-to-one");
    partner.keyed("g", &of_another, &json!({})).await.refused(404, "not_found");
    world.days_pass(91).await;
    let late = format!("{}/{}/reversals", path("m-2"), other["use_id"].as_str().unwrap());
    partner.keyed("h", &late, &json!({})).await.refused(409, "reversal_window_closed");
    audit(&world, "m-1").await;
    audit(&world, "m-2").await;
}

#[tokio::test]
async fn a_poison_message_is_isolated_and_the_others_are_evaluated() {
    let world = World::whole(START, &[]).await;
    let sqs = aws_sdk_sqs::Client::new(world.platform.aws());
    let url = async |name: &str| sqs.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap();
    for body in ["not JSON", "{}", r#"{"specversion":"1.0","type":"perennial.earn.moonlanded.v1"}"#] {
        sqs.send_message().queue_url(url("TierQueue").await).message_body(body).send().await.unwrap();
    }
    let events: Vec<Value> =
        (0..20).map(|number| order(&number.to_string(), &format!("m-{number}"), 100_000, world.now())).collect();
    world.shop().post("/v1/activities/batch", &json!({"activities": events})).await.ok();
    for member in (0..20).map(|number| format!("m-{number}")) {
        let begun = Instant::now();
        while world.tier(&member).await["tier"] != "silver" {
            assert!(begun.elapsed() < Duration::from_secs(10), "{member}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    for _ in 0..6 {
        world.time_passes(jiff::SignedDuration::from_mins(7)).await; // the visibility timeout is six minutes
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let count = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
    let dead =
        sqs.get_queue_attributes().queue_url(url("TierDlq").await).attribute_names(count.clone()).send().await.unwrap();
    assert_eq!(dead.attributes().unwrap()[&count], "3");
    assert_eq!(world.now(), at(START) + jiff::SignedDuration::from_mins(42));
}
