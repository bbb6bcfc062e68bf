//! Reads of what is there.

use super::super::wishes::account::get;
use super::earn::{corrected, long_history};
use crate::contexts::handler::Story;

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let story = |about, before, watched| Story { about, before, then: Vec::new(), hours: 0, watched };
    vec![
        story("GET /v1/members/{member_id}/balance", vec![corrected("k", 500)], |_| {
            get("/v1/members/m-0/balance", "m-0", "balance")
        }),
        story("GET /v1/members/{member_id}/lots", vec![corrected("k", 500)], |_| {
            get("/v1/members/m-0/lots", "m-0", "lots")
        }),
        story("GET /v1/members/{member_id}/entries", long_history(), |_| {
            get("/v1/members/m-0/entries", "m-0", "entries")
        }),
        story("GET /v1/members/{member_id}/tier", vec![corrected("k", 500)], |_| {
            get("/v1/members/m-0/tier", "m-0", "tier")
        }),
        story("GET /v1/members/{member_id}/segment", long_history(), |_| {
            get("/v1/members/m-0/segment", "m-0", "segment")
        }),
        story("GET /v1/entries/{entry_id}", long_history(), |_| get("/v1/entries/m-0.2", "m-0", "entry")),
        story("GET /openapi.json", Vec::new(), |_| get("/openapi.json", "", "openapi")),
    ]
}
