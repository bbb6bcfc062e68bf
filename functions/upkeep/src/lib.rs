//! Writes the books for what time has done: points that activate or expire, debts repaid, holds that ended.
//!
//! No answer depends on it: every read and every decision settles the account first. It exists so that the ledger says
//! what happened, and so that others can be told. It reads only accounts that are due, through the index `due`; skipped,
//! late or doubled runs do no harm.

use domain::id::MemberId;
use domain::programme::Programmes;
use jiff::Timestamp;
use lambda::{App, Trigger};
use serde_json::{Value, json};
use store::{Setting, StoreError, keys};
use tokio::time::Instant;

/// What a sweep did.
#[derive(Debug, Default)]
struct Swept {
    looked_at: u64,
    settled: u64,
    busy: u64,
}

/// Sweeps the accounts that are due.
///
/// # Errors
/// The trigger is not a schedule, or the store fails; the next run does what this one left.
pub async fn handle(app: &App, trigger: Trigger) -> Result<Value, String> {
    let Trigger::Schedule(deadline) = trigger else {
        return Err("`upkeep` only runs on a schedule".to_owned());
    };
    let swept = sweep(app, deadline).await.map_err(|error| error.to_string())?;
    tracing::info!(looked_at = swept.looked_at, settled = swept.settled, busy = swept.busy, "swept due accounts");
    Ok(json!({"looked_at": swept.looked_at, "settled": swept.settled, "busy": swept.busy}))
}

/// One query per shard, whatever the number of members and however long ago the last sweep was; then one settlement per
/// account that is due.
async fn sweep(app: &App, deadline: Instant) -> Result<Swept, StoreError> {
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
