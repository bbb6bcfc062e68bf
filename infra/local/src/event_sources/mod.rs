//! What invokes functions besides HTTP: queues, schedules and streams.

mod expression;
pub(crate) mod queue;
pub(crate) mod schedule;
pub(crate) mod stream;

pub use expression::{Cron, Expression};
