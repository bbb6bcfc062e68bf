//! Watches the ledger, and may not write to it.
//!
//! It reads the stream of the table `accounts` as the router does: the account before a write and its new entries must give
//! the account after. It notes which accounts were written. At night every account of the day must be the one that was noted, and
//! the day's entries must lead there from the hash that was noted before; one in 64 is worked out anew from all of its entries, and so
//! is whichever differed. Then the day is closed with a checkpoint: the root of a Merkle tree, linked to that of the day before.
//!
//! What does not agree is logged with the code `reconciliation_failed`, which an alarm watches; a day that was closed with
//! `reconciliation_passed`, whose absence another one watches.

use std::time::Duration;

use domain::kernel::id::MemberId;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::order_row::PointsPaid;
use domain::ledger::proof::{Checkpoint, Leaf, Leaves, difference_from, join};
use domain::planted;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lambda::{Batch, BootError, Broken, Clock, Function, Reader, Run, Settings, aws_config, call, stream_answer};
use serde_json::{Value, json};
use store::{Closed, Day, Store, StoreError};
use tokio::time::Instant;

/// How many accounts are verified before it is remembered how far that has come.
const STRETCH: usize = 1_024;
/// How many of them at once.
const AT_ONCE: usize = 16;
/// How long before the end of an invocation no further stretch is begun.
const MARGIN: Duration = Duration::from_secs(15);
/// How many differences a checkpoint names; the log names all.
const NAMED: usize = 1_000;

/// The tables, and the time.
#[derive(Debug)]
pub struct Reconciler {
    store: Store,
    clock: Clock,
}

impl Reconciler {
    /// On any configuration and clock.
    #[must_use]
    pub fn new(aws: &aws_config::SdkConfig, settings: Settings, clock: Clock) -> Self {
        Self { store: Store::new(aws_sdk_dynamodb::Client::new(aws), settings.tables), clock }
    }

    /// On Lambda: settings from the environment.
    ///
    /// # Errors
    /// A setting is missing.
    pub async fn boot() -> Result<Self, BootError> {
        let settings = Settings::from_env()?;
        Ok(Self::new(&aws_config(&settings), settings, Clock::system()))
    }

    /// Today, in UTC: a checkpoint is of the same entries wherever it is looked at.
    fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.clock.now()).date()
    }
}

/// The function.
pub const FUNCTION: Function<Reconciler> = Function {
    name: "reconciliation",
    routes: &[],
    queues: &[],
    streams: &[Reader { table: "AccountsTable", work: call!(note, deadline) }],
    schedules: &[Run { work: call!(close) }],
};

/// Reconciles a batch of writes one by one, and notes the accounts as they are after the last of them.
async fn note(reconciler: &Reconciler, records: Vec<Value>, _: Instant) -> Value {
    let Batch { committed, damaged, mut failed } = Batch::read(&records);
    damaged.iter().for_each(|member| differs(member, "the account is not what was written"));
    let mut leaves = Leaves::new();
    for (_, committed) in &committed {
        let difference = committed.difference();
        if let Some(what) = difference {
            differs(committed.member(), what);
        }
        committed.entries.iter().for_each(|entry| contradicts(committed.member(), entry));
        committed.leaf(difference).into_iter().for_each(|leaf| join(&mut leaves, leaf));
    }
    if !leaves.is_empty()
        && let Some(name) = records.first().and_then(|record| record["eventID"].as_str())
        && let Err(error) = reconciler.store.note(reconciler.today(), name, leaves.values()).await
    {
        tracing::warn!(error = %Broken::by(error), "written accounts could not be noted");
        failed = Some(0).filter(|_| !planted!("bug-note-lost"));
    }
    stream_answer(&records, failed)
}

/// An alarm watches for this code: the ledger is not what its entries say.
fn differs(member: &MemberId, what: &str) {
    tracing::error!(code = "reconciliation_failed", %member, what, "an account does not follow from its entries");
}

