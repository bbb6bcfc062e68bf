//! The rules of the loyalty programme. Pure: no input or output, no clock, no randomness, no AWS, no async.
//!
//! State in, command in, programme in, time in; a [`books::Change`] or a [`refusal::Refusal`] out.
#![warn(clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

pub mod account;
pub mod adjustment;
pub mod benefit;
pub mod books;
pub mod calendar;
pub mod command;
pub mod earning;
pub mod entry;
pub mod evaluation;
pub mod event;
pub mod id;
pub mod outlook;
pub mod planted;
pub mod programme;
pub mod proof;
pub mod quantity;
pub mod redemption;
pub mod refund;
pub mod refusal;
pub mod segments;
pub mod tiers;
pub mod voucher;
