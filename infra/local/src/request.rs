//! Requests of the HTTP API as a function gets them, for those who invoke functions themselves.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::aws::ACCOUNT;

/// The payload of a request by an administrator of some name: a route such as `POST /v1/holds/{hold_id}/capture`, the concrete path
/// and the parameters in it, a body (null: none), and perhaps an `Idempotency-Key`.
pub fn payload(
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
    let scopes = lambda::Role::Admin.scopes().join(" ");
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
