//! Why a command is refused: one of the refusals of its decision.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::kernel::id::{EntryId, MemberId};
use crate::kernel::refusal::{Class, Code, Codes, InvalidField, Refusal, refusals};
use crate::ledger::activity_reversal::ReversingActivity;
use crate::ledger::adjustment::{Adjusting, Approving};
use crate::ledger::availability::Unavailable;
use crate::ledger::benefit::UsingBenefit;
use crate::ledger::earning::earn::Earning;
use crate::ledger::floor::SettingFloor;
use crate::ledger::hold::{EndingHold, Holding};
use crate::ledger::membership::Gone;
use crate::ledger::opening::Bringing;
use crate::ledger::past::WithdrawingPast;
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

/// The programme enrols nobody by a fact, and nobody is enrolled under the id: no account is opened for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Nobody {
    /// Where the command names the member, as a JSON pointer without the leading slash.
    #[serde(skip)]
    pub field: &'static str,
}

impl Refusal for Nobody {
    const CODES: Codes = Codes {
        own: &[Code { code: "unknown_member", class: Class::Invalid, words: "nobody is enrolled under this id" }],
        others: &[],
    };

    fn code(&self) -> &'static str {
        "unknown_member"
    }

    fn class(&self) -> Class {
        Class::Invalid
    }

    fn words(&self) -> Cow<'static, str> {
        "nobody is enrolled under this id".into()
    }

    fn field(&self) -> Option<&str> {
        Some(self.field)
    }

    fn data(&self) -> Map<String, Value> {
        Map::new()
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
        | Nobody,
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
        | WithdrawingPast,
        | Gone,
    }
}
