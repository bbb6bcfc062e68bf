//! Corrections by hand.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::adjustment::Adjust;
use domain::ledger::entry::Detail;
use lambda::Problem;
use lambda::wire::{Balance, id, member, within};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Done;

/// A correction. Above the programme's limit it waits for a second person.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdjustmentRequest {
    /// The member's id.
    pub(crate) member: String,
    /// Points to add, or take if negative; not zero.
    pub(crate) points: i64,
    /// One of the programme's reasons.
    pub(crate) reason: String,
}

impl AdjustmentRequest {
    /// As a correction.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_adjust(&self) -> Result<(MemberId, Adjust), Problem> {
        let member = member("/member", &self.member);
        let zero = if self.points == 0 { Err(Problem::invalid("/points", "must not be zero")) } else { Ok(()) };
        let points = within("/points", self.points, -Points::LIMIT..=Points::LIMIT).and(zero);
        Problem::unless([member.as_ref().map(drop).map_err(Clone::clone), points])?;
        let member = member?;
        Ok((member, Adjust { points: Points(self.points), reason: self.reason.clone() }))
    }
}

/// What became of a correction.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct AdjustmentReply {
    /// Its entry; approvals name it.
    pub(crate) adjustment_id: String,
    /// Posted, or waiting.
    pub(crate) status: AdjustmentStatus,
    /// Points, up or down.
    pub(crate) points: Points,
    /// The balance right after.
    pub(crate) balance: Balance,
}

/// What became of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AdjustmentStatus {
    /// It is in the balance.
    Posted,
    /// A second person must approve it.
    PendingApproval,
}

impl AdjustmentReply {
    /// From what was recorded.
    #[must_use]
    pub(crate) fn new(member: &MemberId, done: &Done) -> Self {
        let (status, points) = match done.entry.detail {
            Detail::AdjustmentRequest { points, .. } => (AdjustmentStatus::PendingApproval, points),
            _ => (AdjustmentStatus::Posted, done.entry.points()),
        };
        Self { adjustment_id: id(member, &done.entry), status, points, balance: Balance::of(&done.pockets) }
    }
}
