//! What is asked of care over HTTP, and answered.

pub(crate) mod care;
pub(crate) mod pause;
pub(crate) mod preview;
