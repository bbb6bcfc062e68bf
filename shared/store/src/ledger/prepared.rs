//! A command that is written together with something else: decided as any, and handed over as a part of a transaction.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::kernel::id::MemberId;
use domain::kernel::quantity::Points;
use domain::ledger::account::Account;
use domain::ledger::books::Change;
use domain::ledger::command::Instruction;
use domain::ledger::entry::Entry;
use domain::ledger::reach::Reach;
use domain::ledger::refusal::Refused;
use domain::ledger::transfer::{Transfer, Transferred, Transferring, merge, unmerge};
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::due::rearmed;
use crate::ledger::account_item::{Record, encode_record};
use crate::ledger::commands::{Beside, Done};
use crate::ledger::facts::Claims;
use crate::ledger::pages::History;
use crate::write::Next;
use crate::{Store, StoreError, table};

/// Two accounts that become one, or two again, and are not written yet.
pub(crate) struct PreparedTransfer {
    /// The entry of the survivor.
    pub(crate) entry: Entry,
    /// What does not come back.
    pub(crate) not_returned: Points,
    /// Both accounts in their next versions.
    pub(crate) writes: Vec<TransactWriteItem>,
    /// What the absorbed has and owes.
    pub(crate) points: Points,
}

/// A command that was decided, and is not written yet.
pub(crate) struct Prepared {
    /// What comes of it.
    pub(crate) done: Done,
    /// The account in its next version; none if the command is in the ledger already.
    pub(crate) write: Option<TransactWriteItem>,
}

impl Store {
    /// Decides a command that is no fact, on the account as it is now. It is written by whoever asked, if at all, and not if the account
    /// is another by then; what it touches beside the account is refused.
    pub(crate) async fn prepare(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        setting: Setting<'_>,
    ) -> Result<Result<Prepared, Refused>, StoreError> {
        let read = self.read(member, true).await?;
        let beside = Beside { claims: &Claims::new(), orders: &[], borrowed: &[] };
        let mut decided = self.decide(&read, std::slice::from_ref(instruction), beside, setting).await?;
        let outcome = decided.outcomes.pop().ok_or_else(|| StoreError::bug("one command has one outcome"))?;
        let done = match outcome {
            Ok(done) => done,
            Err(refused) => return Ok(Err(refused)),
        };
        if !decided.effects.is_empty() {
            return Err(StoreError::bug("what is written with something else touches nothing beside the account"));
        }
        if done.replayed {
            return Ok(Ok(Prepared { done, write: None }));
        }
        let write = self.account_in_transaction(&read, decided.record).await?;
        Ok(Ok(Prepared { done, write: Some(write) }))
    }

    /// Merges two accounts, or takes them apart again by the entry of the survivor that says what had come: decided on both as they are now,
    /// and written by whoever asked, if neither is another by then.
    pub(crate) async fn prepare_transfer(
        &self,
        (survivor, absorbed): (&MemberId, &MemberId),
        transfer: &Transfer,
        undoes: Option<u64>,
        setting: Setting<'_>,
    ) -> Result<Result<PreparedTransfer, Transferring>, StoreError> {
        let (one, other) = (self.read(survivor, true).await?, self.read(absorbed, true).await?);
        let newest = one.newest_at().max(other.newest_at());
        let setting = Setting { now: newest.map_or(setting.now, |newest| newest.max(setting.now)), ..setting };
        let accounts = (&one.account, &other.account);
        let done = match undoes {
            None => match merge(accounts, transfer, setting) {
                Ok(done) => done,
                Err(refused) => return Ok(Err(refused)),
            },
            Some(entry) => {
                let mut history = History { entries: one.recent.clone(), unread: one.sealed };
                let reach = Reach { since: Timestamp::MAX, order: None, fact: None, sequence: Some(entry) };
                self.load(survivor, &mut history, &reach).await?;
                let recorded = history.entries.iter().find(|known| known.sequence == entry);
                let done = recorded.and_then(|recorded| unmerge(accounts, recorded, transfer, setting));
                done.ok_or_else(|| StoreError::bug("a merge has its entry"))?
            }
        };
        let Transferred { survivor: stays, absorbed: goes, not_returned } = done;
        let entry = stays.entry.clone();
        let mut writes = Vec::with_capacity(2);
        for (read, change) in [(&one, stays), (&other, goes)] {
            writes.push(self.changed_in_transaction(read, change, setting).await?);
        }
        Ok(Ok(PreparedTransfer { entry, not_returned, writes, points: owned(&other.account, setting) }))
    }

    /// An account as a change leaves it, under the version that was read.
    pub(crate) async fn changed_in_transaction(
        &self,
        read: &Record,
        change: Change,
        setting: Setting<'_>,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut next = Record { version: read.version + 1, account: change.account, ..read.clone() };
        next.recent.push(change.entry);
        next.due = rearmed(read.due, next.account.due(setting), setting.now);
        self.account_in_transaction(read, next).await
    }

    /// An account in its next version, under the one that was read.
    async fn account_in_transaction(&self, read: &Record, next: Record) -> Result<TransactWriteItem, StoreError> {
        let sealed = self.seal_if_full(read, next, Self::BUDGET).await?;
        let item = encode_record(&sealed);
        let next = Next { table: &self.tables.accounts, key: table::MEMBER, item, read: read.version };
        Ok(next.in_transaction()?)
    }
}

/// Points of an account, spendable, waiting and owed: what a second person has to look at if it is much.
fn owned(account: &Account, setting: Setting<'_>) -> Points {
    let pockets = account.settled(setting).0.pockets;
    pockets.active_points() + pockets.pending_points() + pockets.debt
}
