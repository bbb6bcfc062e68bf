//! Many members over years: the decisions alone, without a network between them, in zones whose clocks change; every entry and
//! every tier held against the auditor.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::quantity::Minor;
use domain::kernel::stamp::Stamp;
use domain::ledger::account::Account;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::due::Notice;
use domain::ledger::earning::order::{Activity, Line, Order};
use domain::ledger::entry::Entry;
use domain::ledger::evaluation::{Evaluated, evaluate, lookback};
use domain::ledger::floor::SetFloor;
use domain::ledger::known::Known;
use domain::ledger::lines::Refund;
use domain::ledger::redemption::Redeem;
use domain::programme::activity::ORDER_PAID;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::condition::Variables;
use domain::programme::setting::Setting;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::auditor::{self, Member, Place, live_in};
use super::programme::complete;
use crate::stack::programme;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Members that lived.
    pub members: usize,
    /// Entries in their ledgers.
    pub entries: usize,
    /// How often each thing happened to a tier.
    pub tiers: BTreeMap<String, usize>,
    /// How often a segment was entered.
    pub segments: BTreeMap<String, usize>,
    /// Notices of points that expire and tiers that fall.
    pub notices: usize,
    /// What is wrong.
    pub violations: Vec<String>,
}

/// The month in which life begins, and how many it lasts: a leap day lies in it.
const BEGIN: &str = "2027-01-01T12:00:00Z";
const DAYS: i64 = 731;

/// Lets members live for two years, the clock striking every day.
///
/// # Errors
/// The programme cannot be read.
pub fn live(place: Place, members: usize, seed: u64) -> anyhow::Result<Report> {
    live_in(place);
    let mut document = programme();
    complete(&mut document);
    document.programme.timezone = match place {
        Place::Shanghai => "Asia/Shanghai",
        Place::NewYork => "America/New_York",
        Place::London => "Europe/London",
    }
    .to_owned();
    let programme = Programme::compile(1, document).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
    let programmes = Programmes::only(programme);
    let mut report = Report::default();
    for member in 0..members {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(u64::try_from(member)?);
        Life::new(&programmes, seed).live(&mut report)?;
    }
    live_in(Place::Shanghai);
    Ok(report)
}

/// One member's life.
struct Life<'a> {
    programmes: &'a Programmes,
    rng: Rng,
    account: Account,
    entries: Vec<Entry>,
    auditor: Member,
    /// Which order, for how much, and when.
    orders: Vec<(String, i64, Timestamp)>,
    count: u64,
    wrong: Vec<String>,
}

impl<'a> Life<'a> {
    fn new(programmes: &'a Programmes, seed: u64) -> Self {
        Self {
            programmes,
            rng: Rng::with_seed(seed),
            account: Account::new("m-1".parse().expect("a member's id")),
            entries: Vec::new(),
            auditor: Member::default(),
            orders: Vec::new(),
            count: 0,
            wrong: Vec::new(),
        }
    }

    fn live(mut self, report: &mut Report) -> anyhow::Result<()> {
        let begin: Timestamp = BEGIN.parse()?;
        // From who comes once a year to who comes every other day.
        let seldom = [2, 5, 10, 25, 60, 150, 400][self.rng.usize(0..7)];
        let rich = [1, 1, 1, 5, 30][self.rng.usize(0..5)];
        let zone = self.programmes.at(begin).zone().clone();
        let mut day = zone.date(begin);
        let end = begin + SignedDuration::from_hours(24 * DAYS);
        let mut told = begin;
        while zone.start_of(day) < end {
            let midnight = zone.start_of(day);
            let now = midnight + SignedDuration::from_mins(10);
            self.sweep(now);
            report.notices += self.tell(told, now);
            told = now;
            if self.rng.i64(0..seldom) == 0 {
                let at = midnight + SignedDuration::from_millis(self.rng.i64(600_001..82_000_000));
                self.act(at, rich);
                self.review(at, true);
            }
            day = day.saturating_add(1.day());
        }
        let last = zone.start_of(day) + SignedDuration::from_mins(10);
        self.sweep(last);
        self.wrong.extend(self.auditor.unevaluated(None, last.as_millisecond()));
        report.members += 1;
        report.entries += self.entries.len();
        for entry in &self.entries {
            for change in entry.tier_changes() {
                *report.tiers.entry(change.change.name().to_owned()).or_default() += 1;
            }
            if let domain::ledger::entry::Detail::Evaluate { score: Some(score), .. } = &entry.detail {
                *report.segments.entry(score.segment.clone()).or_default() += 1;
            }
        }
        report.violations.extend(self.wrong);
        Ok(())
    }

