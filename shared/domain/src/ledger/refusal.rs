//! Why a command is refused: one of the refusals of its decision.

use jiff::Timestamp;

use crate::kernel::id::{EntryId, MemberId};
use crate::kernel::refusal::{InvalidField, Refusal as _, refusals};
use crate::ledger::activity_reversal::ReversingActivity;
use crate::ledger::adjustment::{Adjusting, Approving};
use crate::ledger::availability::Unavailable;
use crate::ledger::benefit::UsingBenefit;
use crate::ledger::earning::earn::Earning;
use crate::ledger::floor::SettingFloor;
use crate::ledger::hold::{EndingHold, Holding};
use crate::ledger::membership::Gone;
use crate::ledger::opening::Bringing;
use crate::ledger::redemption::Redeeming;
use crate::ledger::refund::Refunding;
use crate::ledger::reversal::Reversing;
use crate::ledger::stand::Standing;
use crate::ledger::voucher::UsingVoucher;

refusals! {
    /// A fact is known already, and as another.
    OtherFact {
        /// The same fact was reported before with other content.
        Conflict ConflictingDuplicate ("conflicting_duplicate") {
            /// What it is called.
            name: String,
            /// The entry that recorded it; a refund that came before its order has none.
            #[serde(skip_serializing_if = "Option::is_none")]
            entry: Option<u64>,
            /// When it happened, as it was reported first.
            occurred_at: Timestamp,
            /// Whose it is, if it is another member's; only those who may read members are told.
            #[serde(skip_serializing_if = "Option::is_none")]
            member: Option<MemberId>,
            /// The refund that took the whole order back.
            #[serde(skip_serializing_if = "Option::is_none")]
            refund: Option<EntryId>,
        } = "this fact was reported before with other content",
    }
}

refusals! {
    /// A request's key is known already, and as another's.
    OtherRequest {
        /// The Idempotency-Key was used before for something else.
        Invalid IdempotencyKeyReused ("idempotency_key_reused") {
            /// The entry that recorded it.
            entry: u64,
        } = "this Idempotency-Key was used for another request",
    }
}

impl Refused {
    /// The same of a leg of a command, which stands at a place in it.
    #[must_use]
    pub fn of_leg(self, at: &str) -> Self {
        let invalid = |field: &str, message: &str| {
            let field = if at.is_empty() { field.to_owned() } else { format!("{at}/{field}") };
            Self::Refunding(InvalidField::new(field, message).into())
        };
        match self {
            Self::Refunding(Refunding::Missing(_)) => invalid("order_id", "is no order of this member"),
            other => match other.field() {
                Some(field) => invalid(field, &other.words()),
                None => other,
            },
        }
    }
}

refusals! {
    /// Why a command is refused.
    Refused {
        | OtherFact,
        | OtherRequest,
        | Earning,
        | Refunding,
        | Redeeming,
        | Holding,
        | EndingHold,
        | Reversing,
        | ReversingActivity,
        | Adjusting,
        | Approving,
        | UsingBenefit,
        | SettingFloor,
        | UsingVoucher,
        | Unavailable,
        | Standing,
        | Bringing,
        | Gone,
    }
}
