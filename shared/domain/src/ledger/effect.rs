//! What a change of an account touches beside it.

use jiff::Timestamp;

use crate::kernel::canonical::Hash;
use crate::kernel::id::{EntryId, FactKey};
use crate::kernel::quantity::Minor;
use crate::ledger::order_row::{OrderHold, OrderRow};
use crate::ledger::parked::Parked;
use crate::ledger::tally::{Moved, Tallied, Tally};
use crate::ledger::voucher::{Issued, Voucher};

/// Something shared that a change touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Takes pieces of a reward from its stock, or the change does not happen.
    TakeStock {
        /// Which reward.
        reward: String,
        /// How many.
        quantity: u32,
        /// Over how many shards its stock is spread.
        shards: u32,
    },
    /// Gives pieces back.
    ReturnStock {
        /// Which reward.
        reward: String,
        /// How many.
        quantity: u32,
        /// Over how many shards its stock is spread.
        shards: u32,
    },
    /// Says in an order's row what is held for it, or the change does not happen: somebody else was faster.
    HoldOrder {
        /// Which order.
        order: String,
        /// What is held.
        hold: OrderHold,
        /// The row as it was when this was decided.
        seen: OrderRow,
    },
    /// Says there what became of a hold, or the change does not happen: it has made room for another.
    EndHold {
        /// Of which order.
        order: String,
        /// Which hold.
        hold: EntryId,
        /// What its points have paid, in minor units; zero frees the order.
        paid: Minor,
    },
    /// Says in a fact's row what has become of what waited to take it back.
    SettleParked {
        /// Of which order, or other fact.
        fact: FactKey,
        /// All that the row keeps, as it is now.
        parked: Vec<Parked>,
        /// As it was when this was decided.
        seen: Vec<Parked>,
        /// When it is recorded.
        at: Timestamp,
        /// The number of the programme version that decided.
        programme: u32,
    },
    /// Says in a tally what was moved by hand, or the change does not happen: somebody else was faster.
    Tally {
        /// Of whom.
        of: Tallied,
        /// The tally as it was when this was decided.
        seen: Tally,
        /// What was moved.
        moved: Vec<Moved>,
    },
    /// Issues the voucher of a redemption.
    IssueVoucher(Issued),
    /// Voids the voucher of a redemption, unless it was used.
    VoidVoucher(Issued),
    /// Marks a voucher used, if it still is as it was found.
    UseVoucher {
        /// The hash of its code.
        code: Hash,
        /// As it was found.
        voucher: Voucher,
    },
}
