//! What is told of refunds that waited for their orders in vain.

use crate::ledger::facts::LedgerFact;
use crate::ledger::parked::{Fate, Parked};

/// What is told of a refund that came before its order, if it lapsed. Of the reversal of a fact nothing is told.
#[must_use]
pub fn lapsed(parked: &Parked) -> Option<LedgerFact> {
    let Fate::Lapsed(because) = parked.fate else { return None };
    let refund = parked.takes.refund()?;
    Some(LedgerFact::RefundLapsed { refund: refund.id.clone(), order: refund.order_id.clone(), because })
}
