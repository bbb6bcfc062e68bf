//! Shapes of requests, replies and pages.

pub(crate) mod answer;
pub(crate) mod form;
pub(crate) mod invitation;
pub(crate) mod page;
pub(crate) mod shown;
pub(crate) mod suggestion;
pub(crate) mod survey;
