//! Who says something, as the caller's role and the request's source have it.

use domain::kernel::id::{ContentHash, OperationId};
use domain::members::speaking::Speaker;
use domain::programme::compiled::Programme;
use domain::programme::source::Sends;
use jiff::Timestamp;
use lambda::{Failure, Problem, Request, Role};
use serde_json::Value;

/// Who speaks: a member and an agent for themselves, others for a declared source.
pub(crate) fn speaker<'a>(
    request: &Request,
    source: Option<&str>,
    sends: Sends,
    programme: &'a Programme,
) -> Result<Speaker<'a>, Failure> {
    let sources = &programme.document().source;
    match (request.principal()?.role, source) {
        (Role::Member, _) => Ok(Speaker::Member),
        (Role::Agent | Role::Lead, None) => Ok(Speaker::Agent),
        (_, Some(source)) => Ok(Speaker::source(sources, source, sends).map_err(|refusal| Problem::refused(&refusal))?),
        (_, None) => Err(Problem::invalid("/source", "say for which source you speak").into()),
    }
}

/// As rows of the log name the caller.
pub(crate) fn by(request: &Request) -> Result<String, Failure> {
    Ok(request.principal()?.named())
}

/// What a request is known by in what is told of it.
pub(crate) fn operation(route: &str, body: &Value, now: Timestamp) -> OperationId {
    OperationId::of_fact(route, &ContentHash::of(body).to_string(), &now.to_string())
}
