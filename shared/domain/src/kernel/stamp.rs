//! What identifies a command.

use jiff::Timestamp;

use crate::kernel::id::{ContentHash, OperationId};

/// What identifies a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The operation; a repeat has the same.
    pub operation: OperationId,
    /// What it asks; a conflict differs.
    pub content: ContentHash,
    /// When the fact happened.
    pub occurred_at: Timestamp,
}
