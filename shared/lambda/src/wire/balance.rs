//! Balances and lots.

use domain::kernel::quantity::Points;
use domain::ledger::account::Account;
use domain::ledger::availability::NextActivation;
use domain::ledger::pockets::Pockets;
use domain::programme::compiled::Programme;
use jiff::Timestamp;
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

/// A member's balance at an instant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct BalanceReply {
    /// Whose.
    pub member: String,
    /// The instant.
    pub as_of: Timestamp,
    /// The balance.
    #[serde(flatten)]
    pub balance: Balance,
    /// The tier now.
    pub tier: String,
    /// The next points to become spendable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_activation: Option<NextActivation>,
    /// The next points to expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_expiry: Option<LotView>,
}

/// Points that expire at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LotView {
    /// How many.
    pub points: Points,
    /// When.
    pub expires_at: Timestamp,
}

/// Points that become spendable at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PendingView {
    /// How many.
    pub points: Points,
    /// When they can be spent.
    pub activates_at: Timestamp,
    /// When they expire.
    pub expires_at: Timestamp,
}

/// A member's lots.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LotsReply {
    /// Whose.
    pub member: String,
    /// Spendable, in the order in which they are spent.
    pub active: Vec<LotView>,
    /// Not yet spendable.
    pub pending: Vec<PendingView>,
    /// Held at a checkout.
    pub held: Vec<LotView>,
}

impl BalanceReply {
    /// Of an account that is settled at `as_of`.
    #[must_use]
    pub fn new(account: &Account, programme: &Programme, as_of: Timestamp) -> Self {
        let pockets = &account.pockets;
        Self {
            member: account.member.to_string(),
            as_of,
            balance: Balance::of(pockets),
            tier: account.tier_at(as_of).unwrap_or(&programme.base_tier().id).to_owned(),
            next_activation: pockets.next_activation().map(|(at, points)| NextActivation { points, at }),
            next_expiry: pockets.active.first_key_value().map(|(&expires_at, &points)| LotView { points, expires_at }),
        }
    }
}

impl LotsReply {
    /// Of a settled account.
    #[must_use]
    pub fn new(account: &Account) -> Self {
        let pockets = &account.pockets;
        let lot = |(&expires_at, &points)| LotView { points, expires_at };
        let pending = pockets.pending.iter();
        Self {
            member: account.member.to_string(),
            active: pockets.active.iter().map(lot).collect(),
            pending: pending
                .map(|(&(activates_at, expires_at), &points)| PendingView { points, activates_at, expires_at })
                .collect(),
            held: pockets.held.iter().map(|((_, expires_at), points)| lot((expires_at, points))).collect(),
        }
    }
}
