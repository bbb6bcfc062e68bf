//! Two members become one, and two again.

use serde_json::json;

use super::super::people::{first, gets, keyed, li, mei, of, pays, second};
use crate::contexts::handler::Story;
use crate::contexts::known::Known;
use crate::contexts::wish::Wish;

fn merges(known: &Known) -> Wish {
    let body = json!({"absorb": second(known), "reason": "one person"});
    keyed(&of(first(known), "merge"), "merge", body, "merge")
}

fn parts(known: &Known) -> Wish {
    let body = json!({"absorbed": second(known), "reason": "two people after all"});
    keyed(&of(first(known), "unmerge"), "unmerge", body, "unmerge")
}

/// All of them.
pub(super) fn all() -> Vec<Story> {
    let story = |about, then, hours, watched| Story { about, before: vec![mei(), li()], then, hours, watched };
    let (merge, unmerge) = ("POST /v1/members/{member_id}/merge", "POST /v1/members/{member_id}/unmerge");
    let had: Vec<fn(&Known) -> Wish> =
        vec![|known| gets(first(known), 200, "a"), |known| gets(second(known), 300, "b"), |known| {
            pays(second(known), "o-1", 60_000, 0)
        }];
    let since = |more: &[fn(&Known) -> Wish]| [&had[..], &[merges], more].concat();
    vec![
        story(merge, Vec::new(), 0, merges),
        story(merge, had.clone(), 0, merges),
        story(merge, since(&[parts]), 0, merges),
        story(unmerge, vec![merges], 0, parts),
        story(unmerge, since(&[|known| Wish { order: None, ..pays(second(known), "o-2", 30_000, 0) }]), 0, parts),
        story(unmerge, since(&[]), 24 * 20, parts),
    ]
}
