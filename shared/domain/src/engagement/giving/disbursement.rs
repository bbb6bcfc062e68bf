//! What is paid to a project, month by month.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::GivingFact;
use super::gift::{Gift, GiftState};
use crate::engagement::scene::Scene;
use crate::kernel::canonical::Hash;
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::merkle::root;
use crate::kernel::quantity::Minor;
use crate::kernel::refusal::{Reused, WrongState, refusals};
use crate::kernel::time::Month;

/// A project: how far it was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Project {
    /// Which.
    pub id: String,
    /// Gifts that were due by then are paid, or stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<Timestamp>,
    /// The month of the newest run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
}

/// A payment to a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disbursement {
    /// To which project.
    pub project: String,
    /// Of which month's run.
    pub month: Month,
    /// How much.
    pub amount: Minor,
    /// Of how many gifts.
    pub count: u64,
    /// The Merkle root of the gifts and their amounts.
    pub root: Hash,
    /// How it stands.
    pub state: DisbursementState,
}

/// How a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum DisbursementState {
    /// It is to be paid.
    Proposed,
    /// It was paid, as one person says.
    Paid(Payment),
    /// And another.
    Confirmed(Payment),
}

/// How a payment was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The number of the receipt.
    pub receipt: String,
    /// Where the receipt is.
    pub url: String,
    /// On which date.
    pub on: jiff::civil::Date,
    /// Who entered it.
    pub by: String,
}

refusals! {
    /// Why a payment is not noted.
    DisbursementRefusal {
        /// Who entered it does not confirm it.
        Forbidden SameApprover ("same_approver") = "another person confirms a payment",
        | WrongState,
        | Reused,
    }
}

impl Aggregate for Disbursement {
    type Fact = GivingFact;
    type Refusal = DisbursementRefusal;

    fn member(&self) -> Option<&MemberId> {
        None
    }

    fn denied(_: &Effect) -> DisbursementRefusal {
        unreachable!("a payment changes nothing beside itself")
    }
}

/// Proposes the payment of a month: the gifts that are due by the start of today, and were not at the run before. The project moves on in
/// the same transaction. A second run in a month finds the first one's, and nothing is proposed where nothing is due.
#[must_use]
pub fn propose(project: &Project, gifts: &[Gift], scene: Scene<'_>) -> Option<(Project, Option<Disbursement>)> {
    let zone = scene.programme.zone();
    let today = zone.date(scene.now);
    let month = Month::of(today);
    if project.month.is_some_and(|newest| newest >= month) {
        return None;
    }
    let cutoff = zone.start_of(today);
    let after = |gift: &&Gift| project.cutoff.is_none_or(|before| gift.due_at > before);
    let mut due: Vec<&Gift> = gifts
        .iter()
        .filter(|gift| gift.project == project.id && gift.state == GiftState::Booked && gift.due_at <= cutoff)
        .filter(after)
        .collect();
    due.sort_by_key(|gift| (&gift.member, &gift.source));
    let moved = Project { cutoff: Some(cutoff), month: Some(month), ..project.clone() };
    if due.is_empty() {
        return Some((moved, None));
    }
    let leaves: Vec<Hash> = due.iter().map(|gift| gift.leaf()).collect();
    let disbursement = Disbursement {
        project: project.id.clone(),
        month,
        amount: due.iter().map(|gift| gift.amount).sum(),
        count: u64::try_from(due.len()).unwrap_or(u64::MAX),
        root: root(&leaves),
        state: DisbursementState::Proposed,
    };
    Some((moved, Some(disbursement)))
}

impl Gift {
    /// Its leaf in a tree of gifts.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        Hash::leaf(&format!("{}|{}|{}", self.member, self.name(), self.amount))
    }
}

impl Disbursement {
    /// It was paid, as one person says.
    ///
    /// # Errors
    /// It was before.
    pub fn paid(&self, payment: Payment) -> Result<Change<Self>, DisbursementRefusal> {
        match &self.state {
            DisbursementState::Proposed => {
                Ok(Change::to(Self { state: DisbursementState::Paid(payment), ..self.clone() }))
            }
            DisbursementState::Paid(known) | DisbursementState::Confirmed(known) if *known == payment => {
                Ok(Change::to(self.clone()))
            }
            DisbursementState::Paid(_) => Err(wrong("paid", &["confirmed"])),
            DisbursementState::Confirmed(_) => Err(wrong("confirmed", &[])),
        }
    }

    /// And another person says so, too.
    ///
    /// # Errors
    /// It was not paid; it is the same person.
    pub fn confirmed(&self, by: &str) -> Result<Change<Self>, DisbursementRefusal> {
        match &self.state {
            DisbursementState::Proposed => Err(wrong("proposed", &["paid"])),
            DisbursementState::Confirmed(_) => Err(wrong("confirmed", &[])),
            DisbursementState::Paid(payment) if payment.by == by => Err(DisbursementRefusal::SameApprover),
            DisbursementState::Paid(payment) => {
                let told = GivingFact::DonationDisbursed {
                    project: self.project.clone(),
                    month: self.month.to_string(),
                    minor: self.amount,
                };
                let state = DisbursementState::Confirmed(payment.clone());
                Ok(Change::to(Self { state, ..self.clone() }).telling(told))
            }
        }
    }
}

fn wrong(state: &'static str, allowed: &'static [&'static str]) -> DisbursementRefusal {
    WrongState::WrongState { state, allowed }.into()
}
