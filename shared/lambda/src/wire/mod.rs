//! The shapes of requests and replies that more than one function uses; each has its own beside it. Requests refuse fields they
//! do not know; replies are types of their own.

mod account;
mod activation;
mod balance;
mod detail;
mod entry;
mod explanation;
mod fact;
mod floor;
mod inputs;
mod movement;
mod opening;
mod points_paid;
mod posted;
mod reason;
mod redemption;
mod returned;
mod reward;
mod standing;

pub use account::{BalanceReply, BenefitView, LotView, LotsReply, SegmentReply, TierReply};
pub use activation::NextActivation;
pub use balance::Balance;
pub use detail::Detail;
pub use entry::EntryView;
pub use explanation::{Calculation, Candidate, Explanation, Outcome, StreakStep};
pub use fact::FactEvent;
pub use floor::TierFloor;
pub use inputs::{Boost, Inputs, Part};
pub use movement::{Movement, Settlement};
pub use points_paid::{CapExceeded, PointsPaidMismatch};
pub use posted::Posted;
pub use redemption::{HoldRequest, RedemptionReply, RedemptionRequest, VoucherView};
pub use returned::{Returned, ReturnedLine};
pub use reward::{RewardView, RewardsReply};
pub use standing::{ScoreChange, TierChange, Transition};

use domain::kernel::id::{EntryId, MemberId};
use domain::ledger::entry::Entry;

use crate::Problem;

/// A short text from outside: 1 to 128 characters without control characters.
///
/// # Errors
/// 422 with a pointer to the field.
pub fn short(field: &str, text: &str) -> Result<(), Problem> {
    let fits = (1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Problem::invalid(field, "must be 1 to 128 characters without control characters")) }
}

/// A number from outside, within a range.
///
/// # Errors
/// 422 with a pointer to the field.
pub fn within(field: &str, number: i64, range: std::ops::RangeInclusive<i64>) -> Result<(), Problem> {
    if range.contains(&number) {
        return Ok(());
    }
    Err(Problem::invalid(field, format!("must be a whole number from {} to {}", range.start(), range.end())))
}

/// A member's id from outside.
///
/// # Errors
/// 422 with a pointer to the field.
pub fn member(field: &str, text: &str) -> Result<MemberId, Problem> {
    text.parse().map_err(|error: String| Problem::invalid(field, error))
}

/// The public id of a member's entry.
#[must_use]
pub fn id(member: &MemberId, entry: &Entry) -> String {
    EntryId { member: member.clone(), sequence: entry.sequence }.to_string()
}
