//! Entries of the ledger, and the proof that they are the ledger's.

use domain::kernel::canonical::Hash;
use domain::kernel::id::{EntryId, MemberId};
use domain::kernel::quantity::Points;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::pockets::{Movement, Settlement};
use domain::programme::compiled::Programmes;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Explanation;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryView {
    /// `member.sequence`.
    pub id: String,
    /// Counted from 1 without gaps.
    pub sequence: u64,
    /// What it added to the balance (negative: took).
    pub points: Points,
    /// What time had added before it: expired points, negative.
    #[serde(skip_serializing_if = "nothing")]
    pub settled_points: Points,
    /// Active + pending + held - debt afterwards.
    pub balance_after: Points,
    /// When the fact happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The programme version that decided it.
    pub programme_version: String,
    /// What it was, by `kind`.
    #[serde(flatten)]
    pub detail: Detail,
    /// Where points moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
    /// What time had done before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<Settlement>,
}

impl EntryView {
    /// Of an entry.
    #[must_use]
    pub fn new(member: &MemberId, entry: &Entry, programmes: &Programmes) -> Self {
        let programme = programmes.numbered(entry.programme);
        Self {
            id: EntryId { member: member.clone(), sequence: entry.sequence }.to_string(),
            sequence: entry.sequence,
            points: entry.points(),
            settled_points: entry.settled_points(),
            balance_after: entry.balance,
            occurred_at: entry.occurred_at,
            recorded_at: entry.recorded_at,
            programme_version: programme
                .map_or_else(|| entry.programme.to_string(), |programme| programme.version().to_owned()),
            detail: entry.detail.clone(),
            movements: entry.movements.clone(),
            settled: entry.settled.clone(),
        }
    }
}

/// A stretch of the statement, newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EntriesReply {
    /// The entries.
    pub entries: Vec<EntryView>,
    /// Give it as `after` to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An entry with everything about it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EntryReply {
    /// The entry.
    pub entry: EntryView,
    /// Why, for earnings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// The link of the hash chain.
    pub proof: Proof,
}

/// `hash = SHA-256(previous_hash + content)`, the hash as 32 bytes and the content as UTF-8. The hash of an account's
/// newest entry therefore stands for its whole ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Proof {
    /// The hash of the entry before; zeros for the first.
    pub previous_hash: Hash,
    /// The entry as canonical JSON: sorted keys, no white space.
    pub content: String,
    /// Its hash.
    pub hash: Hash,
}

impl Proof {
    /// Of an entry, after the hash of the one before.
    #[must_use]
    pub fn new(entry: &Entry, previous_hash: Hash) -> Self {
        Self { previous_hash, content: entry.canonical(), hash: entry.hash(previous_hash) }
    }
}

fn nothing(points: &Points) -> bool {
    points.is_zero()
}
