//! Orders, behaviours, returns, corrections and quotes; one by one, in batches, and as messages of the queue `ingest`.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::auditor::{Auditor, Detail, Entry};
use super::super::stories;
use crate::contexts::handler::Handler;
use crate::contexts::known::Known;
use crate::contexts::reported::login;
use crate::contexts::wish::{Heard, Wish, http, message, request};

pub(crate) const HANDLER: Handler = Handler {
    function: "earn",
    handle: |context, trigger| Box::pin(async move { lambda::handle(&::earn::FUNCTION, &context.app, trigger).await }),
    wishes: &[
        (18, order),
        (4, order_again),
        (3, contested),
        (4, checked_out),
        (10, queued),
        (4, poison),
        (5, batch),
        (14, behaviour),
        (14, refund),
        (5, reverse),
        (2, queued_reversal),
        (4, adjust),
        (3, approve),
        (2, quote),
        (2, logs_in),
    ],
    stories: stories::earn::all,
};

pub(crate) const QUEUE: &str = "IngestQueue";
/// Facts are refused when they lie too far in the past, or ahead of a clock that is behind.
const OF_FACTS: &[&str] = &["too_old", "in_future"];
pub(crate) const OF_REFUNDS: &[&str] =
    &["too_old", "in_future", "refund_window_closed", "too_many_parked_refunds", "not_found"];
/// One that was taken back before may be older than what is looked for.
const OF_REVERSALS: &[&str] = &["too_old", "in_future", "reversal_window_closed", "nothing_to_reverse", "not_found"];
const OF_REPEATS: &[&str] = &["too_old", "in_future", "conflicting_duplicate"];
pub(crate) const OF_CORRECTIONS: &[&str] = &["insufficient_points"];
const OF_APPROVALS: &[&str] = &["insufficient_points", "approval_expired"];
const OF_QUOTES: &[&str] = &["insufficient_points", "in_debt", "limit_reached", "out_of_stock"];

/// The event of an order of so much.
pub(crate) fn paid(member: &str, id: &str, order: &str, amount: i64, time: Timestamp) -> Value {
    json!({
        "specversion": "1.0", "type": "order.paid", "source": "shop", "id": id, "subject": member, "time": time,
        "data": {"order_id": order, "currency": "CNY", "lines": [{"sku": "tea", "amount_minor": amount}]},
    })
}

pub(crate) fn post(member: &str, what: &str, event: Value, order: &str) -> Wish {
    let wish = http(("earn", "POST", "/v1/activities"), (member, what), event, None);
    Wish { order: Some(order.to_owned()), refusals: OF_FACTS, ..wish }
}

/// How long ago, or how soon, something happened: mostly just now, sometimes days ago, sometimes on a clock that is ahead.
fn happened(rng: &mut Rng, now: Timestamp) -> Timestamp {
    match rng.u32(0..10) {
        0 | 1 => now - SignedDuration::from_secs(rng.i64(0..20 * 24 * 3600)),
        2 | 3 => now + SignedDuration::from_secs(rng.i64(0..150)),
        _ => now - SignedDuration::from_secs(rng.i64(0..5)),
    }
}

/// An order that is new, or one whose return came first.
fn new_order(known: &mut Known, rng: &mut Rng, now: Timestamp) -> (String, String, i64, Timestamp) {
    let (member, order) = match known.ledger.awaited.pop() {
        Some(awaited) if rng.bool() => awaited,
        other => {
            known.ledger.awaited.extend(other);
            (known.member(rng), format!("o-{}", known.count))
        }
    };
    let amount = if rng.u32(0..25) == 0 { rng.i64(3_000_000..7_000_000) } else { rng.i64(1..40_000) };
    let reported = (member, order, amount, happened(rng, now));
    known.ledger.orders.push(reported.clone());
    reported
}

