//! What members bring over from another programme, as an import tells it.

use domain::kernel::id::{MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::brought::Part;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
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

    /// Takes back what a source had brought over, one part of it: whole, or not at all if some of it is spent (`opening_spent`). `operation` is
    /// that of whoever undoes the import, for this member and part.
    ///
    /// # Errors
    /// As [`Store::execute`].
    pub async fn withdraw_opening(
        &self,
        (member, source, part): (&MemberId, &str, Part),
        (operation, by): (OperationId, Option<&Doer>),
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Outcomes, StoreError> {
        let content = domain::kernel::id::ContentHash::of(&part.name().into());
        let stamp = Stamp { operation, content, occurred_at: setting.now };
        let command = Command::Withdraw(Withdraw { source: source.to_owned(), part });
        let instruction = Instruction::keyed(stamp, command).by(by.cloned());
        self.execute(member, std::slice::from_ref(&instruction), setting, patience).await
    }
}

/// One of them, as a command of the ledger.
fn instruction(brought: &Brought, by: Option<&Doer>, setting: Setting<'_>) -> Instruction {
    let Brought { operation, open } = brought.clone();
    let stamp = Stamp { operation, content: open.opening.content(), occurred_at: setting.now };
    Instruction::keyed(stamp, Command::Open(open)).by(by.cloned())
}
