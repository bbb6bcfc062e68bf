//! One member's ledger, followed entry by entry: every number is worked out again from the entries before and the rules of
//! the default programme, as rules.md and `programme.toml` state them, with arithmetic of the auditor's own.

mod earning;
mod ending;
mod opening;
mod remembered;
mod returns;
mod standing;
mod transfer;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::books::{Books, Moved};
use super::calendar::{DAY, day_of, month_of};
use super::canonical::{Hash, link};
use super::entry::{Detail, Entry, Scores, Settlement};
use super::items::Account;
use super::tiers::{Changed, Tiers, rank};

/// The most points of one day.
const DAY_CAP: i64 = 50_000;
/// By how much a tier multiplies: member, silver, gold, black.
const MULTIPLIERS: [(i64, i64); 4] = [(1, 1), (6, 5), (3, 2), (2, 1)];
/// The most points that a boost adds.
const BOOST_CAP: i64 = 500;
/// How long points of orders wait, in days.
const PENDING_DAYS: i64 = 14;
/// How many days the grace of restored points lasts.
const GRACE_DAYS: i64 = 30;
/// For how many days facts are accepted.
const BACKDATE_DAYS: i64 = 30;
/// For how many days orders and other facts can be taken back.
const RETURN_DAYS: i64 = 365;
/// How many runs of days a streak remembers.
const MOST_RUNS: usize = 3;

/// What an entry says of a suspended member's fact: it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Waits {
    points: i64,
    status: i64,
    is_order: bool,
    occurred_at: i64,
}

/// What the auditor knows of an order.
#[derive(Debug, Clone)]
struct Order {
    /// By which entry it came.
    entry: u64,
    net: i64,
    netted: i64,
    /// The time of the boost that it used up.
    boost: Option<(i64, i64)>,
    headroom: i64,
    occurred_at: i64,
    recorded_at: i64,
    /// The rank of the member's tier when it was paid.
    rank: usize,
    refunded: i64,
    clawed: i64,
    status_taken: i64,
}

impl Order {
    /// What the order is worth with a part of it given back.
    fn worth(&self, refunded: i64) -> i64 {
        self.by_rule(refunded).values().sum()
    }

    /// The same by rule; the cap of the day cuts what comes last first.
    fn by_rule(&self, refunded: i64) -> Trace {
        let left = (self.net - self.netted - refunded).max(0);
        let (over, under) = MULTIPLIERS[self.rank];
        let base = left * over / (under * 100);
        let extra =
            if self.boost.is_some() { (left * (over + under) / (under * 100) - base).min(BOOST_CAP) } else { 0 };
        let base = base.min(self.headroom);
        trace([("base-spend", base), ("tutorial-double", extra.min(self.headroom - base))])
    }

    fn status(&self, refunded: i64) -> i64 {
        (self.net - self.netted - refunded).max(0) / 100
    }
}

