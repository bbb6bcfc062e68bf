//! Where points moved, by an operation or by time.

use domain::kernel::quantity::Points;
use domain::ledger::{pockets, settlement};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::standing::TierChange;

/// Points added to (or, negative, taken from) a pocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "pocket", rename_all = "snake_case")]
pub enum Movement {
    /// Spendable points.
    Active {
        /// The lot.
        expires_at: Timestamp,
        /// How many.
        points: Points,
    },
    /// Points not yet spendable.
    Pending {
        /// When they can be spent.
        activates_at: Timestamp,
        /// When they expire.
        expires_at: Timestamp,
        /// How many.
        points: Points,
    },
    /// Points held at a checkout.
    Held {
        /// The hold's entry.
        hold: u64,
        /// The lot they came from.
        expires_at: Timestamp,
        /// How many.
        points: Points,
    },
    /// Debt: positive repays, negative incurs.
    Debt {
        /// How many.
        points: Points,
    },
}

impl From<&pockets::Movement> for Movement {
    fn from(movement: &pockets::Movement) -> Self {
        match *movement {
            pockets::Movement::Active { expires_at, points } => Self::Active { expires_at, points },
            pockets::Movement::Pending { activates_at, expires_at, points } => {
                Self::Pending { activates_at, expires_at, points }
            }
            pockets::Movement::Held { hold, expires_at, points } => Self::Held { hold, expires_at, points },
            pockets::Movement::Debt { points } => Self::Debt { points },
        }
    }
}

/// What time alone did to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Settlement {
    /// Pending points became spendable at `activates_at`.
    Activated {
        /// When.
        activates_at: Timestamp,
        /// When they expire.
        expires_at: Timestamp,
        /// How many.
        points: Points,
        /// How many of them repaid debt.
        repaid: Points,
    },
    /// A lot expired.
    Expired {
        /// When.
        expires_at: Timestamp,
        /// How many points were left.
        points: Points,
    },
    /// A hold ended and gave its points back.
    Released {
        /// The hold's entry.
        hold: u64,
        /// When.
        until: Timestamp,
        /// Points by lot.
        parts: Vec<(Timestamp, Points)>,
        /// How many of them repaid debt.
        repaid: Points,
    },
    /// The tier's period, its grace or a floor ended.
    Tier(TierChange),
}

impl From<&settlement::Settlement> for Settlement {
    fn from(settlement: &settlement::Settlement) -> Self {
        match *settlement {
            settlement::Settlement::Activated { activates_at, expires_at, points, repaid } => {
                Self::Activated { activates_at, expires_at, points, repaid }
            }
            settlement::Settlement::Expired { expires_at, points } => Self::Expired { expires_at, points },
            settlement::Settlement::Released { hold, until, ref parts, repaid } => {
                Self::Released { hold, until, parts: parts.clone(), repaid }
            }
            settlement::Settlement::Tier(ref change) => Self::Tier(change.into()),
        }
    }
}
