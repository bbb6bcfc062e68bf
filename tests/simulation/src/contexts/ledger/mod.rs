//! The ledger: what is earned, spent, held and given back, the tiers and scores that follow, and its proof.

mod audit;
pub(crate) mod auditor;
mod bugs;
mod judge;
pub(crate) mod known;
mod mistakes;
mod programme;
mod rest;
mod stories;
pub mod sweeps;
mod wishes;
pub mod years;

use super::context::Context;
/// What stories of others report to the ledger.
pub(crate) mod facts {
    pub(crate) use super::wishes::earn::{paid, post};
}
pub use auditor::Place;
pub use rest::{Audited, audit_chain};

/// What it registers.
pub(crate) const CONTEXT: Context = Context {
    handlers: &[
        wishes::account::HANDLER,
        wishes::earn::HANDLER,
        wishes::event_router::HANDLER,
        wishes::reconciliation::HANDLER,
        wishes::redeem::HANDLER,
        wishes::tier_evaluation::HANDLER,
        wishes::upkeep::HANDLER,
    ],
    tables: &[
        "AccountsTable",
        "PagesTable",
        "FactsTable",
        "CatalogueTable",
        "StockTable",
        "VouchersTable",
        "CheckpointsTable",
    ],
    programme: programme::complete,
    audit: audit::from_scratch,
    mistakes: mistakes::MISTAKES,
    bugs: bugs::BUGS,
};
