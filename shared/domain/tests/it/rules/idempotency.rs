//! Idempotency: one fact, one effect, for ever; and how far back a repeat is looked for.

use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::stamp::Stamp;
use domain::kernel::time::add_days;
use domain::ledger::adjustment::{Adjust, Approve};
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::lines::Refund;
use domain::ledger::reach::{Reach, Recorded};
use domain::ledger::refusal::{OtherFact, OtherRequest, Refused};
use domain::ledger::reversal::Reverse;
use jiff::Timestamp;

use crate::world::{AT_ONCE, World, at, behaviour, order};

// rule: ledger 2.1
#[test]
fn the_same_fact_again_is_answered_again_and_counted_once() {
    let mut world = World::new(&[]);
    let paid = world.now;
    let first = world.run_as("event-1", paid, Command::Earn(order("1", 10_000))).unwrap();
    for days in [0, 1, 364] {
        world.days(days);
        let again = world.run_as("event-1", paid, Command::Earn(order("1", 10_000)));
        assert_eq!(again, Ok(first.clone()), "{days} days later");
    }
    assert_eq!(world.history.len(), 1);
}

fn duplicate(name: &str, sequence: u64, occurred_at: Timestamp) -> Refused {
    let (name, entry) = (name.to_owned(), Some(sequence));
    OtherFact::ConflictingDuplicate { name, entry, occurred_at, member: None, refund: None }.into()
}

// rule: ledger 2.1, 2.3
#[test]
fn an_order_that_was_cancelled_whole_names_the_refund_that_did_it() {
    let mut world = World::new(&[]);
    world.order("1", 10_000);
    world.refund("1", 4_000);
    let refund = |result: Result<_, Refused>| match result {
        Err(Refused::OtherFact(OtherFact::ConflictingDuplicate { refund, .. })) => refund.map(|id| id.sequence),
        other => panic!("{other:?}"),
    };
    assert_eq!(refund(world.report_at(world.now, order("1", 10_000))), None);
    world.refund("1", 6_000);
    assert_eq!(refund(world.report_at(world.now, order("1", 10_000))), Some(3));
}

// rule: ledger 2.3
#[test]
fn the_same_fact_with_other_content_is_a_conflicting_duplicate() {
    let mut world = World::new(&[]);
    let paid = world.now;
    world.run_as("event-1", paid, Command::Earn(order("1", 10_000))).unwrap();
    let changed = world.run_as("event-1", paid, Command::Earn(order("1", 10_001)));
    assert_eq!(changed, Err(duplicate("order 1", 1, paid)));

    let refund = |amount| Command::Refund(Refund::of_amount("1", Minor(amount)));
    let first = world.run_as("refund-1", paid, refund(4_000)).unwrap();
    assert_eq!(world.run_as("refund-1", paid, refund(4_000)), Ok(first));
    let changed = world.run_as("refund-1", paid, refund(4_001));
    assert_eq!(changed, Err(duplicate("refund refund-1", 2, paid)));
    assert_eq!((world.history.len(), world.pending()), (2, 60));
}

// rule: ledger 2.1
#[test]
fn an_order_never_earns_twice_under_another_event_id() {
    let mut world = World::new(&[]);
    world.order("1", 10_000);
    for net in [10_000, 9_999] {
        let other = world.report_at(world.now, order("1", net));
        assert_eq!(other, Err(duplicate("order 1", 1, world.now)), "{net}");
    }
    assert!(world.report_at(world.now, order("2", 10_000)).is_ok());
}

// rule: ledger 2.2
#[test]
fn a_key_used_again_for_something_else_is_refused() {
    let mut world = World::new(&[]);
    let now = world.now;
    let adjust = |points| Command::Adjust(Adjust { points: Points(points), reason: "goodwill".to_owned() });
    let first = world.run_as("k-1", now, adjust(50)).unwrap();
    assert_eq!(world.run_as("k-1", now, adjust(50)), Ok(first), "the same answer");
    let other = world.run_as("k-1", now, adjust(51));
    assert_eq!(other, Err(OtherRequest::IdempotencyKeyReused { entry: 1 }.into()));
    assert_eq!(world.active(), 50);
}

// rule: ledger 2.2
#[test]
fn a_refused_command_is_not_remembered() {
    let mut world = World::new(&[]);
    let drink =
        || Command::Redeem(domain::ledger::redemption::Redeem { reward: "drink".into(), quantity: 1, donation: false });
    let now = world.now;
    assert!(world.run_as("k-1", now, drink()).is_err());
    world.give(100);
    assert!(world.run_as("k-1", now, drink()).is_ok(), "the same key may be tried again");
}

// rule: ledger 2.2
#[test]
fn an_adjustment_is_approved_once_whoever_approves_again() {
    let mut world = World::new(&[]);
    let request = world.give(5_000).sequence;
    let approve = |by: &str| {
        Instruction::keyed(
            Stamp {
                operation: OperationId::of_step(request, "approval"),
                content: ContentHash::of(&request.into()),
                occurred_at: at("2026-03-01T04:00:00Z"),
            },
            Command::Approve(Approve { request }),
        )
        .by(Some(Doer::new(by)))
    };
    let first = world.execute(approve("admin-2")).unwrap();
    assert_eq!(world.execute(approve("admin-2")), Ok(first.clone()));
    assert_eq!(world.execute(approve("admin-3")), Ok(first));
    assert_eq!((world.active(), world.history.len()), (5_000, 2));
}

// rule: ledger 2.2
#[test]
fn a_hold_is_captured_once() {
    let mut world = World::new(&[]);
    world.give(300);
    let hold = world.hold(100).unwrap().sequence;
    let capture = || {
        Instruction::keyed(
            Stamp {
                operation: OperationId::of_step(hold, "capture"),
                content: ContentHash::of(&hold.into()),
                occurred_at: at("2026-03-01T04:00:00Z"),
            },
            Command::Capture { hold },
        )
    };
    let first = world.execute(capture()).unwrap();
    assert_eq!(world.execute(capture()), Ok(first));
    assert_eq!(world.active(), 200);
}

