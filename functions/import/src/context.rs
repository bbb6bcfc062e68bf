//! What the function holds: the keys of personal data with the bucket, and its own queue.

use std::ops::Deref;
use std::sync::Arc;

use aws_config::SdkConfig;
use lambda::{BootError, Clock, Failure, Private, Settings, aws_config};
use serde_json::{Value, json};
use store::Jitter;

/// What the function holds between invocations.
#[derive(Debug)]
pub struct Importer {
    private: Arc<Private>,
    sqs: aws_sdk_sqs::Client,
    queue: String,
}

impl Deref for Importer {
    type Target = Private;

    fn deref(&self) -> &Private {
        &self.private
    }
}

impl Importer {
    /// On Lambda: settings from the environment.
    ///
    /// # Errors
    /// A setting is missing or the programme cannot be loaded.
    pub async fn boot() -> Result<Self, BootError> {
        let settings = Settings::from_env()?;
        Self::new(&aws_config(&settings), settings, Clock::system(), Jitter::random()).await
    }

    /// On any configuration, clock and jitter.
    ///
    /// # Errors
    /// As [`Private::new`] and [`Importer::with`].
    pub async fn new(aws: &SdkConfig, settings: Settings, clock: Clock, jitter: Jitter) -> Result<Self, BootError> {
        let private = Private::new(aws, settings.clone(), clock, jitter).await?;
        Self::with(Arc::new(private), aws, settings)
    }

    /// Of an app and keys that reach the bucket, with its queue.
    ///
    /// # Errors
    /// Bucket or queue are not named.
    pub fn with(private: Arc<Private>, aws: &SdkConfig, settings: Settings) -> Result<Self, BootError> {
        settings.private_bucket.ok_or(BootError::Missing("PRIVATE_BUCKET"))?;
        let queue = settings.imports_queue.ok_or(BootError::Missing("IMPORTS_QUEUE_URL"))?;
        Ok(Self { private, sqs: aws_sdk_sqs::Client::new(aws), queue })
    }

    /// Sends the message that an import goes on.
    pub(crate) async fn go_on(&self, import: &str) -> Result<(), Failure> {
        self.send(&json!({ "import": import })).await
    }

    /// Sends the message that an export goes on.
    pub(crate) async fn gather(&self, export: &str) -> Result<(), Failure> {
        self.send(&json!({ "export": export })).await
    }

    async fn send(&self, message: &Value) -> Result<(), Failure> {
        let sent = self.sqs.send_message().queue_url(&self.queue).message_body(message.to_string()).send().await;
        sent.map(drop).map_err(|error| Failure::Unavailable(Arc::new(error.into_service_error())))
    }
}
