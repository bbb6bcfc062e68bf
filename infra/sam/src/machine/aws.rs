//! What stands in for the AWS account: a region, an account number, and an SDK configuration that reaches only
//! this machine.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The region of every resource.
pub const REGION: &str = "us-east-1";
/// The account that owns every resource.
pub const ACCOUNT: &str = "000000000000";

/// The endpoints, by the service identifiers the SDK asks for.
#[derive(Debug)]
struct Endpoints {
    dynamodb: String,
    sqs: String,
    kms: String,
    s3: String,
    providers: String,
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        match (key.env(), key.service_id()) {
            ("AWS_ENDPOINT_URL", "DynamoDB") => Some(self.dynamodb.clone()),
            ("AWS_ENDPOINT_URL", "SQS") => Some(self.sqs.clone()),
            ("AWS_ENDPOINT_URL", "KMS") => Some(self.kms.clone()),
            ("AWS_ENDPOINT_URL", "S3") => Some(self.s3.clone()),
            ("AWS_ENDPOINT_URL", "SESv2" | "Pinpoint SMS Voice V2") => Some(self.providers.clone()),
            _ => None,
        }
    }
}

/// One configuration, and so one HTTP client, for every function of a platform. It reads neither the environment
/// nor `~/.aws`: whatever a developer's shell is logged in to, the local platform cannot reach it.
#[must_use]
pub fn config([dynamodb, sqs, kms, s3, providers]: [&str; 5]) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "local")))
        // Plain HTTP on the loopback interface: no root certificates to parse at every start.
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .service_config(Endpoints {
            dynamodb: dynamodb.to_owned(),
            sqs: sqs.to_owned(),
            kms: kms.to_owned(),
            s3: s3.to_owned(),
            providers: providers.to_owned(),
        })
        .build()
}

/// The ARN of a resource of `service`.
#[must_use]
pub fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}
