//! Every refusal and error as the caller sees it, pinned in `tests/golden/refusals.json`: status, headers and body of the reply,
//! and whether a queue's consumer tries the message again. `GOLDEN=write` writes the file anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use domain::kernel::canonical::Hash;
use domain::kernel::quantity::Points;
use domain::kernel::refusal::{InvalidField, Missing, OutsideWindow, Refusal, WrongState};
use domain::ledger::adjustment::Approving;
use domain::ledger::availability::{NextActivation, Reason, Unavailable};
use domain::ledger::clawback::ClawingBack;
use domain::ledger::cutover::MovingIn;
use domain::ledger::earning::earn::Earning;
use domain::ledger::hold::{EndingHold, HoldState, Holding};
use domain::ledger::membership::Gone;
use domain::ledger::opening::Bringing;
use domain::ledger::past::WithdrawingPast;
use domain::ledger::redemption::Redeeming;
use domain::ledger::refund::Refunding;
use domain::ledger::refusal::{Nobody, OtherFact, OtherRequest, Refused};
use domain::ledger::reversal::{Reversing, TakingBack};
use domain::ledger::stand::Standing;
use domain::ledger::voucher::UsingVoucher;
use jiff::Timestamp;
use jiff::civil::Date;
use lambda::{Failure, Problem, Reply};
use serde_json::{Value, json};
use store::{Damage, StoreError, Wrong};

fn at() -> Timestamp {
    "2028-02-29T15:59:59.999Z".parse().expect("an instant")
}

fn day() -> Date {
    "2028-02-29".parse().expect("a date")
}

/// One of each, and both shapes where a field may be absent.
fn reasons() -> Vec<Reason> {
    let poor = |next_activation| Reason::InsufficientPoints {
        required: Points(5_000),
        active: Points(1_200),
        debt: Points(0),
        missing: Points(3_800),
        next_activation,
    };
    vec![
        Reason::OutOfStock,
        Reason::MemberNotActive { state: "suspended" },
        Reason::InDebt { debt: Points(250) },
        poor(None),
        poor(Some(NextActivation { points: Points(4_000), at: at() })),
        Reason::TierTooLow { min_tier: "gold".to_owned() },
        Reason::LimitReached { per_member: 1, resets_on: None },
        Reason::LimitReached { per_member: 3, resets_on: Some(day()) },
        Reason::NotStarted { from: day() },
        Reason::Ended { until: day() },
    ]
}

/// Every variant of every decision's refusals, in the order of their codes' first use.
fn refused() -> Vec<Refused> {
    let states = [HoldState::Captured, HoldState::Released, HoldState::Expired];
    let invalid = InvalidField::new("lines/0/sku", "字段 must have at most 64 characters");
    let mut refused: Vec<Refused> = vec![
        Earning::from(invalid).into(),
        Earning::UnknownActivity { known: vec!["com.shop.review".to_owned(), "com.shop.签到".to_owned()] }.into(),
        Earning::ApprovalRequired { limit: Points(1_000), sum: Points(1_199) }.into(),
        Earning::from(OutsideWindow::TooOld { earliest: at() }).into(),
        Refunding::from(OutsideWindow::InFuture { latest: at() }).into(),
        OtherFact::ConflictingDuplicate {
            name: "order 1001".to_owned(),
            entry: Some(41),
            occurred_at: "2026-03-02T02:00:00Z".parse().expect("an instant"),
            member: Some("m-2".parse().expect("a member")),
            refund: Some("m-1.43".parse().expect("an entry")),
        }
        .into(),
        OtherRequest::IdempotencyKeyReused { entry: 42 }.into(),
        Nobody { field: "subject" }.into(),
        Redeeming::UnknownReward { known: vec!["drink".to_owned(), "toy".to_owned()] }.into(),
        Holding::BelowMinimum { min_points: Points(100), allowed: Points(9_007_199_254_740_993) }.into(),
        Reversing::from(Missing::NotFound { what: "redemption" }).into(),
        Holding::TooManyHolds { most: 10 }.into(),
        Holding::OrderAlreadyHasHold { hold: "m-1.7".parse().expect("an id") }.into(),
        Holding::OrderAlreadyPaid.into(),
        Refunding::TooManyParkedRefunds { most: 16 }.into(),
        Refunding::from(ClawingBack::DebtLimitExceeded { debt: Points(2_001), limit: Points(2_000) }).into(),
        Reversing::from(TakingBack::ReversalWindowClosed { closed_at: at() }).into(),
        Reversing::from(TakingBack::NothingToReverse { remaining: Points(7), by: None }).into(),
        Reversing::OnlyWhole { points: Points(800) }.into(),
        UsingVoucher::VoucherUsed.into(),
        UsingVoucher::VoucherNotValid { state: "void" }.into(),
        UsingVoucher::VoucherNotValid { state: "expired" }.into(),
        Refunding::RefundWindowClosed { paid_at: at(), until: at() }.into(),
        Approving::SameApprover.into(),
        Approving::SelfBenefit.into(),
        Approving::ApprovalExpired { expired_at: at() }.into(),
        Unavailable::unless_empty(reasons()).expect_err("there are reasons").into(),
    ];
    refused.extend([
        Standing::from(WrongState::WrongState { state: "active", allowed: &["suspended", "closed"] }).into(),
        Gone::MemberClosed.into(),
        Gone::MemberErased.into(),
        Gone::Merged { survivor: "m-2".parse().expect("a member") }.into(),
        Earning::from(MovingIn::BeforeCutover { as_of: at() }).into(),
        WithdrawingPast::PastInUse.into(),
        Bringing::OpeningExists { entry: 40 }.into(),
        Bringing::OpeningSpent { spent: Points(130) }.into(),
        Bringing::UnknownTier { known: vec!["silver".to_owned(), "gold".to_owned()] }.into(),
    ]);
    refused.extend(states.map(|state| EndingHold::HoldNotOpen { state }.into()));
    refused.extend(reasons().into_iter().map(|reason| Redeeming::from(Unavailable::because(reason)).into()));
    refused
}

