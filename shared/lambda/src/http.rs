//! HTTP requests as API Gateway hands them over, and replies.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use domain::kernel::id::{ContentHash, EntryId, MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use jiff::Timestamp;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use store::StoreError;

use crate::failure::Failure;
use crate::{Principal, Problem, Scope};

/// A request, its token already checked by the gateway.
#[derive(Debug, Clone)]
pub struct Request {
    /// `METHOD /path/{with}/{parameters}`, as in the template.
    pub route: String,
    method: String,
    path: String,
    parameters: HashMap<String, String>,
    query: HashMap<String, String>,
    headers: HashMap<String, String>,
    body: Vec<u8>,
    principal: Option<Principal>,
    pub(crate) about: About,
    /// Until when an answer is wanted.
    pub deadline: Instant,
}

/// What a request is about, as its route says and dispatch has looked.
#[derive(Debug, Clone)]
pub(crate) enum About {
    /// Nobody's thing.
    Nobody,
    /// A member's.
    Member(MemberId),
    /// An entry.
    Entry(EntryId),
    /// Whoever the body names, under this scope.
    Body(Scope),
}

/// A body that names the member it is about.
pub trait NamesMember {
    /// Whom.
    ///
    /// # Errors
    /// 422: it is no member's id.
    fn member(&self) -> Result<MemberId, Problem>;
}

/// A body, and the member that it is about: the caller may do this to it.
#[derive(Debug, Clone)]
pub struct Asked<T> {
    /// Whom it is about.
    pub member: MemberId,
    /// The body.
    pub body: T,
}

/// What identifies a request that has no business key of its own.
#[derive(Debug, Clone)]
pub struct Keyed<T> {
    /// The body.
    pub body: T,
    /// Its operation and content.
    pub stamp: Stamp,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    body: String,
    content_type: &'static str,
    replayed: bool,
    try_again: bool,
}

impl Request {
    /// The largest body, in bytes.
    pub const MAX_BODY: usize = 64 * 1024;
    /// The longest Idempotency-Key, in characters.
    pub const MAX_KEY: usize = 255;

    /// From the gateway's event.
    pub(crate) fn new(event: ApiGatewayV2httpRequest, deadline: Instant) -> Self {
        let body = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded { decode_base64(&body).unwrap_or_default() } else { body.into_bytes() };
        let authorizer = event.request_context.authorizer.and_then(|authorizer| authorizer.jwt);
        let headers =
            event.headers.iter().map(|(name, value)| (name.as_str().to_owned(), header_text(value.as_bytes())));
        let query = event.query_string_parameters.iter();
        Self {
            route: event.route_key.unwrap_or_default(),
            method: event.request_context.http.method.to_string(),
            path: event.raw_path.unwrap_or_default(),
            parameters: event.path_parameters,
            query: query.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers: headers.collect(),
            body,
            principal: authorizer.and_then(|token| Principal::from_claims(&token.claims)),
            about: About::Nobody,
            deadline,
        }
    }

    /// Who calls.
    ///
    /// # Errors
    /// 401.
    pub fn principal(&self) -> Result<&Principal, Problem> {
        self.principal.as_ref().ok_or_else(Problem::unauthorized)
    }

    /// A path parameter.
    ///
    /// # Errors
    /// 404: what does not look like an id names nothing.
    pub fn parameter<T: FromStr>(&self, name: &str, what: &str) -> Result<T, Problem> {
        let text = self.parameters.get(name).map(String::as_str).unwrap_or_default();
        text.parse().map_err(|_not_an_id| Problem::not_found(what))
    }

