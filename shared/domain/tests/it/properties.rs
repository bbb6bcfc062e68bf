//! What holds whatever happens: random commands on one account, at random times, under several programmes.
//!
//! The world checks the ledger's invariants after every command; the properties below are about more than one command. The
//! seed is fixed, so that a build does not fail by chance; a case that once failed stays as a test of its own.

pub(crate) mod lines;
mod merging;
mod orders;
mod standing;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use domain::kernel::id::OperationId;
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::add_days;
use domain::ledger::account::Account;
use domain::ledger::adjustment::{Adjust, Approve};
use domain::ledger::command::{Command, Instruction};
use domain::ledger::earning::order::Activity;
use domain::ledger::entry::{Detail, Entry, Initiator};
use domain::ledger::hold::HoldPoints;
use domain::ledger::lines::Refund;
use domain::ledger::redemption::Redeem;
use domain::ledger::reversal::Reverse;
use domain::ledger::settlement::Settlement;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

use crate::world::{ANY_NUMBER, AT_ONCE, BEFORE_TIERS, SHORT_LIVED, World, at, behaviour, compile, order};

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_260_301),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    /// Time passes.
    Wait(SignedDuration),
    /// Time passes until something is due, less or more so many milliseconds.
    WaitUntilDue(i64),
    /// An order was paid, so many hours ago.
    Order {
        id: u8,
        net: i64,
        hours_ago: i64,
    },
    /// An order was returned, so many hours ago.
    Refund {
        id: u8,
        amount: i64,
        hours_ago: i64,
    },
    /// Something else was done, so many hours ago.
    Behave {
        what: u8,
        hours_ago: i64,
    },
    Redeem,
    Hold(i64),
    /// One of the holds is captured, or else released.
    End(Index, bool),
    /// One of the entries is reversed, by so many points or whole.
    Reverse(Index, Option<i64>, bool),
    Adjust(i64),
    /// One of the entries is approved.
    Approve(Index),
    Settle,
    /// One of the commands is delivered again.
    Again(Index),
}

fn step() -> impl Strategy<Value = Step> {
    let hours_ago = || prop_oneof![4 => Just(0_i64), 2 => 0_i64..48, 1 => 0_i64..(40 * 24)];
    let hours = (0_i64..(70 * 24)).prop_map(|hours| Step::Wait(SignedDuration::from_hours(hours)));
    let minutes = (0_i64..20).prop_map(|minutes| Step::Wait(SignedDuration::from_mins(minutes)));
    let milliseconds = (0_i64..3).prop_map(|wait| Step::Wait(SignedDuration::from_millis(wait)));
    prop_oneof![
        2 => hours,
        2 => minutes,
        1 => milliseconds,
        3 => (-1_i64..=1).prop_map(Step::WaitUntilDue),
        6 => (0_u8..6, 0_i64..30_000, hours_ago()).prop_map(|(id, net, hours_ago)| Step::Order { id, net, hours_ago }),
        5 => (0_u8..6, 1_i64..20_000, hours_ago())
            .prop_map(|(id, amount, hours_ago)| Step::Refund { id, amount, hours_ago }),
        4 => (0_u8..4, hours_ago()).prop_map(|(what, hours_ago)| Step::Behave { what, hours_ago }),
        2 => Just(Step::Redeem),
        3 => (1_i64..300).prop_map(Step::Hold),
        4 => any::<(Index, bool)>().prop_map(|(hold, capture)| Step::End(hold, capture)),
        4 => (any::<Index>(), prop::option::of(1_i64..200), any::<bool>())
            .prop_map(|(entry, points, merchant)| Step::Reverse(entry, points, merchant)),
        2 => (-300_i64..1_200).prop_map(Step::Adjust),
        1 => any::<Index>().prop_map(Step::Approve),
        1 => Just(Step::Settle),
        2 => any::<Index>().prop_map(Step::Again),
    ]
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..most)
}

