//! Time: what the moment of a fact decides, and what the moment of its recording does.

use std::sync::Arc;

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::refusal::{OutsideWindow, Refusal};
use domain::kernel::time::{Month, RoundExpiry, Validity};
use domain::ledger::availability::{NextActivation, Reason, Unavailable};
use domain::ledger::command::Command;
use domain::ledger::earning::earn::Earning;
use domain::ledger::entry::{Detail, Initiator};
use domain::ledger::lines::Refund;
use domain::ledger::pockets::Movement;
use domain::ledger::redemption::Redeeming;
use domain::ledger::refund::Refunding;
use domain::ledger::refusal::Refused;
use domain::ledger::settlement::Settlement;
use domain::ledger::telling::events;
use domain::programme::compiled::Programmes;
use domain::standing::tiers::TierSpan;
use jiff::{SignedDuration, Timestamp};

use crate::world::{ANY_NUMBER, AT_ONCE, SHORT_LIVED, World, at, behaviour, compile, order, trace};

const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// At 2026-03-01T04:00:00Z, what becomes of an activity of another time.
#[track_caller]
fn check_window(occurred_at: &str, reason: Option<&str>, expected: Result<(), Refused>) {
    let mut world = World::new(&[]);
    world.by.backdate_reason = reason.map(str::to_owned);
    let outcome = world.report_at(at(occurred_at), behaviour("ugc.approved", &[])).map(|_| ());
    assert_eq!(outcome, expected, "{occurred_at}, {reason:?}");
    assert_eq!(world.history.len(), usize::from(expected.is_ok()), "a refusal leaves no trace");
}

// rule: ledger 1.5
#[test]
fn a_fact_is_accepted_from_thirty_days_ago_to_five_minutes_ahead() {
    let too_old = || Err(Earning::from(OutsideWindow::TooOld { earliest: at("2026-01-30T04:00:00Z") }).into());
    let in_future = || Err(Earning::from(OutsideWindow::InFuture { latest: at("2026-03-01T04:05:00Z") }).into());
    check_window("2026-01-30T04:00:00Z", None, Ok(()));
    check_window("2026-01-30T03:59:59.999Z", None, too_old());
    check_window("2026-03-01T04:05:00Z", None, Ok(()));
    check_window("2026-03-01T04:05:00.001Z", None, in_future());
    check_window("2025-06-01T00:00:00Z", Some("the till was offline"), Ok(()));
    // Nobody can vouch for what has not happened; and a repeat of it is looked for from its own time on.
    check_window("2026-03-01T04:05:00.001Z", Some("the till was offline"), in_future());
}

// rule: ledger 1.5
#[test]
fn a_refund_is_accepted_in_the_same_window() {
    let now = at("2026-03-01T04:00:00Z");
    for (occurred_at, expected) in [
        ("2026-01-30T04:00:00Z", Ok(())),
        (
            "2026-01-30T03:59:59.999Z",
            Err(Refunding::from(OutsideWindow::TooOld { earliest: at("2026-01-30T04:00:00Z") }).into()),
        ),
        ("2026-03-01T04:05:00Z", Ok(())),
        (
            "2026-03-01T04:05:00.001Z",
            Err(Refunding::from(OutsideWindow::InFuture { latest: at("2026-03-01T04:05:00Z") }).into()),
        ),
    ] {
        let mut world = World::new(&[]);
        let refund = Refund::of_amount("1", Minor(100));
        assert_eq!(world.now, now);
        let waits = world.park(None, at(occurred_at), refund.clone()).map_err(Refused::from);
        assert_eq!(waits, expected, "{occurred_at}");
        world.order("1", 10_000);
        let outcome = world.run_as("r-1", at(occurred_at), Command::Refund(refund));
        assert_eq!(outcome.map(|_| ()), expected, "{occurred_at}");
    }
}

// rule: ledger 1.1, 1.2
#[test]
fn points_of_an_order_activate_at_the_start_of_the_local_day_fourteen_days_later() {
    let mut world = World::new(&[]);
    let (paid, activation) = (at("2026-03-01T23:59:59+08:00"), at("2026-03-15T00:00:00+08:00"));
    world.now = paid;
    let entry = world.order("1", 10_000);
    let expires_at = at("2027-04-01T00:00:00+08:00");
    let pending = Movement::Pending { activates_at: activation, expires_at, points: Points(100) };
    assert_eq!(entry.movements, [pending]);

    world.now = activation - MILLISECOND;
    assert_eq!((world.active(), world.pending()), (0, 100));
    let next_activation = Some(NextActivation { points: Points(100), at: activation });
    let reason = Reason::InsufficientPoints {
        required: Points(100),
        active: Points(0),
        debt: Points(0),
        missing: Points(100),
        next_activation,
    };
    assert_eq!(world.redeem("drink"), Err(Redeeming::from(Unavailable::because(reason)).into()));

    world.now = activation;
    assert_eq!((world.active(), world.pending()), (100, 0));
    let redeemed = world.redeem("drink").unwrap();
    let activated =
        Settlement::Activated { activates_at: activation, expires_at, points: Points(100), repaid: Points(0) };
    assert_eq!(redeemed.settled, [activated]);
}

