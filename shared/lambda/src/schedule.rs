//! The sweep of accounts and members to which time has done something.

use std::error::Error;
use std::fmt;

use domain::kernel::id::MemberId;
use domain::programme::setting::Setting;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use store::{Review, StoreError, table};
use tokio::time::Instant;

use crate::App;
use crate::failure::{Broken, Failure};

/// How many are settled at once: the calls of one wait while another decides.
const AT_ONCE: usize = 16;

/// What a sweep did.
#[derive(Debug, Default)]
struct Swept {
    looked_at: u64,
    settled: u64,
    busy: u64,
    failed: u64,
}

/// Writes the books of every account that is due: points, holds, tiers, scores, notices. Returns what it did.
///
/// It reads only accounts that are due, through the index `due`: one query per shard, whatever the number of members and
/// however long ago the last sweep was, then one settlement per account. Skipped, late or doubled sweeps do no harm, and
/// several may run at once.
///
/// # Errors
/// The store fails, or an account could not be settled; the next sweep does what this one left.
pub async fn sweep(app: &App, deadline: Instant) -> Result<Value, Broken> {
    let now = app.now();
    let programmes = app.programmes().await.map_err(Broken::by)?;
    let setting = Setting { programmes: &programmes, now };
    let settle = |member: MemberId| async move {
        let written = app.store().review(&member, Review::IfDue, setting, &mut app.patience(deadline)).await;
        written.map(|entry| entry.is_some())
    };
    each_due(deadline, |shard| app.store().due_by(shard, now), settle).await
}

/// Settles everybody who is due, shard by shard: `due` finds those of a shard, `settle` writes what time has done to one and says whether
/// it had done anything. Returns what was done.
///
/// # Errors
/// As [`sweep`].
pub async fn each_due<K, D, S, E>(
    deadline: Instant,
    due: impl Fn(u32) -> D,
    settle: impl Fn(K) -> S,
) -> Result<Value, Broken>
where
    K: fmt::Display + Clone,
    D: Future<Output = Result<Vec<K>, StoreError>>,
    S: Future<Output = Result<bool, E>>,
    E: Into<Failure>,
{
    let swept = sweep_shards(deadline, due, settle).await.map_err(Broken::by)?;
    let Swept { looked_at, settled, busy, failed } = swept;
    tracing::info!(looked_at, settled, busy, failed, "swept what was due");
    if failed > 0 {
        return Err(Broken::by(Unsettled { failed, looked_at }));
    }
    Ok(json!({"looked_at": looked_at, "settled": settled, "busy": busy}))
}

/// Some could not be settled.
#[derive(Debug)]
struct Unsettled {
    failed: u64,
    looked_at: u64,
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} members could not be settled; the log names them", self.failed, self.looked_at)
    }
}

impl Error for Unsettled {}

async fn sweep_shards<K, D, S, E>(
    deadline: Instant,
    due: impl Fn(u32) -> D,
    settle: impl Fn(K) -> S,
) -> Result<Swept, StoreError>
where
    K: fmt::Display + Clone,
    D: Future<Output = Result<Vec<K>, StoreError>>,
    S: Future<Output = Result<bool, E>>,
    E: Into<Failure>,
{
    let mut swept = Swept::default();
    for shard in 0..table::DUE_SHARDS {
        let due = due(shard).await?;
        let settled: Vec<_> = due.into_iter().map(|what| one(what, deadline, &settle)).collect();
        let mut settled = stream::iter(settled).buffer_unordered(AT_ONCE);
        while let Some(done) = settled.next().await {
            swept.looked_at += u64::from(done != Done::Left);
            swept.settled += u64::from(done == Done::Settled);
            swept.busy += u64::from(done == Done::Busy);
            swept.failed += u64::from(done == Done::Failed);
        }
        if Instant::now() >= deadline {
            break; // what is left is still due: the next run finds it
        }
    }
    Ok(swept)
}

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// Something was written.
    Settled,
    /// Nothing had to be.
    Current,
    /// Others write it; the next run finds it.
    Busy,
    /// It could not be read or written; it keeps nobody else waiting.
    Failed,
    /// There was no time left to look at it.
    Left,
}

async fn one<K, S, E>(what: K, deadline: Instant, settle: impl Fn(K) -> S) -> Done
where
    K: fmt::Display + Clone,
    S: Future<Output = Result<bool, E>>,
    E: Into<Failure>,
{
    if Instant::now() >= deadline {
        return Done::Left;
    }
    match settle(what.clone()).await.map_err(Into::into) {
        Ok(true) => Done::Settled,
        Ok(false) => Done::Current,
        Err(Failure::Busy(_)) => Done::Busy,
        Err(failure) => {
            tracing::error!(%what, error = failure.cause(), "what is due could not be settled");
            Done::Failed
        }
    }
}
