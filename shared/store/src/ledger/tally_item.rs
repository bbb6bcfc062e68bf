//! What was moved by hand of late, in a row of `facts` for each person and one for the brand: `d`, a flat list of instants and points, under
//! the version `n`.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::kernel::id::FactKey;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::tally::{ByHand, Moved, Tallied, Tally};
use jiff::Timestamp;

use crate::attribute::{as_number, instant, number};
use crate::error::Damage;
use crate::ledger::flat::{Flat, list};
use crate::{Store, StoreError, table};

/// The row's key. An order's, a refund's and any other fact's begin otherwise.
fn key(of: &Tallied) -> FactKey {
    match of {
        Tallied::Person(who) => FactKey::tally(who),
        Tallied::Brand => FactKey::tally(""), // nobody is called so
    }
}

impl Store {
    /// What was moved by hand, of a person and, if wanted, of the brand; nothing if a command's decision does not look at it.
    pub(crate) async fn by_hand(&self, instruction: &Instruction, brand: bool) -> Result<Option<ByHand>, StoreError> {
        let Some(by) = &instruction.by else { return Ok(None) };
        let looks = match &instruction.command {
            Command::Adjust(_) => true,
            Command::Earn(_) => by.backdate_reason.is_some(),
            _ => false,
        };
        if !looks {
            return Ok(None);
        }
        Ok(Some(self.tallies(&by.who, brand).await?))
    }

    /// What somebody moved by hand of late, and if wanted all of the brand.
    pub(crate) async fn tallies(&self, who: &str, brand: bool) -> Result<ByHand, StoreError> {
        let person = self.tally(&Tallied::Person(who.to_owned())).await?;
        let brand = if brand { self.tally(&Tallied::Brand).await? } else { Tally::default() };
        Ok(ByHand { person, brand })
    }

    async fn tally(&self, of: &Tallied) -> Result<Tally, StoreError> {
        let Some(item) = self.fact(key(of)).await? else { return Ok(Tally::default()) };
        let read = || {
            let moved = Flat::new(item.get("d"), "d")?;
            let moved = moved.all(|flat| Ok(Moved { at: flat.instant()?, points: flat.points()? }))?;
            Ok(Tally { version: Some(as_number(item.get("n"), "n")?), moved })
        };
        Ok(read().map_err(|damage: Damage| damage.of(table::FACTS))?)
    }

    /// Says what was moved, if the tally is as it was seen.
    pub(crate) fn tallied(
        &self,
        of: &Tallied,
        seen: &Tally,
        moved: &[Moved],
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let all = seen.with(moved, now);
        let all = all.iter().flat_map(|moved| [instant(moved.at), number(moved.points)]).collect();
        let next = number(seen.version.unwrap_or_default() + 1);
        let mut values: Vec<(&str, AttributeValue)> = vec![(":d", list(all)), (":next", next)];
        let condition = match seen.version {
            Some(version) => {
                values.push((":n", number(version)));
                "n = :n"
            }
            None => "attribute_not_exists(n)",
        };
        self.fact_write(key(of), "SET d = :d, n = :next", condition, values)
    }
}
