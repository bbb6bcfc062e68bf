//! What stands for the providers of messages, SES and End User Messaging: whatever they are handed is kept, and shown at `/local/outbox`.
//! What the next call meets can be said before: `POST /local/outbox/next`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Response};
use bytes::Bytes;
use sam::machine::Clock;
use serde_json::{Value, json};

/// The most that is kept; the oldest make room.
const MOST: usize = 10_000;

/// The largest body that is read.
const BODY_LIMIT: usize = 1024 * 1024;

/// What was handed to the providers.
pub(crate) struct Outbox {
    clock: Clock,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    sent: Vec<Value>,
    /// What the next calls meet, the first first.
    next: Vec<String>,
    count: u64,
}

impl Outbox {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message, unless something else was said of the next call.
    fn take(&self, mut message: Value) -> Response {
        let mut kept = self.kept();
        kept.count += 1;
        let id = format!("local-{}", kept.count);
        let meets = if kept.next.is_empty() { "accepted".to_owned() } else { kept.next.remove(0) };
        (message["id"], message["at"], message["answer"]) = (json!(id), json!(self.clock.now()), json!(meets));
        kept.sent.push(message);
        let surplus = kept.sent.len().saturating_sub(MOST);
        kept.sent.drain(..surplus);
        let refusal = |status: StatusCode, code: &str| {
            let words = json!({"__type": code, "message": "as was asked for"});
            let mut response = (status, Json(words)).into_response();
            response
                .headers_mut()
                .extend(code.parse().ok().map(|code| (header::HeaderName::from_static("x-amzn-errortype"), code)));
            response
        };
        match meets.as_str() {
            "refused" => refusal(StatusCode::BAD_REQUEST, "BadRequestException"),
            "throttled" => refusal(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
            "failed" => refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerException"),
            _ => Json(json!({ "MessageId": id })).into_response(),
        }
    }

    /// Answers what is asked of the outbox: what is in it, as a list or a page, and what the next call meets.
    pub(crate) async fn show(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        match (&parts.method, parts.uri.path()) {
            (&Method::GET, "/local/outbox") => {
                let sent = self.chosen(&query);
                let page = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
                if page.is_some_and(|accept| accept.contains("text/html")) {
                    return Html(page_of(&sent)).into_response();
                }
                Json(json!({ "messages": sent })).into_response()
            }
            (&Method::POST, "/local/outbox/next") => {
                let body = axum::body::to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
                let said: Value = serde_json::from_slice(&body).unwrap_or_default();
                let known = ["accepted", "refused", "throttled", "failed"];
                let Some(answer) = said["answer"].as_str().filter(|answer| known.contains(answer)) else {
                    let words = format!("`answer` is one of {}", known.join(", "));
                    return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": words }))).into_response();
                };
                self.kept().next.push(answer.to_owned());
                Json(json!({ "next": answer })).into_response()
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// What is in it, the oldest first; `channel=`, `to=` and `message=` choose.
    fn chosen(&self, query: &str) -> Vec<Value> {
        let asked: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let fits = |message: &&Value| asked.iter().all(|(name, value)| message[name].as_str() == Some(value));
        self.kept().sent.iter().filter(fits).cloned().collect()
    }
}

/// The endpoint of the providers.
pub(crate) fn router(outbox: Arc<Outbox>) -> axum::Router {
    axum::Router::new().fallback(handed).with_state(outbox)
}

async fn handed(State(outbox): State<Arc<Outbox>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if uri.path() == "/v2/email/outbound-emails" {
        return outbox.take(mail(&body));
    }
    if target == "PinpointSMSVoiceV2.SendTextMessage" {
        let message = json!({
            "channel": "sms", "to": body["DestinationPhoneNumber"], "text": body["MessageBody"],
            "message": body["Context"]["m"],
        });
        return outbox.take(message);
    }
    (StatusCode::BAD_REQUEST, Json(json!({ "__type": "UnknownOperationException" }))).into_response()
}

/// A mail as it is shown.
fn mail(body: &Value) -> Value {
    let simple = &body["Content"]["Simple"];
    let tags = body["EmailTags"].as_array().into_iter().flatten();
    let message = tags.filter(|tag| tag["Name"] == "m").map(|tag| tag["Value"].clone()).next();
    json!({
        "channel": "email", "from": body["FromEmailAddress"], "to": body["Destination"]["ToAddresses"][0],
        "subject": simple["Subject"]["Data"], "text": simple["Body"]["Text"]["Data"], "html": simple["Body"]["Html"]["Data"],
        "headers": simple["Headers"], "message": message,
    })
}

/// The page: mails as they look, each in a frame that may do nothing; the rest as text.
fn page_of(sent: &[Value]) -> String {
    let escaped = |text: &Value| {
        let text = text.as_str().unwrap_or_default();
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let card = |message: &Value| {
        let head = format!(
            "<h2>{} &rarr; {} <small>{} {}</small></h2>",
            escaped(&message["channel"]),
            escaped(&message["to"]),
            escaped(&message["at"]),
            escaped(&message["answer"])
        );
        match message["html"].as_str() {
            Some(_) => format!(
                "{head}<h3>{}</h3><iframe sandbox srcdoc=\"{}\"></iframe>",
                escaped(&message["subject"]),
                escaped(&message["html"])
            ),
            None => format!("{head}<pre>{}</pre>", escaped(&message["text"])),
        }
    };
    let cards: String = sent.iter().rev().map(card).collect();
    let style = "body{font:15px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}iframe{width:100%;height:26rem;border:1px solid #ccc}\
                 pre{white-space:pre-wrap;border:1px solid #ccc;padding:.8rem}small{color:#666;font-weight:normal}";
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Outbox</title><style>{style}</style><h1>Outbox</h1>{}</html>",
        if cards.is_empty() { "<p>Nothing was sent yet.</p>".to_owned() } else { cards }
    )
}
