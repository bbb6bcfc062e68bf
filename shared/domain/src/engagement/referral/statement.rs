//! What an advocate is paid, month by month.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::ReferralFact;
use crate::engagement::scene::Barred;
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::quantity::Minor;
use crate::kernel::refusal::{Reused, WrongState, refusals};
use crate::kernel::time::Month;

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payable {
    /// For which friend.
    pub friend: MemberId,
    /// How much; below zero it takes back what was paid.
    pub amount: Minor,
    /// How it stands.
    pub state: PayableState,
}

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayableState {
    /// Its day has not come.
    Accrued,
    /// It is to be paid.
    Payable,
    /// It takes back what was paid.
    Clawback,
    /// It was paid.
    Settled,
    /// It is not to be paid.
    Reversed,
}

/// A statement of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Whose.
    pub advocate: MemberId,
    /// Which month's.
    pub month: Month,
    /// How many lines.
    pub lines: u64,
    /// What is paid; never below zero.
    pub gross: Minor,
    /// What is taken off the next one: zero, or below.
    pub carried: Minor,
    /// How it stands.
    pub state: StatementState,
}

/// How a statement stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum StatementState {
    /// It can be exported.
    Open,
    /// It is with whoever pays.
    Exported {
        /// Who took it there.
        by: String,
    },
    /// It was paid.
    Settled {
        /// The payment's reference.
        reference: String,
        /// When.
        paid_at: Timestamp,
    },
}

refusals! {
    /// Why a statement is not settled.
    StatementRefusal {
        /// Who exports does not settle.
        Forbidden SameApprover ("same_approver") = "another person settles what one exported",
        /// It was settled otherwise.
        Conflict AlreadySettled ("already_settled") {
            /// With which reference.
            reference: String,
        } = "the statement was settled with another reference",
        | WrongState,
        | Barred,
        | Reused,
    }
}

impl Aggregate for Statement {
    type Fact = ReferralFact;
    type Refusal = StatementRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.advocate)
    }

    fn denied(_: &Effect) -> StatementRefusal {
        unreachable!("a statement changes nothing beside itself")
    }
}

impl Statement {
    /// Of all that is payable, and what is taken back; what is missing is carried on.
    #[must_use]
    pub fn of(advocate: &MemberId, month: Month, lines: &[Payable], carried: Minor) -> Self {
        let open = |line: &&Payable| matches!(line.state, PayableState::Payable | PayableState::Clawback);
        let open: Vec<&Payable> = lines.iter().filter(open).collect();
        let sum = open.iter().map(|line| line.amount).sum::<Minor>() + carried;
        Self {
            advocate: advocate.clone(),
            month,
            lines: u64::try_from(open.len()).unwrap_or(u64::MAX),
            gross: sum.or_zero(),
            carried: sum.min(Minor::ZERO),
            state: StatementState::Open,
        }
    }

    /// A line for whoever pays: `member,statement,lines,gross_minor,carried_minor`.
    #[must_use]
    pub fn csv(&self) -> String {
        format!("{},{},{},{},{}\n", self.advocate, self.month, self.lines, self.gross, self.carried)
    }

    /// Takes it to whoever pays.
    ///
    /// # Errors
    /// It was paid.
    pub fn exported(&self, by: &str) -> Result<Change<Self>, StatementRefusal> {
        match self.state {
            StatementState::Settled { .. } => Err(WrongState::WrongState { state: "settled", allowed: &[] }.into()),
            StatementState::Exported { .. } => Ok(Change::to(self.clone())),
            StatementState::Open => {
                Ok(Change::to(Self { state: StatementState::Exported { by: by.to_owned() }, ..self.clone() }))
            }
        }
    }

    /// It was paid, as another person says.
    ///
    /// # Errors
    /// It was not exported; the same person says so; it was paid with another reference.
    pub fn settled(&self, by: &str, reference: &str, paid_at: Timestamp) -> Result<Change<Self>, StatementRefusal> {
        match &self.state {
            StatementState::Open => Err(WrongState::WrongState { state: "open", allowed: &["exported"] }.into()),
            StatementState::Settled { reference: known, .. } if known == reference => Ok(Change::to(self.clone())),
            StatementState::Settled { reference, .. } => {
                Err(StatementRefusal::AlreadySettled { reference: reference.clone() })
            }
            StatementState::Exported { by: exporter } if exporter == by => Err(StatementRefusal::SameApprover),
            StatementState::Exported { .. } => {
                let state = StatementState::Settled { reference: reference.to_owned(), paid_at };
                Ok(Change::to(Self { state, ..self.clone() }))
            }
        }
    }
}
