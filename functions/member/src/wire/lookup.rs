//! Who is known by something.

use domain::kernel::id::MemberId;
use domain::members::state::Member;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::identifier::GivenIdentifier;
use crate::wire::profile::state;

/// By what somebody is known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupRequest {
    /// What.
    pub(crate) identifier: GivenIdentifier,
}

/// Who it is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LookupReply {
    /// The member.
    member: String,
    /// `active`, `suspended` or `closed`.
    state: &'static str,
    /// The id under which the identifier was, if another member stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<String>,
}

impl LookupReply {
    pub(crate) fn new(member: &Member, claimed: &MemberId) -> Self {
        let merged_from = (*claimed != member.id).then(|| claimed.to_string());
        Self { member: member.id.to_string(), state: state(&member.state), merged_from }
    }
}
