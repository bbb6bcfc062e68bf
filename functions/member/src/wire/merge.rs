//! Two members become one, or two again.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::MergeDone;

use crate::wire::profile::state;

/// Who is absorbed by the member that the path names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRequest {
    /// Who: the other one stands for this member from then on.
    pub(crate) absorb: String,
    /// Fields of which the absorbed member's value counts, though the survivor has one.
    #[serde(default)]
    pub(crate) take: Vec<String>,
    /// Why, in words that name nobody, 1 to 200 characters.
    pub(crate) reason: String,
}

/// Who is taken out of the member that the path names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnmergeRequest {
    /// Who: the newest that was absorbed.
    pub(crate) absorbed: String,
    /// Why, in words that name nobody, 1 to 200 characters.
    pub(crate) reason: String,
}

/// What became of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MergeStatus {
    /// The two are one.
    Merged,
    /// It is so much that a second person has to ask for the same.
    PendingApproval,
}

/// Two are one, or will be.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct MergeReply {
    /// Who stands for both.
    member: String,
    /// Who was absorbed.
    merged_from: String,
    /// The name of the merge.
    merge: String,
    /// Done, or waiting for a second person.
    status: MergeStatus,
    /// `active` or `suspended`.
    state: &'static str,
    /// Fields that came from the absorbed.
    fields: Vec<String>,
    /// How often the member was written.
    version: u64,
}

/// One is two again.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct UnmergeReply {
    /// Who stood for both.
    member: String,
    /// Who is a member again.
    unmerged: String,
    /// The name of the merge that was undone.
    merge: String,
    /// Points that had come in and do not go back, for they are spent; of lots that have not expired.
    not_returned: Points,
    /// How often the member was written.
    version: u64,
}

impl MergeReply {
    pub(crate) fn new(done: &MergeDone, absorbed: &MemberId, version: u64) -> Self {
        Self {
            member: done.member.id.to_string(),
            merged_from: absorbed.to_string(),
            merge: done.merge.clone(),
            status: if done.waits { MergeStatus::PendingApproval } else { MergeStatus::Merged },
            state: state(&done.member.state),
            fields: done.copied.clone(),
            version,
        }
    }
}

impl UnmergeReply {
    pub(crate) fn new(done: &MergeDone, absorbed: &MemberId, version: u64) -> Self {
        Self {
            member: done.member.id.to_string(),
            unmerged: absorbed.to_string(),
            merge: done.merge.clone(),
            not_returned: done.not_returned,
            version,
        }
    }
}
