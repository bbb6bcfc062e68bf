//! Tags by hand, and what becomes of them with time.

use serde_json::{Value, json};

use super::super::people::{first, mei, of};
use super::super::wishes::asked;
use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::wish::{Wish, fired};

/// The hourly run.
const TICK: &str = "MemberFunctionMemberTick";

fn gives(known: &Known) -> Wish {
    asked("PUT", &of(first(known), "tags/vip-care"), "give a tag", json!({"reason": "won the contest"}))
}

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, then, hours, watched| Story { about, before: vec![mei()], then, hours, watched };
    let (give, take) = ("PUT /v1/members/{member_id}/tags/{tag}", "DELETE /v1/members/{member_id}/tags/{tag}");
    vec![
        story(give, Vec::new(), 0, gives),
        story(give, vec![gives], 24, gives),
        story(take, vec![gives], 0, |known| {
            asked("DELETE", &of(first(known), "tags/vip-care"), "take a tag", Value::Null)
        }),
        story("GET /v1/tags", Vec::new(), 0, |_| asked("GET", "/v1/tags", "the dictionary", Value::Null)),
        story(TICK, Vec::new(), 0, |_| fired(TICK, "member")),
        story(TICK, vec![gives], 24 * 200, |_| fired(TICK, "member")),
    ]
}
