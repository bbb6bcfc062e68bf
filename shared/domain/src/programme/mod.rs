//! The loyalty programme: rules, tiers, rewards as data; checked and compiled once per version.
//!
//! A file per section, with its check. [`document`] is the whole as its author writes it, [`compiled`] what decisions read.

pub mod activity;
pub mod adjustment;
pub mod benefit;
pub mod care;
pub mod channel;
pub mod compiled;
pub mod condition;
pub mod desk;
pub mod difference;
pub mod document;
pub mod earning_rule;
pub mod engagement;
mod fault;
pub mod festival;
pub mod finding;
pub mod general;
pub mod journey;
pub mod later;
pub mod members;
pub mod privacy;
pub mod publication;
pub mod reading;
pub mod redemption;
pub mod reward;
pub mod segment;
pub mod sending;
pub mod setting;
pub mod source;
pub mod stock;
pub mod tag;
pub mod template;
pub mod tier;
pub mod voice;
pub mod wallet;
mod written;
