//! A member's account: where the points are, and what later decisions must remember.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::books::Setting;
use crate::calendar::{Month, Period, Zone, add_days, add_months};
use crate::entry::{Movement, Settlement};
use crate::id::{Hash, MemberId};
use crate::planted;
use crate::programme::Programme;
use crate::quantity::{Minor, Points, Ratio};
use crate::segments::Score;
use crate::tiers::{Evidence, Tiers, told_before};

/// The whole decision state of one member. Reads settle it first: [`Account::settled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub member: MemberId,
    /// The newest entry's sequence number; 0 before the first.
    pub sequence: u64,
    /// The newest entry's hash.
    pub head: Hash,
    /// Where the points are.
    pub pockets: Pockets,
    /// The tier and what it rests on.
    pub tiers: Tiers,
    /// Scores and segment; absent before the first evaluation.
    pub score: Option<Score>,
    /// When the newest entry was recorded; absent before the first. What was due by then is in the books.
    pub written_at: Option<Timestamp>,
    /// Open holds by the sequence of the entry that made them.
    pub holds: BTreeMap<u64, Hold>,
    /// Status points by month of the fact; the newest [`Account::QUALIFYING_MONTHS`].
    pub qualifying: BTreeMap<Month, Points>,
    /// What limited rules and rewards have counted, by period.
    pub counters: BTreeMap<Counter, i64>,
    /// Dates of activities that count streaks, by rule: runs of consecutive day numbers.
    pub streaks: BTreeMap<String, Vec<Run>>,
    /// Multipliers waiting for the next order.
    pub boosts: Vec<Boost>,
    /// Refunds that arrived before their order.
    pub parked: BTreeMap<String, Parked>,
    /// Expiry instants of grace lots: what is spent from them gets no second grace.
    pub grace: BTreeSet<Timestamp>,
}

/// Where points are. All amounts are positive; an empty pocket is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pockets {
    /// Spendable, by the instant at which they expire.
    pub active: BTreeMap<Timestamp, Points>,
    /// Not yet spendable, by the instants at which they activate and expire.
    pub pending: BTreeMap<(Timestamp, Timestamp), Points>,
    /// Held at a checkout, by hold and expiry.
    pub held: BTreeMap<(u64, Timestamp), Points>,
    /// Owed after a refund of spent points.
    pub debt: Points,
}

/// Points held for an order that is being paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Which order.
    pub order: String,
    /// What the held points pay, in minor units.
    pub value: Minor,
    /// When the hold ends by itself.
    pub until: Timestamp,
}

/// A counter of a limited rule (`rule`), a limited reward (`reward:ID`) or a benefit (`benefit:ID`), for the period that begins
/// on a date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter {
    /// What is counted.
    pub what: String,
    /// Over which period.
    pub period: Period,
    /// The period's first date.
    pub start: Date,
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let rank = |period: &Self| match period {
            Self::CalendarDay => 0,
            Self::CalendarMonth => 1,
            Self::CalendarYear => 2,
            Self::Ever => 3,
        };
        rank(self).cmp(&rank(other))
    }
}

impl Counter {
    /// The counter of `what` for the period that `date` lies in.
    #[must_use]
    pub fn new(what: &str, period: Period, date: Date) -> Self {
        Self { what: what.to_owned(), period, start: period.start(date) }
    }
}

/// Consecutive local dates, as day numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The first day.
    pub first: i32,
    /// The last day.
    pub last: i32,
}

/// A multiplier on the next order that is paid while it waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Boost {
    /// The rule that granted it.
    pub rule: String,
    /// By how much.
    pub multiplier: Ratio,
    /// The most points it adds.
    pub cap: Points,
    /// Since when it waits.
    pub from: Timestamp,
    /// Until when it waits.
    pub until: Timestamp,
}

/// The sum of refunds that wait for their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parked {
    /// How much, in minor units.
    pub amount: Minor,
    /// When the last of them was recorded.
    pub at: Timestamp,
}

