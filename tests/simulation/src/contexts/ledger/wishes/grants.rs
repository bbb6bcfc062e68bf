//! What other contexts give: messages of the queue `grants`.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::auditor::{Auditor, Detail, boundary};
use crate::contexts::known::Known;
use crate::contexts::wish::{Heard, Way, Wish, message};

pub(crate) const QUEUE: &str = "GrantsQueue";

/// A fact of another context.
fn fact(member: &str, kind: &str, id: &str, time: Timestamp, data: Value) -> Value {
    json!({
        "specversion": "1.0", "type": kind, "source": "/perennial/desk", "id": id, "subject": member, "time": time, "data": data,
    })
}

/// A reward for a member, its voucher valid for some days.
pub(crate) fn reward(member: &str, reward: &str, id: &str, days: Option<i64>, time: Timestamp) -> Wish {
    let mut data = json!({"reward": reward, "cause": id});
    if let Some(days) = days {
        data["valid_days"] = days.into();
    }
    message(QUEUE, (member, &format!("give {reward} {id}")), fact(member, "reward.granted", id, time, data))
}

/// The use of a benefit for a member.
pub(crate) fn benefit(member: &str, benefit: &str, id: &str, time: Timestamp) -> Wish {
    let data = json!({"benefit": benefit, "cause": id});
    message(QUEUE, (member, &format!("give {benefit} {id}")), fact(member, "benefit.used", id, time, data))
}

/// Mostly something that may be had; now and then a reward that there never was.
pub(super) fn given(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let (member, id) = (known.member(rng), format!("g-{}", known.count));
    let time = now - SignedDuration::from_secs(rng.i64(0..3_600));
    if rng.u32(0..4) == 0 {
        let benefits = ["birthday-gift", "engraved-badge", "one-to-one", "free-shipping", "moon-landing"];
        return benefit(&member, benefits[rng.usize(0..benefits.len())], &id, time);
    }
    let rewards = ["drink", "sticker", "sticker", "sticker", "toy", "moon"];
    let days = if rng.bool() { Some(rng.i64(1..=730)) } else { None };
    reward(&member, rewards[rng.usize(0..rewards.len())], &id, days, time)
}

/// A message that asks for nothing that can be given.
pub(super) fn poison(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let (member, id) = (known.member(rng), format!("g-{}", known.count));
    let body = match rng.u32(0..4) {
        0 => json!("this is no event"),
        1 => fact(&member, "ugc.featured", &id, now, json!({})),
        2 => fact(&member, "reward.granted", &id, now, json!({"reward": "drink"})),
        _ => fact(&member, "reward.granted", &id, now, json!({"reward": "drink", "cause": id, "valid_days": 731})),
    };
    Wish { poison: true, ..message(QUEUE, (&member, &format!("send poison {id}")), body) }
}

/// What came of a request: what its entry says.
struct Came {
    refused: bool,
    /// Until when its voucher is valid, if it has one.
    until: Option<i64>,
    at: i64,
}

/// Everything that was asked for was given once, as it was asked, or is said not to be; and nothing else was given.
pub(crate) fn check(auditor: &Auditor, heard: &[Heard<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut came: BTreeMap<(&str, &str), Vec<Came>> = BTreeMap::new();
    for (member, ledger) in auditor.members() {
        for entry in &ledger.entries {
            let (cause, refused, until) = match &entry.detail {
                Detail::Redeem { cause: Some(cause), voucher_expires_at, .. } => (cause, false, *voucher_expires_at),
                Detail::Benefit { cause: Some(cause), .. } => (cause, false, None),
                Detail::GrantRefused { cause, .. } => (cause, true, None),
                _ => continue,
            };
            let until = until.map(|until| until.as_millisecond());
            let at = entry.recorded_at.as_millisecond();
            came.entry((member.as_str(), cause.as_str())).or_default().push(Came { refused, until, at });
        }
    }
    for Heard { wish, .. } in heard.iter().filter(|heard| heard.wish.way == Way::Send(QUEUE)) {
        let data = &wish.payload["data"];
        let cause = data["cause"].as_str().unwrap_or_default();
        match came.remove(&(wish.member.as_str(), cause)).unwrap_or_default()[..] {
            [Came { refused: true, .. }] | [Came { until: None, .. }] => {}
            [Came { until: Some(until), at, .. }] => {
                let usual = if data["reward"] == "drink" { 30 } else { 0 };
                if until != boundary(at, data["valid_days"].as_i64().unwrap_or(usual)) {
                    wrong.push(format!("{} was given a voucher until {until}", wish.what));
                }
            }
            ref other => wrong.push(format!("{} came to {} entries", wish.what, other.len())),
        }
    }
    wrong.extend(
        came.keys().map(|(member, cause)| format!("{member} was given something for {cause}, which nobody asked")),
    );
    wrong
}
