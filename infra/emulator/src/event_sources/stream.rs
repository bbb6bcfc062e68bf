//! The DynamoDB stream event source mapping: reads a table's stream in order, invokes the function with batches, goes on
//! from the first record that failed, bisects what keeps failing, and notes what never works in the on-failure queue.

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use dynoxide::actions::{
    describe_table::DescribeTableRequest, get_records::GetRecordsRequest, get_shard_iterator::GetShardIteratorRequest,
};
use rustack_sqs_model::input::SendMessageInput;
use sam::template::StreamSource;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::{dynamodb::Streams, queues::Queues, runtime::Runtime};

/// How long to wait before trying a failed record again, at first and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// A reader of one table's stream.
pub(crate) struct Reader {
    source: StreamSource,
    streams: Arc<Streams>,
    queues: Arc<Queues>,
    runtime: Arc<Runtime>,
    /// Where the place is kept up to which records were handled.
    checkpoint: Option<PathBuf>,
    /// How often it has looked and found nothing, and how many records it has handled.
    seen: watch::Sender<Seen>,
    /// Look now.
    poke: Arc<Notify>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    empty: u64,
    handled: usize,
}

/// Tells how far a reader has come.
pub(crate) struct Watch {
    seen: watch::Receiver<Seen>,
    poke: Arc<Notify>,
}

impl Watch {
    /// Waits until everything there is has been handled; returns how many records that were since the beginning.
    pub(crate) async fn handled(&self) -> usize {
        let mut seen = self.seen.clone();
        // What it has begun to look at may be older than what is waited for: the second time counts.
        let from = seen.borrow().empty;
        loop {
            let now = *seen.borrow_and_update();
            if now.empty >= from + 2 {
                return now.handled;
            }
            self.poke.notify_one();
            if seen.changed().await.is_err() {
                return now.handled; // it has stopped
            }
        }
    }

    /// How often it has looked and found nothing.
    #[cfg(test)]
    pub(crate) fn looked_in_vain(&self) -> u64 {
        self.seen.borrow().empty
    }
}

/// What was handled last, and how the next record has fared.
struct Place {
    stream_arn: Option<String>,
    after: Option<String>,
    attempts: u32,
    batch_size: usize,
}

/// When to look again.
enum Next {
    AtOnce,
    After(Duration),
    WhenWritten,
}

impl Reader {
    pub(crate) fn new(
        source: StreamSource,
        streams: Arc<Streams>,
        queues: Arc<Queues>,
        runtime: Arc<Runtime>,
        checkpoint: Option<PathBuf>,
    ) -> Self {
        Self { source, streams, queues, runtime, checkpoint, seen: watch::Sender::default(), poke: Arc::default() }
    }

    /// Tells how far it has come.
    pub(crate) fn watch(&self) -> Watch {
        Watch { seen: self.seen.subscribe(), poke: Arc::clone(&self.poke) }
    }

