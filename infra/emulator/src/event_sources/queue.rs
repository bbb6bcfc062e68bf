//! The SQS event source mapping: receives batches, invokes the function, deletes what it did not report as failed.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustack_sqs_model::{error::SqsError, input::ReceiveMessageInput};
use serde_json::{Map, Value, json};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use sam::machine::{REGION, arn};
use sam::template::EventSource;

use crate::{
    queues::{Message, Queues},
    runtime::Runtime,
};

/// The most messages SQS hands out at once.
const RECEIVE_LIMIT: usize = 10;
const LONG_POLL: Duration = Duration::from_secs(20);

/// Polls until `stop`, then waits for the invocations under way.
pub(crate) async fn poll(source: EventSource, queues: Arc<Queues>, runtime: Arc<Runtime>, stop: CancellationToken) {
    let url = queues.url(&source.queue);
    let permits = Arc::new(Semaphore::new(source.maximum_concurrency));
    let mut invocations = JoinSet::new();
    loop {
        let batch = async {
            // First the right to invoke, then the messages: what nobody has time for stays visible.
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, gather(&source, &queues, &url).await)
        };
        let (permit, batch) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            batch = batch => batch,
        };
        while invocations.try_join_next().is_some() {}
        match batch {
            Ok(batch) if batch.is_empty() => {}
            Ok(batch) => {
                let (queues, runtime) = (Arc::clone(&queues), Arc::clone(&runtime));
                let (source, url) = (source.clone(), url.clone());
                invocations.spawn(async move {
                    deliver(&source, &url, &batch, &queues, &runtime).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::error!(%error, queue = source.queue, "the queue cannot be polled");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
    while invocations.join_next().await.is_some() {}
}

/// Waits for messages: a batch is full, or its window is over.
async fn gather(source: &EventSource, queues: &Queues, url: &str) -> Result<Vec<Message>, SqsError> {
    let mut batch = receive(queues, url, source.batch_size, LONG_POLL).await?;
    let window_ends = Instant::now() + source.batching_window;
    while !batch.is_empty() && batch.len() < source.batch_size {
        let left = window_ends.saturating_duration_since(Instant::now());
        let more = receive(queues, url, source.batch_size - batch.len(), left).await?;
        if more.is_empty() {
            break;
        }
        batch.extend(more);
    }
    Ok(batch)
}

async fn receive(queues: &Queues, url: &str, count: usize, wait: Duration) -> Result<Vec<Message>, SqsError> {
    let all = || vec!["All".to_owned()];
    let input = ReceiveMessageInput {
        queue_url: url.to_owned(),
        max_number_of_messages: i32::try_from(count.min(RECEIVE_LIMIT)).ok(),
        wait_time_seconds: i32::try_from(wait.as_secs()).ok(),
        message_system_attribute_names: all(),
        message_attribute_names: all(),
        ..ReceiveMessageInput::default()
    };
    Ok(queues.receive(input).await?.messages)
}

/// Invokes the function with a batch. What failed stays in flight until its visibility timeout ends.
async fn deliver(source: &EventSource, url: &str, batch: &[Message], queues: &Queues, runtime: &Runtime) {
    let outcome = runtime.invoke(&source.function, event(&source.queue, batch)).await;
    let ids = batch.iter().filter_map(|message| message.message_id.as_deref()).collect();
    let failed = match failures(&ids, outcome) {
        Ok(failed) => failed,
        Err(reason) => {
            tracing::error!(function = source.function, queue = source.queue, reason, "the whole batch failed");
            return;
        }
    };
    if !failed.is_empty() {
        tracing::warn!(function = source.function, queue = source.queue, ?failed, "messages failed");
    }
    for message in batch {
        let (Some(id), Some(receipt)) = (&message.message_id, &message.receipt_handle) else {
            continue;
        };
        if !failed.contains(id)
            && let Err(error) = queues.delete(url, receipt).await
        {
            tracing::error!(%error, message = id, "a consumed message cannot be deleted");
        }
    }
}

/// The ids the function reported as failed. An error is a failure of the whole batch: so AWS takes an invocation
/// that failed, and a report it cannot trust.
fn failures(ids: &BTreeSet<&str>, outcome: Result<Value, String>) -> Result<BTreeSet<String>, String> {
    let reported = match outcome? {
        Value::Null => return Ok(BTreeSet::new()),
        Value::Object(mut response) => response.remove("batchItemFailures").unwrap_or_default(),
        other => return Err(format!("the function answered {other}")),
    };
    let items = match reported {
        Value::Null => return Ok(BTreeSet::new()),
        Value::Array(items) => items,
        other => return Err(format!("batchItemFailures is {other}")),
    };
    let id = |item: &Value| match item["itemIdentifier"].as_str() {
        Some(id) if ids.contains(id) => Ok(id.to_owned()),
        _ => Err(format!("batchItemFailures names no message of the batch: {item}")),
    };
    items.iter().map(id).collect()
}

/// The event of a batch.
fn event(queue: &str, batch: &[Message]) -> Value {
    let arn = arn("sqs", queue);
    let records: Vec<Value> = batch.iter().map(|message| record(&arn, message)).collect();
    json!({ "Records": records })
}

fn record(arn: &str, message: &Message) -> Value {
    let attributes = message.message_attributes.iter().map(|(name, value)| {
        let mut attribute = json!({ "dataType": value.data_type, "stringListValues": [], "binaryListValues": [] });
        if let Some(text) = &value.string_value {
            attribute["stringValue"] = json!(text);
        }
        if let Some(bytes) = &value.binary_value {
            attribute["binaryValue"] = json!(BASE64_STANDARD.encode(bytes));
        }
        (name.clone(), attribute)
    });
    let mut record = json!({
        "messageId": message.message_id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": message.attributes,
        "messageAttributes": attributes.collect::<Map<_, _>>(),
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": REGION,
    });
    if let Some(md5) = &message.md5_of_message_attributes {
        record["md5OfMessageAttributes"] = json!(md5);
    }
    record
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use rustack_sqs_model::{input::SendMessageInput, types::MessageAttributeValue};
    use sam::machine::{Clock, VirtualClock};
    use sam::template::{Queue, Redrive};
    use tokio::sync::mpsc;

    use super::*;
    use crate::Handler;

    fn queue(name: &str, redrive: Option<Redrive>) -> Queue {
        Queue { name: name.to_owned(), visibility_seconds: 60, retention_seconds: 3600, delay_seconds: 0, redrive }
    }

    /// A poller before a function that fails every message `bad`, and tells the test what it was given.
    struct World {
        clock: VirtualClock,
        queues: Arc<Queues>,
        events: mpsc::UnboundedReceiver<Value>,
        stop: CancellationToken,
        poller: tokio::task::JoinHandle<()>,
    }

    impl World {
        async fn new() -> Self {
            let clock = VirtualClock::new("2026-03-01T00:00:00Z".parse().unwrap());
            let redrive = Redrive { dead_letter_queue: "dead".to_owned(), max_receive_count: 2 };
            let templates = [queue("dead", None), queue("ingest", Some(redrive))];
            let queues = Queues::open(&templates, 1, None, Clock::Virtual(clock.clone())).await.unwrap();
            let (tell, events) = mpsc::unbounded_channel();
            let handler: Handler = Arc::new(move |event| {
                let failed: Vec<Value> = event["Records"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|record| record["body"] == "bad")
                    .map(|record| json!({ "itemIdentifier": record["messageId"] }))
                    .collect();
                tell.send(event).unwrap();
                Box::pin(async move { Ok(json!({ "batchItemFailures": failed })) })
            });
            let runtime = Arc::new(Runtime::of("Earn", Duration::from_secs(10), handler));
            let source = EventSource {
                function: "Earn".to_owned(),
                queue: "ingest".to_owned(),
                batch_size: 10,
                batching_window: Duration::ZERO,
                maximum_concurrency: 2,
            };
            let stop = CancellationToken::new();
            let poller = tokio::spawn(poll(source, Arc::clone(&queues), runtime, stop.clone()));
            Self { clock, queues, events, stop, poller }
        }

        async fn send(&self, body: &str) {
            let attribute = MessageAttributeValue {
                data_type: "String".to_owned(),
                string_value: Some("yes".to_owned()),
                binary_value: None,
            };
            let input = SendMessageInput {
                queue_url: self.queues.url("ingest"),
                message_body: body.to_owned(),
                message_attributes: [("traced".to_owned(), attribute)].into(),
                ..SendMessageInput::default()
            };
            self.queues.send(input).await.unwrap();
        }

        /// The records of the next messages the function is given.
        async fn records(&mut self, count: usize) -> Vec<Value> {
            let mut records = Vec::new();
            while records.len() < count {
                let mut event = self.events.recv().await.unwrap();
                records.append(event["Records"].as_array_mut().unwrap());
            }
            records
        }

        /// Waits until `count` messages were received and not deleted.
        async fn in_flight(&self, count: usize) {
            while self.queues.received() != count {
                tokio::task::yield_now().await;
            }
        }

        async fn pass(&self, seconds: i64) {
            self.clock.advance(SignedDuration::from_secs(seconds));
            self.queues.pass_visibility_timeouts().await;
        }
    }

    #[tokio::test]
    async fn a_failed_message_comes_back_and_ends_in_the_dead_letter_queue() {
        let mut world = World::new().await;
        for body in ["good", "bad", "good"] {
            world.send(body).await;
        }
        let records = world.records(3).await;
        let bad = records.iter().find(|record| record["body"] == "bad").unwrap();
        assert_eq!(bad["attributes"]["ApproximateReceiveCount"], "1");
        world.in_flight(1).await;

        world.pass(59).await;
        world.send("good").await;
        assert_eq!(world.records(1).await[0]["body"], "good", "the failed message is still invisible");
        world.in_flight(1).await;

        world.pass(1).await;
        let again = &world.records(1).await[0];
        assert_eq!((&again["messageId"], &again["body"]), (&bad["messageId"], &json!("bad")));
        assert_eq!(again["attributes"]["ApproximateReceiveCount"], "2");

        world.pass(60).await;
        let dead = receive(&world.queues, &world.queues.url("dead"), 10, LONG_POLL).await.unwrap();
        assert_eq!(dead[0].message_id.as_deref(), bad["messageId"].as_str());

        world.stop.cancel();
        world.poller.await.unwrap();
    }

    #[tokio::test]
    async fn a_record_looks_like_one_of_lambda() {
        let mut world = World::new().await;
        world.send("good").await;
        let mut record = world.records(1).await.remove(0);
        for key in ["messageId", "receiptHandle", "md5OfMessageAttributes"] {
            assert!(record[key].take().as_str().is_some_and(|text| !text.is_empty()), "{key}");
        }
        for key in ["SentTimestamp", "ApproximateFirstReceiveTimestamp"] {
            assert!(record["attributes"][key].take().as_str().is_some_and(|text| text.len() == 13), "{key}");
        }
        assert_eq!(
            record,
            json!({
                "messageId": null,
                "receiptHandle": null,
                "body": "good",
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "ApproximateFirstReceiveTimestamp": null,
                    "SenderId": "000000000000",
                    "SentTimestamp": null,
                },
                "messageAttributes": {
                    "traced": {
                        "dataType": "String",
                        "stringValue": "yes",
                        "stringListValues": [],
                        "binaryListValues": [],
                    },
                },
                "md5OfMessageAttributes": null,
                "md5OfBody": "755f85c2723bb39381c7379a604160d8",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:ingest",
                "awsRegion": "us-east-1",
            })
        );
    }

    #[track_caller]
    fn check(outcome: Result<Value, &str>, expected: Option<&[&str]>) {
        let ids = BTreeSet::from(["a", "b", "c"]);
        let failed = failures(&ids, outcome.map_err(str::to_owned)).ok();
        let expected = expected.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(failed, expected);
    }

    #[test]
    fn only_the_reported_messages_fail() {
        check(Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] })), Some(&["b"]));
        check(
            Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "c" }, { "itemIdentifier": "a" }] })),
            Some(&["a", "c"]),
        );
    }

    #[test]
    fn an_empty_report_is_success() {
        for response in
            [json!(null), json!({}), json!({ "batchItemFailures": null }), json!({ "batchItemFailures": [] })]
        {
            check(Ok(response), Some(&[]));
        }
    }

    #[test]
    fn a_report_that_cannot_be_trusted_fails_the_batch() {
        for item in [
            json!({ "itemIdentifier": "" }),
            json!({ "itemIdentifier": null }),
            json!({ "itemIdentifier": "z" }),
            json!({ "itemIdentifer": "a" }),
            json!("a"),
        ] {
            check(Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "a" }, item] })), None);
        }
        check(Ok(json!({ "batchItemFailures": "a" })), None);
        check(Ok(json!("fine")), None);
        check(Err("the function panicked"), None);
    }
}