impl Boost {
    /// Does it wait for an order paid at this instant?
    #[must_use]
    pub fn waits_at(&self, paid_at: Timestamp) -> bool {
        (self.from..self.until).contains(&paid_at)
    }

    /// The one boost that comes of two grants: for the time of both if they meet, else for the later.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let (earlier, later) = if self.until <= other.until { (self, other) } else { (other, self) };
        let from = if later.from <= earlier.until { later.from.min(earlier.from) } else { later.from };
        Self { from, ..later }
    }
}

impl Pockets {
    /// Moves points.
    ///
    /// # Panics
    /// If a pocket would hold less than nothing: the caller took what is not there.
    pub fn apply(&mut self, movement: &Movement) {
        assert!(self.try_apply(movement), "{movement:?} takes points that are not there");
    }

    /// Moves points; `false`, and nothing is moved, if a pocket would hold less than nothing.
    #[must_use]
    pub fn try_apply(&mut self, movement: &Movement) -> bool {
        fn put<K: Ord>(pocket: &mut BTreeMap<K, Points>, key: K, points: Points) -> bool {
            let sum = pocket.get(&key).copied().unwrap_or_default() + points;
            if sum.is_positive() {
                pocket.insert(key, sum);
            } else if sum.is_zero() {
                pocket.remove(&key);
            }
            sum >= Points::ZERO
        }
        match *movement {
            Movement::Active { expires_at, points } => put(&mut self.active, expires_at, points),
            Movement::Pending { activates_at, expires_at, points } => {
                put(&mut self.pending, (activates_at, expires_at), points)
            }
            Movement::Held { hold, expires_at, points } => put(&mut self.held, (hold, expires_at), points),
            Movement::Debt { points } if points > self.debt => false, // more is repaid than owed
            Movement::Debt { points } => {
                self.debt -= points;
                true
            }
        }
    }

    /// Takes a movement back.
    pub fn undo(&mut self, movement: &Movement) {
        self.apply(&movement.reversed());
    }

    /// Spendable points.
    #[must_use]
    pub fn active_points(&self) -> Points {
        self.active.values().copied().sum()
    }

    /// Points not yet spendable.
    #[must_use]
    pub fn pending_points(&self) -> Points {
        self.pending.values().copied().sum()
    }

    /// Points held at a checkout.
    #[must_use]
    pub fn held_points(&self) -> Points {
        self.held.values().copied().sum()
    }

    /// Active + pending + held - debt: what the entries of the account sum to.
    #[must_use]
    pub fn total(&self) -> Points {
        self.active_points() + self.pending_points() + self.held_points() - self.debt
    }

    /// The next points to become spendable, and when.
    #[must_use]
    pub fn next_activation(&self) -> Option<(Timestamp, Points)> {
        let (&(at, _), _) = self.pending.first_key_value()?;
        let points =
            self.pending.iter().take_while(|((activates, _), _)| *activates == at).map(|(_, points)| *points).sum();
        Some((at, points))
    }

    /// Movements that take `points` from the active lots, those that expire first first; takes what there is.
    #[must_use]
    pub fn draw(&self, points: Points) -> Vec<Movement> {
        let mut left = points;
        let mut movements = Vec::new();
        let mut lots = self.active.iter();
        while let Some((&expires_at, &available)) =
            if planted!("bug-newest-lot-first") { lots.next_back() } else { lots.next() }
        {
            let taken = left.min(available);
            if taken.is_zero() {
                break;
            }
            movements.push(Movement::Active { expires_at, points: -taken });
            left -= taken;
        }
        movements
    }

    /// Movements that add `points` to a lot, after repaying the debt.
    #[must_use]
    pub fn credit(&self, expires_at: Timestamp, points: Points) -> Vec<Movement> {
        let repaid = self.debt.min(points);
        let mut movements = Vec::new();
        if repaid.is_positive() {
            movements.push(Movement::Debt { points: repaid });
        }
        if points > repaid {
            movements.push(Movement::Active { expires_at, points: points - repaid });
        }
        movements
    }

