//! Reading the ledger: the statement, one entry with its proof, the account as it was.

use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::kernel::membership::HOPS;
use domain::ledger::account::Account;
use domain::ledger::entry::Entry;
use domain::ledger::membership::{Gone, Membership};
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::attribute::Item;
use crate::error::contradicts;
use crate::ledger::account_item::Record;
use crate::ledger::pages::History;
use crate::table::Tables;
use crate::{Store, StoreError, table};

/// How many pages a statement reads at once.
const PAGES: i32 = 16;
/// How many entries a page has at least, as a rule; it can have one.
const ENTRIES_OF_A_PAGE: u64 = 4;

/// A stretch of the ledger, newest first, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntriesPage {
    /// The entries, newest first.
    pub entries: Vec<Entry>,
    /// The newest entry that was not included; absent at the beginning of the ledger.
    pub next: Option<u64>,
    /// The member was erased: who asks must be one who may know.
    pub erased: bool,
}

impl Store {
    /// Entries from `newest` backwards (all of them if absent), at most `limit`.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn entries(
        &self,
        member: &MemberId,
        newest: Option<u64>,
        limit: usize,
    ) -> Result<EntriesPage, StoreError> {
        let record = self.read(member, true).await?;
        let newest = newest.unwrap_or(record.account.sequence).min(record.account.sequence);
        let oldest = newest.saturating_sub(u64::try_from(limit).unwrap_or(u64::MAX)) + 1;
        let history = self.history_back_to(&record, newest, oldest).await?;
        let wanted = history.entries.into_iter().rev().filter(|entry| entry.sequence <= newest);
        let entries: Vec<Entry> = wanted.take(limit).collect();
        let next = entries.last().map(|entry| entry.sequence - 1).filter(|sequence| *sequence > 0);
        let erased = record.account.membership == Membership::Erased;
        Ok(EntriesPage { entries, next, erased })
    }

    /// One entry, the hash of the one before it, and whether the member was erased.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn entry(&self, member: &MemberId, sequence: u64) -> Result<Option<(Entry, Hash, bool)>, StoreError> {
        let record = self.read(member, true).await?;
        let erased = record.account.membership == Membership::Erased;
        if sequence == 0 || sequence > record.account.sequence {
            return Ok(None);
        }
        let sealed = record.sealed.map_or(0, |sealed| sealed.sequence);
        let stretch = if sequence > sealed {
            record.recent
        } else {
            let pages = self.pages_before(member, sequence, 1).await?;
            pages.into_iter().next().map(|page| page.entries).unwrap_or_default()
        };
        let first = stretch.first().map_or(1, |entry| entry.sequence);
        let mut previous = match first {
            1 => Hash::GENESIS,
            _ => self.pages_before(member, first - 1, 1).await?.first().map_or(Hash::GENESIS, |page| page.head),
        };
        for entry in stretch {
            if entry.sequence == sequence {
                return Ok(Some((entry, previous, erased)));
            }
            previous = entry.hash(previous);
        }
        Err(contradicts("e").of(table::ACCOUNTS).into())
    }

    /// The account as it was at an instant in the past, by what had been recorded then; or as it will be, if nothing but time
    /// happens.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn account_at(
        &self,
        member: &MemberId,
        at: Timestamp,
        Setting { programmes, now }: Setting<'_>,
    ) -> Result<Option<Account>, StoreError> {
        let then = Setting { programmes, now: at };
        let mut record = self.read(member, true).await?;
        for _ in 0..HOPS {
            // Of who was absorbed another member says what there is since.
            let Membership::Merged { into } = &record.account.membership else { break };
            if record.newest_at().is_some_and(|merged_at| at < merged_at) {
                break;
            }
            record = self.read(&into.clone(), true).await?;
        }
        let member = &record.account.member.clone();
        if record.account.sequence == 0 {
            return Ok(None);
        }
        if at >= now {
            return Ok(Some(record.account.settled(then).0));
        }
        let mut history = History { entries: record.recent.clone(), unread: record.sealed };
        while history.unread.is_some_and(|unread| unread.at > at) {
            self.read_older(member, &mut history, PAGES).await?;
        }
        let mut account = record.account;
        let later: Vec<&Entry> = history.entries.iter().rev().take_while(|entry| entry.recorded_at > at).collect();
        for entry in later {
            account.undo(entry);
        }
        Ok(Some(account.settled(then).0))
    }

    /// Entries, oldest first, with all that were recorded since an instant among them; or that the member was erased.
    pub(crate) async fn recorded_since(
        &self,
        member: &MemberId,
        since: Timestamp,
    ) -> Result<Result<Vec<Entry>, Gone>, StoreError> {
        let record = self.read(member, true).await?;
        if record.account.membership == Membership::Erased {
            return Ok(Err(Gone::MemberErased));
        }
        let mut history = History { entries: record.recent, unread: record.sealed };
        while history.unread.is_some_and(|unread| unread.at >= since) {
            self.read_older(member, &mut history, PAGES).await?;
        }
        history.entries.retain(|entry| entry.recorded_at >= since);
        Ok(Ok(history.entries))
    }

    /// Everything about one member, for the operator's decoder: the record and all pages, oldest entry first.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn whole_ledger(&self, member: &MemberId) -> Result<(Record, Vec<Entry>), StoreError> {
        self.ledger_from(member, 1, true).await
    }

    /// An account and its entries from one on, oldest first. No page is read but those that hold them.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn ledger_from(
        &self,
        member: &MemberId,
        first: u64,
        consistent: bool,
    ) -> Result<(Record, Vec<Entry>), StoreError> {
        let record = self.read(member, consistent).await?;
        let mut history = History { entries: record.recent.clone(), unread: record.sealed };
        while let Some(unread) = history.unread.filter(|unread| unread.sequence >= first) {
            let most = unread.sequence.saturating_sub(first) / ENTRIES_OF_A_PAGE + 1;
            let most = i32::try_from(most).unwrap_or(PAGES).min(PAGES);
            self.read_older(member, &mut history, most).await?;
        }
        history.entries.retain(|entry| entry.sequence >= first);
        Ok((record, history.entries))
    }

    async fn history_back_to(&self, record: &Record, newest: u64, oldest: u64) -> Result<History, StoreError> {
        let member = &record.account.member;
        let mut history = History { entries: record.recent.clone(), unread: record.sealed };
        if history.unread.is_some_and(|unread| unread.sequence >= newest) {
            // Nothing recent is wanted: begin at the page that holds the newest entry wanted.
            let Some(page) = self.pages_before(member, newest, 1).await?.into_iter().next() else {
                return Ok(history);
            };
            history.entries.clear();
            history.prepend(page);
        }
        while history.unread.is_some_and(|unread| unread.sequence >= oldest) {
            self.read_older(member, &mut history, PAGES).await?;
        }
        Ok(history)
    }

    /// Reads the tables of the ledger from beginning to end, for an export: checkpoints, then accounts, then pages, so that
    /// whatever is written meanwhile, what a checkpoint names is there.
    ///
    /// # Errors
    /// What DynamoDB says, or what `take` says of a table's name and an item.
    pub async fn scan(&self, mut take: impl FnMut(&str, &Item) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let Tables { accounts, pages, checkpoints, .. } = &self.tables;
        for (name, table) in [("checkpoints", checkpoints), ("accounts", accounts), ("pages", pages)] {
            let mut after = None;
            loop {
                let scan = self.dynamodb.scan().table_name(table).consistent_read(true);
                let found = scan.set_exclusive_start_key(after).send().await?;
                found.items.unwrap_or_default().iter().try_for_each(|item| take(name, item))?;
                after = found.last_evaluated_key;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}
