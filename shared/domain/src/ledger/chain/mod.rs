//! The hash chain: what of an entry is hashed, and how one entry follows another.
//!
//! Every name is written out here and never changes: a hash that was given out must come of the same text for ever. A new
//! field is left out while it is empty, so that entries written before keep their hashes. The patterns name every field, so
//! that one cannot be added without a decision about it here.

mod brought;
mod detail;
mod fields;
mod standing;
mod state;

use serde_json::Value;

use crate::kernel::canonical::{Hash, canonical_json};
use crate::ledger::chain::fields::{Fields, objects};
use crate::ledger::entry::Entry;
use crate::ledger::pockets::Movement;
use crate::ledger::settlement::Settlement;

impl Entry {
    /// The canonical text that the hash chain links: this entry as JSON with sorted keys and no white space.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical_json(&entry(self).done())
    }

    /// This entry's hash, after the hash of the one before.
    #[must_use]
    pub fn hash(&self, previous: Hash) -> Hash {
        Hash::link(previous, &self.canonical())
    }
}

fn entry(entry: &Entry) -> Fields {
    let Entry {
        sequence,
        operation,
        content,
        occurred_at,
        recorded_at,
        programme,
        settled,
        movements,
        balance,
        then,
        by,
        detail: recorded,
    } = entry;
    detail::detail(recorded)
        .number("sequence", *sequence)
        .text("operation", &operation.to_string())
        .text("content", &content.to_string())
        .instant("occurred_at", *occurred_at)
        .instant("recorded_at", *recorded_at)
        .number("programme", *programme)
        .list("settled", objects(settled, settlement))
        .list("movements", objects(movements, movement))
        .number("balance", balance.0)
        .list("then", objects(then, standing::tier_change))
        .maybe("by", by.as_ref().map(|by| by.hash(*operation).to_string()))
}

fn movement(movement: &Movement) -> Fields {
    let of = |pocket, points| Fields::of("pocket", pocket).points("points", points);
    match *movement {
        Movement::Active { expires_at, points } => of("active", points).instant("expires_at", expires_at),
        Movement::Pending { activates_at, expires_at, points } => {
            of("pending", points).instant("activates_at", activates_at).instant("expires_at", expires_at)
        }
        Movement::Held { hold, expires_at, points } => {
            of("held", points).number("hold", hold).instant("expires_at", expires_at)
        }
        Movement::Debt { points } => of("debt", points),
    }
}

fn settlement(settlement: &Settlement) -> Fields {
    let of = |what| Fields::of("what", what);
    match settlement {
        Settlement::Activated { activates_at, expires_at, points, repaid } => of("activated")
            .instant("activates_at", *activates_at)
            .instant("expires_at", *expires_at)
            .points("points", *points)
            .points("repaid", *repaid),
        Settlement::Expired { expires_at, points } => {
            of("expired").instant("expires_at", *expires_at).points("points", *points)
        }
        Settlement::Released { hold, until, parts, repaid } => {
            let parts = parts.iter().map(|(expires_at, points)| {
                Value::from(vec![Value::from(expires_at.to_string()), Value::from(points.0)])
            });
            of("released")
                .number("hold", *hold)
                .instant("until", *until)
                .put("parts", parts.collect::<Vec<_>>())
                .points("repaid", *repaid)
        }
        Settlement::Tier(change) => standing::tier_change(change).text("what", "tier"),
    }
}
