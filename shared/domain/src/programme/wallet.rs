//! `[[wallet]]`: spendable points and qualifying points.

use serde::{Deserialize, Serialize};

use crate::kernel::quantity::{Minor, Points};
use crate::kernel::time::{RoundExpiry, Validity};
use crate::programme::finding::{Findings, notices, sane};

/// `[[wallet]]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "id", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wallet {
    /// Spendable points.
    Points(PointsWallet),
    /// Qualifying (status) points: never spent, counted per month.
    Status {
        /// Always true; written out for the reader.
        qualifying: bool,
    },
}

/// The `points` wallet.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointsWallet {
    /// Liability of one point, in minor units.
    pub unit_value_minor: Minor,
    /// Days until points of a refundable activity can be spent.
    pub pending_days: i32,
    /// How many days the ledger may wait for a member's next entry to record that points became spendable, before a sweep writes
    /// one for it; 0 = none. Balances and decisions never wait: they go by the clock.
    #[serde(default)]
    pub record_activation_within_days: i32,
    /// How many days the ledger may wait for a member's next entry to record that points expired.
    #[serde(default = "sixty")]
    pub record_expiry_within_days: i32,
    /// How long points live.
    pub validity: Validity,
    /// To what their expiry date is rounded.
    #[serde(default)]
    pub round_expiry: RoundExpiry,
    /// Does each earning expire on its own, or the whole wallet after inactivity?
    #[serde(default)]
    pub expiry: Expiry,
    /// The order of consumption; `expires_at,earned_at,lot_id` is the only one.
    pub consumption: Consumption,
    /// What a refund may take when the points are spent.
    pub return_policy: ReturnPolicy,
    /// The largest debt that a refund may leave, in points; beyond it, a person decides.
    pub debt_limit: Points,
    /// What a reversed redemption gives back; `original_lot` is the only policy.
    pub restore_policy: RestorePolicy,
    /// How long restored points live when theirs have expired and the merchant cancelled, in days.
    pub restore_grace_days: i32,
    /// The largest balance; 0 = none.
    pub max_balance: Points,
    /// The most a member earns for one local day; 0 = no limit. What is above is cut off and recorded.
    pub max_earn_per_day: Points,
    /// How many days before points expire the member is told.
    #[serde(default)]
    pub notify_before_expiry_days: Vec<i32>,
}

fn sixty() -> i32 {
    60
}

/// The expiry model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// Each earning has its own expiry date.
    #[default]
    Lots,
    /// One expiry for the wallet, moved forward whenever the member earns or redeems.
    Activity,
}

/// The order in which points are spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Consumption {
    /// Those that expire first.
    #[serde(rename = "expires_at,earned_at,lot_id")]
    ExpiringFirst,
}

/// What a refund may take back when the order's points are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnPolicy {
    /// Only what is still pending.
    OnlyPending,
    /// At most the balance; the rest is a recorded shortfall.
    WithinBalance,
    /// All of it: the rest becomes a debt.
    Unlimited,
}

/// What a reversed redemption gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RestorePolicy {
    /// The points with their original expiry dates.
    OriginalLot,
}

/// The wallet that `also_credit` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditedWallet {
    /// Qualifying points.
    Status,
}

/// Checks the wallets; an order is refundable for so many days.
pub(super) fn check(wallets: &[Wallet], refund_window_days: i32, findings: &mut Findings) {
    let points: Vec<_> = wallets
        .iter()
        .filter_map(|wallet| match wallet {
            Wallet::Points(points) => Some(points),
            Wallet::Status { .. } => None,
        })
        .collect();
    findings.unless(
        points.len() == 1 && wallets.len() == 2,
        "wallet",
        "there are exactly two wallets: `points` and `status`",
    );
    for wallet in points {
        findings.unless((0..=366).contains(&wallet.pending_days), "wallet.points.pending_days", "must be in 0..=366");
        for (name, days) in [
            ("record_activation_within_days", wallet.record_activation_within_days),
            ("record_expiry_within_days", wallet.record_expiry_within_days),
        ] {
            findings.unless((0..=90).contains(&days), format!("wallet.points.{name}"), "must be in 0..=90");
        }
        findings.unless(
            (0..=366).contains(&wallet.restore_grace_days),
            "wallet.points.restore_grace_days",
            "must be in 0..=366",
        );
        for (name, amount) in [
            ("debt_limit", wallet.debt_limit),
            ("max_balance", wallet.max_balance),
            ("max_earn_per_day", wallet.max_earn_per_day),
            ("unit_value_minor", Points(wallet.unit_value_minor.0)),
        ] {
            findings.unless(sane(amount), format!("wallet.points.{name}"), "must be in 0..=10^12");
        }
        notices("wallet.points.notify_before_expiry_days", &wallet.notify_before_expiry_days, findings);
        findings.unless(
            wallet.validity.least_days() > wallet.pending_days,
            "wallet.points.pending_days",
            "points may not expire before they can be spent",
        );
        findings.unless(
            wallet.validity.least_days() >= refund_window_days,
            "programme.refund_window_days",
            "an order may not be refundable for longer than its points are valid",
        );
    }
}
