//! The shapes of requests and replies.

use domain::kernel::id::MemberId;
use domain::ledger::entry::Detail;
use domain::ledger::floor::SetFloor;
use jiff::Timestamp;
use lambda::wire::{TierFloor, id};
use lambda::{Failure, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Done, StoreError};

/// The tier below which a member is not to fall.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TierFloorRequest {
    /// The tier.
    pub(crate) tier: String,
    /// Until when, exclusive; at most five years. An instant that is over ends the floor there is.
    pub(crate) until: Timestamp,
    /// One of the programme's reasons for corrections by hand.
    pub(crate) reason: String,
}

impl TierFloorRequest {
    /// As a command.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub(crate) fn to_floor(&self) -> Result<SetFloor, Problem> {
        let until = self.until.round(jiff::Unit::Millisecond);
        let until = until.map_err(|error| Problem::invalid("/until", error.to_string()))?;
        Ok(SetFloor { tier: self.tier.clone(), until, reason: self.reason.clone() })
    }
}

/// The floor that was set.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TierFloorReply {
    /// Its entry.
    pub(crate) floor_id: String,
    /// The tier below which the member does not fall.
    pub(crate) floor: TierFloor,
    /// The tier that it lifted the member to, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lifted_to: Option<String>,
}

impl TierFloorReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no floor.
    pub(crate) fn new(member: &MemberId, done: &Done) -> Result<Self, Failure> {
        let Detail::Floor { tier, until, change, .. } = &done.entry.detail else {
            return Err(StoreError::bug("a floor made another entry").into());
        };
        Ok(Self {
            floor_id: id(member, &done.entry),
            floor: TierFloor { tier: tier.clone(), until: *until },
            lifted_to: change.as_ref().map(|change| change.tier.clone()),
        })
    }
}
