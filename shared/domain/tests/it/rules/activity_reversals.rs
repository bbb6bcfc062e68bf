//! Facts that are taken back: what they earned, from where it is, and the turns of limits.

use domain::kernel::id::{FactName, MemberId};
use domain::kernel::quantity::Points;
use domain::kernel::refusal::{InvalidField, Missing, OutsideWindow};
use domain::kernel::time::add_days;
use domain::ledger::activity_reversal::{Met, ReversingActivity, meet, park};
use domain::ledger::clawback::ClawingBack;
use domain::ledger::command::Command;
use domain::ledger::effect::Effect;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::grant::Grant;
use domain::ledger::granted::Granted;
use domain::ledger::known::Known;
use domain::ledger::order_row::OrderRow;
use domain::ledger::parked::{Fate, Lapse, Parked};
use domain::ledger::refusal::Refused;
use domain::ledger::reversal::TakingBack;
use domain::ledger::reverse_activity::ReverseActivity;
use domain::ledger::telling::events;
use jiff::SignedDuration;

use crate::world::{ANY_NUMBER, SHORT_LIVED, World, at, behaviour, order};

fn of(id: &str) -> Command {
    Command::ReverseActivity(ReverseActivity { source: "test".to_owned(), id: id.to_owned(), reason: None })
}

impl World {
    /// A behaviour under a name.
    #[track_caller]
    fn does(&mut self, id: &str, activity: &str) -> Entry {
        self.run_as(id, self.now, Command::Earn(behaviour(activity, &[]))).unwrap()
    }

    fn takes_back(&mut self, id: &str) -> Result<Entry, Refused> {
        self.run(of(id))
    }
}

/// Points that a reversal did not take: free because they had expired, and let go by the policy.
#[track_caller]
fn not_taken(entry: &Entry) -> (i64, i64) {
    match entry.detail {
        Detail::ActivityReversal { expired, shortfall, .. } => (expired.0, shortfall.0),
        _ => panic!("not a reversal: {entry:?}"),
    }
}

fn refused(refusal: impl Into<ReversingActivity>) -> Result<Entry, Refused> {
    let refusal: ReversingActivity = refusal.into();
    Err(refusal.into())
}

// rule: ledger 4.25
#[test]
fn a_review_that_is_removed_gives_its_points_and_the_turn_of_its_limit_back() {
    let mut world = World::new(&[]);
    let earned: Vec<i64> = (0..6).map(|n| world.does(&format!("u{n}"), "ugc.approved").points().0).collect();
    assert_eq!(earned, [20, 20, 20, 20, 20, 0]);
    let back = world.takes_back("u1").unwrap();
    assert_eq!((back.points(), world.active()), (Points(-20), 80));
    assert_eq!(back.clawed_back(), Points(20));
    assert_eq!(world.does("u6", "ugc.approved").points(), Points(20), "the turn has come back");
    assert_eq!(world.does("u7", "ugc.approved").points(), Points(0));
    assert_eq!(world.takes_back("u5").unwrap().points(), Points(0), "what earned nothing gives nothing");
    assert_eq!(world.does("u8", "ugc.approved").points(), Points(0), "and took no turn");
    let told = events(&"m-1".parse().unwrap(), &back, |_| true);
    let kinds: Vec<&str> = told.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["perennial.led.pointsreversed.v1"]);
}

// rule: ledger 4.25
#[test]
fn points_that_were_spent_become_a_debt_or_a_shortfall_as_the_wallet_says() {
    for (policy, active, debt, shortfall) in
        [("unlimited", 0, 40, 0), ("within_balance", 0, 0, 40), ("only_pending", 60, 0, 100)]
    {
        let policy = ("return_policy = \"unlimited\" ".to_owned(), format!("return_policy = \"{policy}\" "));
        let mut world = World::new(&[ANY_NUMBER, (&policy.0, &policy.1)]);
        world.give(50);
        world.does("b", "ugc.featured");
        world.spend(90).unwrap();
        let back = world.takes_back("b").unwrap();
        assert_eq!((world.active(), world.debt(), not_taken(&back)), (active, debt, (0, shortfall)));
        assert_eq!(back.clawed_back(), Points(100), "due, whatever became of it");
    }
    let mut world = World::new(&[ANY_NUMBER, ("debt_limit = ", "debt_limit = 99 #")]);
    world.does("b", "ugc.featured");
    world.spend(100).unwrap();
    let too_much = ClawingBack::DebtLimitExceeded { debt: Points(100), limit: Points(99) };
    assert_eq!(world.takes_back("b"), refused(too_much));
}

