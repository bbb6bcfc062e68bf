//! Using a voucher.

use crate::kernel::canonical::Hash;
use crate::ledger::books::Change;
use crate::ledger::case::Case;
use crate::ledger::effect::Effect;
use crate::ledger::entry::Detail;
use crate::ledger::voucher::{UsingVoucher, Voucher, VoucherState};
use crate::planted;

/// Uses a voucher at a till.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseVoucher {
    /// The hash of its code.
    pub code: Hash,
    /// As it was found.
    pub voucher: Voucher,
}

/// Decides the use of a voucher. It moves no points: they were spent on it.
///
/// # Errors
/// It was used, or it is void or expired. What became of it meanwhile is decided where it is kept, by the effect.
pub fn use_voucher(command: &UseVoucher, case: Case<'_>) -> Result<Change, UsingVoucher> {
    let UseVoucher { code, voucher } = command.clone();
    let Case { stamp, setting, .. } = case;
    match voucher.state {
        VoucherState::Used if !planted!("bug-voucher-used-twice") => return Err(UsingVoucher::VoucherUsed),
        VoucherState::Void => return Err(UsingVoucher::VoucherNotValid { state: "void" }),
        _ if voucher.expires_at <= setting.now => return Err(UsingVoucher::VoucherNotValid { state: "expired" }),
        VoucherState::Issued | VoucherState::Used => {}
    }
    let detail = Detail::VoucherUse { redemption: voucher.redemption, reward: voucher.reward.clone() };
    let mut change = case.books().close(stamp, detail);
    change.effects.push(Effect::UseVoucher { code, voucher });
    Ok(change)
}
