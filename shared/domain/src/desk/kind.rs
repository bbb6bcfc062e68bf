//! What clocks measure (rules: desk 8).

use serde::{Deserialize, Serialize};

use crate::programme::desk::policy::SlaPolicy;

/// What a clock measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Until somebody answers for the first time.
    FirstResponse,
    /// Until somebody answers the oldest unanswered message.
    NextResponse,
    /// Until it is solved.
    Resolution,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::NextResponse => "next_response",
            Self::Resolution => "resolution",
        }
    }

    /// Its target by a policy, in milliseconds; none: the policy has no such clock.
    #[must_use]
    pub fn target(self, policy: &SlaPolicy) -> Option<i64> {
        let target = match self {
            Self::FirstResponse => policy.first_response,
            Self::NextResponse => policy.next_response,
            Self::Resolution => Some(policy.resolution),
        };
        target.map(|target| target.milliseconds)
    }

    /// Does it stand still while the ticket is paused or resolved?
    pub(super) const fn pauses(self) -> bool {
        matches!(self, Self::Resolution)
    }
}
