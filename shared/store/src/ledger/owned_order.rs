//! Orders that are somebody's, as their rows say it.

use domain::kernel::id::{FactName, MemberId};
use domain::ledger::command::{Command, Instruction};
use domain::ledger::lines::Refund;

use crate::attribute::Item;
use crate::error::Damage;
use crate::ledger::facts::Row;
use crate::ledger::lines_item::{KeptLines, decode_lines};
use crate::{Store, StoreError, table};

/// An order that is somebody's, as its row says it.
pub(crate) struct OwnedOrder {
    /// Which.
    pub(crate) order_id: String,
    /// Whose, and since when.
    pub(crate) row: Row,
    /// Its lines as they were paid, and the report that they are of.
    pub(crate) lines: Option<KeptLines>,
}

impl OwnedOrder {
    /// An order whose row was read.
    ///
    /// # Errors
    /// The row is damaged.
    pub(crate) fn of(order_id: &str, row: Row, item: &Item) -> Result<Self, Damage> {
        let lines = item.get("l").map(decode_lines).transpose()?;
        Ok(Self { order_id: order_id.to_owned(), row, lines })
    }
}

impl Store {
    /// The orders of a member that commands take back with what they sell.
    pub(crate) async fn returned_orders(
        &self,
        member: &MemberId,
        instructions: &[Instruction],
    ) -> Result<Vec<OwnedOrder>, StoreError> {
        let mut orders = Vec::new();
        for leg in instructions.iter().flat_map(|instruction| &instruction.legs) {
            let Command::Refund(Refund { order_id, .. }) = &leg.instruction.command else { continue };
            let item = self.fact(FactName::order(order_id).key).await?.unwrap_or_default();
            if item.get("m").and_then(|owner| owner.as_s().ok()).is_some_and(|owner| owner == member.as_str()) {
                let read = || OwnedOrder::of(order_id, Row::decode(&item)?, &item);
                orders.push(read().map_err(|damage: Damage| damage.of(table::FACTS))?);
            }
        }
        Ok(orders)
    }
}
