//! Whether a member may earn and spend, as the account knows it: so nothing else is asked before a decision (rules: members 25).

use crate::kernel::id::MemberId;
use crate::kernel::membership::MemberState;
use crate::kernel::refusal::refusals;
use crate::planted;

/// Where the member of an account stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Membership {
    /// As usual.
    #[default]
    Active,
    /// What is earned waits; nothing is spent.
    Suspended {
        /// The entry since which it waits.
        since: u64,
    },
    /// Nothing is earned or spent.
    Closed {
        /// The entry since which nothing was posted: of the suspension before, if the member was suspended.
        since: u64,
    },
    /// Another account stands for this one.
    Merged {
        /// Whose.
        into: MemberId,
    },
    /// The account was emptied for ever.
    Erased,
}

refusals! {
    /// The account takes nothing in any more.
    Gone {
        /// The member has left.
        Conflict MemberClosed ("member_closed") = "the member has closed the account",
        /// Another member stands for this one.
        Conflict Merged ("merged") {
            /// Who.
            survivor: MemberId,
        } = "another member stands for this one",
        /// The member was erased.
        Gone MemberErased ("member_erased") = "the member was erased",
    }
}

impl Membership {
    /// As a word.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Closed { .. } => "closed",
            Self::Merged { .. } => "merged",
            Self::Erased => "erased",
        }
    }

    /// As an entry says it; `None` if no entry can change it any more.
    #[must_use]
    pub const fn state(&self) -> Option<MemberState> {
        match self {
            Self::Active => Some(MemberState::Active),
            Self::Suspended { .. } => Some(MemberState::Suspended),
            Self::Closed { .. } => Some(MemberState::Closed),
            Self::Merged { .. } | Self::Erased => None,
        }
    }

    /// The entry since which earnings wait, if they do.
    #[must_use]
    pub const fn since(&self) -> Option<u64> {
        match self {
            Self::Suspended { since } | Self::Closed { since } => Some(*since),
            Self::Active | Self::Merged { .. } | Self::Erased => None,
        }
    }

    /// May the member spend?
    #[must_use]
    pub fn spends(&self) -> bool {
        *self == Self::Active || planted!("bug-suspended-redeems")
    }

    /// Is what the member earns kept back for now?
    #[must_use]
    pub const fn withholds(&self) -> bool {
        matches!(self, Self::Suspended { .. })
    }
}
