//! The upkeep of the embedded database's stream table, over a connection of its own: an index for each question that
//! is asked of it, nothing kept that every reader has handled, and word to the readers when something was written.
//!
//! Without it each poll and each write would sort all that was ever written.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::ensure;
use dynoxide::{Database, storage::Storage};
use tokio::sync::watch;

use sam::template::StreamSource;

/// SQLite compares the text of the expression with that of the query: this is the embedded database's spelling.
const INDEXES: &str = "
    CREATE INDEX IF NOT EXISTS _stream_records_by_shard
        ON _stream_records(table_name, shard_id, CAST(sequence_number AS INTEGER));
    CREATE INDEX IF NOT EXISTS _stream_records_by_table
        ON _stream_records(table_name, CAST(sequence_number AS INTEGER));";
/// What was committed may be committed again after a power cut: it only deletes.
const SYNCHRONOUS: &str = "PRAGMA synchronous = NORMAL";
/// A table's newest record stays: the next number is the larger of the newest + 1 and the clock, and without it a clock
/// that was moved back would number below the readers' places, which would never see what is written then.
const TRIM: &str = "DELETE FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2
    AND CAST(sequence_number AS INTEGER) <
        (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1)";
/// How many records are handled between two deletions of a table's.
const TRIM_EVERY: usize = 1_000;

/// The streams of a database.
pub(crate) struct Streams {
    pub(crate) database: Database,
    upkeep: Mutex<Upkeep>,
    /// How often something was found to be written.
    writes: watch::Sender<u64>,
}

struct Upkeep {
    connection: Storage,
    /// Changes when another connection has committed.
    version: i64,
    tables: BTreeMap<String, Table>,
}

struct Table {
    /// By function, up to which number it has handled what there is: `None` for one that is not known to have begun.
    readers: HashMap<String, Option<i64>>,
    handled: usize,
}

impl Streams {
    /// For a database at `path`, with every reader there will be.
    pub(super) fn open(path: &str, readers: &[StreamSource]) -> anyhow::Result<Self> {
        let database = Database::new(path)?;
        let connection = Storage::new(path)?;
        connection.conn().execute_batch(INDEXES)?;
        connection.conn().execute_batch(SYNCHRONOUS)?;
        let mut tables = BTreeMap::new();
        for reader in readers {
            // What an earlier run has left is deleted at once.
            let none = || Table { readers: HashMap::new(), handled: TRIM_EVERY };
            let table = tables.entry(reader.table.clone()).or_insert_with(none);
            table.readers.insert(reader.function.clone(), None);
        }
        let upkeep = Mutex::new(Upkeep { connection, version: 0, tables });
        Ok(Self { database, upkeep, writes: watch::Sender::default() })
    }

    /// Is every page of the database where it should be?
    ///
    /// # Errors
    /// It is damaged; what SQLite says of it.
    pub(super) fn whole(&self) -> anyhow::Result<()> {
        let upkeep = self.upkeep();
        let found = upkeep.connection.conn().query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0))?;
        ensure!(found == "ok", "{found}");
        Ok(())
    }

    /// Changes after each write.
    pub(crate) fn writes(&self) -> watch::Receiver<u64> {
        self.writes.subscribe()
    }

    /// To be called when the database has answered somebody: tells the readers if it has committed anything since.
    pub(super) fn answered(&self) {
        let mut upkeep = self.upkeep();
        let found = upkeep.connection.conn().query_row("PRAGMA data_version", (), |row| row.get::<_, i64>(0));
        // To look once too often does no harm.
        if !matches!(found, Ok(version) if version == upkeep.version) {
            upkeep.version = found.unwrap_or_default();
            self.writes.send_modify(|writes| *writes += 1);
        }
    }

    /// A reader has handled everything up to `after`, `handled` records more than it said before.
    pub(crate) fn advance(&self, reader: &StreamSource, after: &str, handled: usize) -> anyhow::Result<()> {
        let mut upkeep = self.upkeep();
        let Upkeep { connection, tables, .. } = &mut *upkeep;
        let Some(table) = tables.get_mut(&reader.table) else { return Ok(()) };
        table.readers.insert(reader.function.clone(), stored(after));
        table.handled += handled;
        // Nothing is less than something.
        let Some(least) = table.readers.values().min().copied().flatten() else { return Ok(()) };
        if table.handled >= TRIM_EVERY {
            connection.conn().execute(TRIM, (&reader.table, least))?;
            table.handled = 0;
        }
        Ok(())
    }

    fn upkeep(&self) -> MutexGuard<'_, Upkeep> {
        self.upkeep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number in the table of a public one, which is 10^20 more.
fn stored(public: &str) -> Option<i64> {
    public.strip_prefix('1').filter(|digits| digits.len() == 20)?.parse().ok()
}

#[cfg(test)]
mod tests;
