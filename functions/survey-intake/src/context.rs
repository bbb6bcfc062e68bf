//! What the function holds between invocations: an app with the keys of members, and what words mean.

use std::ops::Deref;
use std::sync::Arc;

use aws_config::SdkConfig;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::Timestamp;
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

/// What decisions of one invocation rest on.
#[derive(Debug)]
pub(crate) struct View<'a> {
    surveyor: &'a Surveyor,
    pub(crate) programmes: Arc<Programmes>,
    pub(crate) now: Timestamp,
}

impl View<'_> {
    pub(crate) fn surveys(&self) -> Surveys<'_> {
        Surveys {
            store: self.surveyor.store(),
            keys: self.surveyor.keys(),
            programmes: &self.programmes,
            dictionaries: &self.surveyor.dictionaries,
            now: self.now,
        }
    }

    pub(crate) fn setting(&self) -> Setting<'_> {
        Setting { programmes: &self.programmes, now: self.now }
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
    pub(crate) async fn view(&self) -> Result<View<'_>, StoreError> {
        let (programmes, now) = (self.programmes().await?, self.now());
        self.dictionaries.ready(self.store(), programmes.at(now)).await?;
        Ok(View { surveyor: self, programmes, now })
    }
}
