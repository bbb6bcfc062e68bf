//! Writes the books for what time has done: points that activate or expire, debts repaid, holds that ended.
//!
//! No answer depends on it: every read and every decision settles the account first. It exists so that the ledger says
//! what happened, and so that others can be told. It reads only accounts that are due, through the index `due`; skipped,
//! late or doubled runs do no harm.

use lambda::{App, Function, Run, call, sweep};

/// The function.
pub const FUNCTION: Function<App> =
    Function { name: "upkeep", routes: &[], queues: &[], streams: &[], schedules: &[Run { work: call!(sweep) }] };
