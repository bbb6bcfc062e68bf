//! Refusals: what a caller may not do, with a stable code and data for machines. A refused command changes nothing.

use jiff::Timestamp;
use serde::Serialize;

use crate::kernel::quantity::Points;
use crate::ledger::availability::Reason;

/// Why a command is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// A field of the command is not acceptable.
    InvalidField {
        /// Where, as a JSON pointer into the body without the leading slash.
        field: String,
        /// What is wrong.
        message: String,
    },
    /// The activity type is not declared by the programme.
    UnknownActivity {
        /// Those that are.
        known: Vec<String>,
    },
    /// The fact lies too far in the past.
    TooOld {
        /// The earliest accepted.
        earliest: Timestamp,
    },
    /// The fact lies in the future.
    InFuture {
        /// The latest accepted.
        latest: Timestamp,
    },
    /// The same fact was reported before with other content.
    ConflictingDuplicate {
        /// The entry that recorded it.
        entry: u64,
    },
    /// The Idempotency-Key was used before for something else.
    IdempotencyKeyReused {
        /// The entry that recorded it.
        entry: u64,
    },
    /// The reward does not exist.
    UnknownReward,
    /// Fewer points than the programme lets one pay with.
    BelowMinimum {
        /// The fewest.
        min_points: Points,
        /// What the order allows.
        allowed: Points,
    },
    /// There is no such redemption, hold or request.
    NotFound {
        /// What is not there.
        what: &'static str,
    },
    /// The hold is no longer open.
    HoldNotOpen {
        /// What became of it.
        state: HoldState,
    },
    /// Too many holds are open.
    TooManyHolds {
        /// The most.
        most: usize,
    },
    /// Too many refunds wait for orders that have not come.
    TooManyParkedRefunds {
        /// The most.
        most: usize,
    },
    /// The refund would leave a debt above the limit; a person decides.
    DebtLimitExceeded {
        /// The debt it would leave.
        debt: Points,
        /// The most.
        limit: Points,
    },
    /// The time for reversing the redemption is over.
    ReversalWindowClosed {
        /// Since when.
        closed_at: Timestamp,
    },
    /// Nothing, or less than asked, is left to reverse.
    NothingToReverse {
        /// What is left.
        remaining: Points,
    },
    /// A redemption of this kind can only be reversed whole.
    OnlyWhole {
        /// What it cost.
        points: Points,
    },
    /// The voucher was used: its points do not come back.
    VoucherUsed,
    /// The voucher does not exist, or is void or expired.
    VoucherNotValid {
        /// `void` or `expired`.
        state: &'static str,
    },
    /// The order was paid too long ago to be refunded.
    RefundWindowClosed {
        /// Since when.
        closed_at: Timestamp,
    },
    /// The one who asked may not approve.
    SameApprover,
    /// The request was not approved in time.
    ApprovalExpired {
        /// Since when.
        expired_at: Timestamp,
    },
    /// The reward cannot be had, for every reason in the list; the first gives the code.
    #[serde(untagged)]
    Unavailable {
        /// Why.
        reasons: Vec<Reason>,
    },
}

/// What became of a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Its points were spent.
    Captured,
    /// Its points were given back.
    Released,
    /// It ended by itself.
    Expired,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> String {
        let value = serde_json::to_value(self).expect("a refusal is plain data");
        let code = value.get("code").or_else(|| value.pointer("/reasons/0/code"));
        code.and_then(|code| code.as_str()).unwrap_or("unavailable").to_owned()
    }

    /// A field that is not acceptable.
    #[must_use]
    pub fn invalid(field: &str, message: &str) -> Self {
        Self::InvalidField { field: field.to_owned(), message: message.to_owned() }
    }
}
