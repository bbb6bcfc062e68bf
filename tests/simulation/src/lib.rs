//! A deterministic simulator of the whole chain: the real handlers on the real AWS SDK, an embedded DynamoDB, and faults.
//!
//! The seam is the SDK's HTTP client. A call does not go out; it waits in the [`network`] until the scheduler of the
//! [`world`] decides its fate: carried out, carried out and the answer lost, refused, carried out much later, answered with
//! old data. One AWS call is one step; a crash drops the handler's future. Time is virtual. Everything follows from one
//! seed, so a failing run can be watched again: `cargo run -p simulation -- --seed N --trace`.

mod audit;
mod dynamo;
mod network;
mod workload;
pub mod world;

pub use world::{Outcome, Plan, run};
