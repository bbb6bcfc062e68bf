//! Points are spent, held, and given back.

use serde_json::json;

use super::super::wishes::grants;
use super::super::wishes::redeem::{OF_HOLDS, at_the_till, end, entitled, spend, take_back, unused, vouchers};
use super::earn::{corrected, long_history};
use super::tier_evaluation::floored;
use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::reported::at;
use crate::contexts::wish::{Wish, http};

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let story = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    let rich = || vec![corrected("rich", 900)];
    let with = |wish: Wish| vec![corrected("rich", 900), wish];
    let key = || Some("key".to_owned());
    let checkout = || {
        let body = json!({"member": "m-0", "order_id": "c", "order_net_minor": 50_000, "points": 200});
        Wish {
            refusals: OF_HOLDS,
            ..http(("redeem", "POST", "/v1/holds"), ("m-0", "hold"), body, Some("hold".to_owned()))
        }
    };
    fn first(of: &[String]) -> &str {
        of.first().map_or("none", String::as_str)
    }
    fn redemption(known: &Known) -> &str {
        known.ledger.spent.first().map_or("none", |(_, id)| id)
    }
    let mut long = long_history();
    long.extend(rich());
    let mut all = vec![
        story("POST /v1/redemptions", rich(), |_| spend("m-0", "drink", Some("key".to_owned()))),
        story("POST /v1/redemptions", rich(), |_| spend("m-0", "sticker", Some("key".to_owned()))),
        story("POST /v1/members/{member_id}/benefits/{benefit}/uses", vec![floored()], |_| {
            entitled("m-0", "closed-salon", Some("key".to_owned()))
        }),
        story("POST /v1/members/{member_id}/benefits/{benefit}/uses", Vec::new(), |_| {
            entitled("m-0", "one-to-one", Some("key".to_owned()))
        }),
        story(
            "POST /v1/members/{member_id}/benefits/{benefit}/uses/{use_id}/reversals",
            vec![floored(), entitled("m-0", "closed-salon", key())],
            |known| {
                let (benefit, id) = known.ledger.uses.first().map_or(("none", "none"), |(of, id)| (of, id));
                unused(benefit, id, Some("back".to_owned()))
            },
        ),
        story("POST /v1/redemptions", long, |_| spend("m-0", "drink", Some("key".to_owned()))),
        story("POST /v1/redemptions/{redemption_id}/reversals", with(spend("m-0", "drink", key())), |known| {
            take_back(redemption(known), "member", Some("back".to_owned()))
        }),
        story("POST /v1/redemptions/{redemption_id}/reversals", with(spend("m-0", "sticker", key())), |known| {
            take_back(redemption(known), "merchant", Some("back".to_owned()))
        }),
        story("POST /v1/donations", rich(), |_| {
            let body = json!({"member": "m-0", "reward": "farm-aid", "quantity": 2});
            http(("redeem", "POST", "/v1/donations"), ("m-0", "donate"), body, Some("key".to_owned()))
        }),
        story("POST /v1/holds", rich(), |_| {
            let body = json!({"member": "m-0", "order_id": "c", "order_net_minor": 50_000, "points": 200});
            http(("redeem", "POST", "/v1/holds"), ("m-0", "hold"), body, Some("key".to_owned()))
        }),
        story("POST /v1/holds/{hold_id}/capture", with(checkout()), |known| end(first(&known.ledger.holds), "capture")),
        story("POST /v1/holds/{hold_id}/release", with(checkout()), |known| end(first(&known.ledger.holds), "release")),
        story("POST /v1/orders/{order_id}/hold/capture", with(checkout()), |_| of_order("capture")),
        story("POST /v1/orders/{order_id}/hold/release", with(checkout()), |_| of_order("release")),
        story("POST /v1/vouchers/{code}/uses", with(spend("m-0", "drink", key())), |known| {
            at_the_till(first(&known.ledger.vouchers), Some("till".to_owned()))
        }),
        story("GET /v1/members/{member_id}/vouchers", with(spend("m-0", "drink", key())), |_| vouchers("m-0")),
        story("POST /v1/rewards/{reward}/stock", Vec::new(), |_| {
            let body = json!({"add": 5, "reason": "delivery"});
            let route = ("redeem", "POST", "/v1/rewards/toy/stock");
            http(route, ("", "lay in"), body, Some("key".to_owned()))
        }),
        story("GET /v1/members/{member_id}/rewards", rich(), |_| {
            http(("redeem", "GET", "/v1/members/m-0/rewards"), ("m-0", "rewards"), serde_json::Value::Null, None)
        }),
    ];
    all.extend(given());
    all
}

/// What is held for an order ends.
fn of_order(step: &str) -> Wish {
    let path = format!("/v1/orders/c/hold/{step}");
    let wish = http(("redeem", "POST", &path), ("m-0", step), json!({}), None);
    Wish { refusals: &["hold_not_open"], ..wish }
}

/// What other contexts give.
fn given() -> Vec<Story> {
    let story = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    vec![
        story(grants::QUEUE, Vec::new(), |_| grants::reward("m-0", "drink", "g", Some(90), at(0))),
        story(grants::QUEUE, long_history(), |_| grants::reward("m-0", "sticker", "g", None, at(0))),
        story(
            grants::QUEUE,
            (0..3).map(|n| grants::reward("m-0", "sticker", &format!("g-{n}"), None, at(0))).collect(),
            |_| grants::reward("m-0", "sticker", "g", None, at(0)),
        ),
        story(grants::QUEUE, vec![floored()], |_| grants::benefit("m-0", "closed-salon", "g", at(0))),
        story(grants::QUEUE, Vec::new(), |_| grants::benefit("m-0", "moon-landing", "g", at(0))),
    ]
}
