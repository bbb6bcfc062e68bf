//! Sealed history: pages that never change, and what of it is loaded.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::entry::Entry;
use domain::ledger::pockets::Pockets;
use domain::ledger::reach::{Reach, Recorded};
use domain::planted;
use jiff::Timestamp;

use crate::attribute::{Item, as_bytes, as_instant, as_number, bytes, instant, number, text};
use crate::check::{checked, put_check};
use crate::error::{Damage, contradicts, damaged};
use crate::ledger::account_item::{Record, size_of_record};
use crate::ledger::entry_item::{decode_entries, encode_entries};
use crate::{Store, StoreError, table};

/// A page of sealed history. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The hash of its last entry. The chain is stored once per page and once per account; what lies between follows from
    /// the entries themselves.
    pub head: Hash,
    /// When the entry before its first was recorded; `None` for the first page.
    pub previous_at: Option<Timestamp>,
    /// Its entries, oldest first; never empty.
    pub entries: Vec<Entry>,
}

/// A page as an item.
///
/// # Panics
/// If the page is empty.
#[must_use]
pub fn encode_page(member: &MemberId, page: &Page) -> Item {
    let first = page.entries.first().expect("a page has entries");
    let mut item = Item::new();
    item.insert(table::MEMBER.to_owned(), text(member.as_str()));
    item.insert(table::FIRST.to_owned(), number(first.sequence));
    item.insert("h".to_owned(), bytes(&page.head.0));
    if let Some(at) = page.previous_at {
        item.insert("w".to_owned(), instant(at));
    }
    item.insert("b".to_owned(), number(page.entries.last().map_or(Points::ZERO, |last| last.balance)));
    item.insert("e".to_owned(), encode_entries(&page.entries));
    put_check(&mut item, &[]);
    item
}

/// A page from an item.
///
/// # Errors
/// The item is damaged.
pub fn decode_page(item: &Item) -> Result<Page, Damage> {
    decode(item).map_err(|damage| damage.of(table::PAGES))
}

fn decode(item: &Item) -> Result<Page, Damage> {
    let [] = checked(item)?;
    let entries = decode_entries(
        item.get("e"),
        as_number(item.get(table::FIRST), table::FIRST)?,
        Points(as_number(item.get("b"), "b")?),
    )?;
    if entries.is_empty() {
        return Err(damaged("e"));
    }
    let previous_at = item.get("w").map(|value| as_instant(Some(value), "w")).transpose()?;
    Ok(Page { head: Hash(as_bytes(item.get("h"), "h")?), previous_at, entries })
}

/// Entries that were loaded, oldest first, up to the newest.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) entries: Vec<Entry>,
    pub(crate) unread: Option<Recorded>,
}

impl History {
    pub(crate) fn prepend(&mut self, page: Page) {
        let Some(first) = page.entries.first() else { return };
        self.unread = page.previous_at.map(|at| Recorded { sequence: first.sequence - 1, at });
        self.entries.splice(0..0, page.entries);
    }

    /// Where the points were right after an entry: the newest state with everything later taken back.
    pub(crate) fn pockets_after(&self, sequence: u64, newest: &Pockets) -> Pockets {
        let mut pockets = newest.clone();
        for entry in self.entries.iter().rev().take_while(|entry| entry.sequence > sequence) {
            entry.undo_from(&mut pockets);
        }
        pockets
    }
}

impl Store {
    /// Reads pages, newest first, until the entries reach back far enough.
    pub(crate) async fn load(&self, member: &MemberId, history: &mut History, reach: &Reach) -> Result<(), StoreError> {
        if planted!("bug-history-unsearched")
            && reach.order.is_none()
            && reach.fact.is_none()
            && reach.sequence.is_none()
        {
            return Ok(());
        }
        while reach.needs_older(&history.entries, history.unread) {
            self.read_older(member, history, 4).await?;
        }
        Ok(())
    }

