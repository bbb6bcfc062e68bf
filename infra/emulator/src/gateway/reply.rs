//! The answer to a request, from what the function returned.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sam::Problem;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a function returns in payload format 2.0. `multiValueHeaders` belongs to format 1.0, and API Gateway
/// ignores it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    status_code: u16,
    #[serde(default)]
    headers: Option<Map<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The response a function asked for. What has no status code is itself the body of a success.
pub(super) fn response(value: Value) -> Result<Response, String> {
    if value.get("statusCode").is_none() {
        return Ok(json_reply(StatusCode::OK, &value));
    }
    let wrong = |error: &dyn std::fmt::Display| format!("the function's response is malformed: {error}");
    let returned: Returned = serde_json::from_value(value).map_err(|error| wrong(&error))?;
    let text = returned.body.unwrap_or_default();
    let body = if returned.is_base64_encoded {
        Body::from(BASE64_STANDARD.decode(text).map_err(|error| wrong(&error))?)
    } else {
        Body::from(text)
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(returned.status_code).map_err(|error| wrong(&error))?;
    let headers = response.headers_mut();
    for (name, value) in returned.headers.unwrap_or_default() {
        let name: HeaderName = name.parse().map_err(|error| wrong(&error))?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.insert(name, HeaderValue::from_str(&value).map_err(|error| wrong(&error))?);
    }
    for cookie in returned.cookies.unwrap_or_default() {
        headers.append(header::SET_COOKIE, HeaderValue::from_str(&cookie).map_err(|error| wrong(&error))?);
    }
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    Ok(response)
}

/// An answer of the gateway's own: a problem, as the functions answer it. (Deployed, API Gateway says only `{"message": ...}`.)
pub(super) fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json_reply(status, &json!(problem));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(Ok(challenge)) = problem.challenge().map(HeaderValue::try_from) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// A JSON answer.
pub(super) fn json_reply(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
