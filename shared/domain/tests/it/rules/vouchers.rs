//! Vouchers: used once, or given back; never both.

use domain::ledger::voucher::{UsingVoucher, Voucher, VoucherState, used_before};

use crate::world::at;

/// What the use of a voucher is, by the operation `till-1`, when the table did not take it as the first.
#[track_caller]
fn check(state: VoucherState, expected: Result<(), UsingVoucher>) {
    let expires_at = at("2026-04-01T00:00:00+08:00");
    let voucher = Voucher { member: "m-1".to_owned(), reward: "drink".to_owned(), expires_at, state };
    assert_eq!(used_before(&voucher, "till-1"), expected, "{:?}", voucher.state);
}

// rule: ledger 4.11
#[test]
fn a_voucher_is_used_once_and_not_after_its_points_came_back() {
    check(VoucherState::Used { by: "till-1".to_owned() }, Ok(()));
    check(VoucherState::Used { by: "till-2".to_owned() }, Err(UsingVoucher::VoucherUsed));
    check(VoucherState::Void, Err(UsingVoucher::VoucherNotValid { state: "void" }));
    check(VoucherState::Issued, Err(UsingVoucher::VoucherNotValid { state: "expired" }));
}
