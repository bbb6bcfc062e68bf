//! What invokes a function: the same for the Lambda runtime, the local platform and the tests.

use std::error::Error;
use std::fmt;

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::sqs::SqsEvent;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::Request;
use crate::failure::Broken;

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