    fn act(&mut self, now: Timestamp, rich: i64) {
        self.count += 1;
        let activity = |activity: &str| Activity {
            activity: activity.to_owned(),
            attributes: Variables::new(),
            order: None,
            past: None,
        };
        let lost = self.account.tiers.lost.as_ref().map(|lost| lost.at);
        if let Some(lost) = lost.filter(|lost| now.duration_since(*lost) < SignedDuration::from_hours(25 * 24))
            && self.rng.bool()
        {
            // A till that was offline when the tier was lost.
            let at = lost - SignedDuration::from_hours(self.rng.i64(1..4 * 24));
            let amount = self.rng.i64(50_000..600_000);
            return self.order_at(now, at, amount);
        }
        match self.rng.u32(0..20) {
            0..10 => self.order(now, rich),
            10..13 => self.refund(now),
            13 => self.command(now, now, Command::Earn(activity("ugc.featured"))),
            14 => self.command(now, now, Command::Earn(activity("review.completed"))),
            15 => self.command(now, now, Command::Earn(activity("referral.qualified"))),
            16 => self.command(now, now, Command::Earn(activity("checkin"))),
            17 if self.rng.u32(0..10) == 0 => {
                let tier = ["silver", "gold", "black"][self.rng.usize(0..3)].to_owned();
                let until = now + SignedDuration::from_hours(self.rng.i64(1..400 * 24));
                let reason = "goodwill".to_owned();
                self.command(now, now, Command::SetFloor(SetFloor { tier, until, reason }));
            }
            _ => {
                let redeem = Redeem { reward: "drink".to_owned(), quantity: 1, donation: false };
                self.command(now, now, Command::Redeem(redeem));
            }
        }
    }

    /// Just now, or days ago: some tills are offline.
    fn order(&mut self, now: Timestamp, rich: i64) {
        let late = if self.rng.u32(0..6) == 0 { self.rng.i64(0..29 * 86_400_000) } else { 0 };
        let at = now - SignedDuration::from_millis(late);
        let amount = self.rng.i64(1..60_000) * rich;
        self.order_at(now, at, amount);
    }

    fn order_at(&mut self, now: Timestamp, at: Timestamp, amount: i64) {
        let id = format!("o-{}", self.count);
        let order = Order::of_lines(&id, "shop", "CNY", vec![Line { amount: Minor(amount), ..Line::default() }]);
        let activity = ORDER_PAID.to_owned();
        let activity = Activity { activity, attributes: Variables::new(), order: Some(order), past: None };
        self.command(now, at, Command::Earn(activity));
        self.orders.push((id, amount, at));
    }

    fn refund(&mut self, now: Timestamp) {
        let newest = self.orders.len().saturating_sub(3);
        let Some((id, amount, _)) = self.rng.choice(&self.orders[newest..]).cloned() else { return };
        let amount = if self.rng.bool() { amount } else { self.rng.i64(1..=amount) };
        self.command(now, now, Command::Refund(Refund::of_amount(id, Minor(amount))));
    }

    /// Carries a command out as the store does; a refusal changes nothing.
    fn command(&mut self, now: Timestamp, occurred_at: Timestamp, command: Command) {
        self.count += 1;
        let operation = OperationId::of_key("years", "POST", "/", &self.count.to_string());
        let stamp = Stamp { operation, content: ContentHash([0; 8]), occurred_at };
        let instruction = Instruction::keyed(stamp, command);
        let setting = Setting { programmes: self.programmes, now };
        if let Ok(change) = instruction.decide(&self.account, &self.entries, &Known::default(), setting) {
            self.enter(change.account, change.entry);
        }
    }

    fn sweep(&mut self, now: Timestamp) {
        let setting = Setting { programmes: self.programmes, now };
        if self.account.due(setting).is_some_and(|due| due <= now) {
            let scored =
                self.account.score.as_ref().and_then(|score| score.turns.first()).is_some_and(|next| next <= now);
            self.review(now, scored);
        }
    }

    /// What the member is told of that is near; returns how many notices there are.
    fn tell(&mut self, since: Timestamp, now: Timestamp) -> usize {
        let notices = self.account.notices(since, Setting { programmes: self.programmes, now });
        let told = notices.iter().map(|notice| match notice {
            Notice::Expiring { expires_at, points, days } => (expires_at.as_millisecond(), points.0, i64::from(*days)),
            Notice::Falling { falls_at, missing, days, .. } => {
                (falls_at.as_millisecond(), -missing.0, i64::from(*days))
            }
        });
        let told: BTreeSet<(i64, i64, i64)> = told.collect();
        let expected = self.auditor.notices(since.as_millisecond(), now.as_millisecond());
        if told != expected {
            self.wrong.push(format!("tells {told:?} at {now}, and should {expected:?}"));
        }
        told.len()
    }

    fn review(&mut self, now: Timestamp, scored: bool) {
        let setting = Setting { programmes: self.programmes, now };
        let since = lookback(self.programmes.at(now), now).unwrap_or(Timestamp::MIN);
        let from = self.entries.partition_point(|entry| entry.recorded_at < since);
        let history = scored.then_some(&self.entries[from..]);
        let Evaluated { account, entry } = evaluate(&self.account, history, setting);
        match entry {
            Some(entry) => self.enter(account, entry),
            None => self.account = account,
        }
    }

    fn enter(&mut self, account: Account, entry: Entry) {
        // What is hashed is what the auditor reads; nothing is stored here.
        match serde_json::from_str(&entry.canonical()).map_err(|error| error.to_string()).and_then(auditor::Entry::read)
        {
            Ok(read) => self.wrong.extend(self.auditor.enter(&read, 0)),
            Err(error) => self.wrong.push(error),
        }
        self.account = account;
        self.entries.push(entry);
    }
}
