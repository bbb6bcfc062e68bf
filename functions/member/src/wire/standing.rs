//! Where a member stands.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::entry::Detail;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Stood;

use crate::wire::profile::state;

/// Why a member comes to stand where the path says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingRequest {
    /// In words that name nobody, 1 to 200 characters: it is kept in the ledger. A member need not say.
    #[serde(default)]
    pub(crate) reason: Option<String>,
}

/// Where a member stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct StandingReply {
    /// The member.
    member: String,
    /// The id that was asked for, if another member stands for that one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_from: Option<String>,
    /// `active`, `suspended` or `closed`.
    state: &'static str,
    /// The entry of the ledger that says so.
    entry: String,
    /// How many facts were posted that had been reported during a suspension.
    posted: usize,
    /// What they had earned.
    points: Points,
    /// How often the member was written.
    version: u64,
}

impl StandingReply {
    pub(crate) fn new(stood: &Stood, asked: &MemberId, version: u64) -> Self {
        let Stood { member, entry, .. } = stood;
        let posted = match &entry.detail {
            Detail::Standing { posted, .. } => posted.as_slice(),
            _ => &[],
        };
        Self {
            member: member.id.to_string(),
            merged_from: (*asked != member.id).then(|| asked.to_string()),
            state: state(&member.state),
            entry: lambda::wire::id(&member.id, entry),
            posted: posted.len(),
            points: posted.iter().flat_map(|posted| posted.trace.values()).copied().sum(),
            version,
        }
    }
}
