//! A member's account in a test: commands go in, the invariants of the ledger are checked after each.

use domain::account::{Account, Pockets};
use domain::adjustment::Adjust;
use domain::books::{Change, Stamp};
use domain::command::{Command, Instruction, Repeat};
use domain::earning::{Activity, Line, Order};
use domain::entry::{Detail, Entry, Initiator};
use domain::id::{ContentHash, Hash, OperationId};
use domain::programme::condition::{Scalar, Variables};
use domain::programme::document::Document;
use domain::programme::{ORDER_PAID, Programme, Programmes};
use domain::quantity::{Minor, Points};
use domain::redemption::{HoldPoints, Redeem, Reverse};
use domain::refund::Refund;
use domain::refusal::Refusal;
use jiff::Timestamp;

/// The default programme with lines of it replaced.
pub(crate) fn programme_with(changes: &[(&str, &str)]) -> Programme {
    let mut text = include_str!("../../../../programme.toml").to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the default programme has no `{from}`");
        text = text.replace(from, to);
    }
    let document: Document = toml::from_str(&text).expect("the programme reads");
    Programme::compile(1, document).expect("the programme is sound")
}

/// Points are spendable at once.
pub(crate) const AT_ONCE: (&str, &str) = ("pending_days = 14", "pending_days = 0 ");

/// `2026-03-01T10:00:00+08:00`, or with `Z`.
pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) struct World {
    pub(crate) programmes: Programmes,
    pub(crate) account: Account,
    pub(crate) history: Vec<Entry>,
    pub(crate) now: Timestamp,
    count: u32,
}

impl World {
    pub(crate) fn new(changes: &[(&str, &str)]) -> Self {
        Self::on(programme_with(changes))
    }

    pub(crate) fn on(programme: Programme) -> Self {
        let account = Account::new("m-1".parse().unwrap());
        let now = at("2026-03-01T04:00:00Z");
        Self {
            programmes: Programmes::only(programme),
            account,
            history: Vec::new(),
            now,
            count: 0,
        }
    }

    pub(crate) fn tier(&mut self, tier: &str) {
        let since = at("2020-01-01T00:00:00Z");
        self.account.tiers.push(domain::account::TierSpan { tier: tier.to_owned(), since });
    }

    pub(crate) fn days(&mut self, days: i32) {
        self.now = domain::calendar::add_days(self.now, days);
    }

    pub(crate) fn instruction(
        &self,
        key: &str,
        occurred_at: Timestamp,
        command: Command,
    ) -> Instruction {
        let content = ContentHash::of(&serde_json::Value::String(format!("{command:?}")));
        let operation = OperationId::of_key("test", "POST", "/", key);
        Instruction { stamp: Stamp { operation, content, occurred_at }, command }
    }

    /// Runs a command under a key of its own.
    #[track_caller]
    pub(crate) fn run(&mut self, command: Command) -> Result<Entry, Refusal> {
        self.count += 1;
        let key = format!("key-{}", self.count);
        self.run_as(&key, self.now, command)
    }

    /// Runs a command as the store does: look for a repeat, decide, write.
    #[track_caller]
    pub(crate) fn run_as(
        &mut self,
        key: &str,
        occurred_at: Timestamp,
        command: Command,
    ) -> Result<Entry, Refusal> {
        let instruction = self.instruction(key, occurred_at, command);
        match instruction.repeat_in(&self.history) {
            Some(Repeat::Same(entry)) => return Ok(entry.clone()),
            Some(Repeat::Conflict(entry)) => return Err(instruction.conflict(entry)),
            None => {}
        }
        let change =
            instruction.decide(&self.account, &self.history, &self.programmes, self.now)?;
        self.write(change)
    }

    #[track_caller]
    fn write(&mut self, change: Change) -> Result<Entry, Refusal> {
        let Change { account, entry, .. } = change;
        let mut before = account.pockets.clone();
        entry.undo_from(&mut before);
        assert_eq!(before, self.account.pockets, "an entry says exactly what it moved");
        self.account = account;
        self.history.push(entry.clone());
        self.check();
        Ok(entry)
    }

