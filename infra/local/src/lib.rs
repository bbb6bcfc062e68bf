//! The local platform: everything that `template.yaml` deploys, on this machine and in one process.
//!
//! It is a development and test tool. The functions are the ones that are deployed; around them, DynamoDB, SQS,
//! API Gateway, the scheduler and the identity provider are stood in for, and what they do that a function can
//! notice, they do here: conditions and transactions, redelivery and dead letters, partial batches, 401 and 403.

pub mod aws;
pub mod clock;
pub mod data;
pub mod dynamodb;
pub mod event_sources;
pub mod events;
pub mod export;
pub mod functions;
mod gateway;
pub mod issuer;
pub mod platform;
pub mod programme;
pub mod payload;
mod queues;
pub mod replay;
mod runtime;
mod server;
pub mod template;
