//! What can go wrong below a decision, by who must act.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;

/// The error that an error of ours comes from, kept as it is.
pub type Source = Arc<dyn Error + Send + Sync>;

/// A store error. Refusals are not errors; they are answers.
#[derive(Debug, Clone)]
pub enum StoreError {
    /// Too many others write the same item, or DynamoDB throttles: nothing was written; try again.
    Busy,
    /// DynamoDB could not be reached or did not answer in time; it is not known whether anything was written. Trying again
    /// with the same key is safe.
    Unavailable(Source),
    /// An entry was decided by a programme version that the caller has not loaded yet: load and try again.
    UnknownProgramme(u32),
    /// What is stored cannot be read, or does not fit together: somebody must look.
    Damaged(Damage),
    /// An account, or its history, is not what was written: nothing is decided by it until somebody has looked.
    AccountDamaged {
        /// Whose it is: for the log alone.
        member: MemberId,
        /// What is wrong.
        damage: Damage,
    },
    /// A voucher is not what was written: it is not used until somebody has looked.
    VoucherDamaged {
        /// The hash of its code: for the log alone.
        voucher: Hash,
        /// What is wrong.
        damage: Damage,
    },
    /// What is sealed of a member does not open: nothing is answered by it until somebody has looked.
    SealedDamaged {
        /// Whose it is: for the log alone.
        member: MemberId,
        /// What is wrong.
        damage: Damage,
    },
    /// A stock is not what was written: nothing is laid in or moved until somebody has looked.
    StockDamaged(Damage),
    /// A published programme version is not what was published: nothing is decided until somebody has looked.
    ProgrammeDamaged(Damage),
    /// A table was restored from before a member was erased: nobody is served until that is made up for.
    ReplayNeeded,
    /// A mistake of ours: somebody must look.
    Bug(Source),
}

/// What is wrong with something stored; never what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// The table.
    pub table: &'static str,
    /// The attribute.
    pub attribute: &'static str,
    /// How it is wrong.
    pub kind: Wrong,
}

/// How something stored is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It is missing, or cannot be read.
    Unreadable,
    /// It contradicts what else is stored.
    Contradicts,
}

/// What an attribute lacks or has wrong.
pub(crate) fn damaged(attribute: &'static str) -> Damage {
    Damage { table: "", attribute, kind: Wrong::Unreadable }
}

/// An attribute that contradicts what else is stored.
pub(crate) fn contradicts(attribute: &'static str) -> Damage {
    Damage { table: "", attribute, kind: Wrong::Contradicts }
}

impl Damage {
    /// In a table.
    pub(crate) fn of(self, table: &'static str) -> Self {
        if self.table.is_empty() { Self { table, ..self } } else { self }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, attribute, kind } = self;
        let how = match kind {
            Wrong::Unreadable => "is missing or not readable",
            Wrong::Contradicts => "contradicts what else is stored",
        };
        if table.is_empty() {
            write!(f, "an item's `{attribute}` {how}")
        } else {
            write!(f, "`{attribute}` of an item of `{table}` {how}")
        }
    }
}

impl Error for Damage {}

impl StoreError {
    /// It cannot be reached, for a reason that is no other error.
    pub(crate) fn unavailable(why: &'static str) -> Self {
        Self::Unavailable(Arc::new(Because(why)))
    }

    /// Of a member's account or history.
    pub(crate) fn of_account(member: &MemberId) -> impl Fn(Damage) -> Self {
        |damage| Self::AccountDamaged { member: member.clone(), damage }
    }

    /// A mistake of ours, noticed.
    #[must_use]
    pub fn bug(what: &'static str) -> Self {
        Self::Bug(Arc::new(Because(what)))
    }
}

/// A reason that is no other error.
#[derive(Debug)]
struct Because(&'static str);

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Because {}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("the account is busy"),
            Self::Unavailable(_) => f.write_str("the store is unavailable"),
            Self::UnknownProgramme(number) => write!(f, "programme version {number} is not loaded"),
            Self::Damaged(_) => f.write_str("something stored is damaged"),
            Self::AccountDamaged { member, .. } => write!(f, "the account of {member} is not what was written"),
            Self::VoucherDamaged { voucher, .. } => write!(f, "the voucher {voucher} is not what was written"),
            Self::SealedDamaged { member, .. } => write!(f, "what is sealed of {member} does not open"),
            Self::StockDamaged(_) => f.write_str("a stock is not what was written"),
            Self::ProgrammeDamaged(_) => f.write_str("the programme is not what was published"),
            Self::ReplayNeeded => f.write_str("a table was restored, and erasures are not made up for"),
            Self::Bug(_) => f.write_str("a mistake of ours"),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Busy | Self::UnknownProgramme(_) | Self::ReplayNeeded => None,
            Self::Unavailable(source) | Self::Bug(source) => Some(&**source),
            Self::Damaged(damage)
            | Self::ProgrammeDamaged(damage)
            | Self::StockDamaged(damage)
            | Self::VoucherDamaged { damage, .. }
            | Self::SealedDamaged { damage, .. }
            | Self::AccountDamaged { damage, .. } => Some(damage),
        }
    }
}

impl From<Damage> for StoreError {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Bug(Arc::new(error))
    }
}

/// Codes after which the same call may succeed a little later, nothing having been written.
const THROTTLES: [&str; 7] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "TransactionInProgressException",
    "TransactionConflictException",
];

/// Does a part of a cancelled transaction say no more than that it lost: to a condition, to another writer, to the table's limit?
pub(crate) fn is_lost(code: &str) -> bool {
    matches!(code, "None" | "ConditionalCheckFailed" | "TransactionConflict") || is_throttle(code)
}

/// Is it one of those?
pub(crate) fn is_throttle(code: &str) -> bool {
    THROTTLES.contains(&code)
}

/// What DynamoDB said, with all that is behind it: the SDK's own words for an error leave most of it out.
#[derive(Debug)]
struct Said<E>(E);

impl<E: Error> fmt::Display for Said<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        DisplayErrorContext(&self.0).fmt(f)
    }
}

impl<E: Error> Error for Said<E> {}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        match (code, &error) {
            (Some(code), _) if is_throttle(code) => Self::Busy,
            (Some("InternalServerError"), _) => Self::Unavailable(Arc::new(Said(error))),
            (_, SdkError::ServiceError(_)) => Self::Bug(Arc::new(Said(error))),
            _ => Self::Unavailable(Arc::new(Said(error))),
        }
    }
}
