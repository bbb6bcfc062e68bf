//! What AWS Lambda does around a function: starts it with its environment, hands it one payload, and ends what
//! takes too long or panics.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use crate::roles::Role;
use anyhow::Context as _;
use aws_config::SdkConfig;
pub use futures_util::future::BoxFuture;
use sam::machine::Clock;
use sam::template::Function;
use serde_json::Value;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// One deployed function: a payload in, a payload out, exactly as the Lambda runtime would hand it over.
pub type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, String>> + Send + Sync>;

/// What a function may know of its surroundings.
pub struct Surroundings {
    /// Its environment variables, from the template.
    pub environment: BTreeMap<String, String>,
    /// The way to the AWS services.
    pub aws: SdkConfig,
    /// The time.
    pub clock: Clock,
    /// How long an invocation may take.
    pub timeout: Duration,
}

/// Starts a function.
pub type Boot = fn(Surroundings) -> BoxFuture<'static, anyhow::Result<Handler>>;

/// The functions of the template, started.
pub(crate) struct Runtime {
    functions: BTreeMap<String, Running>,
    invocations: TaskTracker,
    killed: CancellationToken,
}

struct Running {
    handler: Handler,
    timeout: Duration,
}

impl Runtime {
    /// Starts every function.
    pub(crate) async fn start(
        functions: &[Function],
        registry: &BTreeMap<&'static str, Boot>,
        aws: &SdkConfig,
        clock: &Clock,
    ) -> anyhow::Result<Self> {
        let mut running = BTreeMap::new();
        for function in functions {
            let known = || registry.keys().copied().collect::<Vec<_>>().join(", ");
            let boot = registry.get(function.binary.as_str()).with_context(|| {
                format!("function {}: there is no binary {} (known: {})", function.name, function.binary, known())
            })?;
            let environment = function.environment.clone();
            let (aws, clock, timeout) = (Role::of(function).assumed(aws), clock.clone(), function.timeout);
            let surroundings = Surroundings { environment, aws, clock, timeout };
            let handler =
                boot(surroundings).await.with_context(|| format!("function {} does not start", function.name))?;
            running.insert(function.name.clone(), Running { handler, timeout });
        }
        Ok(Self { functions: running, invocations: TaskTracker::new(), killed: CancellationToken::new() })
    }

    /// One function, started already.
    #[cfg(test)]
    pub(crate) fn of(name: &str, timeout: Duration, handler: Handler) -> Self {
        let functions = BTreeMap::from([(name.to_owned(), Running { handler, timeout })]);
        Self { functions, invocations: TaskTracker::new(), killed: CancellationToken::new() }
    }

    /// Invokes a function. The invocation goes on when the caller loses interest, as it does on AWS.
    pub(crate) async fn invoke(&self, function: &str, payload: Value) -> Result<Value, String> {
        let running = self.functions.get(function).ok_or_else(|| format!("there is no function {function}"))?;
        let (handler, timeout, killed) = (running.handler.clone(), running.timeout, self.killed.clone());
        let invocation = self.invocations.spawn(async move {
            tokio::select! {
                outcome = async { handler(payload).await } => outcome,
                () = tokio::time::sleep(timeout) => {
                    Err(format!("the function timed out after {} s", timeout.as_secs()))
                }
                () = killed.cancelled() => Err("the platform was killed".to_owned()),
            }
        });
        invocation.await.unwrap_or_else(|error| Err(format!("the function ended early: {error}")))
    }

    /// Is any function at work?
    pub(crate) fn is_busy(&self) -> bool {
        !self.invocations.is_empty()
    }

    /// Waits until every invocation has ended.
    pub(crate) async fn finish(&self) {
        self.invocations.close();
        self.invocations.wait().await;
    }

    /// Ends every invocation, as a kill would, when it is dropped.
    pub(crate) fn kill_switch(&self) -> DropGuard {
        self.killed.clone().drop_guard()
    }
}
