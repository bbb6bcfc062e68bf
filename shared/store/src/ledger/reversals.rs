//! Reversals of facts that are no orders: in the ledger of the member who has the fact, or they wait for it.

use domain::kernel::id::{FactName, MemberId, OperationId};
use domain::ledger::activity_reversal::{ReversingActivity, park};
use domain::ledger::command::{Command, Instruction};
use domain::ledger::parked::Parked;
use domain::ledger::reach::Reach;
use domain::ledger::refusal::Refused;
use domain::programme::setting::Setting;

use crate::ledger::commands::Done;
use crate::ledger::facts::Row;
use crate::ledger::waiting::{kept_in, kept_of};
use crate::race::Patience;
use crate::{Store, StoreError, table};

/// What became of the reversal of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reversed {
    /// It is in the member's ledger.
    Recorded(Box<Done>),
    /// It waits for the fact, or has waited for it.
    Parked {
        /// It had been before.
        replayed: bool,
    },
}

/// Is a reversal refused because nobody knows the fact?
#[must_use]
pub fn is_unknown_fact(refused: &Refused) -> bool {
    matches!(refused, Refused::ReversingActivity(ReversingActivity::Missing(_)))
}

impl Store {
    /// Takes a fact back, or lets that wait until somebody reports the fact.
    ///
    /// # Errors
    /// As [`Store::execute`]; [`StoreError::Busy`] while the fact is being recorded.
    pub async fn reverse_activity(
        &self,
        member: &MemberId,
        instruction: &Instruction,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Result<Reversed, Refused>, StoreError> {
        let (Command::ReverseActivity(reverse), Some(own)) = (&instruction.command, &instruction.fact) else {
            return Err(StoreError::bug("the reversal of a fact is another command"));
        };
        let fact = FactName::event(&reverse.source, &reverse.id).key;
        let mut seen_standing = false;
        loop {
            let item = self.fact(fact).await?.unwrap_or_default();
            let waiting = kept_in(&item)?;
            if let Some(answer) = waits(instruction, &waiting) {
                return Ok(answer);
            }
            let outcome = self.execute(member, std::slice::from_ref(instruction), setting, patience).await?.pop();
            let refused = match outcome.ok_or_else(|| StoreError::bug("one command has one outcome"))? {
                Err(refused) if is_unknown_fact(&refused) => refused,
                // It may have come to wait, and been met by its fact, since the row was read.
                Ok(done) if done.replayed => {
                    let waited = waits(instruction, &kept_in(&self.fact(fact).await?.unwrap_or_default())?);
                    return Ok(waited.unwrap_or_else(|| Ok(Reversed::Recorded(Box::new(done)))));
                }
                outcome => return Ok(outcome.map(|done| Reversed::Recorded(Box::new(done)))),
            };
            let row = item.contains_key("m").then(|| Row::decode(&item)).transpose();
            let row = row.map_err(|damage| damage.of(table::FACTS))?;
            if let Some(row) = &row
                && self.stands(row, reverse.operation(), setting).await?
            {
                // The member's own may have been written since it was looked for: once more, now that it stands.
                if row.member == *member && !seen_standing {
                    seen_standing = true;
                    continue;
                }
                return Ok(Err(refused)); // another member's, or nothing that can be taken back
            }
            let parked = match park(reverse, (member, instruction.by.as_ref()), &instruction.stamp, &waiting, setting) {
                Ok(parked) => parked,
                Err(refused) => return Ok(Err(refused.into())),
            };
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let all: Vec<Parked> = waiting.iter().cloned().chain([parked.clone()]).collect();
            if self.park(own.key, row.as_ref(), &all, setting).await? {
                return Ok(Ok(Reversed::Parked { replayed: false }));
            }
            if let Some(refused) = self.elsewhere(own.key, instruction, &parked, setting).await? {
                return Ok(Err(refused));
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }

    /// Is a fact that somebody claimed in the ledger? If a crash has left the claim without its entry, whatever is still on its way to it
    /// loses its race from here on.
    async fn stands(&self, row: &Row, operation: OperationId, setting: Setting<'_>) -> Result<bool, StoreError> {
        let since = setting.programmes.at(setting.now).less_skew(row.claimed_at);
        let reach = Reach { since, order: None, fact: None, sequence: None };
        let (record, entries) = self.read_back(&row.member, &reach).await?;
        if entries.iter().any(|entry| entry.operation == operation) {
            return Ok(true);
        }
        row.may_be_under_way(setting.now)?;
        self.fence(&record).await?;
        Ok(false)
    }
}

/// The answer to one that waits, or has waited.
fn waits(instruction: &Instruction, kept: &[Parked]) -> Option<Result<Reversed, Refused>> {
    Some(kept_of(instruction, kept)?.map(|_parked| Reversed::Parked { replayed: true }))
}
