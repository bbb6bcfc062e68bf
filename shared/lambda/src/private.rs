//! What a function holds that reads personal data: an app, and the keys under which that is sealed.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use domain::programme::compiled::Programmes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use store::{Draw, Jitter, Keys, Master, Secret, Source, StoreError};

use crate::boot::BootError;
use crate::bucket::Bucket;
use crate::{App, Clock, Failure, Settings, aws_config};

/// An app that may read personal data.
#[derive(Debug)]
pub struct Private {
    app: App,
    keys: Keys,
    /// Was a table restored, and are erasures not made up for yet?
    behind: AtomicBool,
    /// The bucket of files; of a function that is told of it.
    bucket: Option<Bucket>,
    /// The queue of what members are told of; of a function that sends to it.
    members: Option<(aws_sdk_sqs::Client, String)>,
}

impl Deref for Private {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl Private {
    /// On Lambda, as [`App::boot`].
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
    /// The master key is not named, or the programme cannot be loaded.
    pub async fn new(aws: &SdkConfig, settings: Settings, clock: Clock, jitter: Jitter) -> Result<Self, BootError> {
        let keys = keys_of(aws, &settings)?;
        let app = App::new(aws, settings.clone(), clock, jitter).await?;
        let private = Self::with(app, keys).reaching(aws, settings);
        let behind = private.store().needs_replay().await.map_err(BootError::Store)?;
        private.behind.store(behind, Ordering::Relaxed);
        Ok(private)
    }

    /// Of an app and keys.
    #[must_use]
    pub fn with(app: App, keys: Keys) -> Self {
        Self { app, keys, behind: AtomicBool::new(false), bucket: None, members: None }
    }

    /// The same, with the bucket and the queue that it is told of.
    #[must_use]
    pub fn reaching(mut self, aws: &SdkConfig, settings: Settings) -> Self {
        self.bucket = settings.private_bucket.map(|name| Bucket::new(aws, name));
        self.members = settings.members_queue.map(|queue| (aws_sdk_sqs::Client::new(aws), queue));
        self
    }

    /// The bucket of files with personal data.
    ///
    /// # Errors
    /// The function is not told of it: a bug.
    pub fn bucket(&self) -> Result<&Bucket, StoreError> {
        self.bucket.as_ref().ok_or_else(|| StoreError::bug("the function is not told of the bucket"))
    }

    /// Sends a message to the queue of what members are told of.
    ///
    /// # Errors
    /// The queue does not answer, or the function is not told of it: a bug.
    pub async fn tell_members(&self, message: &Value) -> Result<(), Failure> {
        let Some((sqs, queue)) = &self.members else {
            return Err(StoreError::bug("the function is not told of the queue of members").into());
        };
        let sent = sqs.send_message().queue_url(queue).message_body(message.to_string()).send().await;
        sent.map(drop).map_err(|error| Failure::Unavailable(Arc::new(error.into_service_error())))
    }

    /// May members be served? Not while a restored table knows somebody who was erased. A table is restored under another name, so that a
    /// process looks when it starts; one that may not serve looks again each time.
    ///
    /// # Errors
    /// [`StoreError::ReplayNeeded`], or what DynamoDB says.
    pub async fn ready(&self) -> Result<(), StoreError> {
        if self.behind.load(Ordering::Relaxed) {
            if self.store().needs_replay().await? {
                return Err(StoreError::ReplayNeeded);
            }
            self.behind.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    /// As [`App::programmes`], if members may be served: nothing of a member is decided or shown without.
    ///
    /// # Errors
    /// As [`Private::ready`] and [`App::programmes`].
    pub async fn programmes(&self) -> Result<Arc<Programmes>, StoreError> {
        self.ready().await?;
        self.app.programmes().await
    }

    /// The keys under which personal data is sealed and looked up.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}

/// The keys of a stack.
///
/// # Errors
/// The master key is not named.
pub fn keys_of(aws: &SdkConfig, settings: &Settings) -> Result<Keys, BootError> {
    let key = settings.member_key.clone().ok_or(BootError::Missing("MEMBER_KEY"))?;
    Ok(keys_under(aws, key))
}

/// The keys under a master key.
#[must_use]
pub fn keys_under(aws: &SdkConfig, key: String) -> Keys {
    Keys::new(Arc::new(Kms { client: Client::new(aws), key }), Draw::system())
}

/// The master key in KMS. What it wraps is bound to its name.
#[derive(Debug)]
struct Kms {
    client: Client,
    key: String,
}

/// The name in the encryption context.
const NAME: &str = "name";

fn secret(plain: Option<Blob>) -> Result<Secret, Source> {
    let bytes = plain.and_then(|plain| <[u8; 32]>::try_from(plain.into_inner()).ok());
    bytes
        .map(Secret::from)
        .ok_or_else(|| Arc::new(std::io::Error::other("KMS answered with no key of 32 bytes")) as Source)
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Source {
    Arc::new(error)
}

impl Master for Kms {
    fn make<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(Secret, Vec<u8>), Source>> {
        Box::pin(async move {
            let make = self.client.generate_data_key().key_id(&self.key).number_of_bytes(32);
            let made = make.encryption_context(NAME, name).send().await.map_err(unavailable)?;
            let wrapped = made.ciphertext_blob.map(Blob::into_inner).unwrap_or_default();
            Ok((secret(made.plaintext)?, wrapped))
        })
    }

    fn unwrap<'a>(&'a self, name: &'a str, wrapped: &'a [u8]) -> BoxFuture<'a, Result<Secret, Source>> {
        Box::pin(async move {
            let unwrap = self.client.decrypt().key_id(&self.key).ciphertext_blob(Blob::new(wrapped));
            secret(unwrap.encryption_context(NAME, name).send().await.map_err(unavailable)?.plaintext)
        })
    }
}
