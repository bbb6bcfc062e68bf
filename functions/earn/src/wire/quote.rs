//! Quotes: what would happen, decided by the same code, written nowhere.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::{Minor, Points};
use jiff::Timestamp;
use lambda::wire::{HoldRequest, RedemptionReply, RedemptionRequest};
use lambda::{NamesMember, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ActivityEvent, ActivityReply, RefundReply, RefundRequest};

/// What to try: exactly one of these.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum QuoteRequest {
    /// What would this activity earn?
    Activity(ActivityEvent),
    /// What would this refund take back?
    Refund(Quote<RefundRequest>),
    /// Can this reward be had, and what would be left?
    Redemption(RedemptionRequest),
    /// How many points may pay for this order?
    PayWithPoints(HoldRequest),
}

/// A request that names its order in the path.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quote<T> {
    /// The shop's order id.
    pub(crate) order_id: String,
    /// The request's body.
    pub(crate) request: T,
}

/// What would happen, and when.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct QuoteAnswer {
    /// What would happen.
    #[serde(flatten)]
    pub(crate) quote: QuoteReply,
    /// As things stand at this instant; stock and points may be gone a moment later.
    pub(crate) as_of: Timestamp,
}

/// What would happen.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QuoteReply {
    /// To an activity.
    Activity(Box<ActivityReply>),
    /// To a refund.
    Refund(RefundReply),
    /// To a redemption; vouchers have no code yet.
    Redemption(RedemptionReply),
    /// To a hold.
    PayWithPoints(PayWithPointsQuote),
}

/// How many points may pay for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PayWithPointsQuote {
    /// Points that can be used: the least of what was asked, what the programme lets points pay, and the balance; none where a hold
    /// would be refused.
    pub(crate) points: Points,
    /// What they pay, in minor units.
    pub(crate) value_minor: Minor,
    /// What the programme would let points pay of this order, whatever the balance.
    pub(crate) most_points: Points,
    /// The fewest that one can pay with.
    pub(crate) min_points: Points,
    /// Points that can be spent.
    pub(crate) active: Points,
}

impl QuoteRequest {
    /// Where in the body that stands which is tried.
    pub(crate) fn place(&self) -> &'static str {
        match self {
            Self::Activity(_) => "/activity",
            Self::Refund(_) => "/refund/request",
            Self::Redemption(_) => "/redemption",
            Self::PayWithPoints(_) => "/pay_with_points",
        }
    }
}

impl NamesMember for QuoteRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        let member = match self {
            Self::Activity(event) => event.member(),
            Self::Refund(quote) => quote.request.member(),
            Self::Redemption(body) => body.member(),
            Self::PayWithPoints(body) => body.member(),
        };
        member.map_err(|problem| problem.within(self.place()))
    }
}
