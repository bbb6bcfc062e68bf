//! What members bring over from another programme, as an import tells it.

use domain::kernel::id::{ContentHash, MemberId, OperationId};
use domain::kernel::stamp::Stamp;
use domain::ledger::account::Account;
use domain::ledger::brought::Part;
use domain::ledger::case::Case;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::effect::Effect;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::held_over::{HeldOver, hold_over, release_of, still_held};
use domain::ledger::known::Known;
use domain::ledger::opening::{Open, Withdraw, opened, remembered_as};
use domain::ledger::refusal::Refused;
use domain::programme::setting::Setting;

use crate::ledger::accounts::Pass;
use crate::ledger::commands::{Beside, Done, Outcomes};
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

    /// The account of a member, and the entry that has brought a part over from a source and stands; as it is in the ledger now.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn opening_of(
        &self,
        member: &MemberId,
        source: &str,
        part: Part,
    ) -> Result<Option<(Account, Entry)>, StoreError> {
        let record = self.read(member, true).await?;
        let Some(sequence) = record.account.openings.get(&remembered_as(source, part)).copied() else {
            return Ok(None);
        };
        if let Some(entry) = record.recent.iter().find(|entry| entry.sequence == sequence) {
            return Ok(Some((record.account.clone(), entry.clone())));
        }
        let page = self.entries(member, Some(sequence), 1).await?;
        Ok(page.entries.into_iter().next().map(|entry| (record.account, entry)))
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

impl Store {
    /// Decides what is brought over or taken back, with the holds that come or go with it: all of it or nothing.
    pub(super) async fn decide_brought(
        &self,
        instruction: &Instruction,
        pass: &mut Pass,
        beside: Beside<'_>,
        setting: Setting<'_>,
    ) -> Result<Result<Done, Refused>, StoreError> {
        if let Some(known) = self.known_to(instruction, pass, beside, setting).await? {
            return Ok(known);
        }
        let before = pass.clone();
        let mut outcome = match pass.lets_go(instruction, setting) {
            Ok(()) => self.decide_one(instruction, pass, beside, setting).await?,
            Err(refused) => Err(refused),
        };
        if outcome.is_ok()
            && let Err(refused) = self.hold_over(instruction, pass, setting).await?
        {
            outcome = Err(refused);
        }
        if outcome.is_err() {
            *pass = before;
        }
        Ok(outcome)
    }

    /// Holds what was held there.
    async fn hold_over(
        &self,
        instruction: &Instruction,
        pass: &mut Pass,
        setting: Setting<'_>,
    ) -> Result<Result<(), Refused>, StoreError> {
        let Command::Open(open) = &instruction.command else { return Ok(Ok(())) };
        for held in &open.holds {
            let order = self.order_to_pay(&held.order, setting).await?;
            let known = Known { order, ..Known::default() };
            if let Err(refused) = pass.holds(held, instruction, &known, setting) {
                return Ok(Err(refused));
            }
        }
        Ok(Ok(()))
    }
}

impl Pass {
    fn holds(
        &mut self,
        held: &HeldOver,
        instruction: &Instruction,
        known: &Known,
        setting: Setting<'_>,
    ) -> Result<(), Refused> {
        let Pass { record, history, .. } = &*self;
        let stamp = &Stamp { occurred_at: setting.now, ..instruction.stamp };
        let case = Case {
            account: &record.account,
            history: &history.entries,
            known,
            by: instruction.by.as_ref(),
            stamp,
            then: setting.programmes.at(setting.now),
            setting,
        };
        let change = hold_over(held, instruction.stamp.operation, case)?;
        // A row is written once: that its hold ended is said by the one that takes its place.
        self.effects.retain(|effect| !matches!(effect, Effect::EndHold { order, .. } if *order == held.order));
        self.take(change);
        Ok(())
    }

    /// Releases what is still held of a part that is taken back, or makes room for another.
    fn lets_go(&mut self, instruction: &Instruction, setting: Setting<'_>) -> Result<(), Refused> {
        let (source, part) = match &instruction.command {
            Command::Open(open) if open.elsewhere.as_of.is_some() => (&open.source, open.opening.part()),
            Command::Withdraw(withdraw) => (&withdraw.source, withdraw.part),
            _ => return Ok(()),
        };
        let Some(opening) = opened(&self.history.entries, source, part) else { return Ok(()) };
        for hold in still_held(&self.record.account, opening, &self.history.entries) {
            let release = Instruction::keyed(release_of(hold, setting.now), Command::Release { hold });
            let Pass { record, history, .. } = &*self;
            let release = release.by(instruction.by.clone());
            let change = release.decide(&record.account, &history.entries, &Known::default(), setting)?;
            self.take(change);
        }
        Ok(())
    }
}

/// One of them, as a command of the ledger.
fn instruction(brought: &Brought, by: Option<&Doer>, setting: Setting<'_>) -> Instruction {
    let Brought { operation, open } = brought.clone();
    let stamp = Stamp { operation, content: open.content(), occurred_at: setting.now };
    Instruction::keyed(stamp, Command::Open(open)).by(by.cloned())
}
