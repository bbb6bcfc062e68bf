//! The sweep of accounts to which time has done something.

use domain::id::MemberId;
use domain::programme::Programmes;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Setting, StoreError, keys};
use tokio::time::Instant;

use crate::App;

/// What a sweep did.
#[derive(Debug, Default)]
struct Swept {
    looked_at: u64,
    settled: u64,
    busy: u64,
}

/// Writes the books of every account that is due: points, holds, tiers, scores, notices. Returns what it did.
///
/// It reads only accounts that are due, through the index `due`: one query per shard, whatever the number of members and
/// however long ago the last sweep was, then one settlement per account. Skipped, late or doubled sweeps do no harm, and
/// several may run at once.
///
/// # Errors
/// The store fails; the next sweep does what this one left.
pub async fn sweep(app: &App, deadline: Instant) -> Result<Value, String> {
    let swept = sweep_shards(app, deadline).await.map_err(|error| error.to_string())?;
    tracing::info!(looked_at = swept.looked_at, settled = swept.settled, busy = swept.busy, "swept due accounts");
    Ok(json!({"looked_at": swept.looked_at, "settled": swept.settled, "busy": swept.busy}))
}

async fn sweep_shards(app: &App, deadline: Instant) -> Result<Swept, StoreError> {
    let now = app.now();
    let programmes = app.programmes().await?;
    let mut swept = Swept::default();
    for shard in 0..keys::DUE_SHARDS {
        for member in app.store().due_by(shard, now).await? {
            if Instant::now() >= deadline {
                return Ok(swept); // what is left is still due: the next run finds it
            }
            settle(app, &member, (&programmes, now), deadline, &mut swept).await?;
        }
    }
    Ok(swept)
}

async fn settle(
    app: &App,
    member: &MemberId,
    (programmes, now): (&Programmes, Timestamp),
    deadline: Instant,
    swept: &mut Swept,
) -> Result<(), StoreError> {
    swept.looked_at += 1;
    let setting = Setting { programmes, now };
    match app.store().settle(member, setting, &mut app.patience(deadline)).await {
        Ok(entry) => swept.settled += u64::from(entry.is_some()),
        Err(StoreError::Busy) => swept.busy += 1,
        Err(error) => return Err(error),
    }
    Ok(())
}
