//! What a decision knows beside the account.

use crate::ledger::order_row::OrderRow;
use crate::ledger::tally::ByHand;

/// What a decision knows beside the account and its entries, as far as it reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The row of the order that it is about.
    pub order: OrderRow,
    /// What was moved by hand of late.
    pub by_hand: ByHand,
}