fn contradicts(table: &'static str, attribute: &'static str) -> Damage {
    Damage { table, attribute, kind: Wrong::Contradicts }
}

fn failures() -> Vec<Failure> {
    let mut failures: Vec<Failure> = refused().into_iter().map(Failure::from).collect();
    failures.extend([
        StoreError::Busy.into(),
        StoreError::Unavailable(Arc::new(std::io::Error::other("no answer in 2 s"))).into(),
        StoreError::UnknownProgramme(12).into(),
        StoreError::AccountDamaged { member: "m-1".parse().expect("an id"), damage: contradicts("accounts", "a") }
            .into(),
        StoreError::VoucherDamaged { voucher: Hash::GENESIS, damage: contradicts("vouchers", "a") }.into(),
        Failure::from(contradicts("checkpoints", "root")),
        StoreError::ProgrammeDamaged(contradicts("catalogue", "document")).into(),
        Problem::bad_request("invalid_json", "the body is not JSON").into(),
        Problem::unauthorized("a token with exactly one role is needed").into(),
        Problem::forbidden("this token may not do that").into(),
        Problem::not_found("member").into(),
        Problem::too_large(262_144).into(),
        Problem::invalid("/time", "an instant is needed").into(),
        Failure::from(Problem::invalid("/time", "an instant is needed")).within("/activities/3"),
    ]);
    failures
}

/// By code, and which of its code.
fn seen() -> BTreeMap<String, Value> {
    let mut seen = BTreeMap::new();
    for failure in failures() {
        let again = failure.may_be_tried_again();
        let problem = failure.problem();
        let mut name = problem.code.clone();
        for nth in 2.. {
            if !seen.contains_key(&name) {
                break;
            }
            name = format!("{}-{nth}", problem.code);
        }
        let mut reply = Reply::from(problem).into_event();
        let body = reply["body"].take();
        let text = body.as_str().expect("a body");
        let parsed: Value = serde_json::from_str(text).expect("JSON");
        let case = json!({
            "status": reply["statusCode"],
            "headers": reply["headers"],
            "body": parsed,
            "body_as_sent": text,
            "queue": if again { "tried again" } else { "final" },
        });
        seen.insert(name, case);
    }
    seen
}

#[test]
fn every_code_of_every_decision_has_a_case() {
    let said: BTreeSet<&str> = refused().iter().map(Refusal::code).collect();
    let declared: BTreeSet<&str> = Refused::CODES.all().iter().map(|code| code.code).collect();
    assert_eq!(said, declared);
}

#[test]
fn callers_see_what_they_saw_before() {
    let now = format!("{}\n", serde_json::to_string_pretty(&seen()).expect("JSON"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/refusals.json");
    if std::env::var_os("GOLDEN").is_some_and(|what| what == "write") {
        std::fs::write(&path, &now).expect("the file can be written");
    }
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(now, before, "{}: a reply changed; that needs a line in CHANGELOG.md and GOLDEN=write", path.display());
}
