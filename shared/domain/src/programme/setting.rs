//! Where and when a decision is made.

use jiff::Timestamp;

use crate::programme::compiled::Programmes;

/// Where and when a decision is made.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The programme versions.
    pub programmes: &'a Programmes,
    /// The time of the decision, fixed for all tries.
    pub now: Timestamp,
}
