//! The normative behaviour, statement by statement, with its numbers.

mod activity_reversals;
mod adjustments;
mod checkins;
mod earning;
mod grants;
mod holds;
mod idempotency;
mod inactivity;
mod limits;
pub(crate) mod lines;
pub(crate) mod merging;
mod moving;
mod notices;
mod openings;
mod parked;
mod programme;
pub(crate) mod proof;
mod reading;
mod redemptions;
mod refunds;
mod refunds_after_expiry;
mod reversals;
mod segments;
pub(crate) mod standing;
mod tiers;
mod time;
mod vouchers;