#[test]
fn behaviour_that_cannot_be_refunded_gives_points_at_once() {
    let mut world = World::new(&[]);
    world.report(behaviour("ugc.featured", &[]));
    assert_eq!((world.active(), world.pending()), (100, 0));
}

// rule: ledger 1.5
#[test]
fn a_fact_recorded_late_is_active_at_once_and_never_before_it_was_recorded() {
    let mut world = World::new(&[]);
    let paid = world.now;
    world.days(20);
    assert!(world.redeem("drink").is_err(), "what nobody has reported cannot be spent");
    let entry = world.report_at(paid, order("1", 10_000)).unwrap();
    let expires_at = at("2027-04-01T00:00:00+08:00");
    assert_eq!(entry.movements, [Movement::Active { expires_at, points: Points(100) }]);
    assert_eq!((entry.occurred_at, entry.recorded_at), (paid, world.now));
    assert!(world.redeem("drink").is_ok());
}

#[test]
fn an_order_reported_when_its_points_would_activate_gives_them_at_once() {
    let activation = at("2026-03-15T00:00:00+08:00");
    for (reported, pending, active) in [(activation - MILLISECOND, 100, 0), (activation, 0, 100)] {
        let mut world = World::new(&[]);
        let paid = world.now;
        world.now = reported;
        world.report_at(paid, order("1", 10_000)).unwrap();
        assert_eq!((world.pending(), world.active()), (pending, active), "reported at {reported}");
    }
}

// rule: ledger 1.2, 4.8
#[test]
fn a_lot_is_active_until_the_very_instant_at_which_it_expires() {
    for (early, can_be_had) in [(MILLISECOND, true), (SignedDuration::ZERO, false)] {
        for swept_first in [false, true] {
            let mut world = World::new(&[]);
            world.give(100);
            world.now = at("2027-04-01T00:00:00+08:00") - early;
            if swept_first {
                world.sweep();
            }
            assert_eq!(world.redeem("drink").is_ok(), can_be_had, "{early:?} before its expiry");
        }
    }
}

// rule: ledger 4.8
#[test]
fn the_books_say_that_points_expired_at_their_instant_however_late_they_are_swept() {
    let mut world = World::new(&[]);
    world.give(100);
    let expires_at = at("2027-04-01T00:00:00+08:00");
    world.now = at("2027-09-09T00:00:00Z");
    let swept = world.sweep().expect("something was due");
    assert_eq!(swept.settled, [Settlement::Expired { expires_at, points: Points(100) }]);
    assert_eq!((swept.settled_points(), swept.balance), (Points(-100), Points(0)));
    let told = events(&world.account.member, &swept, |kind| kind == "perennial.led.pointsexpired.v1");
    assert_eq!(told.iter().map(|event| event.time).collect::<Vec<_>>(), [expires_at], "and so does the event");
    assert_eq!(world.sweep(), None, "a second sweep finds nothing");
}

// rule: ledger 3.3
#[test]
fn the_tier_multiplier_is_that_of_the_tier_when_the_order_was_paid() {
    let mut world = World::new(&[]);
    let silver = TierSpan { tier: "silver".to_owned(), since: at("2026-02-10T00:00:00Z") };
    let gold = TierSpan { tier: "gold".to_owned(), since: at("2026-02-20T00:00:00Z") };
    world.account.tiers.spans = vec![silver, gold];
    for (paid, expected) in [
        ("2026-02-09T23:59:59.999Z", 100),
        ("2026-02-10T00:00:00Z", 120),
        ("2026-02-19T23:59:59.999Z", 120),
        ("2026-02-20T00:00:00Z", 150),
        ("2026-03-01T04:00:00Z", 150),
    ] {
        let entry = world.report_at(at(paid), order(paid, 10_000)).unwrap();
        assert_eq!(trace(&entry), [("base-spend".to_owned(), expected)], "{paid}");
    }
}

