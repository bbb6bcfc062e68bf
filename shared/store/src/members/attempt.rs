//! Tries until something is written: whoever loses a race reads and decides again.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::members::finding::Finding;

use crate::race::Patience;
use crate::{Store, StoreError};

/// Why nothing was written of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotWritten<R> {
    /// Nobody is known so, or it is another by now.
    Finding(Finding),
    /// It is refused.
    Refused(R),
}

/// What a try came to.
pub(crate) enum Attempt<T, R> {
    /// It is refused.
    Refused(R),
    /// There is nothing to write.
    Same(T),
    /// All of this is to be written at once.
    Write(Vec<TransactWriteItem>, T),
}

impl<T, R> Attempt<T, NotWritten<R>> {
    /// There is nobody of whom it could be written, or nobody any more.
    pub(crate) const fn nobody(finding: Finding) -> Self {
        Self::Refused(NotWritten::Finding(finding))
    }

    /// It is refused.
    pub(crate) fn refused(refusal: impl Into<R>) -> Self {
        Self::Refused(NotWritten::Refused(refusal.into()))
    }
}

impl Store {
    /// Reads, decides and writes, until it is written or refused.
    pub(crate) async fn until_written<T, R, F>(
        &self,
        patience: &mut Patience,
        attempt: impl Fn() -> F,
    ) -> Result<Result<T, R>, StoreError>
    where
        F: Future<Output = Result<Attempt<T, R>, StoreError>>,
    {
        loop {
            let (writes, said) = match attempt().await? {
                Attempt::Refused(refused) => return Ok(Err(refused)),
                Attempt::Same(said) => return Ok(Ok(said)),
                Attempt::Write(writes, said) => (writes, said),
            };
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            if self.transact_all(writes).await? {
                return Ok(Ok(said));
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }
}
