//! What a function holds between invocations.

use std::sync::{Arc, PoisonError, RwLock};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use domain::kernel::id::MemberId;
use domain::ledger::command::Instruction;
use domain::ledger::entry::Entry;
use domain::ledger::moving::Moving;
use domain::ledger::refusal::Refused;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use store::{Done, Jitter, MoveOrder, OrderMoved, Outcomes, Patience, Refunded, Reversed, Review, Store, StoreError};
use tokio::time::Instant;

use crate::boot::BootError;
use crate::tally::Tally;
use crate::{Clock, Settings};

/// How long a loaded list of programme versions is used before it is looked up again.
const PROGRAMMES_FRESH: SignedDuration = SignedDuration::from_secs(60);

/// Connections, clock and the current programme: made once, in init.
#[derive(Debug)]
pub struct App {
    store: Store,
    clock: Clock,
    jitter: Jitter,
    programmes: RwLock<Loaded>,
    pub(crate) tally: Tally,
}

/// The programme versions and when they were looked up; nothing while they cannot be used.
type Loaded = Option<(Arc<Programmes>, Timestamp)>;

/// How the functions reach AWS: no call waits for longer than an invocation has.
///
/// Lambda hands credentials and region over in the environment, for as long as the process lives. So nothing else is looked for,
/// and the code that would look - profiles, roles, single sign-on, instance metadata - is not linked: half a megabyte.
#[must_use]
pub fn aws_config(settings: &Settings) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(6))
        .build();
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(settings.region.clone().map(Region::new))
        .http_client(crate::trust::client(settings.roots.clone()))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts);
    match &settings.endpoint {
        Some(url) => config.endpoint_url(url).build(),
        None => config.build(),
    }
}

impl App {
    /// On Lambda: settings from the environment, one connection, opened by loading the programme.
    ///
    /// # Errors
    /// A setting is missing or the programme cannot be loaded.
    pub async fn boot() -> Result<Self, BootError> {
        let settings = Settings::from_env()?;
        Self::new(&aws_config(&settings), settings, Clock::system(), Jitter::random()).await
    }

    /// On any configuration, clock and jitter. A damaged programme is no reason not to start: every request is told of it, and the first
    /// after it was mended is answered.
    ///
    /// # Errors
    /// The programme cannot be loaded.
    pub async fn new(
        aws: &aws_config::SdkConfig,
        settings: Settings,
        clock: Clock,
        jitter: Jitter,
    ) -> Result<Self, BootError> {
        let store = Store::new(aws_sdk_dynamodb::Client::new(aws), settings.tables);
        let programmes = match store.programmes(&Programmes::default()).await {
            Ok(programmes) => Some((Arc::new(programmes), clock.now())),
            Err(StoreError::ProgrammeDamaged(_)) => None,
            Err(error) => return Err(BootError::Store(error)),
        };
        let programmes = RwLock::new(programmes);
        Ok(Self { store, clock, jitter, programmes, tally: Tally::default() })
    }

    /// The tables.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The programme versions, looked up again after a minute.
    ///
    /// # Errors
    /// They are old and cannot be looked up.
    pub async fn programmes(&self) -> Result<Arc<Programmes>, StoreError> {
        let Some((programmes, loaded_at)) = self.loaded() else {
            return self.reload(&Programmes::default()).await;
        };
        if self.now().duration_since(loaded_at).abs() < PROGRAMMES_FRESH {
            return Ok(programmes);
        }
        self.reload(&programmes).await
    }

