//! What the function holds between invocations: an app with the keys of members, and what words mean.

use std::ops::Deref;

use aws_config::SdkConfig;
use lambda::{BootError, Clock, Private, Settings, aws_config};
use store::{Jitter, StoreError};
use surveys::{Dictionaries, Surveys};

/// An app with keys, and what words mean.
#[derive(Debug)]
pub struct Surveyor {
    private: Private,
    dictionaries: Dictionaries,
}

impl Deref for Surveyor {
    type Target = Private;

    fn deref(&self) -> &Private {
        &self.private
    }
}

impl Surveyor {
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
        Ok(Self::with(Private::new(aws, settings, clock, jitter).await?))
    }

    /// Of an app with keys.
    #[must_use]
    pub fn with(private: Private) -> Self {
        Self { private, dictionaries: Dictionaries::default() }
    }

    /// What decisions rest on now.
    pub(crate) async fn surveys(&self) -> Result<Surveys<'_>, StoreError> {
        let (programmes, now) = (self.programmes().await?, self.now());
        self.dictionaries.ready(self.store(), programmes.at(now)).await?;
        let (store, keys, dictionaries) = (self.store(), self.keys(), &self.dictionaries);
        Ok(Surveys { store, keys, programmes, dictionaries, now })
    }
}
