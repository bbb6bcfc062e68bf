//! The HTTP API: finds the route, checks the token, invokes the function, as API Gateway does.

mod event;
mod reply;
mod routes;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use sam::machine::{Clock, Invalid, Issuer, LIFETIME_SECONDS};
use sam::{Problem, Role};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::outbox::Outbox;
use crate::runtime::Runtime;
use event::Call;
use reply::{json_reply, problem};
pub(crate) use routes::Routes;

/// The largest body API Gateway accepts.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// When API Gateway gives up.
const TIMEOUT: Duration = Duration::from_secs(29);

/// The HTTP API of a platform.
pub(crate) struct Gateway {
    routes: Routes,
    runtime: Arc<Runtime>,
    issuer: Arc<Issuer>,
    clock: Clock,
    outbox: Option<Arc<Outbox>>,
}

/// A request for a token, which only the local platform answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    role: Role,
    sub: String,
}

impl Gateway {
    pub(crate) fn new(routes: Routes, runtime: Arc<Runtime>, issuer: Arc<Issuer>, clock: Clock) -> Self {
        Self { routes, runtime, issuer, clock, outbox: None }
    }

    /// The same, which shows what was handed to the providers.
    pub(crate) fn showing(self, outbox: Arc<Outbox>) -> Self {
        Self { outbox: Some(outbox), ..self }
    }

    pub(crate) fn router(self) -> axum::Router {
        axum::Router::new().fallback(answer).with_state(Arc::new(self))
    }
}

async fn answer(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let local = (request.method(), request.uri().path());
    match local {
        (&Method::GET, "/.well-known/jwks.json") => json_reply(StatusCode::OK, &gateway.issuer.keys()),
        (&Method::GET, "/.well-known/openid-configuration") => json_reply(StatusCode::OK, &gateway.issuer.discovery()),
        (&Method::POST, "/local/tokens") => gateway.token(request).await,
        (_, path) if path == "/local/outbox" || path.starts_with("/local/outbox/") => gateway.outbox(request).await,
        _ => gateway.call(request).await,
    }
}

impl Gateway {
    async fn call(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Some((route, path_parameters)) = self.routes.find(&parts.method, parts.uri.path()) else {
            return problem(&Problem::not_found("route"));
        };
        let claims = match &route.scope {
            Some(scope) => match self.authorize(parts.headers.get(header::AUTHORIZATION), scope) {
                Ok(claims) => Some(claims),
                Err(refused) => return refused,
            },
            None => None,
        };
        // A body somewhat above the limit is read to its end, so that the client is there to hear the answer.
        let body = match axum::body::to_bytes(body, 2 * BODY_LIMIT).await {
            Ok(body) if body.len() <= BODY_LIMIT => body,
            _ => return problem(&Problem::too_large(BODY_LIMIT)),
        };
        let request_id = format!("{:016x}", fastrand::u64(..));
        let call = Call {
            parts: &parts,
            route,
            path_parameters,
            claims,
            body: &body,
            request_id: &request_id,
            now: self.clock.now(),
        };
        let mut response = self.invoke(&route.function, call.event()).await;
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().insert("apigw-requestid", id);
        }
        response
    }

    async fn invoke(&self, function: &str, event: Value) -> Response {
        let outcome = match tokio::time::timeout(TIMEOUT, self.runtime.invoke(function, event)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                tracing::error!(function, "no answer after {} s", TIMEOUT.as_secs());
                return problem(&Problem::unavailable());
            }
        };
        outcome.and_then(reply::response).unwrap_or_else(|error| {
            tracing::error!(function, error, "the function failed");
            problem(&Problem::broken())
        })
    }

    /// The claims of a valid token that carries `scope`, or the answer that says what is wrong with it.
    #[expect(clippy::result_large_err, reason = "an answer is what the caller gets, and this happens once a request")]
    fn authorize(&self, header: Option<&HeaderValue>, scope: &str) -> Result<Map<String, Value>, Response> {
        let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let claims = bearer(header).and_then(|token| self.issuer.verify(token));
        let claims = claims.map_err(|Invalid(why)| problem(&Problem::unauthorized(why)))?;
        if event::scopes(&claims).contains(&scope) {
            return Ok(claims);
        }
        let mut response = problem(&Problem::forbidden(format!("the token has no scope {scope}")));
        let needed = format!("Bearer scope=\"{scope}\" error=\"insufficient_scope\"");
        response.headers_mut().extend(HeaderValue::from_str(&needed).map(|needed| (header::WWW_AUTHENTICATE, needed)));
        Err(response)
    }

    /// Is it asked for by this machine's own pages and programs? A name that somebody else has made to mean this machine, or a page
    /// from elsewhere, must not get a token.
    fn is_at_home(&self, request: &Request) -> bool {
        let port = self.issuer.url().rsplit(':').next().unwrap_or_default();
        let own = ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}"));
        let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
        let host = request.uri().authority().map(|authority| authority.as_str()).or_else(|| header(header::HOST));
        let is_own = |host: &str| own.iter().any(|own| own.eq_ignore_ascii_case(host));
        let origin = header(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_own));
        origin && host.is_some_and(is_own) && request.headers().get_all(header::HOST).iter().count() == 1
    }

    /// What was handed to the providers: for this machine's own pages and programs alone.
    async fn outbox(&self, request: Request) -> Response {
        match &self.outbox {
            Some(outbox) if self.is_at_home(&request) => outbox.show(request).await,
            _ => problem(&Problem::forbidden("the outbox is shown to this machine's own pages and programs alone")),
        }
    }

    async fn token(&self, request: Request) -> Response {
        if !self.is_at_home(&request) {
            return problem(&Problem::forbidden("tokens are given to this machine's own pages and programs alone"));
        }
        let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await.unwrap_or_default();
        let wanted: TokenRequest = match serde_json::from_slice(&body) {
            Ok(wanted) => wanted,
            Err(_) => {
                let roles = Role::ALL.map(Role::name).join(", ");
                let words = format!("a token is asked for as {{\"role\": R, \"sub\": ID}}, R being one of {roles}");
                return problem(&Problem::bad_request("invalid_json", words));
            }
        };
        let granted = json!({
            "access_token": self.issuer.token(wanted.role, &wanted.sub),
            "token_type": "Bearer",
            "expires_in": LIFETIME_SECONDS,
            "scope": wanted.role.scopes().join(" "),
        });
        json_reply(StatusCode::OK, &granted)
    }
}

/// The token of a header. Its scheme is written in any case, and may be left out, as on AWS.
fn bearer(header: &str) -> Result<&str, Invalid> {
    let header = header.trim();
    match header.split_once(' ') {
        None if header.eq_ignore_ascii_case("bearer") => {
            Err(Invalid("there is nothing after Bearer: the token is empty".to_owned()))
        }
        None => Ok(header),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        Some((scheme, _)) => Err(Invalid(format!("the scheme is {scheme}: Authorization: Bearer ... is needed"))),
    }
}

#[cfg(test)]
mod tests;
