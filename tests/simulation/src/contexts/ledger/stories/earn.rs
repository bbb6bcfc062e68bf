//! Facts of some members, on ledgers of some lengths.

use serde_json::{Value, json};

use super::super::wishes::earn::{OF_CORRECTIONS, OF_REFUNDS, QUEUE, paid, post, take_back};
use crate::contexts::handler::Story;
use crate::contexts::reported::{at, featured, logged_in, sent};
use crate::contexts::wish::{Wish, http, message, request};

pub(crate) fn reported(order: &str, amount: i64) -> Wish {
    post("m-0", "earn", paid("m-0", order, order, amount, at(0)), order)
}

/// The order of `m-0`, reported for another.
fn another(order: &str, amount: i64) -> Wish {
    let wish = post("m-1", "earn", paid("m-1", order, order, amount, at(0)), order);
    Wish { refusals: &["conflicting_duplicate"], order: None, ..wish }
}

/// A ledger that has a page, so that look-back and sealing are part of the story.
pub(super) fn long_history() -> Vec<Wish> {
    (0..14).map(|number| reported(&format!("h-{number}"), 10_000 + number)).collect()
}

/// Facts that are told of: an order that reaches a tier, its return, a behaviour, on ledgers of some lengths.
pub(super) fn stories_of_facts(about: &'static str) -> Vec<Story> {
    let history = |length| long_history().into_iter().take(length).collect::<Vec<_>>();
    let story = |before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    let mut reached = history(2);
    reached.push(reported("large", 600_000));
    vec![
        story(Vec::new(), |_| reported("1", 120_000)),
        story(history(5), |_| reported("1", 500_000)),
        story(reached, |_| refunded("large", 599_000)),
    ]
}

pub(super) fn corrected(key: &str, points: i64) -> Wish {
    let body = json!({"member": "m-0", "points": points, "reason": "goodwill"});
    let wish = http(("earn", "POST", "/v1/adjustments"), ("m-0", "adjust"), body, Some(key.to_owned()));
    Wish { refusals: OF_CORRECTIONS, ..wish }
}

fn refunded(order: &str, amount: i64) -> Wish {
    let body = json!({"source": "shop", "id": "r-1", "member": "m-0", "time": at(0), "amount_minor": amount});
    let path = format!("/v1/orders/{order}/refunds");
    let wish = http(("earn", "POST", &path), ("m-0", "refund"), body, None);
    Wish { refusals: OF_REFUNDS, ..wish }
}

/// An order goes to another member.
fn moved(order: &str) -> Wish {
    let body = json!({"to": "m-1", "reason": "rung up under the wrong card"});
    http(("earn", "POST", &format!("/v1/orders/{order}/moves")), ("m-0", "move"), body, Some("move".to_owned()))
}

/// The message that what the member was featured for is taken back.
fn sent_back() -> Wish {
    let event = json!({
        "specversion": "1.0", "type": "activity.reversed", "source": "desk", "id": "x", "subject": "m-0", "time": at(0),
        "data": {"source": "app", "id": "f"},
    });
    message(QUEUE, ("m-0", "send"), event)
}

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let story = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    let asked = || corrected("large", 1_500);
    // Among so many lengths some seal a page, and some look into one.
    let lengths = [0, 1, 6, 7, 8, 9, 10, 11, 14];
    let history = |length| long_history().into_iter().take(length).collect();
    let with = |first: Vec<Wish>, then: Vec<Wish>| first.into_iter().chain(then).collect();
    let mut stories: Vec<Story> =
        lengths.map(|length| story("POST /v1/activities", history(length), |_| reported("1", 10_000))).into();
    stories.extend([
        story("POST /v1/activities", vec![reported("1", 10_000)], |_| another("1", 10_000)),
        story("POST /v1/activities", Vec::new(), |_| logged_in("1")),
        story("POST /v1/activities", vec![logged_in("1")], |_| logged_in("1")),
        story(QUEUE, Vec::new(), |_| sent(QUEUE, "1")),
        story("POST /v1/activities/batch", vec![reported("1", 10_000)], |_| {
            let events = [("m-0", "2"), ("m-1", "3"), ("m-0", "4")];
            let events: Vec<Value> = events.iter().map(|(member, id)| paid(member, id, id, 20_000, at(0))).collect();
            http(("earn", "POST", "/v1/activities/batch"), ("m-0", "batch"), json!({ "activities": events }), None)
        }),
        story("POST /v1/orders/{order_id}/refunds", vec![reported("1", 10_000)], |_| refunded("1", 6_000)),
        story("POST /v1/orders/{order_id}/refunds", Vec::new(), |_| refunded("1", 6_000)),
        story("POST /v1/orders/{order_id}/refunds", long_history(), |_| refunded("h-0", 6_000)),
        story("POST /v1/activities", vec![refunded("1", 6_000)], |_| reported("1", 10_000)),
        story("POST /v1/orders/{order_id}/moves", vec![reported("1", 10_000)], |_| moved("1")),
        story("POST /v1/orders/{order_id}/moves", vec![reported("1", 10_000), refunded("1", 6_000)], |_| moved("1")),
        story("POST /v1/orders/{order_id}/moves", long_history(), |_| moved("h-0")),
        story("POST /v1/orders/{order_id}/moves", vec![reported("1", 200_000)], |_| moved("1")),
        story("POST /v1/orders/{order_id}/refunds", vec![reported("1", 10_000), moved("1")], |_| refunded("1", 6_000)),
        story("POST /v1/activities", vec![reported("1", 10_000), moved("1")], |_| reported("1", 10_000)),
        story("GET /v1/refunds/parked", vec![refunded("1", 6_000)], |_| {
            let wish = http(("earn", "GET", "/v1/refunds/parked"), ("m-0", "parked"), Value::Null, None);
            Wish { repeatable: false, ..wish }
        }),
        story("POST /v1/activities/reversals", vec![featured("f")], |_| take_back("m-0", "f", "x", at(0))),
        story("POST /v1/activities/reversals", Vec::new(), |_| take_back("m-0", "f", "x", at(0))),
        story("POST /v1/activities", vec![take_back("m-0", "f", "x", at(0))], |_| featured("f")),
        story("POST /v1/activities/reversals", with(vec![featured("f")], long_history()), |_| {
            take_back("m-0", "f", "x", at(0))
        }),
        story(QUEUE, vec![featured("f")], |_| sent_back()),
        story(QUEUE, Vec::new(), |_| sent_back()),
        story("POST /v1/adjustments", Vec::new(), |_| corrected("k", 500)),
        story("POST /v1/adjustments/{adjustment_id}/approvals", vec![asked()], |known| {
            let path =
                format!("/v1/adjustments/{}/approvals", known.ledger.requests.first().map_or("none", String::as_str));
            request("second", ("earn", "POST", &path), ("m-0", "approve"), json!({}), None)
        }),
        story("POST /v1/quotes", vec![corrected("k", 500)], |_| {
            let body = json!({"redemption": {"member": "m-0", "reward": "drink"}});
            let wish = http(("earn", "POST", "/v1/quotes"), ("m-0", "quote"), body, None);
            Wish { repeatable: false, ..wish }
        }),
        story(QUEUE, vec![reported("1", 10_000)], |_| Wish {
            order: Some("2".to_owned()),
            ..message(QUEUE, ("m-0", "send"), paid("m-0", "2", "2", 5_000, at(0)))
        }),
    ]);
    stories
}
