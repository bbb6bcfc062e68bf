//! HTTP requests as API Gateway hands them over, and replies.

use std::collections::HashMap;
use std::str::FromStr;

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::kernel::canonical::Hash;
use domain::kernel::id::{ContentHash, EntryId, MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::doer::Doer;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json as value};
use tokio::time::Instant;

use store::StoreError;

use crate::auth::Unknown;
use crate::failure::Failure;
use crate::{Principal, Problem, Scope, fields, json};

/// A request, its token already checked by the gateway.
#[derive(Debug, Clone)]
pub struct Request {
    /// `METHOD /path/{with}/{parameters}`, as in the template.
    pub route: String,
    method: String,
    parameters: HashMap<String, String>,
    query: HashMap<String, String>,
    headers: HashMap<String, String>,
    body: Vec<u8>,
    principal: Result<Principal, Unknown>,
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
    cache: &'static str,
    headers: Vec<(&'static str, String)>,
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
        let mut query: HashMap<String, String> = HashMap::new();
        for (name, value) in event.query_string_parameters.iter() {
            // One that is given twice is no value of its kind, whichever of them was meant.
            let twice = query.entry(name.to_owned()).and_modify(|first| first.extend([",", value]));
            twice.or_insert_with(|| value.to_owned());
        }
        Self {
            route: event.route_key.unwrap_or_default(),
            method: event.request_context.http.method.to_string(),
            parameters: event.path_parameters,
            query,
            headers: headers.collect(),
            body,
            principal: authorizer.map_or(Err(Unknown::NoToken), |token| Principal::from_claims(&token.claims)),
            about: About::Nobody,
            deadline,
        }
    }

    /// Who calls.
    ///
    /// # Errors
    /// 401.
    pub fn principal(&self) -> Result<&Principal, Problem> {
        self.principal.as_ref().map_err(|unknown| Problem::unauthorized(unknown.words()))
    }

    /// Who an entry names as having caused it: nobody, if it is the member.
    ///
    /// # Errors
    /// 401.
    pub fn doer(&self) -> Result<Option<Doer>, Problem> {
        Ok(self.principal()?.doer())
    }

    /// The names of its query parameters must be among those of its route.
    ///
    /// # Errors
    /// 400: one is not.
    pub(crate) fn asks_only(&self, known: &[(&str, &str)]) -> Result<(), Problem> {
        let known: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let is_known = |name: &str| {
            known.iter().any(|known| known.strip_suffix('*').map_or(*known == name, |start| name.starts_with(start)))
        };
        let mut unknown: Vec<&String> = self.query.keys().filter(|name| !is_known(name)).collect();
        unknown.sort();
        unknown.first().map_or(Ok(()), |name| Err(Problem::unknown_parameter(name, &known)))
    }

    /// A header, by its name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
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

    /// Query parameters that begin so, each with what follows the beginning.
    pub fn queries<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.query.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.as_str())))
    }

    /// The body as JSON, whatever its shape.
    ///
    /// # Errors
    /// 413, or 400 if it is not JSON.
    pub fn json(&self) -> Result<Value, Problem> {
        if self.body.len() > Self::MAX_BODY {
            return Err(Problem::too_large(Self::MAX_BODY));
        }
        json::read(&self.body)
    }

    /// The body as a page sends it: names and values, in order.
    ///
    /// # Errors
    /// 413.
    pub fn form(&self) -> Result<Vec<(String, String)>, Problem> {
        if self.body.len() > Self::MAX_BODY {
            return Err(Problem::too_large(Self::MAX_BODY));
        }
        Ok(form_urlencoded::parse(&self.body).into_owned().collect())
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
        Ok(shaped(&self.json()?)?)
    }

    /// The body in a shape, and whom it names: the caller may do this to that member.
    ///
    /// # Errors
    /// As [`Request::json`], 422 with a pointer to the field, or 403.
    pub fn about<T: DeserializeOwned + NamesMember>(&self) -> Result<Asked<T>, Failure> {
        self.looked_at(shaped(&self.json()?)?)
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
        Ok(self.with_key(&self.path(None), now)?)
    }

    /// The same, where a parameter of the path may be spelt in several ways: a key is for the thing, however it is spelt.
    ///
    /// # Errors
    /// As [`Request::keyed`].
    pub fn keyed_for<T: DeserializeOwned>(&self, parameter: (&str, &str), now: Timestamp) -> Result<Keyed<T>, Failure> {
        Ok(self.with_key(&self.path(Some(parameter)), now)?)
    }

    /// The same of a route whose body names the member it is about.
    ///
    /// # Errors
    /// As [`Request::keyed`], or 403.
    pub fn asked<T: DeserializeOwned + NamesMember>(&self, now: Timestamp) -> Result<Keyed<Asked<T>>, Failure> {
        let Keyed { body, stamp } = self.with_key(&self.path(None), now)?;
        Ok(Keyed { body: self.looked_at(body)?, stamp })
    }

    /// The path as its route spells it: whatever is written encoded or not is one path.
    fn path(&self, instead: Option<(&str, &str)>) -> String {
        let pattern = self.route.split_once(' ').map_or("", |(_, pattern)| pattern);
        let segments = pattern.split('/').map(|segment| {
            let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else { return segment };
            let given = || self.parameters.get(name).map(String::as_str).unwrap_or_default();
            instead.filter(|(other, _)| *other == name).map_or_else(given, |(_, text)| text)
        });
        segments.collect::<Vec<_>>().join("/")
    }

    fn with_key<T: DeserializeOwned>(&self, path: &str, now: Timestamp) -> Result<Keyed<T>, Problem> {
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
        let operation = OperationId::of_key(&self.principal()?.subject, &self.method, path, key);
        Ok(Keyed { body: shaped(&json)?, stamp: Stamp { operation, content, occurred_at: now } })
    }
}

