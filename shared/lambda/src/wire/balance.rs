//! A balance.

use domain::kernel::quantity::Points;
use domain::ledger::pockets::Pockets;
use schemars::JsonSchema;
use serde::Serialize;

/// Where a member's points are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Balance {
    /// Points that can be spent.
    pub active: Points,
    /// Points that cannot be spent yet.
    pub pending: Points,
    /// Points held at a checkout.
    pub held: Points,
    /// Points owed after a refund of spent points.
    pub debt: Points,
    /// Active + pending + held - debt.
    pub total: Points,
}

impl Balance {
    /// Of pockets.
    #[must_use]
    pub fn of(pockets: &Pockets) -> Self {
        Self {
            active: pockets.active_points(),
            pending: pockets.pending_points(),
            held: pockets.held_points(),
            debt: pockets.debt,
            total: pockets.total(),
        }
    }
}
