//! The event of a request: API Gateway's payload format 2.0.

use std::collections::BTreeMap;

use axum::http::{header, request::Parts};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use percent_encoding::percent_decode_str;
use sam::machine::ACCOUNT;
use sam::template::Route;
use serde_json::{Map, Value, json};

/// A request on its way to a function.
pub(super) struct Call<'a> {
    pub(super) parts: &'a Parts,
    pub(super) route: &'a Route,
    pub(super) path_parameters: BTreeMap<&'a str, String>,
    /// The claims of the token, if the route has an authorizer.
    pub(super) claims: Option<Map<String, Value>>,
    pub(super) body: &'a [u8],
    pub(super) request_id: &'a str,
    pub(super) now: Timestamp,
}

impl Call<'_> {
    pub(super) fn event(&self) -> Value {
        // API Gateway hands on the path decoded, the query as it came.
        let path = percent_decode_str(self.parts.uri.path()).decode_utf8_lossy();
        let query = self.parts.uri.query().unwrap_or_default();
        let route_key = if self.route.path == sam::template::DEFAULT {
            self.route.path.clone()
        } else {
            format!("{} {}", self.route.method, self.route.path)
        };
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": path,
            "rawQueryString": query,
            "headers": self.headers(),
            "requestContext": self.context(&route_key, &path),
            "isBase64Encoded": false,
        });
        let cookies = self.cookies();
        if !cookies.is_empty() {
            event["cookies"] = json!(cookies);
        }
        if !query.is_empty() {
            event["queryStringParameters"] = json!(query_parameters(query));
        }
        if !self.path_parameters.is_empty() {
            event["pathParameters"] = json!(self.path_parameters);
        }
        match std::str::from_utf8(self.body) {
            Ok("") => {}
            Ok(text) => event["body"] = json!(text),
            Err(_) => {
                event["body"] = json!(BASE64_STANDARD.encode(self.body));
                event["isBase64Encoded"] = json!(true);
            }
        }
        event
    }

    /// The headers but the cookies; a header that came more than once is joined by commas.
    fn headers(&self) -> BTreeMap<&str, String> {
        let mut headers: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in &self.parts.headers {
            if name != header::COOKIE {
                join(headers.entry(name.as_str()).or_default(), &String::from_utf8_lossy(value.as_bytes()));
            }
        }
        headers
    }

    fn cookies(&self) -> Vec<String> {
        let values = self.parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(';')).map(|cookie| cookie.trim().to_owned()).collect()
    }

    fn context(&self, route_key: &str, path: &str) -> Value {
        let text = |name| self.parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut context = json!({
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": text(header::HOST),
            "domainPrefix": "local",
            "http": {
                "method": self.parts.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": text(header::USER_AGENT),
            },
            "requestId": self.request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": self.now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z").to_string(),
            "timeEpoch": self.now.as_millisecond(),
        });
        if let Some(claims) = &self.claims {
            let texts: BTreeMap<&str, String> =
                claims.iter().map(|(name, value)| (name.as_str(), text_of(value))).collect();
            context["authorizer"] = json!({ "jwt": { "claims": texts, "scopes": scopes(claims) } });
        }
        context
    }
}

/// The scopes of a token, which identity providers call `scope` or `scp` and write as words or as a list.
pub(super) fn scopes(claims: &Map<String, Value>) -> Vec<&str> {
    let claims = ["scope", "scp"].into_iter().filter_map(|name| claims.get(name));
    let texts = claims.flat_map(|claim| match claim {
        Value::Array(items) => items.iter().collect(),
        claim => vec![claim],
    });
    texts.filter_map(Value::as_str).flat_map(str::split_whitespace).collect()
}

/// A claim as API Gateway passes it on: every one is a text.
fn text_of(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(text_of).collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        join(parameters.entry(decode(name)).or_default(), &decode(value));
    }
    parameters
}

/// Adds a value to those that came before it under the same name.
fn join(values: &mut String, value: &str) {
    if !values.is_empty() {
        values.push(',');
    }
    values.push_str(value);
}
