//! The ledger proved from files alone: those of `cargo run -- export`, or of DynamoDB's export to S3 (JSON).
//!
//! Of every account its chain, balances, lots and tier are worked out anew from its entries; every checkpoint from the accounts
//! that were noted for its day; and every entry before an account's newest note must have been noted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::entry::Entry;
use domain::ledger::proof::{Checkpoint, Leaf, Leaves, difference, join};
use flate2::read::MultiGzDecoder;
use jiff::civil::Date;
use serde_json::{Value, json};
use store::{
    Closed, Item, Page, Record, Store, StoreError, day_of, decode_closed, decode_note, decode_page, decode_record,
    image_of, item_of, table,
};

/// What an export proves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// How many accounts it has.
    pub accounts: usize,
    /// How many entries they have.
    pub entries: usize,
    /// Spendable points, as the books say.
    pub active: Points,
    /// Points not yet spendable.
    pub pending: Points,
    /// Points held at checkouts.
    pub held: Points,
    /// Points owed.
    pub debt: Points,
    /// How many days were closed.
    pub checkpoints: usize,
    /// The newest checkpoint: its day and root.
    pub newest: Option<(Date, Hash)>,
    /// How many entries came after their account was noted last, for a day that is closed.
    pub uncovered: u64,
    /// What is not as it should be. Empty: the export is proved.
    pub differences: Vec<String>,
}

/// What an export holds, by what it is.
#[derive(Default)]
struct Export {
    accounts: BTreeMap<MemberId, Record>,
    pages: BTreeMap<MemberId, Vec<Page>>,
    /// By day.
    notes: BTreeMap<Date, Vec<Item>>,
    closed: BTreeMap<Date, Closed>,
}

/// Writes the tables of the ledger to a directory, one item a line; returns the files, and how many items each has.
///
/// # Errors
/// What the store says, or a file cannot be written.
pub async fn write(store: &Store, directory: &Path) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    let mut files = BTreeMap::new();
    for table in ["accounts", "checkpoints", "pages"] {
        let path = directory.join(format!("{table}.json"));
        let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        files.insert(table, (path, BufWriter::new(file), 0_u64));
    }
    let taken = store.scan(|table, item| {
        let (_, file, count) = files.get_mut(table).ok_or_else(|| StoreError::bug("an export of an unknown table"))?;
        *count += 1;
        let line = json!({ "Item": image_of(item) });
        writeln!(file, "{line}").map_err(|error| StoreError::Unavailable(Arc::new(error)))
    });
    taken.await?;
    let written = files.into_values().map(|(path, mut file, count)| {
        file.flush()?;
        Ok((path, count))
    });
    written.collect()
}

/// Proves the export in a directory; `kept` is the root of a checkpoint that was kept elsewhere.
///
/// # Errors
/// The directory or a file in it cannot be read, or there is no account in it.
pub fn verify(directory: &Path, kept: Option<Hash>) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut export = Export::default();
    for path in files(directory)? {
        export.read(&path, &mut report)?;
    }
    ensure!(!export.accounts.is_empty(), "{} holds no accounts", directory.display());
    let leaves = export.check_checkpoints(kept, &mut report)?;
    export.check_accounts(&leaves, &mut report);
    Ok(report)
}