    fn loaded(&self) -> Loaded {
        self.programmes.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn reload(&self, known: &Programmes) -> Result<Arc<Programmes>, StoreError> {
        let programmes = Arc::new(self.store.programmes(known).await?);
        let mut loaded = self.programmes.write().unwrap_or_else(PoisonError::into_inner);
        *loaded = Some((Arc::clone(&programmes), self.now()));
        Ok(programmes)
    }

    /// How long one command may be tried.
    #[must_use]
    pub fn patience(&self, deadline: Instant) -> Patience {
        Patience::until(deadline, self.jitter.clone())
    }

    /// Carries out commands for one member in one write.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn execute_all(
        &self,
        member: &MemberId,
        instructions: &[Instruction],
        deadline: Instant,
    ) -> Result<Outcomes, StoreError> {
        let programmes = self.programmes().await?;
        let now = self.now();
        let mut patience = self.patience(deadline);
        let setting = Setting { programmes: &programmes, now };
        match self.store.execute(member, instructions, setting, &mut patience).await {
            Err(StoreError::UnknownProgramme(_)) => {
                let programmes = self.reload(&programmes).await?;
                let setting = Setting { programmes: &programmes, now };
                self.store.execute(member, instructions, setting, &mut patience).await
            }
            outcomes => outcomes,
        }
    }

    /// Carries out a refund, on whose account its order is, or lets it wait for the order.
    ///
    /// # Errors
    /// As [`Store::refund`].
    pub async fn refund(
        &self,
        member: Option<&MemberId>,
        instruction: &Instruction,
        deadline: Instant,
    ) -> Result<Result<Refunded, Refused>, StoreError> {
        let programmes = self.programmes().await?;
        let now = self.now();
        let mut patience = self.patience(deadline);
        let setting = Setting { programmes: &programmes, now };
        match self.store.refund(member, instruction, setting, &mut patience).await {
            Err(StoreError::UnknownProgramme(_)) => {
                let programmes = self.reload(&programmes).await?;
                let setting = Setting { programmes: &programmes, now };
                self.store.refund(member, instruction, setting, &mut patience).await
            }
            refunded => refunded,
        }
    }

    /// Moves an order to another member.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub async fn move_order(
        &self,
        asked: &MoveOrder,
        deadline: Instant,
    ) -> Result<Result<OrderMoved, Moving>, StoreError> {
        let programmes = self.programmes().await?;
        let now = self.now();
        let mut patience = self.patience(deadline);
        match self.store.move_order(asked, Setting { programmes: &programmes, now }, &mut patience).await {
            Err(StoreError::UnknownProgramme(_)) => {
                let programmes = self.reload(&programmes).await?;
                self.store.move_order(asked, Setting { programmes: &programmes, now }, &mut patience).await
            }
            moved => moved,
        }
    }

    /// Takes a fact back that is no order, or lets that wait until the fact is reported.
    ///
    /// # Errors
    /// As [`Store::reverse_activity`].
    pub async fn reverse_activity(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        deadline: Instant,
    ) -> Result<Result<Reversed, Refused>, StoreError> {
        let programmes = self.programmes().await?;
        let now = self.now();
        let mut patience = self.patience(deadline);
        let setting = Setting { programmes: &programmes, now };
        match self.store.reverse_activity(member, instruction, setting, &mut patience).await {
            Err(StoreError::UnknownProgramme(_)) => {
                let programmes = self.reload(&programmes).await?;
                let setting = Setting { programmes: &programmes, now };
                self.store.reverse_activity(member, instruction, setting, &mut patience).await
            }
            reversed => reversed,
        }
    }

    /// Works out a member's scores and tier anew.
    ///
    /// # Errors
    /// As [`Store::review`].
    pub async fn evaluate(
        &self,
        member: &MemberId,
        review: Review,
        deadline: Instant,
    ) -> Result<Option<Entry>, StoreError> {
        let programmes = self.programmes().await?;
        let setting = Setting { programmes: &programmes, now: self.now() };
        self.store.review(member, review, setting, &mut self.patience(deadline)).await
    }

    /// Carries out one command.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn execute(
        &self,
        member: &MemberId,
        instruction: Instruction,
        deadline: Instant,
    ) -> Result<Result<Done, Refused>, StoreError> {
        let mut outcomes = self.execute_all(member, &[instruction], deadline).await?;
        outcomes.pop().ok_or_else(|| StoreError::bug("one command has one outcome"))
    }
}
