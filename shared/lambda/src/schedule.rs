//! The sweep of accounts to which time has done something.

use std::error::Error;
use std::fmt;

use domain::kernel::id::MemberId;
use domain::programme::setting::Setting;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use store::{Review, StoreError, table};
use tokio::time::Instant;

use crate::App;
use crate::failure::{Broken, Chain};

/// How many accounts are settled at once: the calls of one wait while another decides.
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
    let swept = sweep_shards(app, deadline).await.map_err(Broken::by)?;
    let Swept { looked_at, settled, busy, failed } = swept;
    tracing::info!(looked_at, settled, busy, failed, "swept due accounts");
    if failed > 0 {
        return Err(Broken::by(Unsettled { failed, looked_at }));
    }
    Ok(json!({"looked_at": looked_at, "settled": settled, "busy": busy}))
}

/// Some accounts could not be settled.
#[derive(Debug)]
struct Unsettled {
    failed: u64,
    looked_at: u64,
}

impl fmt::Display for Unsettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} accounts could not be settled; the log names them", self.failed, self.looked_at)
    }
}

impl Error for Unsettled {}

async fn sweep_shards(app: &App, deadline: Instant) -> Result<Swept, StoreError> {
    let now = app.now();
    let programmes = app.programmes().await?;
    let mut swept = Swept::default();
    for shard in 0..table::DUE_SHARDS {
        let due = app.store().due_by(shard, now).await?;
        let setting = Setting { programmes: &programmes, now };
        let settled: Vec<_> = due.iter().map(|member| settle(app, member, setting, deadline)).collect();
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

/// What became of an account.
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

async fn settle(app: &App, member: &MemberId, setting: Setting<'_>, deadline: Instant) -> Done {
    if Instant::now() >= deadline {
        return Done::Left;
    }
    match app.store().review(member, Review::IfDue, setting, &mut app.patience(deadline)).await {
        Ok(Some(_)) => Done::Settled,
        Ok(None) => Done::Current,
        Err(StoreError::Busy) => Done::Busy,
        Err(error) => {
            tracing::error!(%member, error = %Chain::of(&error), "an account could not be settled");
            Done::Failed
        }
    }
}