/// Every data file below a directory, in order.
fn files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(directory).with_context(|| format!("{} cannot be read", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else if (name.ends_with(".json") || name.ends_with(".json.gz")) && !name.starts_with("manifest-") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl Export {
    /// Reads a file: one item a line.
    fn read(&mut self, path: &Path, report: &mut Report) -> anyhow::Result<()> {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let reader: Box<dyn Read> = if path.extension().is_some_and(|end| end == "gz") {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        for (line, number) in BufReader::new(reader).lines().zip(1_u64..) {
            let place = || format!("{}, line {number}", path.display());
            let value: Value = serde_json::from_str(&line.with_context(place)?).with_context(place)?;
            let item = item_of(&value["Item"]).map_err(|error| anyhow!("{}: {error}", place()))?;
            if let Err(error) = self.take(item) {
                report.differences.push(format!("{}: {error}", place()));
            }
        }
        Ok(())
    }

    /// Takes an item for what it is; those of other tables are left out.
    fn take(&mut self, item: Item) -> anyhow::Result<()> {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        if let (Some(of), Some(_)) = (text(table::OF), text(table::AT)) {
            match of.as_str() {
                table::NOTES => self.notes.entry(day_of(&item)?).or_default().push(item),
                table::CHECKPOINTS if item.contains_key("root") => {
                    let closed = decode_closed(&item)?;
                    self.closed.insert(closed.checkpoint.day, closed);
                }
                _ => {} // sealed, and not closed yet
            }
        } else if let Some(member) = text(table::MEMBER) {
            let member: MemberId = member.parse().map_err(|error: String| anyhow!(error))?;
            if item.contains_key(table::FIRST) {
                self.pages.entry(member).or_default().push(decode_page(&item)?);
            } else if item.contains_key("q") {
                self.accounts.insert(member, decode_record(&item)?);
            }
        }
        Ok(())
    }

    /// Works out every checkpoint; returns what was noted of each account, for days that are closed.
    fn check_checkpoints(
        &self,
        kept: Option<Hash>,
        report: &mut Report,
    ) -> anyhow::Result<BTreeMap<MemberId, Vec<Leaf>>> {
        let mut noted: BTreeMap<MemberId, Vec<Leaf>> = BTreeMap::new();
        let (mut previous, mut expected) = (Hash::GENESIS, None);
        for (day, Closed { checkpoint, root, differences }) in &self.closed {
            if expected.is_some_and(|expected| expected != *day) {
                report.differences.push(format!("the checkpoint before {day} is missing"));
            }
            expected = day.tomorrow().ok();
            let mut leaves = Leaves::new();
            for note in self.notes.get(day).into_iter().flatten() {
                for leaf in decode_note(note).with_context(|| format!("the notes of {day}"))? {
                    noted.entry(leaf.member.clone()).or_default().push(leaf.clone());
                    join(&mut leaves, leaf);
                }
            }
            let worked_out = Checkpoint::of(*day, previous, leaves.values());
            if worked_out != *checkpoint || worked_out.hash() != *root {
                report.differences.push(format!("the checkpoint of {day} is not that of the accounts noted for it"));
            }
            for (member, what) in differences {
                report.differences.push(format!("{member}: {what}, as was found when {day} was closed"));
            }
            previous = *root;
        }
        report.checkpoints = self.closed.len();
        report.newest = self.closed.last_key_value().map(|(day, closed)| (*day, closed.root));
        if let Some(kept) = kept.filter(|kept| !self.closed.values().any(|closed| closed.root == *kept)) {
            report.differences.push(format!("no checkpoint has the root {kept}"));
        }
        Ok(noted)
    }

    fn check_accounts(&self, noted: &BTreeMap<MemberId, Vec<Leaf>>, report: &mut Report) {
        for member in noted.keys().filter(|member| !self.accounts.contains_key(member)) {
            report.differences.push(format!("{member}: a checkpoint knows the account, and it is missing"));
        }
        for (member, record) in &self.accounts {
            let none = Vec::new();
            let leaves = noted.get(member).unwrap_or(&none);
            let (entries, sealed) = self.entries(member, record);
            let all: Vec<&Leaf> = leaves.iter().chain(&sealed).collect();
            let what = difference(&record.account, &entries, &all).map(|what| what.to_string());
            report.differences.extend(what.into_iter().chain(gap(leaves)).map(|what| format!("{member}: {what}")));
            let pockets = &record.account.pockets;
            report.accounts += 1;
            report.entries += entries.len();
            report.active += pockets.active_points();
            report.pending += pockets.pending_points();
            report.held += pockets.held_points();
            report.debt += pockets.debt;
            let covered = leaves.iter().map(|leaf| leaf.sequence).max().unwrap_or_default();
            report.uncovered += record.account.sequence.saturating_sub(covered);
        }
    }

    /// The entries of an account, oldest first; and what its sealed pages say of their last ones.
    fn entries(&self, member: &MemberId, record: &Record) -> (Vec<Entry>, Vec<Leaf>) {
        let sealed = record.sealed.map_or(0, |sealed| sealed.sequence);
        let mut pages: Vec<&Page> = self.pages.get(member).into_iter().flatten().collect();
        pages.sort_by_key(|page| page.entries[0].sequence);
        // A page that a crash left behind is not sealed: its entries are still with the account.
        pages.retain(|page| page.entries[0].sequence <= sealed);
        let heads = pages.iter().filter_map(|page| {
            let (first, last) = page.entries.first().zip(page.entries.last())?;
            Some(Leaf {
                member: member.clone(),
                first: first.sequence,
                sequence: last.sequence,
                head: page.head,
                balance: last.balance,
            })
        });
        let heads = heads.collect();
        let entries = pages.into_iter().flat_map(|page| &page.entries).chain(&record.recent).cloned().collect();
        (entries, heads)
    }
}

/// Entries that were never noted though later ones were.
fn gap(leaves: &[Leaf]) -> Option<String> {
    let mut spans: Vec<(u64, u64)> = leaves.iter().map(|leaf| (leaf.first, leaf.sequence)).collect();
    spans.sort_unstable();
    let mut covered = 0;
    for (first, last) in spans {
        if first > covered + 1 {
            return Some(format!("entries {} to {} were never noted", covered + 1, first - 1));
        }
        covered = covered.max(last);
    }
    None
}
