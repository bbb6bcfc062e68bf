//! Refusals: what a caller may not do, with a stable code and data for machines. A refused command changes nothing.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::quantity::Points;

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

/// Why a reward cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// There are none left.
    OutOfStock,
    /// The member owes points.
    InDebt {
        /// How many.
        debt: Points,
    },
    /// Too few points can be spent.
    InsufficientPoints {
        /// Its price.
        required: Points,
        /// What can be spent.
        active: Points,
        /// What is owed.
        debt: Points,
        /// What is missing.
        missing: Points,
        /// The next points to become spendable.
        #[serde(skip_serializing_if = "Option::is_none")]
        next_activation: Option<NextActivation>,
    },
    /// The member's tier is too low.
    TierTooLow {
        /// The lowest that may have it.
        min_tier: String,
    },
    /// The member had as many as one may.
    LimitReached {
        /// How many in a period.
        per_member: i64,
        /// The first date on which it can be had again; absent if never.
        #[serde(skip_serializing_if = "Option::is_none")]
        resets_on: Option<Date>,
    },
    /// It is not offered yet.
    NotStarted {
        /// The first date.
        from: Date,
    },
    /// It is no longer offered.
    Ended {
        /// The last date.
        until: Date,
    },
}

/// The next points to become spendable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct NextActivation {
    /// How many.
    pub points: Points,
    /// When.
    pub at: Timestamp,
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
