//! Sections that capabilities to come read: accepted as data, with their types, ranges and names checked, and not in force yet.
//!
//! A file per section or per context; a capability that comes takes its file over. Keys of the first drafts and of the present design are
//! read side by side.

pub mod community;
pub mod draw;
pub mod engagement;
pub mod giving;
pub mod insight;
pub mod ledger;
pub mod messages;
pub mod moment;
mod place;
pub mod publication;
pub mod referral;
mod section;
mod sections;

pub(super) use place::Declared;
pub(super) use sections::{SECTIONS, check, is_known, no_such};
