//! An entry of the ledger.

use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::doer::Doer;
use domain::ledger::entry::{self, Entry};
use domain::programme::compiled::Programmes;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::detail::Detail;
use super::id;
use super::movement::{Movement, Settlement};
use super::posted::no_points;
use super::standing::TierChange;
use crate::Role;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EntryView {
    /// `member.sequence`.
    pub id: String,
    /// Counted from 1 without gaps.
    pub sequence: u64,
    /// What it added to the balance (negative: took).
    pub points: Points,
    /// What time had added before it: expired points, negative.
    #[serde(skip_serializing_if = "no_points")]
    pub settled_points: Points,
    /// Active + pending + held - debt afterwards.
    pub balance_after: Points,
    /// When the fact happened.
    pub occurred_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The programme version that decided it.
    pub programme_version: String,
    /// Who caused it, `role:subject`, if it was not the member: for admins and auditors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why a fact was recorded though it is too old: for admins and auditors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backdate_reason: Option<String>,
    /// What it was, by `kind`.
    #[serde(flatten)]
    pub detail: Detail,
    /// Where points moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub movements: Vec<Movement>,
    /// What time had done before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<Settlement>,
    /// What the fact made of the tier.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<TierChange>,
}

impl EntryView {
    /// Of an entry.
    #[must_use]
    pub fn new(member: &MemberId, entry: &Entry, programmes: &Programmes) -> Self {
        let programme = programmes.numbered(entry.programme);
        Self {
            id: id(member, entry),
            sequence: entry.sequence,
            points: entry.points(),
            settled_points: entry.settled_points(),
            balance_after: entry.balance,
            occurred_at: entry.occurred_at,
            recorded_at: entry.recorded_at,
            programme_version: programme
                .map_or_else(|| entry.programme.to_string(), |programme| programme.version().to_owned()),
            by: None,
            backdate_reason: None,
            detail: (&entry.detail).into(),
            movements: entry.movements.iter().map(Into::into).collect(),
            settled: entry.settled.iter().map(Into::into).collect(),
            then: entry.then.iter().map(Into::into).collect(),
        }
    }

    /// With who caused the entry, for a role that may know.
    #[must_use]
    pub fn told_to(mut self, role: Role, entry: &Entry) -> Self {
        if let (Detail::Standing { reason, .. }, entry::Detail::Standing { reason: why, .. }) =
            (&mut self.detail, &entry.detail)
            && matches!(role, Role::Agent | Role::Lead | Role::Admin | Role::Auditor)
        {
            reason.clone_from(why);
        }
        if let (Detail::Earn { moved: Some(moved), .. } | Detail::Refund { moved: Some(moved), .. }, true) =
            (&mut self.detail, matches!(role, Role::Agent | Role::Lead | Role::Admin | Role::Auditor))
            && let entry::Detail::Earn { moved: Some(known), .. } | entry::Detail::Refund { moved: Some(known), .. } =
                &entry.detail
        {
            (moved.entry, moved.reason) = (Some(known.other.to_string()), Some(known.reason.clone()));
        }
        if let Some(Doer { who, backdate_reason }) =
            entry.by.clone().filter(|_| matches!(role, Role::Admin | Role::Auditor))
        {
            (self.by, self.backdate_reason) = (Some(who), backdate_reason);
        }
        self
    }
}
