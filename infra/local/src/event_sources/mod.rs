//! What invokes functions besides HTTP: queues and schedules.

mod expression;
pub(crate) mod queue;
pub(crate) mod schedule;

pub use expression::{Cron, Expression};