    /// When the last of the points expire, wherever they are.
    #[must_use]
    pub fn last_expiry(&self) -> Option<Timestamp> {
        let active = self.active.keys().copied();
        let pending = self.pending.keys().map(|(_, expires_at)| *expires_at);
        active.chain(pending).chain(self.held.keys().map(|(_, expires_at)| *expires_at)).max()
    }

    /// Movements after which no points expire before an instant.
    #[must_use]
    pub fn slide(&self, to: Timestamp) -> Vec<Movement> {
        let active = self.active.iter().map(|(&expires_at, &points)| Movement::Active { expires_at, points });
        let pending = self.pending.iter().map(|(&(activates_at, expires_at), &points)| Movement::Pending {
            activates_at,
            expires_at,
            points,
        });
        let held = self.held.iter().map(|(&(hold, expires_at), &points)| Movement::Held { hold, expires_at, points });
        let slid = active.chain(pending).chain(held).filter_map(|there| Some([there.reversed(), there.slid(to)?]));
        slid.flatten().collect()
    }

    /// What time has done by `now`, in the order in which it happened: pending points activate (and repay debt), lots
    /// expire, holds that ended give their points back.
    fn settle(&mut self, holds: &BTreeMap<u64, Hold>, now: Timestamp) -> Vec<Settlement> {
        let mut settled = Vec::new();
        while let Some(next) = self.next_settlement(holds, now) {
            for movement in next.movements() {
                self.apply(&movement);
            }
            settled.push(next);
        }
        settled
    }

    fn next_settlement(&self, holds: &BTreeMap<u64, Hold>, now: Timestamp) -> Option<Settlement> {
        let expiry = self.active.first_key_value().map(|(&at, _)| at).filter(|&at| at <= now);
        let expiry = expiry.filter(|_| !planted!("bug-expiry-waits"));
        let activation = self.pending.first_key_value().map(|(&(at, _), _)| at).filter(|&at| at <= now);
        let release = holds
            .iter()
            .filter(|(hold, open)| {
                open.until <= now
                    && self.held.range((**hold, Timestamp::MIN)..).next().is_some_and(|((of, _), _)| of == *hold)
            })
            .map(|(&hold, open)| (open.until, hold))
            .min()
            .filter(|_| !planted!("bug-hold-never-ends"));
        let first = [expiry, activation, release.map(|(at, _)| at)].into_iter().flatten().min()?;
        if expiry == Some(first) {
            let (&expires_at, &points) = self.active.first_key_value()?;
            return Some(Settlement::Expired { expires_at, points });
        }
        if let Some((at, hold)) = release.filter(|(at, _)| *at == first) {
            return Some(self.release(hold, at));
        }
        let (&(activates_at, expires_at), &points) = self.pending.first_key_value()?;
        let repaid = if planted!("bug-debt-not-repaid") { Points::ZERO } else { self.debt.min(points) };
        Some(Settlement::Activated { activates_at, expires_at, points, repaid })
    }

    /// The end of a hold: its points go back to their lots, repaying debt first.
    #[must_use]
    pub fn release(&self, hold: u64, until: Timestamp) -> Settlement {
        let parts: Vec<_> = self.held_by(hold).collect();
        let repaid = self.debt.min(parts.iter().map(|(_, points)| *points).sum());
        Settlement::Released { hold, until, parts, repaid }
    }

    /// What a hold holds, by expiry.
    pub fn held_by(&self, hold: u64) -> impl Iterator<Item = (Timestamp, Points)> {
        let range = self.held.range((hold, Timestamp::MIN)..=(hold, Timestamp::MAX));
        range.map(|(&(_, expires_at), &points)| (expires_at, points))
    }
}

impl Account {
    /// How many months of status points are kept: the running month, the twelve before it, and one more that an upgrade of
    /// last month looked at, while it can be revoked.
    pub const QUALIFYING_MONTHS: i32 = 14;
    /// How many holds one member may have open.
    pub const MAX_HOLDS: usize = 8;
    /// How many orders may have refunds waiting for them.
    pub const MAX_PARKED: usize = 16;
    /// How many runs of dates a streak remembers; late events (at most 48 h) can only join the newest.
    pub const MAX_RUNS: usize = 3;
    /// How many boosts can wait; those that end first make room.
    pub const MAX_BOOSTS: usize = 4;

