//! The hash chain: what of an entry is hashed, and how one entry follows another.

use crate::kernel::canonical::{Hash, canonical_json};
use crate::ledger::entry::Entry;

impl Entry {
    /// The canonical text that the hash chain links: this entry as JSON with sorted keys and no white space.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical_json(&serde_json::to_value(self).expect("an entry is plain data"))
    }

    /// This entry's hash, after the hash of the one before.
    #[must_use]
    pub fn hash(&self, previous: Hash) -> Hash {
        Hash::link(previous, &self.canonical())
    }
}
