//! Mistakes about lines, cancellations and damage that can be planted: the tests of this crate find each of them. The simulated shops have
//! no lines, and nobody edits the simulated tables. With no feature `bug-...` on, nothing is compiled in and nothing is looked for.

use domain::kernel::planted::plant;

use crate::properties::lines::{deductions, explanations, splits};
use crate::rules::lines::{
    a_condition_that_cannot_be_decided_for_a_line_is_not_met_and_says_so,
    a_whole_cancellation_gives_the_next_orders_multiplier_back, a_whole_cancellation_gives_turns_and_limits_back,
    of_points_that_are_restored_those_that_expire_first_repay_a_debt,
};
use crate::rules::proof::a_day_goes_on_from_the_hash_that_was_noted_before;

/// Is the mistake found where it is compiled in?
#[track_caller]
fn check(compiled: bool, bug: &'static str, test: impl Fn() -> Result<(), String> + std::panic::UnwindSafe) {
    if !compiled {
        return;
    }
    plant(Some(bug));
    let held = std::panic::catch_unwind(test);
    plant(None);
    assert!(!matches!(held, Ok(Ok(()))), "{bug} is not found");
}

#[test]
fn every_planted_mistake_is_found() {
    let ok = |test: fn()| {
        move || {
            test();
            Ok(())
        }
    };
    check(cfg!(feature = "bug-shipping-paid-first"), "bug-shipping-paid-first", deductions);
    check(cfg!(feature = "bug-piece-share-floored"), "bug-piece-share-floored", splits);
    check(cfg!(feature = "bug-line-uncapped"), "bug-line-uncapped", explanations);
    let undecided = ok(a_condition_that_cannot_be_decided_for_a_line_is_not_met_and_says_so);
    check(cfg!(feature = "bug-undecided-line-counts"), "bug-undecided-line-counts", undecided);
    let boosts = ok(a_whole_cancellation_gives_the_next_orders_multiplier_back);
    check(cfg!(feature = "bug-boost-stays-used"), "bug-boost-stays-used", boosts);
    let limits = ok(a_whole_cancellation_gives_turns_and_limits_back);
    check(cfg!(feature = "bug-day-limit-stays-used"), "bug-day-limit-stays-used", limits);
    let repaid = ok(of_points_that_are_restored_those_that_expire_first_repay_a_debt);
    check(cfg!(feature = "bug-latest-repays-first"), "bug-latest-repays-first", repaid);
    let followed = ok(a_day_goes_on_from_the_hash_that_was_noted_before);
    check(cfg!(feature = "bug-chain-unfollowed"), "bug-chain-unfollowed", followed);
}
