//! Writes the books for what time has done: points that activate or expire, debts repaid, holds that ended; and lets refunds lapse whose
//! orders never came.
//!
//! No answer depends on it: every read and every decision settles the account first. It exists so that the ledger says
//! what happened, and so that others can be told. It reads only what is due, through the indexes `due` and `parked`; skipped,
//! late or doubled runs do no harm.

use domain::programme::setting::Setting;
use lambda::{App, Broken, Function, Run, call, sweep};
use serde_json::{Value, json};
use tokio::time::Instant;

/// The function.
pub const FUNCTION: Function<App> =
    Function { name: "upkeep", routes: &[], queues: &[], streams: &[], schedules: &[Run { work: call!(keep_up) }] };

/// Accounts first: somebody may wait for them.
async fn keep_up(app: &App, deadline: Instant) -> Result<Value, Broken> {
    let swept = sweep(app, deadline).await;
    let programmes = app.programmes().await.map_err(Broken::by)?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let lapsed = app.store().lapse_parked(setting).await.map_err(Broken::by)?;
    let mut done = swept?;
    done["lapsed"] = json!(lapsed);
    Ok(done)
}
