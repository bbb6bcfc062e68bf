//! What is asked and answered.

pub(crate) mod access;
pub(crate) mod answered;
pub(crate) mod conflict;
pub(crate) mod consent;
pub(crate) mod enrolment;
pub(crate) mod erasure;
pub(crate) mod identifier;
pub(crate) mod look;
pub(crate) mod lookup;
pub(crate) mod merge;
pub(crate) mod notice;
pub(crate) mod order;
pub(crate) mod page;
pub(crate) mod part;
pub(crate) mod place;
pub(crate) mod profile;
pub(crate) mod readme;
pub(crate) mod reason;
pub(crate) mod source;
pub(crate) mod standing;
pub(crate) mod tag;
pub(crate) mod trail;
pub(crate) mod view;
