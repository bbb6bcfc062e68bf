//! Who is asked what, when, and what takes it back.

use domain::kernel::id::MemberId;
use domain::voice::sampling::{Quarter, turn};
use serde_json::json;

use super::{asking, asking_from};
use crate::world::World;

// rule: voice 6, 7, 10
#[tokio::test]
async fn a_resolved_ticket_is_asked_after_an_hour_later_and_once() {
    let world = asking(&[]).await;
    let member = world.reachable("wang", &[]).await;
    world.resolves("t-1", 1, &member).await;
    world.resolves("t-1", 1, &member).await;
    world.time_passes(jiff::SignedDuration::from_mins(54)).await;
    assert_eq!(world.asked().await, 0, "not before an hour");
    world.time_passes(jiff::SignedDuration::from_mins(12)).await;
    assert_eq!(world.asked().await, 1);
    let shown = world.surveys_of(&member).await;
    assert_eq!((shown.len(), &shown[0]["state"], &shown[0]["survey"]), (1, &json!("invited"), &json!("csat-ticket")));
    assert_eq!((&shown[0]["cause"], &shown[0]["ticket"]), (&json!("ticket:t-1:1"), &json!("t-1")));
    // Another resolution is another question; spam and tickets that nobody answered are none.
    world.resolves("t-1", 2, &member).await;
    for (ticket, code, replies) in [("t-2", "spam", 1), ("t-3", "duplicate", 1), ("t-4", "fixed", 0)] {
        let data = json!({"ticket": ticket, "resolution": 1, "code": code, "replies": replies, "live": false});
        world.tells_voice(&[world.told(("svc.ticketresolved", ticket), &member, &data)]).await;
    }
    world.an_hour_passes().await;
    assert_eq!((world.asked().await, world.surveys_of(&member).await.len()), (2, 2));
}

// rule: voice 7, 10
#[tokio::test]
async fn a_ticket_that_opens_again_takes_its_question_back_whichever_comes_first() {
    let world = asking(&[]).await;
    let member = world.reachable("li", &[]).await;
    let reopened = |ticket: &str, because: &str| {
        let data = json!({"ticket": ticket, "resolution": 1, "because": because});
        world.told(("svc.ticketreopened", &format!("re-{ticket}")), &member, &data)
    };
    // Before it is sent, and before it is even resolved.
    world.resolves("t-1", 1, &member).await;
    world.tells_voice(&[reopened("t-1", "message")]).await;
    world.tells_voice(&[reopened("t-2", "message")]).await;
    world.resolves("t-2", 1, &member).await;
    world.an_hour_passes().await;
    assert_eq!(world.asked().await, 0);
    // After it was sent nobody can answer it any more; an answer stands.
    world.resolves("t-3", 1, &member).await;
    world.resolves("t-4", 1, &member).await;
    world.an_hour_passes().await;
    assert_eq!(world.asked().await, 2);
    let token = world.link().await;
    let (_, path) = ("", format!("/v1/surveys/{token}"));
    let open: serde_json::Value = crate::world::answer(world.request(reqwest::Method::GET, &path)).await.ok();
    assert_eq!(open["state"], "open");
    world.tells_voice(&[reopened("t-3", "agent"), reopened("t-4", "agent")]).await;
    world.answers(&token, &json!({"score": 5})).await.refused(410, "survey_cancelled");
    let page = world.sees(&format!("/s/{token}?lang=en")).await;
    assert!(page.status == 410 && page.text.contains("not needed any more"), "{}", page.text);
    let states: Vec<_> = world.surveys_of(&member).await.iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, vec![json!("cancelled"); 4]);
}

