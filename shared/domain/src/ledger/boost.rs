//! A multiplier that waits for the next order.

use jiff::Timestamp;

use crate::kernel::quantity::{Points, Ratio};

/// A multiplier on the next order that is paid while it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boost {
    /// The rule that granted it.
    pub rule: String,
    /// By how much.
    pub multiplier: Ratio,
    /// The most points it adds.
    pub cap: Points,
    /// Since when it waits.
    pub from: Timestamp,
    /// Until when it waits.
    pub until: Timestamp,
}

impl Boost {
    /// Does it wait for an order paid at this instant?
    #[must_use]
    pub fn waits_at(&self, paid_at: Timestamp) -> bool {
        (self.from..self.until).contains(&paid_at)
    }

    /// The one boost that comes of two grants: for the time of both if they meet, else for the later.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let (earlier, later) = if self.until <= other.until { (self, other) } else { (other, self) };
        let from = if later.from <= earlier.until { later.from.min(earlier.from) } else { later.from };
        Self { from, ..later }
    }
}
