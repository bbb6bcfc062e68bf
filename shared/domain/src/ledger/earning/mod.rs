//! Earning: from what was reported to points.

pub mod earn;
pub mod limits;
pub mod order;
pub mod rates;
pub mod reading;
pub mod rules;
