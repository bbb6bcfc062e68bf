//! The SDK's HTTP client, replaced: calls wait here until the scheduler decides.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::objects;
use crate::tables::Reply;

/// What a panic that is a fault says.
pub(crate) const INJECTED: &str = "a fault of the simulator";

tokio::task_local! {
    /// Which invocation a call belongs to.
    pub(crate) static INVOCATION: u64;
}

/// What comes back to the SDK.
#[derive(Debug)]
pub(crate) enum Answer {
    /// A response.
    Response(u16, String),
    /// None in time.
    Timeout,
    /// The code that waits for it panics.
    Panic,
}

impl From<Reply> for Answer {
    fn from((status, body): Reply) -> Self {
        Self::Response(status, body)
    }
}

/// A call that waits for its fate.
#[derive(Debug)]
pub(crate) struct Call {
    /// Who makes it.
    pub(crate) invocation: u64,
    /// `PutItem`, ...
    pub(crate) operation: String,
    /// The request.
    pub(crate) body: Value,
    /// When it was made, on the virtual clock of the runtime.
    pub(crate) at: Instant,
    answer: oneshot::Sender<Answer>,
}

impl Call {
    /// Answers; nobody listens any more if the invocation crashed.
    pub(crate) fn answer(self, answer: Answer) {
        self.answer.send(answer).ok();
    }
}

/// The calls that wait.
#[derive(Debug, Clone, Default)]
pub(crate) struct Network(Arc<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    calls: Vec<Call>,
}

impl Network {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting().calls.len()
    }

    /// Takes one of the waiting calls.
    pub(crate) fn take(&self, place: usize) -> Call {
        self.waiting().calls.remove(place)
    }

    /// Which invocations have a call waiting.
    pub(crate) fn callers(&self) -> Vec<u64> {
        self.waiting().calls.iter().map(|call| call.invocation).collect()
    }

    /// Takes back the calls of an invocation that crashed: they were never sent.
    pub(crate) fn forget(&self, invocation: u64) -> Vec<Call> {
        let mut waiting = self.waiting();
        let (gone, kept) = waiting.calls.drain(..).partition(|call| call.invocation == invocation);
        waiting.calls = kept;
        gone
    }

    /// The SDK on this network: what it sends waits here.
    pub(crate) fn config(&self) -> SdkConfig {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(2)).build();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("k", "s", None, None, "network")))
            .http_client(self.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts)
            .endpoint_url("http://dynamodb")
            .build()
    }
}

impl HttpClient for Network {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Network {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let (operation, body) = match target.rsplit_once('.') {
            Some((_, operation)) => {
                let body = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
                (operation.to_owned(), body.unwrap_or_default())
            }
            None if request.uri().ends_with("/v2/email/outbound-emails") => {
                let body = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
                ("SendEmail".to_owned(), body.unwrap_or_default())
            }
            None => objects::asked(request.method(), request.uri(), request.body().bytes().unwrap_or_default()),
        };
        let (answer, answered) = oneshot::channel();
        let invocation = INVOCATION.try_with(|invocation| *invocation).unwrap_or_default();
        let mut waiting = self.waiting();
        waiting.calls.push(Call { invocation, operation, body, at: Instant::now(), answer });
        drop(waiting);
        HttpConnectorFuture::new(async move {
            match answered.await {
                Ok(Answer::Response(status, body)) => {
                    let status = status.try_into().map_err(|error| ConnectorError::other(Box::new(error), None))?;
                    let length = body.len().to_string();
                    let mut response = HttpResponse::new(status, SdkBody::from(body));
                    response.headers_mut().insert("content-length", length);
                    Ok(response)
                }
                Ok(Answer::Panic) => std::panic::panic_any(INJECTED),
                Ok(Answer::Timeout) | Err(_) => Err(ConnectorError::timeout("no answer in time".into())),
            }
        })
    }
}
