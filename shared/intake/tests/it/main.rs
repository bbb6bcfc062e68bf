//! Files of members, applied to members in memory by the domain's own decisions.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod book;
mod bringing;
mod consents;
mod errors;
mod reading;
mod twice;
