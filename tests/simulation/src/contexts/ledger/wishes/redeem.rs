//! Rewards, donations, points at the checkout, vouchers at the till, and taking it back.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::json;

use super::super::auditor::{Auditor, Detail, Entry};
use super::super::stories;
use super::grants;
use crate::contexts::handler::Handler;
use crate::contexts::known::Known;
use crate::contexts::wish::{Heard, Wish, http, request};

pub(crate) const HANDLER: Handler = Handler {
    function: "redeem",
    handle: |context, trigger| {
        Box::pin(async move { lambda::handle(&::redeem::FUNCTION, &context.app, trigger).await })
    },
    wishes: &[
        (14, redeem),
        (3, two_principals),
        (5, donate),
        (7, hold),
        (8, end_hold),
        (6, reverse),
        (5, use_voucher),
        (2, rewards),
        (2, own_vouchers),
        (4, use_benefit),
        (1, reverse_benefit),
        (7, grants::given),
        (1, grants::poison),
    ],
    stories: stories::redeem::all,
};

const OF_SPENDING: &[&str] = &["insufficient_points", "in_debt", "out_of_stock", "limit_reached"];
const OF_BENEFITS: &[&str] = &["limit_reached", "tier_too_low"];
pub(crate) const OF_HOLDS: &[&str] =
    &["insufficient_points", "in_debt", "too_many_holds", "order_already_has_hold", "order_already_paid"];
const OF_ENDS: &[&str] = &["hold_not_open"];
const OF_REVERSALS: &[&str] = &["reversal_window_closed", "nothing_to_reverse", "voucher_used"];
const OF_VOUCHERS: &[&str] = &["voucher_used", "voucher_not_valid"];

fn redeem(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    let reward = ["drink", "drink", "toy", "sticker"][rng.usize(0..4)];
    spend(&member, reward, known.key())
}

fn use_benefit(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    let benefits = ["birthday-gift", "engraved-badge", "closed-salon", "one-to-one", "free-shipping"];
    entitled(&member, benefits[rng.usize(0..benefits.len())], known.key())
}

fn reverse_benefit(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some((benefit, id)) = rng.choice(&known.ledger.uses).cloned() else { return use_benefit(known, rng, now) };
    unused(&benefit, &id, known.key())
}

pub(crate) fn unused(benefit: &str, id: &str, key: Option<String>) -> Wish {
    let member = id.split('.').next().unwrap_or_default();
    let path = format!("/v1/members/{member}/benefits/{benefit}/uses/{id}/reversals");
    let wish = http(("redeem", "POST", &path), (member, &format!("reverse {id}")), json!({}), key);
    Wish { refusals: OF_REVERSALS, ..wish }
}

pub(crate) fn entitled(member: &str, benefit: &str, key: Option<String>) -> Wish {
    let path = format!("/v1/members/{member}/benefits/{benefit}/uses");
    let wish = http(("redeem", "POST", &path), (member, &format!("benefit {benefit}")), json!({}), key);
    Wish { refusals: OF_BENEFITS, ..wish }
}

pub(crate) fn spend(member: &str, reward: &str, key: Option<String>) -> Wish {
    let body = json!({"member": member, "reward": reward});
    let path = ("redeem", "POST", "/v1/redemptions");
    let wish = http(path, (member, &format!("redeem {reward}")), body, key);
    Wish { refusals: OF_SPENDING, ..wish }
}

/// The same request with a key that somebody else may have used for it, too.
fn two_principals(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let member = known.member(rng);
    let by = ["agent", "kiosk"][rng.usize(0..2)];
    let key = format!("shared-{member}-{}", now.as_second() / 86_400); // a key is known for three days
    let body = json!({"member": member, "reward": "farm-aid"});
    let wish = request(by, ("redeem", "POST", "/v1/donations"), (&member, &format!("donate by {by}")), body, Some(key));
    Wish { refusals: OF_SPENDING, ..wish }
}

fn donate(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    // Now and then everything there is: a return after it leaves a debt.
    let all = known.ledger.told.get(&member).map_or(1, |active| (active / 100).clamp(1, 1_000));
    let quantity = if rng.bool() { all } else { rng.i64(1..3) };
    let body = json!({"member": member, "reward": "farm-aid", "quantity": quantity});
    let wish = http(("redeem", "POST", "/v1/donations"), (&member, "donate"), body, known.key());
    Wish { refusals: OF_SPENDING, ..wish }
}

