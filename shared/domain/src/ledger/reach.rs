//! How far back in the ledger a decision must see.

use jiff::Timestamp;

use crate::kernel::id::OperationId;
use crate::ledger::entry::Entry;

/// How far back in the ledger a decision must see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Entries recorded from this instant on: a repeat of the operation would be among them.
    pub since: Timestamp,
    /// Entries back to the one that earned this order, but not before the instant.
    pub order: Option<(String, Timestamp)>,
    /// Entries back to the one that recorded this fact, but not before the instant.
    pub fact: Option<(OperationId, Timestamp)>,
    /// Entries back to this one.
    pub sequence: Option<u64>,
}

/// Where an entry stands among an account's: its number, and when it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its sequence.
    pub sequence: u64,
    /// When it was recorded.
    pub at: Timestamp,
}

impl From<&Entry> for Recorded {
    fn from(entry: &Entry) -> Self {
        Self { sequence: entry.sequence, at: entry.recorded_at }
    }
}

/// How long a repeat of a keyed command is recognised at least, in days.
pub const KEYED_DAYS: i32 = 3;

impl Reach {
    /// Must entries older than the loaded ones be read? `newest_unread` is the newest entry that was not loaded;
    /// `None` if all were.
    #[must_use]
    pub fn needs_older(&self, loaded: &[Entry], newest_unread: Option<Recorded>) -> bool {
        let Some(Recorded { sequence, at }) = newest_unread else { return false };
        let repeat = at >= self.since;
        let named = self.sequence.is_some_and(|wanted| wanted <= sequence);
        let order = self
            .order
            .as_ref()
            .is_some_and(|(order, not_before)| at >= *not_before && !loaded.iter().any(|entry| entry.earns(order)));
        let fact = self.fact.is_some_and(|(operation, not_before)| {
            at >= not_before && !loaded.iter().any(|entry| entry.operation == operation)
        });
        repeat || named || order || fact
    }
}
