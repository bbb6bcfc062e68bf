//! What the function holds between invocations: an app with the keys of members, and the providers.

use std::ops::Deref;

use aws_config::SdkConfig;
use lambda::{BootError, Clock, Private, Settings, aws_config};
use providers::Providers;
use store::Jitter;

/// An app with keys, and the providers.
#[derive(Debug)]
pub struct Dispatcher {
    private: Private,
    pub(crate) providers: Providers,
}

impl Deref for Dispatcher {
    type Target = Private;

    fn deref(&self) -> &Private {
        &self.private
    }
}

impl Dispatcher {
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
    /// As [`Private::new`].
    pub async fn new(aws: &SdkConfig, settings: Settings, clock: Clock, jitter: Jitter) -> Result<Self, BootError> {
        Ok(Self::with(Private::new(aws, settings.clone(), clock, jitter).await?, aws, settings))
    }

    /// Of an app with keys.
    #[must_use]
    pub fn with(private: Private, aws: &SdkConfig, settings: Settings) -> Self {
        Self { private, providers: Providers::new(aws, settings.sms_number) }
    }
}
