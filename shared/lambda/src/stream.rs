//! Stream batches: in order, up to the first record that failed.

use domain::kernel::id::MemberId;
use serde_json::{Value, json};
use store::{Committed, StoreError, committed};

use crate::failure::Chain;

/// What the records of a batch say.
#[derive(Debug, Default)]
pub struct Batch {
    /// What was committed, each with the place of its record.
    pub committed: Vec<(usize, Committed)>,
    /// Whose accounts are not what was written. No writer of ours has done that, so nothing was committed by it.
    pub damaged: Vec<MemberId>,
    /// The place of the first record that cannot be read; what comes after it is not in the batch.
    pub failed: Option<usize>,
}

impl Batch {
    /// Reads records.
    #[must_use]
    pub fn read(records: &[Value]) -> Self {
        let mut batch = Self::default();
        for (place, record) in records.iter().enumerate() {
            match committed(record) {
                Ok(committed) => batch.committed.push((place, committed)),
                Err(StoreError::AccountDamaged { member, damage }) => {
                    tracing::error!(code = "account_damaged", %member, %damage, "an account is not what was written");
                    batch.damaged.push(member);
                }
                Err(error) => {
                    tracing::error!(event = %record["eventID"], error = %Chain::of(&error), "a stream record cannot be read");
                    batch.failed = Some(place);
                    break;
                }
            }
        }
        batch
    }
}

/// The answer for a batch of which the record at a place failed. The stream goes on from the first that is named, so naming one is
/// enough.
#[must_use]
pub fn stream_answer(records: &[Value], failed: Option<usize>) -> Value {
    let failed = failed.and_then(|place| records[place]["dynamodb"]["SequenceNumber"].as_str());
    let failures: Vec<Value> = failed.map(|sequence| json!({"itemIdentifier": sequence})).into_iter().collect();
    json!({ "batchItemFailures": failures })
}
