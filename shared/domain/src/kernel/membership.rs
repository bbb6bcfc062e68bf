//! Where a member stands: what the member's item and the account both say.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How often one member stands for another at most.
pub const HOPS: usize = 8;

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// As usual.
    Active,
    /// Earns and spends nothing for now.
    Suspended,
    /// The member left, and may come back for some days.
    Closed,
}

impl MemberState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Suspended, Self::Closed];

    /// As a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }

    /// The states that may follow it.
    #[must_use]
    pub const fn next(self) -> &'static [&'static str] {
        match self {
            Self::Active => &["suspended", "closed"],
            Self::Suspended => &["active", "closed"],
            Self::Closed => &["active"],
        }
    }

    /// May another state follow it?
    #[must_use]
    pub fn leads_to(self, state: Self) -> bool {
        self.next().contains(&state.name())
    }
}

impl fmt::Display for MemberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