/// Rules that compete, multiply and are capped.
const COMPETING: &str = "
    [[earning_rule]]
    id = \"large\"
    on = \"order.paid\"
    group = \"spring\"
    when = \"net_minor >= 10000\"
    multiplier = \"3\"
    cap_points = 150
    [[earning_rule]]
    id = \"small\"
    on = \"order.paid\"
    group = \"spring\"
    when = \"net_minor >= 4000\"
    multiplier = \"3/2\"
    [[earning_rule]]
    id = \"bonus\"
    on = \"order.paid\"
    points = 20
";

/// Rules that are limited.
const LIMITED: &str = "
    [[earning_rule]]
    id = \"third\"
    on = \"order.paid\"
    when = \"net_minor > 0\"
    points = 33
    limit = { per_member = 3, period = \"calendar_month\" }
    [[earning_rule]]
    id = \"extra\"
    on = \"order.paid\"
    rate = { points = 1, per_minor = 700 }
    limit = { max_points = 50, period = \"calendar_month\" }
";

/// The default programme and others: points at once or not, lives short or long, every return policy, limits, both models
/// of expiry, and a change of version.
fn programmes() -> &'static [Programmes] {
    static PROGRAMMES: OnceLock<Vec<Programmes>> = OnceLock::new();
    let one = |changes: &[(&str, &str)]| Programmes::only(compile(1, changes).unwrap());
    PROGRAMMES.get_or_init(|| {
        let [validity, rounding, window] = SHORT_LIVED;
        let short = [ANY_NUMBER, validity, rounding, window];
        let policy = |policy| ("return_policy = \"unlimited\" ", policy);
        let within = policy("return_policy = \"within_balance\" ");
        let only_pending = policy("return_policy = \"only_pending\" ");
        let sliding = ("expiry = \"lots\" ", "expiry = \"activity\" ");
        let competing = format!("{COMPETING}\n{BEFORE_TIERS}");
        let limited = format!("{LIMITED}\n{competing}");
        let day = ("max_earn_per_day = 50000", "max_earn_per_day = 250");
        let balance = ("max_balance = 0 ", "max_balance = 700 ");
        let limits = [ANY_NUMBER, (BEFORE_TIERS, limited.as_str()), day, balance];
        let second = [AT_ONCE, ANY_NUMBER, ("Asia/Shanghai\"          #", "America/New_York\" #")];
        let version = |number, changes: &[(&str, &str)]| Arc::new(compile(number, changes).unwrap());
        let (first, second) = (version(1, &[ANY_NUMBER]), version(2, &second));
        vec![
            one(&[]),
            one(&[AT_ONCE, ANY_NUMBER]),
            one(&[ANY_NUMBER, (BEFORE_TIERS, competing.as_str())]),
            one(&short),
            one(&[&short[..], &[AT_ONCE]].concat()),
            one(&[&short[..], &[AT_ONCE, within]].concat()),
            one(&[&short[..], &[only_pending]].concat()),
            one(&[&short[..], &[sliding]].concat()),
            one(&[&short[..], &[AT_ONCE, sliding]].concat()),
            one(&limits),
            Programmes::new(vec![(Timestamp::MIN, first), (at("2026-04-10T00:00:00Z"), second)]),
        ]
    })
}

/// An account to which things happen, with everything that was recorded.
struct Story {
    world: World,
    /// The account after each entry.
    states: Vec<Account>,
    /// What made each entry.
    delivered: Vec<(usize, Instruction)>,
    keys: u32,
}

impl Story {
    fn new(programmes: &Programmes) -> Self {
        let world = World::under(programmes.clone());
        Self { world, states: Vec::new(), delivered: Vec::new(), keys: 0 }
    }

    fn of(programmes: &Programmes, steps: &[Step]) -> Self {
        let mut story = Self::new(programmes);
        for step in steps {
            story.happen(step);
        }
        story
    }

    fn happen(&mut self, step: &Step) {
        let now = self.world.now;
        let ago = |hours: i64| now - SignedDuration::from_hours(hours);
        match step {
            Step::Wait(wait) => self.world.now = now + *wait,
            Step::WaitUntilDue(milliseconds) => {
                let due = self.world.account.due(self.world.setting()).unwrap_or(now)
                    + SignedDuration::from_millis(*milliseconds);
                self.world.now = due.max(now);
            }
            Step::Order { id, net, hours_ago } => {
                self.world.backdates();
                self.deliver(ago(*hours_ago), Command::Earn(order(&format!("{id}"), *net)));
            }
            Step::Refund { id, amount, hours_ago } => {
                self.refund(ago(*hours_ago), Refund::of_amount(format!("{id}"), Minor(*amount)));
            }
            Step::Behave { what, hours_ago } => self.deliver(ago(*hours_ago), Command::Earn(some_behaviour(*what))),
            Step::Redeem => self.deliver(now, redeem_drink()),
            Step::Hold(points) => self.deliver(now, hold(*points)),
            Step::End(hold, capture) => self.end(hold, *capture),
            Step::Reverse(entry, points, merchant) => {
                let Some(redemption) = self.entry(entry) else { return };
                let initiated_by = if *merchant { Initiator::Merchant } else { Initiator::Member };
                let points = points.map(Points);
                self.deliver(now, Command::Reverse(Reverse { redemption, points, initiated_by }));
            }
            Step::Adjust(points) => {
                let reason = "correction".to_owned();
                self.deliver(now, Command::Adjust(Adjust { points: Points(*points), reason }));
            }
            Step::Approve(entry) => {
                let Some(request) = self.entry(entry) else { return };
                self.world.asked_by("admin:admin-2");
                self.step_of(request, "approval", Command::Approve(Approve { request }));
                self.world.asked_by("admin:admin-1");
            }
            Step::Settle => self.sweep(),
            Step::Again(which) => self.deliver_again(which),
        }
    }

    /// A refund of an order that has come, or it waits for it.
    fn refund(&mut self, occurred_at: Timestamp, refund: Refund) {
        if self.world.history.iter().any(|entry| entry.earns(&refund.order_id)) {
            self.deliver(occurred_at, Command::Refund(refund));
        } else {
            _ = self.world.park(None, occurred_at, refund);
        }
    }

    fn entry(&self, index: &Index) -> Option<u64> {
        let entries = &self.world.history;
        (!entries.is_empty()).then(|| index.get(entries).sequence)
    }

    fn end(&mut self, index: &Index, capture: bool) {
        let made = |entry: &&Entry| matches!(entry.detail, Detail::Hold { .. });
        let holds: Vec<u64> = self.world.history.iter().filter(made).map(|entry| entry.sequence).collect();
        if holds.is_empty() {
            return;
        }
        let hold = *index.get(&holds);
        let (step, command) =
            if capture { ("capture", Command::Capture { hold }) } else { ("release", Command::Release { hold }) };
        self.step_of(hold, step, command);
    }

    /// Delivers a command under a key of its own.
    fn deliver(&mut self, occurred_at: Timestamp, command: Command) {
        self.keys += 1;
        let instruction = self.world.instruction(&format!("step-{}", self.keys), occurred_at, command);
        self.carry_out(instruction);
    }

    /// Delivers a command that can happen once to an entry.
    fn step_of(&mut self, sequence: u64, step: &str, command: Command) {
        let mut instruction = self.world.instruction("", self.world.now, command);
        instruction.stamp.operation = OperationId::of_step(sequence, step);
        self.carry_out(instruction);
    }

    fn carry_out(&mut self, instruction: Instruction) {
        let before = self.world.history.len();
        if self.world.execute(instruction.clone()).is_ok() && self.world.history.len() > before {
            self.states.push(self.world.account.clone());
            self.delivered.push((before, instruction));
        }
    }

    /// Scores and tier are worked out anew, and what time has done is written.
    fn sweep(&mut self) {
        if self.world.evaluate().is_some() {
            self.states.push(self.world.account.clone());
        }
    }

    /// Delivering again what is recorded gives the same answer and changes nothing.
    fn deliver_again(&mut self, which: &Index) {
        if self.delivered.is_empty() {
            return;
        }
        let (place, instruction) = which.get(&self.delivered).clone();
        let before = self.world.account.clone();
        let again = self.world.execute(instruction);
        assert_eq!(again.as_ref(), Ok(&self.world.history[place]));
        assert_eq!(self.world.account, before);
    }
}

fn some_behaviour(what: u8) -> Activity {
    match what {
        0 => behaviour("checkin", &[]),
        1 => behaviour("task.completed", &[("task", "watch_tutorial")]),
        2 => behaviour("ugc.approved", &[]),
        _ => behaviour("ugc.featured", &[]),
    }
}

fn redeem_drink() -> Command {
    Command::Redeem(Redeem { reward: "drink".to_owned(), quantity: 1, donation: false })
}

fn hold(points: i64) -> Command {
    let (order_id, order_net) = ("checkout".to_owned(), Minor(10_000_000));
    Command::Hold(HoldPoints { order_id, order_net, points: Points(points) })
}

/// No order gives back more than it was given, and one that was returned whole gives back all of it.
fn check_orders(story: &Story) {
    let mut orders: BTreeMap<&str, (Minor, Points, Points)> = BTreeMap::new();
    for entry in &story.world.history {
        match &entry.detail {
            Detail::Earn { order: Some(order), inputs, trace, status, .. } => {
                let left = inputs.net.unwrap_or_default() - inputs.netted;
                orders.insert(order, (left, trace.values().copied().sum(), *status));
            }
            Detail::Refund { order, amount_minor, status: taken, .. } => {
                let (left, points, status) = orders.get_mut(order.as_str()).expect("a refund after its order");
                *left -= *amount_minor;
                *points -= entry.clawed_back();
                *status -= *taken;
                assert!(*left >= Minor::ZERO && *points >= Points::ZERO && *status >= Points::ZERO, "{entry:?}");
                assert!(!left.is_zero() || (points.is_zero() && status.is_zero()), "{entry:?} left something");
            }
            _ => {}
        }
    }
}

/// The account at any time in the past, worked out backwards from the newest, is the account as it was recorded.
fn check_as_of(story: &Story) {
    let mut account = story.world.account.clone();
    let mut next_at = story.world.now + SignedDuration::from_millis(1);
    for (entry, recorded) in story.world.history.iter().zip(&story.states).rev() {
        assert_eq!(account.pockets, recorded.pockets, "after entry {}", entry.sequence);
        let just_before = next_at - SignedDuration::from_millis(1);
        for instant in [entry.recorded_at, just_before].into_iter().filter(|_| entry.recorded_at < next_at) {
            let then = Setting { programmes: &story.world.programmes, now: instant };
            assert_eq!(account.settled(then).0.pockets, recorded.settled(then).0.pockets, "at {instant}");
        }
        next_at = entry.recorded_at;
        account.undo(entry);
    }
    assert_eq!(account.pockets, Account::new(account.member.clone()).pockets, "nothing before the first entry");
}

/// Settling on the way changes nothing of what is settled in the end, and in the end only a debt is left.
fn check_settlement(story: &Story, on_the_way: SignedDuration, to_the_end: SignedDuration) {
    let (account, middle) = (&story.world.account, story.world.now + on_the_way);
    let end = middle + to_the_end;
    let at = |now| Setting { programmes: &story.world.programmes, now };
    let (at_once, first_to_last) = account.settled(at(end));
    let (halfway, first) = account.settled(at(middle));
    let (in_steps, last) = halfway.settled(at(end));
    assert_eq!(in_steps, at_once);
    let settled = [first, last].concat();
    let of = |settled: &[Settlement], tier: bool| -> Vec<Settlement> {
        let kind = |settlement: &&Settlement| matches!(settlement, Settlement::Tier(_)) == tier;
        settled.iter().filter(kind).cloned().collect()
    };
    assert_eq!(of(&settled, false), of(&first_to_last, false));
    assert_eq!(of(&settled, true), of(&first_to_last, true));
    let unscored = Account { score: None, written_at: Some(end), ..at_once };
    assert!(unscored.due(at(end)).is_none_or(|due| due > end));
    let pockets = account.settled(at(add_days(end, 3_650))).0.pockets;
    assert!(pockets.active.is_empty() && pockets.pending.is_empty() && pockets.held.is_empty());
}

fn check_story(story: &Story) {
    check_orders(story);
    check_as_of(story);
    let mut operations: Vec<OperationId> = story.world.history.iter().map(|entry| entry.operation).collect();
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), story.world.history.len(), "every operation once");
}

