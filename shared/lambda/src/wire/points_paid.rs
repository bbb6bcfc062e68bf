//! What an order says of points that paid for it, where that is not what the ledger knows.

use domain::kernel::quantity::Minor;
use domain::ledger::order_row::PointsPaid;
use schemars::JsonSchema;
use serde::Serialize;

/// What an order says that points paid, and what was captured for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PointsPaidMismatch {
    /// What it says, in minor units.
    reported_minor: Minor,
    /// What points of this member did pay.
    captured_minor: Minor,
}

/// What an order comes to, and what it was said to come to when points were held for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CapExceeded {
    /// Before points and gift cards, in minor units.
    net_minor: Minor,
    /// What the share that points may pay was worked out on.
    held_for_minor: Minor,
}

impl From<PointsPaid> for PointsPaidMismatch {
    fn from(paid: PointsPaid) -> Self {
        Self { reported_minor: paid.reported, captured_minor: paid.captured }
    }
}

impl From<PointsPaid> for CapExceeded {
    fn from(paid: PointsPaid) -> Self {
        Self { net_minor: paid.net, held_for_minor: paid.held_for }
    }
}
