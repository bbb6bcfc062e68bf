//! The shapes of replies.

use domain::kernel::canonical::Hash;
use domain::ledger::entry::Entry;
use lambda::wire::{EntryView, Explanation};
use schemars::JsonSchema;
use serde::Serialize;

/// A stretch of the statement, newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct EntriesReply {
    /// The entries.
    pub(crate) entries: Vec<EntryView>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// An entry with everything about it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct EntryReply {
    /// The entry.
    pub(crate) entry: EntryView,
    /// Why, for earnings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<Explanation>,
    /// The link of the hash chain.
    pub(crate) proof: Proof,
}

/// `hash = SHA-256(previous_hash + content)`, the hash as 32 bytes and the content as UTF-8. The hash of an account's
/// newest entry therefore stands for its whole ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Proof {
    /// The hash of the entry before; zeros for the first.
    pub(crate) previous_hash: Hash,
    /// The entry as canonical JSON: sorted keys, no white space.
    pub(crate) content: String,
    /// Its hash.
    pub(crate) hash: Hash,
}

impl Proof {
    /// Of an entry, after the hash of the one before.
    #[must_use]
    pub(crate) fn new(entry: &Entry, previous_hash: Hash) -> Self {
        Self { previous_hash, content: entry.canonical(), hash: entry.hash(previous_hash) }
    }
}
