//! Triggers in, answers out: the same for the Lambda runtime, the local platform and the tests.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::failure::Broken;
use crate::route::{Function, handle};
use crate::settings::Logging;
use crate::{BootError, Clock, Request};

/// How long before the end of an invocation no write is begun any more.
const MARGIN: Duration = Duration::from_millis(300);

/// What can invoke a function.
#[derive(Debug)]
pub enum Trigger {
    /// A request through the HTTP API.
    Http(Box<Request>),
    /// Messages from a queue, and until when they should be done.
    Queue(SqsEvent, Instant),
    /// Records of a table's stream as they came, oldest first per item, and until when they should be done.
    Stream(Vec<Value>, Instant),
    /// A schedule, and until when its work should be done.
    Schedule(Instant),
}

impl Trigger {
    /// From an invocation's payload.
    ///
    /// # Errors
    /// It is none of those.
    pub fn parse(payload: Value, deadline: Instant) -> Result<Self, Broken> {
        let wrong = |error: serde_json::Error| Broken::by(UnknownShape(Some(error)));
        if payload.get("routeKey").is_some() {
            let event = ApiGatewayV2httpRequest::deserialize(payload).map_err(wrong)?;
            return Ok(Self::Http(Box::new(Request::new(event, deadline))));
        }
        if let Some(Value::Array(records)) = payload.get("Records") {
            if records.first().is_some_and(|record| record["eventSource"] == "aws:dynamodb") {
                return Ok(Self::Stream(records.clone(), deadline));
            }
            return SqsEvent::deserialize(payload).map(|event| Self::Queue(event, deadline)).map_err(wrong);
        }
        if payload.get("source").and_then(Value::as_str) == Some("aws.scheduler") {
            return Ok(Self::Schedule(deadline));
        }
        Err(Broken::by(UnknownShape(None)))
    }
}

/// Logs to standard output, as Lambda's logging controls say. The runtime's own way to do so brings a filter language with it, and
/// so two crates of regular expressions.
fn log() {
    let Logging { level, json } = Logging::from_env();
    let lines = tracing_subscriber::fmt().with_target(false).without_time().with_max_level(level);
    if json { lines.json().init() } else { lines.init() }
}

/// An event that is none of those that invoke functions.
#[derive(Debug)]
struct UnknownShape(Option<serde_json::Error>);

impl fmt::Display for UnknownShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event of unknown shape")
    }
}

impl Error for UnknownShape {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|error| error as _)
    }
}

/// Makes what a function holds between invocations, and serves those of the Lambda runtime until it ends the process.
///
/// # Errors
/// It cannot be made, or the runtime cannot be reached.
pub async fn serve<C: Send + Sync + 'static>(
    boot: impl AsyncFnOnce() -> Result<C, BootError>,
    function: &'static Function<C>,
) -> Result<(), BootError> {
    log();
    let (context, clock) = (Arc::new(boot().await?), Clock::system());
    let service = service_fn(|event: LambdaEvent<Value>| {
        let left =
            i64::try_from(event.context.deadline).unwrap_or(i64::MAX).saturating_sub(clock.now().as_millisecond());
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0)).saturating_sub(MARGIN);
        let trigger = Trigger::parse(event.payload, Instant::now() + left);
        let context = Arc::clone(&context);
        async move { handle(function, &context, trigger?).await.map_err(lambda_runtime::Error::from) }
    });
    lambda_runtime::run(service).await.map_err(|error| BootError::Runtime(error.into()))
}
