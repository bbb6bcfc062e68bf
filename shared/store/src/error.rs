//! What can go wrong below a decision, by who must act.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// A store error. Refusals are not errors; they are answers.
#[derive(Debug)]
pub enum StoreError {
    /// Too many others write the same account, or DynamoDB throttles: nothing was written; try again.
    Busy,
    /// DynamoDB could not be reached or did not answer in time; it is not known whether anything was written. Trying again
    /// with the same key is safe.
    Unavailable(String),
    /// An entry was decided by a programme version that the caller has not loaded yet: load and try again.
    UnknownProgramme(u32),
    /// A bug or a damaged item: somebody must look.
    Broken(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("the account is busy"),
            Self::Unavailable(cause) => write!(f, "the store is unavailable: {cause}"),
            Self::UnknownProgramme(number) => write!(f, "programme version {number} is not loaded"),
            Self::Broken(cause) => write!(f, "the store is broken: {cause}"),
        }
    }
}

impl Error for StoreError {}

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

/// Is it one of those?
pub(crate) fn is_throttle(code: &str) -> bool {
    THROTTLES.contains(&code)
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
        match (code, &error) {
            (Some(code), _) if is_throttle(code) => Self::Busy,
            (Some("InternalServerError"), _) => Self::Unavailable(DisplayErrorContext(&error).to_string()),
            (_, SdkError::ServiceError(_)) => Self::Broken(DisplayErrorContext(&error).to_string()),
            _ => Self::Unavailable(DisplayErrorContext(&error).to_string()),
        }
    }
}
