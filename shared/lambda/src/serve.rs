//! A function on the Lambda runtime.

use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tokio::time::Instant;

use crate::Clock;
use crate::boot::BootError;
use crate::route::{Function, handle};
use crate::settings::Logging;
use crate::trigger::Trigger;

/// How long before the end of an invocation no write is begun any more.
const MARGIN: Duration = Duration::from_millis(300);

/// Logs to standard output, as Lambda's logging controls say. The runtime's own way to do so brings a filter language with it, and
/// so two crates of regular expressions.
fn log() {
    let Logging { level, json } = Logging::from_env();
    let lines = tracing_subscriber::fmt().with_target(false).without_time().with_max_level(level);
    if json { lines.json().init() } else { lines.init() }
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
