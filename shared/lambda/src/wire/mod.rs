//! The shapes of requests and replies. Requests refuse fields they do not know; replies are types of their own.

mod activity;
mod adjustment;
mod balance;
mod entry;
mod quote;
mod redemption;
mod refund;
mod tier;

pub use activity::{ActivityEvent, ActivityReply, BatchItem, BatchReply, BatchRequest, Explanation};
pub use adjustment::{AdjustmentReply, AdjustmentRequest, AdjustmentStatus};
pub use balance::{Balance, BalanceReply, LotView, LotsReply, PendingView};
pub use entry::{EntriesReply, EntryReply, EntryView, Proof};
pub use quote::{PayWithPointsQuote, Quote, QuoteReply, QuoteRequest};
pub use redemption::{
    CaptureReply, DonationReply, DonationRequest, HoldReply, HoldRequest, RedemptionReply, RedemptionRequest,
    ReleaseReply, ReversalReply, ReversalRequest, RewardView, RewardsReply, VoucherUseReply, VoucherView,
};
pub use refund::{RefundReply, RefundRequest};
pub use tier::{BenefitUseReply, SegmentReply, TierFloorReply, TierFloorRequest, TierReply};

use crate::Problem;

/// A body that says nothing: `{}`.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// A short text from outside: 1 to 128 characters without control characters.
pub(crate) fn short(field: &str, text: &str) -> Result<(), Problem> {
    let fits = (1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Problem::invalid(field, "must be 1 to 128 characters without control characters")) }
}

/// A number from outside, within a range.
pub(crate) fn within(field: &str, number: i64, range: std::ops::RangeInclusive<i64>) -> Result<(), Problem> {
    if range.contains(&number) {
        return Ok(());
    }
    Err(Problem::invalid(field, format!("must be in {}..={}", range.start(), range.end())))
}
