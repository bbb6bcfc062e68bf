//! What the function holds between invocations: an app, and where it answers that somebody who was erased is forgotten.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use aws_config::SdkConfig;
use domain::care::{Care, Decided, KeyId, Scene};
use domain::kernel::id::{MemberId, OperationId};
use domain::programme::compiled::Programmes;
use jiff::Timestamp;
use lambda::{App, BootError, Clock, Failure, Settings, aws_config};
use serde_json::Value;
use store::{CareAsked, CareDone, Jitter, Known, Sight, StoreError};
use tokio::time::Instant;

/// An app, and the queue of who erases.
#[derive(Debug)]
pub struct Carer {
    app: App,
    sqs: aws_sdk_sqs::Client,
    members: String,
}

impl Deref for Carer {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// What decisions of one invocation rest on.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) programmes: Arc<Programmes>,
    pub(crate) paused: BTreeSet<String>,
    pub(crate) now: Timestamp,
}

impl View {
    pub(crate) fn sight(&self) -> Sight<'_> {
        Sight { programmes: &self.programmes, paused: &self.paused, now: self.now }
    }

    pub(crate) fn scene<'a>(&'a self, known: &'a Known) -> Scene<'a> {
        Scene { programmes: &self.programmes, person: &known.person, paused: &self.paused, now: self.now }
    }
}

impl Carer {
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
    /// The queue is not named, or the programme cannot be loaded.
    pub async fn new(aws: &SdkConfig, settings: Settings, clock: Clock, jitter: Jitter) -> Result<Self, BootError> {
        let members = settings.members_queue.clone().ok_or(BootError::Missing("MEMBERS_QUEUE_URL"))?;
        let app = App::new(aws, settings, clock, jitter).await?;
        Ok(Self { app, sqs: aws_sdk_sqs::Client::new(aws), members })
    }

    /// What decisions rest on now.
    pub(crate) async fn view(&self) -> Result<View, StoreError> {
        let (programmes, now) = (self.programmes().await?, self.now());
        Ok(View { programmes, paused: self.store().pauses().await?.names(), now })
    }

    /// Who is meant by an id, and what is read of them.
    pub(crate) async fn known(&self, view: &View, member: &MemberId) -> Result<Known, StoreError> {
        self.store().care_person(member, view.programmes.at(view.now), view.now).await
    }

    /// Decides something of a member's care.
    pub(crate) async fn decide(
        &self,
        (view, known): (&View, &Known),
        (keys, event): (BTreeSet<KeyId>, Option<(OperationId, OperationId)>),
        deadline: Instant,
        decide: impl Fn(&Care, Scene<'_>) -> Decided,
    ) -> Result<CareDone, StoreError> {
        let Known { member, person, .. } = known;
        let asked = CareAsked { member, person, sight: view.sight(), keys, event };
        let done = self.store().care_for(&asked, &mut self.patience(deadline), decide).await?;
        for ignored in &done.ignored {
            // Counted from the log, by reason; it names no member.
            tracing::info!(journey = ignored.journey, why = ignored.why.name(), "a fact began nothing");
        }
        Ok(done)
    }

    /// Says to who erases what was deleted.
    pub(crate) async fn answer(&self, message: &Value) -> Result<(), Failure> {
        let sent = self.sqs.send_message().queue_url(&self.members).message_body(message.to_string()).send().await;
        sent.map(drop).map_err(|error| Failure::Unavailable(Arc::new(error.into_service_error())))
    }
}
