//! Who does nothing for long is told, and erased.

use serde_json::json;

use crate::members::{crm, known_as};
use crate::tables;
use crate::world::{AT_ONCE, World, fact};

/// Dormant after 3 days, told after 15, erased after 20.
const SHORT: [(&str, &str); 3] = [
    ("dormant_after_days = 90", "dormant_after_days = 3"),
    ("purge_after_days = 730", "purge_after_days = 20"),
    ("purge_notice_days = 30", "purge_notice_days = 5"),
];

async fn short() -> World {
    World::with(&[SHORT[0], SHORT[1], SHORT[2], AT_ONCE]).await
}

impl World {
    /// Is the newest that is told of a member that it will be erased?
    async fn is_told(&self, member: &str) -> bool {
        let all = tables::members(&self.platform).await;
        all.iter().any(|row| row.contains(member) && row.contains("dormantpurgenotified"))
    }

    async fn is_gone(&self, member: &str) -> bool {
        self.member(member).get(&format!("/v1/members/{member}")).await.status == 410
    }
}

// rule: privacy 28, 29
#[tokio::test]
async fn who_does_nothing_is_told_and_erased_and_whoever_does_anything_is_not() {
    let world = short().await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(world.somebody(&format!("c-{number}")).await);
    }
    let [nothing, signals, buys, agrees, spoken_of] = [&ids[0], &ids[1], &ids[2], &ids[3], &ids[4]];
    world.days_pass(10).await;
    world.shop().post("/v1/activities", &fact("login", "l-1", signals, world.now())).await.ok();
    world.pays(buys, "o-1", 10_000).await.ok();
    let given = json!({"purpose": "marketing", "channel": "email", "said": "given", "version": 1});
    let path = format!("/v1/members/{agrees}/consents");
    world.member(agrees).post(&path, &json!({"consents": [given]})).await.ok();
    // What others do with a member is nothing that the member does.
    crm(&world).post("/v1/members", &known_as("crm", "c-5", &["phone 13800138000"])).await.ok();
    world
        .admin("ada")
        .keyed("k-1", "/v1/adjustments", &json!({"member": spoken_of, "points": 50, "reason": "goodwill"}))
        .await
        .ok();
    world.days_pass(4).await;
    assert!(!world.is_told(nothing).await, "14 days");
    world.days_pass(1).await;
    for (member, told) in [(nothing, true), (spoken_of, true), (signals, false), (buys, false), (agrees, false)] {
        assert_eq!(world.is_told(member).await, told, "{member} after 15 days");
    }
    world.days_pass(5).await;
    assert!(!world.is_gone(nothing).await, "20 days");
    world.days_pass(1).await;
    for (member, gone) in [(nothing, true), (spoken_of, true), (signals, false), (buys, false), (agrees, false)] {
        assert_eq!(world.is_gone(member).await, gone, "{member} after 21 days");
    }
    let erasure = world.auditor().get(&format!("/v1/privacy/erasures/{nothing}.1")).await.ok();
    assert_eq!((&erasure["state"], &erasure["because"]), (&json!("complete"), &json!("dormant")));
    assert_eq!(world.ledger(spoken_of).await.last().unwrap()["because"], "dormant");
    world.days_pass(4).await;
    assert!(world.is_told(buys).await, "15 days after what was done");
}

// rule: privacy 28, 29
#[tokio::test]
async fn whatever_is_done_clears_the_notice_and_a_hold_keeps_the_member() {
    let world = short().await;
    let (back, held) = (world.somebody("c-1").await, world.somebody("c-2").await);
    let until = world.now().to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).date();
    let until = until.saturating_add(jiff::Span::new().days(24));
    let hold = json!({"reason": "a lawsuit about order 1001", "until": until});
    world.admin("ada").put(&format!("/v1/privacy/erasures/{held}.1/hold"), &hold).await;
    world.days_pass(16).await;
    assert!(world.is_told(&back).await && world.is_told(&held).await);
    world.pays(&back, "o-1", 10_000).await.ok();
    world.days_pass(8).await;
    assert!(!world.is_gone(&back).await && !world.is_gone(&held).await, "one came back, one is held");
    world.days_pass(1).await;
    assert!(world.is_gone(&held).await, "the hold is over");
    world.days_pass(6).await;
    assert!(world.is_told(&back).await, "15 days after coming back");
    world.days_pass(5).await;
    assert!(!world.is_gone(&back).await);
    world.days_pass(1).await;
    assert!(world.is_gone(&back).await);
}
