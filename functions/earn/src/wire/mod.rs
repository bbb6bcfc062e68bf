//! The shapes of requests and replies.

mod activity;
mod adjustment;
mod batch;
mod moved;
mod quote;
mod refund;
mod report;
mod returned;
mod reversal;
mod signal;

pub use activity::ActivityEvent;
pub(crate) use activity::ActivityReply;
pub(crate) use adjustment::{AdjustmentReply, AdjustmentRequest, AdjustmentStatus};
pub(crate) use batch::{BatchItem, BatchReply, BatchRequest, ReportReply};
pub(crate) use moved::{MoveReply, MoveRequest};
pub(crate) use quote::{PayWithPointsQuote, Quote, QuoteAnswer, QuoteReply, QuoteRequest};
pub(crate) use refund::{After, ParkedReply, ParkedView, RefundReply, RefundRequest};
pub(crate) use report::{Report, apart, in_order};
pub(crate) use reversal::{ActivityReversalReply, ActivityReversalRequest, to_reversal};