    /// An account before its first entry.
    #[must_use]
    pub fn new(member: MemberId) -> Self {
        Self {
            member,
            sequence: 0,
            head: Hash::GENESIS,
            pockets: Pockets::default(),
            tiers: Tiers::default(),
            score: None,
            written_at: None,
            holds: BTreeMap::new(),
            qualifying: BTreeMap::new(),
            counters: BTreeMap::new(),
            streaks: BTreeMap::new(),
            boosts: Vec::new(),
            parked: BTreeMap::new(),
            grace: BTreeSet::new(),
        }
    }

    /// The account as it is at the setting's time, and what time has done to it since it was written.
    #[must_use]
    pub fn settled(&self, setting: Setting<'_>) -> (Self, Vec<Settlement>) {
        let Setting { programmes, now } = setting;
        let mut account = self.clone();
        let mut settled = account.pockets.settle(&self.holds, now);
        let evidence = Evidence { months: &self.qualifying, segment: self.segment() };
        let tiers = account.tiers.settle(programmes, evidence, now);
        settled.extend(tiers.into_iter().map(Settlement::Tier));
        settled.extend(account.notices(setting));
        account.holds.retain(|_, hold| hold.until > now || planted!("bug-hold-never-ends"));
        let held = |lot: &Timestamp| account.pockets.held.keys().any(|(_, held)| held == lot);
        account.grace.retain(|lot| *lot > now || held(lot));
        (account, settled)
    }

    /// The tier at an instant; `None` is the base tier.
    #[must_use]
    pub fn tier_at(&self, at: Timestamp) -> Option<&str> {
        self.tiers.at(at)
    }

    /// The member's segment, as last scored.
    #[must_use]
    pub fn segment(&self) -> Option<&str> {
        self.score.as_ref().map(|score| score.segment.as_str())
    }

    /// The instant at which the ledger next has to say what time does to the account: points expire, a hold ends, a tier's period
    /// or grace ends, a score may change, the member is to be told of something that is near, or points have been spendable for
    /// as long as the programme lets that go unsaid.
    #[must_use]
    pub fn due(&self, setting: Setting<'_>) -> Option<Timestamp> {
        let expiry = self.pockets.active.keys().next().copied();
        let activation = self.activation_due(setting);
        let release = self.holds.values().map(|hold| hold.until).min();
        let tier = self.tiers.due(setting.programmes);
        let score = self.score.as_ref().and_then(|score| score.next);
        let notice = self.notices_of(setting).map(|(at, _)| at).min();
        [expiry, activation, release, tier, score, notice].into_iter().flatten().min()
    }

    /// When the ledger has to say that points became spendable: some days later, but before it has to say anything more of them.
    fn activation_due(&self, setting: Setting<'_>) -> Option<Timestamp> {
        let programme = setting.programmes.at(setting.now);
        let points = programme.points();
        let due = |&(activates_at, expires_at): &(Timestamp, Timestamp)| {
            let latest = add_days(activates_at, points.record_activation_within_days).min(expires_at);
            let told = told_before(programme.zone(), &points.notify_before_expiry_days, expires_at).map(|(at, _)| at);
            told.filter(|at| self.is_untold(*at)).map(|at| at.max(activates_at)).chain([latest]).min()
        };
        self.pockets.pending.keys().filter_map(due).min()
    }

