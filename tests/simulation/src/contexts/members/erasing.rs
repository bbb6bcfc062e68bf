//! Stories of members who are erased.

use serde_json::{Value, json};

use super::people::mei;
use super::wishes::asked;
use crate::contexts::handler::Story;
use crate::contexts::reported::{at, login};
use crate::contexts::wish::{FIRST, Wish, fired, http};

/// Mei does something that earns nothing.
pub(super) fn signals(id: &str) -> Wish {
    http(("earn", "POST", "/v1/activities"), (FIRST, "login"), login(FIRST, id, at(0)), None)
}

pub(super) fn erases(now: bool) -> Wish {
    let body = json!({"member": FIRST, "reason": "asked for by letter", "now": now});
    asked("POST", "/v1/privacy/erasures", "erase", body)
}

fn of_erasure(method: &str, of: &str, body: Value) -> Wish {
    asked(method, &format!("/v1/privacy/erasures/{FIRST}.1{of}"), "erasure", body)
}

fn holds() -> Wish {
    of_erasure("PUT", "/hold", json!({"reason": "a lawsuit about an order", "until": "2026-12-31"}))
}

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, before, hours, watched| Story { about, before, then: Vec::new(), hours, watched };
    let erase = "POST /v1/privacy/erasures";
    let (receipt, tick) = ("GET /v1/privacy/erasures/{erasure_id}", "MemberFunctionMemberTick");
    let revoke = "POST /v1/privacy/erasures/{erasure_id}/revocation";
    vec![
        story(erase, vec![mei(), signals("1"), signals("2")], 0, |_| erases(true)),
        story(erase, vec![mei()], 0, |_| erases(false)),
        story(receipt, vec![mei(), erases(true)], 0, |_| of_erasure("GET", "", Value::Null)),
        story("PUT /v1/privacy/erasures/{erasure_id}/hold", vec![mei()], 0, |_| holds()),
        story(revoke, vec![mei(), erases(false)], 1, |_| of_erasure("POST", "/revocation", Value::Null)),
        story(tick, vec![mei(), erases(false)], 73, |_| fired("MemberFunctionMemberTick", "member")),
    ]
}
