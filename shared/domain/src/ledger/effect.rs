//! What a change of an account touches beside it.

use crate::kernel::canonical::Hash;
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