    /// What the member is to be told, and when: points that expire and a tier that falls, so many days before. What was to be
    /// told before the account was last written has been told.
    fn notices_of(&self, setting: Setting<'_>) -> impl Iterator<Item = (Timestamp, Settlement)> {
        let programme = setting.programmes.at(setting.now);
        let days = &programme.points().notify_before_expiry_days;
        let expiring = self.pockets.active.iter().flat_map(move |(&expires_at, &points)| {
            told_before(programme.zone(), days, expires_at)
                .map(move |(at, days)| (at, Settlement::Expiring { expires_at, points, days }))
        });
        let falling = self.tiers.falling(setting.programmes, self.segment());
        let days = &programme.document().tiers.notify_before_downgrade_days;
        let falling = falling.into_iter().flat_map(move |(tier, falls_at, missing)| {
            told_before(programme.zone(), days, falls_at).map(move |(at, days)| {
                (at, Settlement::DowngradeUpcoming { tier: tier.clone(), at: falls_at, missing, days })
            })
        });
        expiring.chain(falling).filter(|(at, _)| self.is_untold(*at))
    }

    /// Was the account last written before an instant, so that what is to be told then is yet to be told?
    fn is_untold(&self, at: Timestamp) -> bool {
        self.written_at.is_some_and(|written| written < at)
    }

    /// What the member is to be told now; of several notices of one thing that come late, the last.
    fn notices(&self, setting: Setting<'_>) -> Vec<Settlement> {
        let about = |notice: &Settlement| match notice {
            Settlement::Expiring { expires_at, .. } => Some(*expires_at),
            _ => None,
        };
        let mut due: Vec<_> = self.notices_of(setting).filter(|(at, _)| *at <= setting.now).collect();
        due.sort_by_key(|(at, _)| *at);
        let mut told: Vec<Settlement> = Vec::new();
        for (_, notice) in due {
            told.retain(|earlier| about(earlier) != about(&notice));
            told.push(notice);
        }
        told
    }

    /// Adds the status points of a fact, or takes them back.
    pub fn credit_status(&mut self, zone: &Zone, (occurred_at, recorded_at): (Timestamp, Timestamp), points: Points) {
        self.qualify(Month::of(zone.date(occurred_at)), points);
        self.tiers.credit(occurred_at, recorded_at, points);
    }

    /// The counter's value.
    #[must_use]
    pub fn counted(&self, counter: &Counter) -> i64 {
        self.counters.get(counter).copied().unwrap_or_default()
    }

    /// Adds to a counter; one at zero is forgotten.
    pub fn count(&mut self, counter: Counter, by: i64) {
        let sum = self.counted(&counter).saturating_add(by);
        if sum > 0 {
            self.counters.insert(counter, sum)
        } else {
            self.counters.remove(&counter)
        };
    }

    /// Adds status points to a month.
    pub fn qualify(&mut self, month: Month, points: Points) {
        let sum = self.qualifying.get(&month).copied().unwrap_or_default() + points;
        if sum.is_zero() {
            self.qualifying.remove(&month)
        } else {
            self.qualifying.insert(month, sum)
        };
    }

    /// Forgets what no later decision can need, so that the account's size does not grow with its history: counters of
    /// periods that no accepted fact can fall into, months outside the year, boosts and refunds whose order can no longer
    /// come.
    pub fn forget(&mut self, programme: &Programme, now: Timestamp) {
        let (zone, backdate_days) = (programme.zone(), programme.document().programme.backdate_window_days);
        let today = zone.date(now);
        let oldest = zone.date(add_days(now, backdate_days.saturating_neg().saturating_sub(1)));
        self.counters.retain(|counter, _| {
            // Rewards and benefits are had when they are asked for; facts may be reported late.
            let at_once = counter.what.starts_with("reward:") || counter.what.starts_with("benefit:");
            let open_until = if at_once { today } else { oldest };
            counter.period.end(counter.start).is_none_or(|end| end > open_until)
        });
        let months = Month::of(add_months(today, Self::QUALIFYING_MONTHS.saturating_sub(1).saturating_neg()));
        self.qualifying.retain(|month, _| *month >= months);
        let limit = add_days(now, backdate_days.saturating_neg().saturating_sub(1));
        self.parked.retain(|_, parked| parked.at > limit);
        self.boosts.retain(|boost| boost.until > limit);
        for runs in self.streaks.values_mut() {
            let excess = runs.len().saturating_sub(Self::MAX_RUNS);
            runs.drain(..excess);
        }
        self.tiers.forget(programme, limit, now);
    }
}
