//! What the product promises, shown on the whole of it: functions, tables, queue, schedule and API run in process, and
//! are called as anyone would call them.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod care;
mod chain;
mod checkout;
mod contract;
mod damage;
mod desk;
mod doers;
mod errors;
mod examples;
mod grants;
mod idempotency;
mod lines;
mod members;
mod moves;
mod parked;
mod proof;
mod publication;
mod quality;
mod queue;
mod quotes;
mod races;
mod reconciliation;
mod refunds;
mod reversals;
mod signals;
mod sources;
mod spending;
mod stories;
mod tables;
mod upkeep;
mod voice;
mod vouchers;
mod world;
