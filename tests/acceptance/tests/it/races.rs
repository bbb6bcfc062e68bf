//! Many at once: 64 callers, 200 times each. What can be had once is had once.

use std::collections::BTreeSet;
use std::future::Future;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::tables;
use crate::world::{Answer, BEFORE_ADJUSTMENT, World, fact, order, refund};

const CALLERS: usize = 64;
const ROUNDS: usize = 200;

/// A reward of which there is one piece, and one that costs 60 points.
const REWARDS: &str = r#"
[[reward]]
id = "last-piece"
cost_points = 1
kind = "material"
stock = 1

[[reward]]
id = "sixty"
cost_points = 60
kind = "material"

[adjustment]
reasons"#;

async fn world() -> World {
    World::with(&[(BEFORE_ADJUSTMENT, REWARDS)]).await
}

/// What every caller is told, all of them asking at the same time. Whoever finds the account busy asks again.
async fn all_at_once<F>(ask: impl Fn(usize) -> F) -> Vec<Answer>
where
    F: Asking,
{
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let ask = ask(caller);
        callers.spawn(async move {
            loop {
                let answer = ask.ask().await;
                if answer.body["code"] != "busy" {
                    return answer;
                }
            }
        });
    }
    callers.join_all().await
}

/// Something that can be asked again and again.
trait Asking: Send + 'static {
    fn ask(&self) -> impl Future<Output = Answer> + Send;
}

impl<A, F> Asking for A
where
    A: Fn() -> F + Send + Sync + 'static,
    F: Future<Output = Answer> + Send,
{
    fn ask(&self) -> impl Future<Output = Answer> + Send {
        self()
    }
}

/// The body of the one answer that is 200, and the reasons why the others are not.
#[track_caller]
fn one_winner(answers: Vec<Answer>) -> (Value, BTreeSet<String>) {
    let (mut won, lost): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len(), lost.len()), (1, CALLERS - 1), "{won:?}");
    let codes = lost.into_iter().map(|answer| {
        assert_eq!(answer.status, 409, "{answer:?}");
        answer.body["code"].as_str().unwrap().to_owned()
    });
    (won.remove(0).body, codes.collect())
}

fn the_only(code: &str) -> BTreeSet<String> {
    BTreeSet::from([code.to_owned()])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_piece_goes_to_one_of_64_members() {
    let world = world().await;
    let left = async || tables::stock(&world.platform, "c#last-piece#0").await.unwrap()["n"]["N"].clone();
    for caller in 0..CALLERS {
        let gift = json!({"member": format!("m-{caller}"), "points": 1000, "reason": "goodwill"});
        world.admin(&format!("admin-{caller}")).keyed("gift", "/v1/adjustments", &gift).await.ok();
    }
    for round in 0..ROUNDS {
        assert_eq!(left().await, "1");
        let answers = all_at_once(|caller| {
            let (shop, key) = (world.shop(), format!("{round}-{caller}"));
            let body = json!({"member": format!("m-{caller}"), "reward": "last-piece"});
            move || {
                let (shop, key, body) = (shop.clone(), key.clone(), body.clone());
                async move { shop.keyed(&key, "/v1/redemptions", &body).await }
            }
        })
        .await;
        let (won, codes) = one_winner(answers);
        assert_eq!(codes, the_only("out_of_stock"));
        assert_eq!(left().await, "0");
        // The winner gives it back, and the next round begins.
        let path = format!("/v1/redemptions/{}/reversals", won["redemption_id"].as_str().unwrap());
        let body = json!({"initiated_by": "member"});
        world.shop().keyed(&format!("back-{round}"), &path, &body).await.ok();
    }
}

// rule: ledger 4.9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_balance_of_100_pays_60_once() {
    let world = world().await;
    for round in 0..ROUNDS {
        let member = format!("m-{round}");
        world.earns_100(&member, &format!("review-{round}")).await.ok();
        let answers = all_at_once(|caller| {
            let (shop, key) = (world.shop(), format!("{round}-{caller}"));
            let body = json!({"member": member, "reward": "sixty"});
            move || {
                let (shop, key, body) = (shop.clone(), key.clone(), body.clone());
                async move { shop.keyed(&key, "/v1/redemptions", &body).await }
            }
        })
        .await;
        let (won, codes) = one_winner(answers);
        assert_eq!(codes, the_only("insufficient_points"));
        assert_eq!(won["balance"]["active"], 40);
        assert_eq!(world.pockets(&member).await, [40, 0, 0, 0]);
    }
}

