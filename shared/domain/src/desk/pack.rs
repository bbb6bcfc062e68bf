//! A grant of an emergency pack (rules: desk 19, 21).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::programme::desk::emergency::ItemKind;

/// A grant of an emergency pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// Of what.
    pub item: String,
    /// What that is.
    pub kind: ItemKind,
    /// Of which reward it is a voucher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<String>,
    /// What it costs, in minor units.
    pub cost_minor: i64,
    /// Who gives it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Where it stands.
    pub state: GrantState,
    /// Until when it can be approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lapses: Option<Timestamp>,
    /// Who approved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
}

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// A second person is to approve it.
    Proposed,
    /// It is given.
    Granted,
    /// A second person did not approve it.
    Rejected,
    /// Nobody did in time.
    Lapsed,
    /// It was taken back before it was sent.
    Cancelled,
}

impl GrantState {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Granted => "granted",
            Self::Rejected => "rejected",
            Self::Lapsed => "lapsed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl ItemKind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Coupon => "coupon",
            Self::Gift => "gift",
            Self::Expedite => "expedite",
        }
    }
}

impl Grant {
    /// Does it count for the case?
    #[must_use]
    pub fn counts(&self) -> bool {
        matches!(self.state, GrantState::Proposed | GrantState::Granted)
    }

    /// Is it given, and something that is sent? Points and vouchers are the member's at once.
    pub(super) fn can_be_stopped(&self) -> bool {
        self.state == GrantState::Granted && matches!(self.kind, ItemKind::Gift | ItemKind::Expedite)
    }

    /// When a proposal lapses.
    #[must_use]
    pub fn lapses_at(&self) -> Option<Timestamp> {
        self.lapses.filter(|_| self.state == GrantState::Proposed)
    }
}
