//! Floors.

use serde_json::json;

use super::earn::stories_of_facts;
use crate::contexts::handler::Story;
use crate::contexts::wish::{Wish, http};

/// Somebody who has every benefit.
pub(super) fn floored() -> Wish {
    let body = json!({"tier": "black", "until": "2026-12-31T16:00:00Z", "reason": "goodwill"});
    http(("tier-evaluation", "POST", "/v1/members/m-0/tier-floors"), ("m-0", "floor"), body, Some("k".to_owned()))
}

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let about = "POST /v1/members/{member_id}/tier-floors";
    let mut stories = vec![Story { about, before: Vec::new(), then: Vec::new(), hours: 0, watched: |_| floored() }];
    stories.extend(stories_of_facts("TierQueue"));
    stories
}
