//! What every context is made of.

pub mod canonical;
pub mod change;
pub mod cutover;
pub mod event;
pub mod id;
pub mod member_zone;
pub mod membership;
pub mod merkle;
pub mod planted;
pub mod quantity;
pub mod refusal;
pub mod stamp;
pub mod time;
