//! Vouchers: used once, or given back; never both.

use domain::kernel::quantity::Points;
use domain::ledger::command::Command;
use domain::ledger::effect::Effect;
use domain::ledger::entry::Detail;
use domain::ledger::telling::events;
use domain::ledger::voucher::{Issued, UsingVoucher, Voucher, VoucherCode, VoucherState};
use domain::ledger::voucher_use::UseVoucher;

use crate::world::World;

/// The use of the voucher of a redemption, found in a state.
fn use_of(issued: &Issued, state: VoucherState) -> Command {
    let member: domain::kernel::id::MemberId = "m-1".parse().unwrap();
    let code = VoucherCode::derive(&[7; 32], &member, issued).hash();
    let Issued { redemption, reward, expires_at, .. } = issued.clone();
    Command::UseVoucher(UseVoucher { code, voucher: Voucher { member, redemption, reward, expires_at, state } })
}

fn redeemed() -> (World, Issued) {
    let mut world = World::new(&[]);
    world.give(100);
    let issued = Issued::by(&world.redeem("drink").unwrap()).expect("a drink is a voucher");
    (world, issued)
}

// rule: ledger 4.11
#[test]
fn a_voucher_is_used_once_and_not_after_its_points_came_back() {
    let (mut world, issued) = redeemed();
    let used = world.run(use_of(&issued, VoucherState::Used)).unwrap_err();
    assert_eq!(used, UsingVoucher::VoucherUsed.into());
    let void = world.run(use_of(&issued, VoucherState::Void)).unwrap_err();
    assert_eq!(void, UsingVoucher::VoucherNotValid { state: "void" }.into());
    world.now = issued.expires_at;
    let expired = world.run(use_of(&issued, VoucherState::Issued)).unwrap_err();
    assert_eq!(expired, UsingVoucher::VoucherNotValid { state: "expired" }.into());
}

// rule: ledger 4.17
#[test]
fn the_use_of_a_voucher_is_an_entry_that_moves_nothing() {
    let (mut world, issued) = redeemed();
    world.now = issued.expires_at - jiff::SignedDuration::from_millis(1);
    let used = world.run(use_of(&issued, VoucherState::Issued)).unwrap();
    let expected = Detail::VoucherUse { redemption: issued.redemption, reward: "drink".to_owned() };
    assert_eq!((&used.detail, used.points()), (&expected, Points(0)));
    let told = events(&"m-1".parse().unwrap(), &used, |_| true);
    assert_eq!(told.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["perennial.red.voucherused.v1"]);
    let Some(Effect::UseVoucher { voucher, .. }) = world.effects.last() else { panic!("{:?}", world.effects) };
    assert_eq!(voucher.state, VoucherState::Issued, "only what is as it was found is marked used");
}
