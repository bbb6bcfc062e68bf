//! The stream of `accounts`: which entries a write has committed.

use domain::kernel::id::MemberId;
use domain::ledger::entry::Entry;
use domain::ledger::proof::{Leaf, step_difference};
use serde_json::Value;

use crate::attribute::{Item, as_text};
use crate::error::{contradicts, damaged};
use crate::json::item_of;
use crate::ledger::account_item::{Record, decode_record};
use crate::{StoreError, table};

/// What a write has committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The entries that it added, oldest first; none if it only moved the account in the index.
    pub entries: Vec<Entry>,
    before: Record,
    after: Record,
}

/// What a stream record with both images shows.
///
/// # Errors
/// It is none of an account, or an image is not what was written.
pub fn committed(record: &Value) -> Result<Committed, StoreError> {
    let image = |name: &str| record["dynamodb"].get(name).filter(|image| !image.is_null()).map(item_of).transpose();
    let after = read(&image("NewImage")?.ok_or_else(|| damaged("NewImage"))?)?;
    let before = match image("OldImage")? {
        Some(old) => read(&old)?,
        None => Record::new(after.account.member.clone()),
    };
    let known = before.account.sequence;
    let entries: Vec<Entry> = after.recent.iter().filter(|entry| entry.sequence > known).cloned().collect();
    let whole = entries.first().map_or(known, |first| first.sequence - 1) == known;
    if !whole || entries.last().map_or(known, |last| last.sequence) != after.account.sequence {
        return Err(contradicts("e").of(table::ACCOUNTS).into());
    }
    Ok(Committed { entries, before, after })
}

/// An image; who it is of is known where the rest cannot be read.
fn read(image: &Item) -> Result<Record, StoreError> {
    decode_record(image).map_err(|damage| {
        let member = as_text(image.get(table::MEMBER), table::MEMBER).ok().and_then(|member| member.parse().ok());
        member.map_or(StoreError::Damaged(damage), |member| StoreError::of_account(&member)(damage))
    })
}

impl Committed {
    /// Whose account.
    #[must_use]
    pub fn member(&self) -> &MemberId {
        &self.after.account.member
    }

    /// The entry after which the member's scores are to be worked out anew, if they are.
    #[must_use]
    pub fn rescore_after(&self) -> Option<&Entry> {
        self.entries.last().filter(|_| self.after.account.rescore)
    }

    /// What the account says that its entries do not, if it does. The account before and the new entries must give the account
    /// after, and the entries that were there must be what they were: so every write is reconciled as it is told of, and by induction
    /// every account.
    #[must_use]
    pub fn difference(&self) -> Option<&'static str> {
        let Self { entries, before, after } = self;
        let kept = after.recent.len().saturating_sub(entries.len());
        let is_kept = after.recent.get(..kept).is_some_and(|kept| before.recent.ends_with(kept));
        let step = step_difference(&before.account, entries, &after.account);
        let step = step.or((!is_kept).then_some("the entries before"));
        step.or((after.version != before.version + 1).then_some("the version"))
    }

    /// What is noted of the account, by what [`Committed::difference`] has found: how the write left it; nothing where nothing was
    /// entered. Of an account that differs all is to be looked at, and where nothing was entered it must be what it was before.
    #[must_use]
    pub fn leaf(&self, difference: Option<&str>) -> Option<Leaf> {
        let leaf = |is: &Record| Leaf::of(&self.before.account, &is.account);
        match (difference, self.entries.is_empty()) {
            (None, true) => None,
            (None, false) => Some(leaf(&self.after)),
            (Some(_), true) => Some(leaf(&self.before).since_the_first()),
            (Some(_), false) => Some(leaf(&self.after).since_the_first()),
        }
    }
}

#[cfg(test)]
mod tests;
