//! Stories of members who are given everything that is known of them.

use serde_json::{Value, json};

use super::erasing::{erases, signals};
use super::people::mei;
use super::wishes::asked;
use crate::contexts::handler::Story;
use crate::contexts::wish::{FIRST, Wish, fired};

fn asks() -> Wish {
    let body = json!({"member": FIRST, "reason": "asked for by letter"});
    asked("POST", "/v1/privacy/exports", "export", body)
}

fn sees() -> Wish {
    asked("GET", &format!("/v1/privacy/exports/{FIRST}.1"), "see export", Value::Null)
}

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, before, hours, watched| Story { about, before, then: Vec::new(), hours, watched };
    let (ask, tick) = ("POST /v1/privacy/exports", "MemberFunctionMemberTick");
    vec![
        story(ask, vec![mei(), signals("1")], 0, |_| asks()),
        story("GET /v1/privacy/exports/{export_id}", vec![mei(), asks()], 0, |_| sees()),
        // From the request to the archive.
        story("MembersQueue", vec![mei(), signals("1")], 0, |_| asks()),
        // A message is lost, and the hourly run makes up for it.
        story(tick, vec![mei(), asks()], 1, |_| fired("MemberFunctionMemberTick", "member")),
        // Who is erased has nothing left in files.
        story("POST /v1/privacy/erasures", vec![mei(), asks()], 0, |_| erases(true)),
    ]
}
