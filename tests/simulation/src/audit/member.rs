//! One member's ledger, followed entry by entry: every number is worked out again from the entries before and the rules of
//! the default programme, as rules.md and `programme.toml` state them, with arithmetic of the auditor's own.

use std::collections::{BTreeMap, BTreeSet};

use super::books::{Books, Moved};
use super::calendar::{DAY, day_of, expiry, month_of, start_of};
use super::canonical::{Hash, link};
use super::entry::{Detail, Entry, Initiator, Inputs, ScoreChange, Scores, Settlement};
use super::items::Account;
use super::scores::{Scored, scored};
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
/// For how many days an order is looked for when it is refunded.
const REFUND_DAYS: i64 = 365 + BACKDATE_DAYS;
/// For how many days facts are accepted; what waits for an order is forgotten one day later.
const BACKDATE_DAYS: i64 = 30;

/// What the auditor knows of an order.
#[derive(Debug, Clone)]
struct Order {
    net: i64,
    netted: i64,
    boosted: bool,
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
        let extra = if self.boosted { (left * (over + under) / (under * 100) - base).min(BOOST_CAP) } else { 0 };
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
    parked: BTreeMap<String, (i64, i64)>,
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
    /// Takes an entry in; says what is wrong with it.
    pub(crate) fn enter(&mut self, entry: &Entry) -> Wrong {
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
        match self.expected(entry, now) {
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
        wrong.extend(self.books.unsound(now).map(str::to_owned));
        if self.books.total() != entry.balance {
            wrong.push(format!("says {} are left, the entries say {}", entry.balance, self.books.total()));
        }
        let limit = now - (BACKDATE_DAYS + 1) * DAY;
        self.parked.retain(|_, (_, at)| *at > limit);
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
    fn expected(&mut self, entry: &Entry, now: i64) -> Result<Vec<Moved>, String> {
        match &entry.detail {
            Detail::Earn { activity, order, inputs, trace, status } => {
                let given: BTreeMap<&str, i64> = trace.iter().map(|(rule, points)| (rule.as_str(), *points)).collect();
                let (expected, credit) = match order {
                    Some(order) => self.order(order, inputs, entry)?,
                    None => {
                        let behaviour = self.behaviour(activity, inputs, entry)?;
                        let credit = if behaviour.contains_key("product-review") { 50 } else { 0 };
                        (behaviour, credit)
                    }
                };
                let points = expected.values().sum();
                let day = day_of(entry.occurred_at.as_millisecond());
                *self.by_day.entry(day).or_default() += points;
                *self.months.entry(month_of(day)).or_default() += credit;
                self.tiers.credit(entry.occurred_at.as_millisecond(), now, credit);
                if given != expected || credit != *status {
                    return Err(format!("gives {given:?} and {status} status, not {expected:?} and {credit}"));
                }
                Ok(self.credited(entry, points, order.is_some()))
            }
            Detail::Refund { .. } => self.refund(entry, now),
            Detail::Redeem { reward, quantity, .. } => {
                let cost = i64::from(*quantity) * price(reward, self.tiers.at(now));
                if self.books.debt > 0 {
                    return Err("spends in debt".to_owned());
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
            Detail::Hold { until, .. } => {
                self.books.holds.insert(entry.sequence, until.as_millisecond());
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
                if until.as_millisecond() != now + 15 * 60_000 {
                    return Err("does not hold for fifteen minutes".to_owned());
                }
                Ok(self.spent(held)?.into_iter().flat_map(both).collect())
            }
            Detail::Capture { hold, .. } => {
                self.books.holds.remove(hold).ok_or("captures a hold that is not open")?;
                Ok(self.books.held_by(*hold).into_iter().map(|(at, points)| Moved::Held(*hold, at, -points)).collect())
            }
            Detail::Release { hold } => {
                self.books.holds.remove(hold).ok_or("releases a hold that is not open")?;
                let released = self.books.released(*hold);
                self.too_late(&released, now);
                Ok(released)
            }
            Detail::Adjust { request, .. } => self.adjust(entry, *request, now),
            Detail::AdjustmentRequest { .. } => Ok(Vec::new()),
            Detail::Benefit { .. } | Detail::Settle | Detail::Evaluate { .. } | Detail::Floor { .. } => {
                self.moved_nothing(entry, now).map(|()| Vec::new())
            }
        }
    }

    /// An entry that moves no points: what it says of tier, scores and benefits.
    fn moved_nothing(&mut self, entry: &Entry, now: i64) -> Result<(), String> {
        match &entry.detail {
            Detail::Benefit { benefit, tier } => self.used(benefit, tier, now),
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

    /// A benefit is used by who has it, as often as a year, or a life, allows.
    fn used(&mut self, benefit: &str, tier: &str, now: i64) -> Result<(), String> {
        let rank = self.tiers.at(now);
        let (least, most, yearly) = match benefit {
            "birthday-gift" => (2, 1, true),
            "engraved-badge" => (2, 1, false),
            "closed-salon" => (3, 2, true),
            "one-to-one" => (3, 1, true),
            "free-shipping" => (1, i64::MAX, true),
            other => return Err(format!("uses a benefit {other} that the auditor does not know")),
        };
        let year = if yearly { month_of(day_of(now)) / 12 } else { 0 };
        let used = self.used.entry((benefit.to_owned(), year)).or_default();
        *used += 1;
        if rank < least || *used > most || tier != super::tiers::name(rank) {
            return Err(format!("uses {benefit} as {tier} for the {used}. time"));
        }
        Ok(())
    }

    fn segment(&self) -> Option<String> {
        self.score.as_ref().map(|(_, segment, _)| segment.clone())
    }

    /// What time has done to the tier, and what the member is to be told.
    fn by_time(&mut self, entry: &Entry, now: i64) -> Wrong {
        let mut wrong = Vec::new();
        let segment = self.segment();
        let expected = self.tiers.settle(segment.as_deref(), now);
        let told = entry.settled.iter().filter_map(|settlement| match settlement {
            Settlement::Tier(change) => Some(Changed::from(change)),
            _ => None,
        });
        let told: Vec<Changed> = told.collect();
        if told != expected {
            wrong.push(format!("says time did {told:?} to the tier, not {expected:?}"));
        }
        let last = self.entries.last().map_or(i64::MAX, |last| last.recorded_at.as_millisecond());
        // Of the days before something on which the member is told, the last that has come since the last entry.
        let days = |at: i64| {
            let told_at = |days: &i64| start_of(day_of(at) - days);
            [30, 7].into_iter().filter(|days| (last + 1..=now).contains(&told_at(days))).min()
        };
        let mut expected: BTreeSet<(i64, i64, i64)> = BTreeSet::new();
        let lots = self.books.active.iter();
        expected.extend(lots.filter_map(|(at, points)| Some((*at, *points, days(*at)?))));
        let falling = self.tiers.falling(segment.as_deref());
        expected.extend(falling.and_then(|(_, at, missing)| Some((at, -missing, days(at)?))));
        let told = entry.settled.iter().filter_map(|settlement| match settlement {
            Settlement::Expiring { expires_at, points, days } => Some((expires_at.as_millisecond(), *points, *days)),
            Settlement::DowngradeUpcoming { at, missing, days, .. } => Some((at.as_millisecond(), -missing, *days)),
            _ => None,
        });
        let told: Vec<(i64, i64, i64)> = told.collect();
        if told.len() != expected.len() || !told.iter().all(|notice| expected.contains(notice)) {
            wrong.push(format!("tells {told:?}, and should {expected:?}"));
        }
        wrong
    }

    /// New scores must be those of the entries before.
    fn rescored(&mut self, change: &ScoreChange, now: i64) -> Result<(), String> {
        let Scored { scores, segment, tags } = scored(&self.entries, day_of(now));
        let tags: BTreeSet<String> = tags.into_iter().map(str::to_owned).collect();
        let before = self.score.replace((scores, segment.to_owned(), tags.clone()));
        let had = before.as_ref().map(|(_, _, tags)| tags.clone()).unwrap_or_default();
        let left = before.as_ref().map(|(_, segment, _)| segment).filter(|left| *left != segment);
        let told = (change.scores, change.segment.as_str(), change.left.as_ref());
        if told != (scores, segment, left) || change.before != before.as_ref().map(|(scores, _, _)| *scores) {
            return Err(format!("scores {told:?}, not {:?}", (scores, segment, left)));
        }
        if before == self.score {
            return Err("changes no score".to_owned());
        }
        let (tagged, untagged): (Vec<&String>, Vec<&String>) =
            (tags.difference(&had).collect(), had.difference(&tags).collect());
        if change.tagged.iter().ne(tagged) || change.untagged.iter().ne(untagged) {
            return Err(format!("tags {:?} and not {:?}", change.tagged, change.untagged));
        }
        Ok(())
    }

    /// The tier in force at an instant.
    pub(crate) fn tier(&self, at: i64) -> &'static str {
        super::tiers::name(self.tiers.at(at))
    }

    /// Has it a segment?
    pub(crate) fn is_scored(&self) -> bool {
        self.score.is_some()
    }

    /// What an evaluation at an instant would still change.
    pub(crate) fn unevaluated(&self, now: i64) -> Option<String> {
        let mut then = self.clone();
        let (by_time, by_facts) =
            (then.tiers.settle(self.segment().as_deref(), now), then.tiers.evaluate(self.segment().as_deref(), now));
        if !by_time.is_empty() || !by_facts.is_empty() {
            return Some(format!("the tier was not evaluated: {by_time:?} {by_facts:?}"));
        }
        let Scored { scores, segment, tags } = scored(&self.entries, day_of(now));
        let acted = |entry: &Entry| {
            matches!(
                entry.detail,
                Detail::Earn { .. } | Detail::Refund { .. } | Detail::Redeem { .. } | Detail::Hold { .. }
            )
        };
        let Some((known, in_segment, tagged)) = self.score.as_ref() else {
            return self.entries.iter().any(acted).then(|| "was never scored".to_owned());
        };
        let same = *known == scores && in_segment == segment && tagged.iter().map(String::as_str).eq(tags);
        (!same).then(|| format!("{known:?} {in_segment} is recorded, and {scores:?} {segment} is so"))
    }

    fn spent(&self, points: i64) -> Result<Vec<Moved>, String> {
        let drawn = self.books.drawn(points);
        let found: i64 = drawn.iter().map(|moved| if let Moved::Active(_, points) = moved { -points } else { 0 }).sum();
        if found < points { Err(format!("spends {points} of {found} points")) } else { Ok(drawn) }
    }

    /// How earned points come in.
    fn credited(&self, entry: &Entry, points: i64, pends: bool) -> Vec<Moved> {
        let (occurred, now) = (entry.occurred_at.as_millisecond(), entry.recorded_at.as_millisecond());
        let activates = start_of(day_of(occurred) + PENDING_DAYS);
        let expires = expiry(occurred);
        match points {
            0 => Vec::new(),
            _ if pends && activates > now => vec![Moved::Pending(activates, expires, points)],
            _ if expires <= now => vec![Moved::Active(expires, points)],
            _ => self.books.credited(expires, points),
        }
    }

    /// What an order gives: points and status points.
    fn order(&mut self, id: &str, inputs: &Inputs, entry: &Entry) -> Result<(Trace, i64), String> {
        let (occurred_at, recorded_at) = (entry.occurred_at.as_millisecond(), entry.recorded_at.as_millisecond());
        let net = inputs.net.unwrap_or(0);
        let parked = self.parked.remove(id).map_or(0, |(amount, _)| amount);
        let boosted = self.boost.is_some_and(|(from, until)| (from..until).contains(&occurred_at));
        if boosted {
            self.boost = None;
        }
        let used = self.by_day.get(&day_of(occurred_at)).copied().unwrap_or_default();
        let headroom = (DAY_CAP - used).max(0);
        let order = Order {
            net,
            netted: parked.min(net),
            boosted,
            headroom,
            rank: self.tiers.at(occurred_at),
            occurred_at,
            recorded_at,
            refunded: 0,
            clawed: 0,
            status_taken: 0,
        };
        let given = (order.by_rule(0), order.status(0));
        match self.orders.insert(id.to_owned(), order) {
            None => Ok(given),
            Some(_) => Err(format!("lets order {id} earn twice")),
        }
    }

    /// What a behaviour gives.
    fn behaviour(&mut self, activity: &str, inputs: &Inputs, entry: &Entry) -> Result<Trace, String> {
        let occurred_at = entry.occurred_at.as_millisecond();
        let day = day_of(occurred_at);
        let (rule, points, most) = match activity {
            "checkin" => ("checkin", self.checkin(day), None),
            "ugc.approved" => ("review-approved", 20, Some(5)),
            "survey.completed" => ("survey-complete", 10, Some(2)),
            "ugc.featured" => ("ugc-featured", 100, None),
            "suggestion.shipped" => ("suggestion-shipped", 100, None),
            "review.completed" => ("product-review", 20, Some(4)),
            "referral.qualified" => ("", 0, None),
            "task.completed" => {
                if inputs.attributes.get("task").is_some_and(|task| task == "watch_tutorial") {
                    self.grant(occurred_at, occurred_at + 14 * DAY);
                }
                ("tutorial-double", 0, None)
            }
            other => return Err(format!("is of an activity {other} that the auditor does not know")),
        };
        let used = self.by_day.get(&day).copied().unwrap_or_default();
        let points = points.min((DAY_CAP - used).max(0));
        let Some(most) = most.filter(|_| points > 0) else { return Ok(trace([(rule, points)])) };
        let paid = self.paid.entry((rule, month_of(day))).or_default();
        if *paid == most {
            return Ok(Trace::new());
        }
        *paid += 1;
        Ok(trace([(rule, points)]))
    }

    /// One point a day, and ten more for every seventh day in a row.
    fn checkin(&mut self, day: i64) -> i64 {
        let bonuses = |days: &BTreeSet<i64>, day: i64| -> i64 {
            if !days.contains(&day) {
                return 0;
            }
            let before = (1..).take_while(|back| days.contains(&(day - back))).count();
            let after = (1..).take_while(|on| days.contains(&(day + on))).count();
            i64::try_from((before + after + 1) / 7).unwrap_or_default()
        };
        let before = bonuses(&self.checkins, day - 1) + bonuses(&self.checkins, day + 1);
        if !self.checkins.insert(day) {
            return 0;
        }
        1 + 10 * (bonuses(&self.checkins, day) - before).max(0)
    }

    /// Two grants that meet are one.
    fn grant(&mut self, from: i64, until: i64) {
        self.boost = Some(match self.boost {
            None => (from, until),
            Some(waiting) => {
                let (earlier, later) =
                    if waiting.1 <= until { (waiting, (from, until)) } else { ((from, until), waiting) };
                (if later.0 <= earlier.1 { later.0.min(earlier.0) } else { later.0 }, later.1)
            }
        });
    }

    fn refund(&mut self, entry: &Entry, now: i64) -> Result<Vec<Moved>, String> {
        let Detail::Refund { order: id, amount_minor, asked_minor, parked, expired, shortfall, status, .. } =
            &entry.detail
        else {
            return Ok(Vec::new());
        };
        // An order that was recorded longer ago than one may be refunded, or reported late, is no longer looked for.
        let found = self.orders.get_mut(id).filter(|order| !*parked || order.recorded_at >= now - REFUND_DAYS * DAY);
        let Some(order) = found else {
            let waiting = self.parked.entry(id.clone()).or_insert((0, now));
            *waiting = (waiting.0 + amount_minor, now);
            return if *parked { Ok(Vec::new()) } else { Err("is of an order that never came".to_owned()) };
        };
        let asked = asked_minor.unwrap_or(*amount_minor);
        let amount = asked.min((order.net - order.netted - order.refunded).max(0));
        let due = (order.worth(0) - order.worth(order.refunded + amount) - order.clawed).max(0);
        let credit = (order.status(0) - order.status(order.refunded + amount) - order.status_taken).max(0);
        order.refunded += amount;
        order.clawed += due;
        order.status_taken += credit;
        *self.months.entry(month_of(day_of(order.occurred_at))).or_default() -= credit;
        self.tiers.credit(order.occurred_at, order.recorded_at, -credit);
        if *parked || (amount, credit, 0) != (*amount_minor, *status, *shortfall) {
            return Err(format!("takes {amount_minor} and {status} status of {id}, not {amount} and {credit}"));
        }
        let lot = expiry(order.occurred_at);
        let freed = *expired;
        if lot > order.recorded_at {
            let left = self.expired.entry(lot).or_default();
            if freed != due.min((*left).max(0)) {
                return Err(format!("frees {freed} of {due} points, where {left} had expired"));
            }
            *left -= freed;
        } else if freed != due {
            return Err(format!("takes {} points that had expired when they were earned", due - freed));
        }
        let mut owed = due - freed;
        let mut moved = Vec::new();
        let activates = start_of(day_of(order.occurred_at) + PENDING_DAYS);
        let own = self.books.pending.get(&(activates, lot)).copied().unwrap_or_default().min(owed);
        if own > 0 {
            moved.push(Moved::Pending(activates, lot, -own));
            owed -= own;
        }
        let mut books = self.books.clone();
        let own = books.active.get(&lot).copied().unwrap_or_default().min(owed);
        if own > 0 {
            books.moved(Moved::Active(lot, -own));
            moved.push(Moved::Active(lot, -own));
            owed -= own;
        }
        for drawn in books.drawn(owed) {
            if let Moved::Active(_, points) = drawn {
                owed += points;
            }
            moved.push(drawn);
        }
        if owed > 0 {
            moved.push(Moved::Debt(-owed));
        }
        Ok(moved)
    }

    fn reverse(&mut self, redemption: u64, points: i64, by: Initiator, now: i64) -> Result<Vec<Moved>, String> {
        let spent = usize::try_from(redemption).ok().and_then(|place| self.entries.get(place.checked_sub(1)?));
        let spent = spent.ok_or("reverses what is not there")?;
        let (Detail::Redeem { .. } | Detail::Capture { .. }) = &spent.detail else {
            return Err("reverses what is no redemption".to_owned());
        };
        let parts: Vec<(i64, i64)> = spent
            .movements
            .iter()
            .rev()
            .filter_map(|movement| match Moved::from(movement) {
                Moved::Active(at, points) | Moved::Held(_, at, points) if points < 0 => Some((at, -points)),
                _ => None,
            })
            .collect();
        let earlier = self.entries.iter().filter_map(|entry| match &entry.detail {
            Detail::Reverse { redemption: of, points, .. } if *of == redemption => Some(*points),
            _ => None,
        });
        let mut skip: i64 = earlier.sum();
        if skip + points > parts.iter().map(|(_, points)| points).sum() {
            return Err("reverses more than was spent".to_owned());
        }
        if let Detail::Redeem { reward, quantity, .. } = &spent.detail {
            let day = day_of(spent.recorded_at.as_millisecond());
            *self.rewarded.entry((reward.clone(), day)).or_default() -= i64::from(*quantity);
        }
        let second = {
            let exact = now + GRACE_DAYS * DAY;
            let start = start_of(day_of(exact));
            if start == exact { exact } else { start + DAY }
        };
        let graced: BTreeSet<i64> = match &spent.detail {
            Detail::Redeem { grace, .. } | Detail::Capture { grace, .. } => {
                grace.iter().map(|lot| lot.as_millisecond()).collect()
            }
            _ => BTreeSet::new(),
        };
        let (mut books, mut left, mut moved) = (self.books.clone(), points, Vec::new());
        for (lot, part) in parts {
            let skipped = skip.min(part);
            skip -= skipped;
            let part = (part - skipped).min(left);
            left -= part;
            let back = match part {
                0 => continue,
                _ if lot > now => books.credited(lot, part),
                _ if by == Initiator::Merchant && !graced.contains(&lot) => {
                    self.books.grace.insert(second);
                    books.credited(second, part)
                }
                _ => {
                    let lost = books.credited(lot, part);
                    self.too_late(&lost, now);
                    lost
                }
            };
            for one in back {
                books.moved(one);
                moved.push(one);
            }
        }
        Ok(moved)
    }

    /// What comes back to a lot that has expired has expired, too.
    fn too_late(&mut self, moved: &[Moved], now: i64) {
        for moved in moved {
            if let Moved::Active(lot, points) = moved
                && *lot <= now
            {
                *self.expired.entry(*lot).or_default() += points;
            }
        }
    }

    fn adjust(&self, entry: &Entry, request: Option<u64>, now: i64) -> Result<Vec<Moved>, String> {
        let asked = match request {
            None => entry.movements.iter().map(|movement| Moved::from(movement).points()).sum(),
            Some(request) => {
                let approved = self
                    .entries
                    .iter()
                    .any(|entry| matches!(entry.detail, Detail::Adjust { request: of, .. } if of == Some(request)));
                let asked = usize::try_from(request).ok().and_then(|place| self.entries.get(place.checked_sub(1)?));
                match asked.map(|asked| &asked.detail) {
                    Some(Detail::AdjustmentRequest { points, .. }) if !approved => *points,
                    _ => return Err("approves what is not there, or was approved".to_owned()),
                }
            }
        };
        if request.is_none() && asked.abs() > 1_000 {
            return Err("corrects more than one person may".to_owned());
        }
        if asked > 0 { Ok(self.books.credited(expiry(now), asked)) } else { self.spent(-asked) }
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
        let stored = (held.map_or(0, |(tier, _)| rank(tier)), account.segment.clone());
        let given = (self.tiers.at(self.newest_at()), self.segment());
        if stored != given {
            wrong.push(format!("the account has tier and segment {stored:?}, its entries give {given:?}"));
        }
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
        Detail::Floor { .. } => "floor",
    }
}