proptest! {
    #![proptest_config(cases(160))]

    #[test]
    fn the_books_are_right_whatever_happens(which in 0_usize..11, steps in steps(60)) {
        let story = Story::of(&programmes()[which], &steps);
        check_story(&story);
    }

    #[test]
    fn settling_twice_is_settling_once(
        which in 0_usize..11,
        steps in steps(25),
        minutes in prop_oneof![0_i64..60, 0_i64..(60 * 24 * 60)],
        more in prop_oneof![0_i64..60, 0_i64..(60 * 24 * 400)],
    ) {
        let story = Story::of(&programmes()[which], &steps);
        check_settlement(&story, SignedDuration::from_mins(minutes), SignedDuration::from_mins(more));
    }

    #[test]
    fn a_redemption_and_its_reversal_are_as_if_nothing_had_happened(
        which in 0_usize..7,
        steps in steps(25),
        points in 1_i64..400,
        minutes in 0_i64..(60 * 24 * 20),
        in_parts in any::<bool>(),
    ) {
        let mut story = Story::of(&programmes()[which], &steps);
        redeem_and_reverse(&mut story, points, minutes, in_parts);
    }

    #[test]
    fn any_split_of_a_refund_takes_what_the_whole_takes(
        which in 0_usize..11,
        tier in prop::sample::select(vec!["member", "silver", "gold", "black"]),
        net in 1_i64..40_000,
        percent in 1_i64..=100,
        cuts in prop::collection::vec(any::<Index>(), 0..6),
        before in steps(12),
        spent in 0_i64..600,
        days in prop_oneof![Just(0), 0..34],
    ) {
        let whole = (net * percent / 100).max(1);
        let mut marks: Vec<i64> = cuts.iter().map(|cut| cut.index(100) as i64 * whole / 100).collect();
        marks.extend([0, whole]);
        marks.sort_unstable();
        let parts: Vec<i64> = marks.windows(2).map(|pair| pair[1] - pair[0]).filter(|part| *part > 0).collect();
        let run = |parts: &[i64]| {
            let mut story = Story::of(&programmes()[which], &before);
            story.world.tier(tier);
            let paid = story.world.now;
            story.deliver(paid, Command::Earn(order("split", net)));
            _ = story.world.spend(spent);
            story.world.days(days);
            for amount in parts {
                let refund = Refund::of_amount("split", Minor(*amount));
                story.deliver(add_days(paid, days.min(5)), Command::Refund(refund));
            }
            (story.world.account.pockets, story.world.account.qualifying)
        };
        prop_assert_eq!(run(&parts), run(&[whole]));
    }
}

/// Spends from whatever the story left, waits while nothing of it expires, and takes it back.
fn redeem_and_reverse(story: &mut Story, points: i64, minutes: i64, in_parts: bool) {
    let untouched = story.world.account.clone();
    let Ok(spent) = story.world.spend(points) else { return };
    let expires = |movement: &domain::ledger::pockets::Movement| match movement {
        domain::ledger::pockets::Movement::Held { expires_at, .. } => Some(*expires_at),
        _ => None,
    };
    let first = spent.movements.iter().filter_map(expires).min().expect("something was spent");
    let last = first - SignedDuration::from_millis(1);
    story.world.now = (story.world.now + SignedDuration::from_mins(minutes)).min(last);
    if in_parts {
        let part = (-spent.points().0 / 3).max(1);
        story.world.reverse(&spent, Some(part), Initiator::Member).unwrap();
    }
    if !in_parts || spent.points() < Points(-1) {
        story.world.reverse(&spent, None, Initiator::Merchant).unwrap();
    }
    let expected = untouched.settled(story.world.setting()).0;
    assert_eq!(story.world.account.pockets, expected.pockets);
}