/// An order that somebody came to with points: what it says that they paid is not always what was captured.
fn checked_out(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let place = rng.choice(0..known.ledger.checkouts.len());
    let Some((member, order)) = place.map(|place| known.ledger.checkouts.swap_remove(place)) else {
        return self::order(known, rng, now);
    };
    let mut event = paid(&member, &order, &order, rng.i64(40_000..60_000), now);
    event["data"]["points_paid_minor"] = json!(rng.i64(0..6) * 100);
    let wish = post(&member, &format!("earn {order}, checked out"), event, &order);
    Wish { refusals: OF_REPEATS, order: None, ..wish }
}

fn order(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let (member, order, amount, time) = new_order(known, rng, now);
    post(&member, &format!("earn {order} {amount}"), paid(&member, &order, &order, amount, time), &order)
}

/// An order that was acknowledged before: the very same, with another amount, or under another event id.
fn order_again(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some((member, order_id, amount, time)) = rng.choice(&known.ledger.acknowledged).cloned() else {
        return order(known, rng, now);
    };
    let (id, amount, what) = match rng.u32(0..3) {
        0 => (order_id.clone(), amount, "the same again"),
        1 => (order_id.clone(), amount + 1, "with another amount"),
        _ => (format!("e-{}", known.count), amount, "under another id"),
    };
    let event = paid(&member, &id, &order_id, amount, time);
    let wish = post(&member, &format!("earn {order_id} {what}"), event, &order_id);
    Wish { refusals: OF_REPEATS, order: None, ..wish }
}

/// An order that is reported for one member and then for another: it is that of whoever was first, and a crash may have hidden
/// who that is.
fn contested(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let member = known.member(rng);
    let (order, amount, time) = match rng.choice(&known.ledger.contested).cloned() {
        Some(contested) if rng.u32(0..3) > 0 => contested,
        _ => {
            let contested = (format!("c-{}", known.count), rng.i64(1..40_000), now);
            known.ledger.contested.push(contested.clone());
            contested
        }
    };
    let event = paid(&member, &order, &order, amount, time);
    let wish = post(&member, &format!("earn {order}, contested"), event, &order);
    Wish { refusals: OF_REPEATS, order: None, ..wish }
}

fn queued(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let (member, order, amount, time) = new_order(known, rng, now);
    let time = time.min(now - SignedDuration::from_mins(6)); // not ahead of anybody's clock
    if let Some(last) = known.ledger.orders.last_mut() {
        last.3 = time;
    }
    let event = paid(&member, &order, &order, amount, time);
    Wish { order: Some(order.clone()), ..message(QUEUE, (&member, &format!("send {order} {amount}")), event) }
}

/// A message that no handler can do.
fn poison(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let member = known.member(rng);
    let id = format!("p-{}", known.count);
    let old = now - SignedDuration::from_hours(24 * 60);
    let body = match rng.u32(0..4) {
        0 => json!("this is no event"),
        1 => {
            json!({"specversion": "1.0", "type": "moon.landed", "source": "app", "id": id, "subject": member, "time": now})
        }
        2 => paid(&member, &id, &id, 10_000, old),
        _ => json!({"type": "order.paid"}),
    };
    Wish { poison: true, ..message(QUEUE, (&member, &format!("send poison {id}")), body) }
}

fn batch(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let member = known.member(rng);
    let mut events = Vec::new();
    for place in 0..rng.u64(1..6) {
        let member = if rng.u32(0..4) == 0 { known.member(rng) } else { member.clone() };
        let id = format!("o-{}-{place}", known.count);
        let (amount, time) = (rng.i64(1..40_000), happened(rng, now));
        known.ledger.orders.push((member.clone(), id.clone(), amount, time));
        events.push(paid(&member, &id, &id, amount, time));
    }
    let what = format!("batch of {}", events.len());
    let wish = http(("earn", "POST", "/v1/activities/batch"), (&member, &what), json!({ "activities": events }), None);
    Wish { refusals: OF_FACTS, ..wish }
}