    /// Reads the next older pages, at most so many.
    pub(crate) async fn read_older(
        &self,
        member: &MemberId,
        history: &mut History,
        most: i32,
    ) -> Result<(), StoreError> {
        let Some(newest) = history.unread else { return Ok(()) };
        let pages = self.pages_before(member, newest.sequence, most).await?;
        if pages.is_empty() {
            return Err(contradicts("e").of(table::PAGES).into());
        }
        for page in pages {
            history.prepend(page);
        }
        Ok(())
    }

    /// Pages that hold entry `newest` and older ones, newest page first.
    ///
    /// A page never changes, and entries are numbered: if one is missing, that shows. So a read that may miss the newest is
    /// tried first, for half the units.
    pub(crate) async fn pages_before(
        &self,
        member: &MemberId,
        newest: u64,
        limit: i32,
    ) -> Result<Vec<Page>, StoreError> {
        let pages = self.query_pages(member, newest, limit, false).await?;
        if without_gaps(&pages, newest) || planted!("bug-page-missed") {
            return Ok(pages);
        }
        self.query_pages(member, newest, limit, true).await
    }

    async fn query_pages(
        &self,
        member: &MemberId,
        newest: u64,
        limit: i32,
        consistent: bool,
    ) -> Result<Vec<Page>, StoreError> {
        let query = self.dynamodb.query().table_name(&self.tables.pages);
        let query = query.key_condition_expression("#member = :member AND #first <= :newest");
        let query = query
            .expression_attribute_names("#member", table::MEMBER)
            .expression_attribute_names("#first", table::FIRST);
        let query = query.expression_attribute_values(":member", text(member.as_str()));
        let query = query.expression_attribute_values(":newest", number(newest));
        let found = query.scan_index_forward(false).consistent_read(consistent).limit(limit).send().await?;
        let pages: Result<_, Damage> = found.items.unwrap_or_default().iter().map(decode_page).collect();
        pages.map_err(StoreError::of_account(member))
    }

    /// Seals the entries that had been recent into the next page if the item would be larger than the budget, in bytes.
    ///
    /// What the page holds follows from the account as read, so a page left behind by a crash equals the beginning of what
    /// is still recent, and is adopted.
    pub(crate) async fn seal_if_full(
        &self,
        read: &Record,
        mut next: Record,
        budget: usize,
    ) -> Result<Record, StoreError> {
        let Some(newest) = read.recent.last() else { return Ok(next) };
        if size_of_record(&next) <= budget {
            return Ok(next);
        }
        let previous_at = read.sealed.map(|sealed| sealed.at);
        let page = Page { head: read.account.head, previous_at, entries: read.recent.clone() };
        let item = encode_page(&read.account.member, &page);
        let put = self.dynamodb.put_item().table_name(&self.tables.pages).set_item(Some(item));
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = put
            .condition_expression("attribute_not_exists(#member)")
            .expression_attribute_names("#member", table::MEMBER);
        let last: Recorded = match put.send().await {
            Ok(_) => newest.into(),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    let left = decode_page(failed.item.as_ref().ok_or(StoreError::Busy)?);
                    let left = left.map_err(StoreError::of_account(&read.account.member))?;
                    if !read.recent.starts_with(&left.entries) {
                        // Another writer sealed more and went on: our write is about to lose its race.
                        return Ok(next);
                    }
                    let last = if planted!("bug-adoption-trims-all") { Some(newest) } else { left.entries.last() };
                    last.ok_or(StoreError::Busy)?.into()
                }
                _ => return Err(error.into()),
            },
        };
        next.recent.retain(|entry| entry.sequence > last.sequence);
        next.sealed = Some(last);
        Ok(next)
    }
}

/// Do pages, newest first, hold an entry and those right before it?
fn without_gaps(pages: &[Page], mut newest: u64) -> bool {
    for page in pages {
        let (Some(first), Some(last)) = (page.entries.first(), page.entries.last()) else { return false };
        if !(first.sequence..=last.sequence).contains(&newest) {
            return false;
        }
        newest = first.sequence.saturating_sub(1);
    }
    !pages.is_empty()
}
