//! A member's account in a test: commands go in, the invariants of the ledger are checked after each.

use std::collections::BTreeMap;

use domain::kernel::canonical::Hash;
use domain::kernel::id::{ContentHash, FactName, OperationId};
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::stamp::Stamp;
use domain::ledger::account::Account;
use domain::ledger::adjustment::{Adjust, Approve};
use domain::ledger::books::Change;
use domain::ledger::command::{Command, Instruction, Owner, Repeat};
use domain::ledger::doer::Doer;
use domain::ledger::earning::order::{Activity, Line, Order};
use domain::ledger::earning::rules::{Candidate, Explanation, GivenBack, Outcome, explain};
use domain::ledger::effect::Effect;
use domain::ledger::entry::{Detail, Entry, Initiator};
use domain::ledger::evaluation::Evaluated;
use domain::ledger::hold::HoldPoints;
use domain::ledger::known::Known;
use domain::ledger::lines::Refund;
use domain::ledger::order_row::{OrderHold, OrderRow};
use domain::ledger::pockets::{Movement, Pockets};
use domain::ledger::redemption::Redeem;
use domain::ledger::refusal::Refused;
use domain::ledger::reversal::Reverse;
use domain::ledger::settlement::Settlement;
use domain::ledger::tally::{ByHand, Tallied, Tally};
use domain::programme::activity::ORDER_PAID;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::condition::{Scalar, Variables};
use domain::programme::document::Document;
use domain::programme::finding::Finding;
use domain::programme::setting::Setting;
use jiff::Timestamp;

/// The default programme with lines of it replaced.
pub(crate) fn programme_with(changes: &[(&str, &str)]) -> Programme {
    compile(1, changes).expect("the programme is sound")
}

/// A version of the default programme with lines of it replaced, or what is wrong with it.
#[track_caller]
pub(crate) fn compile(number: u32, changes: &[(&str, &str)]) -> Result<Programme, Vec<Finding>> {
    let mut text = include_str!("../../../../programme.toml").to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the default programme has no `{from}`");
        text = text.replace(from, to);
    }
    let document: Document = toml::from_str(&text).expect("the programme reads");
    Programme::compile(number, document)
}

/// Points are spendable at once.
pub(crate) const AT_ONCE: (&str, &str) = ("pending_days = 14", "pending_days = 0 ");

/// Points live for 30 days, and orders can be refunded as long.
pub(crate) const SHORT_LIVED: [(&str, &str); 3] = [
    ("validity = \"P12M\"", "validity = \"P30D\""),
    ("round_expiry = \"end_of_month\"", "round_expiry = \"day\""),
    ("refund_window_days = 365", "refund_window_days = 30"),
];

/// Any number of points pays, one for 0.01.
pub(crate) const ANY_NUMBER: (&str, &str) = (
    "points = 100, value_minor = 100, max_share_bp = 5000, min_points = 100, step_points = 100",
    "points = 1, value_minor = 1, max_share_bp = 5000, min_points = 1, step_points = 1",
);

/// Where further rules go into the default programme.
pub(crate) const BEFORE_TIERS: &str = "[tiers]\nwallet";

/// `2026-03-01T10:00:00+08:00`, or with `Z`.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) struct World {
    pub(crate) programmes: Programmes,
    pub(crate) account: Account,
    pub(crate) history: Vec<Entry>,
    pub(crate) now: Timestamp,
    /// What the newest change did outside the account.
    pub(crate) effects: Vec<Effect>,
    /// The rows of orders, as the store keeps them.
    pub(crate) orders: BTreeMap<String, OrderRow>,
    /// What was moved by hand, by whom; of the brand under no name.
    pub(crate) tallies: BTreeMap<String, Tally>,
    /// Does the store keep their lines?
    pub(crate) keeps_lines: bool,
    /// Who asks.
    pub(crate) by: Doer,
    count: u32,
    replayed: Replayed,
}

/// What the entries alone say.
struct Replayed {
    pockets: Pockets,
    head: Hash,
    balance: Points,
}

impl World {
    pub(crate) fn new(changes: &[(&str, &str)]) -> Self {
        Self::on(programme_with(changes))
    }

    pub(crate) fn on(programme: Programme) -> Self {
        Self::under(Programmes::only(programme))
    }