fn behaviour(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let foreseen = if rng.bool() { known.ledger.foreseen.pop() } else { None };
    let known_to_all = foreseen.is_some();
    let (member, id) = foreseen.unwrap_or_else(|| (known.member(rng), format!("b-{}", known.count)));
    let activities = [
        "checkin",
        "checkin",
        "ugc.featured",
        "ugc.approved",
        "review.completed",
        "survey.completed",
        "task.completed",
    ];
    // A check-in is known to its member alone, so nothing can wait for it.
    let activity = activities[rng.usize(if known_to_all { 2 } else { 0 }..activities.len())];
    // A check-in may be two days late.
    let most = if activity == "checkin" { 40 * 3600 } else { 12 * 24 * 3600 };
    let late = if rng.u32(0..3) == 0 { rng.i64(0..most) } else { rng.i64(0..60) };
    let mut event = json!({
        "specversion": "1.0", "type": activity, "source": "app", "id": id, "subject": member,
        "time": now - SignedDuration::from_secs(late),
    });
    if activity == "task.completed" {
        event["data"] = json!({"attributes": {"task": "watch_tutorial"}});
    }
    let wish = http(("earn", "POST", "/v1/activities"), (&member, activity), event, None);
    Wish { refusals: OF_FACTS, ..wish }
}

/// A behaviour turns out to be worth nothing: mostly one that stands, sometimes one that was taken back before, or is yet to come.
fn reverse(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    if rng.u32(0..4) == 0 {
        let (member, of) = (known.member(rng), format!("f-{}", known.count));
        known.ledger.foreseen.push((member.clone(), of.clone()));
        return take_back(&member, &of, &format!("x-{}", known.count), now);
    }
    let before = rng.choice(&known.ledger.reversed).cloned();
    let Some((member, of)) = before.filter(|_| rng.u32(0..3) == 0).or_else(|| stands(known, rng, now)) else {
        return behaviour(known, rng, now);
    };
    known.ledger.reversed.push((member.clone(), of.clone()));
    take_back(&member, &of, &format!("x-{}", known.count), now - SignedDuration::from_secs(rng.i64(0..5)))
}

/// The same as a message, of one that nobody else takes back.
fn queued_reversal(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some((member, of)) = stands(known, rng, now) else { return behaviour(known, rng, now) };
    let event = json!({
        "specversion": "1.0", "type": "activity.reversed", "source": "desk", "id": format!("x-{}", known.count),
        "subject": member, "time": now - SignedDuration::from_mins(6), "data": {"source": "app", "id": of},
    });
    message(QUEUE, (&member, &format!("send reversal of {of}")), event)
}

