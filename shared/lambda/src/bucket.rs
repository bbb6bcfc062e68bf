//! The bucket of files with personal data. Whoever uploads or downloads one has an address that is good for a while.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use crate::Failure;
use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::presigning::PresigningConfig;

/// How long a file may take to be read or written.
const PATIENCE: Duration = Duration::from_mins(1);

/// For how long a signed address is good.
pub const GOOD: Duration = Duration::from_mins(60);

/// The bucket.
#[derive(Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

fn unavailable(error: impl Error + Send + Sync + 'static) -> Failure {
    Failure::Unavailable(Arc::new(error))
}

impl Bucket {
    /// On any configuration.
    #[must_use]
    pub fn new(aws: &SdkConfig, name: String) -> Self {
        let config = aws_sdk_s3::config::Builder::from(aws)
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build());
        Self { client: Client::from_conf(config.build()), name }
    }

    /// Keeps an object.
    ///
    /// # Errors
    /// S3 does not answer.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        let put = self.client.put_object().bucket(&self.name).key(key).body(bytes.into());
        put.send().await.map(drop).map_err(|error| unavailable(error.into_service_error()))
    }

    /// How large an object is; none if there is none.
    ///
    /// # Errors
    /// S3 does not answer.
    pub async fn size(&self, key: &str) -> Result<Option<u64>, Failure> {
        match self.client.head_object().bucket(&self.name).key(key).send().await {
            Ok(found) => Ok(found.content_length().and_then(|size| u64::try_from(size).ok())),
            Err(error) => match error.into_service_error() {
                error if error.is_not_found() => Ok(None),
                error => Err(unavailable(error)),
            },
        }
    }

    /// An object; none if there is none.
    ///
    /// # Errors
    /// S3 does not answer.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(found) => Ok(Some(found.body.collect().await.map_err(unavailable)?.to_vec())),
            Err(error) => match error.into_service_error() {
                error if error.is_no_such_key() => Ok(None),
                error => Err(unavailable(error)),
            },
        }
    }

    /// Removes an object, if there is one.
    ///
    /// # Errors
    /// S3 does not answer.
    pub async fn delete(&self, key: &str) -> Result<(), Failure> {
        let delete = self.client.delete_object().bucket(&self.name).key(key);
        delete.send().await.map(drop).map_err(|error| unavailable(error.into_service_error()))
    }

    /// Where an object may be put for a while.
    ///
    /// # Errors
    /// S3 does not answer.
    pub async fn upload(&self, key: &str) -> Result<String, Failure> {
        let signed = self.client.put_object().bucket(&self.name).key(key).presigned(good(GOOD)?).await;
        Ok(signed.map_err(unavailable)?.uri().to_owned())
    }

    /// Where an object may be had for a while.
    ///
    /// # Errors
    /// S3 does not answer.
    pub async fn download(&self, key: &str) -> Result<String, Failure> {
        self.download_for(key, GOOD).await
    }

    /// Where an object may be had for so long; not longer than the function's own credentials are good.
    ///
    /// # Errors
    /// S3 does not answer, or it is longer than an address can be good.
    pub async fn download_for(&self, key: &str, time: Duration) -> Result<String, Failure> {
        let signed = self.client.get_object().bucket(&self.name).key(key).presigned(good(time)?).await;
        Ok(signed.map_err(unavailable)?.uri().to_owned())
    }
}

fn good(time: Duration) -> Result<PresigningConfig, Failure> {
    PresigningConfig::expires_in(time).map_err(unavailable)
}