    /// With the default programme and more rules.
    pub(crate) fn with_rules(rules: &str) -> Self {
        Self::new(&[(BEFORE_TIERS, &format!("{rules}\n{BEFORE_TIERS}"))])
    }

    pub(crate) fn under(programmes: Programmes) -> Self {
        Self {
            programmes,
            account: Account::new("m-1".parse().unwrap()),
            history: Vec::new(),
            now: at("2026-03-01T04:00:00Z"),
            effects: Vec::new(),
            orders: BTreeMap::new(),
            tallies: BTreeMap::new(),
            keeps_lines: true,
            by: Doer::new("admin:admin-1"),
            count: 0,
            replayed: Replayed { pockets: Pockets::default(), head: Hash::GENESIS, balance: Points::ZERO },
        }
    }

    pub(crate) fn tier(&mut self, tier: &str) {
        let since = at("2020-01-01T00:00:00Z");
        self.account.tiers.spans.push(domain::standing::tiers::TierSpan { tier: tier.to_owned(), since });
    }

    /// Who asks from now on.
    pub(crate) fn asked_by(&mut self, who: &str) {
        self.by = Doer::new(who);
    }

    /// An admin who may record what is too old.
    pub(crate) fn backdates(&mut self) {
        self.by.backdate_reason = Some("the till was offline".to_owned());
    }

    pub(crate) fn days(&mut self, days: i32) {
        self.now = domain::kernel::time::add_days(self.now, days);
    }

    pub(crate) fn instruction(&self, key: &str, occurred_at: Timestamp, command: Command) -> Instruction {
        let content = ContentHash::of(&serde_json::Value::String(format!("{command:?}")));
        let operation = match &command {
            Command::Earn(_) | Command::Grant(_) | Command::ReverseActivity(_) => OperationId::of_event("test", key),
            _ => OperationId::of_key("test", "POST", "/", key),
        };
        let fact = match &command {
            Command::Earn(Activity { order: Some(order), .. }) => Some(FactName::order(&order.order_id)),
            Command::Earn(_) | Command::Grant(_) | Command::ReverseActivity(_) => Some(FactName::event("test", key)),
            Command::Refund(_) => Some(FactName::refund(key)),
            _ => None,
        };
        let by = Some(self.by.clone());
        Instruction { stamp: Stamp { operation, content, occurred_at }, fact, by, command, legs: Vec::new() }
    }

    /// Runs a command under a key of its own.
    #[track_caller]
    pub(crate) fn run(&mut self, command: Command) -> Result<Entry, Refused> {
        self.count += 1;
        let key = format!("key-{}", self.count);
        self.run_as(&key, self.now, command)
    }

    /// Runs a command as the store does: look for a repeat, decide, write.
    #[track_caller]
    pub(crate) fn run_as(&mut self, key: &str, occurred_at: Timestamp, command: Command) -> Result<Entry, Refused> {
        self.execute(self.instruction(key, occurred_at, command))
    }

