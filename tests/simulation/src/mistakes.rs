//! Mistakes that are made at the seam of the SDK: each context's own, and those with batches of any queue. Those that do not show there
//! are in the product itself, at the places where they would be made.

use domain::planted;
use serde_json::{Value, json};

use crate::bug::bugs;
use crate::contexts::CONTEXTS;
use crate::tables::Reply;

bugs! {
    "domain" "bug-key-unscoped" Seed(1)
        "An Idempotency-Key is not scoped to its principal, so one caller is handed the answer of another and its own request is not done.";
    "lambda" "bug-busy-acknowledged" Seed(9)
        "A message that could not be done now is acknowledged, so its fact is lost whenever the store is busy or unavailable.";
    "lambda" "bug-panic-ends-batch" Seed(3)
        "A message that is no JSON makes the code panic outside the guard, so the whole batch ends with it.";
    "simulation" "bug-batch-fails-whole" Seed(3)
        "One bad message sends its whole batch back, so good ones end in the dead-letter queue with it.";
    "simulation" "bug-item-identifier-empty" Seed(1)
        "A failed message is reported with an empty identifier, which the queue takes as the failure of the whole batch.";
    "store" "bug-due-stays-late" Seed(2)
        "The index keeps its instant when something is due earlier, so the sweep comes too late.";
    "store" "bug-race-out-of-stock" Seed(1)
        "Any failed condition of a transaction is taken as an empty stock, so a lost race is refused though there are pieces left.";
    "store" "bug-reasons-shifted" Seed(9)
        "The reasons of a cancelled transaction are counted from the account's, so one write's failure is blamed on the next.";
    "store" "bug-sweep-reads-one-page" Seed(94)
        "The sweep reads only the first page of what is due in a shard, so the others are left as they are.";
    "store" "bug-unprocessed-keys-ignored" Seed(18)
        "Keys that a batch read left unprocessed are not asked for again, so a reward is refused, or shown with too few left.";
}

/// Changes what is asked of DynamoDB.
pub(crate) fn ask(operation: &str, body: &mut Value) {
    CONTEXTS.iter().for_each(|context| (context.mistakes.ask)(operation, body));
}

/// Is it not even asked, and taken for done?
pub(crate) fn is_skipped(operation: &str, body: &Value) -> bool {
    CONTEXTS.iter().any(|context| (context.mistakes.is_skipped)(operation, body))
}

/// Changes what is heard.
pub(crate) fn hear(operation: &str, body: &Value, reply: Reply) -> Reply {
    CONTEXTS.iter().fold(reply, |reply, context| (context.mistakes.hear)(operation, body, reply))
}

/// The messages of an event, if it matters.
pub(crate) fn messages(event: &Value) -> Vec<Value> {
    let records = event["Records"].as_array().filter(|_| planted!("bug-batch-fails-whole"));
    let ids = records.into_iter().flatten().map(|record| &record["messageId"]);
    ids.filter(|id| id.is_string()).map(|id| json!({ "itemIdentifier": id })).collect()
}

/// Changes what a function says of the messages of a batch that failed.
pub(crate) fn answer(messages: Vec<Value>, mut answer: Value) -> Value {
    let failures = answer.get_mut("batchItemFailures").and_then(Value::as_array_mut);
    let Some(failures) = failures.filter(|failures| !failures.is_empty()) else { return answer };
    if planted!("bug-item-identifier-empty") {
        failures.iter_mut().for_each(|failure| failure["itemIdentifier"] = json!(""));
    }
    if !messages.is_empty() {
        *failures = messages;
    }
    answer
}