// rule: ledger 2.1
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fact_that_64_report_is_credited_once() {
    let world = world().await;
    for round in 0..ROUNDS {
        let member = format!("m-{round}");
        let event = fact("ugc.featured", &format!("review-{round}"), &member, world.now());
        let answers = all_at_once(|_| {
            let (shop, event) = (world.shop(), event.clone());
            move || {
                let (shop, event) = (shop.clone(), event.clone());
                async move { shop.post("/v1/activities", &event).await }
            }
        })
        .await;
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == answers[0].body));
        assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1, "one credit, the others are repeats");
        assert_eq!(world.pockets(&member).await, [100, 0, 0, 0]);
        assert_eq!(tables::version(&world.platform, &member).await, 1);
    }
}

// rule: ledger 4.6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_that_64_report_before_its_order_waits_once() {
    let world = world().await;
    for round in 0..ROUNDS / 10 {
        let (member, order, id) = (format!("m-{round}"), format!("early-{round}"), format!("r-{round}"));
        let body = refund(&id, &member, 3_000, world.now());
        let answers = all_at_once(|_| {
            let (shop, path, body) = (world.shop(), format!("/v1/orders/{order}/refunds"), body.clone());
            move || {
                let (shop, path, body) = (shop.clone(), path.clone(), body.clone());
                async move { shop.post(&path, &body).await }
            }
        })
        .await;
        assert!(answers.iter().all(|answer| answer.status == answers[0].status && answer.body == answers[0].body));
        assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1, "one waits, the others are repeats");
        assert_eq!(world.pays(&member, &order, 10_000).await.ok()["points"], 70);
    }
}

// rule: ledger 4.27
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reversal_and_its_fact_meet_whoever_comes_first() {
    let world = world().await;
    for round in 0..ROUNDS / 4 {
        let (member, id) = (format!("m-{round}"), format!("f-{round}"));
        let featured = fact("ugc.featured", &id, &member, world.now());
        let back = json!({
            "id": format!("rm-{round}"), "source": "shop", "member": member, "of": {"source": "shop", "id": id},
            "time": world.now(), "reason": "removed",
        });
        let answers = all_at_once(|caller| {
            let shop = world.shop();
            let (path, body) = match caller % 2 {
                0 => ("/v1/activities", featured.clone()),
                _ => ("/v1/activities/reversals", back.clone()),
            };
            move || {
                let (shop, body) = (shop.clone(), body.clone());
                async move { shop.post(path, &body).await }
            }
        })
        .await;
        let other = answers.iter().find(|answer| answer.status != 200);
        assert!(other.is_none(), "{other:?}");
        assert_eq!(world.pockets(&member).await, [0, 0, 0, 0]);
    }
}

// rule: ledger 4.15
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_races_the_capture_of_its_points_earns_by_what_was_captured_before_it() {
    let world = world().await;
    let mut captured_first = 0;
    for round in 0..ROUNDS / 20 {
        let (member, order) = (format!("m-{round}"), format!("o-{round}"));
        let gift = json!({"member": member, "points": 500, "reason": "goodwill"});
        world.admin(&format!("admin-{round}")).keyed("gift", "/v1/adjustments", &gift).await.ok();
        let hold = json!({"member": member, "order_id": order, "order_net_minor": 5_000, "points": 500});
        let hold = world.shop().keyed(&format!("hold-{round}"), "/v1/holds", &hold).await.ok();
        let capture = format!("/v1/holds/{}/capture", hold["hold_id"].as_str().unwrap());
        let paid = self::order(&order, &member, 5_000, world.now());
        let answers = all_at_once(|caller| {
            let (shop, capture, paid) = (world.shop(), capture.clone(), paid.clone());
            move || {
                let (shop, capture, paid) = (shop.clone(), capture.clone(), paid.clone());
                async move {
                    if caller % 2 == 0 {
                        shop.post("/v1/activities", &paid).await
                    } else {
                        shop.post_nothing(&capture).await
                    }
                }
            }
        })
        .await;
        let other = answers.iter().find(|answer| answer.status != 200);
        assert!(other.is_none(), "{other:?}");
        let ledger = world.ledger(&member).await;
        let of = |kind: &str| ledger.iter().find(|entry| entry["kind"] == kind).unwrap();
        let before = of("capture")["sequence"].as_i64() < of("earn")["sequence"].as_i64();
        captured_first += usize::from(before);
        assert_eq!(of("earn")["points"], if before { 45 } else { 50 }, "{ledger:?}");
    }
    assert!(captured_first > 0);
}
