//! Stream batches: in order, up to the first record that failed.

use serde_json::{Value, json};
use store::{Committed, committed};

use crate::failure::Chain;

/// What the records of a batch have committed, up to the first that cannot be read; and the place of that one.
#[must_use]
pub fn read_stream(records: &[Value]) -> (Vec<Committed>, Option<usize>) {
    let mut all = Vec::new();
    for record in records {
        match committed(record) {
            Ok(committed) => all.push(committed),
            Err(error) => {
                tracing::error!(event = %record["eventID"], error = %Chain::of(&error), "a stream record cannot be read");
                let place = all.len();
                return (all, Some(place));
            }
        }
    }
    (all, None)
}

/// The answer for a batch of which the record at a place failed. The stream goes on from the first that is named, so naming one is
/// enough.
#[must_use]
pub fn stream_answer(records: &[Value], failed: Option<usize>) -> Value {
    let failed = failed.and_then(|place| records[place]["dynamodb"]["SequenceNumber"].as_str());
    let failures: Vec<Value> = failed.map(|sequence| json!({"itemIdentifier": sequence})).into_iter().collect();
    json!({ "batchItemFailures": failures })
}