    #[track_caller]
    pub(crate) fn execute(&mut self, instruction: Instruction) -> Result<Entry, Refused> {
        match instruction.repeat_in(&self.history) {
            Some(Repeat::Same(entry)) => return Ok(entry.clone()),
            Some(Repeat::Conflict(entry)) => {
                return Err(instruction.conflict(entry, &self.history, Owner::Same(&self.account.member)));
            }
            None => {}
        }
        let order = match &instruction.command {
            Command::Refund(Refund { order_id, .. }) | Command::Hold(HoldPoints { order_id, .. }) => Some(order_id),
            Command::Earn(Activity { order: Some(order), .. }) => Some(&order.order_id),
            _ => None,
        };
        let order = order.and_then(|order| self.orders.get(order)).cloned().unwrap_or_default();
        let person = self.tallies.get(&self.by.who).cloned().unwrap_or_default();
        let brand = self.tallies.get("").cloned().unwrap_or_default();
        let known = Known { order, by_hand: ByHand { person, brand }, stands_for: Vec::new() };
        let decide = || instruction.decide(&self.account, &self.history, &known, self.setting());
        let change = decide();
        assert_eq!(change, decide(), "a decision is a function of what it is given");
        let change = change?;
        if let Command::Earn(Activity { order: Some(order), .. }) = &instruction.command {
            let row = self.orders.entry(order.order_id.clone()).or_default();
            row.paid = true;
            row.lines = Some(change.lines.clone().expect("an order has lines")).filter(|_| self.keeps_lines);
        }
        for effect in &change.effects {
            match effect {
                Effect::HoldOrder { order, hold, .. } => {
                    self.orders.entry(order.clone()).or_default().hold = Some(hold.clone());
                }
                Effect::EndHold { order, hold, paid } => {
                    let row = self.orders.entry(order.clone()).or_default();
                    let held = row.hold.take().filter(|held| held.hold == *hold).expect("the row has the hold");
                    let captured = paid.is_positive();
                    let until = if captured { held.until } else { OrderHold::GIVEN_BACK };
                    row.hold = Some(OrderHold { value: *paid, captured, until, ..held });
                }
                Effect::Tally { of, moved, .. } => {
                    let who = match of {
                        Tallied::Person(who) => who.as_str(),
                        Tallied::Brand => "",
                    };
                    let tally = self.tallies.entry(who.to_owned()).or_default();
                    tally.moved = tally.with(moved, self.now);
                }
                Effect::SettleParked { fact, parked, seen, .. } => {
                    let row = self.orders.iter_mut().find(|(order, _)| FactName::order(order).key == *fact);
                    let (_, row) = row.expect("what waits stands in the order's row");
                    assert_eq!(std::mem::replace(&mut row.parked, parked.clone()), *seen);
                }
                _ => {}
            }
        }
        self.write(change)
    }

