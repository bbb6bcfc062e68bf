//! Errors of DynamoDB that are faults.

use fastrand::Rng;
use serde_json::{Value, json};

use crate::tables::Reply;

/// An error of DynamoDB.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    (status, json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "injected"}).to_string())
}

/// A call that conflicts with another transaction.
pub(crate) fn conflict(body: &Value, rng: &mut Rng) -> Reply {
    let Some(parts) = body["TransactItems"].as_array() else { return error(400, "TransactionConflictException") };
    let place = rng.usize(0..parts.len());
    let code = |part: usize| if part == place { "TransactionConflict" } else { "None" };
    let reasons: Vec<Value> = (0..parts.len()).map(|part| json!({ "Code": code(part) })).collect();
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    (400, json!({"__type": kind, "Message": "Transaction cancelled", "CancellationReasons": reasons}).to_string())
}