    /// The invariants of the ledger, from the entries alone.
    #[track_caller]
    fn check(&self) {
        let (mut pockets, mut head, mut sum) = (Pockets::default(), Hash::GENESIS, Points::ZERO);
        for (place, entry) in self.history.iter().enumerate() {
            assert_eq!(entry.sequence, place as u64 + 1, "no gap");
            entry.apply_to(&mut pockets);
            head = entry.hash(head);
            sum += entry.points() + entry.settled_points();
            assert_eq!(entry.balance, sum, "the balance is the sum of the entries");
            assert_eq!(entry.balance, pockets.total());
            assert!(
                pockets.debt.is_zero() || pockets.active.is_empty(),
                "who owes has nothing to spend"
            );
        }
        assert_eq!(pockets, self.account.pockets);
        assert_eq!(head, self.account.head);
        assert!(self.account.qualifying.values().all(|points| *points >= Points::ZERO));
    }

    /// What can be spent now.
    pub(crate) fn active(&self) -> i64 {
        self.account.settled(self.now).0.pockets.active_points().0
    }

    pub(crate) fn pending(&self) -> i64 {
        self.account.settled(self.now).0.pockets.pending_points().0
    }

    pub(crate) fn debt(&self) -> i64 {
        self.account.settled(self.now).0.pockets.debt.0
    }

    /// Active less debt, as the rules' examples write it.
    pub(crate) fn balance(&self) -> i64 {
        self.active() - self.debt()
    }

    /// Active lots: points and the local date after the last valid one.
    pub(crate) fn lots(&self) -> Vec<(i64, Timestamp)> {
        let (account, _) = self.account.settled(self.now);
        account.pockets.active.into_iter().map(|(at, points)| (points.0, at)).collect()
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
    pub(crate) fn try_refund(&mut self, id: &str, amount: i64) -> Result<Entry, Refusal> {
        self.run(Command::Refund(Refund { order_id: id.to_owned(), amount: Minor(amount) }))
    }

    /// Gives points that expire like those earned now.
    #[track_caller]
    pub(crate) fn give(&mut self, points: i64) -> Entry {
        let adjust = Adjust {
            points: Points(points),
            reason: "goodwill".to_owned(),
            by: "agent-1".to_owned(),
        };
        self.run(Command::Adjust(adjust)).expect("an adjustment is accepted")
    }

    #[track_caller]
    pub(crate) fn redeem(&mut self, reward: &str) -> Result<Entry, Refusal> {
        self.run(Command::Redeem(Redeem {
            reward: reward.to_owned(),
            quantity: 1,
            donation: false,
        }))
    }

    /// Holds points for an order large enough, and captures them.
    #[track_caller]
    pub(crate) fn spend(&mut self, points: i64) -> Result<Entry, Refusal> {
        let hold = self.hold(points)?;
        self.run(Command::Capture { hold: hold.sequence })
    }

    #[track_caller]
    pub(crate) fn hold(&mut self, points: i64) -> Result<Entry, Refusal> {
        let order_id = format!("checkout-{}", self.history.len());
        self.run(Command::Hold(HoldPoints {
            order_id,
            order_net: Minor(10_000_000),
            points: Points(points),
        }))
    }

    #[track_caller]
    pub(crate) fn reverse(
        &mut self,
        redemption: &Entry,
        points: Option<i64>,
        by: Initiator,
    ) -> Result<Entry, Refusal> {
        let redemption = redemption.sequence;
        self.run(Command::Reverse(Reverse {
            redemption,
            points: points.map(Points),
            initiated_by: by,
        }))
    }
}

pub(crate) fn order(id: &str, net: i64) -> Activity {
    let line = Line { amount: Minor(net), attributes: Variables::new() };
    order_of(id, vec![line])
}

pub(crate) fn order_of(id: &str, lines: Vec<Line>) -> Activity {
    let order = Order {
        order_id: id.to_owned(),
        currency: "CNY".to_owned(),
        lines,
        discount: Minor::ZERO,
        points_paid: Minor::ZERO,
        gift_card: Minor::ZERO,
        shipping: Minor::ZERO,
        tax: Minor::ZERO,
    };
    Activity {
        activity: ORDER_PAID.to_owned(),
        attributes: Variables::new(),
        order: Some(order),
        override_reason: None,
    }
}

pub(crate) fn behaviour(activity: &str, attributes: &[(&str, &str)]) -> Activity {
    let text = |value: &str| Scalar::Text(value.to_owned());
    let attributes =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    Activity { activity: activity.to_owned(), attributes, order: None, override_reason: None }
}

/// What an entry of an earning credited, by rule.
pub(crate) fn trace(entry: &Entry) -> Vec<(String, i64)> {
    match &entry.detail {
        Detail::Earn { trace, .. } => {
            trace.iter().map(|(rule, points)| (rule.clone(), points.0)).collect()
        }
        other => panic!("not an earning: {other:?}"),
    }
}
