//! The ledger: where a member's points are, what happened to them, and every decision about them.

pub mod account;
pub mod adjustment;
pub mod availability;
pub mod benefit;
pub mod books;
pub mod boost;
pub mod chain;
pub mod command;
pub mod counter;
pub mod due;
pub mod earning;
pub mod effect;
pub mod entry;
pub mod evaluation;
pub mod facts;
pub mod floor;
pub mod hold;
pub mod outlook;
pub mod pockets;
pub mod proof;
pub mod reach;
pub mod redemption;
pub mod refund;
pub mod refusal;
pub mod reversal;
pub mod voucher;