// rule: ledger 3.3, 4.3
#[test]
fn a_later_tier_never_prices_an_old_order_anew() {
    let mut world = World::new(&[]);
    world.order("1", 10_000);
    let paid = world.now;
    world.days(1);
    world.account.tiers.spans = vec![TierSpan { tier: "black".to_owned(), since: world.now }];
    assert_eq!(world.refund("1", 5_000).points(), Points(-50), "of 100, not of 200");
    assert_eq!(world.report_at(paid, order("2", 10_000)).unwrap().points(), Points(100));
}

// rule: ledger 1.5
#[test]
fn a_limit_counts_in_the_period_in_which_the_fact_happened() {
    let mut world = World::new(&[]);
    let review = || behaviour("ugc.approved", &[]);
    let february = at("2026-02-28T23:59:59.999+08:00");
    for _ in 0..5 {
        assert_eq!(world.report_at(february, review()).unwrap().points(), Points(20));
    }
    let sixth = world.report_at(february, review()).unwrap();
    assert_eq!(world.told(&sixth), ["review-approved applies: 0, limited by limit"]);
    let march = world.report_at(at("2026-03-01T00:00:00+08:00"), review()).unwrap();
    assert_eq!(march.points(), Points(20));
}

// rule: ledger 1.1, 3.6
#[test]
fn status_counts_in_the_local_month_in_which_the_order_was_paid() {
    let mut world = World::new(&[]);
    world.report_at(at("2026-02-28T23:59:59+08:00"), order("1", 10_000)).unwrap();
    world.report_at(at("2026-03-01T00:00:00+08:00"), order("2", 5_000)).unwrap();
    let qualifying = [(Month(202_602), Points(100)), (Month(202_603), Points(50))];
    assert_eq!(world.account.qualifying, qualifying.into());
    world.days(40);
    world.refund("1", 10_000);
    assert_eq!(world.account.qualifying, [(Month(202_603), Points(50))].into());
}

// rule: ledger 1.3, 1.5
#[test]
fn points_expire_by_the_date_of_the_fact() {
    let mut world = World::new(&[]);
    for (paid, expires_at) in
        [("2026-01-31T15:59:59Z", "2027-01-31T16:00:00Z"), ("2026-01-31T16:00:00Z", "2027-02-28T16:00:00Z")]
    {
        world.now = at("2026-02-20T00:00:00Z");
        let entry = world.report_at(at(paid), order(paid, 10_000)).unwrap();
        let expected = Movement::Active { expires_at: at(expires_at), points: Points(100) };
        assert_eq!(entry.movements, [expected], "{paid}");
    }
}

/// Version 1, and from an instant on version 2.
fn two_versions(from: &str, changes: &[(&str, &str)]) -> Programmes {
    let version = |number, changes: &[(&str, &str)]| Arc::new(compile(number, changes).unwrap());
    Programmes::new(vec![(at(from), version(2, changes)), (Timestamp::MIN, version(1, &[]))])
}

// rule: ledger 1.5, 4.3
#[test]
fn the_version_in_force_when_the_fact_happened_decides() {
    let double = ("rate = { points = 1, per_minor = 100 }     #", "rate = { points = 2, per_minor = 100 }     #");
    let mut world = World::under(two_versions("2026-03-01T00:00:00Z", &[double]));
    let before = world.report_at(at("2026-02-28T23:59:59.999Z"), order("1", 10_000)).unwrap();
    assert_eq!((before.points(), before.programme), (Points(100), 1));
    let from = world.report_at(at("2026-03-01T00:00:00Z"), order("2", 10_000)).unwrap();
    assert_eq!((from.points(), from.programme), (Points(200), 2));
    assert_eq!(world.refund("1", 5_000).points(), Points(-50), "an old order by its old rules");
    assert_eq!(world.refund("2", 5_000).points(), Points(-100));
}

// rule: ledger 1.5
#[test]
fn a_redemption_is_decided_by_the_version_of_now() {
    let dearer = ("cost_points = 100\nkind = \"voucher\"", "cost_points = 130\nkind = \"voucher\"");
    let mut world = World::under(two_versions("2026-03-01T04:00:00Z", &[dearer]));
    world.now = at("2026-03-01T03:59:59.999Z");
    world.give(260);
    assert_eq!(world.redeem("drink").unwrap().points(), Points(-100));
    world.now = at("2026-03-02T04:00:00Z");
    assert_eq!(world.redeem("drink").unwrap().points(), Points(-130));
}