fn hold(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    // Mostly an order of its own; sometimes one for which somebody holds already, or that is about to be paid.
    let checkouts = &mut known.ledger.checkouts;
    let order = rng.choice(checkouts.iter()).filter(|_| rng.u32(0..3) == 0).map(|(_, order)| order.clone());
    let order = order.unwrap_or_else(|| {
        let order = format!("h-{}", known.count);
        checkouts.push((member.clone(), order.clone()));
        order
    });
    let body = json!({
        "member": member, "order_id": order, "order_net_minor": 50_000,
        "points": rng.i64(1..6) * 100,
    });
    let wish = http(("redeem", "POST", "/v1/holds"), (&member, "hold"), body, known.key());
    Wish { refusals: OF_HOLDS, ..wish }
}

fn end_hold(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some(held) = rng.choice(&known.ledger.holds).cloned() else { return hold(known, rng, now) };
    let step = if rng.u32(0..3) == 0 { "release" } else { "capture" };
    end(&held, step)
}

pub(crate) fn end(hold: &str, step: &str) -> Wish {
    let member = hold.split('.').next().unwrap_or_default();
    let path = format!("/v1/holds/{hold}/{step}");
    let wish = http(("redeem", "POST", &path), (member, &format!("{step} {hold}")), json!({}), None);
    Wish { refusals: OF_ENDS, ..wish }
}

fn reverse(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some((_, id)) = rng.choice(&known.ledger.spent).cloned() else { return redeem(known, rng, now) };
    take_back(&id, if rng.bool() { "member" } else { "merchant" }, known.key())
}

pub(crate) fn take_back(id: &str, by: &str, key: Option<String>) -> Wish {
    let member = id.split('.').next().unwrap_or_default();
    let path = format!("/v1/redemptions/{id}/reversals");
    let body = json!({ "initiated_by": by });
    let wish = http(("redeem", "POST", &path), (member, &format!("reverse {id}")), body, key);
    Wish { refusals: OF_REVERSALS, ..wish }
}

fn use_voucher(known: &mut Known, rng: &mut Rng, now: Timestamp) -> Wish {
    let Some(code) = rng.choice(&known.ledger.vouchers).cloned() else { return redeem(known, rng, now) };
    at_the_till(&code, known.key())
}

pub(crate) fn at_the_till(code: &str, key: Option<String>) -> Wish {
    let path = format!("/v1/vouchers/{code}/uses");
    let wish = http(("redeem", "POST", &path), ("", &format!("use {code}")), json!({}), key);
    Wish { refusals: OF_VOUCHERS, ..wish }
}

fn own_vouchers(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    vouchers(&known.member(rng))
}

pub(crate) fn vouchers(member: &str) -> Wish {
    let path = format!("/v1/members/{member}/vouchers");
    http(("redeem", "GET", &path), (member, "vouchers"), serde_json::Value::Null, None)
}

fn rewards(known: &mut Known, rng: &mut Rng, _: Timestamp) -> Wish {
    let member = known.member(rng);
    let path = format!("/v1/members/{member}/rewards");
    http(("redeem", "GET", &path), (&member, "rewards"), serde_json::Value::Null, None)
}

/// A voucher is used once, and not if its points came back; a hold ends in one way.
pub(crate) fn check(auditor: &Auditor, heard: &[Heard<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    let mut codes: BTreeMap<&str, &str> = BTreeMap::new();
    for Heard { wish, body, .. } in heard.iter().filter(|heard| heard.status == 200) {
        if let Some(code) = wish.what.strip_prefix("use ") {
            *uses.entry(code).or_default() += 1;
        }
        if let (Some(code), Some(id)) = (body["voucher"]["code"].as_str(), body["redemption_id"].as_str()) {
            codes.insert(code, id);
        }
    }
    for (code, count) in uses {
        let redemption = codes.get(code).copied().unwrap_or_default();
        let reversed = redemption.rsplit_once('.').is_some_and(|(member, sequence)| {
            let of = |entry: &Entry| matches!(entry.detail, Detail::Reverse { redemption, .. } if redemption.to_string() == sequence);
            auditor.entries(member).iter().any(of)
        });
        if count > 1 || reversed {
            wrong.push(format!(
                "the voucher of {redemption} was used {count} times{}",
                if reversed { " and reversed" } else { "" }
            ));
        }
    }
    let ended = heard.iter().filter(|heard| heard.status == 200).filter_map(|heard| {
        heard
            .wish
            .what
            .strip_prefix("release ")
            .or_else(|| heard.wish.what.strip_prefix("capture "))
            .map(|hold| (hold, &heard.wish.what))
    });
    let mut ways: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
    for (hold, what) in ended {
        ways.entry(hold).or_default().insert(what);
        if auditor.entry(hold).is_none() {
            wrong.push(format!("{what} was answered, and there is no such hold"));
        }
    }
    wrong
        .extend(ways.iter().filter(|(_, ways)| ways.len() > 1).map(|(hold, ways)| format!("{hold} ended in {ways:?}")));
    wrong
}
