//! Members: by what they are known, what is known of them, and what they agreed to.

pub mod birthday;
mod card;
pub mod conflict;
pub mod consent;
pub mod due;
mod email;
pub mod enrolment;
pub mod facts;
pub mod field;
pub mod finding;
pub mod home;
pub mod identifier;
pub mod import;
pub mod leaving;
pub mod mask;
mod phone;
pub mod profile;
pub mod resolution;
pub mod settling;
pub mod speaking;
pub mod standing;
pub mod state;
pub mod tag;
pub mod telling;
pub mod text;
pub mod unreadable;
pub mod verification;
