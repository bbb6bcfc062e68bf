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
use sam::Role;
use sam::machine::{Clock, Issuer, LIFETIME_SECONDS};
use sam::template::Route;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::runtime::Runtime;
use event::Call;
use reply::{json_reply, message};
use routes::Routes;

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
}

/// A request for a token, which only the local platform answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    role: Role,
    sub: String,
}

impl Gateway {
    pub(crate) fn new(routes: Vec<Route>, runtime: Arc<Runtime>, issuer: Arc<Issuer>, clock: Clock) -> Self {
        Self { routes: Routes::new(routes), runtime, issuer, clock }
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
        _ => gateway.call(request).await,
    }
}

impl Gateway {
    async fn call(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Some((route, path_parameters)) = self.routes.find(&parts.method, parts.uri.path()) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let claims = match &route.scope {
            Some(scope) => match self.authorize(parts.headers.get(header::AUTHORIZATION), scope) {
                Ok(claims) => Some(claims),
                Err(refused) => return refused.response(scope),
            },
            None => None,
        };
        // A body somewhat above the limit is read to its end, so that the client is there to hear the answer.
        let body = match axum::body::to_bytes(body, 2 * BODY_LIMIT).await {
            Ok(body) if body.len() <= BODY_LIMIT => body,
            _ => return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
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
                return message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable");
            }
        };
        outcome.and_then(reply::response).unwrap_or_else(|error| {
            tracing::error!(function, error, "the function failed");
            message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        })
    }

    /// The claims of a valid token that carries `scope`.
    fn authorize(&self, header: Option<&HeaderValue>, scope: &str) -> Result<Map<String, Value>, Refused> {
        let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = header.strip_prefix("Bearer ").unwrap_or(header).trim();
        let claims = self.issuer.verify(token).map_err(|invalid| {
            tracing::debug!(reason = invalid.0, "token refused");
            Refused::Unauthorized
        })?;
        if event::scopes(&claims).contains(&scope) { Ok(claims) } else { Err(Refused::Forbidden) }
    }

    async fn token(&self, request: Request) -> Response {
        let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await.unwrap_or_default();
        let wanted: TokenRequest = match serde_json::from_slice(&body) {
            Ok(wanted) => wanted,
            Err(error) => return message(StatusCode::BAD_REQUEST, &error.to_string()),
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

/// Why a caller is turned away.
enum Refused {
    /// There is no valid token.
    Unauthorized,
    /// The token lacks the scope.
    Forbidden,
}

impl Refused {
    fn response(self, scope: &str) -> Response {
        let (mut response, needed) = match self {
            Self::Unauthorized => (message(StatusCode::UNAUTHORIZED, "Unauthorized"), "Bearer".to_owned()),
            Self::Forbidden => (
                message(StatusCode::FORBIDDEN, "Forbidden"),
                format!("Bearer scope=\"{scope}\" error=\"insufficient_scope\""),
            ),
        };
        if let Ok(needed) = HeaderValue::from_str(&needed) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, needed);
        }
        response
    }
}

#[cfg(test)]
mod tests;
