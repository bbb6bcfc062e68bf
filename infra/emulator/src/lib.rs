//! AWS on this machine, in one process: DynamoDB, SQS, KMS, S3, API Gateway, the scheduler and the identity provider are stood in for, as
//! `template.yaml` names them, and what they do that a function can notice, they do here: conditions and transactions, redelivery and
//! dead letters, partial batches, 401 and 403. It knows no function of the product: they are handed to it.

mod at_rest;
pub mod dynamodb;
mod event_sources;
mod gateway;
mod kms;
mod outbox;
pub mod payload;
mod platform;
mod queues;
mod roles;
mod runtime;
mod s3;
mod server;

pub use at_rest::AtRest;
pub use kms::MasterKey;
pub use platform::{Platform, Seed, Settings};
pub use roles::{Done, Role};
pub use runtime::{Boot, BoxFuture, Handler, Surroundings};
pub use s3::Buckets;
