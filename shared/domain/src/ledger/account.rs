//! A member's account: where the points are, and what later decisions must remember.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::kernel::canonical::Hash;
use crate::kernel::id::MemberId;
use crate::kernel::quantity::{Minor, Points};
use crate::kernel::time::{Month, Zone, add_months};
use crate::ledger::boost::Boost;
use crate::ledger::brought::Cutovers;
use crate::ledger::counter::{Counter, Run};
use crate::ledger::entry::{Detail, Entry};
use crate::ledger::membership::Membership;
use crate::ledger::pockets::{Hold, Pockets};
use crate::ledger::seal::Seal;
use crate::ledger::settlement::Settlement;
use crate::programme::compiled::Programme;
use crate::standing::scores::Score;
use crate::standing::tiers::Tiers;

/// The whole decision state of one member. Reads settle it first: [`Account::settled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub member: MemberId,
    /// The newest entry's sequence number; 0 before the first.
    pub sequence: u64,
    /// The newest entry's hash.
    pub head: Hash,
    /// What the account was after that entry: [`Account::seal_of_state`].
    pub seal: Seal,
    /// Whether the member may earn and spend.
    pub membership: Membership,
    /// Where the points are.
    pub pockets: Pockets,
    /// The tier and what it rests on.
    pub tiers: Tiers,
    /// Scores and segment; absent before the first evaluation.
    pub score: Option<Score>,
    /// The scores may have changed since they were worked out: somebody is to work them out anew.
    pub rescore: bool,
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
    /// Expiry instants of grace lots: what is spent from them gets no second grace.
    pub grace: BTreeSet<Timestamp>,
    /// The entries that brought something over from another programme, by source and part.
    pub openings: BTreeMap<String, u64>,
    /// When that was, of whom it is said, and of who was absorbed: what happened before is not told by others.
    pub cutovers: Cutovers,
    /// What was earned in all in other programmes, as it was brought over.
    pub lifetime: Points,
}

impl Account {
    /// How many months of status points are kept: the running month, the twelve before it, and one more that an upgrade of
    /// last month looked at, while it can be revoked.
    pub const QUALIFYING_MONTHS: i32 = 14;
    /// How many holds one member may have open.
    pub const MAX_HOLDS: usize = 8;
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
            seal: Seal::NONE,
            membership: Membership::default(),
            pockets: Pockets::default(),
            tiers: Tiers::default(),
            score: None,
            rescore: false,
            written_at: None,
            holds: BTreeMap::new(),
            qualifying: BTreeMap::new(),
            counters: BTreeMap::new(),
            streaks: BTreeMap::new(),
            boosts: Vec::new(),
            grace: BTreeSet::new(),
            openings: BTreeMap::new(),
            cutovers: Cutovers::new(),
            lifetime: Points::ZERO,
        }
    }

    /// Takes its newest entry back: where the points were, which holds were open, and which tier was in force before
    /// it. Counters and whatever else only later decisions need stay as they are.
    pub fn undo(&mut self, entry: &Entry) {
        entry.undo_from(&mut self.pockets);
        self.sequence = entry.sequence.saturating_sub(1);
        let hold = |until| Hold { order: String::new(), value: Minor::ZERO, until };
        match entry.detail {
            Detail::Hold { .. } => _ = self.holds.remove(&entry.sequence),
            Detail::Capture { hold: ended, until, .. } => _ = self.holds.insert(ended, hold(until)),
            Detail::Release { hold: ended } => _ = self.holds.insert(ended, hold(entry.recorded_at)),
            _ => {}
        }
        for settlement in &entry.settled {
            if let Settlement::Released { hold: ended, until, .. } = *settlement {
                self.holds.insert(ended, hold(until));
            }
        }
        for change in entry.tier_changes().collect::<Vec<_>>().into_iter().rev() {
            self.tiers.undo(change);
        }
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

    /// Adds the status points of a fact, or takes them back.
    pub fn credit_status(&mut self, zone: &Zone, occurred_at: Timestamp, recorded_at: Timestamp, points: Points) {
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

    /// Lets a multiplier wait for the next order, together with one of its rule that waits already.
    pub fn wait(&mut self, granted: Boost) {
        let boost = match self.boosts.iter().position(|boost| boost.rule == granted.rule) {
            Some(waiting) => self.boosts.remove(waiting).joined(granted),
            None => granted,
        };
        self.boosts.push(boost);
        self.boosts.sort_by_key(|boost| boost.until);
        let excess = self.boosts.len().saturating_sub(Self::MAX_BOOSTS);
        self.boosts.drain(..excess);
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
    /// periods that no accepted fact can fall into, months outside the year, boosts whose order can no longer come.
    pub fn forget(&mut self, programme: &Programme, now: Timestamp) {
        let (zone, limit) = (programme.zone(), programme.open_since(now));
        let (today, oldest) = (zone.date(now), zone.date(limit));
        self.counters.retain(|counter, _| {
            // Rewards and benefits are had when they are asked for; facts may be reported late.
            let at_once = counter.what.starts_with("reward:") || counter.what.starts_with("benefit:");
            let open_until = if at_once { today } else { oldest };
            counter.period.end(counter.start).is_none_or(|end| end > open_until)
        });
        let months = Month::of(add_months(today, Self::QUALIFYING_MONTHS.saturating_sub(1).saturating_neg()));
        self.qualifying.retain(|month, _| *month >= months);
        self.boosts.retain(|boost| boost.until > limit);
        for runs in self.streaks.values_mut() {
            let excess = runs.len().saturating_sub(Self::MAX_RUNS);
            runs.drain(..excess);
        }
        self.tiers.forget(programme, limit, now);
    }
}
