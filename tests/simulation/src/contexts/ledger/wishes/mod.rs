//! What is wanted of each function, and what must be true of its answers at the end.

pub(super) mod account;
pub(super) mod earn;
pub(super) mod event_router;
pub(super) mod grants;
pub(super) mod reconciliation;
pub(super) mod redeem;
pub(super) mod tier_evaluation;
pub(super) mod upkeep;