// rule: ledger 1.4
#[test]
fn issued_points_keep_their_instants_whatever_the_programme_becomes() {
    let elsewhere = [
        ("timezone = \"Asia/Shanghai\"", "timezone = \"America/New_York\""),
        ("validity = \"P12M\"", "validity = \"P24M\""),
        ("pending_days = 14", "pending_days = 30"),
    ];
    let mut world = World::under(two_versions("2026-03-02T00:00:00Z", &elsewhere));
    world.order("1", 10_000);
    world.days(20);
    let activates_at = at("2026-03-14T16:00:00Z");
    let expires_at = at("2027-03-31T16:00:00Z");
    let swept = world.sweep().expect("something was due");
    let (points, repaid) = (Points(100), Points(0));
    assert_eq!(swept.settled, [Settlement::Activated { activates_at, expires_at, points, repaid }]);
    world.now = expires_at - MILLISECOND;
    assert_eq!(world.active(), 100);
    world.now = expires_at;
    assert_eq!(world.active(), 0);
}

#[test]
fn status_is_taken_from_the_month_it_was_credited_to_whatever_the_zone_is_now() {
    let moved = ("timezone = \"Asia/Shanghai\"", "timezone = \"America/New_York\"");
    let mut world = World::under(two_versions("2026-03-02T00:00:00Z", &[moved]));
    world.order("1", 10_000); // the first of March in Shanghai, still February in New York
    world.days(2);
    world.refund("1", 4_000);
    assert_eq!(world.account.qualifying, [(Month(202_603), Points(60))].into());
}

#[test]
fn a_turn_is_given_back_on_the_date_it_was_taken_whatever_the_zone_is_now() {
    let moved = ("timezone = \"Asia/Shanghai\"", "timezone = \"America/New_York\"");
    let mut world = World::under(two_versions("2026-03-01T05:00:00Z", &[moved]));
    world.give(300);
    let spent = world.redeem("drink").unwrap(); // the first of March in Shanghai
    world.now = at("2026-03-01T06:00:00Z"); // the first of March in New York
    assert_eq!(world.redeem("drink").unwrap_err().code(), "limit_reached");
    world.reverse(&spent, None, Initiator::Member).unwrap();
    assert!(world.redeem("drink").is_ok());
}

// rule: ledger 3.5
#[test]
fn an_order_reported_after_its_points_expired_earns_them_and_loses_them() {
    let [validity, rounding, window] = SHORT_LIVED;
    let mut world = World::new(&[AT_ONCE, ANY_NUMBER, validity, rounding, window]);
    let expires_at = at("2026-03-01T00:00:00+08:00");
    let paid = at("2026-01-29T12:00:00+08:00");
    world.now = expires_at;
    world.order("spent", 5_000);
    world.spend(50).unwrap();
    world.refund("spent", 5_000);
    assert_eq!(world.debt(), 50);
    world.backdates();
    let entry = world.report_at(paid, order("late", 10_000)).unwrap();
    let lot = |points| Movement::Active { expires_at, points: Points(points) };
    assert_eq!(entry.movements, [lot(100), lot(-100)], "earned and expired");
    assert_eq!((world.active(), world.debt()), (0, 50), "they repay nothing");
    assert_eq!(world.account.qualifying[&Month(202_601)], Points(100), "status still counts");
    let Detail::Earn { status, .. } = entry.detail else { unreachable!() };
    assert_eq!((trace(&world.history[4]), status), (vec![("base-spend".to_owned(), 100)], Points(100)));
}

#[test]
fn a_validity_is_whole_months_or_days_up_to_ten_years() {
    for (text, validity) in [
        ("P1M", Some(Validity::Months(1))),
        ("P120M", Some(Validity::Months(120))),
        ("P1D", Some(Validity::Days(1))),
        ("P3650D", Some(Validity::Days(3_650))),
        ("P121M", None),
        ("P3651D", None),
        ("P0M", None),
        ("P-1D", None),
        ("P1Y", None),
        ("PM", None),
        ("P", None),
        ("12M", None),
    ] {
        assert_eq!(Validity::try_from(text.to_owned()).ok(), validity, "{text}");
        assert!(validity.is_none_or(|validity| String::from(validity) == text));
    }
}

#[test]
fn the_fewest_days_of_a_validity_are_the_fewest_that_any_date_gives() {
    for validity in (1..=30).map(Validity::Months).chain([Validity::Days(1), Validity::Days(90)]) {
        let first: jiff::civil::Date = "2023-01-01".parse().unwrap();
        let fewest = (0..4 * 366)
            .map(|day| first + jiff::Span::new().days(day))
            .map(|day| validity.last_date(day, RoundExpiry::Day).since(day).unwrap().get_days())
            .min();
        assert_eq!(Some(validity.least_days()), fewest, "{}", String::from(validity));
    }
}
