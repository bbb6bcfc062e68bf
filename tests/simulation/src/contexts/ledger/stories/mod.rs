//! One story per route, queue, stream and schedule: every call of it is made to fail once.

pub(super) mod account;
pub(super) mod earn;
pub(super) mod event_router;
pub(super) mod reconciliation;
pub(super) mod redeem;
pub(super) mod tier_evaluation;
pub(super) mod upkeep;
