//! Whom stories are about, and what happens to them.

use serde_json::{Value, json};

use super::wishes::presented;
use crate::contexts::known::Known;
use crate::contexts::ledger::facts::{paid, post};
use crate::contexts::reported::at;
use crate::contexts::wish::{Wish, http};

/// Mei, as the crm knows her.
pub(crate) fn mei() -> Wish {
    presented("crm", 0, Some((0, true)), Some(0), "Mei")
}

/// Li, whom the shop knows.
pub(super) fn li() -> Wish {
    presented("shop", 2, Some((1, false)), Some(1), "Li")
}

/// Who became known first, second, third.
pub(crate) fn nth(known: &Known, place: usize) -> &str {
    known.members_known.people.get(place).map_or("m-nobody", String::as_str)
}

pub(crate) fn first(known: &Known) -> &str {
    nth(known, 0)
}

pub(super) fn second(known: &Known) -> &str {
    nth(known, 1)
}

/// Something of a member, by its address.
pub(super) fn of(member: &str, rest: &str) -> String {
    format!("/v1/members/{member}/{rest}")
}

/// A request about a member with an `Idempotency-Key`.
pub(super) fn keyed(path: &str, what: &str, body: Value, key: &str) -> Wish {
    http(("member", "POST", path), ("", what), body, Some(key.to_owned()))
}

/// Somebody pays for something, at the beginning or so many days before.
pub(super) fn pays(member: &str, order: &str, amount: i64, days_ago: i64) -> Wish {
    let time = at(-days_ago * 86_400);
    post(member, &format!("earn {order}"), paid(member, order, order, amount, time), order)
}

/// Somebody gets points that can be spent at once.
pub(super) fn gets(member: &str, points: i64, key: &str) -> Wish {
    let body = json!({"member": member, "points": points, "reason": "goodwill"});
    http(("earn", "POST", "/v1/adjustments"), (member, "adjust"), body, Some(key.to_owned()))
}
