//! Shapes of requests and replies.

pub(crate) mod asked;
pub(crate) mod desk;
pub(crate) mod ticket;
