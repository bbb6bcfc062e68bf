//! The ledger as it is stored: accounts, pages of sealed history, checkpoints.

pub(crate) mod account_item;
pub(crate) mod accounts;
pub(crate) mod checkpoints;
mod detail_item;
mod effects;
mod entry_item;
mod facts;
mod fields;
mod flat;
mod lines_item;
pub(crate) mod note_item;
mod order_item;
mod owned_order;
pub(crate) mod pages;
mod parked_item;
mod prepared;
mod record_item;
pub(crate) mod refunds;
pub(crate) mod reversals;
pub(crate) mod review;
mod standing_item;
pub(crate) mod statement;
pub(crate) mod stream;
mod tally_item;
pub(crate) mod waiting;