// rule: ledger 4.25
#[test]
fn points_that_expired_unspent_are_not_owed() {
    let [validity, rounding, window] = SHORT_LIVED;
    let mut world = World::new(&[ANY_NUMBER, validity, rounding, window]);
    let done = world.now;
    world.does("one", "ugc.featured");
    world.does("two", "ugc.featured");
    world.spend(130).unwrap();
    world.days(35);
    let [one, two] = ["one", "two"].map(|id| world.run_as(&format!("{id} gone"), add_days(done, 29), of(id)).unwrap());
    assert_eq!([not_taken(&one), not_taken(&two)], [(70, 0), (0, 0)], "of one lot, 70 had expired");
    assert_eq!(world.debt(), 130, "all that was ever spent");
}

// rule: ledger 4.25
#[test]
fn status_points_the_days_limit_and_influence_go_back_too() {
    let mut world = World::new(&[("max_earn_per_day = 50000", "max_earn_per_day = 130")]);
    world.does("reviewed", "review.completed");
    assert_eq!(world.account.qualifying.values().copied().sum::<Points>(), Points(50));
    world.does("featured", "ugc.featured");
    assert_eq!(world.does("cut", "ugc.featured").points(), Points(10));
    let influence = |world: &mut World| match world.evaluate().map(|entry| entry.detail) {
        Some(Detail::Evaluate { score: Some(score), .. }) => score.measures.influence,
        other => panic!("not scored: {other:?}"),
    };
    assert_eq!(influence(&mut world), 11);
    world.takes_back("featured").unwrap();
    let back = world.takes_back("reviewed").unwrap();
    let told = events(&"m-1".parse().unwrap(), &back, |kind| kind.ends_with("statusreversed.v1"));
    assert_eq!(told[0].data["points"], 50);
    assert!(world.account.qualifying.is_empty());
    assert_eq!(world.does("again", "ugc.featured").points(), Points(100), "of 130, 10 are used");
    world.takes_back("again").unwrap();
    assert_eq!(influence(&mut world), 5, "of the one that stands");
}

// rule: ledger 4.26
#[test]
fn a_fact_is_taken_back_once_and_the_reversal_again_is_answered_again() {
    let mut world = World::new(&[]);
    world.does("b", "ugc.featured");
    let back = world.run_as("gone", world.now, of("b")).unwrap();
    let by = Some("m-1.2".parse().unwrap());
    assert_eq!(world.takes_back("b"), refused(TakingBack::NothingToReverse { remaining: Points(0), by }));
    assert_eq!(world.run_as("gone", world.now, of("b")), Ok(back));
    assert_eq!(world.active(), 0);
}

// rule: ledger 4.26
#[test]
fn an_order_is_refunded_and_what_the_member_never_did_is_not_found() {
    let mut world = World::new(&[]);
    let paid = Command::Earn(order("1", 10_000));
    world.run_as("paid", world.now, paid).unwrap();
    let an_order = InvalidField::new("of", "is an order: report what came back of it as a refund");
    assert_eq!(world.takes_back("paid"), refused(an_order));
    let grant = Grant { what: Granted::Reward("drink".to_owned()), valid_days: None, cause: "c".to_owned() };
    world.run_as("given", world.now, Command::Grant(grant)).unwrap();
    for id in ["never", "given"] {
        assert_eq!(world.takes_back(id), refused(Missing::NotFound { what: "fact" }), "{id}");
    }
}

