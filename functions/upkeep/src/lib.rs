//! Writes the books for what time has done: points that activate or expire, debts repaid, holds that ended.
//!
//! No answer depends on it: every read and every decision settles the account first. It exists so that the ledger says
//! what happened, and so that others can be told. It reads only accounts that are due, through the index `due`; skipped,
//! late or doubled runs do no harm.

use lambda::{App, Trigger, sweep};
use serde_json::Value;

/// Sweeps the accounts that are due.
///
/// # Errors
/// The trigger is not a schedule, or the store fails; the next run does what this one left.
pub async fn handle(app: &App, trigger: Trigger) -> Result<Value, String> {
    let Trigger::Schedule(deadline) = trigger else {
        return Err("`upkeep` only runs on a schedule".to_owned());
    };
    sweep(app, deadline).await
}