/// How far back a command sees at 2026-03-01T04:00:00Z, claimed at an instant if it is claimed.
#[track_caller]
fn check_reach(
    occurred_at: &str,
    command: Command,
    claimed: Option<&str>,
    expected: (Option<&str>, Option<&str>, Option<u64>),
) {
    let world = World::new(&[]);
    let instruction = world.instruction("k", at(occurred_at), command);
    let reach = instruction.reach(&world.programmes, world.now, claimed.map(at));
    let (since, order, sequence) = expected;
    let order = order.map(|from| ("1".to_owned(), at(from)));
    assert_eq!(reach, Reach { since: since.map_or(Timestamp::MAX, at), order, fact: None, sequence });
}

// rule: ledger 2.1, 2.2
#[test]
fn a_repeat_is_looked_for_since_its_claim_or_for_three_days() {
    let checkin = || Command::Earn(behaviour("checkin", &[]));
    // From midnight in Shanghai on: what other facts of its date have earned counts towards the day's limit.
    check_reach("2026-03-01T04:00:00Z", checkin(), None, (Some("2026-02-28T15:55:00Z"), None, None));
    check_reach("2026-02-01T04:00:00Z", checkin(), None, (Some("2026-01-31T15:55:00Z"), None, None));
    let claimed = Some("2025-07-01T00:00:00Z");
    check_reach("2026-03-01T04:00:00Z", checkin(), claimed, (Some("2025-06-30T23:55:00Z"), None, None));
    let refund = || Command::Refund(Refund::of_amount("1", Minor(1)));
    let order_from = Some("2025-01-30T04:00:00Z"); // the refund window and the backdating window
    check_reach("2026-03-01T04:00:00Z", refund(), None, (None, order_from, None));
    check_reach("2026-03-01T04:00:00Z", refund(), claimed, (Some("2025-06-30T23:55:00Z"), order_from, None));
    let initiated_by = domain::ledger::entry::Initiator::Member;
    let reverse = Reverse { redemption: 7, points: None, initiated_by };
    for named in [
        Command::Reverse(reverse),
        Command::Capture { hold: 7 },
        Command::Release { hold: 7 },
        Command::Approve(Approve { request: 7 }),
    ] {
        check_reach("2026-03-01T04:00:00Z", named, None, (Some("2026-02-26T03:55:00Z"), None, Some(7)));
    }
}

// rule: ledger 2.1
#[test]
fn a_fact_claims_its_name_in_the_brand_unless_its_activity_says_otherwise() {
    let world = World::new(&[("[activity.checkin]", "[activity.checkin]\nonce = \"member\"")]);
    let claims = |command| {
        let instruction = world.instruction("k", world.now, command);
        instruction.claims(&world.programmes).map(|fact| fact.text.clone())
    };
    assert_eq!(claims(Command::Earn(order("1", 10_000))).as_deref(), Some("order 1"));
    assert_eq!(claims(Command::Earn(behaviour("ugc.featured", &[]))).as_deref(), Some("event k of test"));
    assert_eq!(claims(Command::Earn(behaviour("checkin", &[]))), None);
}

#[test]
fn older_entries_are_read_only_while_what_is_wanted_may_be_among_them() {
    let mut world = World::new(&[AT_ONCE]);
    let earned = world.order("1", 10_000);
    let since = world.now;
    let older = |days: i32| Some(Recorded { sequence: 9, at: add_days(since, -days) });
    let reach = |order: Option<(&str, Timestamp)>, sequence| Reach {
        since,
        order: order.map(|(id, from)| (id.to_owned(), from)),
        fact: None,
        sequence,
    };
    let of_fact = |operation, days: i32| Reach { fact: Some((operation, add_days(since, -days))), ..reach(None, None) };
    for (reach, newest_unread, expected) in [
        (reach(None, None), None, false),
        (reach(None, None), older(0), true),
        (reach(None, None), older(1), false),
        (reach(None, Some(9)), older(1), true),
        (reach(None, Some(10)), older(1), false),
        (reach(Some(("1", add_days(since, -5))), None), older(1), false),
        (reach(Some(("2", add_days(since, -5))), None), older(1), true),
        (reach(Some(("2", add_days(since, -5))), None), older(5), true),
        (reach(Some(("2", add_days(since, -5))), None), older(6), false),
        (of_fact(earned.operation, 5), older(1), false),
        (of_fact(OperationId([9; 16]), 5), older(5), true),
        (of_fact(OperationId([9; 16]), 5), older(6), false),
    ] {
        let loaded = std::slice::from_ref(&earned);
        let needed = reach.needs_older(loaded, newest_unread);
        assert_eq!(needed, expected, "{reach:?}, {newest_unread:?}");
    }
}

#[test]
fn only_refusals_that_come_from_the_account_are_confirmed_with_a_fresh_read() {
    let mut world = World::new(&[]);
    world.order("1", 10_000);
    let (account, then) = (true, world.now);
    let unknown = world.run(Command::Earn(behaviour("nonsense", &[]))).unwrap_err();
    let too_poor = world.redeem("drink").unwrap_err();
    let no_reward = world.redeem("nonsense").unwrap_err();
    let conflict = world.run_as("x", then, Command::Earn(order("1", 1))).unwrap_err();
    for (refusal, expected) in [(unknown, !account), (too_poor, account), (no_reward, !account), (conflict, account)] {
        assert_eq!(Instruction::depends_on_account(&refusal), expected, "{refusal:?}");
    }
}
