//! Where a member stands.

use serde_json::json;

use super::super::people::{first, gets, keyed, mei, of, pays};
use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::wish::{Wish, http};

/// Mei is suspended, active again, or leaves.
fn stands(known: &Known, how: &str) -> Wish {
    keyed(&of(first(known), how), how, json!({"reason": "a dispute"}), how)
}

/// Mei wants a drink, and is suspended.
fn thirsty(known: &Known) -> Wish {
    let body = json!({"member": first(known), "reward": "drink"});
    let wish =
        http(("redeem", "POST", "/v1/redemptions"), (first(known), "redeem drink"), body, Some("drink".to_owned()));
    Wish { refusals: &["member_not_active"], ..wish }
}

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, then, watched| Story { about, before: vec![mei()], then, hours: 0, watched };
    let suspension = "POST /v1/members/{member_id}/suspension";
    let reactivation = "POST /v1/members/{member_id}/reactivation";
    let closing = "POST /v1/members/{member_id}/closing";
    vec![
        story(suspension, Vec::new(), |known| stands(known, "suspension")),
        story(suspension, vec![|known| gets(first(known), 500, "k")], |known| stands(known, "suspension")),
        story(suspension, vec![|known| gets(first(known), 500, "k"), |known| stands(known, "suspension")], thirsty),
        story(reactivation, vec![|known| stands(known, "suspension")], |known| stands(known, "reactivation")),
        story(reactivation, vec![|known| stands(known, "closing")], |known| stands(known, "reactivation")),
        story(closing, vec![|known| pays(first(known), "o-1", 20_000, 0)], |known| stands(known, "closing")),
    ]
}
