//! Members are invited by hand.

use domain::kernel::id::MemberId;
use domain::voice::InvitationId;
use domain::voice::inviting::Invited;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom to invite to what.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationsRequest {
    /// A survey that is sent by hand.
    pub(crate) survey: String,
    /// What this is called: the same batch invites a member once.
    pub(crate) batch: String,
    /// 1 to 100 members.
    pub(crate) members: Vec<String>,
}

/// What came of each.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct InvitationsReply {
    /// In the order in which they were named.
    pub(crate) outcomes: Vec<Outcome>,
}

/// What came of one.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Outcome {
    /// The member.
    member: String,
    /// `invited`, `already`, or why not: `inactive`, `recontact`, `cooldown`, `cancelled`, `unknown_member`.
    outcome: &'static str,
    /// The invitation, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<String>,
}

impl Outcome {
    pub(crate) fn new(member: &MemberId, survey: &str, batch: &str, invited: Result<Invited, ()>) -> Self {
        let (outcome, invitation) = match invited {
            Err(()) => ("unknown_member", None),
            Ok(Invited::New { invitation, .. }) => ("invited", Some(invitation.id)),
            Ok(Invited::Already) => ("already", Some(InvitationId::of(survey, &format!("manual:{batch}"), member))),
            Ok(Invited::Cancelled) => ("cancelled", None),
            Ok(Invited::Refused(refused)) => (refused.name(), None),
        };
        Self { member: member.to_string(), outcome, invitation: invitation.map(|id| id.to_string()) }
    }
}
