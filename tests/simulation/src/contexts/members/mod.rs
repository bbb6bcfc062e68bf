//! Members: who somebody is, whose an identifier is, and what is written of it.

mod auditor;
mod bugs;
mod erasing;
mod exported;
mod exporting;
mod handler;
mod importing;
pub(crate) mod known;
pub(crate) mod lives;
pub(crate) mod people;
mod secrets;
mod stories;
mod wishes;

use super::context::{Context, Mistakes};

/// What it registers.
pub(crate) const CONTEXT: Context = Context {
    handlers: &[handler::HANDLER, importing::HANDLER],
    tables: auditor::TABLES,
    programme: |_| {},
    audit: auditor::from_scratch,
    mistakes: Mistakes { ask: |_, _| {}, is_skipped: |_, _| false, hear: |_, _, reply| reply },
    bugs: bugs::BUGS,
};