/// A behaviour that was acknowledged, not long ago, and that nobody has asked to take back.
fn stands(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Option<(String, String)> {
    let behaviours = &mut known.ledger.behaviours;
    behaviours.retain(|(.., time)| now.duration_since(*time) < SignedDuration::from_hours(24 * 300));
    let place = rng.choice(0..behaviours.len())?;
    let (member, id, _) = behaviours.swap_remove(place);
    Some((member, id))
}

pub(crate) fn take_back(member: &str, of: &str, id: &str, time: Timestamp) -> Wish {
    let body = json!({
        "id": id, "source": "desk", "member": member, "of": {"source": "app", "id": of}, "time": time, "reason": "removed",
    });
    let path = ("earn", "POST", "/v1/activities/reversals");
    Wish { refusals: OF_REVERSALS, ..http(path, (member, &format!("reverse {of}")), body, None) }
}

fn refund(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let (member, order, amount) = match rng.choice(&known.ledger.orders).cloned() {
        Some((member, order, amount, _)) if rng.u32(0..6) > 0 => (member, order, amount),
        _ => {
            // The return is reported before the order.
            let awaited = (known.member(rng), format!("o-{}", known.count));
            known.ledger.awaited.push(awaited.clone());
            (awaited.0, awaited.1, rng.i64(1..40_000))
        }
    };
    let part = if rng.bool() { amount } else { rng.i64(1..=amount) };
    let time = now - SignedDuration::from_secs(rng.i64(0..5));
    let mut body = json!({"source": "shop", "id": format!("r-{}", known.count), "time": time, "amount_minor": part});
    match rng.u32(0..10) {
        0 => {} // the shop need not know whose the order is
        1 => body["member"] = json!(known.member(rng)),
        _ => body["member"] = json!(member),
    }
    let path = format!("/v1/orders/{order}/refunds");
    let wish = http(("earn", "POST", &path), (&member, &format!("refund {order} {part}")), body, None);
    Wish { refusals: OF_REFUNDS, ..wish }
}

fn adjust(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    let points = if rng.u32(0..3) == 0 { rng.i64(1_001..2_000) } else { rng.i64(-300..900) };
    let points = if points == 0 { 1 } else { points };
    let body = json!({"member": member, "points": points, "reason": "goodwill"});
    let path = ("earn", "POST", "/v1/adjustments");
    let wish = http(path, (&member, &format!("adjust {points}")), body, known.key());
    Wish { refusals: OF_CORRECTIONS, ..wish }
}

/// A second person approves; the same correction may be approved from two desks at once.
fn approve(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some(id) = rng.choice(&known.ledger.requests).cloned() else { return adjust(known, rng, now) };
    let member = id.split('.').next().unwrap_or_default().to_owned();
    let path = format!("/v1/adjustments/{id}/approvals");
    let wish = request("second", ("earn", "POST", &path), (&member, &format!("approve {id}")), json!({}), None);
    Wish { refusals: OF_APPROVALS, ..wish }
}

fn quote(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    let body = json!({"redemption": {"member": member, "reward": "drink"}});
    let wish = http(("earn", "POST", "/v1/quotes"), (&member, "quote"), body, None);
    Wish { refusals: OF_QUOTES, repeatable: false, ..wish }
}

/// Of what was acknowledged every order is in the ledger, and of what was refused none.
pub(crate) fn check(auditor: &Auditor, heard: &[Heard<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut orders: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (member, ledger) in auditor.members() {
        for entry in &ledger.entries {
            if let Detail::Earn { order: Some(order), .. } = &entry.detail {
                *orders.entry((member, order)).or_default() += 1;
            }
        }
    }
    for Heard { wish, status, body } in heard {
        if let (200, Some(order)) = (status, body["order_id"].as_str())
            && body["parked"] == json!(true)
        {
            let asked = wish.body();
            let refund = asked["id"].as_str().unwrap_or_default();
            if !auditor.is_parked(order, refund) {
                wrong.push(format!("refund {refund} of {order} was acknowledged and does not wait"));
            }
        }
        // Who reports a return need not know that the order was moved.
        let came = |(owner, _): (&str, &str)| {
            let order = body["order_id"].as_str();
            auditor.entries(owner).iter().any(|entry| {
                matches!(&entry.detail, Detail::Earn { order: Some(own), moved: Some(_), .. } if Some(own.as_str()) == order)
            })
        };
        // Nor need who knows one of two names know who stands for both, or stood.
        let merged = |member: &str| auditor.entries(member).iter().any(Entry::is_transfer);
        let one = |member: &str, (owner, _): (&str, &str)| merged(member) && merged(owner);
        if let (Some(refund), Some(member)) = (body["refund_id"].as_str(), wish.body()["member"].as_str())
            && !refund.starts_with(&format!("{member}."))
            && !refund.rsplit_once('.').is_some_and(|owner| came(owner) || one(member, owner))
        {
            wrong.push(format!("refund {refund} was reported as {member}'s"));
        }
        let Some(order) = &wish.order else { continue };
        let found = orders.get(&(wish.member.as_str(), order.as_str())).copied().unwrap_or_default();
        if found != usize::from(*status == 200) {
            wrong.push(format!("{order} was answered {status} and is {found} times in the ledger"));
        }
    }
    wrong
}

/// Somebody logs in, now or a while ago.
fn logs_in(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let (member, late) = (known.member(rng), rng.i64(0..40 * 24 * 3600));
    let event = login(&member, &format!("l-{}", known.count), now - SignedDuration::from_secs(late));
    let wish = http(("earn", "POST", "/v1/activities"), (&member, "login"), event, None);
    Wish { refusals: OF_FACTS, ..wish }
}
