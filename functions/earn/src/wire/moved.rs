//! Orders that go to another member.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::entry::{Detail, Entry};
use lambda::wire::{id, member, short};
use lambda::{Failure, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{OrderMoved, StoreError};

/// To whom an order goes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveRequest {
    /// The member whose order it is.
    pub(crate) to: String,
    /// Why, in words that name nobody, 1 to 200 characters.
    pub(crate) reason: String,
    /// Which of the shop's systems numbers the order, where each numbers its own.
    #[serde(default)]
    pub(crate) source: Option<String>,
}

impl MoveRequest {
    pub(crate) fn to(&self) -> Result<MemberId, Problem> {
        member("/to", &self.to)
    }

    pub(crate) fn reason(&self) -> Result<String, Problem> {
        short("/reason", &self.reason)?;
        Ok(self.reason.clone())
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MoveStatus {
    /// The order is the other member's.
    Moved,
    /// It is so much that a second person has to ask for the same.
    PendingApproval,
}

/// An order is another member's, or will be.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct MoveReply {
    /// The order.
    order_id: String,
    /// Whose it is then: another member may stand for the one who was named.
    to: String,
    /// Done, or waiting for a second person.
    status: MoveStatus,
    /// Points that are moved by hand: what the one loses or the other gains, whichever is more.
    points: Points,
    /// Where it was taken from; not while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<SideReply>,
    /// Where it is earned; not while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    came: Option<SideReply>,
}

/// One of the two members.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct SideReply {
    /// Who.
    member: String,
    /// The id of the entry.
    entry: String,
    /// Points, below zero if they were taken; of a suspended member they wait.
    points: Points,
    /// Status points, below zero if they were taken.
    status_points: Points,
}

impl MoveReply {
    /// From what became of it.
    ///
    /// # Errors
    /// 500: the entries are others.
    pub(crate) fn new(order_id: String, to: &MemberId, moved: &OrderMoved) -> Result<Self, Failure> {
        Ok(match moved {
            OrderMoved::Waits { points, .. } => Self {
                order_id,
                to: to.to_string(),
                status: MoveStatus::PendingApproval,
                points: *points,
                left: None,
                came: None,
            },
            OrderMoved::Done { from, to, .. } => {
                let (left, came) = (SideReply::new(from)?, SideReply::new(to)?);
                let points = came.points.max(-left.points);
                Self {
                    order_id,
                    to: to.0.to_string(),
                    status: MoveStatus::Moved,
                    points,
                    left: Some(left),
                    came: Some(came),
                }
            }
        })
    }
}

impl SideReply {
    fn new((member, entry): &(MemberId, Box<Entry>)) -> Result<Self, Failure> {
        let (points, status) = match &entry.detail {
            Detail::Refund { status, .. } => (-entry.clawed_back(), -*status),
            Detail::Earn { trace, status, .. } => (trace.values().copied().sum(), *status),
            _ => return Err(StoreError::bug("an order that is moved makes a refund and an earning").into()),
        };
        Ok(Self { member: member.to_string(), entry: id(member, entry), points, status_points: status })
    }
}
