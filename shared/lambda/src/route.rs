//! What a function does, as tables: from a route's row follow dispatch and authorisation, the API's description, what the template
//! deploys, and what tests ask of it.

use std::sync::Arc;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::kernel::id::{EntryId, MemberId};
use domain::kernel::refusal::Codes;
pub use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::failure::{Broken, Failure};
use crate::http::{About, Reply, Request};
use crate::shape::Shape;
use crate::trigger::Trigger;
use crate::{Problem, Scope};

/// Answers a request.
pub type Call<C> = for<'a> fn(&'a C, &'a Request) -> BoxFuture<'a, Result<Reply, Failure>>;

/// A method of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does something.
    Post,
    /// Sets something.
    Put,
    /// Changes some of something.
    Patch,
    /// Takes something away.
    Delete,
}

impl Method {
    /// As on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The member whose thing a request is about: a member reaches only its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Nobody's: the scope alone decides.
    Nobody,
    /// A parameter of the path is a member's id.
    Path(&'static str),
    /// A parameter of the path is an entry's id, or an erasure's, which begins with its member's.
    Entry(&'static str),
    /// The body names the member: it comes only from [`Request::about`] or [`Request::asked`], which look.
    Body,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whoever has the scope, for what is whose.
    Of(Scope, Whose),
}

impl Access {
    /// The scope that a token needs; none if it is open.
    #[must_use]
    pub const fn scope(self) -> Option<Scope> {
        match self {
            Self::Open => None,
            Self::Of(scope, _) => Some(scope),
        }
    }
}

/// How a repeat of a request is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// It changes nothing.
    Read,
    /// By what it names: once is once.
    Business,
    /// By the header `Idempotency-Key`.
    Header,
}

/// A route of the API.
pub struct Route<C: 'static> {
    /// Its method.
    pub method: Method,
    /// Its path, with `{parameters}`.
    pub path: &'static str,
    /// A name for clients: `redeem`.
    pub id: &'static str,
    /// What it does, in a sentence or two.
    pub says: &'static str,
    /// Who may use it.
    pub access: Access,
    /// How a repeat is known.
    pub key: Key,
    /// What is asked and answered.
    pub shape: Shape,
    /// What its decisions refuse.
    pub refuses: &'static [Codes],
    /// What answers it.
    pub call: Call<C>,
}

/// A consumer of a queue.
pub struct Consumer<C: 'static> {
    /// The queue's name in the template.
    pub queue: &'static str,
    /// The types of events that it wants; none if what comes is no event of ours.
    pub wants: &'static [&'static str],
    /// What a batch is done with.
    pub work: for<'a> fn(&'a C, SqsEvent, Instant) -> BoxFuture<'a, Value>,
}

/// A reader of a table's stream.
pub struct Reader<C: 'static> {
    /// The table's name in the template.
    pub table: &'static str,
    /// What a batch is done with.
    pub work: for<'a> fn(&'a C, Vec<Value>, Instant) -> BoxFuture<'a, Value>,
}

/// What a schedule runs.
pub struct Run<C: 'static> {
    /// The work until a deadline.
    pub work: for<'a> fn(&'a C, Instant) -> BoxFuture<'a, Result<Value, Broken>>,
}

/// A function: everything that can invoke it, and what it does then.
pub struct Function<C: 'static> {
    /// Its name, also that of its binary.
    pub name: &'static str,
    /// Its routes.
    pub routes: &'static [Route<C>],
    /// The queues that it consumes.
    pub queues: &'static [Consumer<C>],
    /// The streams that it reads.
    pub streams: &'static [Reader<C>],
    /// What it runs by the clock.
    pub schedules: &'static [Run<C>],
}

/// `call!(redemptions::post)`: an async function of the context and what it is given, as a row of a table wants it.
#[macro_export]
macro_rules! call {
    ($work:path) => {
        |context, given| Box::pin($work(context, given))
    };
    ($work:path, $deadline:tt) => {
        |context, given, deadline| Box::pin($work(context, given, deadline))
    };
}

/// The trigger is not one of the function's.
#[derive(Debug)]
struct Uncalled(&'static str);

impl std::fmt::Display for Uncalled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is not made for this trigger", self.0)
    }
}

impl std::error::Error for Uncalled {}

