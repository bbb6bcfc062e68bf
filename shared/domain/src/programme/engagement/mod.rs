//! What brings members back, as decisions read it: sections with their defaults filled in and their instants resolved.
//!
//! As it is written stands in [`later`](crate::programme::later), with its checks.

pub mod all;
pub mod badge;
pub mod challenge;
pub mod community;
pub mod draw;
pub mod eligible;
pub mod giving;
pub mod poll;
pub mod referral;
pub mod task;
mod written;

pub use all::Engagement;
