//! Members: who somebody is, what is known of them, what they agree to; and that nothing of it lies anywhere in the open.

mod access;
mod canary;
mod conflicts;
mod dormancy;
mod erasures;
mod exports;
mod identifiers;
mod identity;
mod imports;
mod imports_cutover;
mod imports_held;
mod imports_openings;
mod imports_orders;
mod imports_proof;
mod imports_states;
mod imports_sweep;
mod imports_told;
mod imports_undo;
mod keys;
mod leftovers;
mod looks;
mod merging;
mod openings;
mod pages;
mod principals;
mod profile;
mod replays;
mod retention;
mod standing;
mod tags;
mod view;

use serde_json::{Value, json};

use crate::world::{Caller, World};

/// The system that knows members best; it has verified their phones.
pub(crate) fn crm(world: &World) -> Caller {
    world.caller(sam::Role::Partner, "crm")
}

/// Somebody, as a source knows them: `kind value`, `!` behind what the source has verified.
pub(crate) fn known_as(source: &str, external_id: &str, identifiers: &[&str]) -> Value {
    let identifiers = identifiers.iter().map(|text| {
        let (kind, value) = text.split_once(' ').unwrap();
        json!({"kind": kind, "value": value.trim_end_matches('!'), "verified": value.ends_with('!')})
    });
    json!({"source": source, "external_id": external_id, "identifiers": identifiers.collect::<Vec<_>>()})
}

impl World {
    /// Enrols somebody, or says more, and returns what is answered.
    pub(crate) async fn presents(&self, source: &str, external_id: &str, identifiers: &[&str]) -> Value {
        let answer = crm(self).post("/v1/members", &known_as(source, external_id, identifiers)).await;
        assert!([200, 201].contains(&answer.status), "{answer:?}");
        answer.body
    }

    /// The id of who is known by something.
    pub(crate) async fn finds(&self, kind: &str, value: &str) -> String {
        let body = json!({"identifier": {"kind": kind, "value": value}});
        crm(self).post("/v1/members/lookups", &body).await.ok()["member"].as_str().unwrap().to_owned()
    }
}
