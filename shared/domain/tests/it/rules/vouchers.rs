//! Vouchers: used once, or given back; never both.

use domain::ledger::voucher::{UsingVoucher, Voucher, VoucherState, use_voucher};
use jiff::{SignedDuration, Timestamp};

use crate::world::at;

const EXPIRES_AT: &str = "2026-04-01T00:00:00+08:00";

/// What the use of a voucher is, by the operation `till-1`: is it the same again?
#[track_caller]
fn check(state: VoucherState, now: Timestamp, expected: Result<bool, UsingVoucher>) {
    let (member, reward) = ("m-1".parse().unwrap(), "drink".to_owned());
    let voucher = Voucher { member, redemption: 2, reward, expires_at: at(EXPIRES_AT), state };
    assert_eq!(use_voucher(&voucher, "till-1", now), expected, "{:?}", voucher.state);
}

// rule: ledger 4.11
#[test]
fn a_voucher_is_used_once_and_not_after_its_points_came_back() {
    let in_time = at(EXPIRES_AT) - SignedDuration::from_millis(1);
    check(VoucherState::Issued, in_time, Ok(false));
    check(VoucherState::Used { by: "till-1".to_owned() }, in_time, Ok(true));
    check(VoucherState::Used { by: "till-1".to_owned() }, at(EXPIRES_AT), Ok(true));
    check(VoucherState::Used { by: "till-2".to_owned() }, in_time, Err(UsingVoucher::VoucherUsed));
    check(VoucherState::Void, in_time, Err(UsingVoucher::VoucherNotValid { state: "void" }));
    check(VoucherState::Issued, at(EXPIRES_AT), Err(UsingVoucher::VoucherNotValid { state: "expired" }));
}
