//! The shapes of requests and replies.

mod activity;
mod adjustment;
mod quote;
mod refund;
mod returned;
mod reversal;

pub use activity::ActivityEvent;
pub(crate) use activity::{ActivityReply, BatchItem, BatchReply, BatchRequest};
pub(crate) use adjustment::{AdjustmentReply, AdjustmentRequest, AdjustmentStatus};
pub(crate) use quote::{PayWithPointsQuote, Quote, QuoteAnswer, QuoteReply, QuoteRequest};
pub(crate) use refund::{After, ParkedReply, ParkedView, RefundReply, RefundRequest};
pub(crate) use reversal::{ActivityReversalReply, ActivityReversalRequest, to_reversal};