// rule: ledger 4.26
#[test]
fn a_fact_is_taken_back_within_the_window_of_refunds_and_the_reversal_is_told_in_time() {
    let [.., window] = SHORT_LIVED;
    let mut world = World::new(&[window]);
    let done = world.now;
    world.does("b", "ugc.featured");
    let closed_at = add_days(done, 30);
    world.now = closed_at + SignedDuration::from_hours(1);
    assert_eq!(world.run_as("late", closed_at, of("b")), refused(TakingBack::ReversalWindowClosed { closed_at }));
    let earliest = add_days(world.now, -30);
    let too_old = earliest - SignedDuration::from_millis(1);
    assert_eq!(world.run_as("old", too_old, of("b")), refused(OutsideWindow::TooOld { earliest }));
    let latest = world.now + SignedDuration::from_mins(5);
    let ahead = latest + SignedDuration::from_millis(1);
    assert_eq!(world.run_as("ahead", ahead, of("b")), refused(OutsideWindow::InFuture { latest }));
    world.run_as("in time", closed_at - SignedDuration::from_millis(1), of("b")).unwrap();
}

// rule: ledger 4.25
#[test]
fn points_earned_at_a_late_hour_go_back_to_the_version_and_month_of_their_fact() {
    let mut world = World::new(&[]);
    world.now = at("2026-03-31T23:59:59+08:00");
    world.does("march", "ugc.approved");
    world.now = at("2026-04-20T12:00:00+08:00");
    for number in 0..5 {
        world.does(&format!("april-{number}"), "ugc.approved");
    }
    world.takes_back("march").unwrap();
    assert_eq!(world.does("more", "ugc.approved").points(), Points(0), "the turn is one of March");
}

/// A reversal of `u1` waits for a member; the fact comes after so many days. Points that are taken back then, and what became of it.
fn meets(member: &str, days: i32) -> (Option<i64>, Fate) {
    let mut world = World::new(&[]);
    let (member, reverse): (MemberId, _) = (member.parse().unwrap(), of("u1"));
    let Command::ReverseActivity(reverse) = &reverse else { unreachable!() };
    let stamp = world.instruction("x", world.now, of("u1")).stamp;
    let parked = park(reverse, (&member, None), &stamp, &[], world.setting()).unwrap();
    let another = park(reverse, (&member, None), &stamp, std::slice::from_ref(&parked), world.setting());
    assert_eq!(another, Err(TakingBack::NothingToReverse { remaining: Points(0), by: None }.into()), "one waits");
    world.now = add_days(world.now, days);
    world.does("u1", "ugc.approved");
    let order = OrderRow { parked: vec![parked.clone()], ..OrderRow::default() };
    let known = Known { order, ..Known::default() };
    let fact = FactName::event("test", "u1");
    let Met { change, settles } = meet(&fact, (&world.account, &world.history), &known, world.setting()).unwrap();
    let Effect::SettleParked { fact: row, parked: kept, seen, .. } = settles else { panic!("{settles:?}") };
    assert_eq!((row, seen), (fact.key, vec![parked.clone()]));
    let [Parked { fate, .. }] = kept[..] else { panic!("{kept:?}") };
    let over = Known {
        order: OrderRow { parked: vec![Parked { fate, ..parked }], ..OrderRow::default() },
        ..Known::default()
    };
    assert_eq!(meet(&fact, (&world.account, &world.history), &over, world.setting()), None, "it is met once");
    (change.map(|change| change.entry.points().0), fate)
}

// rule: ledger 4.27
#[test]
fn what_waited_for_a_fact_takes_it_back_right_after_it() {
    assert_eq!(meets("m-1", 40), (Some(-20), Fate::Netted));
    assert_eq!(meets("m-1", 364), (Some(-20), Fate::Netted));
    assert_eq!(meets("m-1", 365), (None, Fate::Lapsed(Lapse::NoOrder)));
    assert_eq!(meets("m-2", 40), (None, Fate::Lapsed(Lapse::OtherMember)));
    let strict = World::new(&[("refund_window_days = 365", "unknown_refund = \"refuse\"\nrefund_window_days = 365")]);
    let Command::ReverseActivity(reverse) = of("u1") else { unreachable!() };
    let stamp = strict.instruction("x", strict.now, of("u1")).stamp;
    let parked = park(&reverse, (&strict.account.member, None), &stamp, &[], strict.setting());
    assert_eq!(parked, Err(Missing::NotFound { what: "fact" }.into()));
}