    pub(crate) fn setting(&self) -> Setting<'_> {
        Setting { programmes: &self.programmes, now: self.now }
    }

    /// Writes the books for what time has done, if it has done anything.
    #[track_caller]
    pub(crate) fn sweep(&mut self) -> Option<Entry> {
        self.review(false)
    }

    /// Works out scores and tier anew, as an event asks for it.
    #[track_caller]
    pub(crate) fn evaluate(&mut self) -> Option<Entry> {
        self.review(true)
    }

    #[track_caller]
    fn review(&mut self, scored: bool) -> Option<Entry> {
        let history = scored.then_some(&self.history[..]);
        let Evaluated { account, entry } = domain::ledger::evaluation::evaluate(&self.account, history, self.setting());
        let again = domain::ledger::evaluation::evaluate(&account, history, self.setting());
        assert_eq!((&again.account, again.entry), (&account, None), "what was evaluated is not changed again");
        match entry {
            Some(entry) => self.write(Change { account, entry, effects: Vec::new(), lines: None }).ok(),
            None => {
                self.account = account;
                None
            }
        }
    }

    #[track_caller]
    pub(crate) fn write(&mut self, change: Change) -> Result<Entry, Refused> {
        let Change { account, entry, effects, .. } = change;
        let mut before = account.pockets.clone();
        entry.undo_from(&mut before);
        assert_eq!(before, self.account.pockets, "an entry says exactly what it moved");
        self.account = account;
        self.effects = effects;
        self.history.push(entry.clone());
        self.check(&entry);
        Ok(entry)
    }

    /// The invariants of the ledger, from the entries alone.
    #[track_caller]
    fn check(&mut self, entry: &Entry) {
        assert_eq!(entry.sequence, self.history.len() as u64, "no gap");
        let (replayed, account) = (&mut self.replayed, &self.account);
        entry.apply_to(&mut replayed.pockets);
        replayed.head = entry.hash(replayed.head);
        replayed.balance += entry.points() + entry.settled_points();
        assert_eq!(entry.balance, replayed.balance, "the balance is the sum of the entries");
        assert_eq!(account.pockets, replayed.pockets);
        assert_eq!(account.head, replayed.head);
        let pockets = &account.pockets;
        assert_eq!(entry.balance, pockets.total());
        let nothing = pockets.debt.is_zero() || pockets.active.is_empty();
        assert!(nothing, "who owes has nothing to spend");
        // Scores are worked out when they are asked for; everything else is up to date with every entry.
        let unscored = Account { score: None, ..account.clone() };
        let then = Setting { programmes: &self.programmes, now: entry.recorded_at };
        assert!(unscored.due(then).is_none_or(|due| due > entry.recorded_at), "nothing is overdue");
        assert!(account.qualifying.values().all(|points| points.is_positive()));
        let moved: Points = entry.settled.iter().flat_map(Settlement::movements).map(|moved| moved.points()).sum();
        let expired = entry.settled.iter().filter_map(|settled| match settled {
            Settlement::Expired { points, .. } => Some(-*points),
            _ => None,
        });
        assert_eq!(moved, expired.sum(), "time takes what expires and otherwise only moves");
        let all_moved = entry.movements.iter().copied().chain(entry.settled.iter().flat_map(Settlement::movements));
        assert!(all_moved.map(|moved| moved.points()).all(|points| !points.is_zero()), "no empty movement: {entry:?}");
        assert!(account.counters.values().all(|count| *count > 0), "what is back at zero is forgotten");
        self.check_consumption(entry);
        if let Detail::Earn { trace, status, .. } = &entry.detail {
            let explained = self.explain(entry);
            assert_eq!((explained.trace(), explained.status), (trace.clone(), *status));
        }
    }

    /// Lots are used in order and never after they expired; the only ones left are those that expire later.
    #[track_caller]
    fn check_consumption(&self, entry: &Entry) {
        if !matches!(entry.detail, Detail::Redeem { .. } | Detail::Hold { .. }) {
            return;
        }
        let used = entry.movements.iter().filter_map(|movement| match movement {
            Movement::Active { expires_at, points } if *points < Points::ZERO => Some(*expires_at),
            _ => None,
        });
        let used: Vec<Timestamp> = used.collect();
        assert!(used.iter().all(|lot| *lot > entry.recorded_at), "an expired lot was spent");
        let left = self.account.pockets.active.keys().next();
        assert!(left.is_none_or(|left| used.iter().all(|lot| lot <= left)), "first to expire, first spent");
    }

    /// The decision of an earning, made again from what its entry keeps.
    pub(crate) fn explain(&self, entry: &Entry) -> Explanation {
        let Detail::Earn { activity, inputs, .. } = &entry.detail else { panic!("not an earning: {entry:?}") };
        let programme = self.programmes.numbered(entry.programme).expect("a known version");
        explain(programme, activity, entry.occurred_at, inputs, GivenBack::NOTHING)
    }

    /// The same in words, one line per rule.
    pub(crate) fn told(&self, entry: &Entry) -> Vec<String> {
        self.explain(entry).candidates.iter().map(tell).collect()
    }

    /// What can be spent now.
    pub(crate) fn active(&self) -> i64 {
        self.account.settled(self.setting()).0.pockets.active_points().0
    }

    pub(crate) fn pending(&self) -> i64 {
        self.account.settled(self.setting()).0.pockets.pending_points().0
    }

    pub(crate) fn debt(&self) -> i64 {
        self.account.settled(self.setting()).0.pockets.debt.0
    }

    /// Active less debt, as the rules' examples write it.
    pub(crate) fn balance(&self) -> i64 {
        self.active() - self.debt()
    }

    /// Active lots: points and the local date after the last valid one.
    pub(crate) fn lots(&self) -> Vec<(i64, Timestamp)> {
        let (account, _) = self.account.settled(self.setting());
        account.pockets.active.into_iter().map(|(at, points)| (points.0, at)).collect()
    }

    /// Reports an activity that happened at another time than now.
    #[track_caller]
    pub(crate) fn report_at(&mut self, occurred_at: Timestamp, activity: Activity) -> Result<Entry, Refused> {
        self.count += 1;
        let key = format!("event-{}", self.count);
        self.run_as(&key, occurred_at, Command::Earn(activity))
    }

    /// Reports an activity that happened now.
    #[track_caller]
    pub(crate) fn report(&mut self, activity: Activity) -> Entry {
        self.report_at(self.now, activity).expect("an activity is accepted")
    }

    #[track_caller]
    pub(crate) fn order(&mut self, id: &str, net: i64) -> Entry {
        self.run(Command::Earn(order(id, net))).expect("an order is accepted")
    }

    #[track_caller]
    pub(crate) fn refund(&mut self, id: &str, amount: i64) -> Entry {
        self.try_refund(id, amount).expect("a refund is accepted")
    }

    #[track_caller]
    pub(crate) fn try_refund(&mut self, id: &str, amount: i64) -> Result<Entry, Refused> {
        self.run(Command::Refund(Refund::of_amount(id, Minor(amount))))
    }

    /// Gives points that expire like those earned now.
    #[track_caller]
    pub(crate) fn give(&mut self, points: i64) -> Entry {
        let adjust = Adjust { points: Points(points), reason: "goodwill".to_owned() };
        let entry = self.run(Command::Adjust(adjust)).expect("an adjustment is accepted");
        if matches!(entry.detail, Detail::AdjustmentRequest { .. }) && points.abs() <= 1_000 {
            return self.approve(&entry, "admin:admin-2").expect("an approval is accepted");
        }
        entry
    }

    /// A second person approves a correction.
    #[track_caller]
    pub(crate) fn approve(&mut self, request: &Entry, by: &str) -> Result<Entry, Refused> {
        let before = std::mem::replace(&mut self.by, Doer::new(by));
        let approved = self.run(Command::Approve(Approve { request: request.sequence }));
        self.by = before;
        approved
    }

    #[track_caller]
    pub(crate) fn redeem(&mut self, reward: &str) -> Result<Entry, Refused> {
        self.run(Command::Redeem(Redeem { reward: reward.to_owned(), quantity: 1, donation: false }))
    }

    /// Holds points for an order large enough, and captures them.
    #[track_caller]
    pub(crate) fn spend(&mut self, points: i64) -> Result<Entry, Refused> {
        let hold = self.hold(points)?;
        self.run(Command::Capture { hold: hold.sequence })
    }

    #[track_caller]
    pub(crate) fn hold(&mut self, points: i64) -> Result<Entry, Refused> {
        let order_id = format!("checkout-{}", self.history.len());
        self.run(Command::Hold(HoldPoints { order_id, order_net: Minor(10_000_000), points: Points(points) }))
    }

    #[track_caller]
    pub(crate) fn reverse(&mut self, redemption: &Entry, points: Option<i64>, by: Initiator) -> Result<Entry, Refused> {
        let redemption = redemption.sequence;
        self.run(Command::Reverse(Reverse { redemption, points: points.map(Points), initiated_by: by }))
    }
}

