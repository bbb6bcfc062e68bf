//! Signals: what members do that earns nothing, each noted once.

mod auditor;
mod bugs;

use super::context::{Context, Mistakes};

/// What it registers: who takes them in and who tells of them are of the ledger and of members.
pub(crate) const CONTEXT: Context = Context {
    handlers: &[],
    tables: auditor::TABLES,
    programme: |_| {},
    audit: auditor::from_scratch,
    mistakes: Mistakes { ask: |_, _| {}, is_skipped: |_, _| false, hear: |_, _, reply| reply },
    bugs: bugs::BUGS,
};