    /// Reads until `stop`; what was begun is finished.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let batch_size = self.source.batch_size;
        let mut place = Place { stream_arn: None, after: self.restore(), attempts: 0, batch_size };
        if let Some(after) = &place.after {
            self.forget(after, 0);
        }
        let mut writes = self.streams.writes();
        while !stop.is_cancelled() {
            // What is written from here on is looked for again.
            writes.borrow_and_update();
            let next = match self.step(&mut place).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(table = self.source.table, "the stream cannot be read: {error:#}");
                    Next::After(Duration::from_secs(1))
                }
            };
            let again = async {
                match next {
                    Next::AtOnce => {}
                    Next::After(wait) => tokio::time::sleep(wait).await,
                    // An error is the sender's end, and there is one as long as there are readers.
                    Next::WhenWritten => {
                        writes.changed().await.ok();
                    }
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.poke.notified() => {}
                () = again => {}
            }
        }
    }

    /// Hands over one batch; returns when to look for the next.
    async fn step(&self, place: &mut Place) -> anyhow::Result<Next> {
        let records = self.records(place)?;
        if records.is_empty() {
            self.seen.send_modify(|seen| seen.empty += 1);
            return Ok(Next::WhenWritten);
        }
        let outcome = self.runtime.invoke(&self.source.function, json!({ "Records": records })).await;
        let handled = match failed_from(&records, outcome) {
            Ok(handled) => handled,
            Err(reason) => {
                tracing::error!(function = self.source.function, reason, "the whole batch failed");
                0
            }
        };
        if handled > 0 {
            self.advance(place, &records[handled - 1], handled)?;
            self.seen.send_modify(|seen| seen.handled += handled);
            (place.attempts, place.batch_size) = (0, self.source.batch_size);
            return Ok(Next::AtOnce);
        }
        place.attempts += 1;
        if place.batch_size == 1 && place.attempts > self.source.maximum_retries {
            self.give_up(&records[0]).await?;
            self.advance(place, &records[0], 1)?;
            (place.attempts, place.batch_size) = (0, self.source.batch_size);
            return Ok(Next::AtOnce);
        }
        if self.source.bisect {
            place.batch_size = place.batch_size.div_ceil(2);
        }
        let (first, most) = BACK_OFF;
        Ok(Next::After(most.min(first.saturating_mul(1 << place.attempts.min(8)))))
    }

    /// The stream's name.
    fn arn(&self) -> anyhow::Result<String> {
        let described =
            self.streams.database.describe_table(DescribeTableRequest { table_name: self.source.table.clone() })?;
        let described = serde_json::to_value(described)?;
        Ok(described["Table"]["LatestStreamArn"].as_str().context("the table has no stream")?.to_owned())
    }

    fn records(&self, place: &mut Place) -> anyhow::Result<Vec<Value>> {
        let stream_arn = match &place.stream_arn {
            Some(known) => known.clone(),
            None => place.stream_arn.insert(self.arn()?).clone(),
        };
        let kind = if place.after.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let iterator = self.streams.database.get_shard_iterator(GetShardIteratorRequest {
            stream_arn: stream_arn.clone(),
            shard_id: dynoxide::streams::shard_id(&self.source.table),
            shard_iterator_type: kind.to_owned(),
            sequence_number: place.after.clone(),
        })?;
        let shard_iterator = iterator.shard_iterator.context("the stream has no shard")?;
        let request = GetRecordsRequest { shard_iterator, limit: Some(place.batch_size) };
        let records = self.streams.database.get_records(request)?.records;
        let records = records.into_iter().map(|record| {
            let mut record = serde_json::to_value(record)?;
            record["eventSourceARN"] = json!(stream_arn);
            Ok(record)
        });
        records.collect()
    }

    /// Everything up to a record is handled, the last `handled` of it just now.
    fn advance(&self, place: &mut Place, record: &Value, handled: usize) -> anyhow::Result<()> {
        place.after = sequence(record).map(str::to_owned);
        let Some(after) = &place.after else { return Ok(()) };
        if let Some(file) = &self.checkpoint {
            let new = file.with_extension("new");
            std::fs::write(&new, after)?;
            std::fs::rename(new, file)?;
        }
        self.forget(after, handled);
        Ok(())
    }

    /// This reader wants no record up to `after` again.
    fn forget(&self, after: &str, handled: usize) {
        if let Err(error) = self.streams.advance(&self.source, after, handled) {
            tracing::warn!(table = self.source.table, "records that were handled are kept: {error:#}");
        }
    }

    fn restore(&self) -> Option<String> {
        let kept = std::fs::read_to_string(self.checkpoint.as_ref()?).ok()?;
        // A place in another database's stream is none in this one's.
        Some(kept).filter(|after| after.len() >= 21 && after.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// Notes a record that never worked, as Lambda does: where it is, not what it says.
    async fn give_up(&self, record: &Value) -> anyhow::Result<()> {
        tracing::error!(function = self.source.function, sequence = sequence(record), "a stream record is given up");
        let Some(queue) = &self.source.on_failure else { return Ok(()) };
        let note = json!({
            "requestContext": {"functionArn": self.source.function, "condition": "RetryAttemptsExhausted"},
            "DDBStreamBatchInfo": {
                "startSequenceNumber": sequence(record), "endSequenceNumber": sequence(record), "batchSize": 1,
                "streamArn": record["eventSourceARN"],
            },
        });
        let (queue_url, message_body) = (self.queues.url(queue), note.to_string());
        self.queues.send(SendMessageInput { queue_url, message_body, ..SendMessageInput::default() }).await?;
        Ok(())
    }
}

fn sequence(record: &Value) -> Option<&str> {
    record["dynamodb"]["SequenceNumber"].as_str()
}

/// How many records were handled: those before the first that was reported as failed.
fn failed_from(records: &[Value], outcome: Result<Value, String>) -> Result<usize, String> {
    let reported = match outcome? {
        Value::Null => return Ok(records.len()),
        mut response => response["batchItemFailures"].take(),
    };
    let items = match reported {
        Value::Null => return Ok(records.len()),
        Value::Array(items) => items,
        other => return Err(format!("batchItemFailures is {other}")),
    };
    let places = items.iter().map(|item| {
        let named = item["itemIdentifier"].as_str();
        let place = records.iter().position(|record| named.is_some() && sequence(record) == named);
        place.ok_or_else(|| format!("the function reported {item}, which was not in the batch"))
    });
    let places = places.collect::<Result<Vec<_>, _>>()?;
    Ok(places.into_iter().min().unwrap_or(records.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(outcome: Result<Value, String>, expected: Result<usize, &str>) {
        let record = |number: u32| json!({"dynamodb": {"SequenceNumber": number.to_string()}});
        let handled = failed_from(&[record(1), record(2), record(3)], outcome);
        match (handled, expected) {
            (Ok(handled), Ok(expected)) => assert_eq!(handled, expected),
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_stream_goes_on_from_the_first_record_that_failed() {
        let failed = |numbers: &[&str]| {
            let items: Vec<Value> = numbers.iter().map(|number| json!({"itemIdentifier": number})).collect();
            Ok(json!({ "batchItemFailures": items }))
        };
        check(Ok(Value::Null), Ok(3));
        check(failed(&[]), Ok(3));
        check(failed(&["3", "2"]), Ok(1));
        check(failed(&["1"]), Ok(0));
        check(failed(&["4"]), Err("which was not in the batch"));
        check(failed(&[""]), Err("which was not in the batch"));
        check(Err("it timed out".to_owned()), Err("it timed out"));
    }
}
