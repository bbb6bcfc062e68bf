//! Why something was not done, by who must act.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use domain::kernel::refusal::Refusal;
use domain::ledger::refusal::Refused;
use domain::ledger::voucher::UsingVoucher;
use store::{Damage, NotWritten, Source, StoreError};

use crate::{Problem, Role};

/// Why something was not done. It is logged once, where it leaves the function.
#[derive(Debug, Clone)]
pub enum Failure {
    /// It is refused: the caller must act.
    Refused(Problem),
    /// Too many others do the same: nobody must act, it may be tried again.
    Busy(Source),
    /// Something did not answer: nobody must act, it may be tried again.
    Unavailable(Source),
    /// The programme is not what was published: nothing is decided until we have acted.
    ProgrammeDamaged(Source),
    /// An account or its history is not what was written: nothing is decided or answered about it until we have acted.
    AccountDamaged(Source),
    /// A voucher or a stock is not what was written: it is not used until we have acted.
    VoucherDamaged(Source),
    /// What is sealed of a member does not open: nothing is answered by it until we have acted.
    SealedDamaged(Source),
    /// A table was restored, and who was erased is in it again: nobody is served until we have acted.
    ReplayNeeded(Source),
    /// A mistake of ours, or damage: we must act.
    Broken(Source),
}

/// The code of whatever is about somebody who was erased.
const ERASED: &str = "member_erased";

impl Failure {
    /// Is it nobody's fault, and gone in a moment?
    #[must_use]
    pub fn may_be_tried_again(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable(_) | Self::ProgrammeDamaged(_) | Self::ReplayNeeded(_))
    }

    /// Is it about somebody who was erased? It says so in the log, where it is counted.
    pub(crate) fn is_of_erased(&self) -> bool {
        let erased = matches!(self, Self::Refused(problem) if problem.code == ERASED);
        if erased {
            tracing::warn!(code = ERASED, "a record about somebody who was erased is dropped");
        }
        erased
    }

    /// As a role may read it: whose a fact is that another member's entry recorded is told to those who may read any member.
    #[must_use]
    pub fn told_to(mut self, role: Role) -> Self {
        if let Self::Refused(problem) = &mut self
            && !matches!(role, Role::Admin | Role::Agent | Role::Lead | Role::Auditor)
        {
            problem.data.remove("member");
        }
        self
    }

    /// What the caller reads. What the log reads is not in it.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused(problem) => problem.clone(),
            Self::Busy(_) => Problem::busy(),
            Self::Unavailable(_) => Problem::unavailable(),
            Self::ProgrammeDamaged(_) => Problem::programme_damaged(),
            Self::AccountDamaged(_) => Problem::account_damaged(),
            Self::VoucherDamaged(_) => Problem::voucher_damaged(),
            Self::SealedDamaged(_) => Problem::sealed_damaged(),
            Self::ReplayNeeded(_) => Problem::replay_needed(),
            Self::Broken(_) => Problem::broken(),
        }
    }

    /// What the caller reads, in an answer: the failure is logged.
    #[must_use]
    pub fn answered(self) -> Problem {
        let problem = self.problem();
        match &self {
            Self::Refused(_) => tracing::info!(code = problem.code, detail = problem.detail, "a request is refused"),
            Self::Busy(source) | Self::Unavailable(source) => {
                tracing::warn!(code = problem.code, cause = %Chain(&**source), "a request may be tried again");
            }
            Self::ProgrammeDamaged(source)
            | Self::AccountDamaged(source)
            | Self::VoucherDamaged(source)
            | Self::SealedDamaged(source)
            | Self::ReplayNeeded(source)
            | Self::Broken(source) => {
                tracing::error!(code = problem.code, cause = %Chain(&**source), "a bug or a damaged item");
            }
        }
        problem
    }

    /// What is behind it, for a log.
    pub(crate) fn cause(&self) -> String {
        match self {
            Self::Refused(problem) => problem.code.clone(),
            Self::Busy(source)
            | Self::Unavailable(source)
            | Self::ProgrammeDamaged(source)
            | Self::AccountDamaged(source)
            | Self::VoucherDamaged(source)
            | Self::SealedDamaged(source)
            | Self::ReplayNeeded(source)
            | Self::Broken(source) => Chain(&**source).to_string(),
        }
    }

    /// With the pointers of a part of the request.
    #[must_use]
    pub fn within(self, prefix: &str) -> Self {
        match self {
            Self::Refused(problem) => Self::Refused(problem.within(prefix)),
            other => other,
        }
    }

    /// Logs the failure of a message, which nobody else is told of.
    pub(crate) fn of_message(&self, message: &str) {
        let problem = self.problem();
        match self {
            Self::Refused(_) => {
                tracing::warn!(message, code = problem.code, detail = problem.detail, "a record is refused");
            }
            Self::Busy(source) | Self::Unavailable(source) => {
                tracing::warn!(message, code = problem.code, cause = %Chain(&**source), "a record may be tried again");
            }
            Self::ProgrammeDamaged(source)
            | Self::AccountDamaged(source)
            | Self::VoucherDamaged(source)
            | Self::SealedDamaged(source)
            | Self::ReplayNeeded(source)
            | Self::Broken(source) => {
                tracing::error!(message, code = problem.code, cause = %Chain(&**source), "a record met a bug or damage");
            }
        }
    }
}

/// An error with all that is behind it.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn Error + 'static));

impl<'a> Chain<'a> {
    /// Of any error.
    pub(crate) fn of(error: &'a (impl Error + 'static)) -> Self {
        Self(error)
    }
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::refused(&refused)
    }
}

impl<R: Refusal> From<NotWritten<R>> for Failure {
    fn from(why: NotWritten<R>) -> Self {
        match why {
            NotWritten::Finding(finding) => Self::refused(&finding),
            NotWritten::Refused(refusal) => Self::refused(&refusal),
        }
    }
}

impl From<UsingVoucher> for Failure {
    fn from(refused: UsingVoucher) -> Self {
        Self::refused(&refused)
    }
}

impl Failure {
    /// Of a decision.
    #[must_use]
    pub fn refused(refusal: &impl Refusal) -> Self {
        Self::Refused(Problem::refused(refusal))
    }
}

impl From<Damage> for Failure {
    fn from(damage: Damage) -> Self {
        StoreError::from(damage).into()
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy(Arc::new(error)),
            StoreError::Unavailable(_) => Self::Unavailable(Arc::new(error)),
            StoreError::ProgrammeDamaged(_) => Self::ProgrammeDamaged(Arc::new(error)),
            StoreError::AccountDamaged { .. } => Self::AccountDamaged(Arc::new(error)),
            StoreError::VoucherDamaged { .. } | StoreError::StockDamaged(_) => Self::VoucherDamaged(Arc::new(error)),
            StoreError::SealedDamaged { .. } => Self::SealedDamaged(Arc::new(error)),
            StoreError::ReplayNeeded => Self::ReplayNeeded(Arc::new(error)),
            StoreError::UnknownProgramme(_) | StoreError::Damaged(_) | StoreError::Bug(_) => {
                Self::Broken(Arc::new(error))
            }
        }
    }
}

/// An invocation that came to nothing: the platform logs it, and invokes again where it does that.
#[derive(Debug)]
pub struct Broken(Source);

impl Broken {
    /// By an error.
    #[must_use]
    pub fn by(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Chain(&*self.0))
    }
}

impl Error for Broken {}