/// What the auditor knows of a member.
#[derive(Debug, Clone, Default)]
pub(crate) struct Member {
    pub(crate) version: u64,
    pub(crate) entries: Vec<Entry>,
    pub(super) head: Hash,
    books: Books,
    operations: BTreeSet<String>,
    orders: BTreeMap<String, Order>,
    /// Status points by month.
    months: BTreeMap<i64, i64>,
    /// Points by local day, for the cap.
    by_day: BTreeMap<i64, i64>,
    /// How often a limited rule has paid, by month.
    paid: BTreeMap<(&'static str, i64), i64>,
    checkins: BTreeSet<i64>,
    boost: Option<(i64, i64)>,
    /// Pieces of a reward by local day.
    rewarded: BTreeMap<(String, i64), i64>,
    /// What expired of a lot, less what refunds were freed of for it.
    expired: BTreeMap<i64, i64>,
    tiers: Tiers,
    /// How often a benefit was used, by year.
    used: BTreeMap<(String, i64), i64>,
    /// Where the member stands; nothing of who is active.
    stands: Value,
    /// What waits for the end of a suspension, by entry.
    waiting: BTreeMap<u64, Waits>,
    /// What an entry has done to the tier besides what facts do.
    turned: Vec<Changed>,
    /// The days of signals that count.
    pub(super) seen: BTreeSet<i64>,
    /// What was brought over, by source and part, and by which entry.
    openings: BTreeMap<String, u64>,
    /// When the cutover was, of whom it is said, and of who was absorbed.
    cutovers: BTreeMap<String, Timestamp>,
    /// Scores as last recorded.
    score: Option<(Scores, String, BTreeSet<String>)>,
}

type Wrong = Vec<String>;

/// Points by rule.
type Trace = BTreeMap<&'static str, i64>;

/// Without the rules that gave none.
fn trace<const N: usize>(points: [(&'static str, i64); N]) -> Trace {
    points.into_iter().filter(|(_, points)| *points > 0).collect()
}

impl Member {
    /// Takes an entry in, and what had been paid back of its order before; says what is wrong with it.
    pub(crate) fn enter(&mut self, entry: &Entry, before: i64) -> Wrong {
        let mut wrong = Vec::new();
        let now = entry.recorded_at.as_millisecond();
        if entry.sequence != self.sequence() + 1 {
            wrong.push(format!("stands at place {}", self.sequence() + 1));
        }
        if self.entries.last().is_some_and(|last| last.recorded_at > entry.recorded_at) {
            wrong.push("was recorded before the entry before it".to_owned());
        }
        if !self.operations.insert(entry.operation.clone()) {
            wrong.push("repeats an operation".to_owned());
        }
        wrong.extend(self.admits(entry).err());
        let mut due = self.books.clone();
        due.settle(now);
        for settlement in &entry.settled {
            if let Settlement::Expired { expires_at, points } = settlement {
                *self.expired.entry(expires_at.as_millisecond()).or_default() += points;
            }
            self.books.settled(settlement);
        }
        self.books.holds.retain(|_, until| *until > now);
        wrong.extend(self.by_time(entry, now));
        if due != self.books {
            wrong.push(format!("settles {:?}; due was {due:?}", entry.settled));
            self.books = due;
        }
        let moved: Vec<Moved> = entry.movements.iter().map(Moved::from).collect();
        match self.expected(entry, before, now) {
            Ok(mut expected) => {
                let gone = self.gone(&expected, now);
                expected.extend(gone);
                if expected != moved {
                    wrong.push(format!("moves {moved:?} instead of {expected:?}"));
                }
            }
            Err(what) => wrong.push(what),
        }
        for moved in moved {
            self.books.moved(moved);
        }
        let lifts = matches!(
            entry.detail,
            Detail::Earn { .. }
                | Detail::Refund { .. }
                | Detail::ActivityReversal { .. }
                | Detail::Opening { .. }
                | Detail::OpeningWithdrawn { .. }
        );
        let mut lifted = std::mem::take(&mut self.turned);
        if lifts {
            lifted.extend(self.tiers.evaluate(self.segment().as_deref(), now));
        }
        self.stand(entry);
        let told: Vec<Changed> = entry.then.iter().map(Changed::from).collect();
        if told != lifted {
            wrong.push(format!("makes of the tier {told:?}, not {lifted:?}"));
        }
        wrong.extend(self.books.unsound(now).map(str::to_owned));
        if self.books.total() != entry.balance {
            wrong.push(format!("says {} are left, the entries say {}", entry.balance, self.books.total()));
        }
        let limit = now - (BACKDATE_DAYS + 1) * DAY;
        self.boost = self.boost.filter(|(_, until)| *until > limit);
        self.tiers.forget(now);
        self.head = link(self.head, &entry.text);
        self.entries.push(entry.clone());
        wrong.iter().map(|what| format!("entry {} ({}) {what}", entry.sequence, kind(entry))).collect()
    }

    pub(super) fn sequence(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap_or_default()
    }

    /// When the newest entry was recorded, in milliseconds.
    pub(super) fn newest_at(&self) -> i64 {
        self.entries.last().map_or(i64::MIN, |entry| entry.recorded_at.as_millisecond())
    }

    /// Who stands for this member, if another does.
    pub(crate) fn into(&self) -> Option<&str> {
        self.stands["into"].as_str()
    }

    /// Where the points are.
    pub(crate) fn books(&self) -> &Books {
        &self.books
    }

    /// Is anything due at an instant?
    pub(super) fn is_due(&self, now: i64) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// When time next does something to points or tier.
    fn due(&self) -> Option<i64> {
        self.books.due().into_iter().chain(self.tiers.due()).min()
    }

    /// What came into a lot that has expired is gone with it.
    fn gone(&self, expected: &[Moved], now: i64) -> Vec<Moved> {
        let mut after = self.books.clone();
        for moved in expected {
            after.moved(*moved);
        }
        after.active.range(..=now).map(|(at, points)| Moved::Active(*at, -points)).collect()
    }

    /// What an entry should have moved, on books that are settled; remembers what later entries depend on.
    fn expected(&mut self, entry: &Entry, before: i64, now: i64) -> Result<Vec<Moved>, String> {
        match &entry.detail {
            Detail::Earn { activity, order, inputs, trace, status, .. } => {
                // Who brings members over in simulated worlds tells no facts.
                if self.cutovers.values().any(|as_of| entry.occurred_at < *as_of) {
                    return Err("is of before the member was brought over".to_owned());
                }
                let given: BTreeMap<&str, i64> = trace.iter().map(|(rule, points)| (rule.as_str(), *points)).collect();
                let (expected, credit) = match order {
                    Some(order) => self.order(order, inputs, before, entry)?,
                    None => {
                        let behaviour = self.behaviour(activity, inputs, entry)?;
                        let credit = if behaviour.contains_key("product-review") { 50 } else { 0 };
                        (behaviour, credit)
                    }
                };
                let points = expected.values().sum();
                let day = day_of(entry.occurred_at.as_millisecond());
                let occurred_at = entry.occurred_at.as_millisecond();
                if inputs.suspended {
                    let waits = Waits { points, status: credit, is_order: order.is_some(), occurred_at };
                    self.waiting.insert(entry.sequence, waits);
                } else {
                    *self.by_day.entry(day).or_default() += points;
                    *self.months.entry(month_of(day)).or_default() += credit;
                    self.tiers.credit(occurred_at, now, credit);
                }
                if given != expected || credit != *status {
                    return Err(format!("gives {given:?} and {status} status, not {expected:?} and {credit}"));
                }
                Ok(if inputs.suspended { Vec::new() } else { self.credited(entry, points, order.is_some()) })
            }
            Detail::Refund { order, moved, .. } => self.came_back(entry, order, moved.is_some()),
            Detail::ActivityReversal { .. } => self.take_back(entry, now),
            Detail::Redeem { reward, quantity, cause, .. } => {
                let cost = if cause.is_none() { i64::from(*quantity) * price(reward, self.tiers.at(now)) } else { 0 };
                if cause.is_none() && self.books.debt > 0 {
                    return Err("spends in debt".to_owned());
                }
                if cause.is_some() && *quantity != 1 {
                    return Err(format!("is given {quantity} times"));
                }
                let taken = self.rewarded.entry((reward.clone(), day_of(now))).or_default();
                *taken += i64::from(*quantity);
                if reward == "drink" && *taken > 1 {
                    return Err("is one more than the limit".to_owned());
                }
                self.spent(cost)
            }
            Detail::Reverse { redemption, points, initiated_by, .. } => {
                self.reverse(*redemption, *points, *initiated_by, now)
            }
            Detail::Hold { until, .. } => self.held(entry, until.as_millisecond(), now),
            Detail::Capture { hold, .. } => {
                self.books.holds.remove(hold).ok_or("captures a hold that is not open")?;
                Ok(self.books.held_by(*hold).into_iter().map(|(at, points)| Moved::Held(*hold, at, -points)).collect())
            }
            Detail::Release { hold } => self.let_go(*hold, now),
            Detail::Adjust { request, .. } => self.adjust(entry, *request, now),
            Detail::Closed { released, expired, forgiven } => self.closed([*released, *expired, *forgiven]),
            Detail::AdjustmentRequest { .. } => Ok(Vec::new()),
            Detail::Opening { .. } | Detail::OpeningWithdrawn { .. } => self.opened(entry, now),
            Detail::Standing { .. } | Detail::TransferOut { .. } | Detail::TransferIn { .. } => self.stood(entry, now),
            Detail::Benefit { .. }
            | Detail::BenefitReversal { .. }
            | Detail::VoucherUse { .. }
            | Detail::GrantRefused { .. }
            | Detail::Settle
            | Detail::Evaluate { .. }
            | Detail::Floor { .. } => self.moved_nothing(entry, now).map(|()| Vec::new()),
        }
    }

    /// What came back of an order: of one that went to another member all that was left; it may come back one day.
    fn came_back(&mut self, entry: &Entry, order: &str, moved: bool) -> Result<Vec<Moved>, String> {
        let took = self.refund(entry)?;
        let gone = if moved { self.orders.remove(order) } else { None };
        match gone {
            Some(gone) if gone.refunded != gone.net - gone.netted => {
                Err(format!("moves an order of which {} are left", gone.net - gone.netted - gone.refunded))
            }
            _ => Ok(took),
        }
    }

    /// A hold ends, and its points go back.
    fn let_go(&mut self, hold: u64, now: i64) -> Result<Vec<Moved>, String> {
        self.books.holds.remove(&hold).ok_or("releases a hold that is not open")?;
        let released = self.books.released(hold);
        self.too_late(&released, now);
        Ok(released)
    }

    /// A hold, until an instant.
    fn held(&mut self, entry: &Entry, until: i64, now: i64) -> Result<Vec<Moved>, String> {
        self.books.holds.insert(entry.sequence, until);
        let held: i64 = entry
            .movements
            .iter()
            .map(Moved::from)
            .map(|moved| if let Moved::Held(_, _, points) = moved { points } else { 0 })
            .sum();
        let both = |moved: Moved| match moved {
            Moved::Active(at, points) => vec![moved, Moved::Held(entry.sequence, at, -points)],
            other => vec![other],
        };
        if until != now + 15 * 60_000 {
            return Err("does not hold for fifteen minutes".to_owned());
        }
        Ok(self.spent(held)?.into_iter().flat_map(both).collect())
    }

    /// An entry that moves no points: what it says of tier, scores and benefits.
    fn moved_nothing(&mut self, entry: &Entry, now: i64) -> Result<(), String> {
        match &entry.detail {
            Detail::Benefit { benefit, tier, .. } => self.used(benefit, tier, now),
            Detail::GrantRefused { reward, benefit, code, .. } => {
                self.not_given(reward.as_deref(), benefit.as_deref(), code, now)
            }
            Detail::BenefitReversal { used, benefit } => self.unused(*used, benefit, now),
            Detail::VoucherUse { redemption, reward } => self.used_voucher(*redemption, reward, now),
            Detail::Settle if entry.settled.is_empty() => Err("settles nothing".to_owned()),
            Detail::Settle => match self.tiers.clone().evaluate(self.segment().as_deref(), now)[..] {
                [] => Ok(()),
                ref left_out => Err(format!("leaves out {left_out:?}")),
            },
            Detail::Evaluate { tiers, score } => {
                if let Some(score) = score {
                    self.rescored(score, now)?;
                }
                let expected = self.tiers.evaluate(self.segment().as_deref(), now);
                let told: Vec<Changed> = tiers.iter().map(Changed::from).collect();
                if told == expected { Ok(()) } else { Err(format!("says of the tier {told:?}, not {expected:?}")) }
            }
            Detail::Floor { tier, until, change, .. } => {
                let expected = self.tiers.set_floor(rank(tier), until.as_millisecond(), now);
                let told = change.as_ref().map(Changed::from);
                if told == expected {
                    Ok(())
                } else {
                    Err(format!("sets a floor that does {told:?}, not {expected:?}"))
                }
            }
            _ => Ok(()),
        }
    }

    fn spent(&self, points: i64) -> Result<Vec<Moved>, String> {
        let drawn = self.books.drawn(points);
        let found: i64 = drawn.iter().map(|moved| if let Moved::Active(_, points) = moved { -points } else { 0 }).sum();
        if found < points { Err(format!("spends {points} of {found} points")) } else { Ok(drawn) }
    }

    /// Does the account say what its entries say?
    pub(super) fn agrees(&self, account: &Account) -> Wrong {
        let mut wrong = Vec::new();
        let stored = Books { grace: self.books.grace.clone(), ..account.books.clone() };
        if stored != self.books {
            wrong.push(format!("the account has {stored:?}, its entries give {:?}", self.books));
        }
        if account.sequence != self.sequence() || account.head != self.head {
            wrong.push(format!("the account ends at {}, its entries at {}", account.sequence, self.sequence()));
        }
        let today = day_of(self.newest_at());
        let months = self.months.iter().filter(|(month, points)| **points != 0 && **month > month_of(today) - 14);
        let months: BTreeMap<i64, i64> = months.map(|(month, points)| (*month, *points)).collect();
        if account.months != months {
            wrong.push(format!("the account has status points {:?}, its entries give {months:?}", account.months));
        }
        let held = account.spans.iter().rev().find(|(_, since)| since.as_millisecond() <= self.newest_at());
        let (stored, given) = (held.map_or(0, |(tier, _)| rank(tier)), self.tiers.at(self.newest_at()));
        if stored != given {
            wrong.push(format!("the account has tier {stored}, its entries give {given}"));
        }
        if account.stands != self.stands {
            wrong.push(format!("the member stands at {}, by the entries at {}", account.stands, self.stands));
        }
        wrong.extend(account.remembered.differs(&self.remembered()));
        let found_at = account.due.map(|due| due.as_millisecond());
        if self.due().is_some_and(|due| found_at.is_none_or(|found_at| found_at > due)) {
            wrong.push(format!("is due at {:?} and found at {found_at:?}", self.due()));
        }
        wrong
    }
}

/// What a reward costs a member of a tier.
fn price(reward: &str, rank: usize) -> i64 {
    match reward {
        "toy" => [2_000, 2_000, 1_800, 1_600][rank],
        "sticker" => 50,
        _ => 100,
    }
}

fn kind(entry: &Entry) -> &'static str {
    match entry.detail {
        Detail::Earn { .. } => "earn",
        Detail::Refund { .. } => "refund",
        Detail::Redeem { .. } => "redeem",
        Detail::Reverse { .. } => "reverse",
        Detail::Hold { .. } => "hold",
        Detail::Capture { .. } => "capture",
        Detail::Release { .. } => "release",
        Detail::Adjust { .. } => "adjust",
        Detail::AdjustmentRequest { .. } => "request",
        Detail::Settle => "settle",
        Detail::Evaluate { .. } => "evaluate",
        Detail::Benefit { .. } => "benefit",
        Detail::BenefitReversal { .. } => "benefit reversal",
        Detail::VoucherUse { .. } => "voucher use",
        Detail::GrantRefused { .. } => "grant refused",
        Detail::ActivityReversal { .. } => "activity reversal",
        Detail::Floor { .. } => "floor",
        Detail::Standing { .. } => "standing",
        Detail::Closed { .. } => "closed",
        Detail::Opening { .. } => "opening",
        Detail::OpeningWithdrawn { .. } => "opening withdrawn",
        Detail::TransferOut { .. } => "transfer out",
        Detail::TransferIn { .. } => "transfer in",
    }
}
