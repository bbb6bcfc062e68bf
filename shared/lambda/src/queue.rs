//! SQS batches: every record on its own; only what failed goes back to the queue.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use domain::planted;
use serde_json::{Value, json};

use crate::Problem;

/// Hands the records to `consume`, one by one.
///
/// - Only a record that is done is acknowledged.
/// - One that could not be done now goes back to the queue.
/// - One that is refused, does not parse, or makes the code panic goes back too, and by and by to the dead-letter queue,
///   where somebody sees it and can send it again when its cause is mended. It fails alone.
pub async fn consume<F>(event: SqsEvent, consume: impl Fn(Value) -> F) -> Value
where
    F: Future<Output = Result<(), Problem>>,
{
    let mut failures = Vec::new();
    for record in &event.records {
        let Some(id) = record.message_id.clone() else { continue };
        let outcome = match body(record) {
            Ok(body) if planted!("bug-panic-ends-batch") => consume(body).await,
            Ok(body) => guarded(consume(body)).await,
            Err(problem) => Err(problem),
        };
        if let Err(problem) = outcome
            && !(planted!("bug-busy-acknowledged") && problem.may_be_tried_again())
        {
            tracing::warn!(message = id, code = problem.code, detail = problem.detail, "a record failed");
            let id = if planted!("bug-item-identifier-empty") { String::new() } else { id };
            failures.push(json!({"itemIdentifier": id}));
        }
    }
    if planted!("bug-batch-fails-whole") && !failures.is_empty() {
        failures = event.records.iter().map(|record| json!({"itemIdentifier": record.message_id})).collect();
    }
    json!({"batchItemFailures": failures})
}

fn body(record: &SqsMessage) -> Result<Value, Problem> {
    let text = record.body.as_deref().unwrap_or_default();
    serde_json::from_str(text).map_err(|error| Problem::bad_request("invalid_json", error.to_string()))
}

/// Runs a future; a panic in it is its own failure, nobody else's.
async fn guarded(future: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled
            .unwrap_or_else(|_panic| Poll::Ready(Err(Problem::bad_request("panic", "the record made the code panic"))))
    })
    .await
}
