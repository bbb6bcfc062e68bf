//! What a decision knows beside the account.

use crate::kernel::id::MemberId;
use crate::ledger::order_row::OrderRow;
use crate::ledger::parked::Parked;
use crate::ledger::tally::ByHand;

/// What a decision knows beside the account and its entries, as far as it reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The row of the order that it is about.
    pub order: OrderRow,
    /// What was moved by hand of late.
    pub by_hand: ByHand,
    /// Others for whom the member of the account stands, as far as what waits names any.
    pub stands_for: Vec<MemberId>,
}

impl Known {
    /// Was something that waits reported for a member, or for one for whom it stands; or for nobody in particular?
    pub(crate) fn is_for(&self, member: &MemberId, parked: &Parked) -> bool {
        parked.member.as_ref().is_none_or(|named| named == member || self.stands_for.contains(named))
    }
}