    /// A query parameter.
    ///
    /// # Errors
    /// 400: it is not what it should be.
    pub fn query<T: FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.query.get(name) else { return Ok(None) };
        let wrong = |_| Problem::bad_request("invalid_parameter", format!("`{name}` must be {what}"));
        text.parse().map(Some).map_err(wrong)
    }

    /// The body as JSON, whatever its shape.
    ///
    /// # Errors
    /// 413, or 400 if it is not JSON.
    pub fn json(&self) -> Result<Value, Problem> {
        if self.body.len() > Self::MAX_BODY {
            return Err(Problem::too_large(Self::MAX_BODY));
        }
        serde_json::from_slice(&self.body).map_err(|error| Problem::bad_request("invalid_json", error.to_string()))
    }

    /// The member that the path names.
    ///
    /// # Errors
    /// The route says that it names none: a bug.
    pub fn member(&self) -> Result<&MemberId, Failure> {
        match &self.about {
            About::Member(member) => Ok(member),
            _ => Err(StoreError::bug("the route names no member in its path").into()),
        }
    }

    /// The entry that the path names.
    ///
    /// # Errors
    /// The route says that it names none: a bug.
    pub fn entry(&self) -> Result<&EntryId, Failure> {
        match &self.about {
            About::Entry(entry) => Ok(entry),
            _ => Err(StoreError::bug("the route names no entry in its path").into()),
        }
    }

    /// The body in a shape, of a route that is not about whom it names.
    ///
    /// # Errors
    /// As [`Request::json`], or 422 with a pointer to the field.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        if matches!(self.about, About::Body(_)) {
            return Err(StoreError::bug("whom the body names must be looked at: `about`").into());
        }
        Ok(shaped(self.json()?)?)
    }

    /// The body in a shape, and whom it names: the caller may do this to that member.
    ///
    /// # Errors
    /// As [`Request::json`], 422 with a pointer to the field, or 403.
    pub fn about<T: DeserializeOwned + NamesMember>(&self) -> Result<Asked<T>, Failure> {
        self.looked_at(shaped(self.json()?)?)
    }

    fn looked_at<T: NamesMember>(&self, body: T) -> Result<Asked<T>, Failure> {
        let About::Body(scope) = self.about else {
            return Err(StoreError::bug("the route says that its body names nobody").into());
        };
        let member = body.member()?;
        self.principal()?.may_for(scope, &member)?;
        Ok(Asked { member, body })
    }

    /// The body and the Idempotency-Key of a request that has no business key of its own.
    ///
    /// # Errors
    /// As [`Request::body`]; 400 without a key.
    pub fn keyed<T: DeserializeOwned>(&self, now: Timestamp) -> Result<Keyed<T>, Failure> {
        if matches!(self.about, About::Body(_)) {
            return Err(StoreError::bug("whom the body names must be looked at: `asked`").into());
        }
        Ok(self.with_key(now)?)
    }

    /// The same of a route whose body names the member it is about.
    ///
    /// # Errors
    /// As [`Request::keyed`], or 403.
    pub fn asked<T: DeserializeOwned + NamesMember>(&self, now: Timestamp) -> Result<Keyed<Asked<T>>, Failure> {
        let Keyed { body, stamp } = self.with_key(now)?;
        Ok(Keyed { body: self.looked_at(body)?, stamp })
    }

    fn with_key<T: DeserializeOwned>(&self, now: Timestamp) -> Result<Keyed<T>, Problem> {
        let json = self.json()?;
        let content = ContentHash::of(&json);
        let key = self.headers.get("idempotency-key").map(|key| key.trim().trim_matches('"'));
        let Some(key) = key.filter(|key| !key.is_empty()) else {
            return Err(Problem::bad_request(
                "missing_idempotency_key",
                "this request needs the header Idempotency-Key",
            ));
        };
        let fits = key.len() <= Self::MAX_KEY && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if !fits {
            let most = format!("an Idempotency-Key has at most {} printable ASCII characters", Self::MAX_KEY);
            return Err(Problem::bad_request("invalid_idempotency_key", most));
        }
        let operation = OperationId::of_key(&self.principal()?.subject, &self.method, &self.path, key);
        Ok(Keyed { body: shaped(json)?, stamp: Stamp { operation, content, occurred_at: now } })
    }
}

/// An object in a shape.
///
/// # Errors
/// 422 with a pointer to the field.
pub fn shaped<T: DeserializeOwned>(json: Value) -> Result<T, Problem> {
    let mut track = serde_path_to_error::Track::new();
    let shaped = object(serde_path_to_error::Deserializer::new(json, &mut track));
    shaped.map_err(|error: serde_json::Error| {
        let pointer: String = track.path().iter().filter_map(segment).collect();
        Problem::invalid(pointer, error.to_string())
    })
}

/// Reads an object, and only an object: by itself, serde takes an array of the fields' values too.
///
/// # Errors
/// It is none.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Fields<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(fields))
        }
    }

    deserializer.deserialize_map(Fields(PhantomData))
}

/// Reads a list of objects.
///
/// # Errors
/// It is none.
pub fn objects<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(bound(deserialize = "T: DeserializeOwned"))]
    struct Object<T>(#[serde(deserialize_with = "object")] T);

    let objects = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|Object(object)| object).collect())
}

fn segment(segment: &serde_path_to_error::Segment) -> Option<String> {
    use serde_path_to_error::Segment;
    match segment {
        Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

fn header_text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

impl Reply {
    /// 200 with a body.
    #[must_use]
    pub fn ok(body: &impl Serialize) -> Self {
        Self::with_status(200, body)
    }

    /// Another status.
    #[must_use]
    pub fn with_status(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("a reply is plain data");
        Self { status, body, content_type: "application/json", replayed: false, try_again: false }
    }

    /// 200 with JSON that is written already.
    #[must_use]
    pub fn text(json: &str) -> Self {
        Self { status: 200, body: json.to_owned(), content_type: "application/json", replayed: false, try_again: false }
    }

    /// It repeats an earlier answer.
    #[must_use]
    pub fn replayed(mut self, replayed: bool) -> Self {
        self.replayed = replayed;
        self
    }

    /// As the gateway wants it.
    #[must_use]
    pub fn into_event(self) -> Value {
        let mut headers = json!({"content-type": self.content_type, "cache-control": "no-store"});
        if self.replayed {
            headers["idempotency-replayed"] = json!("true");
        }
        if self.try_again {
            headers["retry-after"] = json!("1");
        }
        json!({
            "statusCode": self.status,
            "headers": headers,
            "body": self.body,
            "isBase64Encoded": false,
            "cookies": [],
        })
    }
}

impl From<Problem> for Reply {
    fn from(problem: Problem) -> Self {
        let reply = Self::with_status(problem.status, &problem);
        Self { content_type: "application/problem+json", try_again: problem.may_be_tried_again(), ..reply }
    }
}
