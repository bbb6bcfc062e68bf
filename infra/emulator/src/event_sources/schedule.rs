//! Schedules: functions invoked by the platform's clock.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use jiff::Timestamp;
use sam::machine::{ACCOUNT, Clock, REGION, arn};
use sam::template::Schedule;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::runtime::Runtime;

/// The longest sleep: a machine that was suspended notices soon after it wakes.
const NAP: Duration = Duration::from_secs(30);

/// The schedules of a platform.
pub(crate) struct Schedules {
    schedules: Vec<Schedule>,
    runtime: Arc<Runtime>,
    clock: Clock,
    /// When rates began to count.
    began: Timestamp,
    /// Up to when what was due has been fired.
    fired_until: Mutex<Timestamp>,
}

impl Schedules {
    pub(crate) fn new(schedules: Vec<Schedule>, runtime: Arc<Runtime>, clock: Clock) -> Self {
        let began = clock.now();
        Self { schedules, runtime, clock, began, fired_until: Mutex::new(began) }
    }

    /// Fires by the clock until `stop`.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let now = self.clock.now();
            let next = self.schedules.iter().filter_map(|it| it.expression.next(now, self.began, &it.time_zone)).min();
            let wait = next.map_or(NAP, |next| Duration::try_from(next.duration_since(now)).unwrap_or_default());
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait.min(NAP)) => {}
            }
            if let Err(error) = self.catch_up().await {
                tracing::error!("{error:#}");
            }
        }
    }

    /// Fires what has become due since the last time, each schedule at most once, in the order of their times.
    pub(crate) async fn catch_up(&self) -> anyhow::Result<()> {
        let to = self.clock.now();
        let from = std::mem::replace(&mut *self.fired_until.lock().unwrap_or_else(PoisonError::into_inner), to);
        let last = |it: &Schedule| it.expression.last(from, to, self.began, &it.time_zone);
        let mut due: Vec<_> = self.schedules.iter().filter_map(|it| Some((last(it)?, it))).collect();
        due.sort_by_key(|(time, _)| *time);
        let mut outcome = Ok(());
        for (time, schedule) in due {
            let fired = self.invoke(schedule, time).await;
            outcome = outcome.and(fired);
        }
        outcome
    }

    /// Fires a schedule now, due or not.
    pub(crate) async fn fire(&self, name: &str) -> anyhow::Result<()> {
        let schedule = self.schedules.iter().find(|schedule| schedule.name == name);
        let schedule = schedule.with_context(|| {
            let known: Vec<&str> = self.schedules.iter().map(|schedule| schedule.name.as_str()).collect();
            format!("there is no schedule {name} (known: {})", known.join(", "))
        })?;
        self.invoke(schedule, self.clock.now()).await
    }

    async fn invoke(&self, schedule: &Schedule, time: Timestamp) -> anyhow::Result<()> {
        let outcome = self.runtime.invoke(&schedule.function, event(&schedule.name, time)).await;
        outcome.map(drop).map_err(|error| anyhow::anyhow!("schedule {}: {error}", schedule.name))
    }
}

/// The event of a schedule that was due at `time`.
fn event(name: &str, time: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": format!("{:032x}", fastrand::u128(..)),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": time.to_string(),
        "region": REGION,
        "resources": [arn("scheduler", &format!("schedule/default/{name}"))],
        "detail": {},
    })
}

#[cfg(test)]
mod tests;