// rule: voice 6, 7
#[tokio::test]
async fn a_purchase_is_asked_after_once_in_a_while_and_what_is_not_sent_gives_its_date_back() {
    let world = asking(&[]).await;
    let member = world.reachable("zhao", &[]).await;
    world.asks_after_purchase("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    assert_eq!(world.asked().await, 1, "at once");
    let shown = world.surveys_of(&member).await;
    assert_eq!(
        (&shown[0]["cause"], &shown[0]["order"]),
        (&json!("step:0b7c5f1be1b94a5f9a3fd5ce2b1e3c44:ask"), &json!("o-1"))
    );
    // The same step again, and another purchase a day later.
    world.asks_after_purchase("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    world.days_pass(1).await;
    world.asks_after_purchase("1b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    assert_eq!(world.surveys_of(&member).await.len(), 1, "too early");
    world.days_pass(29).await;
    world.asks_after_purchase("2b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    assert_eq!(world.surveys_of(&member).await.len(), 2);
    // What was not sent was no question: the next may be asked.
    let id = world.surveys_of(&member).await[0]["invitation"].as_str().unwrap().to_owned();
    let data = json!({"journey": "survey-invitation", "key": [id], "message": "5d41402abc4b2a76b9719d911017c592", "reason": "no_address"});
    world.tells_voice(&[world.told(("care.messageskipped", "sk-1"), &member, &data)]).await;
    assert_eq!(world.surveys_of(&member).await[0]["state"], "cancelled");
    world.asks_after_purchase("3b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    assert_eq!(world.surveys_of(&member).await.len(), 3, "the first lies thirty days back");
}

// rule: voice 8
#[tokio::test]
async fn a_question_closes_and_says_so() {
    let world = asking(&[]).await;
    let member = world.reachable("sun", &[]).await;
    world.asks_after_purchase("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44", &member).await;
    let token = world.link().await;
    assert_eq!(world.surveys_of(&member).await[0]["closes_at"], "2026-03-15T16:00:00Z");
    world.advance("2026-03-16T00:00:00+08:00").await;
    world.answers(&token, &json!({"score": 5})).await.refused(410, "survey_closed");
    let page = world.sees(&format!("/s/{token}")).await;
    assert!(page.status == 410 && page.text.contains("本次调查已结束"), "{}", page.text);
    world.time_passes(jiff::SignedDuration::from_mins(6)).await;
    assert_eq!(world.surveys_of(&member).await[0]["state"], "expired");
}

/// A member whose turn in the first quarter of 2026 is on a date.
fn of_turn(world: &World, date: &str) -> String {
    let (date, quarter) = (date.parse().unwrap(), Quarter::of("2026-03-01".parse().unwrap()));
    let document = domain::programme::reading::read(&crate::world::programme(&[])).unwrap();
    let programme = domain::programme::compiled::Programme::compile(1, document).unwrap();
    let turns = |id: &String| {
        let member: MemberId = id.parse().unwrap();
        turn(&member, quarter, programme.zone()).0 == date
    };
    let _ = world;
    (0..).map(|number| format!("m-{number}")).find(turns).unwrap()
}

// rule: voice 9
#[tokio::test]
async fn whose_turn_it_is_is_asked_at_nine_and_a_day_that_was_missed_is_made_up_for() {
    let world = asking_from("2026-03-02T20:00:00+08:00", &[]).await;
    let (today, next, later) =
        (of_turn(&world, "2026-03-03"), of_turn(&world, "2026-03-04"), of_turn(&world, "2026-03-20"));
    for member in [&today, &next, &later] {
        world.earns_100(member, "f-1").await.ok();
    }
    world.platform.rest().await.unwrap();
    world.advance("2026-03-03T08:56:00+08:00").await;
    assert_eq!(world.surveys_of(&today).await.len(), 0, "before nine");
    world.advance("2026-03-03T09:06:00+08:00").await;
    let asked = world.surveys_of(&today).await;
    assert_eq!((asked.len(), &asked[0]["cause"]), (1, &json!("quarter:2026-Q1")));
    assert_eq!(world.surveys_of(&next).await.len() + world.surveys_of(&later).await.len(), 0);
    world.advance("2026-03-05T09:06:00+08:00").await;
    assert_eq!((world.surveys_of(&today).await.len(), world.surveys_of(&next).await.len()), (1, 1), "once each");
}

// rule: voice 6
#[tokio::test]
async fn members_are_invited_by_hand_a_batch_once() {
    let world = asking(&[]).await;
    let member = world.reachable("qian", &[]).await;
    let shop = world.shop();
    let body = json!({"survey": "product-feedback", "batch": "launch", "members": [member, "m-404"]});
    let done = shop.post("/v1/invitations", &body).await.ok();
    let of = |done: &serde_json::Value| -> Vec<String> {
        done["outcomes"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(&done), ["invited", "unknown_member"]);
    assert_eq!(of(&shop.post("/v1/invitations", &body).await.ok()), ["already", "unknown_member"]);
    let again = json!({"survey": "product-feedback", "batch": "reminder", "members": [member]});
    assert_eq!(of(&shop.post("/v1/invitations", &again).await.ok()), ["recontact"]);
    assert_eq!(world.asked().await, 1);
    for (body, pointer) in [
        (json!({"survey": "none", "batch": "b", "members": [member]}), "/survey"),
        (json!({"survey": "nps-quarterly", "batch": "b", "members": [member]}), "/survey"),
        (json!({"survey": "product-feedback", "batch": "a|b", "members": [member]}), "/batch"),
        (json!({"survey": "product-feedback", "batch": "b", "members": []}), "/members"),
        (json!({"survey": "product-feedback", "batch": "b", "members": [member, "no id!"]}), "/members/1"),
    ] {
        let refused = shop.post("/v1/invitations", &body).await.refused(422, "invalid_field");
        assert_eq!(refused["pointer"], pointer, "{refused}");
    }
    assert_eq!(world.surveys_of(&member).await.len(), 1);
}
