//! The ledger: what is earned, spent, held and given back, the tiers and scores that follow, and its proof.

pub(crate) mod auditor;
pub(crate) mod mistakes;
mod stories;
mod wishes;

use super::wish::Handler;
pub(crate) use stories::earn::reported;

/// Who takes part in it.
pub(crate) const HANDLERS: &[Handler] = &[
    wishes::account::HANDLER,
    wishes::earn::HANDLER,
    wishes::event_router::HANDLER,
    wishes::reconciliation::HANDLER,
    wishes::redeem::HANDLER,
    wishes::tier_evaluation::HANDLER,
    wishes::upkeep::HANDLER,
];