/// An object in a shape.
///
/// # Errors
/// 422 with everything that is wrong, each with a pointer to it.
pub fn shaped<T: DeserializeOwned>(json: &Value) -> Result<T, Problem> {
    fields::read(json).map_err(Problem::faults)
}

fn header_text(value: &[u8]) -> String {
    String::from_utf8_lossy(value).into_owned()
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// The headers of what is one person's: found by no search, told to nobody by its links, and what a policy lets it do.
fn private(policy: String) -> [(&'static str, String); 4] {
    [
        ("content-security-policy", policy),
        ("referrer-policy", "no-referrer".to_owned()),
        ("x-robots-tag", "noindex".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ]
}

impl Reply {
    /// 200 with a body.
    #[must_use]
    pub fn ok(body: &impl Serialize) -> Self {
        Self::with_status(200, body)
    }

    /// 201 with a body.
    #[must_use]
    pub fn created(body: &impl Serialize) -> Self {
        Self::with_status(201, body)
    }

    /// Another status.
    #[must_use]
    pub fn with_status(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("a reply is plain data");
        Self { status, body, content_type: "application/json", cache: "no-store", headers: Vec::new() }
    }

    /// A page for people, of one person: kept by nobody, found by no search, without scripts, and told to nobody by its links. `style` is
    /// the one text between `style` tags.
    #[must_use]
    pub fn page(status: u16, html: String, style: &str) -> Self {
        let hash = STANDARD.encode(Hash::of(style).0);
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        let headers = private(policy).into();
        Self { status, body: html, content_type: "text/html; charset=utf-8", cache: "no-store", headers }
    }

    /// Look there for what came of it.
    #[must_use]
    pub fn see_other(location: String) -> Self {
        let reply = Self {
            status: 303,
            body: String::new(),
            content_type: "text/plain",
            cache: "no-store",
            headers: Vec::new(),
        };
        let mut reply = reply.unseen();
        reply.headers.push(("location", location));
        reply
    }

    /// Of one person, whoever asked: kept by nobody, found by no search, told to nobody by its links.
    #[must_use]
    pub fn unseen(mut self) -> Self {
        self.cache = "no-store";
        let policy = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        self.headers.extend(private(policy.to_owned()));
        self
    }

    /// JSON that is written already and the same for everybody, under a tag that changes with it: whoever has it is told
    /// so, 304.
    #[must_use]
    pub fn public(request: &Request, json: &str, tag: &str) -> Self {
        let tag = format!("\"{tag}\"");
        let had = request.header("if-none-match").unwrap_or_default();
        let same = had.split(',').map(|tag| tag.trim()).any(|had| had == "*" || had.trim_start_matches("W/") == tag);
        let (status, body) = if same { (304, String::new()) } else { (200, json.to_owned()) };
        let headers = vec![("etag", tag)];
        Self { status, body, content_type: "application/json", cache: "public, max-age=300", headers }
    }

    /// It repeats an earlier answer.
    #[must_use]
    pub fn replayed(mut self, replayed: bool) -> Self {
        if replayed {
            self.headers.push(("idempotency-replayed", "true".to_owned()));
        }
        self
    }

    /// As the gateway wants it.
    #[must_use]
    pub fn into_event(self) -> Value {
        let mut headers = value!({"content-type": self.content_type, "cache-control": self.cache});
        for (name, text) in self.headers {
            headers[name] = text.into();
        }
        value!({
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
        let challenge = problem.challenge().map(|challenge| ("www-authenticate", challenge));
        let again = problem.retry_after().map(|seconds| ("retry-after", seconds));
        let headers = challenge.into_iter().chain(again).collect();
        let reply = Self::with_status(problem.status, &problem);
        Self { content_type: "application/problem+json", headers, ..reply }
    }
}
