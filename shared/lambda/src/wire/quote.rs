//! Quotes: what would happen, decided by the same code, written nowhere.

use domain::kernel::quantity::{Minor, Points};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    ActivityEvent, ActivityReply, HoldRequest, RedemptionReply, RedemptionRequest, RefundReply, RefundRequest,
};
use crate::http::object;

/// What to try: exactly one of these.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum QuoteRequest {
    /// What would this activity earn?
    Activity(#[serde(deserialize_with = "object")] ActivityEvent),
    /// What would this refund take back?
    Refund(#[serde(deserialize_with = "object")] Quote<RefundRequest>),
    /// Can this reward be had, and what would be left?
    Redemption(#[serde(deserialize_with = "object")] RedemptionRequest),
    /// How many points may pay for this order?
    PayWithPoints(#[serde(deserialize_with = "object")] HoldRequest),
}

/// A request that names its order in the path.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quote<T> {
    /// The shop's order id.
    pub order_id: String,
    /// The request's body.
    #[serde(deserialize_with = "object", bound(deserialize = "T: serde::de::DeserializeOwned"))]
    pub request: T,
}

/// What would happen.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuoteReply {
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
pub struct PayWithPointsQuote {
    /// Points that can be used: the least of what was asked, what the programme lets points pay, and the balance.
    pub points: Points,
    /// What they pay, in minor units.
    pub value_minor: Minor,
    /// What the programme would let points pay of this order, whatever the balance.
    pub most_points: Points,
    /// Points that can be spent.
    pub active: Points,
}
