//! The ledger proved from files alone: those of `cargo run -- export`, or of DynamoDB's export to S3 (JSON).
//!
//! Of every account its chain, balances, lots and tier are worked out anew from its entries; every checkpoint from the accounts
//! that were noted for its day; and every entry before an account's newest note must have been noted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail, ensure};
use domain::kernel::canonical::Hash;
use domain::kernel::id::{EntryId, MemberId};
use domain::kernel::quantity::Points;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::moving::mismatched;
use domain::ledger::proof::{Checkpoint, Heads, Leaf, Leaves, difference, join};
use domain::ledger::reach::Recorded;
use domain::ledger::transfer::unpaired;
use flate2::read::MultiGzDecoder;
use jiff::civil::Date;
use serde_json::{Value, json};
use store::{
    Closed, Item, Page, Record, Store, StoreError, day_of, decode_closed, decode_day, decode_note, decode_page,
    decode_record, image_of, item_of, table,
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
    /// By day and place.
    notes: BTreeMap<Date, BTreeMap<String, Item>>,
    closed: BTreeMap<Date, Closed>,
    /// Members of whom an account is there that is not what was written.
    damaged: BTreeSet<String>,
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
    let leaves = export.check_checkpoints(kept, &mut report);
    export.check_accounts(&leaves, &mut report);
    let nothing = export.accounts.is_empty() && report.differences.is_empty();
    ensure!(!nothing, "{} holds no accounts", directory.display());
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

/// A text of an item.
fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name).and_then(|value| value.as_s().ok()).cloned()
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
            let member = text(&item, table::MEMBER);
            let is_account = !item.contains_key(table::FIRST);
            if let Err(error) = self.take(item) {
                let whose = member.as_ref().map_or_else(String::new, |member| format!("{member}: "));
                report.differences.push(format!("{whose}{}: {error}", place()));
                self.damaged.extend(member.filter(|_| is_account));
            }
        }
        Ok(())
    }

    /// Takes an item for what it is; those of other tables are left out.
    fn take(&mut self, item: Item) -> anyhow::Result<()> {
        if let (Some(of), Some(at)) = (text(&item, table::OF), text(&item, table::AT)) {
            match of.as_str() {
                table::NOTES => {
                    let again = self.notes.entry(day_of(&item)?).or_default().insert(at, item);
                    ensure!(again.is_none(), "a note that was there before");
                }
                table::CHECKPOINTS if item.contains_key("root") => {
                    let closed = decode_closed(&item)?;
                    let again = self.closed.insert(closed.checkpoint.day, closed);
                    ensure!(again.is_none(), "a day that was there before");
                }
                table::CHECKPOINTS => _ = decode_day(&item, Hash::GENESIS)?, // sealed, and not closed yet
                _ => bail!("an item of no kind"),
            }
        } else if let Some(member) = text(&item, table::MEMBER) {
            let member: MemberId = member.parse().map_err(|error: String| anyhow!(error))?;
            if item.contains_key(table::FIRST) {
                self.pages.entry(member).or_default().push(decode_page(&item)?);
            } else {
                let again = self.accounts.insert(member, decode_record(&item)?);
                ensure!(again.is_none(), "an account that was there before");
            }
        } else {
            ensure!([table::ID, table::FACT].iter().any(|key| item.contains_key(*key)), "an item without a key");
        }
        Ok(())
    }

    /// Works out every checkpoint; returns what was noted of each account, for days that are closed.
    fn check_checkpoints(&self, kept: Option<Hash>, report: &mut Report) -> BTreeMap<MemberId, Vec<Leaf>> {
        let mut noted: BTreeMap<MemberId, Vec<Leaf>> = BTreeMap::new();
        let (mut previous, mut expected) = (Hash::GENESIS, None);
        for (day, Closed { checkpoint, root, differences }) in &self.closed {
            if expected.is_some_and(|expected| expected != *day) {
                report.differences.push(format!("the checkpoint before {day} is missing"));
            }
            expected = day.tomorrow().ok();
            let mut leaves = Leaves::new();
            for leaf in self.noted(*day, report) {
                noted.entry(leaf.member.clone()).or_default().push(leaf.clone());
                join(&mut leaves, leaf);
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
        noted
    }

    /// What was noted for a day.
    fn noted(&self, day: Date, report: &mut Report) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for note in self.notes.get(&day).into_iter().flat_map(BTreeMap::values) {
            match decode_note(note) {
                Ok(noted) => leaves.extend(noted),
                Err(error) => report.differences.push(format!("the notes of {day}: {error}")),
            }
        }
        leaves
    }

    /// What was noted for days that are not closed yet.
    fn noted_since(&self, report: &mut Report) -> BTreeMap<MemberId, Vec<Leaf>> {
        let newest = self.closed.keys().next_back();
        let mut noted: BTreeMap<MemberId, Vec<Leaf>> = BTreeMap::new();
        for day in self.notes.keys().filter(|day| !self.closed.contains_key(day)) {
            if newest.is_some_and(|newest| day < newest) {
                report.differences.push(format!("accounts were noted for {day}, of which there is no checkpoint"));
            }
            for leaf in self.noted(*day, report) {
                noted.entry(leaf.member.clone()).or_default().push(leaf);
            }
        }
        noted
    }

    fn check_accounts(&self, noted: &BTreeMap<MemberId, Vec<Leaf>>, report: &mut Report) {
        let since = self.noted_since(report);
        let known = [
            ("a checkpoint knows", noted.keys().collect::<Vec<_>>()),
            ("a write was noted of", since.keys().collect()),
            ("there are pages of", self.pages.keys().collect()),
        ];
        let mut missing = BTreeMap::new();
        for (what, members) in known {
            for member in members.into_iter().filter(|member| self.is_missing(member)) {
                missing.entry(member).or_insert(what);
            }
        }
        let missing =
            missing.into_iter().map(|(member, what)| format!("{member}: {what} the account, and it is missing"));
        report.differences.extend(missing);
        let none = Vec::new();
        let mut transfers = Transfers::default();
        for (member, record) in &self.accounts {
            let leaves = noted.get(member).unwrap_or(&none);
            let Sealed { entries, heads, torn } = self.sealed(member, record);
            let all: Vec<&Leaf> = leaves.iter().chain(since.get(member).unwrap_or(&none)).collect();
            let what = difference(&record.account, &entries, &all, &heads).map(|what| what.to_string());
            let found = what.into_iter().chain(torn).chain(gap(leaves));
            report.differences.extend(found.map(|what| format!("{member}: {what}")));
            transfers.take(member, &entries);
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
        report.differences.extend(transfers.differences(&self.accounts));
    }

    /// Is there no account of a member, not even one that is not what was written?
    fn is_missing(&self, member: &MemberId) -> bool {
        !self.accounts.contains_key(member) && !self.damaged.contains(member.as_str())
    }

    /// The whole history of an account.
    fn sealed(&self, member: &MemberId, record: &Record) -> Sealed {
        let sealed = record.sealed.map_or(0, |sealed| sealed.sequence);
        let mut pages: Vec<&Page> = self.pages.get(member).into_iter().flatten().collect();
        pages.sort_by_key(|page| page.entries[0].sequence);
        // A page that a crash left behind, or that is newer than the account here, is not sealed: its entries are still with the account.
        let (pages, left): (Vec<_>, Vec<_>) = pages.into_iter().partition(|page| page.entries[0].sequence <= sealed);
        let mut torn = None;
        let mut before: Option<Recorded> = None;
        for page in &pages {
            if page.previous_at != before.map(|before| before.at) {
                torn = Some(format!("the page from {} does not follow the one before", page.entries[0].sequence));
            }
            before = page.entries.last().map(Recorded::from);
        }
        if record.sealed != before {
            torn = Some("the account does not go on where its pages end".to_owned());
        }
        let recent = |entry: &Entry| record.recent.iter().find(|recent| recent.sequence == entry.sequence);
        let mut left = left.iter().flat_map(|page| &page.entries);
        if left.any(|entry| recent(entry).is_some_and(|recent| recent != entry)) {
            torn = Some("a page that is not sealed holds other entries than the account".to_owned());
        }
        let heads = pages.iter().filter_map(|page| Some((page.entries.last()?.sequence, page.head))).collect();
        let entries = pages.iter().flat_map(|page| &page.entries).chain(&record.recent).cloned().collect();
        Sealed { entries, heads, torn }
    }
}

/// The entry of another account that an entry names, if something went from one to the other.
fn other_side(detail: &Detail) -> Option<&EntryId> {
    match detail {
        Detail::TransferOut { to, .. } => Some(to),
        Detail::TransferIn { from, .. } => Some(from),
        Detail::Refund { moved: Some(moved), .. } | Detail::Earn { moved: Some(moved), .. } => Some(&moved.other),
        _ => None,
    }
}

/// Entries by which something went from one account to another.
#[derive(Default)]
struct Transfers(BTreeMap<String, (MemberId, Entry)>);

impl Transfers {
    fn take(&mut self, member: &MemberId, entries: &[Entry]) {
        let moved = |entry: &&Entry| other_side(&entry.detail).is_some();
        for entry in entries.iter().filter(moved) {
            let id = EntryId { member: member.clone(), sequence: entry.sequence }.to_string();
            self.0.insert(id, (member.clone(), entry.clone()));
        }
    }

    /// What left one account must have come into the other, and the other way round; an account that was exported before the other was
    /// written does not have it yet.
    fn differences(&self, accounts: &BTreeMap<MemberId, Record>) -> Vec<String> {
        let mut differences = Vec::new();
        for (id, (member, entry)) in &self.0 {
            let Some(there) = other_side(&entry.detail) else { continue };
            let written = accounts.get(&there.member).is_some_and(|record| record.account.sequence >= there.sequence);
            let what = match (self.0.get(&there.to_string()), &entry.detail) {
                (Some((other, into)), Detail::TransferOut { .. }) => unpaired((member, entry), (other, into)),
                (Some((other, out)), Detail::TransferIn { .. }) => unpaired((other, out), (member, entry)),
                (Some((other, into)), Detail::Refund { .. }) => mismatched((member, entry), (other, into)),
                (Some((other, out)), _) => mismatched((other, out), (member, entry)),
                (None, _) => written.then_some("the entry that it names is none of a transfer"),
            };
            differences.extend(what.map(|what| format!("{id}: {what}")));
        }
        differences
    }
}

/// An account's history.
struct Sealed {
    /// Oldest first.
    entries: Vec<Entry>,
    /// What its pages say of their last entries.
    heads: Heads,
    /// Where pages, or pages and account, do not fit together.
    torn: Option<String>,
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
