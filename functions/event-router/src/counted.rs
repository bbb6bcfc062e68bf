//! How many facts each source has reported: one message a batch.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::message::Message;
use crate::routes::{FACTS_REPORTED, Queue};

/// When facts happened and were recorded, by source, in milliseconds since 1970.
#[derive(Debug, Default)]
pub(crate) struct Counted(BTreeMap<String, Vec<[i64; 2]>>);

impl Counted {
    pub(crate) fn add(&mut self, source: &str, occurred_at: Timestamp, recorded_at: Timestamp) {
        let times = [occurred_at, recorded_at].map(Timestamp::as_millisecond);
        self.0.entry(source.to_owned()).or_default().push(times);
    }

    /// As a message that is named by the batch, so that the same batch counts once however often it is read; none if there is nothing to say.
    pub(crate) fn message(self, records: &[Value]) -> Option<(Queue, Message)> {
        let place =
            |record: Option<&Value>| record.map_or(Value::Null, |record| record["dynamodb"]["SequenceNumber"].clone());
        let id = json!([place(records.first()), place(records.last()), records.len()]).to_string();
        let body = json!({"type": FACTS_REPORTED, "id": id, "reported": self.0}).to_string();
        (!self.0.is_empty()).then_some((Queue::Members, Message { record: 0, body }))
    }
}
