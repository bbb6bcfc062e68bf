//! What a function gets, for those who invoke functions themselves: requests of the HTTP API, messages, changes of a table.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use sam::machine::{ACCOUNT, REGION, arn};

/// The payload of a request by an administrator of some name: a route such as `POST /v1/holds/{hold_id}/capture`, the concrete path
/// and the parameters in it, a body (null: none), and perhaps an `Idempotency-Key`.
pub fn request(
    by: &str,
    route: &str,
    (path, parameters): (&str, &BTreeMap<&str, &str>),
    body: &Value,
    key: Option<&str>,
) -> Value {
    let method = route.split(' ').next().unwrap_or_default();
    let mut headers = json!({"content-type": "application/json"});
    if let Some(key) = key {
        headers["idempotency-key"] = json!(key);
    }
    let scopes = sam::Role::Admin.scopes().join(" ");
    json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": headers, "pathParameters": parameters,
        "requestContext": {
            "accountId": ACCOUNT, "apiId": "local", "domainName": "localhost", "domainPrefix": "localhost",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "local"},
            "requestId": "r", "stage": "$default", "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 0,
            "authorizer": {"jwt": {"claims": {"sub": by, "scope": scopes}, "scopes": null}},
        },
        "body": if body.is_null() { Value::Null } else { json!(body.to_string()) },
        "isBase64Encoded": false,
    })
}

/// A message in a batch of a queue: its id, how often it has been received, and its body.
pub fn message(queue: &str, (id, receives): (&str, u32), body: &str) -> Value {
    json!({
        "messageId": id, "receiptHandle": format!("{id}-{receives}"), "body": body,
        "attributes": {"ApproximateReceiveCount": receives.to_string()}, "messageAttributes": {}, "md5OfBody": "",
        "eventSource": "aws:sqs", "eventSourceARN": arn("sqs", queue), "awsRegion": REGION,
    })
}

/// A record of the stream of a table whose items are members', one each or at places of their own: its id, its place in the stream, and the item before (null: none) and after.
pub fn change(id: &str, place: usize, before: &Value, after: &Value) -> Value {
    // Accounts are known by their member, signals by member and place, facts by a key of their own.
    let item = if after.is_null() { before } else { after };
    let names: &[&str] = if item["member"].is_null() { &["k"] } else { &["member", "at"] };
    let named = names.iter().filter(|name| !item[**name].is_null());
    let keys: serde_json::Map<String, Value> = named.map(|name| ((*name).to_owned(), item[*name].clone())).collect();
    let mut images = json!({
        "Keys": keys, "NewImage": after, "SequenceNumber": sequence(place),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    });
    if !before.is_null() {
        images["OldImage"] = before.clone();
    }
    json!({
        "eventID": id, "eventName": if before.is_null() { "INSERT" } else { "MODIFY" }, "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": REGION, "dynamodb": images,
    })
}

/// The sequence number of a place in the stream.
#[must_use]
pub fn sequence(place: usize) -> String {
    format!("{}", 100_000_000_000_000_000_001_u128 + place as u128)
}
