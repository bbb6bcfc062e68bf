//! What members bring over from another programme, as an import tells it.

use domain::kernel::id::{ContentHash, MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::brought::Part;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::entry::Detail;
use domain::ledger::opening::{Open, Withdraw};
use domain::ledger::refusal::Refused;
use domain::programme::setting::Setting;

use crate::ledger::commands::{Done, Outcomes};
use crate::race::Patience;
use crate::{Store, StoreError};

/// A part of what a member brings over, under the operation of the import and the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The hash of import and row: a repeat does nothing twice.
    pub operation: OperationId,
    /// What.
    pub open: Open,
}

/// A part that is taken back.
#[derive(Debug, Clone, Copy)]
pub struct Withdrawn<'a> {
    /// From whom.
    pub member: &'a MemberId,
    /// The source that had brought it.
    pub source: &'a str,
    /// Which.
    pub part: Part,
    /// By which operation it had been brought.
    pub brought: OperationId,
    /// The operation that takes it back.
    pub operation: OperationId,
    /// Who asks.
    pub by: &'a Doer,
}

/// How many entries are read at once.
const ENTRIES: usize = 100;

impl Store {
    /// Brings over what a file says of one member: all parts in one write. For each it says what came of it, in order: `Done`, with
    /// `replayed` if the same was brought over before (then nothing changes, whichever file said so); or why not, as `opening_exists`.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn bring(
        &self,
        member: &MemberId,
        (brought, by): (&[Brought], Option<&Doer>),
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Outcomes, StoreError> {
        let instructions: Vec<Instruction> = brought.iter().map(|brought| instruction(brought, by, setting)).collect();
        self.execute(member, &instructions, setting, patience).await
    }

    /// What would come of it.
    ///
    /// # Errors
    /// As [`Store::try_out`].
    pub async fn try_to_bring(
        &self,
        member: &MemberId,
        (brought, by): (&Brought, Option<&Doer>),
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refused>, StoreError> {
        self.try_out(member, &instruction(brought, by, setting), setting).await
    }

    /// Which part an import has brought over of a member, by its operation; none if none, or if another has.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn opening_by(&self, member: &MemberId, brought: OperationId) -> Result<Option<Part>, StoreError> {
        let mut newest = None;
        loop {
            let page = self.entries(member, newest, ENTRIES).await?;
            let found = page.entries.iter().find(|entry| entry.operation == brought);
            if let Some(Detail::Opening { part, .. }) = found.map(|entry| &entry.detail) {
                return Ok(Some(*part));
            }
            newest = page.next;
            if newest.is_none() {
                return Ok(None);
            }
        }
    }

    /// Has nothing ever moved in an account but what was brought over and taken back?
    pub(crate) async fn is_untouched(&self, member: &MemberId) -> Result<bool, StoreError> {
        let record = self.read(member, true).await?;
        let of_nobody = |detail: &Detail| {
            use Detail::{Evaluate, Opening, OpeningWithdrawn, Settle, Standing};
            matches!(detail, Opening { .. } | OpeningWithdrawn { .. } | Standing { .. } | Settle | Evaluate { .. })
        };
        let idle = record.recent.iter().all(|entry| of_nobody(&entry.detail));
        Ok(idle && record.sealed.is_none() && record.account.openings.is_empty())
    }

    /// Takes back what a source had brought over, one part of it: whole, or not at all if some of it is spent (`opening_spent`).
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn withdraw_opening(
        &self,
        withdrawn: &Withdrawn<'_>,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Done, Refused>, StoreError> {
        let instruction = withdrawal(withdrawn, setting);
        let outcomes = self.execute(withdrawn.member, std::slice::from_ref(&instruction), setting, patience).await?;
        outcomes.into_iter().next().ok_or_else(|| StoreError::bug("one command has one outcome"))
    }

    /// What would come of it.
    ///
    /// # Errors
    /// As [`Store::try_out`].
    pub async fn try_to_withdraw(
        &self,
        withdrawn: &Withdrawn<'_>,
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refused>, StoreError> {
        self.try_out(withdrawn.member, &withdrawal(withdrawn, setting), setting).await
    }
}

fn withdrawal(withdrawn: &Withdrawn<'_>, setting: Setting<'_>) -> Instruction {
    let Withdrawn { member: _, source, part, brought, operation, by } = *withdrawn;
    let stamp = Stamp { operation, content: ContentHash::of(&part.name().into()), occurred_at: setting.now };
    let command = Command::Withdraw(Withdraw { source: source.to_owned(), part, brought: Some(brought) });
    Instruction::keyed(stamp, command).by(Some(by.clone()))
}

/// One of them, as a command of the ledger.
fn instruction(brought: &Brought, by: Option<&Doer>, setting: Setting<'_>) -> Instruction {
    let Brought { operation, open } = brought.clone();
    let stamp = Stamp { operation, content: open.opening.content(), occurred_at: setting.now };
    Instruction::keyed(stamp, Command::Open(open)).by(by.cloned())
}