pub(crate) fn order(id: &str, net: i64) -> Activity {
    let line = Line { amount: Minor(net), ..Line::default() };
    order_of(id, vec![line])
}

pub(crate) fn order_of(id: &str, lines: Vec<Line>) -> Activity {
    let order = Order::of_lines(id, "shop", "CNY", lines);
    Activity { activity: ORDER_PAID.to_owned(), attributes: Variables::new(), order: Some(order), past: None }
}

pub(crate) fn behaviour(activity: &str, attributes: &[(&str, &str)]) -> Activity {
    let text = |value: &str| Scalar::Text(value.to_owned());
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    Activity { activity: activity.to_owned(), attributes, order: None, past: None }
}

/// What an entry of an earning credited, by rule.
pub(crate) fn trace(entry: &Entry) -> Vec<(String, i64)> {
    match &entry.detail {
        Detail::Earn { trace, .. } => trace.iter().map(|(rule, points)| (rule.clone(), points.0)).collect(),
        other => panic!("not an earning: {other:?}"),
    }
}

/// What came of a rule, in words: `base-spend applies: 100`.
fn tell(candidate: &Candidate) -> String {
    let outcome = match &candidate.outcome {
        Outcome::Applied => "applies".to_owned(),
        Outcome::Granted { multiplier, until } => format!("grants x{multiplier} until {until}"),
        Outcome::ConditionFailed { condition, error: None } => format!("fails `{condition}`"),
        Outcome::ConditionFailed { condition, error: Some(error) } => {
            format!("cannot decide `{condition}` ({error})")
        }
        Outcome::OutsideDates => "is outside its dates".to_owned(),
        Outcome::Beaten { by } => format!("is beaten by {by}"),
        Outcome::AlreadyCounted => "has counted the date".to_owned(),
    };
    let limits: String = candidate.limited_by.iter().map(|limit| format!(", limited by {limit}")).collect();
    format!("{} {outcome}: {}{limits}", candidate.rule, candidate.points)
}