/// Does what a function does when it is invoked.
///
/// # Errors
/// The trigger is not one of the function's, or what a schedule runs failed.
pub async fn handle<C>(function: &Function<C>, context: &C, trigger: Trigger) -> Result<Value, Broken> {
    let uncalled = || Broken::by(Uncalled(function.name));
    match trigger {
        Trigger::Http(request) => {
            // Who waits longer is told by the gateway that we are broken. What is under way is done, or not, and found when it is asked again.
            let (deadline, late) = (request.deadline, |late| Err(Failure::Unavailable(Arc::new(late))));
            let reply = timeout_at(deadline, dispatch(function, context, *request)).await.unwrap_or_else(late);
            Ok(reply.unwrap_or_else(|failure| failure.answered().into()).into_event())
        }
        Trigger::Queue(event, deadline) => {
            let consumer = function.queues.first().ok_or_else(uncalled)?;
            Ok((consumer.work)(context, event, deadline).await)
        }
        Trigger::Stream(records, deadline) => {
            let reader = function.streams.first().ok_or_else(uncalled)?;
            Ok((reader.work)(context, records, deadline).await)
        }
        Trigger::Schedule(deadline) => {
            let run = function.schedules.first().ok_or_else(uncalled)?;
            (run.work)(context, deadline).await
        }
    }
}

/// Finds the route, looks who may use it and whose thing it is about, and answers.
async fn dispatch<C>(function: &Function<C>, context: &C, mut request: Request) -> Result<Reply, Failure> {
    let (method, path) = request.route.split_once(' ').unwrap_or_default();
    let route = function.routes.iter().find(|route| route.method.name() == method && route.path == path);
    let route = route.ok_or_else(|| Problem::not_found("route"))?;
    request.about = permitted(&request, route.access)?;
    request.asks_only(route.shape.query)?;
    let told = |failure: Failure| match request.principal() {
        Ok(principal) => failure.told_to(principal.role),
        Err(_nobody) => failure,
    };
    (route.call)(context, &request).await.map_err(told)
}

/// May the caller do this, and to what?
fn permitted(request: &Request, access: Access) -> Result<About, Problem> {
    let Access::Of(scope, whose) = access else { return Ok(About::Nobody) };
    let principal = request.principal()?;
    principal.may(scope)?;
    Ok(match whose {
        Whose::Nobody => About::Nobody,
        Whose::Body => About::Body(scope),
        Whose::Path(name) => {
            let member: MemberId = request.parameter(name, named(name))?;
            principal.may_for(scope, &member)?;
            About::Member(member)
        }
        Whose::Entry(name) => {
            let entry: EntryId = request.parameter(name, named(name))?;
            principal.may_for(scope, &entry.member)?;
            About::Entry(entry)
        }
    })
}

/// What a parameter names: `hold_id` a hold.
fn named(parameter: &'static str) -> &'static str {
    parameter.strip_suffix("_id").unwrap_or(parameter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::anything;

    /// Answers at once, or never.
    fn slow<'a>(answers: &'a bool, _: &'a Request) -> BoxFuture<'a, Result<Reply, Failure>> {
        Box::pin(async move { if *answers { Ok(Reply::ok(&"done")) } else { std::future::pending().await } })
    }

    const FUNCTION: Function<bool> = Function {
        name: "slow",
        routes: &[Route {
            method: Method::Get,
            path: "/slow",
            id: "slow",
            says: "Takes its time.",
            access: Access::Open,
            key: Key::Read,
            shape: Shape::asked(&[], &[anything(200, "Done")]),
            refuses: &[],
            call: slow,
        }],
        queues: &[],
        streams: &[],
        schedules: &[],
    };

    /// What a caller hears whose time is over.
    fn heard(answers: bool) -> Value {
        let payload = json!({
            "version": "2.0", "routeKey": "GET /slow", "rawPath": "/slow", "rawQueryString": "", "headers": {},
            "requestContext": {"http": {"method": "GET", "path": "/slow"}}, "isBase64Encoded": false,
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(async {
            let trigger = Trigger::parse(payload, Instant::now()).expect("a request");
            handle(&FUNCTION, &answers, trigger).await.expect("an answer")
        })
    }

    #[test]
    fn what_takes_too_long_may_be_asked_again() {
        assert_eq!(heard(true)["statusCode"], 200);
        let late = heard(false);
        assert_eq!(late["statusCode"], 503);
        assert!(late["body"].as_str().is_some_and(|body| body.contains("unavailable")), "{late}");
    }
}
