//! What invokes functions besides HTTP: queues, schedules and streams.

pub(crate) mod queue;
pub(crate) mod schedule;
pub(crate) mod stream;
