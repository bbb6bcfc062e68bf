//! What a change of an account touches beside it.

use jiff::Timestamp;

use crate::kernel::id::OperationId;

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
    /// Issues the voucher of an operation.
    IssueVoucher {
        /// Which redemption.
        operation: OperationId,
        /// Of which reward.
        reward: String,
        /// Until when it is valid.
        expires_at: Timestamp,
    },
    /// Voids the voucher of an operation, unless it is used.
    VoidVoucher {
        /// Which redemption.
        operation: OperationId,
    },
}