/// An alarm watches for this code: an order says that points paid for it, and something else was captured.
fn contradicts(member: &MemberId, entry: &Entry) {
    if let Detail::Earn { points_paid: Some(PointsPaid { reported, captured, .. }), .. } = &entry.detail {
        let sequence = entry.sequence;
        tracing::warn!(code = "points_paid_mismatch", %member, sequence, %reported, %captured, "points paid something else");
    }
}

/// Closes every day that is over, oldest first, as far as time allows.
async fn close(reconciler: &Reconciler, deadline: Instant) -> Result<Value, Broken> {
    close_days(reconciler, deadline).await.map_err(Broken::by)
}

async fn close_days(reconciler: &Reconciler, deadline: Instant) -> Result<Value, StoreError> {
    let store = &reconciler.store;
    let (mut closed, mut verified, mut different) = (Vec::new(), 0, 0);
    'days: while let Some(mut day) = store.open_day(reconciler.today()).await? {
        let leaves = store.leaves(day.day).await?;
        let rest: Vec<&Leaf> = leaves.values().filter(|leaf| is_left(&day, leaf)).collect();
        for stretch in rest.chunks(STRETCH) {
            let found = verify(store, day.day, stretch).await?;
            verified += stretch.len();
            different += found.len();
            found.iter().for_each(|(member, what)| differs(member, what));
            day.differences.extend(found);
            day.differences.truncate(NAMED);
            day.verified = stretch.last().map(|leaf| leaf.member.clone());
            if Instant::now() + MARGIN >= deadline && day.verified.as_ref() != leaves.keys().next_back() {
                store.remember(&day).await?;
                break 'days;
            }
        }
        let checkpoint = Checkpoint::of(day.day, day.previous, leaves.values());
        let differences = day.differences;
        let passed = differences.is_empty();
        store.close(&Closed { checkpoint, root: checkpoint.hash(), differences }).await?;
        if passed {
            let Checkpoint { day, accounts, points, .. } = checkpoint;
            tracing::info!(code = "reconciliation_passed", %day, accounts, %points, root = %checkpoint.hash(), "a day is closed");
        }
        closed.push(checkpoint.day);
    }
    Ok(json!({"closed": closed, "verified": verified, "differences": different}))
}

/// Is an account yet to be verified?
fn is_left(day: &Day, leaf: &Leaf) -> bool {
    day.verified.as_ref().is_none_or(|verified| leaf.member > *verified)
}

/// Looks at accounts of a day; returns those that differ, and why.
async fn verify(store: &Store, day: Date, leaves: &[&Leaf]) -> Result<Vec<(MemberId, String)>, StoreError> {
    let all: Vec<_> = leaves.iter().map(|leaf| verify_one(store, day, leaf)).collect();
    let found: Vec<Option<String>> = stream::iter(all).buffered(AT_ONCE).try_collect().await?;
    Ok(leaves.iter().zip(found).filter_map(|(leaf, what)| Some((leaf.member.clone(), what?))).collect())
}

/// A weak read costs half and may be of an account from before: what it finds is confirmed.
async fn verify_one(store: &Store, day: Date, leaf: &Leaf) -> Result<Option<String>, StoreError> {
    match compare(store, day, leaf, false).await? {
        Some(_) if !planted!("bug-stale-account-differs") => compare(store, day, leaf, true).await,
        found => Ok(found),
    }
}

/// How an account differs from a leaf of a day, if it does.
async fn compare(store: &Store, day: Date, leaf: &Leaf, consistent: bool) -> Result<Option<String>, StoreError> {
    let from = leaf.read_from(day);
    match store.ledger_from(&leaf.member, from, consistent).await {
        Ok((record, entries)) => {
            Ok(difference_from(from, &record.account, &entries, leaf).map(|what| what.to_string()))
        }
        Err(StoreError::Damaged(damage) | StoreError::AccountDamaged { damage, .. }) => Ok(Some(damage.to_string())),
        Err(error) => Err(error),
    }
}
