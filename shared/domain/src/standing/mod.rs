//! Where a member stands: the tier, the scores and the segment, and what happened to them.

pub(crate) mod boundary;
pub mod facts;
pub mod qualification;
pub mod record;
pub mod room;
pub mod scores;
pub mod tiers;
